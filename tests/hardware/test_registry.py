"""The registry finds what packages offer, lazily, and helps with misspelt names."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from hardware import registry


def test_driver_and_emulator_are_found_by_their_entry_points() -> None:
    assert registry.driver("rfid.llrp").__name__ == "LlrpReader"
    assert registry.emulator("rfid.llrp").__name__ == "ReaderEmulator"


def test_every_driver_of_ours_has_an_emulator() -> None:
    ours = [
        {point.name for point in entry_points(group=group)}
        for group in (registry.DRIVERS, registry.EMULATORS)
    ]
    assert {"printer.escpos", "camera.opencv", "rfid.llrp"} <= ours[0]
    assert ours[0] == ours[1]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("rfid.lrp", "rfid.llrp"), ("printer", "printer.escpos"), ("camera", "camera.opencv")],
)
def test_a_misspelt_name_is_answered_with_the_nearest(misspelt: str, meant: str) -> None:
    with pytest.raises(registry.UnknownDevice, match=f"Did you mean '{meant}'"):
        registry.driver(misspelt)
    with pytest.raises(registry.UnknownDevice, match=f"Did you mean '{meant}'"):
        registry.emulator(misspelt)


def test_loading_one_driver_imports_no_other() -> None:
    code = (
        "import sys; from hardware import registry; registry.driver('terminal.zvt'); "
        "assert not {'cv2', 'llrpkit', 'escpos'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
