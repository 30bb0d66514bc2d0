"""Goods that were called back: put on the list, looked at, and taken off again."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from checkout.errors import Refused
from checkout.recalls import BATCH_CHARS_MAX
from checkout.staff import Clerk
from kiosk_ui.front_door import the_box
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet.frame import Page, blueprint
from kiosk_ui.tablet.sign_in import the_clerk
from kiosk_ui.tablet.till_frame import CODE_CHARS_MAX, name_of


@blueprint.route("/recalls", methods=("GET", "POST"))
def recalls() -> Page:
    """The list, and a form: an article's number and one batch, or all of it."""
    box = the_box()
    if request.method == "POST":
        return _carry_out(box.recalls.recall, _("It is no longer sold."))
    rows = [(one, name_of(one.gtin)) for one in box.shelves.recalled()]
    return render_template("tablet/recalls.html", rows=rows, batch_chars_max=BATCH_CHARS_MAX)


@blueprint.post("/recalls/lift")
def lift_recall() -> Page:
    """Sell it again: exactly what was recalled."""
    return _carry_out(the_box().recalls.lift, _("It is sold again."))


def _carry_out(act: Callable[[str, str, Clerk], None], done: str) -> Page:
    gtin = request.form.get("gtin", "").strip()[:CODE_CHARS_MAX]
    batch = request.form.get("batch", "").strip()[:CODE_CHARS_MAX]
    try:
        act(gtin, batch, the_clerk())
    except Refused as refused:
        flash(sentence(refused), "look")
    else:
        flash(done)
    return redirect(url_for("tablet.recalls"), 303)
