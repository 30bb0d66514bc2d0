"""Recorded reads: a table of them becomes columns of numbers, with the truth where it was written down.

Columns are found by their names, in any order. A row that is no read is left out and counted.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROWS_MAX = 5_000_000
TENTHS_BELOW = -130.0
"""No tag answers so weakly: a log whose median lies below gives tenths of dBm."""
NAMES = {
    "time": ("timestamp", "time", "time_s"),
    "antenna": ("antenna", "beam_id", "beam"),
    "rssi": ("rssi", "rssi_dbm"),
    "epc": ("epc",),
}
PLACES = ("start_x_true", "start_y_true", "end_x_true", "end_y_true")


class BadLog(ValueError):
    """This file is no log of reads."""


@dataclass(frozen=True, slots=True)
class Log:
    """Reads in the order of time, one array for each column; `tag` counts into `epcs`."""

    name: str
    time_s: npt.NDArray[np.float64]
    """Seconds since the first read."""
    antenna: npt.NDArray[np.int64]
    rssi_dbm: npt.NDArray[np.float64]
    tag: npt.NDArray[np.int64]
    epcs: tuple[str, ...]
    bad_rows: int = 0
    began_s: float = 0.0
    """The clock at the first read, seconds since 1970."""
    in_box: npt.NDArray[np.bool_] | None = None
    """Truth, one for each tag; None where nobody wrote it down."""
    zone: npt.NDArray[np.int64] | None = None
    """Truth, one for each read: the zone in which the tag was then."""
    start_m: tuple[float, float] | None = None
    end_m: tuple[float, float] | None = None

    @property
    def kind(self) -> str:
        """What truth it holds: box, zone, line, or "" for none."""
        if self.in_box is not None:
            return "box"
        if self.zone is not None:
            return "zone"
        return "line" if self.start_m is not None else ""

    def __len__(self) -> int:
        return len(self.time_s)


def read_log(path: Path) -> Log:
    """Raises BadLog where a column is missing or no row is a read, OSError where there is no file."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return parse_log(file, path.stem)


def parse_log(lines: Iterable[str], name: str) -> Log:
    """A log from the lines of a table with a heading. Raises BadLog."""
    table = csv.DictReader(line.replace("\0", "") for line in lines)
    heading = [column.strip().lower() for column in table.fieldnames or ()]
    table.fieldnames = heading
    columns = {what: _column(heading, what, name) for what in NAMES}
    rows, bad = [], 0
    for row in _limited(table, name):
        try:
            rows.append(_read(row, columns))
        except (TypeError, ValueError, AttributeError):
            bad += 1
    if not rows:
        raise BadLog(f"{name} holds no read")
    return _log(name, rows, bad)


_Row = tuple[float, int, float, str, str]


def _read(row: dict[str, str], columns: dict[str, str]) -> _Row:
    """(time, antenna, RSSI, EPC, truth) of one row. Raises ValueError and what a broken row else raises."""
    epc = row[columns["epc"]].strip().upper()
    time_s, rssi = float(row[columns["time"]]), float(row[columns["rssi"]])
    bytes.fromhex(epc)
    if not (math.isfinite(time_s) and math.isfinite(rssi)) or not epc:
        raise ValueError
    truth = next((row[key] for key in ("in_box", "truth_zone") if key in row), "")
    if "in_box" in row and truth.strip() not in ("0", "1"):
        raise ValueError
    if "truth_zone" in row:
        int(float(truth))
    if PLACES[0] in row:
        truth = ";".join(str(float(row[key])) for key in PLACES)
    kind = "box" if "in_box" in row else "zone" if "truth_zone" in row else "line" if PLACES[0] in row else ""
    return time_s, int(row[columns["antenna"]]), rssi, epc, f"{kind}:{truth.strip()}"


def _limited(table: csv.DictReader[str], name: str) -> Iterator[dict[str, str]]:
    try:
        for number, row in enumerate(table):
            if number >= ROWS_MAX:
                raise BadLog(f"{name} has more than {ROWS_MAX} rows")
            yield row
    except csv.Error as error:
        raise BadLog(f"{name} is no table: {error}") from error


def _column(heading: list[str], what: str, name: str) -> str:
    for column in NAMES[what]:
        if column in heading:
            return column
    raise BadLog(f"{name} has no column {' or '.join(NAMES[what])}")


def _log(name: str, rows: list[_Row], bad: int) -> Log:
    rows.sort(key=lambda row: row[0])
    rssi = np.array([row[2] for row in rows])
    if np.median(rssi) < TENTHS_BELOW:
        rssi = rssi / 10
    epcs = tuple(dict.fromkeys(row[3] for row in rows))
    number = {epc: at for at, epc in enumerate(epcs)}
    times = np.array([row[0] for row in rows])
    kind, _, truth = rows[0][4].partition(":")
    said = {row[3]: row[4].endswith(":1") for row in rows} if kind == "box" else {}
    places = [float(value) for value in truth.split(";")] if kind == "line" else []
    return Log(
        name=name,
        time_s=times - times[0],
        antenna=np.array([row[1] for row in rows]),
        rssi_dbm=rssi,
        tag=np.array([number[row[3]] for row in rows]),
        epcs=epcs,
        bad_rows=bad,
        began_s=float(times[0]),
        in_box=np.array([said[epc] for epc in epcs]) if kind == "box" else None,
        zone=np.array([int(float(row[4].partition(":")[2])) for row in rows]) if kind == "zone" else None,
        start_m=(places[0], places[1]) if places else None,
        end_m=(places[2], places[3]) if places else None,
    )
