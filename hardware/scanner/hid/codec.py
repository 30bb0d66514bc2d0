"""Keys that a scanner presses, and the text they mean on a US keyboard, which is what scanners ship with.

Sources: Linux, `struct input_event` and Documentation/input/event-codes.rst (EV_KEY, SYN_DROPPED); key codes
of include/uapi/linux/input-event-codes.h. A GS1 separator is typed as Ctrl and `]`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from hardware.errors import Garbled
from hardware.readings import Scan
from hardware.scanner.codec import CODE_BYTES_MAX, decode

EVENT = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value: native sizes, 24 bytes where a long has 64 bits."""
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
"""The kernel's queue ran over: keys are missing."""
RELEASED, PRESSED = 0, 1
ENTERS = frozenset({28, 96})
SHIFTS = frozenset({42, 54})
CONTROLS = frozenset({29, 97})

_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
PLAIN = {first + i: char for first, plain, _ in _ROWS for i, char in enumerate(plain)}
SHIFTED = {first + i: char for first, _, shifted in _ROWS for i, char in enumerate(shifted)}


class KeyReader:
    """Input events in, scans out. A code ends with Enter; what is garbled ends there, too."""

    def __init__(self) -> None:
        self._pending = b""
        self._held: set[int] = set()
        self._text = ""
        self._fault = ""

    @property
    def half(self) -> bool:
        """True while a code has begun and not ended."""
        return bool(self._text or self._fault)

    def clear(self) -> None:
        """Forget half a code and every key that is held."""
        self._pending, self._text, self._fault = b"", "", ""
        self._held.clear()

    def feed(self, data: bytes) -> None:
        """Add what the kernel handed out: whole events, at most as many as one read gives."""
        self._pending += data

    def next_scan(self) -> Scan | None:
        """The next code that ended, None if none has. Raises Garbled once for a code that cannot be one."""
        while len(self._pending) >= EVENT.size:
            _, _, kind, code, value = EVENT.unpack_from(self._pending)
            self._pending = self._pending[EVENT.size :]
            if (kind, code) == (EV_SYN, SYN_DROPPED):
                self._held.clear()
                self._fault = "the scanner typed faster than anybody read"
            elif kind == EV_KEY and (scan := self._key(code, value)) is not None:
                return scan
        return None

    def _key(self, code: int, value: int) -> Scan | None:
        if code in SHIFTS | CONTROLS:
            (self._held.discard if value == RELEASED else self._held.add)(code)
        elif value == PRESSED and code in ENTERS:
            return self._ended()
        elif value == PRESSED:
            self._type(code)
        return None

    def _type(self, code: int) -> None:
        char = (SHIFTED if self._held & SHIFTS else PLAIN).get(code)
        if char is None:
            self._fault = self._fault or f"the scanner pressed a key that types nothing (code {code})"
        elif len(self._text) >= CODE_BYTES_MAX + len("]E0"):
            self._fault = self._fault or "the scanner typed a code without an end"
        else:
            self._text += chr(ord(char.upper()) & 0x1F) if self._held & CONTROLS else char

    def _ended(self) -> Scan | None:
        text, fault, self._text, self._fault = self._text, self._fault, "", ""
        if fault:
            raise Garbled(fault, len(text))
        return decode(text.encode("ascii")) if text else None


def keys_of(text: str) -> Iterator[bytes]:
    """The events of a scanner that types `text` and Enter. Raises ValueError for what it has no key for."""
    codes = {char: (code, 42) for code, char in SHIFTED.items()} | {c: (code, 0) for code, c in PLAIN.items()}
    codes["\x1d"] = (27, 29)
    for char in text:
        if char not in codes:
            raise ValueError(f"a US keyboard has no key for {char!r}")
        code, modifier = codes[char]
        yield from _stroke(code, modifier)
    yield from _stroke(28, 0)


def _stroke(code: int, modifier: int) -> Iterator[bytes]:
    presses = [(modifier, PRESSED)] if modifier else []
    presses += [(code, PRESSED), (code, RELEASED)]
    presses += [(modifier, RELEASED)] if modifier else []
    for key, value in presses:
        yield EVENT.pack(0, 0, EV_KEY, key, value) + EVENT.pack(0, 0, EV_SYN, 0, 0)
