"""One weighing in Dialog 06, as a table of what follows from which answer. No I/O.

    till                       scale
    price, tare, text   ->     ACK                      then the result is asked for
                               NAK                      then the status
                               checksums, please        then they are sent, and the price again
    result?             ->     weight, price to pay     over
                               NAK                      then the status
                               checksums, please        as above
    status?             ->     two digits               over
    checksums           ->     ACK                      then what it thinks of them is asked for
                               NAK                      then the status
    result?             ->     right, wrong

Source: Ohaus, service manual of the Aviator 7000, 6.1.3.2 and 6.1.6.2.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from hardware.errors import Busy, Garbled
from hardware.readings import NoWeight, Weight
from hardware.scale.dialog06.checksums import Key
from hardware.scale.dialog06.codec import (
    MEANINGS,
    Accepted,
    ChecksumsAsked,
    ChecksumsJudged,
    ChecksumsSent,
    FromScale,
    PriceSet,
    Rejected,
    Result,
    ResultAsked,
    Status,
    StatusAsked,
    ToScale,
)

CHECKSUM_ROUNDS_MAX = 2
"""A scale that asks for checksums again and again is content with none of ours."""

REASONS = {
    "11": "price",
    "12": "tare",
    "20": "motion",
    "21": "unchanged",
    "22": "motion",
    "30": "empty",
    "31": "under",
    "32": "over",
    "33": "price",
    "34": "motion",
}
"""Statuses that are no fault: why there is no weight now (`hardware.readings.NO_WEIGHT`)."""


class Waits(Enum):
    """What the till waits for."""

    PRICE_TAKEN = "price taken"
    RESULT = "result"
    STATUS = "status"
    CHECKSUMS_TAKEN = "checksums taken"
    JUDGEMENT = "judgement"
    NOTHING = "nothing"


class Weighing:
    """From the price to a weight, or to why there is none."""

    def __init__(self, order: PriceSet, key: Key) -> None:
        self._order = order
        self._key = key
        self._rounds = 0
        self._waits = Waits.NOTHING
        self.outcome: Weight | NoWeight | None = None

    def begin(self) -> ToScale:
        """What the till says first."""
        return self._say(self._order, Waits.PRICE_TAKEN)

    def take(self, answer: FromScale) -> ToScale | None:
        """What the till says next; None when it is over and `outcome` is there.

        Raises Busy for a scale that cannot weigh for us, Garbled for an answer that nobody asked for.
        """
        turn = TURNS.get((self._waits, type(answer)))
        if turn is None:
            raise Garbled(
                f"the scale answers what was not asked while the till waits for {self._waits.value}"
            )
        return turn(self, answer)

    def _say(self, message: ToScale, then: Waits) -> ToScale:
        self._waits = then
        return message

    def _ask_result(self, _: FromScale) -> ToScale:
        return self._say(ResultAsked(), Waits.RESULT)

    def _ask_status(self, _: FromScale) -> ToScale:
        return self._say(StatusAsked(), Waits.STATUS)

    def _ask_judgement(self, _: FromScale) -> ToScale:
        return self._say(ResultAsked(), Waits.JUDGEMENT)

    def _send_checksums(self, asked: FromScale) -> ToScale:
        assert isinstance(asked, ChecksumsAsked)
        self._rounds += 1
        if self._rounds > CHECKSUM_ROUNDS_MAX:
            raise Busy("The scale asks for checksums again and again")
        return self._say(ChecksumsSent(self._key.answer(asked.turn)), Waits.CHECKSUMS_TAKEN)

    def _judged(self, judged: FromScale) -> ToScale:
        assert isinstance(judged, ChecksumsJudged)
        if not judged.right:
            raise Busy("The scale does not know this till: its checksums are wrong")
        return self.begin()

    def _weighed(self, result: FromScale) -> None:
        """A result for another price than ours is a leftover of somebody else's weighing."""
        assert isinstance(result, Result)
        if result.unit_price_minor != self._order.unit_price_minor:
            raise Garbled("the scale weighed at another price than it was told")
        self._waits = Waits.NOTHING
        self.outcome = NoWeight("empty")
        if result.weight_g:
            self.outcome = Weight(result.weight_g, result.unit_price_minor, result.price_minor)

    def _explained(self, status: FromScale) -> None:
        assert isinstance(status, Status)
        if status.code not in REASONS:
            raise Busy(f"The scale refuses: {MEANINGS[status.code]} (status {status.code})")
        self._waits = Waits.NOTHING
        self.outcome = NoWeight(REASONS[status.code])


TURNS: dict[tuple[Waits, type[FromScale]], Callable[[Weighing, FromScale], ToScale | None]] = {
    (Waits.PRICE_TAKEN, Accepted): Weighing._ask_result,
    (Waits.PRICE_TAKEN, Rejected): Weighing._ask_status,
    (Waits.PRICE_TAKEN, ChecksumsAsked): Weighing._send_checksums,
    (Waits.RESULT, Result): Weighing._weighed,
    (Waits.RESULT, Rejected): Weighing._ask_status,
    (Waits.RESULT, ChecksumsAsked): Weighing._send_checksums,
    (Waits.STATUS, Status): Weighing._explained,
    (Waits.CHECKSUMS_TAKEN, Accepted): Weighing._ask_judgement,
    (Waits.CHECKSUMS_TAKEN, Rejected): Weighing._ask_status,
    (Waits.JUDGEMENT, ChecksumsJudged): Weighing._judged,
    (Waits.JUDGEMENT, Rejected): Weighing._ask_status,
}
