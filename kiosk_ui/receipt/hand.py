"""How figures of a receipt look on a screen and in a PDF, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from kiosk_ui import format as figures


class ScreenHand:
    """A `checkout.receipt_rows.Hand` for the locale in force, with the currency beside each amount."""

    times = "×"

    def __init__(self, currency: str) -> None:
        self._currency = currency

    def money(self, amount_minor: int) -> str:
        return figures.money(amount_minor, self._currency)

    def thousandths(self, amount: int) -> str:
        return figures.thousandths(amount)

    def rate(self, rate_bp: int) -> str:
        return figures.vat_rate(rate_bp)

    def moment(self, at: str) -> str:
        return figures.moment(datetime.fromisoformat(at))
