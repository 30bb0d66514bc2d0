"""HTTPS to a service outside the shop: one exchange, one line, one deadline; whom we speak to is always
verified.

What matters of a broken line is whether anything was asked: until the first byte of a request has left it
is `Unreachable`, afterwards `OutcomeUnknown`. HTTP itself is h11's, which does no I/O (RFC 9112); each
exchange has a line of its own, so that no answer can be taken for another's.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import h11

from hardware.errors import Garbled, OutcomeUnknown, Unreachable

REPLY_BYTES_MAX = 1024 * 1024
RECV_BYTES = 64 * 1024
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is, whom to trust there, and where what only we and it know is kept.

    `ca_file` is a PEM file of its authority, "" for those that this machine trusts. `credentials_file` is
    TOML.
    """

    host: str
    port: int
    base: str
    ca_file: str = ""
    credentials_file: str = ""

    @property
    def name(self) -> str:
        """For a sentence to staff."""
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"


def parse_service(text: str) -> Service:
    """Read `https://host[:port]/base?ca=/path&credentials=/path`. Raises ValueError for anything else."""
    parts = urlsplit(text)
    options = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme != "https" or not parts.hostname or not set(options) <= {"ca", "credentials"}:
        raise ValueError(
            f"not a service's address: {text!r} (https://host/path?ca=/file.pem&credentials=/file.toml)"
        )
    found = {key: values[-1] for key, values in options.items()}
    return Service(
        parts.hostname,
        parts.port or HTTPS_PORT,
        parts.path.rstrip("/"),
        found.get("ca", ""),
        found.get("credentials", ""),
    )


def read_credentials(service: Service, *names: str) -> tuple[str, ...]:
    """The secrets of these names. Raises ValueError for a file that lacks one, without repeating any."""
    try:
        known = tomllib.loads(Path(service.credentials_file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ValueError(f"credentials={service.credentials_file!r} is no readable TOML file") from None
    for name in names:
        if not isinstance(known.get(name), str) or not known[name]:
            raise ValueError(f"{service.credentials_file} does not say {name}")
    return tuple(known[name] for name in names)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Line(Protocol):
    """A connected line: a TLS socket, or a test's that breaks."""

    def settimeout(self, within_s: float) -> None: ...
    def sendall(self, data: bytes) -> None: ...
    def recv(self, count: int) -> bytes: ...
    def close(self) -> None: ...


OpenLine = Callable[[Service, ssl.SSLContext, float], Line]


class Caller:
    """Asks one service. For any thread; nothing stays open between two exchanges."""

    def __init__(
        self,
        service: Service,
        *,
        clock: Callable[[], float] = time.monotonic,
        open_line: OpenLine | None = None,
    ) -> None:
        """Raises ValueError where the authority's file cannot be read."""
        self.service = service
        self._clock = clock
        self._open_line = open_line or open_tls
        try:
            self._trust = ssl.create_default_context(cafile=service.ca_file or None)
        except OSError:
            raise ValueError(f"ca={service.ca_file!r} is no certificate file") from None

    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, within_s: float
    ) -> Reply:
        """One question and its whole answer within so many seconds; `path` follows the service's base.

        Raises Unreachable (nothing was asked), OutcomeUnknown (silence, half an answer), Garbled (no HTTP).
        """
        talk = self._talk(method, path, headers, body, self._clock() + within_s)
        head = next(talk)
        assert isinstance(head, Reply)
        pieces, size = [], 0
        for piece in talk:
            assert isinstance(piece, bytes)
            size += len(piece)
            if size > REPLY_BYTES_MAX:
                raise Garbled(f"{self.service.name} answers without end", size)
            pieces.append(piece)
        return Reply(head.status, head.headers, b"".join(pieces))

    def download(self, path: str, headers: Mapping[str, str], within_s: float) -> Iterator[bytes]:
        """The pieces of a large answer. Raises what `exchange` raises, and Unreachable where there is
        none.
        """
        talk = self._talk("GET", path, headers, b"", self._clock() + within_s)
        head = next(talk)
        assert isinstance(head, Reply)
        if head.status != 200:
            raise Unreachable(f"{self.service.name} hands nothing out (HTTP {head.status})")
        for piece in talk:
            assert isinstance(piece, bytes)
            yield piece

    def _talk(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, ends: float
    ) -> Iterator[Reply | bytes]:
        """The answer's head, then its body in pieces."""
        talk = h11.Connection(h11.CLIENT)
        question = talk.send(self._question(method, path, headers, body)) or b""
        question += (talk.send(h11.Data(body)) or b"") + (talk.send(h11.EndOfMessage()) or b"")
        line = self._open_line(self.service, self._trust, max(0.001, ends - self._clock()))
        try:
            self._say(line, question, ends)
            while not isinstance(event := self._hear(line, talk, ends), h11.EndOfMessage):
                if isinstance(event, h11.Response):
                    known = {name.decode(): value.decode("latin-1") for name, value in event.headers}
                    yield Reply(event.status_code, known, b"")
                elif isinstance(event, h11.Data):
                    yield bytes(event.data)
        finally:
            with contextlib.suppress(OSError):
                line.close()

    def _question(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> h11.Request:
        told = {
            "Host": self.service.name,
            "Connection": "close",
            "Accept": "application/json",
            "Content-Length": str(len(body)),
            **({"Content-Type": "application/json"} if body else {}),
            **headers,
        }
        return h11.Request(method=method, target=self.service.base + path, headers=list(told.items()))

    def _say(self, line: Line, question: bytes, ends: float) -> None:
        try:
            line.settimeout(max(0.001, ends - self._clock()))
            line.sendall(question)
        except OSError as fault:
            raise OutcomeUnknown(f"{self.service.name} hung up while it was asked") from fault

    def _hear(self, line: Line, talk: h11.Connection, ends: float) -> object:
        while True:
            try:
                event = talk.next_event()
            except h11.RemoteProtocolError as fault:
                if talk.trailing_data[1]:
                    raise OutcomeUnknown(f"{self.service.name} hung up in mid-answer") from fault
                raise Garbled(f"{self.service.name} does not speak HTTP") from fault
            if event is h11.NEED_DATA:
                talk.receive_data(self._read(line, ends))
            elif isinstance(event, h11.ConnectionClosed):
                raise OutcomeUnknown(f"{self.service.name} hung up without an answer")
            elif not isinstance(event, h11.InformationalResponse):
                return event

    def _read(self, line: Line, ends: float) -> bytes:
        left_s = ends - self._clock()
        try:
            if left_s <= 0:
                raise TimeoutError
            line.settimeout(left_s)
            return line.recv(RECV_BYTES)
        except TimeoutError as fault:
            raise OutcomeUnknown(f"{self.service.name} is silent") from fault
        except OSError as fault:
            raise OutcomeUnknown(f"the line to {self.service.name} broke") from fault


def open_tls(service: Service, trust: ssl.SSLContext, within_s: float) -> Line:
    """A line to a service whose certificate is good for its name. Raises Unreachable, saying what is
    wrong.
    """
    ends = time.monotonic() + within_s
    where = _looked_up(service, within_s)
    try:
        plain = socket.create_connection(where, timeout=max(0.001, ends - time.monotonic()))
    except OSError as fault:
        raise Unreachable(f"nobody answers at {service.name} ({type(fault).__name__})") from fault
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(max(0.001, ends - time.monotonic()))
        return trust.wrap_socket(plain, server_hostname=service.host)
    except ssl.SSLCertVerificationError as fault:
        plain.close()
        raise Unreachable(f"{service.name} cannot be trusted: {fault.verify_message}") from fault
    except OSError as fault:
        plain.close()
        raise Unreachable(f"no secure line to {service.name} ({type(fault).__name__})") from fault


def _looked_up(service: Service, within_s: float) -> tuple[str, int]:
    """Its address in numbers. The system's resolver knows no deadline, so it is asked beside us."""
    found: queue.SimpleQueue[tuple[str, int] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            first = socket.getaddrinfo(service.host, service.port, type=socket.SOCK_STREAM)[0]
            found.put((str(first[4][0]), service.port))
        except OSError as fault:
            found.put(fault)

    threading.Thread(target=look_up, name=f"look-up {service.host}", daemon=True).start()
    try:
        answer = found.get(timeout=within_s)
    except queue.Empty:
        raise Unreachable(f"the name {service.host} is not resolved in time") from None
    if isinstance(answer, OSError):
        raise Unreachable(f"the name {service.host} is not known") from answer
    return answer
