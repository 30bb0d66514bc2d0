"""The rows of one business process, and those of one Kassenabschluss (DSFinV-K 2.4, annexes E and G).

One store is one closing till (Z_KASSE_ID), because it closes its day as one; its lanes are the terminals on
which processes are entered (Stamm_Terminals), each with the serial number that the TSE knows it by.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from dsfinvk import models

from checkout.closing import Closing
from checkout.events import VatPart
from checkout.fiscal import SALE
from checkout.money import divide_half_up
from checkout.phone_lane import till_of
from checkout.receipt import Shop
from checkout.signing import LATE, SIGNED, Signing
from hardware.readings import SigningFacts
from store_edge.auditor.processes import Position, Process, sale_id
from store_edge.auditor.tables import TAXONOMY, Folder
from store_edge.auditor.words import IN_CASH, NO_PAYMENT, REFERENCE, about_key, euros, key_of, rate_of
from store_edge.settings import Settings

FINE = 1_000
"""Taxes of positions are split to a thousandth of a cent, so that they sum to the receipt's (3.1.1.1)."""
CERTIFICATE_CHARS = 1_000
_TOWN = re.compile(r"(\d{4,5})\s+(.+)")
_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z]{2,13}")


@dataclass(slots=True)
class Sums:
    """What the processes of one Kassenabschluss came to, in minor units."""

    cases: Counter[tuple[str, int]] = field(default_factory=Counter)
    vat: Counter[int] = field(default_factory=Counter)
    payments: Counter[tuple[str, str]] = field(default_factory=Counter)
    keys: set[int] = field(default_factory=set)
    first: str = ""
    last: str = ""


class Abschluss:
    """One Kassenabschluss that is being written."""

    def __init__(
        self,
        folder: Folder,
        settings: Settings,
        closing: Closing,
        closings: Sequence[Closing],
        units: Sequence[SigningFacts],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._zone = ZoneInfo(settings.shop.timezone)
        self._closing = closing
        self._closings = closings
        self._units = units
        self._of = self._key(closing)
        self._shop: Shop | None = None
        self.sums = Sums()

    # One process

    def write(self, process: Process, signing: Signing | None) -> None:
        """All rows of one process."""
        shop = process.receipt.shop if process.receipt is not None else None
        self._shop = shop or self._shop
        bon = {**self._of, "BON_ID": process.id}
        self._write_head(bon, process)
        self._write_positions(bon, process)
        self._write_tse(bon, process, signing)
        self.sums.first = self.sums.first or process.id
        self.sums.last = process.id
        self.sums.keys |= {key_of(part.rate_bp) for part in process.vat}
        if process.type == SALE:
            self._sum(process)

    def _sum(self, process: Process) -> None:
        for position in process.positions:
            if position.gross_minor:
                self.sums.cases[position.kind, position.rate_bp] += position.gross_minor
        for part in process.vat:
            self.sums.vat[part.rate_bp] += part.vat_minor
        for kind, name, amount_minor in process.payments:
            self.sums.payments[kind, name] += amount_minor

    def _write_head(self, bon: dict[str, Any], process: Process) -> None:
        self._folder.write(
            models.Bonkopf,
            {
                **bon,
                "BON_NR": process.number,
                "BON_TYP": process.type,
                "BON_NAME": process.name,
                "TERMINAL_ID": till_of(process.lane),
                "BON_STORNO": False,
                "BON_START": self._moment(process.began_at),
                "BON_ENDE": self._moment(process.ended_at),
                "BEDIENER_ID": process.clerk,
                "UMS_BRUTTO": euros(process.gross_minor),
            },
        )
        for part in process.vat:
            amounts = _amounts("BON", part.gross_minor * FINE, part.vat_minor * FINE)
            self._folder.write(models.Bonkopf_USt, {**bon, "UST_SCHLUESSEL": key_of(part.rate_bp), **amounts})
        for kind, name, amount_minor in process.payments or ((NO_PAYMENT, NO_PAYMENT, 0),):
            self._folder.write(
                models.Bonkopf_Zahlarten,
                {
                    **bon,
                    "ZAHLART_TYP": kind,
                    "ZAHLART_NAME": name,
                    "ZAHLWAEH_CODE": self._settings.shop.currency,
                    "BASISWAEH_BETRAG": euros(amount_minor),
                },
            )
        if process.group:
            self._folder.write(models.Bonkopf_AbrKreis, {**bon, "ABRECHNUNGSKREIS": process.group})

    def _write_positions(self, bon: dict[str, Any], process: Process) -> None:
        taxes = fine_taxes(process.positions, process.vat)
        for number, (position, tax) in enumerate(zip(process.positions, taxes, strict=True), start=1):
            row = {**bon, "POS_ZEILE": str(number)}
            self._folder.write(
                models.Bonpos,
                {
                    **row,
                    "GUTSCHEIN_NR": position.gift_card,
                    "ARTIKELTEXT": position.text,
                    "POS_TERMINAL_ID": till_of(process.lane),
                    "GV_TYP": position.kind,
                    "INHAUS": process.eat_in,
                    "P_STORNO": position.cancels,
                    "AGENTUR_ID": 0,
                    "ART_NR": position.gtin,
                    "GTIN": position.gtin,
                    "MENGE": position.quantity,
                    "EINHEIT": position.unit,
                    "STK_BR": euros(position.unit_price_minor),
                },
            )
            key = {**row, "UST_SCHLUESSEL": key_of(position.rate_bp)}
            self._folder.write(
                models.Bonpos_USt, {**key, **_amounts("POS", position.gross_minor * FINE, tax)}
            )
            if position.finding:
                found = _amounts("PF", position.gross_minor * FINE, tax)
                self._folder.write(models.Bonpos_Preisfindung, {**key, "TYP": position.finding, **found})
            if position.of_receipt:
                self._folder.write(models.Bon_Referenzen, {**row, **self._reference(position.of_receipt)})

    def _reference(self, receipt: int) -> dict[str, Any]:
        """Where the receipt stands that is undone; one that is not closed yet stands in this closing."""
        its = next((one for one in self._closings if one.receipts_to >= receipt), self._closing)
        found = {f"REF_{name}": value for name, value in self._key(its).items() if name != "Z_ERSTELLUNG"}
        when = self._moment(its.at)
        return {"REF_TYP": REFERENCE, "REF_DATUM": when, **found, "REF_BON_ID": sale_id(receipt)}

    def _write_tse(self, bon: dict[str, Any], process: Process, signing: Signing | None) -> None:
        if process.stray is not None:
            stray = process.stray
            row = {
                "TSE_ID": self._unit(stray.serial),
                "TSE_TANR": stray.transaction,
                "TSE_TA_ENDE": stray.at,
                "TSE_TA_VORGANGSART": stray.process_type,
                "TSE_TA_SIGZ": stray.counter,
                "TSE_TA_FEHLER": "Beginn und Signatur stehen nur im Protokoll der TSE",
            }
        elif signing is None:
            row = {"TSE_TA_FEHLER": "von der TSE nicht abgesichert"}
        elif signing.state not in (SIGNED, LATE):
            row = {"TSE_TA_FEHLER": "TSE ausgefallen", "TSE_VORGANGSDATEN": signing.process_data}
        else:
            row = {
                "TSE_ID": self._unit(signing.device),
                "TSE_TANR": signing.transaction,
                "TSE_TA_START": signing.started_at,
                "TSE_TA_ENDE": signing.finished_at,
                "TSE_TA_VORGANGSART": signing.process_type,
                "TSE_TA_SIGZ": signing.counter,
                "TSE_TA_SIG": signing.signature,
                "TSE_TA_FEHLER": "nach dem Beleg abgesichert" if signing.state == LATE else "",
                "TSE_VORGANGSDATEN": signing.process_data,
            }
        self._folder.write(models.TSE_Transaktionen, {**bon, **row})

    def _unit(self, serial: str) -> int | None:
        found = (number for number, unit in enumerate(self._units, start=1) if unit.serial == serial)
        return next(found, None)

    # The closing itself

    def close(self) -> None:
        """The master data, and what the Z report says the processes came to."""
        self._write_business()
        self._write_terminals()
        self._write_sums()

    def _write_business(self) -> None:
        settings, closing = self._settings.shop, self._closing
        shop = self._shop or Shop(settings.id, settings.name, settings.address, settings.tax_number)
        place = _place(shop)
        vat_id = shop.tax_number if _VAT_ID.fullmatch(shop.tax_number) else ""
        own_day = dt.datetime.fromisoformat(closing.at).astimezone(self._zone).date().isoformat()
        paid = sum(self.sums.payments.values())
        cash = sum(minor for (kind, _), minor in self.sums.payments.items() if kind == IN_CASH)
        self._folder.write(
            models.Stamm_Abschluss,
            {
                **self._of,
                "Z_BUCHUNGSTAG": closing.business_day if closing.business_day != own_day else "",
                "TAXONOMIE_VERSION": TAXONOMY,
                "Z_START_ID": self.sums.first,
                "Z_ENDE_ID": self.sums.last,
                "NAME": shop.name,
                **place,
                "STNR": "" if vat_id else shop.tax_number,
                "USTID": vat_id,
                "Z_SE_ZAHLUNGEN": euros(paid),
                "Z_SE_BARZAHLUNGEN": euros(cash),
            },
        )
        here = {f"LOC_{name}": value for name, value in place.items()}
        row = {**self._of, "LOC_NAME": shop.name, **here, "LOC_USTID": vat_id}
        self._folder.write(models.Stamm_Orte, row)

    def _write_terminals(self) -> None:
        software = {"SW_BRAND": "Tante Emma", "SW_VERSION": version("tante-emma")}
        till = {f"KASSE_{name}": value for name, value in software.items()}
        self._folder.write(
            models.Stamm_Kassen,
            {
                **self._of,
                "KASSE_SERIENNR": self._settings.shop.id,
                **till,
                "KASSE_BASISWAEH_CODE": self._settings.shop.currency,
                "KEINE_UST_ZUORDNUNG": False,
            },
        )
        terminal = {f"TERMINAL_{name}": value for name, value in software.items()}
        for lane in self._settings.tills:
            serial = self._settings.till_serial(lane)
            row = {**self._of, "TERMINAL_ID": lane, "TERMINAL_SERIENNR": serial, **terminal}
            self._folder.write(models.Stamm_Terminals, row)
        for number, unit in enumerate(self._units, start=1):
            self._folder.write(models.Stamm_TSE, {**self._of, "TSE_ID": number, **_unit_row(unit)})

    def _write_sums(self) -> None:
        for key in sorted(self.sums.keys | {key_of(case.rate_bp) for case in self._closing.cases}):
            rate = euros(rate_of(key))
            about = about_key(key)
            self._folder.write(
                models.Stamm_USt, {**self._of, "UST_SCHLUESSEL": key, "UST_SATZ": rate, "UST_BESCHR": about}
            )
        for case in self._closing.cases:
            amounts = _amounts("Z_UMS", case.gross_minor * FINE, case.vat_minor * FINE)
            amounts["Z_UST"] = amounts.pop("Z_UMS_UST")
            case_key = key_of(case.rate_bp)
            row = {**self._of, "GV_TYP": case.kind, "AGENTUR_ID": 0, "UST_SCHLUESSEL": case_key, **amounts}
            self._folder.write(models.Z_GV_Typ, row)
        for (kind, name), minor in sorted(self.sums.payments.items()):
            row = {**self._of, "ZAHLART_TYP": kind, "ZAHLART_NAME": name, "Z_ZAHLART_BETRAG": euros(minor)}
            self._folder.write(models.Z_Zahlart, row)
        in_drawers = sum(drawer.expected_minor for drawer in self._closing.drawers)
        self._folder.write(
            models.Z_Waehrungen,
            {
                **self._of,
                "ZAHLART_WAEH": self._settings.shop.currency,
                "ZAHLART_BETRAG_WAEH": euros(in_drawers),
            },
        )

    # How it is written

    def _key(self, closing: Closing) -> dict[str, Any]:
        return {
            "Z_KASSE_ID": self._settings.shop.id,
            "Z_ERSTELLUNG": self._moment(closing.at),
            "Z_NR": closing.number,
        }

    def _moment(self, at: str) -> str:
        """By the clock on the wall, with its distance from UTC (RFC 3339), so that no hour comes twice."""
        return dt.datetime.fromisoformat(at).astimezone(self._zone).isoformat(timespec="seconds")


def fine_taxes(positions: Sequence[Position], vat: Sequence[VatPart]) -> list[int]:
    """The tax in each position, in thousandths of a cent; those of a rate sum to the receipt's tax.

    A receipt taxes the sum of each rate once (`checkout.tax`), so the taxes of its positions are a fraction
    of a cent off; the largest position of a rate has these.
    """
    taxes = [divide_half_up(one.gross_minor * FINE * one.rate_bp, 10_000 + one.rate_bp) for one in positions]
    for part in vat:
        mine = [i for i, one in enumerate(positions) if one.rate_bp == part.rate_bp]
        if mine and part.rate_bp:
            largest = max(mine, key=lambda i: abs(positions[i].gross_minor))
            taxes[largest] += part.vat_minor * FINE - sum(taxes[i] for i in mine)
    return taxes


def _amounts(of: str, gross: int, tax: int) -> dict[str, Any]:
    """Gross, net and tax, from thousandths of a cent."""
    names = (f"{of}_BRUTTO", f"{of}_NETTO", f"{of}_UST")
    return dict(zip(names, (Decimal(fine).scaleb(-5) for fine in (gross, gross - tax, tax)), strict=True))


def _place(shop: Shop) -> dict[str, str]:
    """STRASSE, PLZ, ORT, LAND out of an address in lines."""
    found = next(filter(None, map(_TOWN.fullmatch, shop.address)), None)
    street = next((line for line in shop.address if _TOWN.fullmatch(line) is None), "")
    return {
        "STRASSE": street,
        "PLZ": found[1] if found else "",
        "ORT": found[2] if found else "",
        "LAND": "DEU",
    }


def _unit_row(unit: SigningFacts) -> dict[str, Any]:
    certificate = base64.b64encode(unit.certificate).decode()
    return {
        "TSE_SERIAL": unit.serial,
        "TSE_SIG_ALGO": unit.algorithm,
        "TSE_ZEITFORMAT": unit.time_format,
        "TSE_PD_ENCODING": "UTF-8",
        "TSE_PUBLIC_KEY": base64.b64encode(unit.public_key).decode(),
        "TSE_ZERTIFIKAT_I": certificate[:CERTIFICATE_CHARS],
        "TSE_ZERTIFIKAT_II": certificate[CERTIFICATE_CHARS : 2 * CERTIFICATE_CHARS],
    }
