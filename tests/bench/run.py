"""`make bench`: every benchmark in a process of its own, one table each, and where it was measured.

    run.py [--quick] [NAME ...]

The peer goes first, so that its numbers stand beside ours. A missed target is reported, not punished: the
exit status is 0 unless a benchmark crashed or was named wrongly.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import machine
from table import ROWS_FILE, Row, print_table, read_report, say

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PARTS = {
    "peer": "Vendure, for comparison",
    "counter": "lines and sales at the counter, without screens",
    "pricing": "lines with 200 promotions",
    "line": "one more line, rendered, from outside and inside",
    "terminal": "a card payment beyond the terminal's own time",
    "screen": "from a scan to a changed pixel",
    "paper": "from an approved card to a printed receipt",
    "audit": "an auditor's week exported and read back",
    "tag_reports": "tag reports from the reader's socket to the tray",
    "memory": "memory of the open shop",
    "start": "from the command to the first screen",
    "codes": "codes in photos, beside zxing-cpp and pyzbar",
    "reads": "tag reads through presence and classification",
    "baskets": "next baskets, foretold beside TIFU-KNN",
}
PART_S_MAX = 3_600


def measure(part: str, folder: Path, quick: bool) -> tuple[str, list[Row]] | None:
    """Run one benchmark; None if it crashed (it has said why on stderr)."""
    rows = folder / f"{part}.json"
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environ = {**os.environ, ROWS_FILE: str(rows), "PYTHONPATH": path}
    command = [sys.executable, str(HERE / f"{part}.py"), *(["--quick"] if quick else [])]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environ, timeout=PART_S_MAX, check=False)
    except subprocess.TimeoutExpired:
        say(f"{part} took longer than {PART_S_MAX} s")
        return None
    return read_report(rows) if done.returncode == 0 and rows.exists() else None


def summary(rows: Sequence[Row]) -> str:
    judged = [row for row in rows if row.met is not None]
    missed = [row.what.strip() for row in judged if not row.met]
    words = f"{len(judged) - len(missed)} of {len(judged)} targets reached"
    return f"{words}; missed: {'; '.join(missed)}" if missed else words


def print_machine(load_before: str, took_s: float) -> None:
    print("\nWhere this was measured\n")
    for name, fact in machine.facts():
        print(f"  {name:<10} {fact}")
    print(f"  {'load':<10} before {load_before}, after {machine.load()} (1, 5, 15 minutes)")
    print(f"  {'took':<10} {took_s / 60:.1f} min")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the shop.")
    parser.add_argument("--quick", action="store_true", help="few repetitions: shows that it works, no more")
    words = "; ".join(f"{part}: {about}" for part, about in PARTS.items())
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"which ones (all of them if none): {words}")
    args = parser.parse_args(arguments)
    if wrong := [part for part in args.parts if part not in PARTS]:
        parser.error(f"there is no benchmark {wrong[0]!r}; there are {', '.join(PARTS)}")
    load_before, began_s = machine.load(), time.monotonic()
    crashed: list[str] = []
    every: list[Row] = []
    peer: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="emma-bench-") as folder:
        for part in PARTS:
            if args.parts and part not in args.parts:
                continue
            say(f"{part}: {PARTS[part]} (load {machine.load()})")
            found = measure(part, Path(folder), args.quick)
            if found is None:
                crashed.append(part)
                continue
            title, rows = found
            peer |= {row.key: statistics.median(row.values) for row in rows if row.key and row.values}
            print_table(title, rows, peer)
            sys.stdout.flush()
            every += rows
    print_machine(load_before, time.monotonic() - began_s)
    print(f"\n{summary(every)}")
    if args.quick:
        print("This was the quick version: too few repetitions to quote.")
    if crashed:
        print(f"crashed: {', '.join(crashed)}")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
