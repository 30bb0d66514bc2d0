"""The words of a cloud TSE, in JSON, after the manner of fiskaly's SIGN DE v2.

    POST /auth                                   key and secret -> a token
    GET  /tss/{tss}                              who it is, and whether it signs
    PUT  /tss/{tss}/client/{id}                  a till's serial number
    PUT  /tss/{tss}/tx/{id or number}?tx_revision=n   start, update (both ACTIVE) or finish (FINISHED)
    GET  /tss/{tss}/tx/{id or number}            what became of it
    GET  /tss/{tss}/tx?client_id=&states=ACTIVE  what has not ended
    PUT  /tss/{tss}/export/{id}; GET .../file    the log, as a TAR

A transaction's id is chosen by whoever asks, and its revisions count up: the same question asked again gets
the same answer, and nothing is signed twice. Names are the service's; what we do not know of a message is
passed over. Times are seconds since 1970 in UTC, bytes base64.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from hardware.errors import Garbled
from hardware.readings import Signed, SigningFacts, Started

READY = "INITIALIZED"
ACTIVE, FINISHED, CANCELLED = "ACTIVE", "FINISHED", "CANCELLED"
COMPLETED = "COMPLETED"
DISABLED, FULL = "E_TSS_DISABLED", "E_TSS_FULL"
UNKNOWN_TRANSACTION, CONFLICT, TOO_MANY_OPEN = "E_TX_NOT_FOUND", "E_TX_CONFLICT", "E_TOO_MANY_OPEN"
PAGE_MAX = 100

Count = Annotated[int, Meta(ge=1, le=2**53)]
Second = Annotated[int, Meta(ge=0, le=253_402_300_799)]


class Leave(Struct, frozen=True):
    """The answer to key and secret; `access_token_expires_in` in seconds."""

    access_token: Annotated[str, Meta(min_length=1, max_length=8192, pattern=r"^[\x21-\x7e]*$")]
    access_token_expires_in: Annotated[int, Meta(ge=0)]


class Tss(Struct, frozen=True):
    """Who signs: `serial_number` in hex, `public_key` a point in base64."""

    serial_number: Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$")]
    state: str
    signature_algorithm: str
    signature_timestamp_format: str
    public_key: str
    certificate: str
    trouble: str = ""


class Raw(Struct, frozen=True):
    process_type: str
    process_data: str


class Schema(Struct, frozen=True):
    raw: Raw


class Signature(Struct, frozen=True):
    value: str
    counter: Count


class Transaction(Struct, frozen=True):
    """A transaction as it is after its `latest_revision`."""

    id: str = field(name="_id")
    number: Count
    state: str
    latest_revision: Count
    client_serial_number: str
    time_start: Second
    signature: Signature
    time_end: Second | None = None
    schema: Schema | None = None


class Transactions(Struct, frozen=True):
    data: Annotated[list[Transaction], Meta(max_length=PAGE_MAX)]


class Wish(Struct, frozen=True, omit_defaults=True):
    """What a PUT makes of a transaction."""

    state: str
    client_id: str
    schema: Schema | None = None


class ClientWish(Struct, frozen=True):
    serial_number: str


class Keys(Struct, frozen=True):
    api_key: str
    api_secret: str


class ExportState(Struct, frozen=True):
    state: str


class Trouble(Struct, frozen=True):
    code: str = ""


_M = TypeVar("_M")
encode = msgspec.json.encode


def decode(body: bytes, kind: type[_M]) -> _M:
    """A message of this kind. Raises Garbled."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Garbled(f"the cloud TSE says no {kind.__name__}") from None


def trouble_in(body: bytes) -> str:
    """The code of an error; "" where it says none."""
    try:
        return decode(body, Trouble).code
    except Garbled:
        return ""


def wish(state: str, client_id: str, process_type: str = "", process_data: str = "") -> bytes:
    """The body of a PUT."""
    data = base64.b64encode(process_data.encode()).decode()
    return encode(Wish(state, client_id, Schema(Raw(process_type, data)) if process_type else None))


def facts_of(tss: Tss) -> SigningFacts:
    """Raises Garbled."""
    return SigningFacts(
        tss.serial_number.lower(),
        tss.signature_algorithm,
        tss.signature_timestamp_format,
        _bytes(tss.public_key),
        _bytes(tss.certificate),
    )


def started_of(found: Transaction) -> Started:
    """A transaction that has not ended."""
    return Started(found.number, found.signature.counter, _moment(found.time_start))


def signed_of(found: Transaction) -> Signed:
    """A transaction that has ended. Raises Garbled where that lacks something."""
    if found.time_end is None or found.schema is None:
        raise Garbled("the cloud TSE ended a transaction and does not say with what")
    try:
        process_data = _bytes(found.schema.raw.process_data).decode()
    except UnicodeDecodeError:
        raise Garbled("the cloud TSE signed what is no text") from None
    return Signed(
        found.number,
        found.signature.counter,
        _moment(found.time_start),
        _moment(found.time_end),
        found.schema.raw.process_type,
        process_data,
        _bytes(found.signature.value),
    )


def _moment(second: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(second, dt.UTC)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Garbled("the cloud TSE says what is no base64") from None
