"""`emma check`: talk to everything once and say in a line each how it is."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError

from hardware import registry
from hardware.errors import DeviceFault
from store_edge.box import Box
from store_edge.db.journal import JournalBroken
from store_edge.db.soundness import fault_in_cursors
from store_edge.home_lock import HomeLock, ShopIsOpen
from store_edge.promotion_reach import words_of_no_article
from store_edge.settings import DeviceSettings
from store_edge.sync.central_client import HeadOfficeAway, HeadOfficeRefused


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. What is `well` may still be `odd`: worth a look, no more."""

    about: str
    well: bool
    sentence: str
    odd: bool = False


HEAR_S = 1.0
"""How long an RFID reader is listened to: a tag that lies there is read several times."""


def check_store(box: Box) -> tuple[Finding, ...]:
    """Look at the database, the journal's chain, head office and each device of a box that is not started.

    Where the shop is open its agents have the devices in hand: these are not tried.
    """
    try:
        with HomeLock(box.settings.home):
            return (*_findings(box), *_devices(box))
    except ShopIsOpen:
        return (*_findings(box), Finding("devices", True, "the shop is open; devices are not tried"))


def _findings(box: Box) -> Iterator[Finding]:
    yield _database(box)
    try:
        tip = box.journal.check()
        astray = fault_in_cursors(box.database, tip)
        yield Finding("journal", not astray, astray or f"unbroken to entry {tip}")
    except (JournalBroken, sqlite3.DatabaseError) as broken:
        yield Finding("journal", False, str(broken))
    try:
        keys = box.head_office.public_keys()
        box.head_office.deliver([])  # the public keys are anybody's; this needs our own key to be good
        yield Finding("head office", True, f"there, {len(keys)} public key(s)")
    except (HeadOfficeAway, HeadOfficeRefused) as error:
        yield Finding("head office", False, str(error))
    for unknown in words_of_no_article(box.settings, box.shelves):
        yield Finding("promotions", True, unknown.sentence, odd=True)


def _devices(box: Box) -> Iterator[Finding]:
    for device, settings in box.settings.devices.items():
        yield _device(box, device, settings)


def _database(box: Box) -> Finding:
    try:
        said = box.database.check()
    except DBAPIError as error:
        said = str(error.orig)
    return Finding("database", said == "ok", "sound" if said == "ok" else said)


def _device(box: Box, device: str, settings: DeviceSettings) -> Finding:
    try:
        address = box.bench.start(device, settings) if settings.emulated else settings.address
        driver = registry.driver(settings.driver)(address, **settings.options)
        try:
            driver.open()
            heard = _tags_heard(driver) if settings.driver.startswith("rfid.") else ""
        finally:
            driver.close()
    except (DeviceFault, ImportError, LookupError, TypeError, ValueError) as error:
        return Finding(device, False, " ".join(str(error).split()))
    where = "emulated" if settings.emulated else settings.address
    return Finding(device, True, f"{settings.driver} answers{heard} ({where})")


def _tags_heard(reader: Any) -> str:
    """What the reader reads for a moment. Raises DeviceFault."""
    until_s, reads = time.monotonic() + HEAR_S, []
    while (left_s := until_s - time.monotonic()) > 0:
        reads += reader.read(left_s)
    tags = len({read.epc for read in reads})
    levels = [read.rssi_dbm for read in reads if read.rssi_dbm is not None]
    return f", {tags} tag(s)" + (f", the strongest at {max(levels):.0f} dBm" if levels else "")
