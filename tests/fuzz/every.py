"""Fuzzes every codec, one after the other, and says in a table what came of it.

    python tests/fuzz/every.py [--runs N] [--seconds N] [--folder FOLDER] [CODEC ...]

Each codec gets at most so many executions and so many seconds of the clock. With a folder a later call goes
on from what an earlier one found, counts on, and begins with the codec that had the fewest executions so far;
what broke a codec lies there, too.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMED = re.compile(r"One of: (.*)")
COUNTED = re.compile(rb"number_of_executed_units: *(\d+)")
PARTING_S = 120
"""How long a run may take beyond its seconds, to start and to end."""


def codecs() -> list[str]:
    """All that can be fuzzed."""
    asked = subprocess.run([sys.executable, HERE / "codecs.py"], capture_output=True, text=True, check=False)
    named = NAMED.search(asked.stderr)
    if named is None:
        sys.exit(asked.stderr)
    return ["zvt", *named[1].split(", ")]


def fuzz(codec: str, runs: int, seconds: int, folder: Path) -> tuple[int, int]:
    """How many executions, and how many inputs that broke it (it stops at the first)."""
    inputs, broken = folder / codec, folder / "broken"
    inputs.mkdir(parents=True, exist_ok=True)
    broken.mkdir(exist_ok=True)
    before = set(broken.iterdir())
    target = [HERE / "zvt.py"] if codec == "zvt" else [HERE / "codecs.py", codec]
    options = [f"-runs={runs}", f"-max_total_time={seconds}", f"-artifact_prefix={broken}/{codec}-",
               "-print_final_stats=1", inputs]  # fmt: skip
    ran = subprocess.run(
        [sys.executable, *target, *options], capture_output=True, check=False, timeout=seconds + PARTING_S
    )
    counted = COUNTED.search(ran.stderr)
    if counted is None:
        sys.exit(ran.stderr.decode(errors="replace"))
    return int(counted[1]), len(set(broken.iterdir()) - before)


def processor_s() -> float:
    """Processor time of the runs so far: a machine that has other things to do does not make a codec slow."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Fuzz, and print a row each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("codecs", nargs="*", metavar="CODEC")
    parser.add_argument("--runs", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = asked.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        books = folder / "executions.json"
        past: dict[str, int] = json.loads(books.read_text()) if books.exists() else {}
        print("| codec | executions | in all | a processor second | broken by |\n|---|--:|--:|--:|--:|")
        for codec in sorted(asked.codecs or codecs(), key=lambda one: past.get(one, 0)):
            began_s = processor_s()
            ran, broken = fuzz(codec, asked.runs, asked.seconds, folder)
            pace = ran / (processor_s() - began_s)
            past[codec] = past.get(codec, 0) + ran
            books.write_text(json.dumps(past, indent=1))
            print(f"| {codec} | {ran:,} | {past[codec]:,} | {pace:,.0f} | {broken} |", flush=True)


if __name__ == "__main__":
    main()
