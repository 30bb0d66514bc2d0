"""A receipt's QR code, written, read and verified (DSFinV-K 2.4, annex I, "QR-Code"; BSI TR-03151-1).

    V0;client;processType;processData;transaction;counter;start;end;algorithm;timeFormat;signature;publicKey

Whoever has the code and nothing else can tell whether a TSE signed exactly this. Two things nobody can tell
from it: whether that TSE is a certified one, and when the transaction began, because the signature that ends
it does not cover its beginning; of the start only the form is checked, and that it is not after the end.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric import ec

from hardware.tse.algorithms import ALGORITHMS, has_signed, point_of, read_key
from hardware.tse.log_message import TIME_FORMATS, TransactionLog

CODE_CHARS_MAX = 10_000
"""More than a QR code of the largest kind holds."""
NUMBER_MAX = 2**63 - 1
FIELDS = 12
YEAR_MIN, UTC_TIME_YEAR_MAX = 2000, 2049
"""No TSE is older; two digits of a year are one of 1950 to 2049 (X.690, 11.8; RFC 5280, 4.1.2.5.1)."""
RIGHT = "the signature is right"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_AMOUNT = r"-?(?:0|[1-9][0-9]*)\.[0-9]{2}"
_RECEIPT = re.compile(
    rf"[A-Za-z]+\^({_AMOUNT}(?:_{_AMOUNT}){{4}})\^((?:{_AMOUNT}:(?:Bar|Unbar)(?::[A-Z]{{3}})?_?)*)"
)


class NotAReceiptCode(ValueError):
    """The text is no QR code of a receipt; says which part of it is wrong."""


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """The fields of one code, as they stand there; `start` and `end` are aware, in UTC."""

    client: str
    process_type: str
    process_data: str
    transaction: int
    counter: int
    start: dt.datetime
    end: dt.datetime
    algorithm: str
    time_format: str
    signature: bytes
    key: ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Verdict:
    """`remarks` are about what was signed, not about the signature: amounts that have not the right form."""

    valid: bool
    reason: str
    remarks: tuple[str, ...] = ()


def write(log: TransactionLog, start: dt.datetime, signature: bytes, key: bytes) -> str:
    """The code of a finished transaction that began at `start`. `key` is the TSE's public key as a point.

    Raises ValueError where a field has a semicolon in it, for which the code knows no way out.
    """
    fields = (
        "V0",
        log.client,
        log.process_type,
        log.process_data,
        str(log.transaction),
        str(log.counter),
        moment(start),
        moment(log.at),
        log.algorithm,
        log.time_format,
        base64.b64encode(signature).decode(),
        base64.b64encode(key).decode(),
    )
    if any(";" in field for field in fields):
        raise ValueError("a field of the code has a semicolon in it")
    return ";".join(fields)


def moment(at: dt.datetime) -> str:
    """A moment as the code has it: 2026-01-31T12:00:00.000Z."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def verify(text: str) -> Verdict:
    """Whether a TSE signed what the code says, and if not, why."""
    try:
        code = read(text)
    except NotAReceiptCode as wrong:
        return Verdict(False, str(wrong))
    remarks = remarks_on(code)
    if any(_is_signed(code, serial) for serial in _serials(code)):
        return Verdict(True, RIGHT, remarks)
    return Verdict(False, "the signature does not fit what the code says", remarks)


def _serials(code: ReceiptCode) -> tuple[bytes, ...]:
    """A TSE's serial number is the SHA-256 of its key; some take the hash they sign with."""
    point = point_of(code.key)
    by_algorithm = hashlib.new(ALGORITHMS[code.algorithm].digest.name.replace("-", "_"), point).digest()
    return tuple(dict.fromkeys((hashlib.sha256(point).digest(), by_algorithm)))


def _is_signed(code: ReceiptCode, serial: bytes) -> bool:
    message = TransactionLog(
        code.client,
        code.process_type,
        code.process_data,
        code.transaction,
        serial,
        code.algorithm,
        code.counter,
        code.end,
        code.time_format,
    )
    return has_signed(code.key, code.signature, message.signed_bytes(), ALGORITHMS[code.algorithm].digest)


def read(text: str) -> ReceiptCode:
    """Take a code apart. Raises `NotAReceiptCode`.

    Each field has one spelling only (no leading zeros, no spare bits in base64, no fraction that the signed
    time cannot hold), so that a changed character is a changed code.
    """
    if len(text) > CODE_CHARS_MAX:
        raise NotAReceiptCode(f"longer than {CODE_CHARS_MAX} characters")
    parts = text.split(";")
    if len(parts) != FIELDS:
        raise NotAReceiptCode(f"{len(parts)} fields where there should be {FIELDS}")
    version, client, process_type, process_data, transaction, counter = parts[:6]
    start, end, algorithm, time_format, signature, key = parts[6:]
    if version != "V0":
        raise NotAReceiptCode(f"version {version[:20]!r} is not known; it should be 'V0'")
    if algorithm not in ALGORITHMS:
        raise NotAReceiptCode(f"signature algorithm {algorithm[:40]!r} is not known")
    if time_format not in TIME_FORMATS:
        raise NotAReceiptCode(f"time format {time_format[:40]!r} is not known")
    began, ended = _time(start, "start", time_format), _time(end, "end", time_format)
    if began > ended:
        raise NotAReceiptCode("it ended before it started")
    return ReceiptCode(
        client,
        process_type,
        process_data,
        _number(transaction, "transaction number"),
        _number(counter, "signature counter"),
        began,
        ended,
        algorithm,
        time_format,
        _base64(signature, "signature"),
        _key(_base64(key, "public key")),
    )


def _number(text: str, what: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > NUMBER_MAX:
        raise NotAReceiptCode(f"the {what} {text[:30]!r} is no number")
    return int(text)


def _time(text: str, what: str, time_format: str) -> dt.datetime:
    if not _TIME.fullmatch(text):
        raise NotAReceiptCode(f"the {what} {text[:40]!r} is no time like 2026-01-31T12:00:00.000Z")
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise NotAReceiptCode(f"the {what} {text!r} is no moment of any day") from None
    if not YEAR_MIN <= at.year <= (UTC_TIME_YEAR_MAX if time_format.startswith("utc") else dt.MAXYEAR):
        raise NotAReceiptCode(f"the {what} {text!r} is no moment that {time_format} can hold")
    if at.microsecond and time_format != "generalizedTimeWithMilliseconds":
        raise NotAReceiptCode(f"the {what} has a fraction of a second, which {time_format} cannot hold")
    return at


def _base64(text: str, what: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotAReceiptCode(f"the {what} is not base64") from None
    if not found or base64.b64encode(found).decode() != text:
        raise NotAReceiptCode(f"the {what} is not base64 as it is written")
    return found


def _key(key: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return read_key(key)
    except ValueError as error:
        raise NotAReceiptCode(f"the public key is {error}") from None


def remarks_on(code: ReceiptCode) -> tuple[str, ...]:
    """What is odd about a receipt's amounts (DSFinV-K 2.4, annex I, "Kassenbeleg-V1"); nothing for others.

    Five sums by tax rate, then the payments: both with a point and two digits, and both the same in all.
    """
    if code.process_type.casefold() != "kassenbeleg-v1":
        return ()
    found = _RECEIPT.fullmatch(code.process_data)
    if found is None or found[2].endswith("_"):
        return ("the amounts do not have the form of Kassenbeleg-V1",)
    payments = [payment.split(":") for payment in found[2].split("_") if payment]
    if any(len(payment) > 2 for payment in payments):
        return ()  # paid in another currency, whose rate does not stand here
    gross = sum(Decimal(amount) for amount in found[1].split("_"))
    paid = sum(Decimal(payment[0]) for payment in payments)
    return () if gross == paid else (f"the sums by tax rate are {gross}, the payments {paid}",)
