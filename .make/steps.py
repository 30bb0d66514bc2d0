"""How set-up works and speaks: long commands with one line of progress, and a memory of what is done.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

COMMAND_S_MAX = 1800
LOCK_WAIT_S_MAX = 1800
TTY_TICK_S = 0.2
PLAIN_TICK_S = 10.0
TAIL_BYTES_MAX = 4000
TAIL_LINES_MAX = 25
LINE_CHARS_MAX = 96
NOISE = ("WARNING:", "npm warn", "npm notice")


class CannotSetUp(Exception):
    """Set-up cannot go on; the message is a sentence for the person who typed the command."""


@dataclass(frozen=True)
class Step:
    """One thing that must be so: `key` is what it was made from, `holds` looks whether it is still there."""

    name: str
    key: str
    holds: Callable[[], bool]
    make: Callable[[], None]


class Done:
    """Remembers, in one small file, from what each step was last made."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keys(self) -> dict[str, str]:
        """Step name to key; empty when nothing was made yet or the file cannot be read."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): str(key) for name, key in found.items()} if isinstance(found, dict) else {}

    def remember(self, name: str, key: str) -> None:
        """Write one step's key, whole or not at all."""
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps({**self.keys(), name: key}, indent=1), encoding="utf-8")
        draft.replace(self.path)


def bring_about(steps: Sequence[Step], done: Done) -> list[str]:
    """Make those steps that do not hold, in order; the names of those made.

    A step that is made again un-remembers nothing: keys of later steps contain what they depend on.
    """
    made = []
    for step in steps:
        if done.keys().get(step.name) == step.key and step.holds():
            continue
        step.make()
        done.remember(step.name, step.key)
        made.append(step.name)
    return made


def fingerprint(*parts: str | Path) -> str:
    """A hash over texts and the contents of files (a missing file counts as empty)."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            content = part.read_bytes() if part.exists() else b""
        else:
            content = part.encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


@contextmanager
def alone(folder: Path, wait_s_max: float = LOCK_WAIT_S_MAX) -> Iterator[None]:
    """Hold `folder` for this process, so that two set-ups of one clone never mix. Raises CannotSetUp."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        _wait_for_lock(handle, wait_s_max)
        yield
    finally:
        os.close(handle)


def _wait_for_lock(handle: int, wait_s_max: float) -> None:
    until = time.monotonic() + wait_s_max
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise CannotSetUp("Another set-up of this clone does not come to an end.") from None
            if not told:
                print("set-up: another one is at work in this clone; waiting for it", flush=True)
                told = True
            time.sleep(TTY_TICK_S)


def watch(
    command: Sequence[str],
    says: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    seconds_max: float = COMMAND_S_MAX,
    out: TextIO = sys.stdout,
) -> None:
    """Run a long command: its whole output goes to `log`, its last line to the screen while it works.

    Raises CannotSetUp with the end of its output when it fails or exceeds `seconds_max`.
    """
    print(f"set-up: {says}", file=out, flush=True)
    began = time.monotonic()
    with log.open("ab") as sink:
        sink.write(f"\n$ {' '.join(command)}\n".encode())
        sink.flush()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, env=env
        )
        try:
            _follow(process, log, began, seconds_max, out)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode != 0:
        raise CannotSetUp(f"This did not work: {' '.join(command)}\n{_tail(log)}\nAll of it is in {log}.")


def _follow(
    process: subprocess.Popen[bytes], log: Path, began: float, seconds_max: float, out: TextIO
) -> None:
    lively = out.isatty()
    tick_s = TTY_TICK_S if lively else PLAIN_TICK_S
    while time.monotonic() - began < seconds_max:
        try:
            process.wait(timeout=tick_s)
            break
        except subprocess.TimeoutExpired:
            line = f"        {time.monotonic() - began:4.0f} s  {_last_line(log)}"[:LINE_CHARS_MAX]
            print(f"\r{line}\033[K" if lively else line, end="" if lively else "\n", file=out, flush=True)
    if lively:
        print("\r\033[K", end="", file=out, flush=True)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in _end_of(log).splitlines() if not line.startswith(NOISE)]
    return lines[-1] if lines else ""


def _tail(log: Path) -> str:
    return "\n".join("    " + line for line in _end_of(log).splitlines()[-TAIL_LINES_MAX:])


def _end_of(log: Path) -> str:
    with log.open("rb") as source:
        source.seek(0, os.SEEK_END)
        source.seek(max(0, source.tell() - TAIL_BYTES_MAX))
        return source.read().decode("utf-8", "replace")
