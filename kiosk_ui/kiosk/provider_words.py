"""What a payment that needs no terminal says: by the shopper's bank, or with the card on file."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from checkout.payment import CARD, TRANSFER, Payment
from kiosk_ui.kiosk.terminal_words import TerminalWords
from kiosk_ui.sentences import Words


def transfer_words(received: str, missing: str) -> TerminalWords:
    """Beside the code; `received` is "" as long as nothing came in, else there is `missing` so much."""
    if received:
        return TerminalWords(
            _("%(missing)s are still missing", missing=missing),
            _("%(received)s have arrived. Please send the rest with the same reference.", received=received),
            False,
        )
    return TerminalWords(
        _("Scan this code with your bank app"),
        _("Send it as an instant payment. This screen goes on as soon as the money is there."),
        False,
    )


def on_file_words() -> TerminalWords:
    return TerminalWords(
        _("We charge the card that you left with us"), _("One moment, the bank is being asked."), True
    )


def enquired_words(tender: str) -> TerminalWords:
    """An answer is missing, and whoever owes it is asked."""
    who = (
        _("Please wait, we are asking the terminal")
        if tender == CARD
        else _("Please wait, we are asking the payment service")
    )
    return TerminalWords(
        who, _("Its answer did not reach us. This may take a little; please do not pay again."), True
    )


def unknown_words(tender: str) -> Words:
    """Nobody can tell whether it was paid."""
    hint = (
        _(
            "The terminal did not say whether you have paid. Please do not pay again; "
            "we look into it together."
        )
        if tender == CARD
        else _(
            "The payment service does not answer. Please do not pay again; whatever was charged for nothing "
            "comes back by itself."
        )
    )
    return Words(_("Please wait, a colleague is coming"), hint)


def back_hint(owed: Iterable[Payment]) -> str:
    """Why a colleague comes: parts that were paid go back by hand."""
    if any(part.tender == TRANSFER for part in owed):
        return str(_("You get back what you paid by bank transfer. Your basket stays as it is."))
    return str(_("You get back what you paid by card. Your basket stays as it is."))
