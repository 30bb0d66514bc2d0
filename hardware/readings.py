"""What devices tell us: frozen values, units in the names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import IntEnum

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
    last_seen_us: int | None = None
    seen_count: int | None = None
    """How often it was seen between the two, where the reader sums up."""
    phase_deg: float | None = None
    """Phase of the answer's carrier, 0 to 360; moves with the tag, half a wavelength a turn."""
    doppler_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """A settled weight, as the scale's own display shows it to the shopper: net, more than nothing.

    Where the scale computes prices, `price_minor` is what it shows for `unit_price_minor` per kilogram.
    """

    weight_g: int
    unit_price_minor: int | None = None
    price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class NoWeight:
    """The scale is well and shows no weight by which anything may be sold now.

    `reason` is one of `NO_WEIGHT`.
    """

    reason: str


NO_WEIGHT = frozenset(
    {
        "empty",  # nothing lies on it, or less than one division
        "motion",  # it has not settled yet
        "under",  # below zero
        "over",  # more than it can weigh
        "zero",  # it could not find its zero
        "unchanged",  # what lies there was weighed already
        "tare",  # it does not take this tare
        "price",  # it cannot show this price
    }
)


@dataclass(frozen=True, slots=True)
class Bagged:
    """What the box under a bagging area says: its load cell and its key switch.

    `weight_g` is above the cell's own zero and may be less than nothing; None while nothing can be said
    of it, and `reason` is then one of `NOT_BAGGED`.
    """

    weight_g: int | None
    key_on: bool
    reason: str = ""


NOT_BAGGED = frozenset({"motion", "over", "under", "cell"})
"""It moves; more or less than it can weigh; the load cell does not answer its own box."""


class Lamp(IntEnum):
    """How one lamp of a light tower burns."""

    OFF = 0
    ON = 1
    BLINKING = 2


@dataclass(frozen=True, slots=True)
class Lamps:
    """A light tower's lamps, top to bottom."""

    red: Lamp = Lamp.OFF
    yellow: Lamp = Lamp.OFF
    green: Lamp = Lamp.OFF


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
class DayTotals:
    """What a terminal handed in when its day was closed."""

    amount_minor: int
    first_receipt_number: int
    last_receipt_number: int
    by_brand: tuple[tuple[str, int, int], ...] = ()
    """(card brand, how many payments, minor units) of each brand that was used."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A wish for money at a payment provider. `id` names it for ever: asked twice, it is still one.

    `mandate` is the provider's id for the payer's leave to be charged, where it needs one; no card number.
    """

    id: str
    amount_minor: int
    mandate: str = ""


STANDINGS = frozenset(
    {
        "none",  # nobody there has heard of it (yet)
        "pending",  # it may still be paid
        "taken",  # the money is there
        "refused",  # it will not be paid
        "withdrawn",  # it cannot be charged any more
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a provider knows of a charge: one of `STANDINGS`, and what came in and went back for it.

    `to_show` is what the payer's phone must see to pay it; "" where nothing is to be seen.
    """

    state: str
    received_minor: int = 0
    returned_minor: int = 0
    to_show: str = ""


@dataclass(frozen=True, slots=True)
class MoneyNotice:
    """A provider's word that something happened: to a charge, or, where `charge` is "", to nobody knows
    which.

    Only a reason to enquire. `key` is the provider's own name for what happened; notices may come twice.
    """

    key: str
    charge: str
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """What a signing device (TSE) says of itself.

    `serial` is the hash of its public key, in hex; `public_key` an uncompressed point, `certificate` DER.
    `algorithm` and `time_format` are spelled as receipts carry them.
    """

    serial: str
    algorithm: str
    time_format: str
    public_key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """A transaction that a signing device has begun; `at` is its own time, in UTC."""

    transaction: int
    counter: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction that a signing device has ended, and its signature over that; times are its own."""

    transaction: int
    counter: int
    started_at: dt.datetime
    finished_at: dt.datetime
    process_type: str
    process_data: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera picture: uint8, height x width x 3, blue-green-red. Lives in memory only."""

    image: npt.NDArray[np.uint8] = field(repr=False)
    taken_s: float
    """Monotonic clock, seconds."""
