"""A whole shop to measure from outside: `emma run` as a process, and what the system says of it."""

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
EMMA = (sys.executable, "-m", "kiosk_ui.cli")
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


class HeadOfficeProcess:
    """`emma central` on `home`, and a store's key for it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        url = f"http://127.0.0.1:{self._port}"
        self.settings = f'\n[head_office]\nurl = "{url}"\n'
        self.environ: dict[str, str] = {}
        self._health = f"{url}/api/v1/health"

    def __enter__(self) -> HeadOfficeProcess:
        self._home.mkdir()
        key = subprocess.run(
            [*EMMA, "key", "store", "demo", "--home", str(self._home)],
            cwd=ROOT, env=_environ(), capture_output=True, text=True, timeout=OPEN_S_MAX, check=True,
        )  # fmt: skip
        self.environ = {"EMMA_HEAD_OFFICE_KEY": key.stdout.split()[-1]}
        log = self._home.parent / f"{self._home.name}.log"
        self._process = _start(
            [*EMMA, "central", "--port", str(self._port), "--home", str(self._home)], log, {}
        )
        try:
            _wait_for(self._process, self._health, log)
        except BaseException:
            _stop(self._process)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _stop(self._process)


class OpenShop:
    """`emma run` on `home`, with `store_toml` as its settings (none: the demo shop with its devices)."""

    def __init__(self, home: Path, store_toml: str = "", environ: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.opened_in_s = 0.0
        self._log = home.parent / f"{home.name}.log"
        self._environ = environ or {}
        self._command = [*EMMA, "run", "--port", str(self.port), "--home", str(home)]
        if store_toml:
            file = home.parent / f"{home.name}.toml"
            file.write_text(store_toml, "utf-8")
            self._command += ["--store", str(file)]

    def __enter__(self) -> OpenShop:
        began_s = time.perf_counter()
        self._process = _start(self._command, self._log, self._environ)
        try:
            _wait_for(self._process, f"{self.address}/kiosk/1", self._log)
        except BaseException:
            _stop(self._process)
            raise
        self.opened_in_s = time.perf_counter() - began_s
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _stop(self._process)

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


def _environ() -> dict[str, str]:
    """With this very tree before an installed one."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _start(command: list[str], log: Path, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environ() | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Until it answers. Raises NotOpen."""
    until_s = time.monotonic() + OPEN_S_MAX
    while process.poll() is None and time.monotonic() < until_s:
        try:
            if httpx.get(address, timeout=ASK_S_MAX).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(LOOK_S)
    raise NotOpen(f"it did not open:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, and wait."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(CLOSE_S_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(CLOSE_S_MAX)
