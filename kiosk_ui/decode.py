"""The command `emma decode epc`: a table of tag memories in, the same table with their meaning out.

Row by row, so a table may be longer than memory: a row that cannot be read says why in its `error`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from checkout.epc import EpcTag, EpcUnreadable, decode_hex

EPC_COLUMN = "epc_hex"
HEADING_CHARS_MAX = 100_000
MEANING = ("tag_uri", "gs1_key", "serial", "scheme", "error")
_NOTHING = EpcTag("", "", "", "")


class BadTable(Exception):
    """The file is no table of tags; the text says why."""


def decode_epc(file: Path, out: TextIO, *, as_json: bool) -> None:
    """Write the table in `file` to `out` with the columns `MEANING`. Raises `BadTable`.

    Columns may be parted by commas or, as German spreadsheets do, by semicolons; JSON is one list of objects.
    """
    try:
        # A byte that is no UTF-8 spoils its own field, not the rows behind it.
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as table:
            delimiter, columns = _heading(table)
            rows = csv.reader(table, delimiter=delimiter)
            meant = _with_meaning(columns, rows)
            columns = (*columns, *(name for name in MEANING if name not in columns))
            if as_json:
                _write_json(columns, meant, out)
            else:
                _write_csv(columns, meant, out, delimiter)
    except (OSError, csv.Error) as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise BadTable(f"{file}: {getattr(error, 'strerror', None) or error}") from None


def _heading(table: TextIO) -> tuple[str, tuple[str, ...]]:
    """What parts the columns, and their names."""
    line = table.readline(HEADING_CHARS_MAX)
    delimiter = ";" if line.count(";") > line.count(",") else ","
    columns = tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter), ()))
    if EPC_COLUMN not in columns:
        raise BadTable(f"there is no column {EPC_COLUMN!r} in the first line: {line.strip()[:100]!r}")
    if len(set(columns)) != len(columns):
        raise BadTable("two columns have the same name")
    return delimiter, columns


def _with_meaning(columns: Sequence[str], rows: Iterable[list[str]]) -> Iterator[dict[str, str]]:
    for row in rows:
        if not row:
            continue
        entry = dict(zip(columns, [*row, *("" for _ in columns)], strict=False))
        too_long = len(row) > len(columns)
        entry.update(
            _meaning(entry[EPC_COLUMN]) if not too_long else _error("more columns than the first line")
        )
        yield entry


def _meaning(epc_hex: str) -> dict[str, str]:
    try:
        return {**decode_hex(epc_hex)._asdict(), "error": ""}
    except EpcUnreadable as unreadable:
        return _error(str(unreadable))


def _error(why: str) -> dict[str, str]:
    return {**_NOTHING._asdict(), "error": why}


def _write_csv(columns: Sequence[str], rows: Iterable[dict[str, str]], out: TextIO, delimiter: str) -> None:
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _write_json(columns: Sequence[str], rows: Iterable[dict[str, str]], out: TextIO) -> None:
    """One object a line, so that a long list can be read while it is written."""
    before = "["
    for row in rows:
        ordered = {name: row[name] for name in columns}
        out.write(f"{before}\n{json.dumps(ordered, ensure_ascii=False)}")
        before = ","
    out.write("\n]\n" if before == "," else "[]\n")
