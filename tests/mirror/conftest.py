"""A shop with two cabins, on all kinds of books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from checkout.catalogue import Article
from checkout.staff import Clerk
from mirror.fitting_room import FittingRoom
from mirror.session import FittingSession, Forsaken
from tests.checkout.conftest import MemoryBooks, MemoryShop
from tests.checkout.conftest import Sheet as CounterSheet
from tests.conftest import CountingChance, Shop, StandingClock, StoreShop, sgtin_96, with_check_digit

ONE, TWO = "cabin-1", "cabin-2"
ANNA = Clerk("clerk-1", frozenset({"serve"}))
BEN = Clerk("clerk-2", frozenset({"serve"}))
CASH_ONLY = Clerk("clerk-3", frozenset({"cash"}))


def garment(number: int, style: str, size: str) -> Article:
    gtin = with_check_digit(f"9520001{number:05}")
    return Article(gtin, {"en": style}, 4990, "piece", "standard", style=style, size=size)


TEE_S, TEE_M, TEE_L = (garment(100 + n, "tee", size) for n, size in enumerate("SML"))
JEANS = garment(110, "jeans", "32/32")
CAP = garment(120, "", "One size")
GARMENTS = (TEE_S, TEE_M, TEE_L, JEANS, CAP)


def tag(article: Article, serial: int = 1) -> bytes:
    return sgtin_96(article.gtin, serial)


def hexed(epc: bytes) -> str:
    return epc.hex().upper()


@dataclass
class Sheet(CounterSheet):
    """The counter's sheet with cabins on it: a `mirror.ports.Page`."""

    stays: dict[str, FittingSession] = field(default_factory=dict)
    left: dict[str, Forsaken] = field(default_factory=dict)

    def fitting_in(self, cabin: str) -> FittingSession | None:
        return self.stays.get(cabin)

    def fitting_with(self, epc: str) -> FittingSession | None:
        return next((one for one in self.fittings() if one.garment(epc) is not None), None)

    def fittings(self) -> Sequence[FittingSession]:
        return [self.stays[cabin] for cabin in sorted(self.stays)]

    def save_fitting(self, session: FittingSession) -> None:
        before = self.stays.get(session.cabin)
        assert before is None or (before.id == session.id and before.version < session.version)
        self.stays[session.cabin] = session

    def forget_fitting(self, session: FittingSession) -> None:
        del self.stays[session.cabin]

    def forsaken_in(self, cabin: str) -> Sequence[Forsaken]:
        return [self.left[epc] for epc in sorted(self.left) if self.left[epc].cabin == cabin]

    def forsaken(self, epc: str) -> Forsaken | None:
        return self.left.get(epc)

    def save_forsaken(self, garment: Forsaken) -> None:
        self.left[garment.epc] = garment

    def forget_forsaken(self, epc: str) -> None:
        self.left.pop(epc, None)


class CabinBooks(MemoryBooks):
    def __init__(self, chance: CountingChance, clock: StandingClock) -> None:
        super().__init__(chance, clock)
        self.sheet = Sheet(chance, clock)


class MemoryCabinShop(MemoryShop):
    def __init__(self) -> None:
        chance, clock = CountingChance(), StandingClock()
        Shop.__init__(self, CabinBooks(chance, clock), clock, chance)


class Racks:
    """What is in stock, as a test says."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}

    def pieces(self, gtin: str) -> int | None:
        return self.counted.get(gtin)

    def position(self, gtin: str) -> str:
        return f"rail {gtin[-3:]}"


class Cabins:
    """A fitting room in a shop, and eyes to see what happens in its cabins."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.racks = Racks()
        shop.put_on_the_shelf(*GARMENTS)
        self.room = FittingRoom(
            shop.books,  # type: ignore[arg-type]
            shop.till,
            clock=shop.clock,
            chance=shop.chance,
            stock=self.racks,
        )
        self.requests = self.room.requests

    def in_cabin(self, cabin: str = ONE) -> FittingSession | None:
        with self.shop.books.page() as page:
            found: FittingSession | None = page.fitting_in(cabin)  # type: ignore[attr-defined]
            return found

    def session(self, cabin: str = ONE) -> FittingSession:
        session = self.in_cabin(cabin)
        assert session is not None
        return session

    def shown(self, cabin: str = ONE) -> list[str]:
        """The articles on the cabin's mirror, in the order in which they came."""
        session = self.in_cabin(cabin)
        return [one.gtin for one in session.garments] if session else []

    def left(self, cabin: str = ONE) -> list[Forsaken]:
        with self.shop.books.page() as page:
            return list(page.forsaken_in(cabin))  # type: ignore[attr-defined]

    def hang(self, *articles: Article, cabin: str = ONE, serial: int = 1) -> FittingSession | None:
        return self.room.arrive(cabin, [tag(one, serial) for one in articles])

    def take(self, *articles: Article, cabin: str = ONE, serial: int = 1) -> FittingSession | None:
        return self.room.leave(cabin, [tag(one, serial) for one in articles])


@pytest.fixture(scope="session")
def new_cabins() -> Callable[[], Cabins]:
    """Fitting rooms in memory, as many as a law wants."""

    def new() -> Cabins:
        shop = MemoryCabinShop()
        shop.put_on_the_shelf(*shop.assortment)
        return Cabins(shop)

    return new


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def cabins(request: pytest.FixtureRequest) -> Cabins:
    """One fitting room on each kind of books."""
    if request.param == "memory":
        new: Callable[[], Cabins] = request.getfixturevalue("new_cabins")
        return new()
    shop: StoreShop = request.getfixturevalue(f"{request.param}_shop")
    return Cabins(shop)
