"""What a lane's screen shows now, and how that differs from what it showed before.

A scene is a function of the lane's basket and of what the journal last said on the lane. The page sends back
what it shows (`Shown`); if only lines were added or changed since, only those are drawn again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from checkout import basket as states
from checkout.basket import Basket, Line, Parked
from checkout.payment import CARD, UNKNOWN, Payment, sum_of
from checkout.receipt import Receipt
from checkout.restrictions import ages_asked
from checkout.shopper import VisitCard
from kiosk_ui.kiosk.lanes import LaneBoard, LaneSaid
from store_edge.box import Box
from store_edge.devices.health import LOST

Name = Literal["attract", "open", "paying", "paid", "parked"]
NAMES: Mapping[str, Name] = {states.OPEN: "open", states.PAYING: "paying", states.PAID: "paid"}
SHOWN_NUMBER_MAX = 2**53
TOLD_KINDS = ("terminal", "scanner", "rfid", "scale")
"""A lost printer is told where it matters, with the receipt; a camera is a second pair of eyes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says it shows: enough to tell whether anything is new.

    `lines` is how many lines its roll has, `said` the journal number of the last thing said on the lane,
    `panel` the state of the personal panel, `gone` the kinds of device that the lane has lost, `also` the
    parts that not every basket has.
    """

    basket: str
    version: int
    state: str
    lines: int
    said: int
    panel: str
    language: str
    gone: str = ""
    also: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Shown:
        """From a request's values; what is missing or nonsense counts as "shows nothing"."""
        return cls(
            basket=values.get("basket", ""),
            version=_number(values.get("version", "")),
            state=values.get("state", ""),
            lines=_number(values.get("lines", "")),
            said=_number(values.get("said", "")),
            panel=values.get("panel", ""),
            language=values.get("spoken", ""),
            gone=values.get("gone", ""),
            also=values.get("also", ""),
        )


def _number(text: str) -> int:
    """-1 for what is no number that we would have sent."""
    if text.isascii() and text.isdecimal() and len(text) <= 16:
        return min(int(text), SHOWN_NUMBER_MAX)
    return -1


@dataclass(frozen=True)  # no slots: what it is asked often is worked out once
class Scene:
    """One lane's screen. `number` is the journal entry up to which it is certainly true."""

    lane: str
    name: Name
    language: str
    number: int
    said: LaneSaid
    basket: Basket | None = None
    card: VisitCard | None = None
    panel: str = ""
    payment: Payment | None = None
    held: tuple[Payment, ...] = ()
    """The parts of a basket being paid that are paid already."""
    receipt: Receipt | None = None
    gone: tuple[str, ...] = ()
    """Kinds of device that this lane has lost, as far as a shopper needs them."""
    parked: Parked | None = None
    """What was just put aside here; its code is shown this once."""

    @cached_property
    def shown(self) -> Shown:
        basket = self.basket
        return Shown(
            basket=basket.id if basket else "",
            version=basket.version if basket else 0,
            state=self.name,
            lines=len(basket.lines) if basket else 0,
            said=self.said.changed,
            panel=self.panel,
            language=self.language,
            gone=" ".join(self.gone),
            also=" ".join(self.also),
        )

    @cached_property
    def also(self) -> tuple[str, ...]:
        """The parts that not every basket has: from coupons to a gift card.

        Of one being paid: whether the terminal is at it, and all is well with that.
        """
        if self.name == "paying" and self.payment is not None:
            said = self.said
            doubt = said.unknown or said.stop_asked or said.enquired or self.payment.state == UNKNOWN
            by_card = self.payment.tender == CARD
            return ("terminal",) if by_card and not (doubt or said.notice) else ()
        if self.basket is None or self.name != "open":
            return ()
        now = self.basket.circumstances
        there = {
            "coupons": bool(now.coupons),
            "empties": now.empties,
            "eat_in": now.eat_in,
            "age": bool(ages_asked(self.basket)),
            "saved_card": self.card is not None and self.card.on_file is not None,
            "points": self.card is not None and self.card.membership is not None,
            "gift_card": bool(now.gift_card),
        }
        return tuple(part for part, is_there in there.items() if is_there)

    def also_changed(self, part: str, shown: Shown) -> bool:
        """Whether such a part came or went since."""
        return (part in self.also) != (part in shown.also.split())

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        return self.basket.total_minor - sum_of(self.held) if self.basket else 0

    @property
    def last_line(self) -> Line | None:
        """What was scanned last and still counts."""
        lines = self.basket.lines if self.basket else ()
        return next((line for line in reversed(lines) if not line.voided), None)

    def goes_on_from(self, shown: Shown) -> bool:
        """True if the page shows this basket in this state and language, perhaps in an older version."""
        now = self.shown
        return (
            self.name == shown.state
            and (self.name in ("open", "paid") or now.also == shown.also == "terminal")
            and (now.basket, now.language) == (shown.basket, shown.language)
            and 0 < shown.version <= now.version
            and 0 <= shown.lines <= now.lines
            and shown.said >= 0
        )

    def changed_since(self, shown: Shown) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """The lines that the page has but older, and those that it has not."""
        lines = self.basket.lines if self.basket else ()
        if self.shown.version == shown.version:
            return (), ()
        older = tuple(line for line in lines[: shown.lines] if line.changed > shown.version)
        return older, lines[shown.lines :]


def scene_on(lane: str, box: Box, board: LaneBoard, language: str) -> Scene:
    """What the lane shows now; `language` is spoken where no basket says another one."""
    number, said = board.look(lane)  # before the basket, so that the number never promises too much
    basket = box.books.basket_on(lane)
    gone = _gone(box, lane)
    if basket is None or basket.state not in NAMES:
        return Scene(lane, "attract", language, number, said, gone=gone)
    name = NAMES[basket.state]
    card = box.visits.card(basket.visit) if name in ("open", "paying") and basket.visit else None
    return Scene(
        lane=lane,
        name=name,
        language=basket.language,
        number=number,
        said=said,
        basket=basket,
        card=card,
        panel=_panel(box, basket, card, said) if name == "open" else "",
        payment=box.payments.open_for(basket.id) if name == "paying" else None,
        held=box.payments.held_for(basket.id) if name == "paying" else (),
        receipt=box.receipts.of_basket(basket.id) if name == "paid" else None,
        gone=gone,
    )


def parked_scene(lane: str, board: LaneBoard, language: str, parked: Parked) -> Scene:
    """The lane is free, but its screen still belongs to the one who has to take the code along."""
    number, said = board.look(lane)
    return Scene(lane, "parked", language, number, said, parked=parked)


def _gone(box: Box, lane: str) -> tuple[str, ...]:
    """Kinds of device that are lost here, all there are of the kind, and that a shopper must know of."""
    states_by_kind: dict[str, set[str]] = {}
    for health in box.health.all():
        kind = health.driver.partition(".")[0]
        if health.lane == lane and kind in TOLD_KINDS:
            states_by_kind.setdefault(kind, set()).add(health.state)
    return tuple(kind for kind in TOLD_KINDS if states_by_kind.get(kind) == {LOST})


def _panel(box: Box, basket: Basket, card: VisitCard | None, said: LaneSaid) -> str:
    """Which personal panel: stranger, waiting, away, plain (no consent), personal, or offer while untaken."""
    if not basket.visit:
        return "stranger"
    if card is None:
        return (
            "away" if _waited_s(box.clock(), said.identified_at) > box.settings.limits.offer_s else "waiting"
        )
    if not card.personal:
        return "plain"
    offer = card.offer.offer if card.offer else ""
    taken = any(r.by == offer for line in basket.standing for r in line.reductions)
    return "offer" if offer and not taken else "personal"


def _waited_s(now: dt.datetime, since: str) -> float:
    """Seconds since a moment in ISO 8601; without one nobody knows, and that is long."""
    return (now - dt.datetime.fromisoformat(since)).total_seconds() if since else float("inf")
