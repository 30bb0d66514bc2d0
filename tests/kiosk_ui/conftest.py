"""What most tests of the store's screens begin with: a box, its clock, and PINs that are quick to check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_edge import clerks
from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import Clock, open_box


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PIN's hash is dear on purpose, and tests check many."""
    monkeypatch.setattr(clerks, "SCRYPT_N", 2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    box = open_box(tmp_path, clock)
    yield box
    box.stop()
