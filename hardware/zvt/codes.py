"""Result codes of ZVT, in words for staff (PA00P015, chapter "Error-Messages")."""

from __future__ import annotations

APPROVED = 0x00
GOODS_NOT_ISSUED = 0x66
"""As an answer to an approved Status-Information: the goods did not come out, give the money back."""
NOT_REGISTERED = 0x6B
ABORTED_BY_PERSON = 0x6C
"""Aborted by key, by the ECR, or because no card came in time."""
WRONG_CURRENCY = 0x6F
UNKNOWN_COMMAND = 0x83
"""Negative acknowledgement: this side does not know (or allow) the command."""
PLEASE_WAIT = 0x9C
"""From the terminal: not now. As an answer to an approved Status-Information: goods are on their way."""
PARTLY_ISSUED = 0x9D
"""As an answer to an approved Status-Information: take only this amount."""
RECEIVER_NOT_READY = 0xA0
ALREADY_REVERSED = 0xB4
REVERSAL_NOT_POSSIBLE = 0xB5

_SENTENCES = {
    0x00: "All went well.",
    0x64: "The card could not be read.",
    0x65: "No card data was found: neither stripe nor chip.",
    0x66: "The terminal failed at its work; its card reader may be the reason.",
    0x67: "This is not allowed with debit cards.",
    0x68: "This is not allowed with credit and fuel cards.",
    0x6A: "The terminal's record of payments is full: close its day.",
    0x6B: "The terminal does not know this till: register first.",
    0x6C: "Somebody stopped it, or nobody came in time.",
    0x6E: "The card is blocked.",
    0x6F: "The terminal works in another currency.",
    0x71: "There is not enough money on the card.",
    0x72: "The card's chip failed.",
    0x73: "The card's data is wrong.",
    0x74: "The terminal has used up its PIN keys: call its service.",
    0x75: "The terminal does not trust the text it should show.",
    0x76: "The card is not on the list of those allowed here.",
    0x77: "The terminal's day cannot be closed now.",
    0x78: "The card has expired.",
    0x79: "The card is not valid yet.",
    0x7A: "The terminal does not know this kind of card.",
    0x7B: "This girocard must be paid by chip.",
    0x7C: "This card must be paid by chip.",
    0x7D: "The terminal's modem does not answer.",
    0x7E: "This girocard must be paid by chip, or by signature.",
    0x83: "The terminal cannot do that.",
    0x85: "The terminal lacks a key: call its service.",
    0x89: "The PIN pad is broken.",
    0x9A: "The terminal did not understand the till.",
    0x9B: "The terminal's line to the bank failed.",
    0x9C: "The terminal is at work: wait a moment.",
    0xA0: "The terminal is not ready.",
    0xA1: "The bank's computer does not answer.",
    0xA3: "The terminal has no line to the bank.",
    0xA4: "GeldKarte payments cannot be handed in.",
    0xA5: "Card security rules forbid that.",
    0xB1: "The terminal's memory is full.",
    0xB2: "The terminal's journal is full.",
    0xB4: "That payment was given back already.",
    0xB5: "That payment cannot be given back.",
    0xB7: "The amount does not fit the reservation.",
    0xB8: "The reservation is wrong.",
    0xBF: "The terminal has too little power.",
    0xC0: "The terminal's card lock is broken.",
    0xC1: "The merchant's card is blocked.",
    0xC2: "The terminal wants a diagnosis first.",
    0xC3: "The amount is above what is allowed.",
    0xC4: "The terminal needs new card profiles.",
    0xC5: "This way of paying is not possible here.",
    0xC6: "This currency is not possible here.",
    0xC8: "The amount is too small.",
    0xC9: "The terminal's highest amount is set too low.",
    0xCB: "This is possible in euros only.",
    0xCC: "The terminal's printer is not ready.",
    0xCD: "No cash can be paid out.",
    0xD2: "This is not allowed with service and customer cards.",
    0xDC: "There is still a card in the terminal.",
    0xDD: "The card could not be given out.",
    0xDE: "The card could not be taken in.",
    0xE0: "The terminal is in remote maintenance.",
    0xE2: "The card reader does not answer.",
    0xE3: "The card reader's shutter is closed.",
    0xE4: "The terminal must be activated first.",
    0xE7: "A group of goods is missing in the terminal.",
    0xE8: "The terminal has no groups of goods.",
    0xE9: "A restriction on the card forbids that.",
    0xEA: "Cards of this kind are not activated.",
    0xEB: "The terminal does not know how to check this PIN.",
    0xEC: "The PIN could not be worked on.",
    0xED: "The PIN pad is broken.",
    0xF0: "The terminal's day is closed only half: close it again.",
    0xF1: "Paying without the bank's line failed.",
    0xF5: "The terminal's set-up with the network failed.",
    0xF6: "The terminal must be set up with the network first.",
    0xFA: "Payments made without the line could not be handed in.",
    0xFB: "The terminal's record of payments is damaged.",
    0xFC: "A part of the terminal is missing or broken.",
    0xFD: "The terminal does not know this line speed.",
    0xFE: "The terminal does not know this register.",
    0xFF: "The terminal failed and does not say why.",
}
RESULT_CODES = frozenset(_SENTENCES)


def sentence(code: int) -> str:
    """What a result code means, and what to do, in a sentence; 0x01 to 0x63 are the bank's own."""
    known = _SENTENCES.get(code)
    if known is not None:
        return known
    if 0 < code < 0x64:
        return f"The bank said no (code {code:02X})."
    return f"The terminal gave a code that ZVT does not have ({code:02X})."
