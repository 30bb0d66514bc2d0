"""The talk that brings a reader from a fresh connection to reading, as a table. No I/O.

    reader                                   we
    READER_EVENT_NOTIFICATION (attempt) ->
                                          <- GET_READER_CAPABILITIES
    ..._RESPONSE ->                       <- SET_READER_CONFIG (keepalive)
    ..._RESPONSE ->                       <- DELETE_ROSPEC 0 (what a crashed client left behind)
    ..._RESPONSE ->                       <- ADD, ENABLE, START_ROSPEC
    ..._RESPONSE ->
    RO_ACCESS_REPORT, KEEPALIVE ... ->    <- KEEPALIVE_ACK

Source: EPCglobal LLRP 1.0.1, sections 8.1 (connection), 10-13 (operations), 19 (connection attempt).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from llrpkit.exceptions import LLRPError
from llrpkit.protocol import LLRPMessage, enums, messages
from llrpkit.reader import ReaderCapabilities

from hardware.errors import Busy, Garbled, Unreachable
from hardware.llrp import codec
from hardware.readings import TagRead


@dataclass(frozen=True)
class Wish:
    """What the store wants of its reader. `antennas` empty: all. `power_dbm` None: the reader's default."""

    antennas: Sequence[int] = ()
    power_dbm: float | None = None
    keepalive_ms: int = 1000


@dataclass
class Turn:
    """What follows from one message: answers to send, tags seen."""

    answers: list[bytes] = field(default_factory=list)
    reads: list[TagRead] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One request and the type of message that answers it; `may_refuse` where a no does no harm."""

    ask: Callable[[Session], LLRPMessage]
    answer: type[LLRPMessage]
    may_refuse: bool = False


class Session:
    """One connection's state: which step is open, then reading."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.greeted = False
        self.power_index: int | None = None
        self._step = -1

    @property
    def reading(self) -> bool:
        """True once the inventory runs."""
        return self._step >= len(STEPS)

    def take(self, message: codec.Message) -> Turn:
        """Handle one message of the reader.

        Raises Busy when the reader refuses us or a request, Unreachable when it
        says good-bye, Garbled when it answers what was not asked.
        """
        if isinstance(message, codec.TagReports):
            # reports of an inventory that an earlier client left running are not ours
            return Turn(reads=message.reads) if self.reading else Turn()
        if isinstance(message, messages.KEEPALIVE):
            return Turn([messages.KEEPALIVE_ACK().to_bytes(message_id=message.message_id)])
        if isinstance(message, messages.READER_EVENT_NOTIFICATION):
            return self._event(message)
        if self.greeted and not self.reading:
            return self._answered(message)
        return Turn()

    def _event(self, message: messages.READER_EVENT_NOTIFICATION) -> Turn:
        event = message.reader_event_notification_data
        if event.connection_close_event is not None:
            raise Unreachable("The RFID reader closed the connection")
        attempt = event.connection_attempt_event
        if attempt is None or self.greeted:
            return Turn()
        if int(attempt.status) != enums.ConnectionAttemptStatusType.Success:
            raise Busy(f"The RFID reader serves somebody else (status {int(attempt.status)})")
        self.greeted = True
        return self._next()

    def _answered(self, message: LLRPMessage) -> Turn:
        if isinstance(message, messages.ERROR_MESSAGE):
            raise Busy(f"The RFID reader refuses: {codec.refusal(message)}")
        if message.message_id != self._step + 1:
            return Turn()  # an answer to a question of somebody before us
        if not isinstance(message, STEPS[self._step].answer):
            raise Garbled("The RFID reader answered what was not asked")
        why = codec.refusal(message)
        if why is not None and not STEPS[self._step].may_refuse:
            raise Busy(f"The RFID reader refuses: {why}")
        if isinstance(message, messages.GET_READER_CAPABILITIES_RESPONSE):
            self.power_index = _power_index(message, self.wish.power_dbm)
        return self._next()

    def _next(self) -> Turn:
        self._step += 1
        if self.reading:
            return Turn()
        return Turn([STEPS[self._step].ask(self).to_bytes(message_id=self._step + 1)])


def _power_index(message: messages.GET_READER_CAPABILITIES_RESPONSE, power_dbm: float | None) -> int | None:
    if power_dbm is None:
        return None
    try:
        return ReaderCapabilities(message).power_index_for_dbm(power_dbm)
    except LLRPError as fault:
        raise Busy(f"The RFID reader cannot send with {power_dbm} dBm") from fault


STEPS = (
    Step(
        lambda s: messages.GET_READER_CAPABILITIES(
            requested_data=enums.GetReaderCapabilitiesRequestedData.All
        ),
        messages.GET_READER_CAPABILITIES_RESPONSE,
    ),
    Step(lambda s: codec.keepalive_request(s.wish.keepalive_ms), messages.SET_READER_CONFIG_RESPONSE),
    Step(lambda s: messages.DELETE_ROSPEC(ro_spec_id=0), messages.DELETE_ROSPEC_RESPONSE, may_refuse=True),
    Step(lambda s: codec.inventory_request(s.wish.antennas, s.power_index), messages.ADD_ROSPEC_RESPONSE),
    Step(lambda s: messages.ENABLE_ROSPEC(ro_spec_id=codec.ROSPEC_ID), messages.ENABLE_ROSPEC_RESPONSE),
    Step(lambda s: messages.START_ROSPEC(ro_spec_id=codec.ROSPEC_ID), messages.START_ROSPEC_RESPONSE),
)
