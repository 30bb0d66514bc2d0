"""The licence to enter: each driver against its emulator, or against a real device.

    pytest tests/conformance -s --device terminal.zvt=tcp://192.168.1.20:20007

tries the drivers named so against the device at that address, and nothing else. A person must stand at it:
the tests say what to do. A test marked `of_kind` gets each driver of these kinds as the fixture `tried`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import pytest

from hardware import registry

NEEDS = {"rfid.zebra": "mosquitto"}
"""Programs without which a device cannot be emulated."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        action="append",
        default=[],
        metavar="DRIVER=ADDRESS",
        help="try this driver against the real device at ADDRESS instead of its emulator",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "of_kind(*kinds): what drivers of these kinds must do")
    for name in real_devices(config):
        try:
            registry.driver(name)
        except registry.UnknownDevice as unknown:
            raise pytest.UsageError(f"--device: {unknown}") from None


def real_devices(config: pytest.Config) -> dict[str, str]:
    """Address by driver name, as given on the command line."""
    given = config.getoption("--device", default=[])
    for one in given:
        if "=" not in one:
            raise pytest.UsageError(f"--device {one}: write it as DRIVER=ADDRESS")
    return dict(one.split("=", 1) for one in given)


@pytest.fixture(scope="session")
def device_addresses(request: pytest.FixtureRequest) -> dict[str, str]:
    """The real devices that are tried on this run; none where all are emulated."""
    return real_devices(request.config)


def drivers() -> list[str]:
    """Every driver that is installed, whoever wrote it."""
    return sorted(point.name for point in entry_points(group=registry.DRIVERS))


def kind_of(driver: str) -> str:
    return driver.split(".")[0]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tried" in metafunc.fixturenames:
        kinds = [kind for mark in metafunc.definition.iter_markers("of_kind") for kind in mark.args]
        names = [name for name in drivers() if kind_of(name) in kinds]
        given = real_devices(metafunc.config)
        if given:
            names = [name for name in names if name in given]
        metafunc.parametrize("tried", names, indirect=True)


@dataclass
class Tried:
    """A driver under trial, `device`, not open yet; `hands` move its emulator, None where it is real."""

    name: str
    address: str
    device: Any
    hands: Any

    def another(self) -> Any:
        """A second driver for the same device."""
        return registry.driver(self.name)(self.address)

    def emulated(self) -> Any:
        """The emulator's hands; a test that needs them says nothing of a real device."""
        if self.hands is None:
            pytest.skip("a real device does not do this on request")
        return self.hands

    def please(self, sentence: str) -> None:
        """Ask whoever stands at a real device."""
        if self.hands is None:
            print(f"\n{self.name}: {sentence}", flush=True)


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Iterator[Tried]:
    name = request.param
    address, hands = real_devices(request.config).get(name, ""), None
    if not address:
        program = NEEDS.get(name, "")
        if program and not shutil.which(program) and not shutil.which(f"/usr/sbin/{program}"):
            pytest.skip(f"{program} is not installed on this machine")
        hands = registry.emulator(name)()
        address = str(hands.start())
    device = registry.driver(name)(address)
    yield Tried(name, address, device, hands)
    device.close()
    if hands is not None:
        hands.stop()
