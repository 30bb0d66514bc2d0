"""The devices of a lane as they stand on the toy counter: plugs, health, and what each shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from kiosk_ui.bench.shelf import TrayPiece, tray_pieces
from store_edge.box import Box
from store_edge.devices.health import LOST, WELL

KINDS = ("scanner", "camera", "rfid", "terminal", "printer")


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
    picture: str = ""
    """A short mark of what the camera sees: changes with it."""

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
        picture=picture,
    )


def _toy(box: Box, lane: str, kind: str) -> Toy | None:
    try:
        emulated = box.bench.lane_device(lane, kind)
    except LookupError:
        return None
    health = box.health.of(emulated.device)
    state = health.state if health is not None else LOST
    pill = "well" if state == WELL and emulated.plugged else "ailing" if emulated.plugged else "gone"
    reason = health.reason if health is not None and state == LOST else ""
    return Toy(kind, emulated.device, emulated.address, emulated.plugged, pill, reason)


def toy_name(kind: str) -> str:
    """What people call a device of this kind."""
    names = {
        "scanner": _("Hand scanner"),
        "camera": _("Camera"),
        "rfid": _("RFID tray"),
        "terminal": _("Card terminal"),
        "printer": _("Receipt printer"),
    }
    return str(names.get(kind, kind))
