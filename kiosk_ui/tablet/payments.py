"""Money that nobody knows about, in or out: a colleague looks at the terminal's paper and decides."""

from __future__ import annotations

from flask import abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.errors import Refused
from checkout.payment import UNKNOWN, Payment
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import Page, blueprint, to
from kiosk_ui.tablet.sign_in import by_clerk
from store_edge.desk import Task

RECEIPT_NUMBER_MAX = 9999
"""A terminal's receipt number has four digits (ZVT, BMP 87)."""


@blueprint.get("/tasks/<id>/paid")
def paid(id: str) -> Page:
    """First the terminal's receipt number, then, with a good one, the question whether that is sure."""
    found = _unknown_payment(id)
    if found is None:
        return already_settled()
    task, payment = found
    typed = request.args.get("number", "").strip()
    number, fault = _receipt_number(typed, payment) if "number" in request.args else (0, "")
    shown = render_template(
        "tablet/paid.html",
        task=task,
        where=words.place(task.lane),
        payment=payment,
        typed=typed,
        number=number,
        fault=fault,
    )
    return (shown, 422) if fault else shown


@blueprint.post("/tasks/<id>/paid")
def book_paid(id: str) -> Page:
    """The terminal's receipt was found: the sale is completed."""
    found = _unknown_payment(id)
    if found is None:
        return already_settled()
    _task, payment = found
    number, fault = _receipt_number(request.form.get("number", ""), payment)
    if fault:
        abort(422)
    try:
        the_box().cashier.taken(payment.id, number, "", "staff", by_clerk())
    except Refused as refused:
        return _unless_settled(refused)
    if payment.goes_out:
        flash(_("Booked as given back. The receipt is written."))
    else:
        flash(_("Booked as paid. The sale is complete."))
    return to()


@blueprint.get("/tasks/<id>/unpaid")
def unpaid(id: str) -> Page:
    """The question whether that is sure."""
    found = _unknown_payment(id)
    if found is None:
        return already_settled()
    task, payment = found
    return render_template("tablet/unpaid.html", task=task, where=words.place(task.lane), payment=payment)


@blueprint.post("/tasks/<id>/unpaid")
def book_unpaid(id: str) -> Response:
    """The terminal has no such receipt: the basket is open again."""
    found = _unknown_payment(id)
    if found is None:
        return already_settled()
    try:
        the_box().cashier.declined(found[1].id, "staff", by_clerk())
    except Refused as refused:
        return _unless_settled(refused)
    if found[1].goes_out:
        flash(_("Written down as not given back. The basket is open again."))
    else:
        flash(_("Written down as not paid. The basket is open again."))
    return to()


def _unknown_payment(task_id: str) -> tuple[Task, Payment] | None:
    box = the_box()
    task = box.tasks.task(task_id)
    if task is None or task.kind not in words.UNKNOWN_MONEY:
        return None
    unknown = box.payments.on_lane(task.lane, UNKNOWN)
    return next(((task, payment) for payment in unknown if payment.id == task.about), None)


def _receipt_number(typed: str, payment: Payment) -> tuple[int, str]:
    """The number, or 0 and a sentence about what is wrong with it."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= RECEIPT_NUMBER_MAX):
        return 0, _("The number has one to four digits. It stands on the terminal’s receipt.")
    if int(typed) == payment.receipt_before:
        return 0, _("That is the receipt of the customer before. If it is the last one, it was not paid.")
    return int(typed), ""


def _unless_settled(refused: Refused) -> Response:
    """Somebody else was quicker; anything else is said by its sentence."""
    if refused.reason != "payment_not_open":
        raise refused
    return already_settled()


def already_settled() -> Response:
    flash(_("This has been settled in the meantime."))
    return to()
