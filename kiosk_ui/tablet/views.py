"""`/tablet`: what needs a human now, oldest first, with what to do; behind the store's PIN."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.errors import Refused
from checkout.payment import UNKNOWN, Payment
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet import words
from kiosk_ui.tablet.pin import has_pin
from kiosk_ui.tablet.sign_in import is_in, let_in, let_out, the_door, to_sign_in
from store_edge.desk import Task
from store_edge.devices.health import LOST
from store_edge.sync.outbox import READER as HEAD_OFFICE

RECEIPT_NUMBER_MAX = 9999
"""A terminal's receipt number has four digits (ZVT, BMP 87)."""
SEEN_TASKS_MAX = 20
OPEN_TO_ALL = frozenset({"tablet.sign_in", "tablet.try_pin"})

blueprint = Blueprint("tablet", __name__, template_folder="templates", url_prefix="/tablet")

Page = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Now:
    """What the tablet shows; `away` is head office, while it cannot be reached."""

    tasks: list[words.Waiting]
    devices: list[words.DeviceRow]
    away: words.DeviceRow | None

    @property
    def seen(self) -> str:
        """The newest tasks' ids, by which the next look knows whether there is a newer one."""
        return ",".join(task.id for task in self.tasks[-SEEN_TASKS_MAX:])


@blueprint.before_request
def guard() -> Response | None:
    """Nothing here without the PIN."""
    return None if request.endpoint in OPEN_TO_ALL or is_in() else to_sign_in()


# The door


@blueprint.get("/sign-in")
def sign_in() -> Page:
    return redirect(url_for("tablet.page"), 303) if is_in() else _door_page()


@blueprint.post("/sign-in")
def try_pin() -> Page:
    """Wrong: 401; locked after too many: 429."""
    door = the_door()
    if door.try_pin(request.form.get("pin", "").strip()):
        let_in()
        return redirect(url_for("tablet.page"), 303)
    if door.locked_for_s():
        return _door_page(), 429
    return _door_page(_("That is not the PIN. Please try again.")), 401


@blueprint.post("/sign-out")
def sign_out() -> Response:
    let_out()
    return redirect(url_for("tablet.sign_in"), 303)


def _door_page(fault: str = "") -> str:
    return render_template(
        "tablet/sign_in.html",
        fault=fault,
        has_pin=has_pin(the_box().settings.home),
        locked_for_s=the_door().locked_for_s(),
    )


# The list


@blueprint.get("")
def page() -> str:
    return render_template("tablet/page.html", live_topics="lane-* store", now=_now())


@blueprint.get("/now")
def look() -> Response:
    """The list and the devices as they are now; says so aloud if there is a task the page has not seen."""
    facts = _now()
    response = Response(render_template("tablet/now.html", now=facts))
    tasks = facts.tasks
    if tasks and tasks[-1].id not in request.args.get("seen", "").split(","):
        response.headers["HX-Trigger"] = "emma:look"
    return response


def _now() -> Now:
    box = the_box()
    tasks = [words.waiting(task, box.clock(), _to_give_back(task)) for task in box.tasks.waiting()]
    health = {one.device: one for one in box.health.all()}
    office = health.pop(HEAD_OFFICE, None)
    away = words.device_row(office) if office is not None and office.state == LOST else None
    return Now(tasks, [words.device_row(one) for one in health.values()], away)


def _to_give_back(task: Task) -> Payment | None:
    return the_box().payments.payment(task.about) if task.kind == "payment_taken_after_all" else None


@blueprint.post("/tasks/<id>/done")
def done(id: str) -> Response:
    """Close a task that needs no decision; closing it again does nothing. 409 for a payment."""
    task = the_box().tasks.task(id)
    if task is not None and task.kind == "payment_unknown":
        abort(409)
    with the_box().books.page() as page:
        page.close_task(id, "staff")
    return redirect(url_for("tablet.page"), 303)


# A payment that nobody knows about


@blueprint.get("/tasks/<id>/paid")
def paid(id: str) -> Page:
    """First the terminal's receipt number, then, with a good one, the question whether that is sure."""
    found = _unknown_payment(id)
    if found is None:
        return _already_settled()
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
        return _already_settled()
    _task, payment = found
    number, fault = _receipt_number(request.form.get("number", ""), payment)
    if fault:
        abort(422)
    try:
        the_box().cashier.taken(payment.id, number, "", "staff")
    except Refused:
        return _already_settled()
    flash(_("Booked as paid. The sale is complete."))
    return redirect(url_for("tablet.page"), 303)


@blueprint.get("/tasks/<id>/unpaid")
def unpaid(id: str) -> Page:
    """The question whether that is sure."""
    found = _unknown_payment(id)
    if found is None:
        return _already_settled()
    task, payment = found
    return render_template("tablet/unpaid.html", task=task, where=words.place(task.lane), payment=payment)


@blueprint.post("/tasks/<id>/unpaid")
def book_unpaid(id: str) -> Response:
    """The terminal has no such receipt: the basket is open again."""
    found = _unknown_payment(id)
    if found is None:
        return _already_settled()
    try:
        the_box().cashier.declined(found[1].id, "staff")
    except Refused:
        return _already_settled()
    flash(_("Written down as not paid. The basket is open again."))
    return redirect(url_for("tablet.page"), 303)


def _unknown_payment(task_id: str) -> tuple[Task, Payment] | None:
    box = the_box()
    task = box.tasks.task(task_id)
    if task is None or task.kind != "payment_unknown":
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


def _already_settled() -> Response:
    flash(_("This has been settled in the meantime."))
    return redirect(url_for("tablet.page"), 303)
