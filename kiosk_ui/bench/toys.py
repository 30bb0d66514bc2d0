"""The devices of a lane as they stand on the toy counter: plugs, health, and what each shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from kiosk_ui.bench.acts import shown_code
from kiosk_ui.bench.shelf import TrayPiece, tray_pieces
from store_edge.bench import Lamp, Lamps, Shown
from store_edge.box import Box
from store_edge.devices.health import LOST, WELL

KINDS = (
    "scanner", "camera", "rfid", "terminal", "printer", "scale", "lanebox", "display", "tower", "gate", "tse",
    "on_file", "transfer",
)  # fmt: skip
LIGHTS = ("lanebox", "tower")
"""Kinds of device with lamps."""


@dataclass(frozen=True, slots=True)
class Toy:
    """One emulated device. `pill` is "well", "ailing" or "gone"; `reason` is why it is gone."""

    kind: str
    device: str
    address: str
    plugged: bool
    pill: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counter:
    """Everything on one lane's toy counter; what belongs to a device that is not there stays empty."""

    lane: str
    toys: dict[str, Toy]
    not_emulated: tuple[str, ...]
    tray: tuple[TrayPiece, ...] = ()
    asked_minor: int | None = None
    paper: Markup | None = None
    papers: int = 0
    has_paper: bool = False
    display: Shown | None = None
    """What the scale shows."""
    tse: str = ""
    """How the signing device was made to be: well, slow, full or expired."""
    charge_minor: int | None = None
    """The charge on the card on file that waits for its bank."""
    to_transfer: bool = False
    """A code for the bank app is on the screen."""
    hushed: bool = False
    """The bank takes its time."""
    picture: str = ""
    """A short mark of what the camera sees: changes with it."""
    bagged_g: int = 0
    key_on: bool = False
    lamps: Mapping[str, Lamps] = field(default_factory=dict)
    """How they burn, by kind of device."""
    displayed: tuple[str, str] = ("", "")
    gate_is_open: bool = False

    @property
    def mark(self) -> str:
        """Changes when anything on the counter changed."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def counter(box: Box, lane: str, language: str) -> Counter:
    """The counter of a lane as it is now."""
    toys = {kind: toy for kind in KINDS if (toy := _toy(box, lane, kind)) is not None}
    others = tuple(
        name for name, device in box.settings.devices.items() if device.lane == lane and not device.emulated
    )
    bench = box.bench
    papers = bench.papers(lane) if "printer" in toys else ()
    picture = hashlib.sha256(bench.before_camera(lane)).hexdigest()[:12] if "camera" in toys else ""
    return Counter(
        lane,
        toys,
        others,
        tray=tuple(tray_pieces(box, bench.laid(lane), language)) if "rfid" in toys else (),
        asked_minor=bench.asked_minor(lane) if "terminal" in toys else None,
        # Drawn by our own printer, which escapes every text on the paper.
        paper=Markup(papers[-1]) if papers else None,
        papers=len(papers),
        has_paper=bench.has_paper(lane) if "printer" in toys else False,
        display=bench.scale_shows(lane) if "scale" in toys else None,
        tse=bench.tse_is(lane) if "tse" in toys else "",
        charge_minor=bench.charge_minor(lane) if "on_file" in toys else None,
        to_transfer="transfer" in toys and bool(shown_code(box, lane)),
        hushed="transfer" in toys and bench.bank_is_hushed(lane),
        picture=picture,
        lamps={kind: bench.lamps(lane, kind) for kind in LIGHTS if kind in toys},
        displayed=bench.displayed(lane) if "display" in toys else ("", ""),
        gate_is_open="gate" in toys and bench.gate_is_open(lane),
        **_in_the_bag(box, lane, toys),
    )


def _in_the_bag(box: Box, lane: str, toys: Mapping[str, Toy]) -> dict[str, Any]:
    if "lanebox" not in toys:
        return {}
    return {"bagged_g": box.bench.bagged_g(lane), "key_on": box.bench.key_is_on(lane)}


def _toy(box: Box, lane: str, kind: str) -> Toy | None:
    try:
        emulated = box.bench.lane_device(lane, kind)
    except LookupError:
        return None
    health = box.health.of(emulated.device)
    state = health.state if health is not None else LOST
    pill = "well" if state == WELL and emulated.plugged else "ailing" if emulated.plugged else "gone"
    reason = health.reason if health is not None and state == LOST else ""
    address = emulated.address.partition("?")[0]  # what follows is for its driver only
    return Toy(kind, emulated.device, address, emulated.plugged, pill, reason)


def toy_name(kind: str) -> str:
    """What people call a device of this kind."""
    names = {
        "scanner": _("Hand scanner"),
        "camera": _("Camera"),
        "rfid": _("RFID tray"),
        "terminal": _("Card terminal"),
        "printer": _("Receipt printer"),
        "scale": _("Scale"),
        "lanebox": _("Bagging area and key"),
        "display": _("Customer display"),
        "tower": _("Light tower"),
        "gate": _("Gate"),
        "tse": _("Signing device (TSE)"),
        "on_file": _("Payment service"),
        "transfer": _("Bank"),
    }
    return str(names.get(kind, kind))


def lamp_words(lamps: Lamps) -> str:
    """Which lamps of a tower burn."""
    names = ((lamps.red, _("red")), (lamps.yellow, _("yellow")), (lamps.green, _("green")))
    burning = [
        _("%(lamp)s blinks", lamp=name) if lamp is Lamp.BLINKING else name for lamp, name in names if lamp
    ]
    return ", ".join(map(str, burning)) or str(_("dark"))
