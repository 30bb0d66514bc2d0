"""A progress bar on a terminal; on anything else a line for every tenth."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

WIDE = 40
REDRAW_S = 0.1


def progress_bar(out: TextIO, what: str) -> Callable[[int, int], None]:
    """A function that is told how far it is: so many of so many. The bar ends with its last unit."""
    drawn_s, tenth = 0.0, 0

    def draw(done: int, whole: int) -> None:
        nonlocal drawn_s, tenth
        share = min(1.0, done / whole) if whole else 1.0
        if out.isatty():
            now_s = time.monotonic()
            if share < 1 and now_s - drawn_s < REDRAW_S:
                return
            drawn_s = now_s
            full = int(share * WIDE)
            end = "\n" if share == 1 else ""
            out.write(f"\r{what} [{'#' * full}{'.' * (WIDE - full)}] {share:4.0%}{end}")
            out.flush()
        elif int(share * 10) > tenth:
            tenth = int(share * 10)
            out.write(f"{what} {tenth * 10} %\n")
            out.flush()

    return draw
