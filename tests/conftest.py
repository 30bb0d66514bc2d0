"""What tests of several floors share: a small shop with a till, and the two engines its books may lie on.

`new_sqlite_shop` and `new_postgres_shop` open as many fresh shops as a test wants; each has a
database of its own. PostgreSQL is a cluster of this test run's own, on a socket in a temporary folder.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import create_engine, insert, select

from checkout.basket import Basket
from checkout.cash import Drawers
from checkout.cashier import Cashier
from checkout.catalogue import Article
from checkout.coupons import Coupon, Coupons
from checkout.day import DayBook
from checkout.deposit import DepositKinds, EmptiesRules
from checkout.errors import Refused
from checkout.events import Event
from checkout.exits import Exits
from checkout.parking import Parking
from checkout.pay_desk import PayDesk
from checkout.payment import Payment
from checkout.phones import PhoneRules, Phones
from checkout.ports import Books
from checkout.recalls import Recalls
from checkout.receipt import Receipt
from checkout.receipt import Shop as Seller
from checkout.restrictions import SaleBan
from checkout.returns import ReturnsDesk
from checkout.staff import Clerk
from checkout.till import Till
from checkout.watch import Watch
from store_edge.db import tables as t
from store_edge.db.books import StoreBooks
from store_edge.db.coding import decode, encode
from store_edge.db.engine import Database
from store_edge.db.journal import Journal

# Seeded and without a stopwatch: the same examples on every machine, however busy it is.
hypothesis.settings.register_profile("emma", deadline=None, derandomize=True, database=None, max_examples=60)
hypothesis.settings.load_profile("emma")

CLUSTER_START_S_MAX = 60
SELLER = Seller("demo", "Tante Emma", ("Marktplatz 1", "12345 Musterstadt"), "DE000000000")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes is left out unless `-m` speaks of it."""
    if "long" not in config.getoption("-m"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


class StandingClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


class CountingChance:
    """Ids in a row; `who` keeps those of two processes apart."""

    def __init__(self, who: str = "") -> None:
        self._who = who
        self._next = itertools.count(1)

    def id(self) -> str:
        return f"{self._who}i{next(self._next)}"

    def secret(self) -> str:
        return f"{self._who}s{next(self._next)}"

    def lot(self) -> float:
        """The golden ratio's multiples: evenly spread, and always the same."""
        return next(self._next) * 0.6180339887498949 % 1


def check_token(text: str) -> str:
    """A gate for tests: `EMMA1.<id>` is good, `EMMA1.token_forged` and its like are refused for that."""
    token = text.removeprefix("EMMA1.")
    if token.startswith("token_"):
        raise Refused(token)
    return token


def refuses(reason: str, act: Callable[[], object], **facts: object) -> None:
    """The act must be refused for that reason, with those facts among its facts."""
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.reason == reason
    assert facts.items() <= refused.value.facts.items()


def answer_or_reason(act: Callable[[], object]) -> tuple[object, str]:
    """What the act answered, or what it was refused for."""
    try:
        return act(), ""
    except Refused as refused:
        return None, refused.reason


def with_check_digit(digits: str) -> str:
    """GS1 General Specifications, section 7.9."""
    weighted = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighted % 10}"


def sgtin_96(gtin: str, serial: int) -> bytes:
    """EPC Tag Data Standard 2.x, section 14.6.1.1: a company prefix of 7 digits, filter 1."""
    bits = f"{0x30:08b}{1:03b}{5:03b}{int(gtin[:7]):024b}{int(gtin[7:12]):020b}{serial:038b}"
    return int(bits, 2).to_bytes(12, "big")


def _article(number: int, name: str, price_minor: int, unit: str, vat: str, item: str = "") -> Article:
    gtin = with_check_digit(f"9520001{number:05}")
    return Article(gtin, {"de": name, "en": name}, price_minor, unit, vat, item=item)


class Shop:
    """A till and a cashier on some books, a handful of articles, and eyes to see what happened."""

    milk = _article(1, "Milk", 119, "piece", "reduced")
    wine = _article(2, "Wine", 499, "piece", "standard")
    apples = _article(3, "Apples", 299, "kg", "reduced", item="0815")
    rolls = _article(4, "Rolls", 35, "piece", "reduced", item="0700")
    shirt = _article(5, "Shirt", 1999, "piece", "standard")
    cola = replace(_article(6, "Cola", 109, "piece", "standard"), deposit="single-use", deposit_minor=25)
    assortment = (milk, wine, apples, rolls, shirt, cola, *DepositKinds().articles())

    def __init__(
        self,
        books: Books,
        clock: StandingClock,
        chance: CountingChance,
        *,
        empties: EmptiesRules | None = None,
    ) -> None:
        self.books, self.clock, self.chance, self._empties = books, clock, chance, empties
        self.recalls = Recalls(books)
        self.open_counter()

    def open_counter(self, bans: Sequence[SaleBan] = ()) -> None:
        """A till and a cashier who know the hours at which some things are not sold."""
        clock, chance = self.clock, self.chance
        self.parking = Parking(self.books, clock=clock, chance=chance)
        self.till = Till(
            self.books,
            clock=clock,
            chance=chance,
            check_token=check_token,
            bans=bans,
            empties=self._empties,
        )
        self.watch = Watch(self.books, clock=clock, lot=chance.lot)
        self.phones = Phones(self.books, clock=clock, chance=chance, rules=PhoneRules(phones_max=3))
        self.exits = Exits(self.books, clock=clock, chance=chance, has_gate=lambda lane: lane == "1")
        self.cashier = Cashier(
            self.books,
            clock=clock,
            chance=chance,
            shop=SELLER,
            bans=bans,
            has_provider=lambda tender, lane: True,
            before_payment=self.watch.before_payment,
        )
        self.returns = ReturnsDesk(self.books, self.till.steps, shop=SELLER.id)
        self.pay_desk = PayDesk(self.books, self.cashier.settlement)
        self.cards = self.till.gift_cards
        self.drawers = Drawers(self.books)
        self.days = DayBook(self.books, clock=clock)

    def heard(self, *kinds: type[Event]) -> list[Event]:
        """What was announced and committed, oldest first; only those kinds if any are given."""
        return [event for event in self._events() if not kinds or isinstance(event, kinds)]

    def said(self) -> list[str]:
        """The names of everything announced."""
        return [type(event).__name__ for event in self._events()]

    def scan(self, article: Article, lane: str = "1", how: str = "serial", **more: str) -> Basket:
        return self.till.scan(lane, article.gtin, how=how, **more)

    def shirt_tag(self, serial: int = 1) -> bytes:
        return sgtin_96(self.shirt.gtin, serial)

    def holder(self, tag: bytes) -> str | None:
        with self.books.page() as page:
            return page.epc_holder(tag.hex().upper())

    def basket(self, lane: str = "1") -> Basket | None:
        with self.books.page() as page:
            return page.basket_on(lane)

    def payment(self, lane: str = "1") -> Payment | None:
        """The open payment of the lane's basket."""
        with self.books.page() as page:
            basket = page.basket_on(lane)
            return page.open_payment(basket.id) if basket else None

    def ask_and_send(self, lane: str = "1", receipt_before: int = 7, amount_minor: int = 0) -> Payment:
        self.cashier.ask_payment(lane, amount_minor=amount_minor)
        asked = self.payment(lane)
        assert asked is not None
        sent = self.cashier.send(asked.id, "terminal-1", receipt_before)
        assert sent is not None
        return sent

    def pay(self, lane: str = "1", amount_minor: int = 0) -> Basket:
        """From "please pay" to paid, or a part of it."""
        sent = self.ask_and_send(lane, amount_minor=amount_minor)
        return self.cashier.taken(sent.id, sent.receipt_before + 1, "girocard", "answer")

    def pay_with_gift_card(
        self, code: str, amount_minor: int = 0, lane: str = "1", request_key: str = ""
    ) -> Basket:
        """Hand the card in, and agree."""
        self.till.gift_cards.hand_in(lane, code, f"{request_key} handed in" if request_key else "")
        return self.pay_desk.pay_gift_card(lane, amount_minor, request_key)

    def settle(self, lane: str = "1") -> Basket:
        """Pay by card what is due, or be paid out in cash, or neither where it is even."""
        basket = self.basket(lane)
        assert basket is not None
        if basket.total_minor > 0:
            return self.pay(lane)
        if basket.total_minor == 0:
            return self.cashier.ask_payment(lane)
        self.drawers.put_float(lane, -basket.total_minor, Clerk("clerk-0", frozenset({"cash"})))
        return self.pay_desk.pay_out_cash(lane)

    # What lies in the books

    def put_on_the_shelf(self, *articles: Article) -> None:
        raise NotImplementedError

    def _events(self) -> list[Event]:
        raise NotImplementedError

    def receipts(self) -> list[Receipt]:
        raise NotImplementedError

    def waiting_tasks(self) -> list[tuple[str, str]]:
        """Kind and subject of each task that still needs a human."""
        raise NotImplementedError

    def ledger_sums(self) -> dict[str, int]:
        """The sum of each account's entries, for a look beside the balances."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what the shop holds."""


class StoreShop(Shop):
    """A shop on a real database."""

    def __init__(
        self,
        database: Database,
        who: str = "",
        *,
        coupons: Sequence[Coupon] = (),
        empties: EmptiesRules | None = None,
    ) -> None:
        clock, chance = StandingClock(), CountingChance(who)
        self.database = database
        self.journal = Journal(self.database, clock)
        taken = Coupons(coupons)
        books = StoreBooks(self.database, self.journal, clock=clock, chance=chance, coupons=taken)
        super().__init__(books, clock, chance, empties=empties)

    def put_on_the_shelf(self, *articles: Article) -> None:
        with self.database.write() as connection:
            connection.execute(t.articles.delete().where(t.articles.c.gtin.in_(a.gtin for a in articles)))
            rows = [{"gtin": a.gtin, "item": a.item, "body": encode(a)} for a in articles]
            connection.execute(insert(t.articles), rows)
            codes = [
                {"code": code, "gtin": a.gtin, "pieces": pieces}
                for a in articles
                for code, pieces in a.codes.items()
            ]
            if codes:
                connection.execute(insert(t.codes), codes)

    def _events(self) -> list[Event]:
        entries, after = [], 0
        while page := self.journal.read(after):
            entries += page
            after = page[-1].number
        return [entry.event() for entry in entries]

    def receipts(self) -> list[Receipt]:
        with self.database.read() as connection:
            bodies = connection.execute(select(t.receipts.c.body).order_by(t.receipts.c.number)).scalars()
            return [decode(body, Receipt) for body in bodies]

    def waiting_tasks(self) -> list[tuple[str, str]]:
        with self.database.read() as connection:
            rows = connection.execute(select(t.tasks.c.kind, t.tasks.c.about).where(t.is_waiting_task))
            return sorted((row.kind, row.about) for row in rows)

    def ledger_sums(self) -> dict[str, int]:
        query = select(t.ledger_entries.c.account, t.ledger_entries.c.amount_minor)
        sums: Counter[str] = Counter()
        with self.database.read() as connection:
            for account, amount_minor in connection.execute(query):
                sums[account] += amount_minor
        return dict(sums)

    def close(self) -> None:
        self.database.close()


def _migrated(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


# SQLite


@pytest.fixture(scope="session")
def new_sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Addresses of fresh databases with the newest schema: copies of one that was migrated once."""
    folder = tmp_path_factory.mktemp("stores")
    _migrated(f"sqlite:///{folder / 'empty.db'}")
    numbers = itertools.count(1)

    def new_url() -> str:
        file = shutil.copy(folder / "empty.db", folder / f"store-{next(numbers)}.db")
        return f"sqlite:///{file}"

    return new_url


# PostgreSQL


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Callable[[str], str]]:
    """A cluster of our own; gives the address of a database in it by its name."""
    programs = _postgres_programs()
    # Not pytest's folder: that one is closed to the user the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="emma-pg-"))
    as_user = _as_postgres(folder)
    data = folder / "data"
    try:
        plain = ("-U", "emma", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8")
        _run(as_user, programs / "initdb", "-D", data, *plain)
        calm = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        log = folder / "log"
        _run(as_user, programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", calm, "start")
        try:
            yield lambda name: f"postgresql+psycopg://emma@/{name}?host={folder}"
        finally:
            _run(as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _postgres_programs() -> Path:
    """Where initdb and pg_ctl are; skips where they are not."""
    beside_path = shutil.which("initdb")
    homes = [Path(beside_path).parent] if beside_path else []
    homes += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for home in homes:
        if (home / "initdb").exists() and (home / "pg_ctl").exists():
            return home
    pytest.skip("no PostgreSQL server is installed here (initdb, pg_ctl)")


def _as_postgres(folder: Path) -> list[str]:
    """The server refuses to run as root: then it runs as the user `postgres`."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    if shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no runuser")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["runuser", "-u", "postgres", "--"]


def _run(as_user: list[str], *words: object) -> None:
    done = subprocess.run(
        [*as_user, *map(str, words)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server keeps this open as long as it lives
        stderr=subprocess.DEVNULL,
        timeout=CLUSTER_START_S_MAX,
        check=False,
    )
    assert done.returncode == 0, f"{words[0]} gave {done.returncode}"


@pytest.fixture(scope="session")
def postgres_shelf(postgres_cluster: Callable[[str], str]) -> Iterator[tuple[Callable[[], str], list[str]]]:
    """Makes databases with the newest schema, and a list of those that were used and lie empty again."""
    office = create_engine(postgres_cluster("postgres"), isolation_level="AUTOCOMMIT")
    numbers = itertools.count(1)

    def create(template: str = "store_1") -> str:
        name = f"store_{next(numbers)}"
        with office.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return postgres_cluster(name)

    _migrated(create("template0"))
    yield create, []
    office.dispose()


@pytest.fixture
def new_blank_postgres_url(postgres_shelf: tuple[Callable[..., str], list[str]]) -> Callable[[], str]:
    """Addresses of databases without any table."""
    create, _empty = postgres_shelf
    return lambda: create("template0")


@pytest.fixture
def new_postgres_url(postgres_shelf: tuple[Callable[[], str], list[str]]) -> Iterator[Callable[[], str]]:
    """Addresses of fresh databases; emptied afterwards for the next test (making one takes long)."""
    create, empty = postgres_shelf
    used: list[str] = []

    def new_url() -> str:
        used.append(empty.pop() if empty else create())
        return used[-1]

    yield new_url
    for url in used:
        database = Database(url)
        wipe(database)
        database.close()
        empty.append(url)


def wipe(database: Database) -> None:
    """Empty all tables; the schema and the journal's epoch stay."""
    with database.write() as connection:
        for table in t.metadata.sorted_tables:
            if table is not t.meta:
                connection.exec_driver_sql(f"DELETE FROM {table.name}")


@pytest.fixture(params=["sqlite", "postgres"])
def new_store_url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Addresses of fresh, migrated store databases, on each engine in turn."""
    new_url: Callable[[], str] = request.getfixturevalue(f"new_{request.param}_url")
    return new_url


# Shops


@pytest.fixture
def open_shop() -> Iterator[Callable[..., StoreShop]]:
    """Opens a shop on a database address; `who` keeps two shops on one database apart."""
    shops: list[StoreShop] = []

    def open_one(url: str, who: str = "", **rules: Any) -> StoreShop:
        shops.append(StoreShop(Database(url), who, **rules))
        shops[-1].put_on_the_shelf(*Shop.assortment)
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.close()


@pytest.fixture(scope="session")
def kept_postgres_database(
    postgres_shelf: tuple[Callable[[], str], list[str]],
) -> Iterator[Database]:
    """One database for all tests that want but one shop: connecting costs more than they do."""
    create, _empty = postgres_shelf
    database = Database(create())
    yield database
    database.close()


@pytest.fixture
def postgres_shop(kept_postgres_database: Database) -> StoreShop:
    wipe(kept_postgres_database)
    shop = StoreShop(kept_postgres_database)
    shop.put_on_the_shelf(*shop.assortment)
    return shop


@pytest.fixture
def sqlite_shop(open_shop: Callable[..., StoreShop], new_sqlite_url: Callable[[], str]) -> StoreShop:
    return open_shop(new_sqlite_url())
