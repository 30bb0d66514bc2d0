"""The fitting room: what can happen in its cabins, in shop words.

Each use case is a page in the books, as at the till: it reads, decides, saves and announces together or not
at all. A cabin is a lane of the counter's, too: what is bought there lies in a basket of its own, and a
shopper who says who they are is the counter's visit. What staff are asked to bring is in `requests`.

Only what is surely in the cabin is shown as theirs; of the rest they are asked. When a session ends, all that
was known of the shopper ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from checkout import basket as states
from checkout.errors import Refused
from checkout.till import Till
from mirror import events
from mirror.ports import Books, Chance, Clock, Page, Stock
from mirror.request_desk import RequestDesk
from mirror.session import QUESTIONS_MAX, FittingSession, Garment, Question
from mirror.stays import CABIN_HELP, LEFT_BEHIND, Stays, article_of

SCENES = ("day", "evening", "office")
TAGS_MAX = 500
"""More tags than this at once are not looked at: no shopper carries them."""
LOOK_GTINS_MAX = 12


class FittingRoom:
    """The use cases of the cabins of one store. All that take a `cabin` name it as the settings do.

    What a shopper does raises Refused(cabin_empty) where no session goes on, and carries a `request_key`.
    """

    def __init__(
        self,
        books: Books,
        till: Till,
        *,
        clock: Clock,
        chance: Chance,
        stock: Stock,
        scenes: Collection[str] = SCENES,
        language: str = "de",
    ) -> None:
        """`language` is what a new shopper is spoken to in."""
        self._books = books
        self._till = till
        self._scenes = frozenset(scenes)
        self._stays = Stays(clock=clock, chance=chance, language=language)
        self.requests = RequestDesk(books, self._stays, chance=chance, stock=stock)

    # What the reader tells

    def arrive(self, cabin: str, epcs: Iterable[bytes]) -> FittingSession | None:
        """These tags are surely in the cabin: the session as it is now, None if nothing of ours is there.

        Foreign, unknown and sold tags, those that were left behind here and those of which the shopper said
        that they are not theirs are passed over. A tag is in one session: it leaves the one it was in.
        """
        with self._books.page() as page:
            for tag in _tags(epcs):
                self._stays.arrives(page, cabin, tag)
            return page.fitting_in(cabin)

    def unsure(self, cabin: str, epc: bytes, chance_bp: int) -> FittingSession | None:
        """This tag may be here, with a chance in 10,000: the shopper is asked, once."""
        tag = epc.hex().upper()
        with self._books.page() as page:
            session = page.fitting_in(cabin)
            if session is None or session.empty_since or not _may_be_asked(page, session, tag):
                return session
            article = article_of(page, tag)
            if article is None or page.epc_holder(tag) == "sold":
                return session
            questions = (*session.questions, Question(tag, article.gtin, chance_bp))[-QUESTIONS_MAX:]
            session = self._stays.keep(page, session, questions=questions)
            page.announce(events.GarmentUnsure(session.id, cabin, tag, chance_bp), cabin)
            return session

    def leave(self, cabin: str, epcs: Iterable[bytes]) -> FittingSession | None:
        """These tags are in the cabin no more. The last one leaves the session empty, for a while."""
        with self._books.page() as page:
            for tag in _tags(epcs):
                forsaken = page.forsaken(tag)
                if forsaken is not None and forsaken.cabin == cabin:
                    self._stays.fetched(page, tag)
                session = page.fitting_in(cabin)
                if session is None:
                    continue
                if session.garment(tag) is not None:
                    self._stays.leaves(page, session, tag, "lifted")
                elif any(question.epc == tag for question in session.questions):
                    self._stays.keep(page, session, questions=_without(session, tag))
            return page.fitting_in(cabin)

    # What the shopper does

    def confirm(self, cabin: str, epc: str, request_key: str = "") -> FittingSession:
        """Yes, this is mine. Raises Refused(garment_gone) if nobody asked (any more)."""

        def take(page: Page, session: FittingSession) -> FittingSession:
            _must_be_asked(session, epc)
            self._stays.arrives(page, cabin, epc, confirmed=True)
            return self._stays.here(page, cabin)

        return self._with_session(cabin, request_key, take)

    def deny(self, cabin: str, epc: str, request_key: str = "") -> FittingSession:
        """No, this is not mine: it is not asked again. Raises Refused(garment_gone)."""

        def put_aside(page: Page, session: FittingSession) -> FittingSession:
            _must_be_asked(session, epc)
            denied = (*session.denied, epc)
            return self._stays.keep(page, session, questions=_without(session, epc), denied=denied)

        return self._with_session(cabin, request_key, put_aside)

    def identify(self, cabin: str, text: str, request_key: str = "") -> FittingSession:
        """Greet the shopper whose one-time token this is.

        Raises Refused: token_unreadable, token_forged, token_expired, token_used, shopper_already_known.
        """
        token = self._till.visits.token_of(text)

        def greet(page: Page, session: FittingSession) -> FittingSession:
            if session.visit:
                raise Refused("shopper_already_known")
            basket = self._till.visits.greet(page, cabin, token, text, session.language)
            page.announce(events.ShopperAtMirror(session.id, basket.visit), cabin)
            return self._stays.keep(page, session, visit=basket.visit)

        return self._with_session(cabin, request_key, greet)

    def forget(self, cabin: str, request_key: str = "") -> FittingSession:
        """The shopper would rather be a stranger: what was known of them goes, the garments stay."""

        def part(page: Page, session: FittingSession) -> FittingSession:
            self._till.visits.part(page, cabin, "shopper", session.visit)
            return self._forgotten(page, session)

        return self._with_session(cabin, request_key, part)

    def dismissed(self, page: Page, cabin: str, visit: str) -> None:
        """The counter ended this visit, on the caller's page: head office did not know the token."""
        session = page.fitting_in(cabin)
        if session is not None and visit and session.visit == visit:
            self._forgotten(page, session)

    def save(self, cabin: str, gtin: str, request_key: str = "") -> FittingSession:
        """Keep a garment for later. Raises Refused: garment_gone, shopper_unknown (nobody to keep it for)."""

        def keep(page: Page, session: FittingSession) -> FittingSession:
            garment = session.of_article(gtin)
            if not session.visit:
                raise Refused("shopper_unknown")
            if garment.saved:
                return session
            page.announce(events.GarmentSaved(session.id, session.visit, gtin), cabin)
            garments = tuple(replace(one, saved=one.saved or one.gtin == gtin) for one in session.garments)
            return self._stays.keep(page, session, garments=garments)

        return self._with_session(cabin, request_key, keep)

    def buy(self, cabin: str, gtin: str, request_key: str = "") -> FittingSession:
        """Put a garment of this article into the cabin's basket; its tag is in no other one.

        Raises Refused: garment_gone, tag_sold, tag_in_other_basket, basket_being_paid, article_recalled, and
        what else the till refuses.
        """

        def take(page: Page, session: FittingSession) -> FittingSession:
            here = [one for one in session.garments if one.gtin == gtin and not one.basket]
            garment = here[0] if here else session.of_article(gtin)
            basket = self._till.steps.opened(page, cabin, session.language)
            if garment.basket == basket.id:
                return session
            basket = self._till.lay(page, basket, bytes.fromhex(garment.epc), "tapped")
            page.announce(events.GarmentBought(session.id, gtin, basket.id), cabin)
            return self._stays.keep(page, session, garments=_in_basket(session, garment.epc, basket.id))

        return self._with_session(cabin, request_key, take)

    def put_back(self, cabin: str, gtin: str, request_key: str = "") -> FittingSession:
        """Rather not: take it out of the cabin's basket. Raises Refused: garment_gone, basket_being_paid."""

        def give_back(page: Page, session: FittingSession) -> FittingSession:
            bought = next((one for one in session.garments if one.gtin == gtin and one.basket), None)
            if bought is None:
                raise Refused("garment_gone")
            basket = self._till.steps.to_change(page, cabin)
            for line in basket.standing:
                if line.epc == bought.epc:
                    self._till.steps.void(page, basket, line)
            return self._stays.keep(page, session, garments=_in_basket(session, bought.epc, ""))

        return self._with_session(cabin, request_key, give_back)

    def call_staff(self, cabin: str, request_key: str = "") -> None:
        """Call a colleague to the cabin, whether or not any garment is there."""
        with self._books.page() as page:
            if page.seen_before(request_key) or CABIN_HELP in page.called_about(cabin):
                return
            session = page.fitting_in(cabin)
            page.announce(events.StaffCalledToCabin(session.id if session else "", cabin), cabin)
            page.open_task(CABIN_HELP, cabin, cabin)

    def light(self, cabin: str, scene: str, request_key: str = "") -> FittingSession:
        """Choose the light. Raises Refused(not_offered_here) for a scene that this shop does not have."""

        def change(page: Page, session: FittingSession) -> FittingSession:
            if scene not in self._scenes:
                raise Refused("not_offered_here")
            if scene == session.scene:
                return session
            page.announce(events.LightingChanged(session.id, cabin, scene), cabin)
            return self._stays.keep(page, session, scene=scene)

        return self._with_session(cabin, request_key, change)

    def speak(self, cabin: str, language: str, request_key: str = "") -> FittingSession:
        """Choose the mirror's language."""

        def change(page: Page, session: FittingSession) -> FittingSession:
            if language == session.language:
                return session
            page.announce(events.LanguageChosenAtMirror(session.id, language), cabin)
            return self._stays.keep(page, session, language=language)

        return self._with_session(cabin, request_key, change)

    def show_look(self, cabin: str, gtins: Iterable[str], request_key: str = "") -> FittingSession:
        """The mirror shows these together."""
        shown = tuple(dict.fromkeys(gtins))[:LOOK_GTINS_MAX]

        def say(page: Page, session: FittingSession) -> FittingSession:
            page.announce(events.LookShown(session.id, shown), cabin)
            return self._stays.keep(page, session)

        return self._with_session(cabin, request_key, say)

    def stay(self, cabin: str, request_key: str = "") -> FittingSession:
        """Somebody is still there: an idle session goes on, and one that was ended too early begins anew.

        A new session has what still hangs there, and nothing of the shopper before.
        """
        with self._books.page() as page:
            session = page.fitting_in(cabin)
            if session is not None:
                return session if page.seen_before(request_key) else self._stays.keep(page, session)
            hanging = [garment.epc for garment in page.forsaken_in(cabin)]
            page.seen_before(request_key)
            for tag in hanging:
                self._stays.fetched(page, tag)
                self._stays.arrives(page, cabin, tag)
            return self._stays.here(page, cabin)

    # How a session ends

    def end(
        self,
        cabin: str,
        reason: str = "command",
        request_key: str = "",
        *,
        seen: FittingSession | None = None,
    ) -> None:
        """End the session, if it is still as it was `seen`; `reason` is empty, command or idle.

        What was not paid is free again, what was asked for is taken back, nothing personal is kept. What
        still hangs there after a command may be carried out; after an idle stay staff are told at once.
        """
        with self._books.page() as page:
            session = page.fitting_in(cabin)
            if page.seen_before(request_key) or session is None:
                return
            if seen is not None and (seen.id, seen.version) != (session.id, session.version):
                return
            self._stays.finish(page, session, reason)
            if reason == "idle":
                for garment in session.garments:
                    _tell_of(page, garment.epc)

    def left_behind(self, epc: str) -> None:
        """Nobody has carried this out after the session: staff are told. Nothing if it is gone by now."""
        with self._books.page() as page:
            _tell_of(page, epc)

    def clear_basket(self, cabin: str) -> None:
        """Free what lies in the basket of a cabin whose session has ended: its payment came to nothing."""
        with self._books.page() as page:
            basket = page.basket_on(cabin)
            if page.fitting_in(cabin) is None and basket is not None and basket.state != states.PAYING:
                self._stays.empty_basket(page, cabin)

    # How it is done

    def _with_session(
        self, cabin: str, request_key: str, act: Callable[[Page, FittingSession], FittingSession]
    ) -> FittingSession:
        """One act on the cabin's session; a repeated request gives the session as it is."""
        with self._books.page() as page:
            session = self._stays.here(page, cabin)
            return session if page.seen_before(request_key) else act(page, session)

    def _forgotten(self, page: Page, session: FittingSession) -> FittingSession:
        if not session.visit:
            return session
        page.announce(events.ShopperLeftMirror(session.id, session.visit), session.cabin)
        garments = tuple(replace(garment, saved=False) for garment in session.garments)
        return self._stays.keep(page, session, visit="", garments=garments)


def _tags(epcs: Iterable[bytes]) -> list[str]:
    return [epc.hex().upper() for epc in sorted(set(epcs))[:TAGS_MAX]]


def _may_be_asked(page: Page, session: FittingSession, tag: str) -> bool:
    """It is not here already, nobody was asked, and it is in no other cabin."""
    asked = any(question.epc == tag for question in session.questions)
    known = asked or tag in session.denied or session.garment(tag) is not None
    return not known and page.forsaken(tag) is None and page.fitting_with(tag) is None


def _must_be_asked(session: FittingSession, tag: str) -> None:
    if all(question.epc != tag for question in session.questions):
        raise Refused("garment_gone")


def _without(session: FittingSession, tag: str) -> tuple[Question, ...]:
    return tuple(question for question in session.questions if question.epc != tag)


def _in_basket(session: FittingSession, tag: str, basket: str) -> tuple[Garment, ...]:
    return tuple(replace(one, basket=basket) if one.epc == tag else one for one in session.garments)


def _tell_of(page: Page, tag: str) -> None:
    forsaken = page.forsaken(tag)
    if forsaken is None or forsaken.told:
        return
    page.save_forsaken(replace(forsaken, told=True))
    page.announce(events.GarmentLeftBehind(forsaken.cabin, forsaken.gtin, tag), forsaken.cabin)
    page.open_task(LEFT_BEHIND, tag, forsaken.cabin)
