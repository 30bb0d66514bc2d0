"""What the card terminal is doing, in words.

Codes of ZVT's intermediate status (PA00P015, command 04 FF, table of intermediate statuses). Codes from 41 on
are those from 01 on with "please remove card". A code that nobody here knows means: look at the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext

INSERT_CARD = 0x0A
_REMOVE_CARD_FROM, _REMOVE_CARD_TO, _REMOVE_CARD = 0x41, 0x5D, 0x40

_INSERT = lazy_gettext("Please insert or hold your card")
_LOOK = lazy_gettext("Please follow the terminal; it may ask for your PIN")
_BANK = lazy_gettext("One moment, the bank is being asked")
_WAIT = lazy_gettext("One moment, please")
_REFUSED = lazy_gettext("The card was not accepted")
_TEXTS = {
    0x00: _WAIT,
    0x01: _LOOK,
    0x02: _LOOK,
    0x04: _BANK,
    0x05: lazy_gettext("The terminal takes the payment back"),
    0x06: _WAIT,
    0x0A: _INSERT,
    0x0B: lazy_gettext("Please take your card"),
    0x0C: lazy_gettext("The card could not be read; please try again"),
    0x0E: _WAIT,
    0x15: lazy_gettext("That was not the right PIN; please try again"),
    0x17: _WAIT,
    0x1B: lazy_gettext("Approved"),
    0x1C: lazy_gettext("Approved"),
    0xD2: _BANK,
    0xD3: _BANK,
}
_TEXTS.update(
    dict.fromkeys((0x03, 0x07, 0x08, 0x09, 0x10, 0x12, 0x13, 0x14, 0x16, 0x18, 0x19, 0x1D), _REFUSED)
)


@dataclass(frozen=True, slots=True)
class TerminalWords:
    """What to do now; `busy` while only the machines are at work."""

    text: str
    hint: str
    busy: bool


def terminal_words(status: int | None) -> TerminalWords:
    """What a status code asks of the shopper; None means that the terminal has not said anything yet."""
    if status is None:
        return TerminalWords(str(_WAIT), _("The terminal is being woken."), True)
    remove = _REMOVE_CARD_FROM <= status <= _REMOVE_CARD_TO
    text = _TEXTS.get(status - _REMOVE_CARD if remove else status)
    if text is None:
        return TerminalWords(_("Please follow the terminal"), "", False)
    hint = _("Please take your card.") if remove else ""
    if text is _INSERT:
        hint = _("The terminal beside the screen shows the amount.")
    return TerminalWords(str(text), hint, text in (_WAIT, _BANK))
