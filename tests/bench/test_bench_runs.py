"""The measurements themselves are kept from rotting: the quick counter part runs, and its table is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).with_name("run.py")
RUN_S_MAX = 120


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUN), *words], capture_output=True, text=True, timeout=RUN_S_MAX, check=False
    )


def test_the_quick_counter_measures_and_says_where() -> None:
    done = bench("--quick", "counter")
    assert done.returncode == 0, done.stderr
    for words in (
        "median",
        "p99",
        "10-line sales",
        "of the engine's limit",
        "SQLite",
        "load",
        "targets reached",
    ):
        assert words in done.stdout


def test_a_benchmark_that_does_not_exist_is_refused() -> None:
    done = bench("--quick", "abacus")
    assert done.returncode == 2
    assert "there is no benchmark 'abacus'" in done.stderr
