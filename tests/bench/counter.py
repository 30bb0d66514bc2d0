"""What a line and a sale cost at the counter, against what the engine itself could do.

The engine's limit is measured in the same run in two ways: the very same writes
(every INSERT and UPDATE of the sales, recorded and replayed by bare sqlite3 with
the same commits), and the smallest commit there is (one short row).
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from store import Counter
from table import Row, print_table, quantile

from store_edge.db import engine, prepared

SALES = 150
ROUNDS = 5
BASKET_LINES = 300
ARTICLES_MANY = 200_000

Trace = list[list[tuple[str, Any]]]


@contextmanager
def recorded_writes(trace: Trace) -> Iterator[None]:
    """Write down every writing statement, one list a transaction."""
    run, begin = prepared.Prepared.run, engine.Database.begin

    def recording_run(self: Any, driver: Any, **values: object) -> Any:
        cursor = run(self, driver, **values)
        text = self._texts[type(driver)]
        if not text.sql.lstrip().upper().startswith("SELECT"):
            trace[-1].append((text.sql, text.pick(values)))
        return cursor

    def recording_begin(self: Any) -> Any:
        trace.append([])
        return begin(self)

    prepared.Prepared.run, engine.Database.begin = recording_run, recording_begin  # type: ignore[method-assign]
    try:
        yield
    finally:
        prepared.Prepared.run, engine.Database.begin = run, begin  # type: ignore[method-assign]


def bare(file: Path) -> sqlite3.Connection:
    """The engine alone, set as the store sets it."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=1000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def replay(folder: Path, trace: Trace) -> float:
    """Commits a second when bare sqlite3 does the same writes; checks that it wrote the same journal."""
    counter = Counter(folder)
    counter.close()
    connection = bare(counter.file)
    began_s = time.perf_counter()
    for transaction in trace:
        connection.execute("BEGIN IMMEDIATE")
        for sql, values in transaction:
            connection.execute(sql, values)
        connection.execute("COMMIT")
    rate = len(trace) / (time.perf_counter() - began_s)
    assert connection.execute("SELECT count(*) FROM journal").fetchone()[0] > SALES
    connection.close()
    return rate


def smallest_commits(folder: Path, count: int) -> float:
    connection = bare(folder / "small.db")
    connection.execute("CREATE TABLE small (number INTEGER PRIMARY KEY, word TEXT)")
    began_s = time.perf_counter()
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO small (word) VALUES ('x')")
        connection.execute("COMMIT")
    rate = count / (time.perf_counter() - began_s)
    connection.close()
    return rate


def sales() -> list[Row]:
    """Whole sales: the rate, the processor time, and the ratios to the engine's limits."""
    per_s, cpu_ms, of_same, of_smallest = [], [], [], []
    commits = 0
    for round_ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            counter = Counter(Path(name), seed=round_)
            counter.sell("1")
            trace: Trace = []
            with tempfile.TemporaryDirectory() as twin:
                recorder = Counter(Path(twin), seed=round_)
                with recorded_writes(trace):
                    for _ in range(SALES):
                        recorder.sell("1")
                recorder.close()
            commits = len(trace) // SALES
            began_s, cpu_s = time.perf_counter(), time.process_time()
            for _ in range(SALES):
                counter.sell("1")
            rate = SALES / (time.perf_counter() - began_s)
            cpu_ms.append((time.process_time() - cpu_s) * 1000 / SALES)
            counter.close()
            with tempfile.TemporaryDirectory() as other:
                same = replay(Path(other), trace) / commits
                smallest = smallest_commits(Path(other), len(trace)) / commits
            per_s.append(rate)
            of_same.append(rate / same)
            of_smallest.append(rate / smallest)
    note = (
        f"a sale takes {commits} commits, each durable (synchronous=FULL); {ROUNDS} rounds of {SALES} sales"
    )
    return [
        Row("10-line sales", "per s", per_s, ">= 30", min(per_s) >= 30, note),
        Row("processor time of a 10-line sale", "ms", cpu_ms),
        Row("of the engine's limit, same writes", "ratio", of_same, ">= 0.6", min(of_same) >= 0.6),
        Row("of the engine's limit, smallest commit", "ratio", of_smallest),
    ]


def lines() -> list[Row]:
    """Processor time of one more line, along a long basket and over a long price list."""
    rows = []
    for articles in (200, ARTICLES_MANY):
        with tempfile.TemporaryDirectory() as name:
            counter = Counter(Path(name), articles=articles)
            counter.sell("1")
            spent = []
            for _ in range(3):
                counter.till.open("2", "de")
                for i in range(BASKET_LINES):
                    cpu_s = time.process_time()
                    counter.till.scan("2", counter.codes[(i * 7919) % articles], how="serial")
                    spent.append((time.process_time() - cpu_s) * 1000)
                counter.till.cancel("2")
            counter.close()
        early = [ms for i, ms in enumerate(spent) if i % BASKET_LINES < 30]
        late = [ms for i, ms in enumerate(spent) if i % BASKET_LINES >= BASKET_LINES - 30]
        words = f"line without rendering, {articles:,} articles, line"
        for which, values in (("1-30", early), (f"{BASKET_LINES - 29}-{BASKET_LINES}", late)):
            met = quantile(values, 0.5) <= 1.0
            rows.append(Row(f"{words} {which}", "cpu ms", values, "<= 1 ms", met))
    return rows


def main() -> None:
    print_table("The counter", [*sales(), *lines()])


if __name__ == "__main__":
    main()
