"""What a TSE signs of a transaction: a TransactionLog message (BSI TR-03151-1, 5.3.2, and annex A).

The signature is over the message's elements one behind the other, without the sequence around them
and without the signature itself. Messages lie in a TSE's storage as they are exported.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hardware.errors import Garbled
from hardware.tse.algorithms import ALGORITHMS
from hardware.tse.der import (
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    UTC_TIME,
    context,
    element,
    integer,
    integer_content,
    object_identifier,
    read_element,
    read_elements,
)

VERSION = 2
TRANSACTION_LOG = "0.4.0.127.0.7.3.7.1.1"
START, UPDATE, FINISH = "StartTransaction", "UpdateTransaction", "FinishTransaction"
TIME_FORMATS = (
    "unixTime",
    "utcTime",
    "utcTimeWithSeconds",
    "generalizedTime",
    "generalizedTimeWithMilliseconds",
)


@dataclass(frozen=True, slots=True)
class TransactionLog:
    """One message. `serial` is the hash of the TSE's public key; `at` is aware, in UTC, `time_format` one of
    `TIME_FORMATS`; `algorithm` a name of `ALGORITHMS`.
    """

    client: str
    process_type: str
    process_data: str
    transaction: int
    serial: bytes
    algorithm: str
    counter: int
    at: dt.datetime
    time_format: str = "unixTime"
    operation: str = FINISH

    def message(self, signature: bytes) -> bytes:
        """The whole message with its signature, as it is stored and exported."""
        return element(SEQUENCE, self.signed_bytes() + element(OCTET_STRING, signature))

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return b"".join(
            (
                integer(VERSION),
                object_identifier(TRANSACTION_LOG),
                context(0, self.operation.encode()),
                context(1, self.client.encode()),
                context(2, self.process_data.encode()),
                context(3, self.process_type.encode()),
                context(5, integer_content(self.transaction)),
                element(OCTET_STRING, self.serial),
                element(SEQUENCE, object_identifier(ALGORITHMS[self.algorithm].identifier)),
                integer(self.counter),
                log_time(self.at, self.time_format),
            )
        )


_TAGS = (
    INTEGER, OBJECT_IDENTIFIER, 0x80, 0x81, 0x82, 0x83, 0x85,
    OCTET_STRING, SEQUENCE, INTEGER, None, OCTET_STRING,
)  # fmt: skip
"""The elements of a message in their order; None is the time, which has several forms."""


def read_message(data: bytes, offset: int = 0) -> tuple[TransactionLog, bytes, int]:
    """The message at `offset`: (what was signed, its signature, offset behind it). Raises Garbled.

    It may be the first of many: an export has them one behind the other.
    """
    tag, content, end = read_element(data, offset)
    elements = read_elements(content) if tag == SEQUENCE else []
    if len(elements) != len(_TAGS) or any(
        wanted not in (None, tag) for wanted, (tag, _) in zip(_TAGS, elements, strict=True)
    ):
        raise Garbled("no message of a transaction", offset)
    try:
        log, signature = _read(elements)
    except (ValueError, OverflowError, LookupError):
        raise Garbled("a message of a transaction makes no sense", offset) from None
    if log.message(signature) != data[offset:end]:
        raise Garbled("a message of a transaction is not written as it should be", offset)
    return log, signature, end


def _read(elements: list[tuple[int, bytes]]) -> tuple[TransactionLog, bytes]:
    names = {element(SEQUENCE, object_identifier(one.identifier)): name for name, one in ALGORITHMS.items()}
    operation, client, process_data, process_type = (content.decode() for _, content in elements[2:6])
    at, time_format = moment_of(*elements[10])
    log = TransactionLog(
        client,
        process_type,
        process_data,
        int.from_bytes(elements[6][1], "big"),
        elements[7][1],
        names[element(SEQUENCE, elements[8][1])],
        int.from_bytes(elements[9][1], "big"),
        at,
        time_format,
        operation,
    )
    return log, elements[11][1]


def moment_of(tag: int, content: bytes) -> tuple[dt.datetime, str]:
    """A time as messages have it, and its format. Raises ValueError, OverflowError."""
    if tag == INTEGER:
        return dt.datetime.fromtimestamp(int.from_bytes(content, "big"), dt.UTC), "unixTime"
    text = content.decode("ascii")
    if tag == UTC_TIME:
        return dt.datetime.strptime(text, "%y%m%d%H%M%SZ").replace(tzinfo=dt.UTC), "utcTimeWithSeconds"
    if tag != GENERALIZED_TIME:
        raise ValueError("no time")
    form, name = ("%Y%m%d%H%M%SZ", "generalizedTime")
    if "." in text:
        form, name = ("%Y%m%d%H%M%S.%fZ", "generalizedTimeWithMilliseconds")
    return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC), name


def log_time(at: dt.datetime, time_format: str) -> bytes:
    """The moment in one of `TIME_FORMATS`: seconds since 1970, UTCTime (1950 to 2049), GeneralizedTime."""
    fraction = f"{at.microsecond // 1000:03}".rstrip("0")
    return {
        "unixTime": lambda: integer(int(at.timestamp())),
        "utcTime": lambda: element(UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode()),
        "utcTimeWithSeconds": lambda: element(UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode()),
        "generalizedTime": lambda: element(GENERALIZED_TIME, f"{at:%Y%m%d%H%M%SZ}".encode()),
        "generalizedTimeWithMilliseconds": lambda: element(
            GENERALIZED_TIME, f"{at:%Y%m%d%H%M%S}{'.' if fraction else ''}{fraction}Z".encode()
        ),
    }[time_format]()


def name_of(log: TransactionLog) -> str:
    """What the file with this message is called in an export (TR-03151-1, 5.1)."""
    client = "".join(char if char.isalnum() or char in "-." else "-" for char in log.client)
    did = log.operation.removesuffix("Transaction")
    number = f"Sig-{log.counter}_Log-Tra_No-{log.transaction}"
    return f"{_time_in_name(log)}_{number}_{did}_Client-{client}.log"


def _time_in_name(log: TransactionLog) -> str:
    if log.time_format == "unixTime":
        return f"Unixt_{int(log.at.timestamp())}"
    kind = "Utc" if log.time_format.startswith("utc") else "Gent"
    return f"{kind}_{read_element(log_time(log.at, log.time_format))[1].decode()}"
