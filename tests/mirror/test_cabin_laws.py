"""Whatever happens in two cabins, in whatever order: no shopper sees another's, no tag is in two places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from checkout.basket import CANCELLED, CLOSED, OPEN
from checkout.errors import Refused
from checkout.shopper import VisitCard
from mirror.requests import ACCEPTED, ON_THE_WAY
from tests.mirror.conftest import ANNA, BEN, GARMENTS, ONE, TWO, Cabins, Sheet, hexed, tag

CABIN = st.sampled_from([ONE, TWO])
PIECES = [(article, serial) for article in GARMENTS for serial in (1, 2)]
PIECE = st.sampled_from(PIECES)
ARTICLE = st.sampled_from(GARMENTS)


class TwoCabins(RuleBasedStateMachine):
    """Shoppers, staff, readers and the tray at the till, all at once."""

    new_cabins: Callable[[], Cabins]

    @initialize()
    def open(self) -> None:
        self.cabins = type(self).new_cabins()
        self.room, self.shop = self.cabins.room, self.cabins.shop
        self.shoppers = 0
        self.visits: set[str] = set()

    @property
    def sheet(self) -> Sheet:
        sheet: Sheet = self.shop.books.sheet  # type: ignore[attr-defined]
        return sheet

    def tried(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refused:
            return None

    @rule(cabin=CABIN, some=st.sets(st.integers(0, len(PIECES) - 1), min_size=1, max_size=3))
    def carry_in(self, cabin: str, some: set[int]) -> None:
        """By whoever; into a cabin that stands empty only what staff bring comes to somebody known."""
        pieces = [PIECES[number] for number in some]
        before = self.cabins.in_cabin(cabin)
        coming = {
            request.wanted_gtin
            for request in (before.requests if before else ())
            if request.state in (ACCEPTED, ON_THE_WAY, "delivered")
        }
        self.room.arrive(cabin, [tag(*piece) for piece in pieces])
        after = self.cabins.in_cabin(cabin)
        stood_empty = before is None or bool(before.empty_since)
        expected = not coming.isdisjoint(piece[0].gtin for piece in pieces)
        if stood_empty and not expected and after is not None and after.garments:
            assert after.visit == "", "a stranger was taken for somebody else"

    @rule(cabin=CABIN, piece=PIECE)
    def carry_out(self, cabin: str, piece: Any) -> None:
        self.room.leave(cabin, [tag(*piece)])

    @rule(cabin=CABIN, piece=PIECE, chance_bp=st.integers(5_000, 7_900))
    def hear_faintly(self, cabin: str, piece: Any, chance_bp: int) -> None:
        shown = self.cabins.shown(cabin)
        self.room.unsure(cabin, tag(*piece), chance_bp)
        assert self.cabins.shown(cabin) == shown, "unsure, and shown"

    @rule(cabin=CABIN, yes=st.booleans())
    def answer(self, cabin: str, yes: bool) -> None:
        session = self.cabins.in_cabin(cabin)
        if session is not None and session.questions:
            (self.room.confirm if yes else self.room.deny)(cabin, session.questions[0].epc)

    @rule(cabin=CABIN)
    def identify(self, cabin: str) -> None:
        self.shoppers += 1
        session = self.tried(lambda: self.room.identify(cabin, f"EMMA1.shopper{self.shoppers}"))
        if session is not None:
            assert session.visit not in self.visits
            self.visits.add(session.visit)
            self.shop.till.visits.welcome(session.visit, cabin, VisitCard(True, f"shopper {self.shoppers}"))

    @rule(cabin=CABIN)
    def forget(self, cabin: str) -> None:
        self.tried(lambda: self.room.forget(cabin))

    @rule(cabin=CABIN, article=ARTICLE, act=st.sampled_from(["save", "buy", "put_back"]))
    def touch(self, cabin: str, article: Any, act: str) -> None:
        self.tried(lambda: getattr(self.room, act)(cabin, article.gtin))

    @rule(cabin=CABIN, here=ARTICLE, wanted=ARTICLE)
    def ask(self, cabin: str, here: Any, wanted: Any) -> None:
        self.tried(lambda: self.cabins.requests.ask(cabin, here.gtin, wanted.gtin))

    @rule(
        cabin=CABIN,
        clerk=st.sampled_from([ANNA, BEN]),
        act=st.sampled_from(["accept", "on_the_way", "deliver", "not_there"]),
    )
    def serve(self, cabin: str, clerk: Any, act: str) -> None:
        for request in self.cabins.session(cabin).requests if self.cabins.in_cabin(cabin) else ():
            self.tried(lambda request=request: getattr(self.cabins.requests, act)(request.id, clerk))

    @rule(cabin=CABIN, reason=st.sampled_from(["command", "idle", "empty"]))
    def end(self, cabin: str, reason: str) -> None:
        self.room.end(cabin, reason)
        assert self.cabins.in_cabin(cabin) is None

    @rule(cabin=CABIN)
    def stay(self, cabin: str) -> None:
        before = self.cabins.in_cabin(cabin)
        session = self.tried(lambda: self.room.stay(cabin))
        if session is not None and before is None:
            assert session.visit == ""

    @rule(piece=PIECE)
    def tell_staff(self, piece: Any) -> None:
        self.room.left_behind(hexed(tag(*piece)))

    @rule(piece=PIECE)
    def lay_on_the_tray(self, piece: Any) -> None:
        self.tried(lambda: self.shop.till.lay_down("1", [tag(*piece)]))

    @rule(cabin=CABIN)
    def pay(self, cabin: str) -> None:
        self.tried(lambda: self.shop.pay(cabin))

    # What always holds

    @invariant()
    def one_tag_is_in_one_cabin(self) -> None:
        hung = [garment.epc for session in self.sheet.fittings() for garment in session.garments]
        assert len(hung) == len(set(hung))
        assert not set(hung) & set(self.sheet.left), "theirs, and left behind"

    @invariant()
    def only_who_is_here_is_known(self) -> None:
        """Of a visit that no cabin shows nothing is kept, and an empty cabin shows none but for staff."""
        here = {session.visit for session in self.sheet.fittings()} - {""}
        baskets = {basket.visit for basket in self.sheet.baskets.values() if basket.state not in ENDED}
        assert {visit for visit in self.sheet.cards if visit in self.visits} <= here | baskets
        for session in self.sheet.fittings():
            coming = any(request.state in (ACCEPTED, ON_THE_WAY, "delivered") for request in session.requests)
            if session.empty_since and not coming:
                assert session.visit == ""
            if not session.visit:
                assert not any(garment.saved for garment in session.garments)

    @invariant()
    def baskets_in_cabins_are_somebodys(self) -> None:
        for basket in self.sheet.baskets.values():
            if basket.lane in (ONE, TWO) and basket.state == OPEN:
                session = self.sheet.fitting_in(basket.lane)
                assert session is not None, "a basket of nobody"
                assert basket.visit in ("", session.visit), "a basket of somebody else"

    @invariant()
    def every_request_that_waits_is_a_task_and_no_other(self) -> None:
        waiting = {request.id for session in self.sheet.fittings() for request in session.waiting}
        assert waiting == {about for kind, about, _ in self.sheet.tasks.values() if kind == "size_request"}
        left = {about for kind, about, _ in self.sheet.tasks.values() if kind == "left_behind"}
        assert left == {epc for epc, garment in self.sheet.left.items() if garment.told}


ENDED = (CANCELLED, CLOSED)


def test_no_shopper_sees_another_and_no_tag_is_in_two_places(new_cabins: Callable[[], Cabins]) -> None:
    class Machine(TwoCabins):
        pass

    Machine.new_cabins = staticmethod(new_cabins)  # type: ignore[assignment]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Machine, settings=settings(max_examples=100, stateful_step_count=40, deadline=None)
    )
