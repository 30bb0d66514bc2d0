"""Receipts that somebody brings: which of these codes did a TSE sign?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from hardware.tse.receipt_qr import Verdict, verify

FILE_BYTES_MAX = 256 * 1024 * 1024


class BadCodes(Exception):
    """The file is no list of codes; the text says why."""


def verdicts(codes: Iterable[object]) -> Iterator[Verdict]:
    """One verdict for each code, in their order; what is no text is no code."""
    for code in codes:
        yield verify(code) if isinstance(code, str) else Verdict(False, "there is no text under 'qr'")


def codes_in(file: Path) -> list[object]:
    """What stands under "qr" in each object of a JSON list; None where nothing does. Raises `BadCodes`."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise BadCodes(f"{file}: larger than {FILE_BYTES_MAX} bytes")
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise BadCodes(f"{file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadCodes(f"{file}: not readable as JSON: {error}") from None
    if not isinstance(found, list):
        raise BadCodes(f"{file}: a list of objects belongs here, each with a code under 'qr'")
    return [one.get("qr") if isinstance(one, dict) else None for one in found]
