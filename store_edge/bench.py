"""The device bench: the hands of a person without hardware, on the emulators of this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hardware import registry
from store_edge.settings import DeviceSettings


@dataclass(slots=True)
class Emulated:
    """One emulator at work. `emulator` is the class behind the driver's name; its acts differ by kind."""

    device: str
    driver: str
    lane: str
    emulator: Any
    address: str
    plugged: bool = True


@dataclass(slots=True)
class Bench:
    """All emulators of this process, by device name."""

    devices: dict[str, Emulated] = field(default_factory=dict)

    def start(self, device: str, settings: DeviceSettings) -> str:
        """Start the driver's emulator; gives the address where the driver finds it."""
        emulator = registry.emulator(settings.driver)()
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

    def pull_plug(self, device: str) -> None:
        self.devices[device].emulator.unplug()
        self.devices[device].plugged = False

    def put_plug(self, device: str) -> None:
        self.devices[device].emulator.plug()
        self.devices[device].plugged = True
