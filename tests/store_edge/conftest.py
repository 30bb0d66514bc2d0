"""Stores and head offices for the tests of the box; each on files of its own, closed afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store_edge.box import Box
from store_edge.db.engine import Database
from store_edge.demo import price_list
from store_edge.desk import Shelves
from store_edge.settings import Settings
from store_edge.sync.central_client import HeadOffice
from tests.store_edge.open_store import HeadOfficeHouse, Store, no_head_office


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest schema and the demo goods, to be copied."""
    file = tmp_path_factory.mktemp("filled") / "store.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    Shelves(database).put(price_list())
    database.close()
    return file


@pytest.fixture
def open_box(filled_database: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores: on the settings' home, which is filled when it is new. `start=False` leaves it asleep."""
    opened: list[tuple[Box, HeadOffice]] = []

    def open_one(
        settings: Settings, head_office: HeadOffice | None = None, *, start: bool = True, **more: Any
    ) -> Store:
        settings.home.mkdir(parents=True, exist_ok=True)
        if not (settings.home / "store.db").exists():
            shutil.copy(filled_database, settings.home / "store.db")
        if not any(device.driver.startswith("terminal.") for device in settings.devices.values()):
            more.setdefault("has_terminal", lambda lane: True)  # its tests pay by hand
        box = Box(settings, head_office=head_office or no_head_office(), **more)
        opened.append((box, box.head_office))
        if start:
            box.start()
        return Store(box)

    yield open_one
    for box, head_office in opened:
        box.stop()
        head_office.close()


@pytest.fixture
def head_office(tmp_path: Path) -> Iterator[HeadOfficeHouse]:
    """Head office, open."""
    house = HeadOfficeHouse(tmp_path / "head-office")
    house.open()
    yield house
    house.close()
    house.centre.close()
