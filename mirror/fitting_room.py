"""The fitting room: what can happen in its cabins, in shop words.

Each use case is a page in the books, as at the till: it reads, decides, saves and announces together or not
at all. A cabin is a lane of the counter's, too: what is bought there lies in a basket of its own, and a
shopper who says who they are is the counter's visit. What staff are asked to bring is in `requests`.

Only what is surely in the cabin is shown as theirs; of the rest they are asked. When a session ends, all that
was known of the shopper ends with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from checkout.errors import Refused
from checkout.till import Till
from mirror.ports import Books, Chance, Clock, Stock
from mirror.request_desk import RequestDesk
from mirror.session import FittingSession

SCENES = ("day", "evening", "office")


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
        self._clock = clock
        self._chance = chance
        self._scenes = frozenset(scenes)
        self._language = language
        self.requests = RequestDesk(books, clock=clock, chance=chance, stock=stock)

    # What the reader tells

    def arrive(self, cabin: str, epcs: Iterable[bytes]) -> FittingSession | None:
        """These tags are surely in the cabin: the session as it is now, None if nothing of ours is there.

        Foreign, unknown and sold tags, those that were left behind here and those of which the shopper said
        that they are not theirs are passed over. A tag is in one session: it leaves the one it was in.
        """
        raise NotImplementedError

    def unsure(self, cabin: str, epc: bytes, chance_bp: int) -> FittingSession | None:
        """This tag may be here, with a chance in 10,000: the shopper is asked, once."""
        raise NotImplementedError

    def leave(self, cabin: str, epcs: Iterable[bytes]) -> FittingSession | None:
        """These tags are in the cabin no more. The last one leaves the session empty, for a while."""
        raise NotImplementedError

    # What the shopper does

    def confirm(self, cabin: str, epc: str, request_key: str = "") -> FittingSession:
        """Yes, this is mine. Raises Refused(garment_gone) if nobody asked (any more)."""
        raise NotImplementedError

    def deny(self, cabin: str, epc: str, request_key: str = "") -> FittingSession:
        """No, this is not mine: it is not asked again. Raises Refused(garment_gone)."""
        raise NotImplementedError

    def identify(self, cabin: str, text: str, request_key: str = "") -> FittingSession:
        """Greet the shopper whose one-time token this is.

        Raises Refused: token_unreadable, token_forged, token_expired, token_used, shopper_already_known.
        """
        raise NotImplementedError

    def forget(self, cabin: str, request_key: str = "") -> FittingSession:
        """The shopper would rather be a stranger: what was known of them goes, the garments stay."""
        raise NotImplementedError

    def save(self, cabin: str, gtin: str, request_key: str = "") -> FittingSession:
        """Keep a garment for later. Raises Refused: garment_gone, shopper_unknown (nobody to keep it for)."""
        raise NotImplementedError

    def buy(self, cabin: str, gtin: str, request_key: str = "") -> FittingSession:
        """Put a garment of this article into the cabin's basket; its tag is in no other one.

        Raises Refused: garment_gone, tag_sold, tag_in_other_basket, basket_being_paid, article_recalled, and
        what else the till refuses.
        """
        raise NotImplementedError

    def put_back(self, cabin: str, gtin: str, request_key: str = "") -> FittingSession:
        """Rather not: take it out of the cabin's basket. Raises Refused: garment_gone, basket_being_paid."""
        raise NotImplementedError

    def call_staff(self, cabin: str, request_key: str = "") -> None:
        """Call a colleague to the cabin, whether or not any garment is there."""
        raise NotImplementedError

    def light(self, cabin: str, scene: str, request_key: str = "") -> FittingSession:
        """Choose the light. Raises Refused(not_offered_here) for a scene that this shop does not have."""
        raise NotImplementedError

    def speak(self, cabin: str, language: str, request_key: str = "") -> FittingSession:
        """Choose the mirror's language."""
        raise NotImplementedError

    def show_look(self, cabin: str, gtins: Iterable[str]) -> FittingSession:
        """The mirror shows these together."""
        raise NotImplementedError

    def stay(self, cabin: str, request_key: str = "") -> FittingSession:
        """Somebody is still there: an idle session goes on, and one that was ended too early begins anew.

        A new session has what still hangs there, and nothing of the shopper before.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def left_behind(self, epc: str) -> None:
        """Nobody has carried this out after the session: staff are told. Nothing if it is gone by now."""
        raise NotImplementedError
