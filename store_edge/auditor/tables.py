"""The tables of the DSFinV-K (2.4, annex E) as the package `dsfinvk` knows them, and how rows are written.

The package gives each table's file, its columns with type, length and places, and words about them. Rows are
written here, because the package keeps all of them in memory and groups digits (1.234,56), also in numbers
of receipts. How a file is written stands in its `index.xml` (description standard for data media, GDPdU).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape

from dsfinvk import models
from dsfinvk.fields import BooleanField, LocalDateTimeField, NumericField

TAXONOMY = "2.4"
INDEX, DTD = "index.xml", "gdpdu-01-09-2004.dtd"
HERE = Path(__file__).parent
TABLES: tuple[type[Any], ...] = (
    models.Stamm_Abschluss, models.Stamm_Orte, models.Stamm_Kassen, models.Stamm_Terminals,
    models.Stamm_Agenturen, models.Stamm_TSE, models.Stamm_USt, models.Z_GV_Typ, models.Z_Zahlart,
    models.Z_Waehrungen, models.Bonkopf, models.Bonkopf_Zahlarten, models.Bonpos, models.Bonpos_Preisfindung,
    models.Bonpos_Zusatzinfo, models.TSE_Transaktionen, models.Bonkopf_USt, models.Bonpos_USt,
    models.Bonkopf_AbrKreis, models.Bon_Referenzen,
)  # fmt: skip
"""In the order of the official index.xml."""
ONE_LETTER, MOMENT_CHARS = 1, 30
LENGTHS = {
    "Z_BUCHUNGSTAG": 25,
    "POS_ZEILE": 50,
    "TYP": 20,
    "TSE_ZEITFORMAT": 31,
    "TSE_TA_START": MOMENT_CHARS,
    "TSE_TA_ENDE": MOMENT_CHARS,
}
"""What the official index.xml says and the package does not."""
UNUSED = frozenset(f"TSE_ZERTIFIKAT_{number}" for number in ("III", "IV", "V", "VI", "VII"))
"""The official tse.csv ends with part II; these are for certificates of more than 2,000 characters."""
Row = Mapping[str, "str | int | bool | Decimal | None"]


class Column(NamedTuple):
    """`places` are those of a number, None for text; `chars_max` is 0 where nothing limits a text."""

    name: str
    about: str
    places: int | None
    chars_max: int


def _column(field: Any) -> Column:
    if isinstance(field, NumericField):
        return Column(field.name, field.__doc__ or "", field.places, 0)
    if isinstance(field, BooleanField):
        return Column(field.name, field.__doc__ or "", None, ONE_LETTER)
    if isinstance(field, LocalDateTimeField):
        return Column(field.name, field.__doc__ or "", None, MOMENT_CHARS)
    return Column(field.name, field.__doc__ or "", None, LENGTHS.get(field.name) or field.max_length or 0)


def text_of(value: object, column: Column) -> str:
    """A value as it stands in a file: decimal comma, no grouping, 0 or 1, text cut to its length."""
    if value is None:
        return ""
    if column.places is None:
        text = str(int(value)) if isinstance(value, bool) else str(value)
        return text[: column.chars_max] if column.chars_max else text
    assert isinstance(value, int | Decimal)
    return f"{value:.{column.places}f}".replace(".", ",")


COLUMNS = {
    table: tuple(_column(field) for field in table._fields if field.name not in UNUSED) for table in TABLES
}
"""The columns of each table, in their order."""


class Folder:
    """A folder that is being filled with all tables; rows go to the disk as they come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[IO[str]] = []
        self._writers: dict[type[Any], Any] = {}

    def __enter__(self) -> Folder:
        self._folder.mkdir(parents=True)
        for table in TABLES:
            file = (self._folder / table._filename).open("w", encoding="utf-8", newline="")
            self._files.append(file)
            self._writers[table] = csv.writer(file, delimiter=";", lineterminator="\r\n")
            self._writers[table].writerow([column.name for column in COLUMNS[table]])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def write(self, table: type[Any], row: Row) -> None:
        """One row by its columns' names; those that are missing stay empty."""
        assert row.keys() <= {column.name for column in COLUMNS[table]}, row.keys()
        self._writers[table].writerow([text_of(row.get(column.name), column) for column in COLUMNS[table]])

    def describe(self, supplier: str, place: str, comment: str) -> None:
        """Write `index.xml`, and the grammar that it names beside it."""
        tables = "".join(_described(table) for table in TABLES)
        (self._folder / INDEX).write_text(
            f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE DataSet SYSTEM "{DTD}">\n<DataSet>\n'
            f"<Version>1.0</Version>\n<DataSupplier><Name>{escape(supplier)}</Name>"
            f"<Location>{escape(place)}</Location><Comment>{escape(comment)}</Comment></DataSupplier>\n"
            f"<Media>\n<Name>DSFinV-K {TAXONOMY}</Name>\n{tables}</Media>\n</DataSet>\n",
            encoding="utf-8",
        )
        (self._folder / DTD).write_bytes((HERE / DTD).read_bytes())


def _described(table: type[Any]) -> str:
    head = (
        f"<Table>\n<URL>{table._filename}</URL><Name>{table.__name__}</Name><UTF8/>"
        "<DecimalSymbol>,</DecimalSymbol><DigitGroupingSymbol>.</DigitGroupingSymbol>"
        "<Range><From>2</From></Range>\n<VariableLength>\n<ColumnDelimiter>;</ColumnDelimiter>"
        "<RecordDelimiter>&#xD;&#xA;</RecordDelimiter><TextEncapsulator>&quot;</TextEncapsulator>\n"
    )
    rows = "".join(_described_column(column) for column in COLUMNS[table])
    return f"{head}{rows}</VariableLength>\n</Table>\n"


def _described_column(column: Column) -> str:
    if column.places is None:
        kind = "<AlphaNumeric/>" + (f"<MaxLength>{column.chars_max}</MaxLength>" if column.chars_max else "")
    elif column.places:
        kind = f"<Numeric><Accuracy>{column.places}</Accuracy></Numeric>"
    else:
        kind = "<Numeric/>"
    about = f"<Description>{escape(column.about)}</Description>"
    return f"<VariableColumn><Name>{column.name}</Name>{about}{kind}</VariableColumn>\n"
