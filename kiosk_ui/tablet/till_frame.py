"""What every page of a till at the tablet needs: its lane, whose basket it is, and what was typed."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from checkout.basket import OPEN, PAYING, QUANTITY_MAX, Basket
from checkout.errors import Refused
from checkout.payment import sum_of
from kiosk_ui.front_door import the_box
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet.sign_in import the_clerk

blueprint = Blueprint("till", __name__, url_prefix="/tills/<lane>")

Answer = AnyResponse | str | tuple[str, int]
CODE_CHARS_MAX = 500
_AMOUNT = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?")
_WHOLE = re.compile(r"[0-9]{1,6}")


@blueprint.before_request
def check_whose() -> AnyResponse | None:
    """404 for no lane of ours; a form meant for a basket that has gone changes nothing."""
    lane = str((request.view_args or {})["lane"])
    if lane not in the_box().settings.lanes:
        abort(404)
    if request.method != "POST":
        return None
    the_clerk().must("serve")
    meant, basket = request.form.get("basket"), the_box().books.basket_on(lane)
    if meant is None or (basket is not None and basket.id == meant):
        return None
    flash(_("Somebody else is at this till now. Nothing was changed."), "look")
    return to_till(lane)


@blueprint.errorhandler(Refused)
def refused(no: Refused) -> AnyResponse:
    """The sentence, on the page that asked where it has a form of its own, else on the till's."""
    flash(sentence(no), "look")
    rule = request.url_rule
    if request.method == "POST" and rule is not None and "GET" in (rule.methods or ()):
        return redirect(request.full_path.rstrip("?"), 303)
    return to_till(str((request.view_args or {})["lane"]))


def to_till(lane: str) -> AnyResponse:
    return redirect(url_for("tablet.till.page", lane=lane), 303)


def anew() -> AnyResponse:
    """For a part of a page that is no longer the right page: load the whole of it."""
    return Response("", headers={"HX-Refresh": "true"})


def basket_to_sell(lane: str) -> Basket | None:
    """The lane's basket as long as it is not paid."""
    basket = the_box().books.basket_on(lane)
    return basket if basket is not None and basket.state in (OPEN, PAYING) else None


def due_minor(basket: Basket) -> int:
    """What is still to be paid; negative where the shop pays."""
    return basket.total_minor - sum_of(the_box().payments.held_for(basket.id))


def name_of(gtin: str) -> str:
    """What an article is called in the reader's language."""
    article = the_box().shelves.article(gtin)
    return article.called(str(get_locale())) if article else gtin


# What was typed


def code_typed(field: str = "code") -> str:
    return request.values.get(field, "").strip()[: CODE_CHARS_MAX + 1]


def amount_of(text: str) -> int | None:
    """`1,50` or `1.50` or `2` in minor units; None for what is no amount, "" included."""
    found = _AMOUNT.fullmatch(text.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def amount_typed(field: str = "amount", *, empty: int | None = None) -> int:
    """The amount in a field, or `empty` if nothing stands in it. Raises Refused(amount_not_possible)."""
    text = request.form.get(field, "")
    amount_minor = empty if not text.strip() else amount_of(text)
    if amount_minor is None:
        raise Refused("amount_not_possible")
    return amount_minor


def whole_typed(field: str = "quantity") -> int:
    """A whole number. Raises Refused(quantity_not_possible)."""
    text = request.form.get(field, "").strip()
    if not _WHOLE.fullmatch(text):
        raise Refused("quantity_not_possible", limit=QUANTITY_MAX)
    return int(text)
