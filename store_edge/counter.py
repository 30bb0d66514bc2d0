"""The counter's use cases, each a room of `checkout`, opened on one store's books and settings."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from checkout import parking
from checkout.cash import Drawers
from checkout.cashier import Cashier
from checkout.compared import LISTED, Charged
from checkout.coupons import Coupons
from checkout.day import DayBook
from checkout.endings import give_up
from checkout.exits import Exits
from checkout.loyalty.programme import PROGRAMME, Programme, read_programme
from checkout.loyalty.purse import Purse
from checkout.pay_desk import PayDesk
from checkout.phone_lane import is_exit_code
from checkout.phones import PhoneRules, Phones
from checkout.ports import Chance, TokenCheck
from checkout.promotions import Promotion, WrongTerms, build
from checkout.providers import ProviderDesk
from checkout.recalls import Recalls
from checkout.receipt import Shop
from checkout.restrictions import SaleBan
from checkout.returns import ReturnRules, ReturnsDesk
from checkout.spot_check import Budget
from checkout.till import Till
from checkout.watch import Watch
from store_edge.db.books import StoreBooks
from store_edge.paper_rules import empties_rules
from store_edge.settings import BadSettings, Settings

Clock = Callable[[], dt.datetime]


class Counter:
    """What can be done at the counter, on all lanes of one store."""

    charged: Charged = LISTED
    """What everybody was charged in the past; whoever knows which promotions ran when says so."""

    def __init__(
        self,
        settings: Settings,
        books: StoreBooks,
        *,
        clock: Clock,
        chance: Chance,
        check_token: TokenCheck,
        has_terminal: Callable[[str], bool],
    ) -> None:
        self.settings, self.books, self.clock, self.has_terminal = settings, books, clock, has_terminal
        timezone, bans = ZoneInfo(settings.shop.timezone), bans_of(settings)
        self.parking = parking_of(settings, books, clock, chance)
        self.phones = phones_of(settings, books, clock, chance)
        self.exits = exits_of(settings, books, clock, chance)
        self.till = Till(
            books,
            clock=clock,
            chance=chance,
            check_token=check_token,
            timezone=timezone,
            language=settings.shop.language,
            bans=bans,
            empties=empties_rules(settings),
            when_left=self.parking.park_left if settings.parking.left_baskets else give_up,
        )
        self.purse = Purse(clock=clock, programme=load_programme(settings.points))
        self.watch = watch_of(settings, books, clock, chance)
        self.cashier = Cashier(
            books,
            clock=clock,
            chance=chance,
            shop=shop_of(settings),
            names=names_of(settings, books.coupons),
            has_terminal=has_terminal,
            has_provider=settings.has,
            purse=self.purse,
            timezone=timezone,
            bans=bans,
            before_payment=self.watch.before_payment,
            paper_wait=dt.timedelta(seconds=settings.limits.paper_s),
        )
        self.providers = ProviderDesk(books, self.cashier)
        self.pay_desk = PayDesk(
            books,
            self.cashier.settlement,
            takes_cash=lambda lane: lane in settings.cash.lanes,
            rounds_cash=settings.cash.round_to_5_cents,
            undoes_cards=has_terminal,
        )
        self.drawers = Drawers(books, blind=settings.cash.blind_count)
        self.days = DayBook(books, clock=clock, timezone=timezone, begins=day_begins(settings))
        self.recalls = Recalls(books)
        self.returns = ReturnsDesk(
            books,
            self.till.steps,
            shop=settings.shop.id,
            rules=return_rules(settings),
            lowest_price=lambda page, article: self.charged.lowest_before(article, self.wall_clock()),
        )

    def scan(self, lane: str, text: str, *, how: str, **more: str) -> None:
        """What a reader on the lane read: the code for its gate, or what is the till's. Raises Refused."""
        if is_exit_code(text):
            self.exits.leave(lane, text, how)
        else:
            self.till.scan(lane, text, how=how, **more)

    def wall_clock(self) -> dt.datetime:
        """The moment by the clock on the shop's wall, without a zone: price lists speak of it."""
        return self.clock().astimezone(ZoneInfo(self.settings.shop.timezone)).replace(tzinfo=None)


def running_promotions(settings: Settings) -> tuple[Promotion, ...]:
    """The promotions of `store.toml`, and the demo shop's. Raises BadSettings, naming the wrong one."""
    running, timezone = [], ZoneInfo(settings.shop.timezone)
    for name, promotion in settings.running.items():
        try:
            running.append(build(promotion.kind, name, promotion.terms, timezone))
        except WrongTerms as error:
            raise BadSettings(f"promotions.{name}.{error.key}: {error}") from None
    return tuple(running)


def names_of(settings: Settings, coupons: Coupons) -> dict[str, Mapping[str, str]]:
    """What receipts call promotions and coupons, by what stands on their reductions."""
    promotions = {name: promotion.name for name, promotion in settings.running.items() if promotion.name}
    return {**{coupon.by: coupon.called for coupon in coupons if coupon.called}, **promotions}


def bans_of(settings: Settings) -> tuple[SaleBan, ...]:
    return tuple(SaleBan(frozenset(ban.groups), ban.since, ban.until) for ban in settings.bans.values())


def return_rules(settings: Settings) -> ReturnRules:
    """What the shop takes back, out of its settings."""
    granted = settings.returns
    return ReturnRules(
        goodwill_days=granted.goodwill_days,
        fault_days=granted.fault_days,
        alone_minor_max=granted.alone_minor_max,
        alone_without_receipt_minor_max=granted.alone_without_receipt_minor_max,
        excluded=frozenset(granted.excluded_groups),
        without_receipt=granted.without_receipt,
    )


def parking_of(settings: Settings, books: StoreBooks, clock: Clock, chance: Chance) -> parking.Parking:
    """Where baskets are put aside."""
    kept = dt.timedelta(seconds=settings.parking.kept_s)
    return parking.Parking(books, clock=clock, chance=chance, kept=kept)


def phones_of(settings: Settings, books: StoreBooks, clock: Clock, chance: Chance) -> Phones:
    """Shoppers' own phones: none where the shop does not offer it."""
    phone = settings.phone
    rules = PhoneRules(phone.phones_max if phone.offered else 0, dt.timedelta(seconds=phone.idle_s))
    return Phones(books, clock=clock, chance=chance, rules=rules)


def exits_of(settings: Settings, books: StoreBooks, clock: Clock, chance: Chance) -> Exits:
    """The codes by which those leave who paid by phone."""
    good_for = dt.timedelta(seconds=settings.phone.exit_s)
    has_gate = partial(settings.has, "gate")
    return Exits(books, clock=clock, chance=chance, has_gate=has_gate, good_for=good_for)


def watch_of(settings: Settings, books: StoreBooks, clock: Clock, chance: Chance) -> Watch:
    """Loss prevention, with the lanes and the budget of the spot checks."""
    loss = settings.loss
    budget = Budget(loss.spot_check_share_max, loss.spot_check_random_share, frozenset(loss.sought_groups))
    return Watch(books, clock=clock, lot=chance.lot, spot_lanes=loss.spot_check_lanes, budget=budget)


def shop_of(settings: Settings) -> Shop:
    shop = settings.shop
    return Shop(shop.id, shop.name, shop.address, shop.tax_number, shop.currency)


def day_begins(settings: Settings) -> dt.time:
    """When the business day begins. Raises BadSettings for what is no time of day."""
    try:
        return dt.time.fromisoformat(settings.cash.day_begins)
    except ValueError:
        raise BadSettings(f"cash.day_begins is {settings.cash.day_begins!r}; write it like 04:00") from None


def load_programme(file: str) -> Programme:
    """The points programme written in a TOML file; the ordinary one for "". Raises BadSettings."""
    if not file:
        return PROGRAMME
    try:
        return read_programme(tomllib.loads(Path(file).read_text(encoding="utf-8")))
    except OSError as error:
        raise BadSettings(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # no TOML, no UTF-8, or no programme
        raise BadSettings(f"{file}: {error}") from None
