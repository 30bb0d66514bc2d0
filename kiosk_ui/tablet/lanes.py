"""The lanes at a glance, a look into each basket, and the baskets that were put aside."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.basket import OPEN, Basket, Parked
from checkout.events import GateAsked
from checkout.loss import BLOCKING
from checkout.staff import FOUR_EYES_FROM_MINOR
from kiosk_ui.front_door import the_box
from kiosk_ui.qr import qr_svg
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import Page, blueprint, key, to
from kiosk_ui.tablet.sign_in import by_clerk, the_clerk
from kiosk_ui.tablet.till_frame import name_of
from store_edge.desk import Task

LINE_DIGITS_MAX = 4


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane: `state` is free, open, waiting, paying or paid; `gate` whether it has one."""

    lane: str
    where: str
    state: str
    pieces: int
    total_minor: int
    basket: Basket | None
    gate: bool = False


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One basket that was put aside, and since when; `free` are lanes on which it can go on."""

    parked: Parked
    where: str
    pieces: int
    total_minor: int
    wait_s: int


# The lanes


@blueprint.get("/lanes")
def lanes() -> str:
    """Every lane with what is on it, and the parked baskets."""
    waiting = the_box().tasks.waiting()
    rows = [_lane_row(lane, waiting) for lane in the_box().settings.lanes]
    return render_template("tablet/lanes.html", live_topics="lane-* store", rows=rows, parked=_parked_rows())


@blueprint.get("/lanes/<lane>")
def lane(lane: str) -> Page:
    """One lane's basket, line by line, with what a colleague may do for the shopper."""
    _known(lane)
    row = _lane_row(lane, the_box().tasks.waiting())
    if row.basket is None or row.state in ("free", "paid"):
        flash(_("This till is free."))
        return to("lanes")
    lines = [(line, name_of(line.gtin)) for line in row.basket.standing]
    return render_template(
        "tablet/lane.html",
        live_topics=f"lane-{lane}",
        row=row,
        lines=lines,
        changeable=row.basket.state == OPEN,
        four_eyes_from_minor=FOUR_EYES_FROM_MINOR,
        takes_two=row.total_minor >= FOUR_EYES_FROM_MINOR,
        reasons=words.reasons(),
    )


@blueprint.post("/lanes/<lane>/void")
def void(lane: str) -> Response:
    """Take line `line` off, if the lane still has that basket. 400 for what is no line."""
    typed = request.form.get("line", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) <= LINE_DIGITS_MAX):
        abort(400)
    if _same_basket(lane):
        the_box().till.void(lane, int(typed), key(), by_clerk(_why()))
        flash(_("The line is off."))
    return to("lanes")


@blueprint.post("/lanes/<lane>/cancel")
def cancel(lane: str) -> Response:
    """Give the lane's basket up, for a reason; from a limit on two people do it."""
    if _same_basket(lane):
        the_box().till.cancel(lane, "staff", key(), by_clerk(_why()))
        flash(_("The basket was cancelled, and the till is free."))
    return to("lanes")


@blueprint.post("/lanes/<lane>/park")
def park(lane: str) -> Response:
    """Put the lane's basket aside; the till is free at once."""
    if _same_basket(lane):
        the_box().parking.park(lane, "staff", key(), by_clerk(_why()))
        flash(_("The basket waits, and the till is free."))
    return to("lanes")


@blueprint.post("/lanes/<lane>/gate")
def open_gate(lane: str) -> Response:
    """Let somebody pass the lane's gate. 404 where there is none."""
    _known(lane)
    box, clerk = the_box(), the_clerk()
    if not box.settings.has("gate", lane):
        abort(404)
    clerk.must("serve")
    with box.books.page() as page:
        if not page.seen_before(key()):
            page.announce(GateAsked(clerk.id), lane)
    flash(_("The gate opens."))
    return to("lanes")


# Parked baskets


@blueprint.get("/parked/<basket>")
def parked(basket: str) -> Page:
    """The code to hold before a till's scanner, and the free tills to go on at."""
    found = next((row for row in _parked_rows() if row.parked.basket == basket), None)
    if found is None:
        flash(_("This basket is no longer put aside."))
        return to("lanes")
    waiting = the_box().tasks.waiting()
    rows = [_lane_row(lane, waiting) for lane in the_box().settings.lanes]
    free = [row for row in rows if row.state in ("free", "paid") or not row.pieces]
    return render_template("tablet/parked.html", row=found, free=free, qr=qr_svg(found.parked.code))


@blueprint.post("/parked/<basket>/resume")
def resume(basket: str) -> Response:
    """Go on with it on `lane`."""
    lane = request.form.get("lane", "")
    _known(lane)
    found = next((row for row in _parked_rows() if row.parked.basket == basket), None)
    if found is not None:
        the_box().parking.resume(lane, found.parked.code, key(), by_clerk())
        flash(_("The basket goes on at till %(lane)s.", lane=lane))
    return to("lanes")


# How it is done


def _known(lane: str) -> None:
    if lane not in the_box().settings.lanes:
        abort(404)


def _same_basket(lane: str) -> bool:
    """Whether the lane still has the basket that the page shows: the next shopper's is not touched."""
    _known(lane)
    basket = the_box().books.basket_on(lane)
    if basket is not None and basket.id == request.form.get("basket"):
        return True
    flash(_("Somebody else is at this till now. Nothing was changed."), "look")
    return False


def _why() -> str:
    """One of the reasons on the page. 400 for any other."""
    why = request.form.get("why", "")
    if why not in words.reasons():
        abort(400)
    return why


def _lane_row(lane: str, waiting: tuple[Task, ...]) -> LaneRow:
    basket, gate = the_box().books.basket_on(lane), the_box().settings.has("gate", lane)
    if basket is None:
        return LaneRow(lane, words.place(lane), "free", 0, 0, None, gate)
    called = any(
        (task.kind == "help" and task.about == lane) or (task.kind in BLOCKING and task.about == basket.id)
        for task in waiting
    )
    state = "waiting" if called else basket.state
    return LaneRow(lane, words.place(lane), state, basket.pieces, basket.total_minor, basket, gate)


def _parked_rows() -> list[ParkedRow]:
    now = the_box().clock()
    return [
        ParkedRow(
            parked,
            words.place(parked.lane),
            basket.pieces,
            basket.total_minor,
            words.waited_s(parked.at, now),
        )
        for parked, basket in the_box().books.parked_baskets()
    ]
