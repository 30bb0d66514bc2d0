"""A whole shop to measure from outside: `emma run` as a process of its own, and what the system says of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import httpx

ROOT = Path(__file__).resolve().parents[2]
OPEN_S_MAX = 60.0
CLOSE_S_MAX = 20.0
ASK_S_MAX = 5.0
LOOK_S = 0.02
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class NotOpen(Exception):
    """The shop did not open; `str()` holds what it said."""


def free_port() -> int:
    """A port that is free now, and so is the next one: live events take it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def scanner_settings(addresses: Mapping[str, str]) -> str:
    """`store.toml` for one serial scanner a lane: lane -> address of its line."""
    lanes = ", ".join(f'"{lane}"' for lane in addresses)
    devices = [
        f'[devices.scanner-{lane}]\ndriver = "scanner.serial"\naddress = "{address}"\nlane = "{lane}"\n'
        for lane, address in addresses.items()
    ]
    return "\n".join([f"lanes = [{lanes}]\n", *devices])


class OpenShop:
    """`emma run` on `home`, with `store_toml` as its settings (none: the demo shop with its devices)."""

    def __init__(self, home: Path, store_toml: str = "") -> None:
        self.home = home
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.opened_in_s = 0.0
        self._log = home.parent / f"{home.name}.log"
        self._command = [sys.executable, "-m", "kiosk_ui.cli", "run"]
        self._command += ["--port", str(self.port), "--home", str(home)]
        if store_toml:
            file = home.parent / f"{home.name}.toml"
            file.write_text(store_toml, "utf-8")
            self._command += ["--store", str(file)]

    def __enter__(self) -> OpenShop:
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        began_s = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait(began_s)
        except BaseException:
            self.close()
            raise
        self.opened_in_s = time.perf_counter() - began_s
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_ms(self) -> float:
        """Processor time the process has used so far, in steps of a tick (proc(5), /proc/pid/stat)."""
        words = Path(f"/proc/{self.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) * 1000 / TICKS_PER_S

    def memory_mb(self) -> tuple[float, float]:
        """Resident and proportional set size in megabytes (proc(5), /proc/pid/smaps_rollup)."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii", "replace").splitlines()
        kb = {line.split()[0].rstrip(":"): int(line.split()[1]) for line in lines[1:]}
        return kb["Rss"] * 1024 / 1e6, kb["Pss"] * 1024 / 1e6

    def close(self) -> None:
        """Ctrl-C, and wait."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(CLOSE_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(CLOSE_S_MAX)

    def _wait(self, began_s: float) -> None:
        """Until the kiosk answers."""
        while time.perf_counter() - began_s < OPEN_S_MAX:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.address}/kiosk/1", timeout=ASK_S_MAX).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(LOOK_S)
        raise NotOpen(f"`emma run` did not open:\n{self._log.read_text('utf-8', 'replace')[-2000:]}")
