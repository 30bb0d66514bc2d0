"""`/tablet/tills/<lane>`: a staffed till. What lies in the basket, and what goes into it or out of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from checkout.basket import OPEN, PAID, PAYING, Basket, Line
from checkout.gift_cards import LOAD_MINOR_MAX, LOAD_MINOR_MIN
from checkout.restrictions import ages_asked
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import key
from kiosk_ui.tablet.sign_in import by_clerk, the_clerk
from kiosk_ui.tablet.till_frame import (
    Answer,
    amount_typed,
    anew,
    basket_to_sell,
    blueprint,
    code_typed,
    name_of,
    to_till,
    whole_typed,
)

WAYS_TO_SCAN = ("typed", "wedge")


@dataclass(frozen=True, slots=True)
class Row:
    """One line as staff see it; `shown_minor` is what one costs, or all of it if that is fixed."""

    line: Line
    name: str

    @property
    def shown_minor(self) -> int:
        return self.line.fixed_minor or self.line.unit_price_minor

    @property
    def may_cost_less(self) -> bool:
        return self.line.kind == "goods" and self.shown_minor > 0


def row_of(line: Line) -> Row:
    return Row(line, name_of(line.gtin))


@blueprint.get("")
def page(lane: str) -> Answer:
    """The open basket line by line; the change and the receipt after a sale; else what is being paid."""
    box = the_box()
    basket = box.books.basket_on(lane)
    state = basket.state if basket is not None and basket.state in (PAYING, PAID) else OPEN
    if request.headers.get("HX-Request") and request.args.get("shows", OPEN) != state:
        return anew()
    if basket is not None and state == PAYING:
        return redirect(url_for("tablet.till.pay", lane=lane), 303)
    if basket is not None and state == PAID:
        return _sold_page(lane, basket)
    return render_template(
        "tablet/till.html",
        live_topics=f"lane-{lane}",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        rows=[row_of(line) for line in basket.standing] if basket else [],
        ages=ages_asked(basket) if basket else (),
        on_gift_card=box.till.gift_cards.ready(basket) if basket else 0,
        has_drawer=lane in box.settings.cash.lanes,
    )


def _sold_page(lane: str, basket: Basket) -> str:
    receipt = the_box().receipts.of_basket(basket.id)
    assert receipt is not None, "a paid basket has its receipt"
    return render_template(
        "tablet/sold.html",
        live_topics=f"lane-{lane}",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        receipt=receipt,
        change_minor=sum(part.change_minor for part in receipt.tenders),
    )


# In


@blueprint.post("/scan")
def scan(lane: str) -> Answer:
    """Whatever a code means here: an article, a voucher, a coupon, a shopper's code, a parked basket."""
    how = request.form.get("how", "")
    how = how if how in WAYS_TO_SCAN else "typed"
    the_box().till.scan(lane, code_typed(), how=how, language=current_language().code, request_key=key())
    return to_till(lane)


@blueprint.route("/empties", methods=("GET", "POST"))
def empties(lane: str) -> Answer:
    """So many empties of one kind; with somebody looking on more are taken at once."""
    box = the_box()
    if request.method == "POST":
        what = code_typed("kind")
        box.till.empties.take_empties(
            lane, what, whole_typed(), clerk=the_clerk(), how="typed", request_key=key()
        )
        flash(_("Taken back: %(name)s", name=name_of(box.till.empties.rules.kinds.gtin(what))))
    kinds = [kind for kind in box.till.empties.rules.kinds if kind.taken and box.shelves.article(kind.gtin)]
    basket = basket_to_sell(lane)
    return render_template(
        "tablet/empties.html",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        kinds=[
            (kind.id, name_of(kind.gtin), box.till.empties.rules.kinds.amount_minor(kind.id))
            for kind in kinds
        ],
    )


@blueprint.route("/weighed", methods=("GET", "POST"))
def weighed(lane: str) -> Answer:
    """Loose goods: so many grams of what is sold by weight, or millimetres of what is sold by length."""
    box = the_box()
    loose = box.shelves.loose()
    if request.method == "POST":
        article = next((one for one in loose if one.gtin == request.form.get("gtin")), None)
        if article is None:
            abort(400)
        measure, by_length = whole_typed("measure"), article.unit == "m"
        box.till.add_measured(
            lane,
            article.gtin,
            weight_g=0 if by_length else measure,
            length_mm=measure if by_length else 0,
            request_key=key(),
        )
        return to_till(lane)
    return render_template(
        "tablet/weighed.html",
        lane=lane,
        where=words.place(lane),
        loose=sorted(((name_of(one.gtin), one) for one in loose), key=lambda named: named[0]),
    )


@blueprint.route("/gift-card", methods=("GET", "POST"))
def sell_gift_card(lane: str) -> Answer:
    """A blank card, with so much on it as soon as it is paid for."""
    if request.method == "POST":
        the_box().till.gift_cards.sell(lane, code_typed(), amount_typed(), key())
        return to_till(lane)
    return render_template(
        "tablet/sell_gift_card.html",
        lane=lane,
        where=words.place(lane),
        least_minor=LOAD_MINOR_MIN,
        most_minor=LOAD_MINOR_MAX,
    )


# What is there


@blueprint.post("/lines/<int:number>/quantity")
def quantity(lane: str, number: int) -> Answer:
    """The line counts `quantity` pieces; with 0 it is taken off."""
    pieces = whole_typed()
    if pieces == 0:
        the_box().till.void(lane, number, key(), by_clerk("wrong_article"))
    else:
        the_box().till.change_quantity(lane, number, pieces, key())
    return to_till(lane)


@blueprint.post("/age")
def age(lane: str) -> Answer:
    """The shopper is at least `years` old: one of the ages asked, or what was known before. 400 otherwise."""
    basket = basket_to_sell(lane)
    if basket is None:
        return to_till(lane)
    known = basket.circumstances.age_confirmed
    years = {str(one): one for one in (known, *ages_asked(basket))}.get(request.form.get("years", ""))
    if years is None:
        abort(400)
    the_box().till.terms.confirm_age(lane, the_clerk(), years, key(), basket_id=basket.id)
    return to_till(lane)


@blueprint.post("/next")
def next_shopper(lane: str) -> Answer:
    """The paid basket is over, and the till is free."""
    basket = the_box().books.basket_on(lane)
    if basket is not None and basket.state == PAID:
        the_box().till.cancel(lane, "staff", key())
    return to_till(lane)
