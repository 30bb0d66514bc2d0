"""The day's reports: how it stands at any time (X), closing it (Z), and the days that were closed."""

from __future__ import annotations

import datetime as dt

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.closing import Closing
from checkout.errors import Refused
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import Page, blueprint
from kiosk_ui.tablet.sign_in import the_clerk
from store_edge.closing_ticket import closing_rows

CLOSINGS_SHOWN_MAX = 31


@blueprint.get("/shop")
def shop() -> str:
    """What concerns the whole shop: drawers, the day, recalls, gift cards."""
    lanes = [(lane, words.place(lane)) for lane in the_box().settings.cash.lanes]
    return render_template("tablet/shop.html", drawers=lanes)


@blueprint.get("/day")
def day() -> Page:
    """The X report: the day so far, and the days before."""
    box = the_box()
    try:
        report = box.days.x_report(the_clerk())
    except Refused as refused:
        flash(sentence(refused), "look")
        return redirect(url_for("tablet.shop"), 303)
    closings = [
        (one, dt.date.fromisoformat(one.business_day)) for one in box.closings.last(CLOSINGS_SHOWN_MAX)
    ]
    return render_template("tablet/day.html", report=report, parts=_parts(report), closings=closings)


@blueprint.route("/day/close", methods=("GET", "POST"))
def close_day() -> Page:
    """The question whether that is sure; then the Z report, and baskets that were put aside are given up."""
    box, clerk = the_box(), the_clerk()
    last = next(iter(box.closings.last(1)), None)
    after = str(last.number if last else 0)
    if request.method == "POST" and request.form.get("after", after) != after:
        flash(_("This has been settled in the meantime."))
        return redirect(url_for("tablet.day"), 303)
    if request.method == "POST":
        try:
            closed = box.days.close_day(clerk, though_paying=request.form.get("though_paying") == "yes")
        except Refused as refused:
            flash(sentence(refused), "look")
            paying = "yes" if refused.reason == "payments_open" else None
            return redirect(url_for("tablet.close_day", paying=paying), 303)
        box.parking.close_day()
        return redirect(url_for("tablet.closed_day", number=closed.number), 303)
    try:
        report = box.days.x_report(clerk)
    except Refused as refused:
        flash(sentence(refused), "look")
        return redirect(url_for("tablet.shop"), 303)
    return render_template(
        "tablet/close_day.html",
        report=report,
        after=after,
        parked=len(box.books.parked_baskets()),
        paying=request.args.get("paying") == "yes",
    )


@blueprint.get("/day/<int:number>")
def closed_day(number: int) -> str:
    """A Z report. 404 for a number that there is not."""
    box = the_box()
    the_clerk().must("close")
    report = box.closings.by_number(number)
    if report is None:
        abort(404)
    printers = [
        (d.lane, words.place(d.lane))
        for d in box.settings.devices.values()
        if d.driver.startswith("printer.")
    ]
    return render_template("tablet/closed_day.html", report=report, parts=_parts(report), printers=printers)


@blueprint.post("/day/<int:number>/print")
def print_day(number: int) -> Response:
    """Ask the printer of `lane` for the Z report."""
    lane = request.form.get("lane", "")
    if the_box().closings.by_number(number) is None or lane not in the_box().settings.lanes:
        abort(404)
    the_box().days.ask_for_paper(number, lane, the_clerk())
    flash(_("The printer of till %(lane)s prints it.", lane=lane))
    return redirect(url_for("tablet.closed_day", number=number), 303)


def _parts(report: Closing) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    box, language = the_box(), current_language().code
    timezone, names = box.settings.shop.timezone, box.clerks.names()
    return closing_rows(report, language=language, timezone=timezone, names=names)
