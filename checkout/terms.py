"""Under what terms a basket is sold: in what language, eaten here or not, at whose prices, from what age on.

Each use case is a page in the books, as in `till.py`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from checkout import events
from checkout.basket import GOODS, Basket, Line
from checkout.errors import Refused
from checkout.ports import Books, Page
from checkout.prices import at_group_price, overridden
from checkout.restrictions import (
    age_check_of,
    too_young_for,
)
from checkout.staff import Clerk
from checkout.steps import Steps
from checkout.tax import vat_bp


class Terms:
    """The use cases that change a sale but not its goods, for all lanes of one store."""

    def __init__(self, books: Books, steps: Steps) -> None:
        self._books = books
        self._steps = steps

    def speak(self, lane: str, language: str, request_key: str = "") -> Basket:
        """Go on in another language; screen and receipt follow. Opens a basket where there is none.

        Not announced: it changes how the sale is told, not what it is. Raises `Refused`.
        """
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language)
            if page.seen_before(request_key) or basket.language == language:
                return basket
            return self._steps.saved(page, replace(basket, language=language, version=basket.version + 1))

    def eat_in(self, lane: str, eat_in: bool, request_key: str = "", *, language: str = "") -> Basket:
        """Eaten here, or taken away: the whole basket has the rates of that. Opens a basket if there is none.

        Prices stay, only the tax in them changes. Raises `Refused`.
        """
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language)
            if page.seen_before(request_key) or basket.circumstances.eat_in == eat_in:
                return basket
            on, version = self._steps.today(), basket.version + 1
            lines = tuple(_served(line, on, eat_in, version) for line in basket.lines)
            circumstances = replace(basket.circumstances, eat_in=eat_in)
            basket = replace(basket, version=version, lines=lines, circumstances=circumstances)
            basket = self._steps.saved(page, basket)
            page.announce(events.ServingChanged(basket.id, basket.version, eat_in), lane)
            return basket

    def sell_to(self, lane: str, group: str, request_key: str = "") -> Basket:
        """The shopper belongs to a customer group: its prices hold from here on, "" is everybody's.

        What lies in the basket gets cheaper where it can, never dearer than it was shown. Raises `Refused`.
        """
        with self._books.page() as page:
            basket = self._steps.to_change(page, lane)
            if page.seen_before(request_key) or basket.circumstances.customer_group == group:
                return basket
            version = basket.version + 1
            lines = tuple(self._for_group(page, line, group, version) for line in basket.lines)
            circumstances = replace(basket.circumstances, customer_group=group)
            basket = replace(basket, version=version, lines=lines, circumstances=circumstances)
            basket = self._steps.saved(page, basket)
            page.announce(events.CustomerGroupChanged(basket.id, basket.version, group), lane)
            return basket

    def override_price(
        self,
        lane: str,
        line_number: int,
        price_minor: int,
        reason: str,
        clerk: Clerk,
        second: Clerk | None = None,
        request_key: str = "",
    ) -> Basket:
        """Staff set a line's price per piece, kilogram or metre, with a reason. Raises as `overridden`."""
        with self._books.page() as page:
            basket = self._steps.to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            line = overridden(basket.line(line_number), price_minor, reason, clerk, second)
            basket = self._steps.saved(page, basket.with_changed_line(line))
            event = events.PriceOverridden(
                basket.id,
                basket.version,
                line_number,
                price_minor,
                line.fixed_minor or line.unit_price_minor,
                basket.line(line_number).total_minor,
                reason,
                clerk.id,
                second.id if second else "",
            )
            page.announce(event, lane)
            return basket

    def take_back_override(self, lane: str, line_number: int, clerk: Clerk, request_key: str = "") -> Basket:
        """The line costs what was shown again, promotions included. Raises `Refused`."""
        with self._books.page() as page:
            basket = self._steps.to_change(page, lane)
            clerk.must("override")
            line = basket.line(line_number)
            if page.seen_before(request_key) or line.override is None:
                return basket
            shown = replace(line, override=None, reductions=())
            basket = self._steps.saved(page, basket.with_changed_line(shown))
            total_minor = basket.line(line_number).total_minor
            page.announce(
                events.OverrideTakenBack(basket.id, basket.version, line_number, total_minor, clerk.id), lane
            )
            return basket

    def confirm_age(
        self, lane: str, clerk: Clerk, years: int, request_key: str = "", *, basket_id: str = ""
    ) -> Basket:
        """A colleague looked: the shopper is at least so many years old; 0 if that cannot be confirmed.

        What asks for more comes off the roll; the rest may be paid for. `basket_id` guards against a late
        answer: nothing is confirmed for the next shopper. Raises `Refused`.
        """
        with self._books.page() as page:
            basket = self._steps.to_change(page, lane)
            clerk.must("age")
            if page.seen_before(request_key) or basket_id not in ("", basket.id):
                return basket
            page.close_tasks(age_check_of(basket), "staff")
            too_young = too_young_for(basket, years)
            for line in too_young:
                basket = self._steps.void(page, basket, line)
            circumstances = replace(basket.circumstances, age_confirmed=years)
            basket = self._steps.saved(
                page, replace(basket, version=basket.version + 1, circumstances=circumstances)
            )
            taken_off = tuple(line.number for line in too_young)
            page.announce(events.AgeChecked(basket.id, basket.version, years, clerk.id, taken_off), lane)
            return basket

    def sell_tax_free(self, lane: str) -> None:
        """Export in a traveller's luggage (UStG § 6 (3a)) is not supported: Refused(tax_free_not_supported).

        The goods are sold with their tax; the paper for the customs office is not this till's.
        """
        raise Refused("tax_free_not_supported")

    # How it is done

    def _for_group(self, page: Page, line: Line, group: str, version: int) -> Line:
        article = None if line.voided else page.article(line.gtin)
        cheaper = line if article is None else at_group_price(line, article, self._steps.here(), group)
        return line if cheaper is line else replace(cheaper, changed=version)


def _served(line: Line, on: dt.date, eat_in: bool, version: int) -> Line:
    """The line at the rate of where it is eaten; what is brought back keeps the rate it was sold at."""
    if not line.vat or line.kind != GOODS:
        return line
    rate_bp = vat_bp(line.vat, on, eat_in=eat_in)
    return line if rate_bp == line.vat_bp else replace(line, vat_bp=rate_bp, changed=version)
