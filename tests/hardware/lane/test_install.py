"""What is installed for a lane: services that systemd understands, and names that udev gives once."""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from kiosk_ui.cli import _parser as emma_parser
from store_edge.settings import load_settings

ROOT = Path(__file__).parents[3]
INSTALL = ROOT / "hardware" / "install"
UNITS = sorted((INSTALL / "systemd").glob("*.service"))
RULES = INSTALL / "udev" / "75-emma.rules"
VERIFY_S_MAX = 30
EXPOSED_MAX = 2.5
"""On systemd's own scale from 0 to 10, where 10 is a service that may do anything."""


def settings_of(unit: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text("utf-8"), flags=re.MULTILINE))


def systemd_analyze(*arguments: str) -> str:
    """Gives what it says; skips where the program is not there."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine")
    said = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=VERIFY_S_MAX, check=False
    )
    return said.stdout + said.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_service(unit: Path, tmp_path: Path) -> None:
    """With a program that is here in place of the one that will be there."""
    copy = tmp_path / unit.name
    copy.write_text(
        re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text("utf-8"), flags=re.MULTILINE)
    )
    assert systemd_analyze("verify", "--man=no", str(copy)) == ""


@pytest.mark.parametrize("unit", [u for u in UNITS if "kiosk" not in u.name], ids=lambda unit: unit.name)
def test_a_service_may_do_little_more_than_it_must(unit: Path) -> None:
    said = systemd_analyze("security", "--offline=true", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    if found is None:
        pytest.skip("this systemd-analyze does not rate a file")
    assert float(found[1]) <= EXPOSED_MAX


@pytest.mark.parametrize("unit", [u for u in UNITS if "kiosk" not in u.name], ids=lambda unit: unit.name)
def test_the_service_starts_what_there_is(unit: Path) -> None:
    program, *words = shlex.split(settings_of(unit)["ExecStart"])
    assert program.endswith("/.venv/bin/emma")
    assert isinstance(emma_parser().parse_args(words), argparse.Namespace)


def test_the_rules_are_matches_and_assignments_that_udev_knows() -> None:
    """Not one word that is none: udev passes over a wrong line in silence."""
    term = r'(?:[A-Z_]+(?:\{[\w]+\})?(?:==|!=|\+=|:=|=)"[^"]*")'
    known = {"ACTION", "SUBSYSTEM", "SUBSYSTEMS", "KERNEL", "KERNELS", "ATTR", "ATTRS", "ENV"}
    known |= {"GROUP", "MODE", "SYMLINK", "GOTO", "LABEL"}
    for line in RULES.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(rf"{term}(?:, {term})*", line), line
            assert set(re.findall(r"([A-Z_]+)(?:\{\w+\})?[=!+:]", line)) <= known, line


def test_no_device_is_matched_by_two_rules_with_different_names() -> None:
    matches: Counter[str] = Counter()
    for line in RULES.read_text("utf-8").splitlines():
        if "SYMLINK" in line and not line.startswith("#"):
            matches[",".join(re.findall(r'(?:SUBSYSTEM|ATTRS?\{\w+\}|KERNEL)=="[^"]*"', line))] += 1
    assert [match for match, often in matches.items() if often > 1] == []


def test_the_lane_of_the_readme_finds_its_devices_under_names_that_udev_gives(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), flags=re.M | re.S)
    (lane,) = [block for block in blocks if "/dev/emma/" in block]
    file = tmp_path / "store.toml"
    file.write_text(lane, encoding="utf-8")
    named = set(re.findall(r'SYMLINK\+="(emma/[\w-]+)"', RULES.read_text("utf-8")))
    used = {
        found[1]
        for device in load_settings(file, environ={}).devices.values()
        if (found := re.search(r"/dev/(emma/[\w-]+)", device.address))
    }
    assert used
    assert used <= named
