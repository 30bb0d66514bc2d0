"""Goods brought back at a staffed till: by their receipt, or without one; which, how many and why."""

from __future__ import annotations

import datetime as dt

from flask import abort, redirect, render_template, request, url_for
from flask_babel import get_locale

from checkout.errors import Refused
from checkout.receipt import ReceiptLine
from checkout.returns import REASONS
from kiosk_ui.front_door import the_box
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import key
from kiosk_ui.tablet.sign_in import by_clerk
from kiosk_ui.tablet.till_frame import Answer, blueprint, code_typed, to_till, whole_typed


@blueprint.route("/returns", methods=("GET", "POST"))
def find_receipt(lane: str) -> Answer:
    """Ask for the receipt; 422 with a sentence for one that is not found. Its code stands in no address."""
    typed, fault = code_typed("receipt"), ""
    if request.method == "POST":
        try:
            receipt, _left = the_box().returns.find(typed)
        except Refused as refused:
            fault = sentence(refused)
        else:
            return redirect(url_for("tablet.till.receipt", lane=lane, number=receipt.number), 303)
    shown = render_template(
        "tablet/find_receipt.html", lane=lane, where=words.place(lane), typed=typed, fault=fault
    )
    return (shown, 422) if fault else shown


@blueprint.get("/returns/<int:number>")
def receipt(lane: str, number: int) -> Answer:
    """The receipt's lines; those that can still come back are links."""
    found, left = the_box().returns.find(str(number))
    lines = [
        (at, _name(line), line.total_minor, pieces)
        for at, (line, pieces) in enumerate(zip(found.lines, left, strict=True), start=1)
    ]
    return render_template(
        "tablet/receipt.html",
        lane=lane,
        where=words.place(lane),
        receipt=found,
        at=dt.datetime.fromisoformat(found.at),
        lines=lines,
    )


@blueprint.route("/returns/<int:number>/<int:line>", methods=("GET", "POST"))
def bring_back(lane: str, number: int, line: int) -> Answer:
    """So many pieces of one line come back, for a reason; much takes two people."""
    desk = the_box().returns
    if request.method == "POST":
        by = by_clerk()
        desk.bring_back(
            lane,
            str(number),
            line,
            whole_typed(),
            reason=_reason(),
            clerk=by.clerk,
            second=by.second,
            request_key=key(),
        )
        return to_till(lane)
    found, left = desk.find(str(number))
    if not 1 <= line <= len(left) or not left[line - 1]:
        return redirect(url_for("tablet.till.receipt", lane=lane, number=number), 303)
    return render_template(
        "tablet/bring_back.html",
        lane=lane,
        where=words.place(lane),
        number=number,
        name=_name(found.lines[line - 1]),
        pieces=left[line - 1],
        reasons=_reasons(),
        alone_minor_max=desk.rules.alone_minor_max,
    )


@blueprint.route("/returns/without", methods=("GET", "POST"))
def without_receipt(lane: str) -> Answer:
    """Pieces that nobody can tell the receipt of, for the least they would have cost."""
    if request.method == "POST":
        by = by_clerk()
        the_box().returns.bring_back_without_receipt(
            lane,
            code_typed("gtin"),
            whole_typed(),
            reason=_reason(),
            clerk=by.clerk,
            second=by.second,
            request_key=key(),
        )
        return to_till(lane)
    return render_template(
        "tablet/without_receipt.html",
        lane=lane,
        where=words.place(lane),
        reasons=_reasons(),
        alone_minor_max=the_box().returns.rules.alone_without_receipt_minor_max,
    )


def _name(line: ReceiptLine) -> str:
    """What it was called on the receipt, in the reader's language if it knew that."""
    return line.name.get(str(get_locale())) or next(iter(line.name.values()), line.gtin)


def _reasons() -> list[tuple[str, str]]:
    return sorted(((reason, words.return_reason(reason)) for reason in REASONS), key=lambda one: one[1])


def _reason() -> str:
    """One of the reasons on the page. 400 for any other."""
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        abort(400)
    return reason
