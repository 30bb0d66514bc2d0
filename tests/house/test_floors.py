"""The floors hold, and each contract that keeps them notices a wrong import.

A contract nobody has seen fail may be asleep: so each one gets imports planted into a copy of the tree.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk_ui", "store_edge", "central", "mirror", "checkout", "hardware")
LINT_S_MAX = 120
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
CONTRACTS = {contract["name"] for contract in TOOLS["importlinter"]["contracts"]}
FLOORS = "Floors: look down, never up or sideways"
CABLES = "Only the store's box knows cables"
THROUGH_THE_BOX = "The store's screens reach head office only through the box"
BY_ITS_API = "Account pages speak to head office by its API"
DRESSING = "Head office does not dress people"
PLAIN = "The counter's and the fitting room's rules are plain Python"

# (contract that must notice, package it is planted in, the line planted)
PLANTED = [
    (FLOORS, "hardware", "import checkout"),
    (FLOORS, "checkout", "import hardware"),
    (FLOORS, "checkout", "import mirror"),
    (FLOORS, "mirror", "import store_edge"),
    (FLOORS, "store_edge", "import central"),
    (FLOORS, "central", "import store_edge"),
    (FLOORS, "store_edge", "import kiosk_ui"),
    (CABLES, "kiosk_ui", "from hardware import readings"),
    (CABLES, "central", "from hardware import readings"),
    (THROUGH_THE_BOX, "kiosk_ui/kiosk", "import central.app"),
    (THROUGH_THE_BOX, "kiosk_ui/tablet", "from central import ingest"),
    (BY_ITS_API, "kiosk_ui/account", "from central.accounts import open_account"),
    (BY_ITS_API, "kiosk_ui/account", "from store_edge.box import Box"),
    (DRESSING, "central", "import mirror"),
    (PLAIN, "checkout", "import sqlalchemy"),
    (PLAIN, "checkout", "from flask import Flask"),
    (PLAIN, "mirror", "import numpy"),
    (PLAIN, "mirror", "import cv2"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the six packages and the contracts, to plant into."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(house: Path) -> tuple[int, set[str]]:
    """import-linter's exit status, and the contracts it calls broken."""
    program = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        timeout=LINT_S_MAX,
        check=False,
        env={"PYTHONPATH": str(house), "COLUMNS": "200"},
    )
    assert done.stdout, done.stderr
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    return done.returncode, set(re.findall(r"^(.+) BROKEN$", plain, flags=re.MULTILINE))


def test_the_floors_hold(house: Path) -> None:
    assert lint(house) == (0, set())


@pytest.mark.parametrize(("contract", "package", "line"), PLANTED)
def test_a_planted_wrong_import_is_noticed(house: Path, contract: str, package: str, line: str) -> None:
    (house / package / "planted_by_a_test.py").write_text(f"{line}\n", encoding="utf-8")
    status, broken = lint(house)
    assert status == 1
    assert contract in broken


def test_every_contract_was_seen_to_fail() -> None:
    assert {contract for contract, _, _ in PLANTED} == CONTRACTS
