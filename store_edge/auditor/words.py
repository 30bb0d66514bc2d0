"""The DSFinV-K's words (2.4; key numbers of VAT: annex 2 of 2024-12-05) for what the counter knows."""

from __future__ import annotations

from decimal import Decimal

from checkout.fiscal import ABORTED, SALE, Paid, receipt_data
from checkout.fiscal import CASH as PAID_IN_CASH
from checkout.fiscal import CASHLESS as PAID_WITHOUT_CASH
from checkout.payment import CARD, CASH, ON_FILE, POINTS, TRANSFER
from checkout.receipt import Tendered

ORDER = "AVBestellung"
BON_TYPES = (
    SALE, "AVRechnung", "AVTransfer", ORDER, "AVTraining",
    "AVBelegstorno", ABORTED, "AVSachbezug", "AVSonstige",
)  # fmt: skip
"""Annex B. Only the first one counts in a closing (4.1)."""
CASES = (
    "Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "Aufschlag", "ZuschussEcht", "ZuschussUnecht",
    "TrinkgeldAG", "TrinkgeldAN", "EinzweckgutscheinKauf", "EinzweckgutscheinEinloesung",
    "MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung", "Forderungsentstehung", "Forderungsaufloesung",
    "Anzahlungseinstellung", "Anzahlungsaufloesung", "Anfangsbestand", "Privatentnahme", "Privateinlage",
    "Geldtransit", "Lohnzahlung", "Einzahlung", "Auszahlung", "DifferenzSollIst",
)  # fmt: skip
"""Annex C."""
IN_CASH, NO_PAYMENT = "Bar", "Keine"
PAYMENTS = (
    IN_CASH, "Unbar", NO_PAYMENT, "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte",
)  # fmt: skip
"""Annex D."""
REFERENCE = "Transaktion"
REFERENCES = ("ExterneRechnung", "ExternerLieferschein", REFERENCE, "ExterneSonstige")
BASE, OFF = "base_amount", "discount"
PRICE_FINDING = (BASE, OFF, "extra_amount")

UNTAXED = 5
_KEYS = {
    1900: 1, 700: 2, 780: 3, 550: 4, 0: UNTAXED,
    1600: 21, 500: 22, 1070: 13, 950: 23, 900: 33, 840: 43,
}  # fmt: skip
ABOUT_KEY = {
    1: "Allgemeiner Steuersatz (§ 12 Abs. 1 UStG)",
    2: "Ermäßigter Steuersatz (§ 12 Abs. 2 UStG)",
    3: "Durchschnittsatz (§ 24 Abs. 1 Nr. 3 UStG)",
    4: "Durchschnittsatz (§ 24 Abs. 1 Nr. 1 UStG)",
    UNTAXED: "Nicht steuerbar",
}
_CARDS = {
    "girocard": "ECKarte",
    "visa": "Kreditkarte",
    "mastercard": "Kreditkarte",
    "american express": "Kreditkarte",
    "diners": "Kreditkarte",
    "jcb": "Kreditkarte",
}


def key_of(rate_bp: int) -> int:
    """UST_SCHLUESSEL of a rate in basis points. Raises ValueError for a rate that no law knows."""
    if rate_bp not in _KEYS:
        raise ValueError(f"no key for a rate of {rate_bp} basis points")
    return _KEYS[rate_bp]


def rate_of(key: int) -> int:
    """The rate of a key, in basis points. Raises ValueError for a key of nobody's."""
    for rate_bp, one in _KEYS.items():
        if one == key:
            return rate_bp
    raise ValueError(f"{key} is no key of a rate")


def about_key(key: int) -> str:
    """Keys of two digits are former rates; the second digit says of what (annex 2)."""
    return ABOUT_KEY.get(key) or f"Historisch: {ABOUT_KEY[key % 10]}"


_CALLED = {POINTS: "Punkte", ON_FILE: "Hinterlegte Karte", TRANSFER: "Überweisung"}


def payment_of(part: Tendered) -> tuple[str, str]:
    """Kind and name of a payment. Gift cards are none: they are business cases (annex C)."""
    if part.kind == CASH:
        return IN_CASH, IN_CASH
    if part.kind == CARD:
        kinds = (kind for brand, kind in _CARDS.items() if brand in part.name.casefold())
        return next(kinds, "Unbar"), part.name or "Karte"
    return "Unbar", _CALLED.get(part.kind, part.kind)


def euros(amount_minor: int) -> Decimal:
    """Minor units as an amount."""
    return Decimal(amount_minor).scaleb(-2)


def signed_data(kind: str, gross: dict[int, Decimal], payments: dict[str, Decimal]) -> str:
    """What a TSE must have been told of a receipt, out of its exported sums: gross by key, paid by kind."""
    return receipt_data(
        kind,
        [(rate_of(key), int(amount.scaleb(2))) for key, amount in gross.items()],
        [
            Paid(PAID_IN_CASH if how == IN_CASH else PAID_WITHOUT_CASH, int(amount.scaleb(2)))
            for how, amount in payments.items()
            if how != NO_PAYMENT and amount
        ],
    )
