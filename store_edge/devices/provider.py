"""A payment provider on a lane: a card on file, or the shopper's own bank. To the cashier it is a terminal.

A terminal knows only its last receipt, so its agent waits at the line; a provider knows each payment by its
id, so this one asks, lets go, and goes on when a notice comes, or looks by itself when none does:

    sent      -> taken, or declined, by what the provider says
              -> withdrawn there when its time is over, the shopper stops, or nobody there has heard of it
              -> unknown, for staff, when the provider stays out of reach
    unknown   -> settled by what the provider says once it is back
    reversing -> withdrawn, or given back: staff let the shopper go

Withdrawing is the provider's last word: what was still on its way to it is not charged any more. Only a
transfer cannot be withdrawn; what comes too late goes back.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from checkout.events import PaymentAsked, PaymentDeclined, PaymentStopAsked, RefundAsked
from checkout.payment import (
    ASKED,
    ON_FILE,
    ONCE_TAKEN,
    OPEN_STATES,
    OWED,
    REVERSING,
    SENT,
    TRANSFER,
    UNKNOWN,
    Payment,
)
from checkout.phone_lane import serves
from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import Charge, MoneyNotice, Standing
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.devices.terminal import ASKED_S_MAX, ENQUIRY_S_MAX, PRESENT_CHECK_S

if TYPE_CHECKING:
    from store_edge.box import Box
    from store_edge.db.journal import Entry

log = logging.getLogger(__name__)

KINDS = tuple(kind.__name__ for kind in (PaymentAsked, PaymentStopAsked, PaymentDeclined, RefundAsked))
BUSY_LOOK_S = 0.05
"""How long the journal is waited for while a payment is under way, before notices are looked for."""
ENQUIRE_EACH_S = 2.0
"""How often a payment under way is enquired where no notice comes."""


class Provider(Protocol):
    """What a payment provider's driver does. `ask`, `withdraw` and `refund` may be asked again."""

    def open(self) -> None: ...
    def check(self) -> None: ...
    def ask(self, charge: Charge) -> Standing: ...
    def enquire(self, charge: Charge) -> Standing: ...
    def withdraw(self, charge: Charge) -> Standing: ...
    def refund(self, charge: Charge, amount_minor: int, key: str = "1") -> Standing: ...
    def news(self) -> tuple[MoneyNotice, ...]: ...
    def heard(self, notice: MoneyNotice) -> None: ...
    def close(self) -> None: ...


class ProviderAgent(DeviceAgent):
    """Serves the payments of one tender (the word before the dot in the driver's name), on one lane or for
    all phones."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, provider: Provider) -> None:
        super().__init__(box, device, driver, lane)
        self._provider = provider
        self._tender = driver.partition(".")[0]
        self._read_to = 0
        self._stopped: set[str] = set()
        """Payments that the shopper would rather not make."""
        self._next_look_s = 0.0
        self._next_check_s = 0.0

    def start(self) -> None:
        self._read_to = self.box.journal.last_number()
        super().start()

    def connect(self) -> None:
        self._leave_to_staff()  # first: staff hear of it though nobody answers
        try:
            self._provider.open()
        except DeviceFault:
            self._let_askers_go()
            raise
        self._is_well()
        self._recover()
        self._ask_what_is_wanted()
        self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def work(self) -> None:
        is_open = bool(self._payments(SENT))
        for entry in self.box.journal.wait(self._read_to, BUSY_LOOK_S if is_open else LOOK_UP_S, kinds=KINDS):
            self._read_to = entry.number
            self._react(entry)
        for notice in self._provider.news():
            self._heed(notice)
        now_s = time.monotonic()
        if now_s > self._next_look_s:
            self._next_look_s = now_s + ENQUIRE_EACH_S
            self._look_after_sent()
        if now_s > self._next_check_s:
            self._next_check_s = now_s + PRESENT_CHECK_S
            self._provider.check()
            self._look_after_the_rest()

    def let_go(self) -> None:
        self._provider.close()

    def give_up(self) -> None:
        """Nobody asks this provider any more: what it may have charged is for staff to find out."""
        self._let_askers_go()
        for sent in self._payments(SENT):
            self.box.cashier.unknown(sent.id)

    # What the shop wants

    def _react(self, entry: Entry) -> None:
        if not serves(self.lane, entry.lane):
            return
        if entry.type == PaymentAsked.__name__:
            self._ask_what_is_wanted()
        elif entry.type == PaymentStopAsked.__name__:
            self._stop(entry.facts["payment"])
        elif entry.type == RefundAsked.__name__:
            self._give_back_what_is_owed()
        else:
            self._take_back()

    def _let_askers_go(self, asked_s_min: float = 0.0) -> None:
        """Nothing was asked of the provider yet: whoever wanted to pay so pays otherwise, or has gone."""
        for asked in self._payments(ASKED):
            if not asked.asked_at or self._age_s(asked.asked_at) >= asked_s_min:
                self.box.cashier.declined(asked.id, "provider")

    def _ask_what_is_wanted(self) -> None:
        self._let_askers_go(ASKED_S_MAX)
        for asked in self._payments(ASKED):
            sent = self.box.cashier.send(asked.id, self.device, 0)
            if sent is not None:
                self._ask(sent)

    def _ask(self, sent: Payment) -> None:
        """The only place where a charge begins; `PaymentSent` is written down before."""
        try:
            standing = self._provider.ask(_charge(sent))
        except (Unreachable, Busy) as fault:  # by contract: nothing was charged
            self.box.cashier.declined(sent.id, "provider")
            raise Unreachable(str(fault)) from None
        except (OutcomeUnknown, Garbled):
            self.box.cashier.enquired(sent)
            raise
        if standing.to_show:
            self.box.providers.show_code(sent.id, standing.to_show)
        self._next_look_s = time.monotonic() + ENQUIRE_EACH_S
        self._settle(sent, standing, "answer")

    def _stop(self, payment: str) -> None:
        found = self.box.payments.payment(payment)
        if found is not None and found.tender == self._tender and found.state == SENT:
            self._stopped.add(found.id)
            self._withdraw(found)

    # Finding out

    def _recover(self) -> None:
        """Answers may have been lost. What nobody there has heard of may still be on its way: withdrawn."""
        for sent in self._payments(SENT):
            self.box.cashier.enquired(sent)
            standing = self._provider.enquire(_charge(sent))
            if standing.state == "none" or (self._tender == TRANSFER and not sent.code):
                self._withdraw(sent)
            else:
                self._settle(sent, standing, "enquiry")
        self._look_after_the_rest()

    def _look_after_sent(self) -> None:
        for sent in self._payments(SENT):
            if self._left_s(sent) <= 0:
                self._withdraw(sent)
            else:
                self._settle(sent, self._provider.enquire(_charge(sent)), "enquiry")

    def _look_after_the_rest(self) -> None:
        """What was left to staff is settled by proof; what they let go, or owe, is done here."""
        for unknown in self._payments(UNKNOWN):
            self._withdraw(unknown)
        self._take_back()
        self._give_back_what_is_owed()

    def _heed(self, notice: MoneyNotice) -> None:
        """Only a reason to enquire; receipted when what it means is written down."""
        found = self.box.payments.payment(notice.charge) if notice.charge else None
        if found is None or found.tender != self._tender:
            if notice.amount_minor:
                self.box.providers.unmatched(self.device, notice.key, notice.amount_minor, self.lane)
        else:
            self._settle(found, self._provider.enquire(_charge(found)), "notice")
        self._provider.heard(notice)

    def _withdraw(self, sent: Payment) -> None:
        standing = self._provider.withdraw(_charge(sent))
        self._settle(sent, standing, "enquiry")

    def _leave_to_staff(self) -> None:
        """The provider is out of reach for longer than anybody can wait."""
        for sent in self._payments(SENT):
            if self._left_s(sent) + ENQUIRY_S_MAX <= 0:
                self.box.cashier.unknown(sent.id)

    # What follows

    def _settle(self, payment: Payment, standing: Standing, found_by: str) -> None:
        """Book what the provider says; told again, nothing more happens."""
        if self._tender == TRANSFER and standing.received_minor:
            self.box.providers.received(payment.id, standing.received_minor, found_by)
        now = self.box.payments.payment(payment.id)
        if now is None:
            return
        if now.state in OPEN_STATES:
            self._close(now, standing, found_by)
        elif standing.state == "taken" and self._tender == ON_FILE and now.state not in ONCE_TAKEN:
            log.error("a provider charged what was given up payment=%s", payment.id)
            self._refund_all(now, standing)

    def _close(self, payment: Payment, standing: Standing, found_by: str) -> None:
        if standing.state == "taken" and not self._is_all_of_it(payment, standing):
            log.error("a provider charged something else payment=%s", payment.id)
            self.box.cashier.unknown(payment.id)
        elif standing.state == "taken":
            self._taken(payment, found_by)
        elif standing.state == "refused":
            self.box.cashier.declined(payment.id, "card")
        elif standing.state == "withdrawn":
            stopped = payment.id in self._stopped
            late = "late" if self._tender == TRANSFER else "enquiry"
            self.box.cashier.declined(payment.id, "shopper" if stopped else late)
            self._stopped.discard(payment.id)

    def _is_all_of_it(self, payment: Payment, standing: Standing) -> bool:
        """A transfer may be more: what is too much goes back."""
        kept_minor = standing.received_minor - standing.returned_minor
        return self._tender == TRANSFER or kept_minor == payment.amount_minor

    def _taken(self, payment: Payment, found_by: str) -> None:
        try:
            self.box.cashier.taken(payment.id, 0, "", found_by)
        except Refused as refused:  # staff were quicker: the next look takes it back
            if refused.reason != "payment_not_open":
                raise

    # Giving back

    def _take_back(self) -> None:
        """Staff let the shopper go: nothing may be charged any more, and what was goes back."""
        for reversing in self._payments(REVERSING):
            standing = self._provider.withdraw(_charge(reversing))
            if self._tender == TRANSFER:
                self.box.providers.received(reversing.id, standing.received_minor, "enquiry")
            elif standing.state == "taken":
                self._refund_all(reversing, standing)
            if standing.state in ("taken", "withdrawn", "refused"):
                self.box.providers.reversed(reversing.id)

    def _give_back_what_is_owed(self) -> None:
        """A part of a sale that was given up. A transfer is paid back by staff, who have the task."""
        if self._tender != ON_FILE:
            return
        for owed in self._payments(OWED):
            try:
                standing = self._provider.refund(_charge(owed), owed.amount_minor)
            except Busy as fault:  # it refuses: staff have the task
                log.warning("a refund was refused payment=%s reason=%s", owed.id, fault)
                continue
            except OutcomeUnknown as doubt:  # asked again, it is given back once
                raise Unreachable(str(doubt)) from doubt
            if standing.returned_minor >= owed.amount_minor:
                self.box.pay_desk.returned(owed.id)

    def _refund_all(self, payment: Payment, standing: Standing) -> None:
        left_minor = standing.received_minor - standing.returned_minor
        if left_minor > 0:
            self._provider.refund(_charge(payment), left_minor)

    # How long, and which

    def _payments(self, state: str) -> tuple[Payment, ...]:
        found = self.box.payments.served_at(self.lane, state)
        return tuple(one for one in found if one.tender == self._tender)

    def _left_s(self, sent: Payment) -> float:
        """How long it may still be paid; a clock that was set back makes it no longer."""
        limits = self.box.settings.limits
        limit_s = limits.transfer_s if self._tender == TRANSFER else limits.payment_s
        gone_s = self._age_s(sent.sent_at) if sent.sent_at else 0.0
        return min(limit_s - gone_s, limit_s)

    def _age_s(self, at: str) -> float:
        return (self.box.clock() - dt.datetime.fromisoformat(at)).total_seconds()


def _charge(payment: Payment) -> Charge:
    return Charge(payment.id, payment.amount_minor, payment.mandate)
