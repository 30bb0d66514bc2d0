"""The cash drawers: the float, what goes to the safe, what comes and goes without a sale, and the count."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from checkout.cash import EURO_PIECES_MINOR, PAID_IN_FOR, PAID_OUT_FOR, PIECES_MAX, sum_of_pieces
from checkout.errors import Refused
from kiosk_ui.front_door import the_box
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import Page, blueprint, key
from kiosk_ui.tablet.sign_in import the_clerk
from kiosk_ui.tablet.till_frame import amount_typed

MOVES = {"float": (), "drop": (), "in": PAID_IN_FOR, "out": PAID_OUT_FOR}
"""What can be done with a drawer besides counting it, and for which reasons."""


@blueprint.get("/drawers/<lane>")
def drawer(lane: str) -> str:
    """What should lie in it, unless it is counted blindly, and what can be done with it."""
    _known(lane)
    try:
        expected_minor = the_box().drawers.expected(lane, the_clerk())
        hidden = ""
    except Refused as refused:
        expected_minor, hidden = None, sentence(refused)
    return render_template(
        "tablet/drawer.html",
        lane=lane,
        where=words.place(lane),
        expected_minor=expected_minor,
        hidden=hidden,
    )


@blueprint.route("/drawers/<lane>/<move>", methods=("GET", "POST"))
def move_cash(lane: str, move: str) -> Page:
    """Put money in or take some out, for a reason where there is more than one."""
    _known(lane)
    if move not in MOVES:
        abort(404)
    if request.method == "POST":
        try:
            _move(lane, move, amount_typed())
        except Refused as refused:
            flash(sentence(refused), "look")
            return redirect(request.path, 303)
        flash(_("It is written down."))
        return redirect(url_for("tablet.drawer", lane=lane), 303)
    return render_template(
        "tablet/move_cash.html",
        lane=lane,
        where=words.place(lane),
        move=move,
        heading=words.cash_move(move),
        reasons=[(reason, words.cash_reason(reason)) for reason in MOVES[move]],
    )


@blueprint.route("/drawers/<lane>/count", methods=("GET", "POST"))
def count(lane: str) -> Page:
    """Coins and notes by number; then how far it was off. What was counted counts from now on."""
    _known(lane)
    box, counted = the_box(), None
    if request.method == "POST":
        try:
            counted = box.drawers.count(lane, sum_of_pieces(_pieces()), the_clerk(), key())
        except Refused as refused:
            flash(sentence(refused), "look")
            return redirect(request.path, 303)
        if counted is None:
            return redirect(url_for("tablet.drawer", lane=lane), 303)
    return render_template(
        "tablet/count.html",
        lane=lane,
        where=words.place(lane),
        counted=counted,
        pieces=tuple(reversed(EURO_PIECES_MINOR)),
    )


def _known(lane: str) -> None:
    """404 for a lane without a drawer."""
    if lane not in the_box().settings.cash.lanes:
        abort(404)


def _move(lane: str, move: str, amount_minor: int) -> None:
    """Raises `Refused`; 400 for a reason that the page does not offer."""
    drawers, clerk, reason = the_box().drawers, the_clerk(), request.form.get("reason", "")
    if MOVES[move] and reason not in MOVES[move]:
        abort(400)
    if move == "float":
        drawers.put_float(lane, amount_minor, clerk, key())
    elif move == "drop":
        drawers.drop(lane, amount_minor, clerk, key())
    elif move == "in":
        drawers.pay_in(lane, amount_minor, reason, clerk, key())
    else:
        drawers.pay_out(lane, amount_minor, reason, clerk, key())


def _pieces() -> dict[int, int]:
    """How many of each; an empty form is a slip, not an empty drawer. Raises Refused(amount_not_possible)."""
    typed = {worth: request.form.get(f"of-{worth}", "").strip() for worth in EURO_PIECES_MINOR}
    given = {worth: text for worth, text in typed.items() if text}
    if not given or not all(
        text.isascii() and text.isdecimal() and len(text) <= len(str(PIECES_MAX)) for text in given.values()
    ):
        raise Refused("amount_not_possible")
    return {worth: int(text) for worth, text in given.items()}
