"""One shop, one process: whoever has the home folder's lock owns the lanes' devices.

Two processes on one home would both ask a lane's terminal for the same money.
The lock is the operating system's (`flock`), so it is gone with its holder,
however that ended. It guards one folder on one machine: where several boxes
share a PostgreSQL database, each has a home of its own, and nothing but their
settings sees to it that a lane's devices belong to one process.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType

LOCK = "lock"


class ShopIsOpen(Exception):
    """A sentence that names the folder in which another process is at work."""


class HomeLock:
    """Taken for as long as the `with` lasts. Raises ShopIsOpen where another process has it."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> None:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = (self._home / LOCK).open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise ShopIsOpen(f"the shop in {self._home} is open already, in another process") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
