"""The flag `--device` tries one driver alone, at an address; here an emulator stands in for a real device."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.modbus.emulator import TowerEmulator
from tests.conformance.conftest import real_devices

ROOT = Path(__file__).resolve().parents[2]
RUN_S_MAX = 120


@pytest.fixture(autouse=True)
def only_without_a_real_device(request: pytest.FixtureRequest) -> None:
    if real_devices(request.config):
        pytest.skip("a real device is tried on this run")


def conformance(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "tests/conformance", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_S_MAX, check=False)


def test_a_driver_is_tried_alone_at_its_address() -> None:
    tower = TowerEmulator(rtu=False)
    address = tower.start()
    ran = conformance("-v", "-k", "closed or lamps or unplugged", "--device", f"tower.modbus={address}")
    tower.stop()
    assert ran.returncode == 0, ran.stdout
    tried = set(re.findall(r"\[([\w.]+)\] PASSED", ran.stdout))
    assert tried == {"tower.modbus"}
    assert "a real device does not do this on request" in ran.stdout


def test_a_driver_that_nobody_has_is_refused_with_the_nearest() -> None:
    ran = conformance("--device", "tower.modbuss=tcp://127.0.0.1:502")
    assert ran.returncode != 0
    assert "Did you mean 'tower.modbus'?" in ran.stdout + ran.stderr
