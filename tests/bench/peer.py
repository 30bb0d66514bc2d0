"""The peer: Vendure on SQLite, measured in the same run, so that nobody compares two machines or two days.

Its scripts lie in the shared folder (`EMMA_SHARED`, else `../shared` beside the repository) under
`peers/vendure`. They are installed once into a cache outside the repository (`EMMA_BENCH_CACHE`, else
`~/.cache/tante-emma-bench`); that takes some minutes, for two native modules are compiled. Without node, npm
or the folder the table says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from table import Row, is_quick, report, say

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("EMMA_SHARED") or ROOT.parent / "shared")
CACHE = Path(os.environ.get("EMMA_BENCH_CACHE") or Path.home() / ".cache" / "tante-emma-bench")
PACKAGES = ("@vendure/core@3.5.7", "better-sqlite3@12", "typescript@5")
COMPILED = "node_modules/better-sqlite3/build/Release/better_sqlite3.node"
INSTALL_S_MAX = 1_200
SEED_S_MAX = 300
START_S_MAX = 120
CLIENT_S_MAX = 300
STOP_S_MAX = 20
LOOK_S = 0.25
LINES = 10
ROUNDS, ORDERS = 3, 20


class NotThere(Exception):
    """The peer cannot be measured here; `str()` says why."""


def installed() -> Path:
    """The folder where the peer is ready to run; installs it on first use. Raises NotThere."""
    scripts = SHARED / "peers" / "vendure"
    if not scripts.is_dir():
        raise NotThere("the shared folder with its scripts is not here")
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotThere(f"{program} is not installed")
    folder = CACHE / "vendure"
    folder.mkdir(parents=True, exist_ok=True)
    for script in scripts.glob("*.js"):
        shutil.copy(script, folder)
    if not (folder / COMPILED).exists():
        say("installing the peer; this takes minutes, once")
        if not (folder / "package.json").exists():
            output_of(folder, INSTALL_S_MAX, "npm", "init", "-y")
        output_of(folder, INSTALL_S_MAX, "npm", "install", *PACKAGES, "--no-audit", "--no-fund")
        output_of(folder, INSTALL_S_MAX, "npm", "rebuild", "better-sqlite3", "bcrypt")
    if not (folder / "v.sqlite").exists():
        say("filling the peer's price list")
        output_of(folder, SEED_S_MAX, "node", "bench.js", NPROD="500", ORDERS="1")
    return folder


def output_of(folder: Path, wait_s_max: float, *words: str, **environ: str) -> str:
    """What a program printed. Raises NotThere if it failed or took too long."""
    try:
        done = subprocess.run(
            words, cwd=folder, env={**os.environ, **environ}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=wait_s_max, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotThere(f"`{' '.join(words)}` took longer than {wait_s_max:.0f} s") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise NotThere(f"`{' '.join(words)}` failed: {' '.join(last)}")
    return done.stdout


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """The peer's server on a fresh copy of its filled database; gives its process id."""
    for old in folder.glob("r.sqlite*"):
        old.unlink()
    shutil.copy(folder / "v.sqlite", folder / "r.sqlite")
    log = folder / "server.log"
    with log.open("wb") as out:
        environ = {**os.environ, "DB": str(folder / "r.sqlite")}
        process = subprocess.Popen(["node", "server.js"], cwd=folder, env=environ, stdout=out, stderr=out)
    try:
        until_s = time.monotonic() + START_S_MAX
        while "READY" not in log.read_text("utf-8", "replace"):
            if process.poll() is not None or time.monotonic() > until_s:
                raise NotThere("its server did not start")
            time.sleep(LOOK_S)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()


def client(folder: Path, pid: int, orders: int, **environ: str) -> dict[str, Any]:
    """One round of orders by the peer's own client; what it reports (its README)."""
    said = output_of(
        folder, CLIENT_S_MAX, "node", "client.js", SPID=str(pid), CONC="1", LINES=str(LINES),
        ORDERS=str(orders), **environ,
    )  # fmt: skip
    facts: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return facts


def measure(folder: Path, rounds: int, orders: int) -> list[Row]:
    line_cpu_ms, line_ms, order_cpu_ms, per_s = [], [], [], []
    with server(folder) as pid:
        for round_ in range(rounds):
            only_lines = client(folder, pid, orders, ADDONLY="1")
            line_cpu_ms.append(only_lines["server_cpu_ms_per_order"] / LINES)
            line_ms.append(only_lines["add_p50"])
            whole = client(folder, pid, orders)
            order_cpu_ms.append(float(whole["server_cpu_ms_per_order"]))
            per_s.append(whole["orders_per_s"])
            say(f"round {round_ + 1} of {rounds}")
    note = f"Vendure {whole['vendure']}, node {whole['node']}, SQLite at synchronous=NORMAL, one client"
    note += f"; {rounds} rounds of {orders} orders of {LINES} lines"
    return [
        Row("server's processor time of an added line", "cpu ms", line_cpu_ms, note=note, key="line"),
        Row("an added line, as its client sees it (median)", "ms", line_ms),
        Row("server's processor time of a 10-line order", "cpu ms", order_cpu_ms, key="sale_cpu"),
        Row("10-line orders, one client", "per s", per_s, key="sales_per_s"),
        Row(
            "10-line orders per second of one core's time",
            "per s",
            [1000 / ms for ms in order_cpu_ms],
            key="sales_per_core_s",
        ),
    ]


def main() -> None:
    try:
        rows = measure(installed(), *((1, 3) if is_quick() else (ROUNDS, ORDERS)))
    except NotThere as missing:
        rows = [Row("the peer (Vendure 3.5.7)", "", [], note=str(missing))]
    report("The peer", rows)


if __name__ == "__main__":
    main()
