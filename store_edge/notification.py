"""What the tax office must be told of a store's tills and signing devices (AO § 146a (4)), as plain data.

    business   name, tax_number, address          nos. 1 and 2, and the place of business (AEAO, 1.16.2)
    tills      serial, lane, kind, maker, model,  nos. 4, 6, 7 and 8; their count is no. 5
               software, software_version, since,
               in_use_since, until, ended_for, tse
    tses       serial, certification, bsi_id,     no. 3; serial is the hash of the public key, as on receipts
               kind, driver, algorithm, since
    missing    settings that must still be filled in before this can be handed in

These are the fields of the form at ELSTER, one for one: of a till Art, Software, SoftwareVersion,
SeriennummerAS, Hersteller, Modell, AnschaffungAS (`since`), InbetriebnahmeAS, AusserbetriebnahmeAS and
GrundAusserbetriebnahme, of its TSE SeriennummerTSE, InbetriebnahmeTSE (`since`), BSIID and ArtTSE. The
official schema was not at hand: the names are those that another open till uploads (StuStaPay,
Aufzeichnung146a). Days are ISO 8601. `since` of a TSE is when it first answered here, that of the tills what
the settings say.
"""

from __future__ import annotations

import datetime as dt
import re
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
CERTIFICATION = re.compile(r"BSI-K-TR-(\d{4}-\d{4})", re.ASCII)
"""Its number and year are the id that the form asks for."""
TSE_KINDS = ("usb", "sd-card", "micro-sd-card", "cloud", "other")


def notification(settings: Settings, units: Iterable[tuple[str, SigningFacts]]) -> dict[str, Any]:
    """What stands above; `units` are (when it first answered, ISO 8601 in UTC; what it said of itself)."""
    units = list(units)
    return {
        "business": _business(settings),
        "tills": [_till(settings, lane, units[-1][1].serial if units else "") for lane in settings.tills],
        "tses": [_tse(settings, at, facts) for at, facts in units],
        "missing": _missing(settings, units),
    }


def _business(settings: Settings) -> dict[str, Any]:
    shop = settings.shop
    return {"name": shop.name, "tax_number": shop.tax_number, "address": list(shop.address)}


def _till(settings: Settings, lane: str, tse: str) -> dict[str, str]:
    """One lane's recording system, and the TSE that signs for it now."""
    fiscal = settings.fiscal
    return {
        "serial": settings.till_serial(lane),
        "lane": lane,
        "kind": KIND,
        "maker": fiscal.till_maker,
        "model": fiscal.till_model,
        "software": "tante-emma",
        "software_version": version("tante-emma"),
        "since": _day(fiscal.tills_since),
        "in_use_since": _day(fiscal.tills_in_use_since or fiscal.tills_since),
        "until": _day(fiscal.tills_until),
        "ended_for": fiscal.tills_ended_for,
        "tse": tse,
    }


def _tse(settings: Settings, at: str, facts: SigningFacts) -> dict[str, str]:
    fiscal, device = settings.fiscal, settings.devices.get(settings.signing_device)
    certified = CERTIFICATION.fullmatch(fiscal.tse_certification)
    since = dt.datetime.fromisoformat(at).astimezone(ZoneInfo(settings.shop.timezone)).date()
    return {
        "serial": facts.serial,
        "certification": fiscal.tse_certification,
        "bsi_id": certified[1] if certified else "",
        "kind": fiscal.tse_kind,
        "driver": device.driver if device is not None else "",
        "algorithm": facts.algorithm,
        "since": since.isoformat(),
    }


def _missing(settings: Settings, units: list[tuple[str, SigningFacts]]) -> list[str]:
    """What nobody has said yet, or in a form that the tax office does not take."""
    fiscal = settings.fiscal
    wanted = {
        "fiscal.tills_since": fiscal.tills_since,
        "fiscal.till_maker": fiscal.till_maker,
        "fiscal.till_model": fiscal.till_model,
        "fiscal.tills_ended_for": fiscal.tills_ended_for or not fiscal.tills_until,
        "fiscal.tse_certification, such as BSI-K-TR-0000-2026": CERTIFICATION.fullmatch(
            fiscal.tse_certification
        ),
        f"fiscal.tse_kind: {', '.join(TSE_KINDS)}": fiscal.tse_kind in TSE_KINDS,
        "devices: a TSE that has answered": units,
    }
    return [name for name, value in wanted.items() if not value]


def units_in(database: Database) -> list[tuple[str, SigningFacts]]:
    """Every signing device that this store ever had, the first one first."""
    rows = select(t.signing_units.c.at, t.signing_units.c.body).order_by(t.signing_units.c.at)
    with database.read() as connection:
        return [(at, decode(body, SigningFacts)) for at, body in connection.execute(rows)]


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day is not None else ""
