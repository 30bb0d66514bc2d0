"""How benchmarks say what they found: one table, with spread, target and peer beside each number."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured thing. `values` are in `unit`, lower is better unless `more_is_better`."""

    what: str
    unit: str
    values: Sequence[float]
    target: str = ""
    met: bool | None = None
    note: str = ""


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_table(title: str, rows: Sequence[Row]) -> None:
    """A table with median, p95, p99 and the number of samples."""
    print(f"\n{title}\n")
    print(f"  {'':<54} {'median':>9} {'p95':>9} {'p99':>9} {'n':>6}  {'unit':<8} {'target':<22}")
    for row in rows:
        numbers = (statistics.median(row.values), quantile(row.values, 0.95), quantile(row.values, 0.99))
        cells = " ".join(f"{number:>9.{_digits(number)}f}" for number in numbers)
        verdict = "" if row.met is None else ("reached" if row.met else "MISSED")
        print(f"  {row.what:<54} {cells} {len(row.values):>6}  {row.unit:<8} {row.target:<22} {verdict}")
        if row.note:
            print(f"    {row.note}")


def _digits(number: float) -> int:
    return 0 if abs(number) >= 1000 else 1 if abs(number) >= 100 else 2 if abs(number) >= 1 else 3
