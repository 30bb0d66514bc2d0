"""What the counter needs from the outside: books to write in, and a check of tokens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from checkout.basket import Basket, Parked, Returned
from checkout.closing import Closing
from checkout.coupons import Coupons
from checkout.events import Event
from checkout.gift_cards import GiftCard
from checkout.handed_in import HandedInPage
from checkout.ledger import LedgerEntry, Posting
from checkout.measure import GoodsLists
from checkout.payment import Payment
from checkout.phone_lane import ExitPass, Phone
from checkout.promotions import Promotion
from checkout.receipt import Receipt
from checkout.shopper import VisitCard

TokenCheck = Callable[[str], str]
"""Takes a token's text, gives its random id. Refused: token_unreadable, token_forged, token_expired."""


Memory = TypeVar("Memory")


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """What a human is needed for, and where."""

    kind: str
    about: str
    lane: str


class ParkedBaskets(Protocol):
    """What a page knows of baskets that were put aside."""

    def parked(self) -> Sequence[Parked]:
        """All parked baskets, the oldest first."""

    def parked_under(self, code: str) -> Parked | None: ...

    def save_parked(self, parked: Parked) -> None: ...

    def forget_parked(self, basket: str) -> None: ...


class PhonePage(Protocol):
    """What a page knows of shoppers' own phones, and of the codes by which they leave."""

    def phones(self) -> Sequence[Phone]:
        """All phones that have a lane, the oldest first."""

    def phone_by_key(self, key: str) -> Phone | None: ...

    def save_phone(self, phone: Phone) -> None: ...

    def forget_phone(self, id: str) -> None: ...

    def exit_of(self, basket: str) -> ExitPass | None: ...

    def exit_under(self, code: str) -> ExitPass | None: ...

    def save_exit(self, allowed: ExitPass) -> None:
        """Keep a basket's code; a basket has one, the newest."""


class ColleaguesNeeded(Protocol):
    """What a page knows of tasks for staff, and of what loss prevention remembers."""

    def open_task(self, kind: str, about: str, lane: str) -> str:
        """Ask for a human; gives the task's id. An open task of this kind about the same thing is kept."""

    def waiting_task(self, id: str) -> WaitingTask | None:
        """A task that nobody has done yet."""

    def called_about(self, about: str) -> Collection[str]:
        """The kinds of task that wait about this."""

    def close_task(self, id: str, outcome: str) -> bool:
        """Close one task. False if it does not wait (any more): then nothing is announced."""

    def close_tasks(self, about: str, outcome: str, *, kind: str = "") -> None:
        """Close all that wait about this, or only those of one kind."""

    def remembered(self, kind: type[Memory], about: str) -> Memory | None:
        """What loss prevention remembered last about a basket, an article or a tag."""

    def remember(self, about: str, value: object) -> None: ...


class MoneyPage(Protocol):
    """The part of a page that keeps the shop's money."""

    def payment(self, id: str) -> Payment | None: ...

    def open_payment(self, basket: str) -> Payment | None: ...

    def held_payments(self, basket: str) -> Sequence[Payment]:
        """The parts of a basket that the shop has the money of, in the order they were taken."""

    def save_payment(self, payment: Payment) -> None: ...

    def lanes_paying(self) -> Sequence[str]:
        """Lanes with a basket that is being paid."""

    def next_receipt_number(self) -> int: ...

    def save_receipt(self, receipt: Receipt, basket: str) -> None: ...

    def receipts_after(self, number: int, limit: int) -> Sequence[Receipt]:
        """The next receipts by number, at most `limit`."""

    def gift_card(self, reference: str) -> GiftCard | None: ...

    def save_gift_card(self, card: GiftCard) -> None: ...

    def post(self, posting: Posting) -> None:
        """Append a posting's two entries to the ledger."""

    def balance(self, account: str) -> int:
        """What lies on an account, in minor units; 0 for one that nobody has heard of."""

    def ledger_after(self, number: int, limit: int) -> Sequence[LedgerEntry]:
        """The next entries of drawers by number, at most `limit`."""

    def last_closing(self) -> Closing | None: ...

    def save_closing(self, closing: Closing) -> None: ...

    def journal_number(self) -> int:
        """The last entry of the journal."""

    def times_announced(self, after: int, names: Sequence[str]) -> Mapping[str, int]:
        """How often events of these names were announced after a journal number."""


class Page(GoodsLists, HandedInPage, MoneyPage, ParkedBaskets, PhonePage, ColleaguesNeeded, Protocol):
    """One transaction: what is read, saved and announced on a page happens together or not at all."""

    @property
    def coupons(self) -> Coupons:
        """The coupons that this shop takes."""

    def seen_before(self, request_key: str) -> bool:
        """True if a request with this key was carried out before; else it is remembered. "" is never seen."""

    def announce(self, event: Event, lane: str = "") -> None:
        """Write an event into the journal."""

    def basket_on(self, lane: str) -> Basket | None:
        """The lane's basket that is open, being paid or just paid."""

    def basket(self, id: str) -> Basket | None: ...

    def save_basket(self, basket: Basket) -> None: ...

    def epc_holder(self, epc: str) -> str | None:
        """The basket that holds this tag, "sold" once it was paid for, None if it is free."""

    def hold_epc(self, epc: str, basket: str) -> None: ...

    def release_epc(self, epc: str) -> None: ...

    def sell_epcs(self, basket: str) -> None: ...

    def use_token(self, token: str, visit: str, basket: str, text: str) -> bool:
        """Open a visit with a one-time token; False if this store has seen the token before."""

    def visit_card(self, visit: str) -> VisitCard | None:
        """What head office said about a visit; None as long as it has not answered, or the visit is over."""

    def save_visit_card(self, visit: str, card: VisitCard) -> None:
        """Keep the answer, and forget the token's text, which has done its work."""

    def end_visit(self, visit: str) -> None:
        """Forget everything personal that was kept for a visit."""

    def promotions(self, visit: str) -> Sequence[Promotion]:
        """What runs now, the visit's own offers included."""

    def receipt(self, number: int) -> Receipt | None: ...

    def receipt_by_link(self, link: str) -> Receipt | None: ...

    def returned_pieces(self, receipt: int, line: int) -> frozenset[int]:
        """The pieces of a receipt's line that came back, or lie in somebody's basket to do so."""

    def hold_pieces(self, of: Returned, basket: str) -> None:
        """Nobody else may bring these pieces back, as long as the basket does not let them go."""

    def release_pieces(self, of: Returned) -> None: ...

    def free_epc(self, epc: str) -> None:
        """A tag that was sold lies in the shop again."""


class Books(Protocol):
    @property
    def coupons(self) -> Coupons:
        """The coupons that this shop takes."""

    def page(self) -> AbstractContextManager[Page]:
        """A page to write on: committed when left in peace, torn out when left by an exception."""


class Chance(Protocol):
    """Where random ids come from."""

    def id(self) -> str:
        """A short random id, unique in the store."""

    def secret(self) -> str:
        """An unguessable text for an address."""

    def lot(self) -> float:
        """An unguessable number from 0 up to, but not, 1."""
