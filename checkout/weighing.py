"""Loose goods on the lane's scale: asked for, and then weighed or not.

Who asks does not wait: the scale's answer comes later, and the first outcome counts, whether it is a weight,
a scale that cannot weigh, or a shopper who would rather not. Only what the scale itself calls a settled
weight gets here (`hardware.scale`); nothing in the shop computes one.
"""

from __future__ import annotations

from checkout.basket import OPEN, Basket
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.events import Weighed, WeighingAsked, WeighingFailed
from checkout.measure import loose_goods
from checkout.ports import Books, Chance, Page
from checkout.steps import Steps

FAILURES = frozenset(
    {
        "shopper",  # would rather not
        "gone",  # the scale is not there
        "late",  # nobody weighed it in time, or the basket is another one by now
        "empty",  # nothing lay on the scale for as long as it may take
        "motion",  # what lay there never settled
        "under",  # the scale showed less than nothing
        "over",  # it was too heavy
        "zero",  # the scale lost its zero
        "unchanged",  # the goods weighed before lay there still
        "tare",  # the scale does not take this tare
        "price",  # the scale shows another price, or none
    }
)
"""Why goods were not weighed; from "empty" on as the scale says (`hardware.readings.NO_WEIGHT`)."""
TARE_G_MAX = 5_000


class WeighingDesk:
    """The use cases of the scale, for all lanes of one store."""

    def __init__(self, books: Books, steps: Steps, *, chance: Chance) -> None:
        self._books = books
        self._steps = steps
        self._chance = chance

    def ask(
        self, lane: str, gtin: str, *, tare_g: int = 0, language: str = "", request_key: str = ""
    ) -> Basket:
        """Ask for so much of an article as lies on the scale; gives the basket as it is until then.

        Raises `Refused`: code_unknown, article_recalled, quantity_not_possible where it is not sold by
        weight or the tare is none, basket_being_paid.
        """
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language)
            if page.seen_before(request_key):
                return basket
            article, _ = loose_goods(page, gtin, 1, 0)
            if not 0 <= tare_g <= TARE_G_MAX:
                raise Refused("quantity_not_possible", limit=TARE_G_MAX)
            price_minor = self._price_minor(article, basket)
            page.announce(WeighingAsked(basket.id, self._chance.id(), gtin, price_minor, tare_g), lane)
            return basket

    def weighed(self, lane: str, asked: WeighingAsked, weight_g: int) -> bool:
        """The scale shows `weight_g` net: put it into the basket that asked; False if nothing came of it.

        Raises `Refused` as `ask` does, and basket_full: then it is still to be called failed.
        """
        with self._books.page() as page:
            basket, article = page.basket_on(lane), page.article(asked.gtin)
            if basket is None or (basket.id, basket.state) != (asked.basket, OPEN):
                return self._failed(page, lane, asked, "late")
            if article is None or self._price_minor(article, basket) != asked.unit_price_minor:
                return self._failed(page, lane, asked, "price")
            if page.seen_before(_key(asked)):
                return False
            article, measure = loose_goods(page, asked.gtin, weight_g, 0)
            self._steps.sell(page, basket, article, measure, "scale")
            page.announce(Weighed(asked.basket, asked.weighing, asked.gtin, weight_g), lane)
            return True

    def failed(self, lane: str, asked: WeighingAsked, reason: str) -> None:
        """Nothing comes of it: `reason` of `FAILURES`. Told after another outcome, it does nothing."""
        assert reason in FAILURES, reason
        with self._books.page() as page:
            self._failed(page, lane, asked, reason)

    def _failed(self, page: Page, lane: str, asked: WeighingAsked, reason: str) -> bool:
        """Always False: nothing was put into a basket."""
        if not page.seen_before(_key(asked)):
            page.announce(WeighingFailed(asked.basket, asked.weighing, reason), lane)
        return False

    def _price_minor(self, article: Article, basket: Basket) -> int:
        return article.price_at(self._steps.here(), basket.circumstances.customer_group)


def _key(asked: WeighingAsked) -> str:
    """What the books remember of a weighing that is over."""
    return f"weighing {asked.weighing}"
