"""Books kept in memory, and the fixture that tries every rule of the counter on all kinds of books."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from checkout.basket import PAYING, Basket, Parked, Returned
from checkout.catalogue import Article
from checkout.closing import Closing
from checkout.coupons import NO_COUPONS, Coupon, Coupons
from checkout.deposit import EmptiesRules
from checkout.events import Event, TaskDone, TaskOpened
from checkout.gift_cards import GiftCard
from checkout.handed_in import CHAIN_WIDE, HandedIn
from checkout.ledger import LedgerEntry, Posting, is_drawer
from checkout.payment import HELD_STATES, OPEN_STATES, Payment
from checkout.phone_lane import ExitPass, Phone
from checkout.ports import Memory, WaitingTask
from checkout.promotions import Promotion
from checkout.receipt import Receipt
from checkout.shopper import VisitCard
from tests.conftest import CountingChance, Shop, StandingClock

CURRENT = ("open", "paying", "paid")


@dataclass
class Sheet:
    """Everything the books hold: a `checkout.ports.Page`, and what a torn page falls back to."""

    chance: CountingChance
    clock: StandingClock
    articles: dict[str, Article] = field(default_factory=dict)
    announced: list[tuple[Event, str]] = field(default_factory=list)
    recalls: set[tuple[str, str]] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)
    baskets: dict[str, Basket] = field(default_factory=dict)
    parked_baskets: dict[str, Parked] = field(default_factory=dict)
    phones_here: dict[str, Phone] = field(default_factory=dict)
    exits: dict[str, ExitPass] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    sold_tags: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    cards: dict[str, VisitCard] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    paper: dict[str, Receipt] = field(default_factory=dict)
    returned: dict[tuple[int, int, int], str] = field(default_factory=dict)
    running: tuple[Promotion, ...] = ()
    tasks: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    gift_cards: dict[str, GiftCard] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    papers: list[tuple[str, HandedIn]] = field(default_factory=list)
    asked: dict[str, dt.datetime] = field(default_factory=dict)
    coupons: Coupons = NO_COUPONS
    memory: dict[tuple[str, str], object] = field(default_factory=dict)

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

    def parked(self) -> Sequence[Parked]:
        return list(self.parked_baskets.values())

    def parked_under(self, code: str) -> Parked | None:
        return next((parked for parked in self.parked() if parked.code == code), None)

    def save_parked(self, parked: Parked) -> None:
        self.parked_baskets[parked.basket] = parked

    def forget_parked(self, basket: str) -> None:
        del self.parked_baskets[basket]

    def phones(self) -> Sequence[Phone]:
        return sorted(self.phones_here.values(), key=lambda phone: phone.since)

    def phone_by_key(self, key: str) -> Phone | None:
        return next((phone for phone in self.phones() if phone.key == key), None)

    def save_phone(self, phone: Phone) -> None:
        others = [one.lane for one in self.phones() if one.id != phone.id]
        assert phone.lane not in others, "one phone a lane"
        self.phones_here[phone.id] = phone

    def forget_phone(self, id: str) -> None:
        del self.phones_here[id]

    def exit_of(self, basket: str) -> ExitPass | None:
        return self.exits.get(basket)

    def exit_under(self, code: str) -> ExitPass | None:
        return next((known for known in self.exits.values() if known.code == code), None)

    def save_exit(self, allowed: ExitPass) -> None:
        self.exits[allowed.basket] = allowed

    def article(self, gtin: str) -> Article | None:
        return self.articles.get(gtin)

    def articles_among(self, gtins: Collection[str]) -> dict[str, Article]:
        return {gtin: article for gtin in gtins if (article := self.article(gtin)) is not None}

    def article_of_item(self, item: str) -> Article | None:
        return next((article for article in self.articles.values() if article.item == item), None)

    def articles_of_code(self, code: str) -> list[tuple[Article, int]]:
        meant = [article for article in self.articles.values() if code in article.codes]
        return [(article, article.codes[code]) for article in sorted(meant, key=lambda article: article.gtin)]

    def is_recalled(self, gtin: str, batch: str) -> bool:
        return not self.recalls.isdisjoint({(gtin, ""), (gtin, batch)})

    def recall(self, gtin: str, batch: str) -> bool:
        new = (gtin, batch) not in self.recalls
        self.recalls.add((gtin, batch))
        return new

    def lift_recall(self, gtin: str, batch: str) -> bool:
        known = (gtin, batch) in self.recalls
        self.recalls.discard((gtin, batch))
        return known

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

    def hand_in(self, basket: str, paper: HandedIn, times_max: int = 1) -> bool:
        known = [p for _, p in self.papers if (p.paper, p.id) == (paper.paper, paper.id)]
        if len(known) >= times_max:
            return False
        self.papers.append((basket, paper))
        if paper.paper in CHAIN_WIDE:
            self.asked[basket] = self.clock()
        return True

    def still_asked(self, basket: str, since: dt.datetime) -> bool:
        """Nobody answers in memory."""
        return (
            any(holder == basket for holder, _ in self.papers)
            and basket in self.asked
            and (self.asked[basket] > since)
        )

    def hand_back(self, basket: str, about: str = "") -> None:
        self.papers = [
            (holder, paper)
            for holder, paper in self.papers
            if holder != basket or about not in ("", paper.about)
        ]

    def handed_in(self, basket: str) -> tuple[HandedIn, ...]:
        return tuple(paper for holder, paper in self.papers if holder == basket)

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
        return (*self.running, card.offer.promotion()) if card and card.offer else self.running

    def payment(self, id: str) -> Payment | None:
        return self.payments.get(id)

    def open_payment(self, basket: str) -> Payment | None:
        found = [p for p in self.payments.values() if p.basket == basket and p.state in OPEN_STATES]
        assert len(found) <= 1, "one open payment a basket"
        return found[0] if found else None

    def held_payments(self, basket: str) -> Sequence[Payment]:
        held = [p for p in self.payments.values() if p.basket == basket and p.state in HELD_STATES]
        return sorted(held, key=lambda part: (part.asked_at, part.id))

    def lanes_paying(self) -> Sequence[str]:
        return sorted(basket.lane for basket in self.baskets.values() if basket.state == PAYING)

    def save_payment(self, payment: Payment) -> None:
        self.payments[payment.id] = payment

    def next_receipt_number(self) -> int:
        return len(self.paper) + 1

    def save_receipt(self, receipt: Receipt, basket: str) -> None:
        assert basket not in self.paper, "one receipt a basket"
        self.paper[basket] = receipt

    def receipt(self, number: int) -> Receipt | None:
        return next((receipt for receipt in self.paper.values() if receipt.number == number), None)

    def receipt_by_link(self, link: str) -> Receipt | None:
        return next((receipt for receipt in self.paper.values() if receipt.link == link), None)

    def returned_pieces(self, receipt: int, line: int) -> frozenset[int]:
        return frozenset(piece for of, at, piece in self.returned if (of, at) == (receipt, line))

    def hold_pieces(self, of: Returned, basket: str) -> None:
        for piece in of.pieces:
            assert (of.receipt, of.line, piece) not in self.returned, "a piece comes back once"
            self.returned[of.receipt, of.line, piece] = basket

    def release_pieces(self, of: Returned) -> None:
        for piece in of.pieces:
            del self.returned[of.receipt, of.line, piece]

    def free_epc(self, epc: str) -> None:
        self.tags.pop(epc, None)
        self.sold_tags.discard(epc)

    def receipts_after(self, number: int, limit: int) -> Sequence[Receipt]:
        return [receipt for receipt in self.paper.values() if receipt.number > number][:limit]

    def gift_card(self, reference: str) -> GiftCard | None:
        return self.gift_cards.get(reference)

    def save_gift_card(self, card: GiftCard) -> None:
        self.gift_cards[card.reference] = card

    def post(self, posting: Posting) -> None:
        for account, sign in ((posting.source, -1), (posting.target, 1)):
            amount_minor = sign * posting.amount_minor
            balance_minor = self.balance(account) + amount_minor
            number = len(self.ledger) + 1
            entry = LedgerEntry(
                number, account, posting.why, amount_minor, balance_minor, self.clock().isoformat()
            )
            self.ledger.append(entry)

    def balance(self, account: str) -> int:
        return sum(entry.amount_minor for entry in self.ledger if entry.account == account)

    def ledger_after(self, number: int, limit: int) -> Sequence[LedgerEntry]:
        return [e for e in self.ledger if e.number > number and is_drawer(e.account)][:limit]

    def last_closing(self) -> Closing | None:
        return self.closings[-1] if self.closings else None

    def save_closing(self, closing: Closing) -> None:
        self.closings.append(closing)

    def journal_number(self) -> int:
        return len(self.announced)

    def times_announced(self, after: int, names: Sequence[str]) -> Mapping[str, int]:
        return Counter(name for event, _ in self.announced[after:] if (name := type(event).__name__) in names)

    def open_task(self, kind: str, about: str, lane: str) -> str:
        for task, (its_kind, its_subject, _lane) in self.tasks.items():
            if (its_kind, its_subject) == (kind, about):
                return task
        task = self.chance.id()
        self.tasks[task] = (kind, about, lane)
        self.announce(TaskOpened(task, kind, about), lane)
        return task

    def waiting_task(self, id: str) -> WaitingTask | None:
        return WaitingTask(*self.tasks[id]) if id in self.tasks else None

    def called_about(self, about: str) -> Collection[str]:
        return [kind for kind, subject, _lane in self.tasks.values() if subject == about]

    def close_task(self, id: str, outcome: str) -> bool:
        if id not in self.tasks:
            return False
        self.announce(TaskDone(id, outcome), self.tasks.pop(id)[2])
        return True

    def close_tasks(self, about: str, outcome: str, *, kind: str = "") -> None:
        for task, (its_kind, subject, _lane) in list(self.tasks.items()):
            if subject == about and kind in ("", its_kind):
                self.close_task(task, outcome)

    def remembered(self, kind: type[Memory], about: str) -> Memory | None:
        found = self.memory.get((kind.__name__, about))
        assert found is None or isinstance(found, kind)
        return found

    def remember(self, about: str, value: object) -> None:
        self.memory[type(value).__name__, about] = value


class MemoryBooks:
    """`checkout.ports.Books` without a database."""

    def __init__(self, chance: CountingChance, clock: StandingClock, coupons: Coupons = NO_COUPONS) -> None:
        self.coupons = coupons
        self.sheet = Sheet(chance, clock, coupons=coupons)

    @contextmanager
    def page(self) -> Iterator[Sheet]:
        page = copy.copy(self.sheet)
        for name, kept in vars(self.sheet).items():
            if name not in ("chance", "clock"):
                setattr(page, name, copy.copy(kept))
        yield page
        self.sheet = page


class MemoryShop(Shop):
    books: MemoryBooks

    def __init__(self, *, coupons: Sequence[Coupon] = (), empties: EmptiesRules | None = None) -> None:
        chance, clock = CountingChance(), StandingClock()
        super().__init__(MemoryBooks(chance, clock, Coupons(coupons)), clock, chance, empties=empties)

    def put_on_the_shelf(self, *articles: Article) -> None:
        self.books.sheet.articles.update({article.gtin: article for article in articles})

    def run(self, *promotions: Promotion) -> None:
        """Let promotions run in this shop."""
        self.books.sheet.running = promotions

    def _events(self) -> list[Event]:
        return [event for event, _lane in self.books.sheet.announced]

    def receipts(self) -> list[Receipt]:
        return list(self.books.sheet.paper.values())

    def waiting_tasks(self) -> list[tuple[str, str]]:
        return sorted((kind, about) for kind, about, _lane in self.books.sheet.tasks.values())

    def ledger_sums(self) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for entry in self.books.sheet.ledger:
            sums[entry.account] += entry.amount_minor
        return dict(sums)


@pytest.fixture(scope="session")
def new_memory_shop() -> Callable[[], Shop]:
    """Opens shops that cost nothing: for laws that are tried on hundreds of baskets."""

    def new_shop(**rules: Any) -> Shop:
        shop = MemoryShop(**rules)
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
