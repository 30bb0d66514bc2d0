"""What is inside the emulated TSE: a key, a clock, two counters that never go back, and the log.

As BSI TR-03153-1 has it: every start, update and finish is signed, counted and kept; a transaction belongs to
the client (the till) that began it. Its memory is a `LogBook`, which it reads when it is switched on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from hardware.readings import Signed, Started
from hardware.tse.algorithms import ALGORITHMS, coordinate_bytes, point_of
from hardware.tse.books import LogBook
from hardware.tse.codec import OPEN_MAX
from hardware.tse.log_message import FINISH, START, UPDATE, TransactionLog, name_of

FINISHED_KNOWN_MAX = 10_000
"""So many ended transactions can be recalled; older ones are in the log only."""
CERTIFICATE_DAYS = 8 * 365
BLOCK = 512


class NoSuchTransaction(LookupError):
    """This client has no open transaction of this number."""


class TooManyOpen(Exception):
    """`OPEN_MAX` transactions have not ended."""


@dataclass(frozen=True, slots=True)
class _Open:
    client: str
    started: Started


class SecurityModule:
    """Signs for any number of clients. Not for several threads at once."""

    def __init__(
        self,
        folder: Path | None,
        *,
        curve: ec.EllipticCurve,
        algorithm: str,
        time_format: str,
        calendar: Callable[[], dt.datetime],
    ) -> None:
        self.algorithm = algorithm
        self.time_format = time_format
        self._calendar = calendar
        self._book = LogBook(folder, curve)
        self._key = self._book.key
        self.public_key = point_of(self._key.public_key())
        self.serial = hashlib.sha256(self.public_key).digest()
        self.counter = 0
        self.transactions = 0
        self._open: dict[int, _Open] = {}
        self._finished: dict[int, tuple[str, Signed]] = {}
        for log, signature, _ in self._book.read():
            self._remember(log, signature)

    def start(self, client: str) -> Started:
        """Raises TooManyOpen."""
        if len(self._open) >= OPEN_MAX:
            raise TooManyOpen
        self._sign(START, client, self.transactions + 1)
        return self._open[self.transactions].started

    def update(self, client: str, transaction: int, process_type: str, process_data: str) -> int:
        """Gives the signature counter. Raises NoSuchTransaction."""
        self._must_be_open(client, transaction)
        self._sign(UPDATE, client, transaction, process_type, process_data)
        return self.counter

    def finish(self, client: str, transaction: int, process_type: str, process_data: str) -> Signed:
        """Raises NoSuchTransaction."""
        self._must_be_open(client, transaction)
        self._sign(FINISH, client, transaction, process_type, process_data)
        return self._finished[transaction][1]

    def open_of(self, client: str) -> tuple[Started, ...]:
        """What this client has not ended, oldest first."""
        return tuple(one.started for one in self._open.values() if one.client == client)

    def recall(self, client: str, transaction: int) -> Started | Signed:
        """Raises NoSuchTransaction, also for one that ended too long ago."""
        if transaction in self._open and self._open[transaction].client == client:
            return self._open[transaction].started
        whose, signed = self._finished.get(transaction, ("", None))
        if signed is None or whose != client:
            raise NoSuchTransaction(transaction)
        return signed

    def client_of(self, transaction: int) -> str:
        """Whose it is; "" for one that is not known (any more)."""
        if transaction in self._open:
            return self._open[transaction].client
        return self._finished[transaction][0] if transaction in self._finished else ""

    @property
    def finished(self) -> list[Signed]:
        """What can be recalled as ended, oldest first."""
        return [signed for _, signed in self._finished.values()]

    def tar(self, since: dt.datetime | None = None, until: dt.datetime | None = None) -> Iterator[bytes]:
        """Log messages from `since` to before `until`, and the certificate, as a TAR (TR-03151-1, 5.1)."""
        yield from _member(
            "info.csv", b'"description:","emulated","manufacturer:","Emma","version:","1"\n', 0
        )
        yield from _member(f"{self.serial.hex().upper()}_X509.cer", self.certificate, 0)
        for log, _, message in self._book.read():
            if (since is None or log.at >= since) and (until is None or log.at < until):
                yield from _member(name_of(log), message, int(log.at.timestamp()))
        yield bytes(2 * BLOCK)

    @cached_property
    def certificate(self) -> bytes:
        """Its own word for its key, DER; a real one's comes from the maker."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.serial.hex())])
        since = self._calendar()
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(since + dt.timedelta(days=CERTIFICATE_DAYS))
            .sign(self._key, hashes.SHA256())
        )
        return signed.public_bytes(serialization.Encoding.DER)

    def _must_be_open(self, client: str, transaction: int) -> None:
        if transaction not in self._open or self._open[transaction].client != client:
            raise NoSuchTransaction(transaction)

    def _sign(
        self, operation: str, client: str, transaction: int, process_type: str = "", process_data: str = ""
    ) -> None:
        at = self._calendar().astimezone(dt.UTC)
        thousandths = at.microsecond // 1000 * 1000 if self.time_format.endswith("Milliseconds") else 0
        log = TransactionLog(
            client,
            process_type,
            process_data,
            transaction,
            self.serial,
            self.algorithm,
            self.counter + 1,
            at.replace(microsecond=thousandths),
            self.time_format,
            operation,
        )
        signature = self._signature(log.signed_bytes())
        self._book.write(log.message(signature))
        self._remember(log, signature)

    def _signature(self, message: bytes) -> bytes:
        """r and s in plain (TR-03111, 5.2.1)."""
        r, s = utils.decode_dss_signature(
            self._key.sign(message, ec.ECDSA(ALGORITHMS[self.algorithm].digest))
        )
        half = coordinate_bytes(self._key.curve)
        return r.to_bytes(half, "big") + s.to_bytes(half, "big")

    def _remember(self, log: TransactionLog, signature: bytes) -> None:
        self.counter = log.counter
        self.transactions = max(self.transactions, log.transaction)
        if log.operation == START:
            self._open[log.transaction] = _Open(log.client, Started(log.transaction, log.counter, log.at))
        elif log.operation == FINISH:
            began = self._open.pop(log.transaction).started.at
            self._finished[log.transaction] = (
                log.client,
                Signed(
                    log.transaction,
                    log.counter,
                    began,
                    log.at,
                    log.process_type,
                    log.process_data,
                    signature,
                ),
            )
            if len(self._finished) > FINISHED_KNOWN_MAX:
                del self._finished[next(iter(self._finished))]


def _member(name: str, data: bytes, at_s: int) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(data), at_s
    yield info.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % BLOCK)
