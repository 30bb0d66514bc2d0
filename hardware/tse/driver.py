"""Has a local TSE sign, and never guesses whether it did.

Before the first byte of a start, update or finish a broken line is `Unreachable`. From that byte on, silence,
noise or a broken line is `OutcomeUnknown`: the caller lists what is open and recalls the rest
(`open_transactions`, `recall`), and never finishes a transaction twice. A TSE that is full or whose
certificate has expired is `Busy`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from hardware.errors import Busy, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import Signed, SigningFacts, Started
from hardware.transport import Connect, Wire, open_wire, parse_address
from hardware.tse import codec
from hardware.tse.codec import AnyAnswer, Begun, Described, Ended, Question
from hardware.tse.session import Session

REFUSALS = {
    "full": "the TSE's memory is full",
    "expired": "the TSE's certificate has expired",
    "unknown_transaction": "the TSE does not know this transaction",
    "too_many_open": "too many transactions are open at the TSE",
}
EXPORT_S_MAX = 3600.0

_A = TypeVar("_A", bound=codec.Answer)


class LocalTse:
    """A TSE on `tcp://host:port` or a serial line that speaks the protocol of `hardware.tse.codec`.

    `open_s` limits connecting, `answer_s` each question. Whatever fails but a refusal closes the line.
    """

    def __init__(
        self,
        address: str,
        *,
        open_s: float = 3.0,
        answer_s: float = 10.0,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parse_address(address)
        self._address = address
        self._open_s = open_s
        self._answer_s = answer_s
        self._connect = connect
        self._clock = clock
        self._wire: Wire | None = None
        self._session = Session()

    def open(self) -> SigningFacts:
        """Connect and learn who it is. Raises Unreachable, Garbled, and Busy where it signs nothing now."""
        self._reach()
        return self.check()

    def check(self) -> SigningFacts:
        """Whether it is there and ready. Raises what `open` raises."""
        said = self._ask(codec.Describe(), Described)
        if said.trouble:
            raise Busy(REFUSALS[said.trouble])
        return _facts(said)

    def close(self) -> None:
        """Let go of the line, from any thread."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def start(self, client: str) -> Started:
        """Begin a transaction for a till. Raises Unreachable, Busy, OutcomeUnknown."""
        return _started(self._ask_once(codec.Start(client), Begun))

    def update(self, client: str, transaction: int, process_type: str, process_data: str) -> None:
        """Tell it the data so far. Raises Unreachable, Busy, OutcomeUnknown."""
        self._ask_once(codec.Update(client, transaction, process_type, process_data), codec.Updated)

    def finish(self, client: str, transaction: int, process_type: str, process_data: str) -> Signed:
        """End a transaction with its data. Raises Unreachable, Busy (it knows none such), OutcomeUnknown."""
        return _signed(self._ask_once(codec.Finish(client, transaction, process_type, process_data), Ended))

    def open_transactions(self, client: str) -> tuple[Started, ...]:
        """What a till began and has not ended, oldest first. Raises Unreachable, Garbled."""
        said = self._ask(codec.ListOpen(client), codec.Opened)
        return tuple(_started(one) for one in said.transactions)

    def recall(self, client: str, transaction: int) -> Signed | Started | None:
        """What became of a transaction; None if the TSE does not know it. Raises Unreachable, Garbled."""
        said = self._converse(codec.Recall(client, transaction))
        if isinstance(said, codec.Refusal):
            return None
        return _signed(said) if isinstance(said, Ended) else _started(_of(said, Begun))

    def export(self, since: dt.datetime | None = None, until: dt.datetime | None = None) -> Iterator[bytes]:
        """Its log from `since` to before `until`, as pieces of a TAR (TR-03151-1, 5.1); a full TSE too.

        Raises Unreachable, Garbled; then what came before is no whole TAR.
        """
        self._reach()
        ends = self._clock() + EXPORT_S_MAX
        count = 0
        try:
            self._say(codec.Export(since, until))
            while not isinstance(
                said := self._hear(min(ends, self._clock() + self._answer_s)), codec.Exported
            ):
                piece = _of(said, codec.Piece)
                count += len(piece.data)
                yield piece.data
            if said.bytes != count:
                raise Garbled("the export is not complete", count)
        finally:
            self.close()

    def _reach(self) -> None:
        self.close()
        self._session = Session()
        self._wire = self._connect(self._address, self._open_s)

    def _ask(self, question: Question, kind: type[_A]) -> _A:
        return _of(self._converse(question), kind)

    def _ask_once(self, question: Question, kind: type[_A]) -> _A:
        """Ask for what must happen once: any doubt whether it did is `OutcomeUnknown`."""
        if self._wire is None:
            raise Unreachable(f"the TSE at {self._address} is not open")
        try:
            said = self._converse(question)
        except (Unreachable, Garbled) as fault:
            raise OutcomeUnknown(f"the TSE was asked to sign, and then: {fault}") from fault
        return _of(said, kind)

    def _converse(self, question: Question) -> AnyAnswer:
        try:
            self._say(question)
            return self._hear(self._clock() + self._answer_s)
        except BaseException:
            self.close()
            raise

    def _say(self, question: Question) -> None:
        self._line().write(self._session.ask(question), self._answer_s)

    def _hear(self, ends: float) -> AnyAnswer:
        while (answer := self._session.next_answer()) is None:
            left_s = ends - self._clock()
            if left_s <= 0:
                raise Unreachable("the TSE is silent")
            self._session.hear(self._line().read(left_s))
        return answer

    def _line(self) -> Wire:
        if self._wire is None:
            raise Unreachable(f"the TSE at {self._address} is not open")
        return self._wire


def _of(said: AnyAnswer, kind: type[_A]) -> _A:
    """The session lets only fitting answers and refusals through."""
    if isinstance(said, codec.Refusal):
        raise Busy(REFUSALS[said.reason])
    assert isinstance(said, kind)
    return said


def _facts(said: Described) -> SigningFacts:
    return SigningFacts(said.serial, said.algorithm, said.time_format, said.public_key, said.certificate)


def _started(said: Begun) -> Started:
    return Started(said.transaction, said.counter, said.at)


def _signed(said: Ended) -> Signed:
    return Signed(
        said.transaction,
        said.counter,
        said.started_at,
        said.finished_at,
        said.process_type,
        said.process_data,
        said.signature,
    )
