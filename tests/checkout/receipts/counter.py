"""The counter on which worked receipts are played: verbs for `done`, and the receipt's rows as text."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from biip.checksums import gs1_price_weight_check_digit

from checkout.basket import Basket
from checkout.catalogue import Article, ListPrice
from checkout.coupons import Coupon, euro_amount_minor
from checkout.gift_cards import reference_of
from checkout.pay_desk import PayDesk
from checkout.promotions import Promotion, build
from checkout.receipt import Receipt, ReceiptLine, Tendered
from checkout.restrictions import SaleBan
from checkout.shopper import Membership, PersonalOffer, VisitCard
from checkout.staff import RIGHTS, Clerk
from tests.conftest import Shop, with_check_digit

LANE = "1"
FNC1 = "\x1d"
CLERKS = {
    "anna": Clerk("c-anna", frozenset({"serve", "returns"})),
    "bert": Clerk("c-bert", frozenset({"serve"})),
    "carla": Clerk("c-carla", frozenset({"serve", "returns", "approve"})),
}
"""Anna takes goods back, Bert only serves, Carla may be the second person."""
LANES = ("1", "2")
CLERK, COLLEAGUE = Clerk("c-1", RIGHTS), Clerk("c-2", RIGHTS)
CASHIER = Clerk("clerk-1", frozenset({"serve", "cash", "close"}))


@dataclass
class Counter:
    """One shop in play. `articles` are the file's, by the word that it calls them."""

    shop: Shop
    articles: Mapping[str, Article]
    code: str = ""
    """Under which the last basket was parked."""
    card: str = ""
    """The code of the gift card in the shopper's hand."""

    def basket(self) -> Basket | None:
        return self.shop.basket(LANE)

    def scan(self, word: str) -> Basket:
        return self.shop.till.scan(LANE, self.articles[word].gtin, how="serial")


def settle(counter: Counter, lane: str = LANE) -> None:
    """Pay what is left by card, or be paid out in cash; where it is even, there is nothing to ask for."""
    counter.shop.settle(lane)


Verb = Callable[[Counter, re.Match[str]], object]
VERBS: list[tuple[re.Pattern[str], Verb]] = []


def verb(pattern: str) -> Callable[[Verb], Verb]:
    """What a row of `done` may say, as a pattern for all of it."""

    def keep(act: Verb) -> Verb:
        VERBS.append((re.compile(pattern), act))
        return act

    return keep


def do(counter: Counter, said: str) -> None:
    """Play one row of `done`. Raises Refused as the till does; AssertionError if nobody knows the words."""
    if said in counter.articles:
        counter.scan(said)
        return
    for pattern, act in VERBS:
        if found := pattern.fullmatch(said):
            act(counter, found)
            return
    raise AssertionError(f"{said!r} is no article of this file, and no verb")


@verb(r"(\d+) (\D.*)")
def scan_many(counter: Counter, said: re.Match[str]) -> None:
    basket = counter.scan(said[2])
    counter.shop.till.change_quantity(LANE, len(basket.lines), int(said[1]))


@verb(r"(\D+) (\d+) g")
def scan_label(counter: Counter, said: re.Match[str]) -> None:
    """A label from the scale with the weight in it (28 and the item's number)."""
    item = counter.articles[said[1]].item
    weight = f"{int(said[2]):05}"
    label = with_check_digit(f"28{item}{gs1_price_weight_check_digit(weight)}{weight}")
    counter.shop.till.scan(LANE, label, how="serial")


@verb(r"(\D+) with (.+)")
def scan_element_string(counter: Counter, said: re.Match[str]) -> None:
    """A GS1-128 code, with facts behind the article: `milk with batch L7, use by 2026-11-20`."""
    text = f"01{counter.articles[said[1]].gtin:0>14}"
    for fact in said[2].split(", "):
        text += _element(fact) + FNC1
    counter.shop.till.scan(LANE, text, how="serial", symbology="]C1")


def _element(fact: str) -> str:
    """One application identifier with its data (GS1 General Specifications, section 3)."""
    match fact.split():
        case ["batch", batch]:
            return f"10{batch}"
        case ["use", "by", day]:
            return f"17{day[2:4]}{day[5:7]}{day[8:]}"
        case ["best", "before", day]:
            return f"15{day[2:4]}{day[5:7]}{day[8:]}"
        case [grams, "g"]:
            return f"3103{int(grams):06}"
        case [millimetres, "mm"]:
            return f"3113{int(millimetres):06}"
        case [euros, "EUR"]:
            return f"3922{minor(euros)}"
        case [count, "pieces"]:
            return f"30{count}"
    raise AssertionError(f"{fact!r} is nothing that a code tells here")


@verb(r"(\D+) (\d+) mm")
def cut_off(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.add_measured(LANE, counter.articles[said[1]].gtin, length_mm=int(said[2]))


@verb(r"(\D+) for ([\d.]+)")
def scan_price_label(counter: Counter, said: re.Match[str]) -> None:
    """A label from the scale with the price in it (22 and the item's number)."""
    item = counter.articles[said[1]].item
    price = f"{minor(said[2]):05}"
    label = with_check_digit(f"22{item}{gs1_price_weight_check_digit(price)}{price}")
    counter.shop.till.scan(LANE, label, how="serial")


@verb(r"code (\d+)")
def scan_digits(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.scan(LANE, said[1], how="serial")


@verb(r"recall (\w+)(?: batch (\w+))?")
def recall(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.recalls.recall(counter.articles[said[1]].gtin, said[2] or "")


@verb(r"void (\d+)")
def void(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.void(LANE, int(said[1]))


@verb(r"return (?:(\d+) of )?line (\d+) of receipt (\d+)(?:, (\w+))?(?: by (\w+))?(?: and (\w+))?")
def bring_back(counter: Counter, said: re.Match[str]) -> None:
    """All that is left of the line if no number is said; `by` a clerk, `and` a second one."""
    many, line, receipt, reason, by, second = said.groups()
    left = counter.shop.returns.find(receipt)[1][int(line) - 1]
    counter.shop.returns.bring_back(
        LANE,
        receipt,
        int(line),
        int(many or left or 1),
        reason=reason or "changed_mind",
        clerk=CLERKS[by or "anna"],
        second=CLERKS.get(second),
    )


@verb(r"return without receipt (?:(\d+) )?([^,]+?)(?:, (\w+))?(?: by (\w+))?(?: and (\w+))?")
def bring_back_without_receipt(counter: Counter, said: re.Match[str]) -> None:
    many, word, reason, by, second = said.groups()
    counter.shop.returns.bring_back_without_receipt(
        LANE,
        counter.articles[word].gtin,
        int(many or 1),
        reason=reason or "changed_mind",
        clerk=CLERKS[by or "anna"],
        second=CLERKS.get(second),
    )


@verb(r"pay")
def pay(counter: Counter, said: re.Match[str]) -> None:
    """Pay now: another basket follows, or it is refused."""
    settle(counter)


@verb(r"wait (\d+) days")
def wait(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.clock.forward(days=int(said[1]))


@verb(r"head office offers (\d+) % off (.+)")
def identify(counter: Counter, said: re.Match[str]) -> None:
    """A shopper whom head office makes an offer."""
    visit = counter.shop.till.scan(LANE, "EMMA1.anna", how="camera").visit
    offer = PersonalOffer("offer", counter.articles[said[2]].gtin, int(said[1]), {})
    counter.shop.till.visits.welcome(visit, LANE, VisitCard(True, offer=offer))


@verb(r"line (\d+) is (\d+)")
def change_quantity(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.change_quantity(LANE, int(said[1]), int(said[2]))


@verb(r"park(?: on (\d))?")
def park(counter: Counter, said: re.Match[str]) -> None:
    counter.code = counter.shop.parking.park(said[1] or LANE).code


@verb(r"resume(?: on (\d))?")
def resume(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.scan(said[1] or LANE, counter.code, how="serial")


@verb(r"walk away")
def walk_away(counter: Counter, said: re.Match[str]) -> None:
    """In a shop that parks what was left behind."""
    with counter.shop.books.page() as page:
        basket = page.basket_on(LANE)
        assert basket is not None
        counter.shop.parking.park_left(page, basket, "left")
        counter.code = page.parked()[-1].code


@verb(r"cancel")
def cancel(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.cancel(LANE)


@verb(r"wait (\d+) h")
def wait_hours(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.clock.forward(hours=int(said[1]))


@verb(r"(\D+) on (\d)")
def scan_on(counter: Counter, said: re.Match[str]) -> None:
    """A scan on another lane than the first."""
    counter.shop.till.scan(said[2], counter.articles[said[1]].gtin, how="serial")


@verb(r"it is (\d\d:\d\d)")
def look_at_the_clock(counter: Counter, said: re.Match[str]) -> None:
    clock = counter.shop.clock
    clock.now = dt.datetime.combine(clock.now.date(), dt.time.fromisoformat(said[1]), dt.UTC)


@verb(r"the price of (.+) is now ([\d.]+)")
def change_list_price(counter: Counter, said: re.Match[str]) -> None:
    article = counter.articles[said[1]]
    counter.shop.put_on_the_shelf(replace(article, price_minor=minor(said[2])))


@verb(r"(eat in|take away)")
def serve(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.terms.eat_in(LANE, said[1] == "eat in")


@verb(r"for the group (\w+)")
def sell_to_group(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.terms.sell_to(LANE, said[1])


@verb(r"override line (\d+) to ([\d.]+) because (\w+)( with a colleague)?")
def override_price(counter: Counter, said: re.Match[str]) -> None:
    second = COLLEAGUE if said[4] else None
    counter.shop.till.terms.override_price(LANE, int(said[1]), minor(said[2]), said[3], CLERK, second)


@verb(r"override of line (\d+) taken back")
def take_back_override(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.terms.take_back_override(LANE, int(said[1]), CLERK)


@verb(r"age (\d+) confirmed")
def confirm_age(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.terms.confirm_age(LANE, CLERK, int(said[1]))


@verb(r"age not confirmed")
def refuse_age(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.terms.confirm_age(LANE, CLERK, 0)


@verb(r"tax free")
def sell_tax_free(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.terms.sell_tax_free(LANE)


# Money


@verb(r"gift card ([\d.]+)")
def sell_gift_card(counter: Counter, said: re.Match[str]) -> None:
    """A blank card goes into the basket, with so much on it."""
    (counter.card,) = counter.shop.cards.print_blank(1, CASHIER)
    counter.shop.cards.sell(LANE, counter.card, minor(said[1]))


@verb(r"has a gift card of ([\d.]+)")
def has_gift_card(counter: Counter, said: re.Match[str]) -> None:
    """Bought before, at another lane."""
    (counter.card,) = counter.shop.cards.print_blank(1, CASHIER)
    counter.shop.cards.sell("9", counter.card, minor(said[1]))
    counter.shop.pay_desk.pay_cash("9", minor(said[1]))


@verb(r"has a blank gift card")
def has_blank_card(counter: Counter, said: re.Match[str]) -> None:
    (counter.card,) = counter.shop.cards.print_blank(1, CASHIER)


@verb(r"the gift card is blocked")
def block_gift_card(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.cards.block(reference_of(counter.card), CASHIER)


@verb(r"cash is rounded")
def round_cash(counter: Counter, said: re.Match[str]) -> None:
    shop = counter.shop
    shop.pay_desk = PayDesk(shop.books, shop.cashier.settlement, rounds_cash=True)


@verb(r"no cash here")
def no_cash(counter: Counter, said: re.Match[str]) -> None:
    shop = counter.shop
    shop.pay_desk = PayDesk(shop.books, shop.cashier.settlement, takes_cash=lambda lane: False)


@verb(r"pay cash ([\d.]+)")
def pay_cash(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.clock.forward(seconds=1)
    counter.shop.pay_desk.pay_cash(LANE, minor(said[1]))


@verb(r"hand in gift card")
def hand_in_gift_card(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.gift_cards.hand_in(LANE, counter.card)


@verb(r"pay gift card(?: ([\d.]+))?")
def pay_gift_card(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.clock.forward(seconds=1)
    if not counter.basket().circumstances.gift_card:
        hand_in_gift_card(counter, said)
    counter.shop.pay_desk.pay_gift_card(LANE, minor(said[1] or 0))


@verb(r"pay card(?: ([\d.]+))?")
def pay_card(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.clock.forward(seconds=1)
    counter.shop.pay(LANE, minor(said[1] or 0))


@verb(r"card declined(?: ([\d.]+))?")
def decline_card(counter: Counter, said: re.Match[str]) -> None:
    sent = counter.shop.ask_and_send(LANE, amount_minor=minor(said[1] or 0))
    counter.shop.cashier.declined(sent.id, "card")


@verb(r"give up paying")
def give_up_paying(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.pay_desk.give_back(LANE)


# Empties and coupons


@verb(r"empties (\d+) (.+)")
def hand_back(counter: Counter, said: re.Match[str]) -> None:
    """So many of an article of the file, or of a kind of deposit, with staff looking on."""
    word = said[2]
    what = counter.articles[word].gtin if word in counter.articles else word
    clerk = Clerk("k1", frozenset({"serve"}))
    counter.shop.till.empties.take_empties(LANE, what, int(said[1]), clerk=clerk)


@verb(r"start empties")
def start_empties(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.empties.begin(LANE)


@verb(r"end empties")
def end_empties(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.empties.end(LANE)


@verb(r"voucher (\d+\.\d\d)(?: number (\d+))?")
def hand_in_voucher(counter: Counter, said: re.Match[str]) -> None:
    """What a reverse-vending machine printed: 980, its running number, the amount."""
    slip = with_check_digit(f"980{int(said[2] or 1):05}{minor(said[1]):04}")
    counter.shop.till.scan(LANE, slip, how="serial")


@verb(r"coupon (\S+)(?: serial (\d+))?")
def hand_in_coupon(counter: Counter, said: re.Match[str]) -> None:
    """A coupon by the file's word or by its number; with a serial it is a Global Coupon Number."""
    numbers = {coupon.name: coupon.number for coupon in counter.shop.books.coupons}
    number = numbers.get(said[1], said[1])
    counter.shop.till.scan(LANE, f"]C1255{number}{said[2]}" if said[2] else number, how="serial")


@verb(r"keep coupon (\S+)")
def keep_coupon(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.coupons.take_back(LANE, said[1])


@verb(r"give up")
def give_up(counter: Counter, said: re.Match[str]) -> None:
    counter.shop.till.cancel(LANE)


@verb(r"member: (-?\d+) points")
def greet_member(counter: Counter, said: re.Match[str]) -> None:
    """A code is shown, and head office answers: so many points, and as many to spend."""
    basket = counter.shop.till.scan(LANE, "EMMA1.member", how="serial")
    ends_at = (counter.shop.clock() + dt.timedelta(hours=4)).isoformat()
    member = Membership(int(said[1]), lease=max(0, int(said[1])), lease_ends_at=ends_at)
    counter.shop.till.visits.welcome(basket.visit, LANE, VisitCard(membership=member))


# The file's words


def read_bans(table: Mapping[str, Mapping[str, Any]]) -> tuple[SaleBan, ...]:
    """The hours at which groups are not sold, in one file."""
    return tuple(SaleBan(frozenset(ban["groups"]), ban["since"], ban["until"]) for ban in table.values())


def read_articles(table: Mapping[str, Mapping[str, Any]]) -> dict[str, Article]:
    """The price list of one file; numbers are made up in the order it is written in."""
    return {word: _article(n, word, facts) for n, (word, facts) in enumerate(table.items(), start=1)}


def _article(number: int, word: str, facts: Mapping[str, Any]) -> Article:
    more = dict(facts)
    unit = more.pop("unit", "piece")
    return Article(
        gtin=more.pop("gtin", with_check_digit(f"9520001{number:05}")),
        name={"de": word, "en": word},
        price_minor=minor(more.pop("price")),
        unit=unit,
        vat=more.pop("vat"),
        item=f"{number:04}" if unit == "kg" else "",
        deposit_minor=minor(more.pop("deposit", 0)),
        groups=tuple(more.pop("groups", ())),
        prices=tuple(_list_price(price) for price in more.pop("prices", ())),
        **more,
    )


def _list_price(facts: Mapping[str, Any]) -> ListPrice:
    until = facts.get("until")
    return ListPrice(
        dt.datetime.combine(facts["since"], dt.time()),
        minor(facts["price"]),
        dt.datetime.combine(until, dt.time()) + dt.timedelta(1) if until else None,
        facts.get("group", ""),
    )


def read_coupons(
    table: Mapping[str, Mapping[str, Any]], articles: Mapping[str, Article]
) -> tuple[Coupon, ...]:
    """The coupons of one file; `on` calls articles by the file's words, and groups by theirs."""
    return tuple(_coupon(word, dict(facts), articles) for word, facts in table.items())


def _coupon(word: str, facts: dict[str, Any], articles: Mapping[str, Article]) -> Coupon:
    on = tuple(articles[name].gtin if name in articles else name for name in facts.pop("on", ()))
    number = facts.pop("number", word.upper())
    amount_minor = minor(facts.pop("amount", 0)) or euro_amount_minor(number)
    spend = minor(facts.pop("spend", 0))
    called = {"de": word, "en": word}
    return Coupon(word, number, called, amount_minor, on=on, goods_minor_min=spend, **facts)


def read_promotions(
    table: Mapping[str, Mapping[str, Any]], articles: Mapping[str, Article]
) -> tuple[Promotion, ...]:
    """What runs in one file's shop: the kind and its terms; `gtins` are the words of its articles."""
    return tuple(
        build(terms["kind"], word, _with_numbers({k: v for k, v in terms.items() if k != "kind"}, articles))
        for word, terms in table.items()
    )


def _with_numbers(terms: Mapping[str, Any], articles: Mapping[str, Article]) -> dict[str, Any]:
    numbered = dict(terms)
    if "gtins" in numbered:
        numbered["gtins"] = [articles[word].gtin for word in numbered["gtins"]]
    if "parts" in numbered:
        numbered["parts"] = [_with_numbers(part, articles) for part in numbered["parts"]]
    return numbered


def minor(amount: object) -> int:
    """1.19 -> 119."""
    return int(Decimal(str(amount)) * 100)


# The receipt's rows


def rows_of(receipt: Receipt) -> Iterator[str]:
    """Everything that the receipt says, a row each."""
    letters = {part.rate_bp: string.ascii_uppercase[i] for i, part in enumerate(receipt.vat)}
    for line in receipt.lines:
        yield from _rows_of_line(line, letters[line.vat_bp])
    yield f"total {money(receipt.total_minor)}"
    if receipt.saved_minor:
        yield f"saved {money(receipt.saved_minor)}"
    for part in receipt.vat:
        rate = f"{part.rate_bp / 100:g} %"
        yield f"VAT {letters[part.rate_bp]} {rate} {money(part.vat_minor)} of {money(part.gross_minor)}"
    for part in receipt.tenders:
        yield from _rows_of_tender(part)
    if receipt.points:
        yield f"points before {receipt.points.before}"
        yield f"points for this {receipt.points.earned}"
        yield f"points now {receipt.points.after}"


def _rows_of_line(line: ReceiptLine, letter: str) -> Iterator[str]:
    much = f" {line.weight_g / 1000:.3f} kg" if line.weight_g else ""
    much += f" {line.length_mm / 1000:.3f} m" if line.length_mm else ""
    many = f"{line.quantity} x " if line.quantity > 1 else ""
    goods_minor = line.total_minor + line.discount_minor - line.deposit_minor
    yield f"{many}{line.name['en']}{much} {money(goods_minor)} {letter}"
    for reduction in line.reductions:
        yield f"- {reduction.by} {money(-reduction.amount_minor)}"
    if line.deposit_minor:
        yield f"+ deposit {money(line.deposit_minor)}"
    if (of := line.returned) is not None:
        whence = f"of receipt {of.receipt}, line {of.line}" if of.receipt else "without receipt"
        yield f"back {whence}: {of.reason}"


def _rows_of_tender(part: Tendered) -> Iterator[str]:
    yield f"paid by {part.kind.replace('_', ' ')} {money(part.amount_minor)}"
    if part.rounding_minor:
        yield f"+ rounding {money(part.rounding_minor)}"
    if part.change_minor:
        yield f"given {money(part.given_minor)}"
        yield f"change {money(part.change_minor)}"
    if part.kind == "gift_card":
        yield f"left on it {money(part.left_minor)}"


def money(amount_minor: int) -> str:
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100}.{abs(amount_minor) % 100:02}"
