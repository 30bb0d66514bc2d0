"""The steps of a stay in a cabin: how it begins, what comes and goes, who follows when it is empty, its end.

Who follows on an empty cabin is the hard question, since tags do not say whose hands carry them:

    what staff are on their way with arrives   -> the same shopper; nothing is lost
    a piece that was here before comes back, or
    the same style in another size arrives     -> the same stay, but nobody's: what was personal has gone
    anything else                              -> the next shopper, in a session of their own

So a stranger who walks in with whatever it be never sees what the one before them said, saved or bought.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from checkout import basket as states
from checkout import gs1
from checkout.catalogue import Article
from checkout.endings import free_lane, give_up
from checkout.errors import Refused
from mirror import events
from mirror.ports import Chance, Clock, Page
from mirror.requests import ACCEPTED, DELIVERED, NOT_THERE, ON_THE_WAY, TAKEN_BACK, Request
from mirror.session import GARMENTS_MAX, GONE_MAX, FittingSession, Forsaken, Garment, Left

SWAP_S_MAX = 120.0
"""One leaves and the same style in another size comes within this time: it was swapped for it."""
SIZE_REQUEST, CABIN_HELP, LEFT_BEHIND = "size_request", "cabin_help", "left_behind"
"""Kinds of tasks: about a request's id, about a cabin, about a tag. Their lane is the cabin."""


class Stays:
    """The steps that the use cases of the fitting room take on their pages."""

    def __init__(self, *, clock: Clock, chance: Chance, language: str) -> None:
        self._clock = clock
        self._chance = chance
        self._language = language

    def now(self) -> str:
        return self._clock().isoformat()

    def here(self, page: Page, cabin: str) -> FittingSession:
        """The cabin's session. Raises Refused(cabin_empty)."""
        session = page.fitting_in(cabin)
        if session is None:
            raise Refused("cabin_empty")
        return session

    def keep(self, page: Page, session: FittingSession, **facts: object) -> FittingSession:
        """Save the session's next version."""
        session = session.changed(self.now(), **facts)
        page.save_fitting(session)
        return session

    # Coming

    def arrives(self, page: Page, cabin: str, tag: str, *, confirmed: bool = False) -> None:
        """One tag is surely in the cabin, or the shopper said so; what is not for sale is passed over."""
        article = None if page.epc_holder(tag) == "sold" else article_of(page, tag)
        session = page.fitting_in(cabin)
        if article is None or (session is not None and session.garment(tag) is not None):
            return
        if not self._is_carried_in(page, cabin, tag):
            return
        if session is not None and tag in session.denied and not confirmed:
            return
        before = page.fitting_with(tag)
        if before is not None:
            self.leaves(page, before, tag, "moved")
        session = self._received(page, cabin, session, tag, article)
        if len(session.garments) >= GARMENTS_MAX:
            page.open_task(CABIN_HELP, cabin, cabin)
            return
        now = self.now()
        garment = Garment(tag, article.gtin, article.style, now)
        garment = replace(garment, swapped_for=_swapped(session, garment, self._clock()))
        session = self._brought(page, session, article.gtin)
        questions = tuple(question for question in session.questions if question.epc != tag)
        self.keep(page, session, garments=(*session.garments, garment), questions=questions, empty_since="")
        page.announce(events.GarmentArrived(session.id, cabin, garment.gtin, tag), cabin)

    def begun(self, page: Page, cabin: str) -> FittingSession:
        """A new session, in a cabin that has none."""
        self.empty_basket(page, cabin)
        now = self.now()
        session = FittingSession(self._chance.id(), cabin, now, now, language=self._language)
        page.announce(events.CabinEntered(session.id, cabin), cabin)
        return session

    def _is_carried_in(self, page: Page, cabin: str, tag: str) -> bool:
        """False for what hangs here since the last session: it is not this shopper's."""
        forsaken = page.forsaken(tag)
        if forsaken is None:
            return True
        if forsaken.cabin == cabin:
            return False
        self.fetched(page, tag)
        return True

    def _received(
        self, page: Page, cabin: str, session: FittingSession | None, tag: str, article: Article
    ) -> FittingSession:
        """The session that this piece belongs to."""
        if session is None:
            return self.begun(page, cabin)
        if not session.empty_since or _is_coming(session, article.gtin):
            return session
        if any(left.epc == tag or _is_other_size(left, article) for left in session.gone):
            return self.made_strange(page, session)
        self.finish(page, session, "empty")
        return self.begun(page, cabin)

    def _brought(self, page: Page, session: FittingSession, gtin: str) -> FittingSession:
        """What was asked for is here: brought by whoever went for it, or fetched by the shopper."""
        for request in session.waiting:
            if request.wanted_gtin != gtin:
                continue
            if request.clerk:
                return self.request_moves(page, session, request, DELIVERED, request.clerk)
            return self.request_moves(page, session, request, TAKEN_BACK)
        return session

    # Going

    def leaves(self, page: Page, session: FittingSession, tag: str, reason: str) -> FittingSession:
        """One garment has left. With the last one goes what was personal, unless staff are coming."""
        garment = session.garment(tag)
        if garment is None:
            return session
        now = self.now()
        rest = tuple(_now_swapped(one, garment, self._clock()) for one in session.garments if one.epc != tag)
        gone = (*session.gone, Left(tag, garment.gtin, garment.style, now))[-GONE_MAX:]
        session = self.keep(page, session, garments=rest, gone=gone, empty_since="" if rest else now)
        page.announce(events.GarmentLeft(session.id, session.cabin, garment.gtin, tag, reason), session.cabin)
        return session if rest or _somebody_comes(session) else self.made_strange(page, session)

    def fetched(self, page: Page, tag: str) -> None:
        """What was left behind has been carried out."""
        page.forget_forsaken(tag)
        page.close_tasks(tag, "gone", kind=LEFT_BEHIND)

    def made_strange(self, page: Page, session: FittingSession) -> FittingSession:
        """Nobody knows any more who was here: their visit ends, what they did not pay for is free."""
        self.empty_basket(page, session.cabin)
        if session.visit:
            page.announce(events.ShopperLeftMirror(session.id, session.visit), session.cabin)
        garments = tuple(replace(garment, saved=False, basket="") for garment in session.garments)
        facts = {"visit": "", "garments": garments, "language": self._language}
        return self.keep(page, session, owner=session.owner + 1, **facts)

    def empty_basket(self, page: Page, cabin: str) -> None:
        """What lies in the cabin's basket is free; one that is being paid is left until that is over."""
        basket = page.basket_on(cabin)
        if basket is not None and basket.state == states.OPEN:
            give_up(page, basket, "left")
        elif basket is not None and basket.state == states.PAID:
            free_lane(page, basket)

    def finish(self, page: Page, session: FittingSession, reason: str) -> None:
        """The session is over; what still hangs there is nobody's from now on."""
        session = self.made_strange(page, session)
        for request in session.waiting:
            session = self.request_moves(page, session, request, TAKEN_BACK)
        for garment in session.garments:
            page.save_forsaken(Forsaken(garment.epc, garment.gtin, session.cabin, self.now()))
        page.forget_fitting(session)
        page.close_tasks(session.cabin, "gone", kind=CABIN_HELP)
        page.announce(events.CabinLeft(session.id, session.cabin, reason), session.cabin)

    # Bringing

    def request_moves(
        self, page: Page, session: FittingSession, request: Request, state: str, clerk: str = ""
    ) -> FittingSession:
        """A request's next state: said, saved, and off the list of what needs a human once it is over.

        Raises Refused: request_over, request_taken.
        """
        moved = request.moved_to(state, self.now(), clerk)
        requests = tuple(moved if one.id == request.id else one for one in session.requests)
        session = self.keep(page, session, requests=requests)
        if not moved.waits:
            page.close_tasks(request.id, state, kind=SIZE_REQUEST)
        said = _SAID.get(state)
        page.announce(said(request.id, clerk) if said else events.RequestTakenBack(request.id), session.cabin)
        if session.empty_since and state in (NOT_THERE, TAKEN_BACK) and not _somebody_comes(session):
            return self.made_strange(page, session)
        return session


_SAID = {
    ACCEPTED: events.RequestAccepted,
    ON_THE_WAY: events.RequestOnTheWay,
    DELIVERED: events.RequestDelivered,
    NOT_THERE: events.RequestNotThere,
}


def article_of(page: Page, tag: str) -> Article | None:
    """The article of this store that a tag names; None for foreign and unknown ones."""
    try:
        return page.article(gs1.gtin_of_epc(bytes.fromhex(tag)))
    except Refused:
        return None


def _somebody_comes(session: FittingSession) -> bool:
    return any(request.state in (ACCEPTED, ON_THE_WAY) for request in session.requests)


def _is_coming(session: FittingSession, gtin: str) -> bool:
    """Staff are on their way with it, or have said that it is there since the cabin stood empty."""
    return any(
        request.wanted_gtin == gtin
        and (
            request.state in (ACCEPTED, ON_THE_WAY)
            or (request.state == DELIVERED and request.changed_at >= session.empty_since)
        )
        for request in session.requests
    )


def _is_other_size(left: Left, article: Article) -> bool:
    return bool(left.style) and left.style == article.style and left.gtin != article.gtin


def _seconds(since: str, until: dt.datetime) -> float:
    return (until - dt.datetime.fromisoformat(since)).total_seconds()


def _swapped(session: FittingSession, garment: Garment, now: dt.datetime) -> str:
    """The GTIN for which this one comes, "" if it comes for none."""
    taken = {one.swapped_for for one in session.garments}
    for left in reversed(session.gone):
        same_style = left.style == garment.style != "" and left.gtin != garment.gtin
        if same_style and left.gtin not in taken and 0 <= _seconds(left.at, now) <= SWAP_S_MAX:
            return left.gtin
    return ""


def _now_swapped(stays: Garment, leaves: Garment, now: dt.datetime) -> Garment:
    """It came shortly before the other of its style left: for it. Two that came together did not."""
    later = stays.since > leaves.since and 0 <= _seconds(stays.since, now) <= SWAP_S_MAX
    if later and not stays.swapped_for and stays.style == leaves.style != "" and stays.gtin != leaves.gtin:
        return replace(stays, swapped_for=leaves.gtin)
    return stays
