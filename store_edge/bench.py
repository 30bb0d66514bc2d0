"""The device bench: the hands of a person without hardware, on the emulators of this process.

Every act names a lane and does to that lane's emulated device what a person would do: hold a code before the
scanner, lay a tag on the tray, put a card into the terminal. What then happens goes over the real wire.
Where no such device is emulated, the acts raise LookupError.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkout.phone_lane import serves
from hardware import registry
from hardware.errors import Garbled
from hardware.escpos.emulator import paper_png, paper_svg
from hardware.readings import Lamp, Lamps
from hardware.scale.platter import Shown
from hardware.zvt.terminal import CARDS
from store_edge.device_settings import DeviceSettings, ZoneSettings

__all__ = ["CARDS", "TSE_CONDITIONS", "Bench", "Emulated", "Lamp", "Lamps", "Shown"]

AIM_OF_LENGTH = {8: "]E4", 12: "]E0", 13: "]E0"}
"""AIM identifiers (ISO/IEC 15424) for a number of so many digits; UPC-A comes as EAN-13."""
SYMBOLOGY_OF_LENGTH = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13"}
TSE_CONDITIONS = ("well", "slow", "full", "expired")
SLOW_TSE_MS = 4_000
"""Longer than a receipt waits (`limits.signing_s`)."""
NEARLY_AS_WELL_DB = 1.5
"""So much weaker does the antenna next door hear a tag between two places."""
SQUARE_CODE = "QR"
SQUARE_AIM = "]Q1"


@dataclass(slots=True)
class Emulated:
    """One emulator at work. `emulator` is the class behind the driver's name; its acts differ by kind."""

    device: str
    driver: str
    lane: str
    emulator: Any
    address: str
    plugged: bool = True
    zones: Mapping[str, ZoneSettings] = field(default_factory=dict)
    """The places that this reader looks at, if it is no tray."""

    @property
    def kind(self) -> str:
        """The word before the dot in the driver's name: scanner, camera, printer, tse, and so on."""
        return self.driver.split(".")[0]


@dataclass(slots=True)
class Bench:
    """All emulators of this process, by device name."""

    memory: Path | None = None
    """The folder where emulators keep what a real device would keep over a power cut."""
    devices: dict[str, Emulated] = field(default_factory=dict)

    def start(self, device: str, settings: DeviceSettings) -> str:
        """Start the driver's emulator; gives the address where the driver finds it."""
        kind = registry.emulator(settings.driver)
        keeps_books = "books" in inspect.signature(kind).parameters
        emulator = kind(books=self.memory / f"{device}.books") if keeps_books and self.memory else kind()
        address = emulator.start()
        zones = settings.zones
        self.devices[device] = Emulated(
            device, settings.driver, settings.lane, emulator, address, zones=zones
        )
        return str(address)

    def stop(self) -> None:
        for emulated in self.devices.values():
            emulated.emulator.stop()

    def on_lane(self, lane: str, driver: str) -> Emulated | None:
        """The lane's emulated device of a kind, such as "scanner.serial"."""
        found = (e for e in self.devices.values() if serves(e.lane, lane) and e.driver == driver)
        return next(found, None)

    def lane_device(self, lane: str, kind: str) -> Emulated:
        """The lane's emulated device by the first word of its driver. Raises LookupError."""
        for emulated in self.devices.values():
            if serves(emulated.lane, lane) and emulated.kind == kind and not emulated.zones:
                return emulated
        raise LookupError(f"no emulated {kind} on lane {lane}")

    # The plug of any device

    def pull_plug(self, device: str) -> None:
        """Raises LookupError for a device that is not emulated here."""
        self.devices[device].emulator.unplug()
        self.devices[device].plugged = False

    def put_plug(self, device: str) -> None:
        """Raises LookupError for a device that is not emulated here."""
        self.devices[device].emulator.plug()
        self.devices[device].plugged = True

    # Scanner

    def show_code(self, lane: str, text: str) -> bool:
        """Hold a code before the scanner; False if its line took nothing (unplugged, nobody listens).

        Raises LookupError, and ValueError for a text that no scanner could send.
        """
        symbology = AIM_OF_LENGTH.get(len(text), SQUARE_AIM) if _is_number(text) else SQUARE_AIM
        return bool(self.lane_device(lane, "scanner").emulator.show(text, symbology))

    # Camera

    def show_code_to_camera(self, lane: str, text: str) -> None:
        """Put a label with this code before the camera: bars for an article number, else a square code.

        Raises LookupError, and ValueError for a text that no label holds.
        """
        camera = self.lane_device(lane, "camera").emulator
        bars = SYMBOLOGY_OF_LENGTH.get(len(text)) if _is_number(text) else None
        try:
            camera.show_code(text, bars or SQUARE_CODE)
        except ValueError:
            if bars is None:
                raise
            camera.show_code(text, SQUARE_CODE)  # a number whose check digit is wrong has no bars

    def show_photo(self, lane: str, photo: bytes) -> None:
        """Put a photo (an encoded picture file) before the camera.

        Raises LookupError, and ValueError if it is no picture or too large.
        """
        try:
            self.lane_device(lane, "camera").emulator.show(photo)
        except Garbled as fault:
            raise ValueError("this is no picture that a camera could see") from fault

    def clear_counter(self, lane: str) -> None:
        """Take away what lies before the camera. Raises LookupError."""
        self.lane_device(lane, "camera").emulator.clear()

    def before_camera(self, lane: str) -> bytes:
        """What the camera sees now, as a JPEG. Raises LookupError."""
        return bytes(self.lane_device(lane, "camera").emulator.picture)

    # Tray

    def lay(self, lane: str, epc: bytes) -> None:
        """Lay a tag on the tray, out of whichever cabin it was in.

        Raises LookupError; ValueError for an impossible tag or a full tray.
        """
        tray = self.lane_device(lane, "rfid").emulator
        tray.lay(epc)
        for reader, _zones in self._looking():
            reader.lift(epc)

    def lift(self, lane: str, epc: bytes) -> None:
        """Take a tag off the tray; nothing happens if it does not lie there. Raises LookupError."""
        self.lane_device(lane, "rfid").emulator.lift(epc)

    def laid(self, lane: str) -> tuple[bytes, ...]:
        """The tags on the tray, in the order laid. Raises LookupError."""
        return tuple(tag.epc for tag in self.lane_device(lane, "rfid").emulator.tags())

    # Cabins, gates, shelves

    def places(self) -> dict[str, str]:
        """The kind of each place that an emulated reader looks at, by its name."""
        return {name: zone.kind for _reader, zones in self._looking() for name, zone in sorted(zones.items())}

    def put(self, place: str, epc: bytes, *, also_heard_in: str = "") -> None:
        """Carry a tag into a place, from wherever it was, trays too.

        `also_heard_in` names a place next door whose antennas hear it nearly as well: nobody can be sure.
        Raises LookupError for a place that nobody looks at; ValueError for an impossible tag or a full place.
        """
        reader, antenna = self._antenna_at(place)
        weaker_db = {}
        if also_heard_in:
            other, neighbour = self._antenna_at(also_heard_in)
            if other is not reader:
                raise LookupError(f"{also_heard_in} and {place} have no reader in common")
            weaker_db = {neighbour: NEARLY_AS_WELL_DB}
        for one in self._readers():
            if one is not reader:
                one.lift(epc)
        reader.lay(epc, antenna, weaker_db)

    def take_away(self, epc: bytes) -> None:
        """Carry a tag out of reach, wherever it is."""
        for reader in self._readers():
            reader.lift(epc)

    def lying_in(self, place: str) -> tuple[bytes, ...]:
        """The tags in a place, in the order they came. Raises LookupError."""
        self._antenna_at(place)
        return tuple(
            tag.epc
            for reader, zones in self._looking()
            if place in zones
            for tag in reader.tags()
            if tag.antenna in zones[place].antennas
        )

    def _readers(self) -> tuple[Any, ...]:
        return tuple(one.emulator for one in self.devices.values() if one.kind == "rfid")

    def _looking(self) -> tuple[tuple[Any, Mapping[str, ZoneSettings]], ...]:
        return tuple((one.emulator, one.zones) for one in self.devices.values() if one.zones)

    def _antenna_at(self, place: str) -> tuple[Any, int]:
        for reader, zones in self._looking():
            if place in zones:
                return reader, zones[place].antennas[0]
        raise LookupError(f"no emulated reader looks at {place!r}")

    # Terminal

    def card(self, lane: str, kind: str) -> bool:
        """Put one of `CARDS` into the terminal; False if it waits for none.

        Raises LookupError, and ValueError for a card that is none.
        """
        return bool(self.lane_device(lane, "terminal").emulator.insert_card(kind))

    def press_stop(self, lane: str) -> bool:
        """Press the terminal's red key; False if no payment waits. Raises LookupError."""
        return bool(self.lane_device(lane, "terminal").emulator.press_stop())

    def asked_minor(self, lane: str) -> int | None:
        """The amount in minor units for which it waits for a card; None for none. Raises LookupError."""
        amount: int | None = self.lane_device(lane, "terminal").emulator.waiting_minor
        return amount

    # Payment providers

    def charge_minor(self, lane: str) -> int | None:
        """The charge on a card on file that waits for its bank, in minor units. Raises LookupError."""
        amount: int | None = self.lane_device(lane, "on_file").emulator.waiting_minor
        return amount

    def decide_charge(self, lane: str, fate: str, *, silently: bool = False) -> bool:
        """Let the bank "approve" or "decline" the charge; silently: nobody is told, and it must be enquired.

        False if none waits. Raises LookupError.
        """
        emulator = self.lane_device(lane, "on_file").emulator
        emulator.notices = "never" if silently else "once"
        return bool(emulator.decide(fate))

    def transfer(self, lane: str, code: str, off_minor: int = 0) -> None:
        """Let the shopper's bank app scan a code and send what it says, or so much more or less.

        Raises LookupError, and ValueError for a code that no bank app takes.
        """
        bank = self.lane_device(lane, "transfer").emulator
        try:
            bank.pay(code, off_minor)
        except Garbled as fault:
            raise ValueError("no bank app takes this code") from fault

    def hush_bank(self, lane: str, hushed: bool) -> None:
        """Let transfers be on their way from now on, or have all of them arrive. Raises LookupError."""
        bank = self.lane_device(lane, "transfer").emulator
        if hushed:
            bank.hush()
        else:
            bank.speak()

    def bank_is_hushed(self, lane: str) -> bool:
        """Raises LookupError."""
        return bool(self.lane_device(lane, "transfer").emulator.hushed)

    # Printer

    def papers(self, lane: str) -> tuple[str, ...]:
        """What was printed, each as SVG text, oldest first. Raises LookupError."""
        return tuple(paper_svg(paper) for paper in self.lane_device(lane, "printer").emulator.papers)

    def paper_picture(self, lane: str, number: int) -> bytes:
        """One of them as a PNG picture, counted from 1. Raises LookupError."""
        return paper_png(self.lane_device(lane, "printer").emulator.papers[number - 1])

    def has_paper(self, lane: str) -> bool:
        """Raises LookupError."""
        return bool(self.lane_device(lane, "printer").emulator.has_paper)

    def paper_out(self, lane: str) -> None:
        """Take the roll out. Raises LookupError."""
        self.lane_device(lane, "printer").emulator.paper_out()

    def paper_in(self, lane: str) -> None:
        """Put a new roll in. Raises LookupError."""
        self.lane_device(lane, "printer").emulator.paper_in()

    # Signing device

    def make_tse(self, lane: str, condition: str) -> None:
        """Let it be "well", "slow", "full" or "expired". Raises LookupError for another word or no TSE."""
        emulator = self.lane_device(lane, "tse").emulator
        if condition not in TSE_CONDITIONS:
            raise LookupError(condition)
        emulator.recover()
        emulator.slow(SLOW_TSE_MS if condition == "slow" else 0)
        if condition in ("full", "expired"):
            emulator.fall_ill(condition)

    def tse_is(self, lane: str) -> str:
        """One of `TSE_CONDITIONS`. Raises LookupError."""
        return str(self.lane_device(lane, "tse").emulator.condition)

    # Scale

    def load_scale(self, lane: str, weight_g: int) -> None:
        """Let exactly this lie on it, 0 for nothing. Raises LookupError."""
        self.lane_device(lane, "scale").emulator.load(weight_g)

    def scale_shows(self, lane: str) -> Shown:
        """What its display says. Raises LookupError."""
        shown: Shown = self.lane_device(lane, "scale").emulator.shown()
        return shown

    # Bagging area, key and lamps

    def bag(self, lane: str, weight_g: int) -> None:
        """Lay so many grams more into the bagging area, less than nothing takes away. Raises LookupError."""
        self.lane_device(lane, "lanebox").emulator.add(weight_g)

    def empty_bag(self, lane: str) -> None:
        """Take away all that lies there. Raises LookupError."""
        self.lane_device(lane, "lanebox").emulator.load(0)

    def bagged_g(self, lane: str) -> int:
        """What lies there, in grams. Raises LookupError."""
        return int(self.lane_device(lane, "lanebox").emulator.load_g)

    def turn_key(self, lane: str, on: bool) -> None:
        """Turn the lane's key switch. Raises LookupError."""
        self.lane_device(lane, "lanebox").emulator.turn_key(on)

    def key_is_on(self, lane: str) -> bool:
        """How the key stands. Raises LookupError."""
        return bool(self.lane_device(lane, "lanebox").emulator.key_on)

    def lamps(self, lane: str, kind: str) -> Lamps:
        """How the lamps of the lane's "tower" or "lanebox" burn. Raises LookupError."""
        lamps: Lamps = self.lane_device(lane, kind).emulator.lamps
        return lamps

    # Gate and display

    def gate_is_open(self, lane: str) -> bool:
        """Raises LookupError."""
        return bool(self.lane_device(lane, "gate").emulator.is_open)

    def displayed(self, lane: str) -> tuple[str, str]:
        """The two lines on the customer display. Raises LookupError."""
        shows = self.lane_device(lane, "display").emulator.shows
        return shows.top, shows.bottom


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
