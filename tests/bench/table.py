"""How benchmarks say what they found: one table, with spread, target and peer beside each number.

A benchmark started by `run.py` writes its rows to the file named in `EMMA_BENCH_ROWS`
instead of printing them, so that the peer, measured in the same run, stands beside them.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROWS_FILE = "EMMA_BENCH_ROWS"
WHAT_CHARS = 62


@dataclass(frozen=True)
class Row:
    """One measured thing. `values` are in `unit`; without any, `note` says why there are none.

    `key` names a row of the peer's; `beside` is the key of the peer's row that this one is compared with.
    """

    what: str
    unit: str
    values: Sequence[float]
    target: str = ""
    met: bool | None = None
    note: str = ""
    key: str = ""
    beside: str = ""


def is_quick() -> bool:
    """Whether few repetitions are wanted: enough to see that it works, too few to quote."""
    return "--quick" in sys.argv[1:]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(words: str) -> None:
    """Progress, at once."""
    print(f"  {words}", file=sys.stderr, flush=True)


def report(title: str, rows: Sequence[Row]) -> None:
    """Hand the rows to `run.py`, or print them where nobody waits for them."""
    file = os.environ.get(ROWS_FILE)
    if file:
        Path(file).write_text(json.dumps({"title": title, "rows": [asdict(row) for row in rows]}), "utf-8")
    else:
        print_table(title, rows, {})


def read_report(file: Path) -> tuple[str, list[Row]]:
    """What `report` wrote."""
    said = json.loads(file.read_text("utf-8"))
    return said["title"], [Row(**row) for row in said["rows"]]


def print_table(title: str, rows: Sequence[Row], peer: Mapping[str, float]) -> None:
    """A table with median, p95, p99, the number of samples, and the peer's median where there is one."""
    heads = f"{'median':>8} {'p95':>8} {'p99':>8} {'n':>5}  {'unit':<7} {'peer':>7}  {'target':<18}"
    print(f"\n{title}\n\n  {'':<{WHAT_CHARS}} {heads}".rstrip())
    for row in rows:
        print(f"  {row.what:<{WHAT_CHARS}} {_cells(row, peer)}".rstrip())
        if row.note:
            print(f"    {row.note}")


def _cells(row: Row, peer: Mapping[str, float]) -> str:
    if not row.values:
        return f"{'not measured':>26}"
    numbers = (statistics.median(row.values), quantile(row.values, 0.95), quantile(row.values, 0.99))
    cells = " ".join(f"{_number(number):>8}" for number in numbers)
    verdict = "" if row.met is None else ("reached" if row.met else "MISSED")
    other = _number(peer[row.beside]) if row.beside in peer else ""
    return f"{cells} {len(row.values):>5}  {row.unit:<7} {other:>7}  {row.target:<18} {verdict}"


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"
