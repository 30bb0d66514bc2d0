"""What a shopper in a cabin asked staff to bring, from asking to its end.

    asked ----> accepted ----> on_the_way ----> delivered
      |            |               |
      +------------+---------------+----------> not_there, taken_back

Nobody took it within the limit: it is escalated, and still asked for. A clerk may skip steps: what somebody
has in hand needs no "on the way". Two clerks never go for one request: the first one's word counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from checkout.errors import Refused

ASKED, ACCEPTED, ON_THE_WAY = "asked", "accepted", "on_the_way"
DELIVERED, NOT_THERE, TAKEN_BACK = "delivered", "not_there", "taken_back"

WAITING = frozenset({ASKED, ACCEPTED, ON_THE_WAY})
NEXT = {
    ASKED: frozenset({ACCEPTED, ON_THE_WAY, DELIVERED, NOT_THERE, TAKEN_BACK}),
    ACCEPTED: frozenset({ON_THE_WAY, DELIVERED, NOT_THERE, TAKEN_BACK}),
    ON_THE_WAY: frozenset({DELIVERED, NOT_THERE, TAKEN_BACK}),
    DELIVERED: frozenset[str](),
    NOT_THERE: frozenset[str](),
    TAKEN_BACK: frozenset[str](),
}
"""Which states may follow which."""


@dataclass(frozen=True, slots=True)
class Request:
    """`at` is when it was asked, `changed_at` when it came into its state (ISO 8601 in UTC).

    `clerk` is who goes, "" as long as nobody does. `position` is where the wanted piece should be, "" if
    nobody knows. `escalated` once nobody took it in time.
    """

    id: str
    session: str
    cabin: str
    gtin: str
    wanted_gtin: str
    at: str
    changed_at: str
    position: str = ""
    state: str = ASKED
    clerk: str = ""
    escalated: bool = False

    @property
    def waits(self) -> bool:
        """Somebody in the cabin still waits for it."""
        return self.state in WAITING

    def moved_to(self, state: str, at: str, clerk: str = "") -> Request:
        """The request in its next state.

        Raises Refused: request_over where nobody waits for it (any more), request_taken where another goes.
        """
        if state not in NEXT[self.state]:
            raise Refused("request_over")
        if clerk and self.clerk not in ("", clerk):
            raise Refused("request_taken")
        return replace(self, state=state, changed_at=at, clerk=clerk or self.clerk)
