"""The device bench: the hands of a person without hardware, on the emulators of this process.

Every act names a lane and does to that lane's emulated device what a person would do: hold a code before the
scanner, lay a tag on the tray, put a card into the terminal. What then happens goes over the real wire.
Where no such device is emulated, the acts raise LookupError.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware import registry
from hardware.errors import Garbled
from hardware.escpos.emulator import paper_svg
from hardware.zvt.terminal import CARDS
from store_edge.settings import DeviceSettings

__all__ = ["CARDS", "Bench", "Emulated"]

AIM_OF_LENGTH = {8: "]E4", 12: "]E0", 13: "]E0"}
"""AIM identifiers (ISO/IEC 15424) for a number of so many digits; UPC-A comes as EAN-13."""
SYMBOLOGY_OF_LENGTH = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13"}
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

    @property
    def kind(self) -> str:
        """The word before the dot in the driver's name: scanner, camera, rfid, terminal, printer."""
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
        self.devices[device] = Emulated(device, settings.driver, settings.lane, emulator, address)
        return str(address)

    def stop(self) -> None:
        for emulated in self.devices.values():
            emulated.emulator.stop()

    def on_lane(self, lane: str, driver: str) -> Emulated | None:
        """The lane's emulated device of a kind, such as "scanner.serial"."""
        found = (e for e in self.devices.values() if e.lane == lane and e.driver == driver)
        return next(found, None)

    def lane_device(self, lane: str, kind: str) -> Emulated:
        """The lane's emulated device by the first word of its driver. Raises LookupError."""
        for emulated in self.devices.values():
            if emulated.lane == lane and emulated.kind == kind:
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
        """Lay a tag on the tray. Raises LookupError; ValueError for an impossible tag or a full tray."""
        self.lane_device(lane, "rfid").emulator.lay(epc)

    def lift(self, lane: str, epc: bytes) -> None:
        """Take a tag off the tray; nothing happens if it does not lie there. Raises LookupError."""
        self.lane_device(lane, "rfid").emulator.lift(epc)

    def laid(self, lane: str) -> tuple[bytes, ...]:
        """The tags on the tray, in the order laid. Raises LookupError."""
        return tuple(tag.epc for tag in self.lane_device(lane, "rfid").emulator.tags())

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

    # Printer

    def papers(self, lane: str) -> tuple[str, ...]:
        """What was printed, each as SVG text, oldest first. Raises LookupError."""
        return tuple(paper_svg(paper) for paper in self.lane_device(lane, "printer").emulator.papers)

    def has_paper(self, lane: str) -> bool:
        """Raises LookupError."""
        return bool(self.lane_device(lane, "printer").emulator.has_paper)

    def paper_out(self, lane: str) -> None:
        """Take the roll out. Raises LookupError."""
        self.lane_device(lane, "printer").emulator.paper_out()

    def paper_in(self, lane: str) -> None:
        """Put a new roll in. Raises LookupError."""
        self.lane_device(lane, "printer").emulator.paper_in()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
