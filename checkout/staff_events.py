"""What staff do at the counter, what they are asked for, and what came of it: by ids that are no names."""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class LossChecked(Event):
    """A colleague looked. `reason` is why (`checkout.loss.REASONS`), `outcome` approved, nothing,
    forgotten or intervened; `forgotten` the number of lines that had not been scanned.
    """

    basket: str
    task: str
    reason: str
    outcome: str
    forgotten: int
    clerk: str


@dataclass(frozen=True, slots=True)
class ClerkSignedIn(Event):
    """`tablet` is the random id of a browser."""

    clerk: str
    tablet: str


@dataclass(frozen=True, slots=True)
class ClerkSignedOut(Event):
    """`reason` is clerk, idle, or ended: the shift is over, or the clerk no longer works here."""

    clerk: str
    tablet: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClerkActed(Event):
    """A clerk did something that shoppers do not do, or did it for one; `second` is who looked on, or ""."""

    clerk: str
    act: str
    about: str
    reason: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class ClerkChanged(Event):
    """Who works here. `change` is added, removed or rights; `rights` are those from now on."""

    clerk: str
    change: str
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceOverridden(Event):
    """Staff set a price: `price_minor` instead of `shown_minor`, as the line's price is meant.

    `clerk` decided, `second` looked on ("" where nobody had to). `reason` is one of `OVERRIDE_REASONS`.
    """

    basket: str
    version: int
    line: int
    price_minor: int
    shown_minor: int
    total_minor: int
    reason: str
    clerk: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class OverrideTakenBack(Event):
    """The line costs what was shown again."""

    basket: str
    version: int
    line: int
    total_minor: int
    clerk: str


@dataclass(frozen=True, slots=True)
class AgeChecked(Event):
    """A colleague looked: the shopper is at least so many `years` old; 0 if that could not be confirmed.

    `taken_off` are the lines that ask for more: they were voided.
    """

    basket: str
    version: int
    years: int
    clerk: str
    taken_off: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskOpened(Event):
    """Something needs a human. `kind` is payment_unknown, payment_taken_after_all, refund_due,
    refund_unknown, refund_made_after_all, pay_back, money_unmatched, payout, help, device_lost, token_used,
    paper_used, journal_broken, age_check, or a reason of `checkout.loss`; `about` the payment, lane, device,
    visit, basket or tag it is about.
    """

    task: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class TaskDone(Event):
    task: str
    outcome: str
