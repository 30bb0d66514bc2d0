"""What the settings say about one device, and about the places that a reader's antennas look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CABIN, GATE = "cabin", "gate"
ZONE_KINDS = (CABIN, GATE, "shelf", "floor")
"""The kinds of place besides a lane's tray (`store_edge.rfid.places`)."""

NAME_CHARS_MAX = 40
_NAME = re.compile(rf"[A-Za-z0-9._-]{{1,{NAME_CHARS_MAX}}}")


class BadSettings(Exception):
    """A sentence about what is wrong in the settings, naming the file and the key."""


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """A place that antennas of this reader look at. Antennas of several readers may look at one place."""

    kind: str
    antennas: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """One device: what drives it, where it is, and which lane it serves.

    `emulated = true` starts the driver's own emulator in this process and
    connects to that instead of `address`. A reader with `zones` is no tray:
    its antennas look at cabins, gates, shelves or the floor, each by name.
    """

    driver: str
    address: str = ""
    lane: str = "1"
    emulated: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    zones: Mapping[str, ZoneSettings] = field(default_factory=dict)


def check_zones(devices: Mapping[str, DeviceSettings], lanes: tuple[str, ...]) -> None:
    """Raises BadSettings for zones that cannot be, and for any camera in a cabin, whatever it is for."""
    kinds: dict[str, str] = {}
    for device, settings in devices.items():
        looked_at: set[int] = set()
        for name, zone in settings.zones.items():
            where = f"devices.{device}.zones.{name}"
            if not _NAME.fullmatch(name):
                raise BadSettings(
                    f"{where}: a name has letters, digits, dots and hyphens, {NAME_CHARS_MAX} at most"
                )
            _check_zone(where, zone, looked_at)
            if zone.kind != kinds.setdefault(name, zone.kind):
                raise BadSettings(f"{where}: {name} is a {kinds[name]} already")
            if name in lanes:
                raise BadSettings(f"{where}: {name} is a lane with a till; name the {zone.kind} otherwise")
        if settings.zones and not settings.driver.startswith(("rfid.", "camera.")):
            raise BadSettings(f"devices.{device}: only an RFID reader has zones, not {settings.driver}")
    cabins = {name for name, kind in kinds.items() if kind == CABIN}
    for device, settings in devices.items():
        if settings.driver.startswith("camera.") and (settings.zones or settings.lane in cabins):
            raise BadSettings(f"device {device}: no camera in a cabin, ever")


def _check_zone(where: str, zone: ZoneSettings, looked_at: set[int]) -> None:
    if zone.kind not in ZONE_KINDS:
        raise BadSettings(f"{where}.kind is {zone.kind!r}; there are {', '.join(ZONE_KINDS)}")
    if not zone.antennas:
        raise BadSettings(f"{where}.antennas: no antenna looks at it")
    for antenna in zone.antennas:
        if antenna in looked_at:
            raise BadSettings(f"{where}.antennas: antenna {antenna} looks at one place only")
        looked_at.add(antenna)
