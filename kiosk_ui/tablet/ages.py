"""An age limit: a colleague looks at the shopper and says from which age on they surely are."""

from __future__ import annotations

from flask import abort, flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.basket import Basket
from checkout.restrictions import AGE_CHECK, age_check_of, ages_asked
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet.frame import blueprint, to
from kiosk_ui.tablet.payments import already_settled
from kiosk_ui.tablet.sign_in import the_clerk
from store_edge.desk import Task


@blueprint.post("/tasks/<id>/age")
def book_age(id: str) -> Response:
    """The shopper is at least `years` old: one of the ages asked, or what was known before. 400 otherwise."""
    box, task = the_box(), the_box().tasks.task(id)
    basket = basket_of(task) if task is not None else None
    if task is None or basket is None:
        return already_settled()
    known = basket.circumstances.age_confirmed
    years = {str(age): age for age in (known, *ages_asked(basket))}.get(request.form.get("years", ""))
    if years is None:
        abort(400)
    box.till.terms.confirm_age(task.lane, the_clerk(), years, basket_id=basket.id)
    flash(_("Thank you. The shopper can go on.") if years > known else _("It was taken off the roll."))
    return to()


def basket_of(task: Task) -> Basket | None:
    """The basket that an age check is about, as long as it is on its lane."""
    basket = the_box().books.basket_on(task.lane) if task.kind == AGE_CHECK else None
    return basket if basket is not None and age_check_of(basket) == task.about else None
