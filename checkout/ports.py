"""What the counter needs from the outside: books to write in, and a check of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from checkout.basket import Basket
from checkout.catalogue import Article
from checkout.events import Event
from checkout.payment import Payment
from checkout.promotions import Promotion
from checkout.receipt import Receipt
from checkout.shopper import VisitCard

TokenCheck = Callable[[str], str]
"""Takes a token's text, gives its random id. Refused: token_unreadable, token_forged, token_expired."""


class Page(Protocol):
    """One transaction: what is read, saved and announced on a page happens together or not at all."""

    def seen_before(self, request_key: str) -> bool:
        """True if a request with this key was carried out before; else it is remembered. "" is never seen."""

    def announce(self, event: Event, lane: str = "") -> None:
        """Write an event into the journal."""

    def basket_on(self, lane: str) -> Basket | None:
        """The lane's basket that is open, being paid or just paid."""

    def basket(self, id: str) -> Basket | None: ...

    def save_basket(self, basket: Basket) -> None: ...

    def article(self, gtin: str) -> Article | None: ...

    def article_of_item(self, item: str) -> Article | None:
        """The article that a scale label's four digits mean."""

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

    def payment(self, id: str) -> Payment | None: ...

    def open_payment(self, basket: str) -> Payment | None: ...

    def save_payment(self, payment: Payment) -> None: ...

    def next_receipt_number(self) -> int: ...

    def save_receipt(self, receipt: Receipt, basket: str) -> None: ...

    def open_task(self, kind: str, about: str, lane: str) -> str:
        """Ask for a human; gives the task's id. An open task of this kind about the same thing is kept."""

    def close_tasks(self, about: str, outcome: str) -> None: ...


class Books(Protocol):
    def page(self) -> AbstractContextManager[Page]:
        """A page to write on: committed when left in peace, torn out when left by an exception."""


class Chance(Protocol):
    """Where random ids come from."""

    def id(self) -> str:
        """A short random id, unique in the store."""

    def secret(self) -> str:
        """An unguessable text for an address."""
