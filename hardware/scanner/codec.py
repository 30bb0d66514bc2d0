"""What a serial scanner says: a code between a prefix and a suffix, and how to find it among bytes.

Scanners have no protocol, only a habit: optional prefix, optional AIM code
identifier (ISO/IEC 15424: `]`, a letter, a digit or letter), the data, a
suffix. Whatever lies between two suffixes is one code or one piece of garbage,
so after garbage the next suffix is where reading goes on.
"""

from __future__ import annotations

import re

from hardware.errors import Garbled
from hardware.readings import Scan

CODE_BYTES_MAX = 7089
"""The longest code there is: QR version 40-L filled with digits (ISO/IEC 18004, table 7)."""
PENDING_BYTES_MAX = 64 * 1024
"""Most bytes that wait in the buffer to be looked at."""

_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")
_SEPARATORS = "\t\n\r\x04\x1c\x1d\x1e\x1f"
"""Control characters that stand inside honest codes: GS1 and ISO/IEC 15434 separators, lines of a QR text."""


class ScanBuffer:
    """Bytes in, scans out.

    `aim` says that the scanner puts AIM identifiers before the data; a code that
    has none is still read. Raises ValueError for an empty suffix.
    """

    def __init__(self, *, prefix: bytes = b"", suffix: bytes = b"\r\n", aim: bool = True) -> None:
        if not suffix:
            raise ValueError("a scanner needs a suffix, or no code would ever end")
        self._prefix = prefix
        self._suffix = suffix
        self._aim = aim
        self._pending = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> None:
        """Add received bytes. Raises Garbled, and drops all, when more wait than `PENDING_BYTES_MAX`."""
        if len(self._pending) + len(data) > PENDING_BYTES_MAX:
            self.clear()
            self._skipping = True
            raise Garbled("the scanner sends more than anybody reads", PENDING_BYTES_MAX)
        self._pending += data

    def clear(self) -> None:
        """Forget half a code, as after a broken line."""
        self._pending.clear()
        self._skipping = False

    def next_scan(self) -> Scan | None:
        """The next whole code, or None when its suffix has not come yet.

        Raises Garbled (offset: the byte within the code) once per piece of
        garbage; the call after that goes on behind the next suffix.
        """
        while (end := self._pending.find(self._suffix)) >= 0:
            code = bytes(self._pending[:end])
            del self._pending[: end + len(self._suffix)]
            if self._skipping:
                self._skipping = False
            elif code:
                return decode(code, prefix=self._prefix, aim=self._aim)
        self._check_length()
        return None

    def _check_length(self) -> None:
        """Drop bytes without an end, but for what may begin the suffix: memory stays bounded."""
        longest = CODE_BYTES_MAX + len(self._prefix) + 3 + len(self._suffix)
        if len(self._pending) <= longest:
            return
        already = self._skipping
        del self._pending[: len(self._pending) - len(self._suffix) + 1]
        self._skipping = True
        if not already:
            raise Garbled("the scanner sent a code without an end", longest)


def decode(code: bytes, *, prefix: bytes = b"", aim: bool = True) -> Scan:
    """Read one code, without its suffix. Raises Garbled naming the first byte that cannot stand in a code."""
    if not code.startswith(prefix):
        raise Garbled("the scanner's prefix is missing", 0)
    start = len(prefix)
    symbology = ""
    if aim and (found := _AIM.match(code, start)):
        symbology = found.group().decode("ascii")
        start = found.end()
    if len(code) - start > CODE_BYTES_MAX:
        raise Garbled("the scanner sent a code that is too long", start + CODE_BYTES_MAX)
    if start == len(code):
        raise Garbled("the scanner sent a frame without a code", start)
    return Scan(_text(code, start), symbology)


def _text(code: bytes, start: int) -> str:
    try:
        text = code[start:].decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Garbled("the scanner sent bytes that are no text", start + fault.start) from None
    for index, char in enumerate(text):
        if (char < " " and char not in _SEPARATORS) or "\x7f" <= char < "\xa0":
            raise Garbled("the scanner sent a control character", start + len(text[:index].encode()))
    return text


def encode(scan: Scan, *, prefix: bytes = b"", suffix: bytes = b"\r\n", aim: bool = True) -> bytes:
    """The bytes a scanner sends for `scan`. Raises ValueError when they would not read back as it."""
    code = prefix + (scan.symbology if aim else "").encode("ascii") + scan.text.encode("utf-8")
    try:
        back = decode(code, prefix=prefix, aim=aim)
    except Garbled as fault:
        raise ValueError(f"no scanner sends this: {fault}") from fault
    if (code + suffix).find(suffix) != len(code) or back != (scan if aim else Scan(scan.text)):
        raise ValueError("no scanner sends this: it would read back as something else")
    return code + suffix
