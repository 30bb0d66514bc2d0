"""The line protocol between a till and a local TSE: ours, since each maker has its own.

One message a line, in both directions, over TCP or a serial line:

    9846af05 12 {"do":"start","client":"demo-1"}
    f6cd01af 12 {"says":"started","transaction":7,"counter":15,"at":"2026-11-21T10:00:00Z"}

CRC-32 (eight lower-case hex digits, over all that stands behind it and the space), the question's number, the
message as JSON. An answer has its question's number. A question has one answer, but an export: that has any
number of `piece` and then an `exported`. Every answer may be a `refusal`. Bytes are base64, times ISO 8601.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from hardware.errors import Garbled

LINE_BYTES_MAX = 64 * 1024
NUMBER_MAX = 2**31 - 1
CLIENT_CHARS_MAX = 30
PROCESS_DATA_CHARS_MAX = 12_000
PIECE_BYTES_MAX = 32 * 1024
OPEN_MAX = 512
"""Transactions that may be open at once."""

Client = Annotated[str, Meta(min_length=1, max_length=CLIENT_CHARS_MAX)]
ProcessType = Annotated[str, Meta(max_length=100)]
ProcessData = Annotated[str, Meta(max_length=PROCESS_DATA_CHARS_MAX)]
Number = Annotated[int, Meta(ge=1, le=2**53)]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Reason = Literal["full", "expired", "unknown_transaction", "too_many_open"]


class Question(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """What a till asks of the TSE."""


class Describe(Question, tag="describe", frozen=True):
    """Who are you, and are you ready?"""


class Start(Question, tag="start", frozen=True):
    """A business process begins."""

    client: Client


class Update(Question, tag="update", frozen=True):
    """It goes on, and these are its data so far."""

    client: Client
    transaction: Number
    process_type: ProcessType
    process_data: ProcessData


class Finish(Question, tag="finish", frozen=True):
    """It ends, and these are its data."""

    client: Client
    transaction: Number
    process_type: ProcessType
    process_data: ProcessData


class ListOpen(Question, tag="list_open", frozen=True):
    """Which transactions of this client have not ended?"""

    client: Client


class Recall(Question, tag="recall", frozen=True):
    """What became of this one?"""

    client: Client
    transaction: Number


class Export(Question, tag="export", frozen=True):
    """The log messages from `since` to before `until`, as a TAR; all of them where neither is said."""

    since: Moment | None = None
    until: Moment | None = None


class Answer(Struct, frozen=True, forbid_unknown_fields=True, tag_field="says"):
    """What the TSE says to it."""


class Described(Answer, tag="described", frozen=True):
    """`trouble` is why it signs nothing now, "" if it does."""

    serial: str
    algorithm: str
    time_format: str
    public_key: bytes
    certificate: bytes
    trouble: Literal["", "full", "expired"] = ""


class Begun(Answer, tag="started", frozen=True):
    transaction: Number
    counter: Number
    at: Moment


class Ended(Answer, tag="finished", frozen=True):
    transaction: Number
    counter: Number
    started_at: Moment
    finished_at: Moment
    process_type: ProcessType
    process_data: ProcessData
    signature: bytes


class Updated(Answer, tag="updated", frozen=True):
    transaction: Number
    counter: Number


class Opened(Answer, tag="open", frozen=True):
    """Oldest first."""

    transactions: Annotated[tuple[Begun, ...], Meta(max_length=OPEN_MAX)]


class Piece(Answer, tag="piece", frozen=True):
    data: Annotated[bytes, Meta(max_length=PIECE_BYTES_MAX)]


class Exported(Answer, tag="exported", frozen=True):
    """The export is complete: so many bytes in all."""

    bytes: int


class Refusal(Answer, tag="refusal", frozen=True):
    reason: Reason


AnyQuestion = Describe | Start | Update | Finish | ListOpen | Recall | Export
AnyAnswer = Described | Begun | Ended | Updated | Opened | Piece | Exported | Refusal

_M = TypeVar("_M")
_questions = msgspec.json.Decoder(AnyQuestion)
_answers = msgspec.json.Decoder(AnyAnswer)


def encode(number: int, message: Question | Answer) -> bytes:
    """A question or an answer as a line."""
    body = b"%d %s" % (number, msgspec.json.encode(message))
    return b"%08x %s\n" % (zlib.crc32(body), body)


def decode_question(line: bytes, offset: int = 0) -> tuple[int, AnyQuestion]:
    """Number and question of a line without its end. Raises Garbled; `offset` is where the line begins."""
    return _decode(line, offset, _questions)


def decode_answer(line: bytes, offset: int = 0) -> tuple[int, AnyAnswer]:
    """Number and answer of a line without its end. Raises Garbled; `offset` is where the line begins."""
    return _decode(line, offset, _answers)


def _decode(line: bytes, offset: int, decoder: msgspec.json.Decoder[_M]) -> tuple[int, _M]:
    check, _, body = line.partition(b" ")
    if check != b"%08x" % zlib.crc32(body):
        raise Garbled("the check of a line does not fit", offset)
    number, _, message = body.partition(b" ")
    if not number.isdigit() or len(number) > 10 or int(number) > NUMBER_MAX:
        raise Garbled("a line has no number", offset + len(check) + 1)
    try:
        return int(number), decoder.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Garbled("a line says nothing that we know", offset + len(check) + len(number) + 2) from None


class LineBuffer:
    """Bytes in, whole lines out; never holds more than one line that has not ended."""

    def __init__(self) -> None:
        self._held = b""
        self._offset = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(offset, line without its end) of each line that is complete now. Raises Garbled."""
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            offset, self._offset = self._offset, self._offset + len(line) + 1
            if len(line) >= LINE_BYTES_MAX:
                raise Garbled("a line is too long", offset)
            yield offset, line
        if len(self._held) >= LINE_BYTES_MAX:
            raise Garbled("a line does not end", self._offset)
