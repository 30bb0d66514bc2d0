"""What a task says to staff: who, where, what, since when, and what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _

from checkout import loss
from checkout.basket import Basket
from checkout.payment import ON_FILE, PROVIDED, Payment
from checkout.phone_lane import PHONE, number_of_phone
from checkout.restrictions import AGE_CHECK, ages_asked
from kiosk_ui.fitting.wording import cabin_name
from kiosk_ui.format import money
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet.cabins import Bring, cabin_task
from store_edge.desk import Task
from store_edge.devices.health import LOST, WELL, Health
from store_edge.sync.outbox import READER as HEAD_OFFICE

UNKNOWN_MONEY = frozenset({"payment_unknown", "refund_unknown"})
"""Tasks about money that may have moved: only the terminal's paper can tell."""
ABOUT_PAYMENT = UNKNOWN_MONEY | {"payment_taken_after_all", "refund_due", "refund_made_after_all", "pay_back"}
URGENT = frozenset({"payout", "help", AGE_CHECK}) | ABOUT_PAYMENT | loss.REASONS
TO_DECIDE = UNKNOWN_MONEY | {AGE_CHECK} | loss.REASONS
"""Where "done" is no answer."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One task as it stands on the tablet. `done` is the word on its button, "" where two choices stand."""

    id: str
    kind: str
    where: str
    what: str
    hint: str
    wait_s: int
    urgent: bool
    done: str
    ages: tuple[int, ...] = ()
    """Of an age check: the ages, in years, that something in the basket asks for."""
    known_years: int = 0
    provided: bool = False
    """A payment in doubt of which only a provider knows: nobody can read that off a paper."""
    bring: Bring | None = None
    """Of a wish from a cabin: what this clerk can say to it."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device's health in words; `pill` is "well", "ailing" or "gone"."""

    name: str
    where: str
    pill: str
    since: dt.datetime
    reason: str


def waiting(
    task: Task, now: dt.datetime, payment: Payment | None = None, basket: Basket | None = None
) -> Waiting:
    """The task in the reader's language; `payment` is what it is about, or `basket`.

    An unknown kind goes by its name.
    """
    wish = cabin_task(task)
    if wish is not None:
        facts = (wish.where, wish.what, wish.hint, waited_s(task.at, now), wish.urgent, wish.done)
        return Waiting(task.id, task.kind, *facts, bring=wish.bring)
    what, hint, done = _words(task) if payment is None else _payment_words(task.kind, payment)
    wait_s, urgent = waited_s(task.at, now), task.kind in URGENT
    ages, known = (ages_asked(basket), basket.circumstances.age_confirmed) if basket else ((), 0)
    provided = payment is not None and payment.tender in PROVIDED
    return Waiting(
        task.id, task.kind, place(task.lane), what, hint, wait_s, urgent, done, ages, known, provided
    )


def waited_s(at: str, now: dt.datetime) -> int:
    """Whole seconds since a moment in ISO 8601; 0 where the clock was set back."""
    return max(0, int((now - dt.datetime.fromisoformat(at)).total_seconds()))


def reasons() -> dict[str, str]:
    """Why a colleague takes something off, cancels or parks: the journal's word -> what it is called here."""
    return {
        "shopper_asked": _("The shopper asked for it"),
        "wrong_article": _("The wrong article was scanned"),
        "damaged": _("It is damaged"),
        "no_money": _("The shopper cannot pay just now"),
        "left": _("The shopper has gone"),
    }


def place(lane: str) -> str:
    if number := number_of_phone(lane):
        return str(_("Phone %(number)s", number=number))
    if lane == PHONE:
        return str(_("All phones"))
    if lane in the_box().settings.cabins:
        return cabin_name(lane)
    return str(_("Till %(lane)s", lane=lane) if lane else _("The whole shop"))


def override_reason(reason: str) -> str:
    """The word on the button for one of `checkout.prices.OVERRIDE_REASONS`."""
    reasons = {
        "damaged": _("It is damaged"),
        "short_dated": _("It runs out soon"),
        "shelf_price": _("The shelf says so"),
        "goodwill": _("To please"),
    }
    return str(reasons[reason])


def tender(kind: str) -> str:
    """How a part was paid: one of the kinds in `checkout.payment`."""
    tenders = {
        "card": _("Card"),
        "cash": _("Cash"),
        "gift_card": _("Gift card"),
        "points": _("Points"),
        "on_file": _("Card on file"),
        "transfer": _("Bank transfer"),
    }
    return str(tenders[kind])


def return_reason(reason: str) -> str:
    """Why goods come back: one of `checkout.returns.REASONS`."""
    reasons = {
        "damaged": _("It is damaged"),
        "recalled": _("It was called back"),
        "wrong_article": _("It was the wrong article"),
        "wrong_size": _("The size does not fit"),
        "not_as_expected": _("It is not as expected"),
        "changed_mind": _("It is not wanted after all"),
    }
    return str(reasons[reason])


def cash_move(move: str) -> str:
    """What is done with a drawer: one of `kiosk_ui.tablet.drawers.MOVES`."""
    moves = {
        "float": _("Put change in"),
        "drop": _("Take notes to the safe"),
        "in": _("Pay in"),
        "out": _("Pay out"),
    }
    return str(moves[move])


def cash_reason(reason: str) -> str:
    """Why cash comes or goes without a sale: one of `checkout.cash.PAID_IN_FOR` or `PAID_OUT_FOR`."""
    reasons = {
        "change": _("Change from the bank"),
        "found": _("It was found"),
        "supplier": _("A supplier"),
        "postage": _("Postage"),
        "cleaning": _("Cleaning"),
        "wages": _("Wages"),
        "correction": _("Something was booked wrongly"),
        "other": _("Something else"),
    }
    return str(reasons[reason])


def gift_card_state(state: str) -> str:
    """One of the states in `checkout.gift_cards`."""
    states = {"blank": _("not sold yet"), "active": _("in use"), "blocked": _("stopped")}
    return str(states[state])


def device_name(device: str, driver: str = "") -> str:
    """What people call a device: by the word before the dot in its driver's name, else before the dash."""
    kind = driver.split(".")[0] or device.rsplit("-", 1)[0]
    names = {
        "scanner": _("Hand scanner"),
        "camera": _("Camera"),
        "rfid": _("RFID tray"),
        "tray": _("RFID tray"),
        "terminal": _("Card terminal"),
        "printer": _("Receipt printer"),
        "bank": _("Bank transfers"),
        "transfer": _("Bank transfers"),
        "on_file": _("Cards on file"),
        "on-file": _("Cards on file"),
        "head-office": _("Head office"),
    }
    return str(names.get(kind, device))


def device_row(health: Health) -> DeviceRow:
    pill = {WELL: "well", LOST: "gone"}.get(health.state, "ailing")
    name = device_name(health.device, health.driver)
    return DeviceRow(name, place(health.lane), pill, health.since, health.reason)


def _payment_words(kind: str, payment: Payment) -> tuple[str, str, str]:
    """Money that moved otherwise than it was booked, or may have."""
    if payment.tender in PROVIDED:
        return _provider_words(kind, payment)
    amount, number = money(abs(payment.amount_minor)), f"{payment.receipt_number:04}"
    if kind == "payment_unknown":
        return (
            _("The card terminal did not answer. Nobody knows yet whether it paid."),
            _("Look at the terminal’s last receipt, then say what it shows."),
            "",
        )
    if kind == "refund_unknown":
        return (
            _("Nobody knows yet whether %(amount)s went back to the card.", amount=amount),
            _("Look at the terminal’s last receipt, then say what it shows. Pay nothing out before."),
            "",
        )
    if kind == "refund_made_after_all":
        return (
            _("The terminal gave %(amount)s back, though that counts as not made.", amount=amount),
            _(
                "Receipt number %(number)s. If it was paid out twice, tell whoever does the books.",
                number=number,
            ),
            _("Done, I told them"),
        )
    return (
        _("The shopper gave up, and %(amount)s was paid by card already.", amount=amount)
        if kind == "refund_due"
        else _("The terminal took %(amount)s for a payment that is not booked.", amount=amount),
        _("Give the money back at the terminal: cancel its receipt number %(number)s.", number=number),
        _("Done, I gave it back"),
    )


def _provider_words(kind: str, payment: Payment) -> tuple[str, str, str]:
    """The same where there is no terminal."""
    if kind == "payment_unknown":
        return (
            _("The payment service does not answer. Nobody knows yet whether it was paid."),
            _("It is asked again by itself. If the shopper cannot wait, say that it was not paid: then what "
              "was taken goes back."),
            "",
        )  # fmt: skip
    if payment.tender == ON_FILE:
        return (
            _(
                "The shopper gave up: %(amount)s go back to the card on file.",
                amount=money(payment.amount_minor),
            ),
            _("That happens by itself. If this stays here, look at the payment service’s own page."),
            _("Done, it is given back"),
        )
    back_minor = payment.back_minor if kind == "pay_back" else payment.amount_minor
    return (
        _("%(amount)s came in by bank transfer and must go back.", amount=money(back_minor)),
        _("Send it back at the bank. Its reference is %(reference)s.",
          reference=payment.code.rpartition("\n")[2]),
        _("Done, I sent it back"),
    )  # fmt: skip


def _loss_words(kind: str) -> tuple[str, str, str]:
    """A question about a basket: most have an innocent answer, so what to do begins with a kind word."""
    return {
        loss.WEIGHT: (
            _("The bag does not weigh what was scanned."),
            _("Go there and help: a bag of their own, or a pack the scale does not know?"),
            "",
        ),
        loss.SIGHT: (
            _("The camera counts more than was scanned."),
            _("Go there and help: perhaps something lies behind something else."),
            "",
        ),
        loss.TAG: (
            _("Something with a tag went out that nobody has paid for here."),
            _("Ask kindly whether a till was missed. It may also be a tag that was not read."),
            "",
        ),
        loss.SPOT: (
            _("This basket was drawn for a look."),
            _("Scan some of its things again, with a kind word. The shopper waits for you."),
            "",
        ),
    }[kind]


def _words(task: Task) -> tuple[str, str, str]:
    """What happened, what to do, and the word on the button."""
    if task.kind in loss.REASONS:
        return _loss_words(task.kind)
    if task.kind == AGE_CHECK:
        return (
            _("Something with an age limit is in the basket."),
            _("Look at the person, or at their ID card, then say what you saw. Only that is written down."),
            "",
        )
    if task.kind == "payout":
        return (
            _("A basket pays out, and this till has no cash."),
            _("Go there: pay out at a till with a drawer, or onto a gift card."),
            _("Done, it is paid out"),
        )
    if task.kind == "money_unmatched":
        return (
            _("Money came in by the bank, and nobody knows what for."),
            _("Look in the account for entry %(entry)s and whose it may be.", entry=task.about),
            _("Done, I looked into it"),
        )
    if task.kind == "help":
        return _("Somebody asked for help."), _("Go there, then press the button."), _("Done, I was there")
    if task.kind == "device_lost" and task.about == HEAD_OFFICE:
        return (
            _("Head office cannot be reached."),
            _("The shop sells on, and nothing is lost. If it lasts, look at the internet line."),
            _("Done, I know"),
        )
    if task.kind == "device_lost":
        return (
            _("%(device)s does not answer (%(id)s).", device=device_name(task.about), id=task.about),
            _("Look at its cable and its power. It comes back by itself."),
            _("Done, I looked"),
        )
    if task.kind == "token_used":
        return (
            _("A customer’s code was shown a second time."),
            _("Perhaps it was a slip: ask kindly for a fresh code. The sale went on without a name."),
            _("Done"),
        )
    if task.kind == "paper_used":
        return (
            _("A coupon or voucher was already used in another store."),
            _("It is off the basket, and the customer was told. Perhaps it was a slip: help kindly."),
            _("Done"),
        )
    if task.kind == "journal_broken":
        return (
            _("The shop’s journal does not add up."),
            _("The shop sells on. Please tell whoever looks after the computer: “emma check” says more."),
            _("Done, I told them"),
        )
    return _("Something needs you: %(kind)s", kind=task.kind), task.about, _("Done")
