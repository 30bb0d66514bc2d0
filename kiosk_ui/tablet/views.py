"""`/tablet`: what needs a human now, oldest first, with what to do; each clerk comes in by their own PIN."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout import loss
from checkout.payment import Payment
from checkout.staff import acted
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet import (
    ages,
    cabins,
    days,
    drawers,
    gift_cards,
    lanes,
    paying,
    payments,
    prices,
    recalls,
    rescan,
    returns,
    tills,
    words,
)
from kiosk_ui.tablet.frame import Page, blueprint, to
from kiosk_ui.tablet.sign_in import (
    at_lane,
    by_clerk,
    hand_back,
    let_in,
    let_out,
    look_who,
    take_over,
    the_clerk,
    the_door,
    this_tablet,
)
from kiosk_ui.tablet.till_frame import blueprint as till
from store_edge.desk import Task
from store_edge.devices.health import LOST
from store_edge.sync.outbox import READER as HEAD_OFFICE

__all__ = [
    "ages",
    "blueprint",
    "cabins",
    "days",
    "drawers",
    "gift_cards",
    "lanes",
    "paying",
    "payments",
    "prices",
    "recalls",
    "rescan",
    "returns",
    "tills",
]

blueprint.register_blueprint(till)

SEEN_TASKS_MAX = 20
FORGOTTEN_DIGITS_MAX = 3


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


# The door


@blueprint.get("/sign-in")
def sign_in() -> Page:
    return _inside() if look_who() is not None else _door_page()


@blueprint.post("/sign-in")
def try_pin() -> Page:
    """Wrong: 401; locked after too many: 429."""
    door, tablet = the_door(), this_tablet()
    clerk = door.try_pin(request.form.get("pin", "").strip(), tablet)
    if clerk is not None:
        let_in(clerk)
        return _inside()
    if door.locked_for_s(tablet):
        return _door_page(), 429
    return _door_page(_("That is not the PIN. Please try again.")), 401


@blueprint.post("/sign-out")
def sign_out() -> Response:
    let_out()
    return to("sign-in")


@blueprint.get("/at/<lane>")
def at(lane: str) -> Response:
    """A clerk with the key takes a lane's own screen over: their PIN is asked, then they sell there."""
    if lane in the_box().settings.lanes:
        take_over(lane)
    return to("sign-in")


@blueprint.post("/leave")
def leave() -> Response:
    """The lane's screen is the shoppers' again."""
    lane = hand_back()
    return redirect(f"/kiosk/{lane}", 303) if lane else to("sign-in")


def _inside() -> Response:
    """Where a clerk begins: at a lane's own screen with its till, else with who waits."""
    lane = at_lane()
    return redirect(url_for("tablet.till.page", lane=lane), 303) if lane else to()


def _door_page(fault: str = "") -> str:
    return render_template(
        "tablet/sign_in.html",
        fault=fault,
        has_pin=bool(the_box().clerks.everybody()),
        locked_for_s=the_door().locked_for_s(this_tablet()),
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
    tasks = [
        words.waiting(task, box.clock(), _payment_of(task), ages.basket_of(task))
        for task in box.tasks.waiting()
    ]
    health = {one.device: one for one in box.health.all()}
    office = health.pop(HEAD_OFFICE, None)
    away = words.device_row(office) if office is not None and office.state == LOST else None
    return Now(tasks, [words.device_row(one) for one in health.values()], away)


def _payment_of(task: Task) -> Payment | None:
    return the_box().payments.payment(task.about) if task.kind in words.ABOUT_PAYMENT else None


@blueprint.post("/tasks/<id>/done")
def done(id: str) -> Response:
    """Close a task that needs no decision; closing it again does nothing. 409 where one must be made."""
    box, by = the_box(), by_clerk()
    task = box.tasks.task(id)
    if task is not None and task.kind in words.TO_DECIDE:
        abort(409)
    if task is not None and task.kind == "refund_due":
        box.pay_desk.returned(task.about)
    if task is not None and task.kind == "pay_back":
        box.providers.paid_back(task.about, by)
    with box.books.page() as page:
        if task is not None and page.close_task(id, "staff"):
            acted(page, by, "done", id, task.lane)
    return to()


@blueprint.post("/tasks/<id>/checked")
def checked(id: str) -> Response:
    """Somebody looked: `outcome` is one of `loss.OUTCOMES`, with the number of forgotten lines. 400 else."""
    outcome = request.form.get("outcome", "")
    if outcome not in loss.OUTCOMES:
        abort(400)
    typed = request.form.get("lines", "").strip() if outcome == loss.FORGOTTEN else "0"
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= FORGOTTEN_DIGITS_MAX else -1
    the_box().watch.checked(id, the_clerk(), outcome, number)
    flash(_("Thank you. It is written down, and the shopper can go on."))
    return to()


@blueprint.get("/tasks/<id>/forgotten")
def forgotten(id: str) -> Page:
    """How many lines had not been scanned?"""
    task = the_box().tasks.task(id)
    if task is None or task.kind not in loss.REASONS:
        return payments.already_settled()
    return render_template("tablet/forgotten.html", task=task, where=words.place(task.lane))
