"""The answering half of HTTP: one question from a line, one answer to it. h11 reads and writes (RFC 9112)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import h11
import msgspec

RECV_BYTES = 64 * 1024
QUESTION_BYTES_MAX = 256 * 1024


class HungUp(Exception):
    """The client went away, or says what is no question."""


class Line(Protocol):
    def recv(self, count: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asked; header names in lower case, the query's last values."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def said(status: int, message: object) -> Answer:
    """An answer in JSON."""
    return Answer(status, msgspec.json.encode(message))


def hear(line: Line, talk: h11.Connection) -> tuple[Question, int]:
    """One whole question, and how many bytes it had. Raises HungUp, h11.ProtocolError, OSError."""
    head: h11.Request | None = None
    body, size = b"", 0
    while True:
        event: Any = talk.next_event()
        if event is h11.NEED_DATA:
            data = line.recv(RECV_BYTES)
            size += len(data)
            if size > QUESTION_BYTES_MAX:
                raise HungUp
            talk.receive_data(data)
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            return _question(head, body), size
        else:
            raise HungUp


def _question(head: h11.Request, body: bytes) -> Question:
    parts = urlsplit(head.target.decode("ascii"))
    return Question(
        head.method.decode("ascii"),
        unquote(parts.path),
        {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()},
        {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
        body,
    )


def bytes_of(talk: h11.Connection, answer: Answer) -> bytes:
    """The answer as it goes over the line; there is only one, and then it is hung up."""
    told = [
        ("Content-Length", str(len(answer.body))),
        ("Content-Type", "application/json"),
        ("Connection", "close"),
        *answer.headers,
    ]
    head = talk.send(h11.Response(status_code=answer.status, headers=told)) or b""
    return head + (talk.send(h11.Data(answer.body)) or b"") + (talk.send(h11.EndOfMessage()) or b"")
