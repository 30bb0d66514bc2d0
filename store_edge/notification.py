"""What the tax office must be told of a store's tills and signing devices (AO § 146a (4)), as plain data.

    business   name, tax_number, address          nos. 1 and 2, and the place of business (AEAO, 1.16.2)
    tills      serial, lane, kind, software,      nos. 4, 6, 7 and 8; their count is no. 5
               since, until
    tses       serial, certification, driver,     no. 3; serial is the hash of the public key, as on receipts
               algorithm, since
    missing    settings that must still be filled in before this can be handed in

Days are ISO 8601. `since` of a TSE is when it first answered here, that of the tills what the settings say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hardware.readings import SigningFacts
from store_edge.db import tables as t
from store_edge.db.coding import decode
from store_edge.db.engine import Database
from store_edge.settings import Settings

KIND = "Computergestütztes Kassensystem"
"""The kind of recording system, in the words of the tax office's form."""


def notification(settings: Settings, units: Iterable[tuple[str, SigningFacts]]) -> dict[str, Any]:
    """What stands above; `units` are (when it first answered, ISO 8601 in UTC; what it said of itself)."""
    shop, fiscal = settings.shop, settings.fiscal
    tills = [
        {
            "serial": settings.till_serial(lane),
            "lane": lane,
            "kind": KIND,
            "software": f"tante-emma {version('tante-emma')}",
            "since": _day(fiscal.tills_since),
            "until": _day(fiscal.tills_until),
        }
        for lane in settings.tills
    ]
    device = settings.devices.get(settings.signing_device)
    tses = [
        {
            "serial": facts.serial,
            "certification": fiscal.tse_certification,
            "driver": device.driver if device is not None else "",
            "algorithm": facts.algorithm,
            "since": dt.datetime.fromisoformat(at).astimezone(ZoneInfo(shop.timezone)).date().isoformat(),
        }
        for at, facts in units
    ]
    wanted = {
        "fiscal.tills_since": fiscal.tills_since,
        "fiscal.tse_certification": fiscal.tse_certification,
        "devices: a TSE that has answered": tses,
    }
    return {
        "business": {"name": shop.name, "tax_number": shop.tax_number, "address": list(shop.address)},
        "tills": tills,
        "tses": tses,
        "missing": [name for name, value in wanted.items() if not value],
    }


def units_in(database: Database) -> list[tuple[str, SigningFacts]]:
    """Every signing device that this store ever had, the first one first."""
    rows = select(t.signing_units.c.at, t.signing_units.c.body).order_by(t.signing_units.c.at)
    with database.read() as connection:
        return [(at, decode(body, SigningFacts)) for at, body in connection.execute(rows)]


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day is not None else ""
