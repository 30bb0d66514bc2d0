"""`emma run` and `emma central` as processes of their own, as a shop has them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from kiosk_ui.vendor import node_modules_folder

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
OPEN_S_MAX = 60.0
CLOSE_S_MAX = 20.0
ASK_EVERY_S = 0.1
FIRST_PORT, LAST_PORT = 20_000, 32_000
"""Below those that the system itself gives to anybody (Linux: from 32768), so that ours stay free."""
PORT_TRIES_MAX = 50
_ports = random.Random(os.getpid())


def two_free_ports() -> int:
    """A free port whose next one is free too: the screens', and the live events'."""
    for _ in range(PORT_TRIES_MAX):
        port = _ports.randrange(FIRST_PORT, LAST_PORT, 2)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind((HOST, port))
                second.bind((HOST, port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two free ports beside each other")


class EmmaProcess:
    """One `emma COMMAND` at `address`; what it prints lies in `log`."""

    def __init__(self, command: str, home: Path, port: int, *words: str) -> None:
        self.home = home
        self.port = port
        self.address = f"http://localhost:{port}"
        self.log = home.with_suffix(".log")
        self._words = [command, "--home", str(home), "--port", str(port), *words]
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> EmmaProcess:
        """Start it and wait until it answers; skips where the npm packages are missing."""
        if not (node_modules_folder() / "htmx.org").is_dir():
            pytest.skip(f"the npm packages are not installed in {node_modules_folder()} (make setup)")
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "kiosk_ui.cli", *self._words],
                cwd=ROOT,
                env=_calm_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        """Ctrl-C; it must close by itself."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(CLOSE_S_MAX)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"it did not close within {CLOSE_S_MAX} s:\n{self.said()}") from None
        self._child = None

    def kill(self) -> None:
        """What a power cut does to it."""
        assert self._child is not None
        self._child.kill()
        self._child.wait(CLOSE_S_MAX)
        self._child = None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + OPEN_S_MAX
        while time.monotonic() < deadline:
            assert self._child is not None
            assert self._child.poll() is None, f"it ended at once:\n{self.said()}"
            try:
                if httpx.get(f"{self.address}/", timeout=OPEN_S_MAX).status_code < 500:
                    return
            except httpx.TransportError:
                time.sleep(ASK_EVERY_S)
        raise AssertionError(f"it did not open within {OPEN_S_MAX} s:\n{self.said()}")


def make_key(home: Path, store: str) -> str:
    """A store's key, made as the README says: `emma key store NAME`."""
    done = subprocess.run(
        [sys.executable, "-m", "kiosk_ui.cli", "key", "store", store, "--home", str(home)],
        cwd=ROOT,
        env=_calm_environment(),
        capture_output=True,
        timeout=OPEN_S_MAX,
        check=True,
    )
    return done.stdout.decode("ascii").strip()


def _calm_environment() -> dict[str, str]:
    """Ours, without what would change the shop's settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EMMA_") or name == "EMMA_NODE_MODULES"
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
