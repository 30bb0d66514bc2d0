"""Books kept in memory, and the fixture that tries every rule of the counter on all kinds of books."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from checkout.basket import Basket
from checkout.catalogue import Article
from checkout.events import Event, TaskDone, TaskOpened
from checkout.payment import OPEN_STATES, Payment
from checkout.promotions import Promotion
from checkout.receipt import Receipt
from checkout.shopper import VisitCard
from tests.conftest import CountingChance, Shop, StandingClock

CURRENT = ("open", "paying", "paid")


@dataclass
class Sheet:
    """Everything the books hold: a `checkout.ports.Page`, and what a torn page falls back to."""

    chance: CountingChance
    articles: dict[str, Article] = field(default_factory=dict)
    announced: list[tuple[Event, str]] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)
    baskets: dict[str, Basket] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    sold_tags: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    cards: dict[str, VisitCard] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    paper: dict[str, Receipt] = field(default_factory=dict)
    tasks: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def seen_before(self, request_key: str) -> bool:
        seen = request_key in self.requests
        if request_key:
            self.requests.add(request_key)
        return seen

    def announce(self, event: Event, lane: str = "") -> None:
        self.announced.append((event, lane))

    def basket_on(self, lane: str) -> Basket | None:
        here = [b for b in self.baskets.values() if b.lane == lane and b.state in CURRENT]
        assert len(here) <= 1, "one current basket on a lane"
        return here[0] if here else None

    def basket(self, id: str) -> Basket | None:
        return self.baskets.get(id)

    def save_basket(self, basket: Basket) -> None:
        before = self.baskets.get(basket.id)
        assert before is None or basket.version > before.version, "every change makes a new version"
        self.baskets[basket.id] = basket

    def article(self, gtin: str) -> Article | None:
        return self.articles.get(gtin)

    def article_of_item(self, item: str) -> Article | None:
        return next((article for article in self.articles.values() if article.item == item), None)

    def epc_holder(self, epc: str) -> str | None:
        return "sold" if epc in self.sold_tags else self.tags.get(epc)

    def hold_epc(self, epc: str, basket: str) -> None:
        assert epc not in self.tags, "a tag lies in one basket"
        self.tags[epc] = basket

    def release_epc(self, epc: str) -> None:
        if epc not in self.sold_tags:
            self.tags.pop(epc, None)

    def sell_epcs(self, basket: str) -> None:
        self.sold_tags |= {epc for epc, holder in self.tags.items() if holder == basket}

    def use_token(self, token: str, visit: str, basket: str, text: str) -> bool:
        fresh = token not in self.tokens
        self.tokens.add(token)
        return fresh

    def visit_card(self, visit: str) -> VisitCard | None:
        return self.cards.get(visit)

    def save_visit_card(self, visit: str, card: VisitCard) -> None:
        self.cards[visit] = card

    def end_visit(self, visit: str) -> None:
        self.cards.pop(visit, None)

    def promotions(self, visit: str) -> Sequence[Promotion]:
        card = self.cards.get(visit)
        return [card.offer.promotion()] if card and card.offer else []

    def payment(self, id: str) -> Payment | None:
        return self.payments.get(id)

    def open_payment(self, basket: str) -> Payment | None:
        found = [p for p in self.payments.values() if p.basket == basket and p.state in OPEN_STATES]
        assert len(found) <= 1, "one open payment a basket"
        return found[0] if found else None

    def save_payment(self, payment: Payment) -> None:
        self.payments[payment.id] = payment

    def next_receipt_number(self) -> int:
        return len(self.paper) + 1

    def save_receipt(self, receipt: Receipt, basket: str) -> None:
        assert basket not in self.paper, "one receipt a basket"
        self.paper[basket] = receipt

    def open_task(self, kind: str, about: str, lane: str) -> str:
        for task, (its_kind, its_subject, _lane) in self.tasks.items():
            if (its_kind, its_subject) == (kind, about):
                return task
        task = self.chance.id()
        self.tasks[task] = (kind, about, lane)
        self.announce(TaskOpened(task, kind, about), lane)
        return task

    def close_tasks(self, about: str, outcome: str) -> None:
        for task, (_kind, subject, lane) in list(self.tasks.items()):
            if subject == about:
                del self.tasks[task]
                self.announce(TaskDone(task, outcome), lane)


class MemoryBooks:
    """`checkout.ports.Books` without a database."""

    def __init__(self, chance: CountingChance) -> None:
        self.sheet = Sheet(chance)

    @contextmanager
    def page(self) -> Iterator[Sheet]:
        page = copy.copy(self.sheet)
        for name, kept in vars(self.sheet).items():
            if name != "chance":
                setattr(page, name, copy.copy(kept))
        yield page
        self.sheet = page


class MemoryShop(Shop):
    books: MemoryBooks

    def __init__(self) -> None:
        chance = CountingChance()
        super().__init__(MemoryBooks(chance), StandingClock(), chance)

    def put_on_the_shelf(self, *articles: Article) -> None:
        self.books.sheet.articles.update({article.gtin: article for article in articles})

    def _events(self) -> list[Event]:
        return [event for event, _lane in self.books.sheet.announced]

    def receipts(self) -> list[Receipt]:
        return list(self.books.sheet.paper.values())

    def waiting_tasks(self) -> list[tuple[str, str]]:
        return sorted((kind, about) for kind, about, _lane in self.books.sheet.tasks.values())


@pytest.fixture(scope="session")
def new_memory_shop() -> Callable[[], Shop]:
    """Opens shops that cost nothing: for laws that are tried on hundreds of baskets."""

    def new_shop() -> Shop:
        shop = MemoryShop()
        shop.put_on_the_shelf(*shop.assortment)
        return shop

    return new_shop


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """One shop on each kind of books: the rules of the counter hold on all of them."""
    if request.param == "memory":
        new_shop: Callable[[], Shop] = request.getfixturevalue("new_memory_shop")
        return new_shop()
    store_shop: Shop = request.getfixturevalue(f"{request.param}_shop")
    return store_shop
