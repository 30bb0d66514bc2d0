"""A TSE made of software: speaks the line protocol on a real TCP port, and really signs.

It can be slow, full, expired and unplugged, lose an answer, and die in the middle of anything. What it signed
stays in its folder over a restart, as in the flash of a real one.
"""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from hardware.errors import Garbled
from hardware.loopback import Outlet, hang_up
from hardware.readings import Signed, Started
from hardware.tse import codec
from hardware.tse.algorithms import ALGORITHMS
from hardware.tse.codec import Answer, AnyQuestion, Begun, Described, Ended, LineBuffer, Refusal
from hardware.tse.log_message import TIME_FORMATS
from hardware.tse.security_module import NoSuchTransaction, SecurityModule, TooManyOpen

RECV_BYTES = 4096
SIGNING = (codec.Start, codec.Update, codec.Finish)
CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
}
When = Literal["before", "after", "answering"]
"""When it dies: before it did what it was asked, after it and before the answer, or amid the answer."""


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class TseEmulator:
    """`start()` gives the driver's address. All acts may be called from any thread."""

    def __init__(
        self,
        *,
        books: Path | None = None,
        curve: str = "P-256",
        algorithm: str = "ecdsa-plain-SHA256",
        time_format: str = "unixTime",
        calendar: Callable[[], dt.datetime] = _utc_now,
    ) -> None:
        """`books` is the folder where key, counters and log outlive it; without one it is new each time.

        Raises ValueError for a curve, algorithm or time format that no TSE has.
        """
        if curve not in CURVES or algorithm not in ALGORITHMS or time_format not in TIME_FORMATS:
            raise ValueError(f"no TSE signs with {curve}, {algorithm} and {time_format}")
        self._module = SecurityModule(
            books, curve=CURVES[curve](), algorithm=algorithm, time_format=time_format, calendar=calendar
        )
        self._lock = threading.Lock()
        self._trouble: Literal["", "full", "expired"] = ""
        self._slow_s = 0.0
        self._unplugged = threading.Event()
        self._mute = 0
        self._fuse: tuple[str, When] | None = None
        self._outlet = Outlet(self._serve, "tse-emulator")

    def start(self) -> str:
        """Listen on a free port and give the address, `tcp://127.0.0.1:<port>`."""
        return f"tcp://127.0.0.1:{self._outlet.plug()}"

    def stop(self) -> None:
        """End for good. What it signed stays readable."""
        self._unplugged.set()
        self._outlet.stop()

    def __enter__(self) -> TseEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where the driver finds it."""
        return f"tcp://127.0.0.1:{self._outlet.port}"

    def unplug(self) -> None:
        """Pull it out: connections drop, new ones are refused."""
        self._unplugged.set()
        self._outlet.unplug()

    def plug(self) -> None:
        """Put it in again, at the same address."""
        self._unplugged.clear()
        self._outlet.plug()

    def slow(self, each_ms: int) -> None:
        """Take so long for each signature from now on."""
        self._slow_s = each_ms / 1000

    def fall_ill(self, trouble: Literal["full", "expired"]) -> None:
        """Sign nothing any more: the memory is full, or the certificate has expired."""
        self._trouble = trouble

    def recover(self) -> None:
        """The memory was emptied, or the certificate renewed."""
        self._trouble = ""

    def lose_answers(self, count: int = 1) -> None:
        """Do what the next so many signing questions ask, and say nothing."""
        self._mute = count

    def die_in(self, question: Literal["start", "update", "finish"], when: When) -> None:
        """Hang up once, in the next question of this kind."""
        self._fuse = (question, when)

    @property
    def condition(self) -> Literal["well", "slow", "full", "expired"]:
        """How it was made to be; the worse where it is two things."""
        return self._trouble or ("slow" if self._slow_s else "well")

    @property
    def counter(self) -> int:
        """How many signatures it ever made."""
        return self._module.counter

    @property
    def finished(self) -> list[Signed]:
        """What was truly signed as ended, oldest first: the ground truth for tests."""
        with self._lock:
            return self._module.finished

    def open_of(self, client: str) -> tuple[Started, ...]:
        """What a client has truly not ended."""
        with self._lock:
            return self._module.open_of(client)

    def _serve(self, line: socket.socket) -> None:
        buffer = LineBuffer()
        while data := line.recv(RECV_BYTES):
            try:
                for offset, text in buffer.feed(data):
                    number, question = codec.decode_question(text, offset)
                    if not self._answer(line, number, question):
                        return
            except Garbled:
                return  # who speaks another language is hung up on

    def _answer(self, line: socket.socket, number: int, question: AnyQuestion) -> bool:
        """False when it died of it."""
        signs = isinstance(question, SIGNING)
        dies = self._burn(question)
        if dies == "before" or (signs and self._slow_s and self._unplugged.wait(self._slow_s)):
            return False
        for answer in self._answers(question):
            said = codec.encode(number, answer)
            if dies == "after":
                return False
            if dies == "answering":
                line.sendall(said[: len(said) // 2])
                hang_up(line)
                return False
            if signs and self._mute:
                self._mute -= 1
                continue
            line.sendall(said)
        return True

    def _burn(self, question: AnyQuestion) -> When | Literal[""]:
        if self._fuse is None or self._fuse[0] != type(question).__struct_config__.tag:
            return ""
        (_, when), self._fuse = self._fuse, None
        return when

    def _answers(self, question: AnyQuestion) -> Iterator[Answer]:
        if isinstance(question, codec.Export):
            yield from self._export(question)
            return
        with self._lock:
            answer = self._do(question)
        yield answer

    def _do(self, question: AnyQuestion) -> Answer:
        if isinstance(question, SIGNING) and self._trouble:
            return Refusal(self._trouble)
        try:
            match question:
                case codec.Start(client):
                    return _begun(self._module.start(client))
                case codec.Update(client, transaction, process_type, process_data):
                    counter = self._module.update(client, transaction, process_type, process_data)
                    return codec.Updated(transaction, counter)
                case codec.Finish(client, transaction, process_type, process_data):
                    return _ended(self._module.finish(client, transaction, process_type, process_data))
                case codec.ListOpen(client):
                    return codec.Opened(tuple(_begun(one) for one in self._module.open_of(client)))
                case codec.Recall(client, transaction):
                    found = self._module.recall(client, transaction)
                    return _ended(found) if isinstance(found, Signed) else _begun(found)
                case _:
                    return self._described()
        except NoSuchTransaction:
            return Refusal("unknown_transaction")
        except TooManyOpen:
            return Refusal("too_many_open")

    def _described(self) -> Described:
        module = self._module
        return Described(
            module.serial.hex(),
            module.algorithm,
            module.time_format,
            module.public_key,
            module.certificate,
            self._trouble,
        )

    def _export(self, question: codec.Export) -> Iterator[Answer]:
        """In pieces of many messages each; the log goes on growing beside it."""
        count, piece = 0, b""
        for part in self._module.tar(question.since, question.until):
            piece += part
            while len(piece) >= codec.PIECE_BYTES_MAX:
                yield codec.Piece(piece[: codec.PIECE_BYTES_MAX])
                piece = piece[codec.PIECE_BYTES_MAX :]
                count += codec.PIECE_BYTES_MAX
        if piece:
            yield codec.Piece(piece)
        yield codec.Exported(count + len(piece))


def _begun(started: Started) -> Begun:
    return Begun(started.transaction, started.counter, started.at)


def _ended(signed: Signed) -> Ended:
    return Ended(
        signed.transaction,
        signed.counter,
        signed.started_at,
        signed.finished_at,
        signed.process_type,
        signed.process_data,
        signed.signature,
    )
