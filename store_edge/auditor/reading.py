"""A DSFinV-K export as a stranger reads it: by its `index.xml`, row after row, with every field judged.

What an `index.xml` may say is the description standard for data media (GDPdU, 2004); which tables, columns,
lengths and places there must be is the DSFinV-K's (2.4, annex E), as the package `dsfinvk` has them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from store_edge.auditor.tables import COLUMNS, INDEX, TABLES, Column

INDEX_BYTES_MAX = 1024 * 1024
FINDINGS_MAX = 1_000
"""A file that is wrong from its first row to its last need not be told of row by row."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)")
_MOMENTS = frozenset({"Z_ERSTELLUNG", "BON_START", "BON_ENDE", "REF_DATUM", "TSE_TA_START", "TSE_TA_ENDE"})
_FLAGS = frozenset({"BON_STORNO", "INHAUS", "P_STORNO", "KEINE_UST_ZUORDNUNG"})
_NEEDED = frozenset(
    {
        "Z_KASSE_ID", "Z_ERSTELLUNG", "Z_NR", "BON_ID", "BON_TYP", "BON_START", "BON_ENDE", "UMS_BRUTTO",
        "BEDIENER_ID", "POS_ZEILE", "ARTIKELTEXT", "GV_TYP", "ZAHLART_TYP", "UST_SCHLUESSEL", "REF_TYP",
        "REF_BON_ID",
    }
)  # fmt: skip
"""Must not stay empty wherever they are (annex G), of those that mean something in every row of ours."""


class Finding(NamedTuple):
    """What is wrong, and where; row 1 is the header, 0 the whole file."""

    file: str
    row: int
    sentence: str


Report = Callable[[Finding], None]


class NotAnExport(Exception):
    """A sentence: there is nothing here that could be read."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How `index.xml` says that a file is written."""

    delimiter: str
    quote: str
    decimal_symbol: str
    grouping_symbol: str
    columns: tuple[Column, ...]


def dialects(folder: Path, report: Report) -> dict[str, Dialect]:
    """What `index.xml` says of each file. Raises NotAnExport where there is none."""
    try:
        with (folder / INDEX).open("rb") as file:
            text = file.read(INDEX_BYTES_MAX + 1)
        if len(text) > INDEX_BYTES_MAX or b"<!ENTITY" in text:
            raise NotAnExport(f"{folder / INDEX} is not what it should be")
        root = ElementTree.fromstring(text)
    except OSError as error:
        raise NotAnExport(f"{folder / INDEX}: {error.strerror}") from None
    except ElementTree.ParseError as error:
        raise NotAnExport(f"{folder / INDEX}: {error}") from None
    found = {_said(table, "URL"): _dialect(table) for table in root.iter("Table")}
    for table in TABLES:
        name = table._filename
        if name not in found:
            report(Finding(INDEX, 0, f"{name} is not described"))
        elif [one._replace(about="") for one in COLUMNS[table]] != list(found[name].columns):
            report(Finding(INDEX, 0, f"{name} is described with other columns than the DSFinV-K's"))
    return found


def rows(folder: Path, name: str, dialect: Dialect, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file with their numbers, from 2; those that cannot be read are reported and left out."""
    try:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            read = csv.reader(file, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
            names = [column.name for column in dialect.columns]
            if next(read, None) != names:
                report(Finding(name, 1, "the header is not what index.xml says"))
                return
            for number, fields in enumerate(read, start=2):
                if len(fields) != len(names):
                    report(Finding(name, number, f"{len(fields)} fields where there should be {len(names)}"))
                    continue
                for text, column in zip(fields, dialect.columns, strict=True):
                    if sentence := _judged(text, column, dialect):
                        report(Finding(name, number, f"{column.name}: {sentence}"))
                        break
                else:
                    yield number, dict(zip(names, fields, strict=True))
    except OSError as error:
        report(Finding(name, 0, str(error.strerror)))
    except (csv.Error, UnicodeDecodeError) as error:
        report(Finding(name, 0, f"cannot be read on: {error}"))


def number(text: str) -> Decimal:
    """A number as the files have it; nothing is nought."""
    return Decimal(text.replace(".", "").replace(",", ".")) if text else Decimal(0)


def _dialect(table: ElementTree.Element) -> Dialect:
    shape = table.find("VariableLength")
    columns = () if shape is None else tuple(map(_column, shape.findall("VariableColumn")))
    return Dialect(
        _said(table, "VariableLength/ColumnDelimiter") or ";",
        _said(table, "VariableLength/TextEncapsulator") or '"',
        _said(table, "DecimalSymbol"),
        _said(table, "DigitGroupingSymbol"),
        columns,
    )


def _column(column: ElementTree.Element) -> Column:
    places = column.find("Numeric")
    if places is not None:
        return Column(_said(column, "Name"), "", int(_said(places, "Accuracy") or 0), 0)
    return Column(_said(column, "Name"), "", None, int(_said(column, "MaxLength") or 0))


def _said(element: ElementTree.Element, path: str) -> str:
    return element.findtext(path) or ""


def _judged(text: str, column: Column, dialect: Dialect) -> str:
    """What is wrong with a field, "" if nothing is."""
    if not text:
        return "is empty" if column.name in _NEEDED else ""
    if column.places is not None:
        places = f"(,\\d{{1,{column.places}}})?" if column.places else ""
        return "" if re.fullmatch(rf"-?\d+{places}", text) else f"{text[:40]!r} is no number as it should be"
    if column.chars_max and len(text) > column.chars_max:
        return f"is longer than {column.chars_max} characters"
    if column.name in _MOMENTS and not _MOMENT.fullmatch(text):
        return f"{text[:40]!r} is no moment with its distance from UTC"
    if column.name in _FLAGS and text not in ("0", "1"):
        return f"{text[:40]!r} is neither 0 nor 1"
    return ""
