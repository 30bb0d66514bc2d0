"""The registry finds what packages offer, lazily, and helps with misspelt names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hardware import registry


def test_driver_and_emulator_are_found_by_their_entry_points() -> None:
    assert registry.driver("rfid.llrp").__name__ == "LlrpReader"
    assert registry.emulator("rfid.llrp").__name__ == "ReaderEmulator"
    assert {"printer.escpos", "camera.opencv", "rfid.llrp"} <= set(registry.driver_names())
    assert registry.driver_names() == registry.emulator_names()


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("rfid.lrp", "rfid.llrp"), ("printer", "printer.escpos"), ("camera", "camera.opencv")],
)
def test_a_misspelt_name_is_answered_with_the_nearest(misspelt: str, meant: str) -> None:
    with pytest.raises(registry.UnknownDevice, match=f"Did you mean '{meant}'"):
        registry.driver(misspelt)
    with pytest.raises(registry.UnknownDevice, match=f"Did you mean '{meant}'"):
        registry.emulator(misspelt)


def test_naming_the_drivers_imports_none_of_them() -> None:
    code = (
        "import sys; from hardware import registry; registry.driver_names(); "
        "assert not {'cv2', 'llrpkit', 'escpos', 'serial'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
