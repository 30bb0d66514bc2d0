"""The staff PIN: six digits for the whole store, kept only as a salted scrypt hash, tried a few times.

The lock is the store's, not one tablet's: addresses can be had for nothing in a shop's own network, and six
digits stand only as long as nobody may try many of them. Who is signed in already goes on working meanwhile.
A lost PIN is replaced by deleting the file and starting the shop again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from kiosk_ui.secrets_kept import keep_first

FILE_NAME = "staff.pin"
PIN_DIGITS = 6
FILE_BYTES_MAX = 1_000
SALT_BYTES = 16
HASH_BYTES = 32
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1
"""RFC 7914, section 2: 16 MiB and some 50 ms for each guess."""
SCRYPT_BYTES_MAX = 64 * 1024 * 1024

ATTEMPTS_MAX = 5
"""Wrong PINs in a row until the door is locked for a while."""
LOCK_S_MIN, LOCK_S_MAX = 60, 900
"""The first lock, doubled for every further one until a right PIN comes."""


def ensure_pin(home: Path) -> str | None:
    """Make a PIN where the store has none yet.

    Gives the PIN if it was just made (to be shown once and kept nowhere), None if there was one.
    """
    if (home / FILE_NAME).exists():
        return None
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    salt = secrets.token_bytes(SALT_BYTES)
    kept = keep_first(home / FILE_NAME, f"scrypt {salt.hex()} {_hash(pin, salt).hex()}\n")
    return pin if kept else None


def has_pin(home: Path) -> bool:
    """Whether the store has a PIN that can be typed in."""
    return _kept(home) is not None


def is_pin(home: Path, typed: str) -> bool:
    """Whether `typed` is the store's PIN; False too where there is none."""
    kept = _kept(home)
    if kept is None or len(typed) != PIN_DIGITS or not (typed.isascii() and typed.isdigit()):
        return False
    salt, expected = kept
    return hmac.compare_digest(_hash(typed, salt), expected)


def mark_of(home: Path) -> str:
    """Changes with the PIN, so that a new PIN signs everybody out; "" where there is none."""
    kept = _kept(home)
    return hashlib.sha256(kept[1]).hexdigest()[:16] if kept else ""


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        pin.encode("ascii"),
        salt=salt,
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        maxmem=SCRYPT_BYTES_MAX,
        dklen=HASH_BYTES,
    )


def _kept(home: Path) -> tuple[bytes, bytes] | None:
    """Salt and hash; None where no file is, or none that we wrote."""
    try:
        with (home / FILE_NAME).open(encoding="ascii") as file:
            kind, salt, expected = file.read(FILE_BYTES_MAX).split()
        return (bytes.fromhex(salt), bytes.fromhex(expected)) if kind == "scrypt" else None
    except (OSError, ValueError):
        return None


class Door:
    """Counts wrong PINs and stays locked for a while after too many; `clock` gives moments with a zone.

    The count lives in this process: starting the shop anew, which no stranger can, forgets it.
    """

    def __init__(self, home: Path, clock: Callable[[], dt.datetime]) -> None:
        self._home = home
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong = 0
        self._locked_at: dt.datetime | None = None
        self._lock_s = 0

    def locked_for_s(self) -> int:
        """Whole seconds until somebody may try again; 0 if now."""
        with self._lock:
            return self._left_s()

    def try_pin(self, typed: str) -> bool:
        """Whether `typed` opens. A locked door opens to nobody; one guess is looked at at a time."""
        with self._lock:
            if self._left_s() > 0:
                return False
            if is_pin(self._home, typed):
                self._wrong, self._lock_s = 0, 0
                return True
            self._wrong += 1
            if self._wrong >= ATTEMPTS_MAX:
                self._wrong = 0
                self._locked_at = self._clock()
                self._lock_s = min(max(2 * self._lock_s, LOCK_S_MIN), LOCK_S_MAX)
            return False

    def _left_s(self) -> int:
        if self._locked_at is None:
            return 0
        gone_s = (self._clock() - self._locked_at).total_seconds()
        # A clock that was set back must not lock staff out for a day.
        return math.ceil(self._lock_s - gone_s) if 0 <= gone_s < self._lock_s else 0
