"""What a staffed till says while money is on its way: by terminal, saved card or the customer's bank."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext as _

from checkout.payment import CARD, ON_FILE, PROVIDED, SENT, Payment


class Says(NamedTuple):
    """A sentence, what follows from it, and whether it goes on by itself."""

    text: str
    hint: str
    alone: bool = False


def asks(payment: Payment) -> Says:
    """A payment, or money that goes back to a card, that is under way."""
    goes_on = _("This page goes on by itself.")
    if payment.goes_out and payment.state == SENT:
        return Says(_("The customer holds the card to the terminal."), goes_on, True)
    if payment.goes_out:
        return Says(_("The terminal is being asked."), goes_on, True)
    if payment.tender == CARD:
        pays_there = _("The customer pays there. This page goes on by itself.")
        return Says(_("The terminal asks for it."), pays_there, True)
    if payment.tender == ON_FILE:
        nothing_to_do = _("The customer has nothing to do. This page goes on by itself.")
        return Says(_("The customer’s saved card is charged."), nothing_to_do, True)
    on_screen = _("The code is on the till’s screen. This page goes on by itself.")
    return Says(_("The customer pays with the bank app."), on_screen, True)


def doubt(payment: Payment) -> Says:
    """Nobody can tell whether money moved."""
    if payment.tender in PROVIDED:
        return Says(
            _("The payment service does not answer. Nobody knows yet whether it was paid."),
            _("It is asked again by itself. If the customer cannot wait, say in the list: not paid."),
        )
    look = _("Look at its last receipt, then say in the list what it shows.")
    if payment.goes_out:
        return Says(_("The terminal did not say whether it gave the money back."), look)
    return Says(_("The terminal did not say whether it was paid."), look)


def goes_back(owed: Payment) -> Says:
    """A part of a sale that was given up, on its way back."""
    if owed.back_asked_at:
        return Says(_("The terminal gives a card’s part back."), _("This page goes on by itself."), True)
    if owed.tender == CARD:
        at_terminal = _("Give it back at the terminal, then say so in the list.")
        return Says(_("A card’s part goes back first."), at_terminal)
    if owed.tender == ON_FILE:
        by_itself = _("That happens by itself, and this page goes on then.")
        return Says(_("The saved card’s part goes back first."), by_itself, True)
    at_bank = _("Send it back at the bank, then say so in the list.")
    return Says(_("What came by bank transfer goes back first."), at_bank)
