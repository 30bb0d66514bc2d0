"""A TSE's exported log, read and judged: a TAR with certificates and log messages (BSI TR-03151-1, 5.1).

    info.csv                                                       what it is
    <serial in hex>_X509.cer                                       each unit's certificate, DER or PEM
    Unixt_<time>_Sig-<n>_Log-Tra_No-<n>_Start_Client-<id>.log      a message each; Utc_, Gent_ by its time
    Unixt_<time>_Sig-<n>_Log-Sys_<event>.log, ..._Log-Aud.log      of the system, and of the unit itself

Every message, of whatever kind, ends with its unit's serial number, the algorithm, the counter, the time and
a signature over all that stands before it. The counters of an export, even of a span of time, have no gap.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hardware.errors import Garbled
from hardware.tse.algorithms import ALGORITHMS, has_signed, point_of
from hardware.tse.der import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    element,
    object_identifier,
    read_element,
    read_elements,
)
from hardware.tse.log_message import (
    FINISH,
    START,
    TRANSACTION_LOG,
    TransactionLog,
    moment_of,
    name_of,
    read_message,
)

MEMBER_BYTES_MAX = 1024 * 1024
FINDINGS_MAX = 1_000
_TRANSACTION = object_identifier(TRANSACTION_LOG)
_ALGORITHMS = {element(SEQUENCE, object_identifier(one.identifier)): name for name, one in ALGORITHMS.items()}
_FILE_COUNTER = re.compile(r"_Fc-\d+(?=\.log$)")
_COUNTER = re.compile(r"_Sig-(\d+)_Log-")


class NotALog(Exception):
    """A sentence: this file is no TAR that could be read."""


class Finding(NamedTuple):
    """What is wrong with a file in the TAR, "" for the whole."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What was in an export: messages of all kinds, ended transactions, units by serial number in hex."""

    messages: int
    finished: int
    units: tuple[str, ...]
    findings: tuple[Finding, ...]


class Envelope(NamedTuple):
    """What every message says around its data."""

    serial: bytes
    algorithm: str
    counter: int
    at: dt.datetime
    signed: bytes
    signature: bytes
    is_transaction: bool


def judge(file: Path, progress: Callable[[int, int], None] = lambda done, whole: None) -> Judged:
    """Read an export and verify each signature in it; one message at a time is in memory. Raises NotALog."""
    try:
        keys = {}
        for name, data, _ in _members(file):
            if not name.endswith(".log") and (key := _certified(data)) is not None:
                keys[hashlib.sha256(point_of(key)).digest()] = key
        judge_ = _Judge(keys)
        whole = file.stat().st_size
        for name, data, offset in _members(file):
            if name.endswith(".log"):
                judge_.hear(name, data)
            progress(offset, whole)
        return judge_.verdict()
    except OSError as error:
        raise NotALog(f"{file}: {error.strerror or error}") from None
    except (tarfile.TarError, EOFError) as error:
        raise NotALog(f"{file}: {error}") from None


def read_envelope(data: bytes) -> Envelope:
    """What a message of any kind says around its data (TR-03151-1, 5.3). Raises Garbled."""
    tag, content, end = read_element(data)
    elements = read_elements(content) if tag == SEQUENCE and end == len(data) else []
    if len(elements) < 7 or [tag for tag, _ in elements[:2]] != [INTEGER, OBJECT_IDENTIFIER]:
        raise Garbled("no log message", 0)
    # The unit's own audit data may stand before the counter.
    place = len(elements) - (5 if elements[-4][0] == OCTET_STRING else 4)
    serial_tag, serial = elements[place - 1]
    (counter_tag, counter), (time_tag, time), (signature_tag, signature) = elements[-3:]
    name = _ALGORITHMS.get(element(*elements[place]))
    tags = (serial_tag, elements[place][0], counter_tag, signature_tag)
    if name is None or tags != (OCTET_STRING, SEQUENCE, INTEGER, OCTET_STRING):
        raise Garbled("a log message does not end as it should", 0)
    try:
        at, _ = moment_of(time_tag, time)
    except (ValueError, OverflowError):
        raise Garbled("a log message has no time", 0) from None
    signed = content[: len(content) - len(element(OCTET_STRING, signature))]
    is_transaction = element(*elements[1]) == _TRANSACTION
    return Envelope(serial, name, int.from_bytes(counter, "big"), at, signed, signature, is_transaction)


@dataclass(slots=True)
class _Unit:
    """What was heard of one unit."""

    counters: set[int] = field(default_factory=set)
    started: set[int] = field(default_factory=set)
    finished: set[int] = field(default_factory=set)


class _Judge:
    def __init__(self, keys: dict[bytes, ec.EllipticCurvePublicKey]) -> None:
        self._keys = keys
        self._units: dict[bytes, _Unit] = defaultdict(_Unit)
        self._findings: list[Finding] = []
        self._messages = 0

    def hear(self, name: str, data: bytes) -> None:
        self._messages += 1
        try:
            said = read_envelope(data)
            log = read_message(data)[0] if said.is_transaction else None
        except Garbled as garbled:
            self._find(name, str(garbled))
            return
        key = self._keys.get(said.serial)
        digest = ALGORITHMS[said.algorithm].digest
        if key is None:
            self._find(name, f"there is no certificate of TSE {said.serial.hex()}")
        elif not has_signed(key, said.signature, said.signed, digest):
            self._find(name, "the signature is not right")
        unit = self._units[said.serial]
        if said.counter in unit.counters:
            self._find(name, f"signature {said.counter} is there twice")
        unit.counters.add(said.counter)
        if log is not None:
            self._hear_transaction(name, log, unit)
        elif (told := _COUNTER.search(name)) is None or int(told[1]) != said.counter:
            self._find(name, f"it is signature {said.counter}, which its name does not say")

    def _hear_transaction(self, name: str, log: TransactionLog, unit: _Unit) -> None:
        if _FILE_COUNTER.sub("", name) != name_of(log):
            self._find(name, f"by what it says it should be called {name_of(log)}")
        if log.operation == START:
            unit.started.add(log.transaction)
        elif log.operation == FINISH:
            if log.transaction in unit.finished:
                self._find(name, f"transaction {log.transaction} ends twice")
            unit.finished.add(log.transaction)

    def verdict(self) -> Judged:
        for serial, unit in self._units.items():
            for kind, numbers in (("signature", unit.counters), ("transaction", unit.started)):
                for gap in _gaps(numbers):
                    self._find("", f"{kind} {gap} of TSE {serial.hex()[:16]} is missing")
            first = min(unit.started, default=0)
            for number in sorted(unit.finished - unit.started):
                if number > first > 0:
                    self._find("", f"transaction {number} ended and never began")
        units = tuple(sorted(serial.hex() for serial in self._units))
        finished = sum(len(unit.finished) for unit in self._units.values())
        return Judged(self._messages, finished, units, tuple(self._findings))

    def _find(self, name: str, sentence: str) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(Finding(name, sentence))


def _members(file: Path) -> Iterator[tuple[str, bytes, int]]:
    """Name, content and place of each file, one after the other. Raises NotALog for one that is too large."""
    with tarfile.open(file, "r|") as archive:
        for member in archive:
            if member.size > MEMBER_BYTES_MAX:
                raise NotALog(f"{file}: {member.name} is larger than {MEMBER_BYTES_MAX} bytes")
            if (content := archive.extractfile(member)) is not None:
                yield member.name.rpartition("/")[2], content.read(), member.offset
            archive.members = []  # type: ignore[attr-defined]  # or it would remember every one of them


def _certified(data: bytes) -> ec.EllipticCurvePublicKey | None:
    """The key in a certificate; None for another file, or another kind of key."""
    load = x509.load_pem_x509_certificate if data.startswith(b"-----") else x509.load_der_x509_certificate
    try:
        key = load(data).public_key()
    except Exception:  # its parser has many ways of saying no
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def _gaps(numbers: set[int]) -> Iterator[str]:
    """What is missing between the least and the greatest, as "7" or "7 to 9"."""
    ordered = sorted(numbers)
    for before, after in pairwise(ordered):
        if after - before > 1:
            yield f"{before + 1}" if after - before == 2 else f"{before + 1} to {after - 1}"
