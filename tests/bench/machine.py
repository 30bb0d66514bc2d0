"""Where the numbers were measured: without this nobody can compare them."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
from pathlib import Path

VERSION_S_MAX = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The browser of this machine, or None."""
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def load() -> str:
    """The load averages of one, five and fifteen minutes: how busy others keep this machine."""
    return " ".join(f"{average:.1f}" for average in os.getloadavg())


def facts() -> list[tuple[str, str]]:
    """What the machine is and what runs on it."""
    browser = chromium()
    return [
        ("cores", f"{os.cpu_count()} ({_processor()})"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f} GB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        ("browser", _says(browser, "--version") if browser else "none"),
        ("node", _says("node", "--version") if shutil.which("node") else "none"),
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _says(*words: str) -> str:
    said = subprocess.run(words, capture_output=True, text=True, timeout=VERSION_S_MAX, check=False)
    return said.stdout.strip() or "unknown"
