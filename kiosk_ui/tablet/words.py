"""What a task says to staff: who, where, what, since when, and what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _

from checkout.payment import Payment
from kiosk_ui.format import money
from store_edge.desk import Task
from store_edge.devices.health import LOST, WELL, Health
from store_edge.sync.outbox import READER as HEAD_OFFICE

URGENT = frozenset({"payment_unknown", "payment_taken_after_all", "help"})


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


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device's health in words; `pill` is "well", "ailing" or "gone"."""

    name: str
    where: str
    pill: str
    since: dt.datetime
    reason: str


def waiting(task: Task, now: dt.datetime, payment: Payment | None = None) -> Waiting:
    """The task in the reader's language; `payment` is to be given back. An unknown kind goes by its name."""
    what, hint, done = _words(task) if payment is None else _payment_words(payment)
    wait_s = max(0, int((now - dt.datetime.fromisoformat(task.at)).total_seconds()))
    return Waiting(task.id, task.kind, place(task.lane), what, hint, wait_s, task.kind in URGENT, done)


def place(lane: str) -> str:
    return str(_("Till %(lane)s", lane=lane) if lane else _("The whole shop"))


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
        "head-office": _("Head office"),
    }
    return str(names.get(kind, device))


def device_row(health: Health) -> DeviceRow:
    pill = {WELL: "well", LOST: "gone"}.get(health.state, "ailing")
    name = device_name(health.device, health.driver)
    return DeviceRow(name, place(health.lane), pill, health.since, health.reason)


def _payment_words(payment: Payment) -> tuple[str, str, str]:
    """Money that moved for a sale that was not made."""
    return (
        _(
            "The terminal took %(amount)s for a payment that is not booked.",
            amount=money(payment.amount_minor),
        ),
        _(
            "Give the money back at the terminal: cancel its receipt number %(number)s.",
            number=f"{payment.receipt_number:04}",
        ),
        _("Done, I gave it back"),
    )


def _words(task: Task) -> tuple[str, str, str]:
    """What happened, what to do, and the word on the button."""
    if task.kind == "payment_unknown":
        return (
            _("The card terminal did not answer. Nobody knows yet whether it paid."),
            _("Look at the terminal’s last receipt, then say what it shows."),
            "",
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
    if task.kind == "journal_broken":
        return (
            _("The shop’s journal does not add up."),
            _("The shop sells on. Please tell whoever looks after the computer: “emma check” says more."),
            _("Done, I told them"),
        )
    return _("Something needs you: %(kind)s", kind=task.kind), task.about, _("Done")
