"""`/tablet/tills/<lane>/lines/<number>`: how many of it, and another price, set by staff for a reason."""

from __future__ import annotations

from flask import flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.basket import OPEN, Basket, Line
from checkout.errors import Refused
from checkout.prices import OVERRIDE_ALONE_MINOR_MAX, OVERRIDE_REASONS
from kiosk_ui.front_door import the_box
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import key
from kiosk_ui.tablet.sign_in import by_clerk, the_clerk
from kiosk_ui.tablet.till_frame import amount_of, blueprint, to_till
from kiosk_ui.tablet.tills import row_of


@blueprint.get("/lines/<int:number>")
def line(lane: str, number: int) -> Response | str:
    """Which price, and why."""
    found = _line(lane, number)
    return _gone(lane) if found is None else _form(lane, *found)


@blueprint.post("/lines/<int:number>")
def set_price(lane: str, number: int) -> Response | tuple[str, int]:
    """The line costs `price` for the `reason`; 422 with a sentence where that cannot be."""
    found = _line(lane, number)
    if found is None:
        return _gone(lane)
    typed = request.form.get("price", "").strip()
    price_minor = amount_of(typed)
    if price_minor is None:
        return _form(lane, *found, typed, _("Please write the price as on the shelf, such as 1.50.")), 422
    try:
        by = by_clerk()
        the_box().till.terms.override_price(
            lane, number, price_minor, request.form.get("reason", ""), by.clerk, by.second, key()
        )
    except Refused as refused:
        return _form(lane, *found, typed, sentence(refused)), 422
    flash(_("The new price stands on the roll."))
    return to_till(lane)


@blueprint.post("/lines/<int:number>/as-shown")
def take_back(lane: str, number: int) -> Response:
    """The line costs what was shown again."""
    if _line(lane, number) is None:
        return _gone(lane)
    the_box().till.terms.take_back_override(lane, number, the_clerk(), key())
    return to_till(lane)


def _line(lane: str, number: int) -> tuple[Basket, Line] | None:
    """The line as the page meant it: after that, another shopper's basket may be there."""
    basket = the_box().books.basket_on(lane)
    meant = request.values.get("basket")
    if basket is None or basket.state != OPEN or meant not in (None, basket.id):
        return None
    return next(((basket, line) for line in basket.standing if line.number == number), None)


def _form(lane: str, basket: Basket, line: Line, typed: str = "", fault: str = "") -> str:
    return render_template(
        "tablet/price.html",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        row=row_of(line),
        typed=typed,
        fault=fault,
        reasons=[(reason, words.override_reason(reason)) for reason in OVERRIDE_REASONS],
        alone_minor_max=OVERRIDE_ALONE_MINOR_MAX,
    )


def _gone(lane: str) -> Response:
    flash(_("This has been settled in the meantime."))
    return to_till(lane)
