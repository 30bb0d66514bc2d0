"""What a line and a sale cost at the counter, against what the engine itself could do.

The engine's limit is measured in the same run in two ways: the very same writes (every INSERT and UPDATE of
the sales, recorded and replayed by bare sqlite3 with the same commits), and the smallest commit there is (one
short row). Sales and replays take turns in short rounds, so that a machine that is busy with other things is
equally busy for all of them.
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
from table import Row, is_quick, quantile, report, say

from store_edge.db import engine, prepared

SALES, SALES_QUICK = 40, 4
"""Sales in a round."""
ROUNDS, ROUNDS_QUICK = 15, 2
BASKETS, BASKETS_QUICK = 3, 1
BASKET_LINES = 300
ARTICLES_MANY, ARTICLES_MANY_QUICK = 200_000, 2_000

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


def recorded(folder: Path, seed: int, sales: int) -> Trace:
    """The writes of so many sales, one list a transaction."""
    trace: Trace = []
    counter = Counter(folder, seed=seed)
    with recorded_writes(trace):
        for _ in range(sales):
            counter.sell("1")
    counter.close()
    return trace


class Engine:
    """Bare sqlite3, set as the store sets it, on a store's empty schema and one short table."""

    def __init__(self, folder: Path) -> None:
        counter = Counter(folder)
        counter.close()
        self.connection = sqlite3.connect(counter.file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "wal_autocheckpoint=1000"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("CREATE TABLE small (number INTEGER PRIMARY KEY, word TEXT)")

    def replay(self, trace: Trace) -> float:
        """Commits a second for these writes."""
        began_s = time.perf_counter()
        for transaction in trace:
            self.connection.execute("BEGIN IMMEDIATE")
            for sql, values in transaction:
                self.connection.execute(sql, values)
            self.connection.execute("COMMIT")
        return len(trace) / (time.perf_counter() - began_s)

    def smallest(self, count: int) -> float:
        """Commits a second of one short row each."""
        return self.replay([[("INSERT INTO small (word) VALUES ('x')", ())]] * count)

    def journal_entries(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM journal").fetchone()[0])


def sales(rounds: int, each: int) -> list[Row]:
    """Whole sales: the rate, the processor time, and the ratios to the engine's limits."""
    per_s, cpu_ms, of_same, of_smallest = [], [], [], []
    with (
        tempfile.TemporaryDirectory() as ours,
        tempfile.TemporaryDirectory() as twins,
        tempfile.TemporaryDirectory() as bare,
        tempfile.TemporaryDirectory() as warm,
    ):
        recorded(Path(warm), 1, 2)
        trace = recorded(Path(twins), 7, rounds * each)
        commits = len(trace) // (rounds * each)
        counter, engine = Counter(Path(ours), seed=7), Engine(Path(bare))
        for round_ in range(rounds):
            part = trace[round_ * each * commits : (round_ + 1) * each * commits]
            began_s, cpu_s = time.perf_counter(), time.process_time()
            for _ in range(each):
                counter.sell("1")
            per_s.append(each / (time.perf_counter() - began_s))
            cpu_ms.append((time.process_time() - cpu_s) * 1000 / each)
            of_same.append(per_s[-1] / (engine.replay(part) / commits))
            of_smallest.append(per_s[-1] / (engine.smallest(len(part)) / commits))
        assert engine.journal_entries() == counter.journal.last_number(), "the replay wrote another journal"
        counter.close()
        engine.connection.close()
    note = f"a sale takes {commits} commits, each durable (synchronous=FULL); {rounds} rounds of {each} sales"
    per_core = [1000 / ms for ms in cpu_ms]
    rate, share = quantile(per_s, 0.5), quantile(of_same, 0.5)
    return [
        Row(
            "10-line sales, one after the other",
            "per s",
            per_s,
            ">= 30",
            rate >= 30,
            note,
            beside="sales_per_s",
        ),
        Row("10-line sales per second of one core's time", "per s", per_core, beside="sales_per_core_s"),
        Row("processor time of a 10-line sale", "ms", cpu_ms, beside="sale_cpu"),
        Row("of the engine's limit, same writes", "ratio", of_same, ">= 0.6", share >= 0.6),
        Row("of the engine's limit, smallest commit", "ratio", of_smallest),
    ]


def lines(articles: int, baskets: int) -> list[Row]:
    """Processor time of one more line, at the beginning and the end of a long basket."""
    say(f"{articles:,} articles")
    with tempfile.TemporaryDirectory() as name:
        counter = Counter(Path(name), goods=articles)
        counter.sell("1")
        spent = []
        for _ in range(baskets):
            counter.till.open("2", "de")
            for i in range(BASKET_LINES):
                cpu_s = time.process_time()
                counter.till.scan("2", counter.codes[(i * 7919) % articles], how="serial")
                spent.append((time.process_time() - cpu_s) * 1000)
            counter.till.cancel("2")
        counter.close()
    early = [ms for i, ms in enumerate(spent) if i % BASKET_LINES < 30]
    late = [ms for i, ms in enumerate(spent) if i % BASKET_LINES >= BASKET_LINES - 30]
    rows = []
    for which, values in (("1-30", early), (f"{BASKET_LINES - 29}-{BASKET_LINES}", late)):
        what = f"line without rendering, {articles:,} articles, line {which}"
        met = quantile(values, 0.5) <= 1.0
        rows.append(Row(what, "cpu ms", values, "<= 1 ms", met, beside="line"))
    return rows


def main() -> None:
    if is_quick():
        rounds, each, baskets, many = ROUNDS_QUICK, SALES_QUICK, BASKETS_QUICK, ARTICLES_MANY_QUICK
    else:
        rounds, each, baskets, many = ROUNDS, SALES, BASKETS, ARTICLES_MANY
    found = sales(rounds, each)
    for articles in (200, many):
        found += lines(articles, baskets)
    report("The counter", found)


if __name__ == "__main__":
    main()
