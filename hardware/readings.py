"""What devices tell us: frozen values, units in the names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Scan:
    """One code as a scanner or a camera read it.

    `text` is the data without prefix and suffix. `symbology` is the AIM
    identifier (ISO/IEC 15424, for example "]E0" for EAN-13) or "" if unknown.
    """

    text: str
    symbology: str = ""


@dataclass(frozen=True, slots=True)
class TagRead:
    """One sighting of an RFID tag by one antenna of a reader."""

    epc: bytes
    antenna: int
    rssi_dbm: float | None = None
    seen_us: int | None = None
    """Reader's clock, microseconds since 1970 (LLRP FirstSeenTimestampUTC)."""


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """How the terminal answered one request for money."""

    approved: bool
    amount_minor: int
    receipt_number: int | None
    """The terminal's own receipt number (ZVT BMP 87); None if nothing was booked."""
    result_code: int = 0
    """0 for approved, else the terminal's result code (ZVT BMP 27)."""
    card_name: str = ""
    """Name of the card product, such as "girocard"; never a card number."""
    text: str = ""
    """What the terminal says about it, for staff."""


@dataclass(frozen=True, slots=True)
class LastPayment:
    """The last transaction that a terminal remembers (ZVT repeat receipt)."""

    amount_minor: int
    receipt_number: int
    approved: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera picture: uint8, height x width x 3, blue-green-red. Lives in memory only."""

    image: npt.NDArray[np.uint8] = field(repr=False)
    taken_s: float
    """Monotonic clock, seconds."""
