"""What providers tell: a code to scan, money that came by itself, and what was taken back there.

A transfer cannot be steered: it comes as too little, as too much, twice, or when nobody waits for it any
more. What came is written down as it came; what the sale may not keep goes back, and staff are told how
much.
"""

from __future__ import annotations

from dataclasses import replace

from checkout import events, payment
from checkout.cashier import Cashier
from checkout.payment import Payment
from checkout.ports import Books, Page
from checkout.staff import By, acted


class ProviderDesk:
    """The use cases that only payments by a provider have. Each may be told twice."""

    def __init__(self, books: Books, cashier: Cashier) -> None:
        self._books = books
        self._cashier = cashier

    def show_code(self, payment_id: str, code: str) -> None:
        """Here is what the shopper scans to pay."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state != payment.SENT or found.code == code:
                return
            page.save_payment(replace(found, code=code))
            page.announce(events.PaymentCodeShown(found.basket, found.id), found.lane)

    def received(self, payment_id: str, received_minor: int, found_by: str) -> None:
        """So much came in for it in all: the sale is complete, or the rest is waited for, or it goes back."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None:
                return
            if received_minor > found.received_minor:
                found = self._book(page, found, received_minor)
            self._owe(page, found)
        if found.state in (payment.SENT, payment.UNKNOWN) and found.received_minor >= found.amount_minor:
            self._cashier.taken(found.id, 0, "", found_by)
            with self._books.page() as page:
                taken = page.payment(payment_id)
                assert taken is not None
                self._owe(page, taken)

    def paid_back(self, payment_id: str, by: By | None = None) -> None:
        """Staff sent back what was not ours to keep."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or not found.back_minor:
                return
            back_minor = found.back_minor
            acted(page, by, "paid_back", found.id, found.lane)
            page.save_payment(replace(found, paid_back_minor=found.paid_back_minor + back_minor))
            page.announce(events.TransferPaidBack(found.basket, found.id, back_minor), found.lane)
            page.close_tasks(found.id, "paid_back", kind="pay_back")

    def reversed(self, payment_id: str) -> None:
        """Nothing can be charged for it any more, and nothing is kept."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state != payment.REVERSING:
                return
            declined = found.in_state(payment.DECLINED)
            page.save_payment(declined)
            self._owe(page, declined)

    def unmatched(self, device: str, entry: str, amount_minor: int, lane: str) -> None:
        """Money came in that belongs to no payment of ours."""
        with self._books.page() as page:
            if "money_unmatched" in page.called_about(entry):
                return
            page.announce(events.MoneyUnmatched(device, entry, amount_minor), lane)
            page.open_task("money_unmatched", entry, lane)

    def _book(self, page: Page, found: Payment, received_minor: int) -> Payment:
        more_minor = received_minor - found.received_minor
        found = replace(found, received_minor=received_minor)
        page.save_payment(found)
        page.announce(events.TransferReceived(found.basket, found.id, more_minor, received_minor), found.lane)
        return found

    def _owe(self, page: Page, found: Payment) -> None:
        if found.back_minor and found.state != payment.REVERSING:
            page.open_task("pay_back", found.id, found.lane)
