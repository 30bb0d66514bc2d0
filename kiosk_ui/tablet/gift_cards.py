"""Gift cards without a sale: new blank ones, what is on one, and stopping one that was lost."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from checkout.errors import Refused
from checkout.gift_cards import ACTIVE, qr_text
from kiosk_ui.front_door import the_box
from kiosk_ui.qr import qr_svg
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import Page, blueprint
from kiosk_ui.tablet.sign_in import the_clerk
from kiosk_ui.tablet.till_frame import code_typed, whole_typed

MADE_AT_ONCE_MAX = 24
"""As many codes as fit on a sheet that is cut up; more are made by and by."""


@blueprint.route("/gift-cards", methods=("GET", "POST"))
def gift_cards() -> Page:
    """Look at one card by its code; POST so that the code stands in no address and no log."""
    card, balance_minor, fault = None, 0, ""
    if request.method == "POST":
        try:
            card, balance_minor = the_box().till.gift_cards.balance(code_typed())
        except Refused as refused:
            fault = sentence(refused)
    shown = render_template(
        "tablet/gift_cards.html",
        card=card,
        state=words.gift_card_state(card.state) if card else "",
        until=dt.date.fromisoformat(card.expires_on) if card and card.expires_on else None,
        balance_minor=balance_minor,
        may_block=card is not None and card.state == ACTIVE,
        fault=fault,
        most=MADE_AT_ONCE_MAX,
    )
    return (shown, 422) if fault else shown


@blueprint.post("/gift-cards/block")
def block_gift_card() -> Page:
    """Nobody can pay with it any more."""
    try:
        the_box().till.gift_cards.block(request.form.get("reference", "")[:64], the_clerk())
    except Refused as refused:
        flash(sentence(refused), "look")
    else:
        flash(_("The card is stopped. What is on it stays owed to its owner."))
    return redirect(url_for("tablet.gift_cards"), 303)


@blueprint.post("/gift-cards/new")
def new_gift_cards() -> Page:
    """Blank cards, worth nothing until they are sold; their codes are shown this once."""
    try:
        many = whole_typed("many")
        if many > MADE_AT_ONCE_MAX:
            raise Refused("quantity_not_possible", limit=MADE_AT_ONCE_MAX)
        codes = the_box().till.gift_cards.print_blank(many, the_clerk())
    except Refused as refused:
        flash(sentence(refused), "look")
        return redirect(url_for("tablet.gift_cards"), 303)
    drawn = [(code, qr_svg(qr_text(code))) for code in codes]
    return render_template("tablet/new_gift_cards.html", cards=drawn)
