"""What a shopper's own phone is to the till: a lane without a counter, and a code to leave the shop with.

A phone's lane has a name like any other (`phone-7`), so baskets, payments and tasks need nothing new. What
serves phones, a payment provider say, serves all of them: it stands on the lane `phone`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PHONE = "phone"
"""The lane of what serves all phones, and the one till that they are to the tax office."""
_LANE = re.compile(r"phone-([1-9]\d{0,3})", re.ASCII)
PHONES_MAX = 9_999
EXIT_PREFIX = "EMMAX."


def lane_of_phone(number: int) -> str:
    """The lane of the phone with this number, from 1."""
    assert 1 <= number <= PHONES_MAX, number
    return f"{PHONE}-{number}"


def number_of_phone(lane: str) -> int:
    """The number that shopper and staff know a phone by; 0 for a lane that is none."""
    found = _LANE.fullmatch(lane)
    return int(found[1]) if found else 0


def is_phone(lane: str) -> bool:
    return number_of_phone(lane) > 0


def till_of(lane: str) -> str:
    """The till that a lane belongs to: itself, or the one that all phones share."""
    return PHONE if is_phone(lane) else lane


def serves(place: str, lane: str) -> bool:
    """Whether a device that stands on the lane `place` is there for the shopper on `lane`."""
    return place in (lane, till_of(lane))


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone's one visit. `id` is random; `key` is a digest of what the phone shows to be known again.

    `since` and `seen` are ISO 8601 in UTC: when it came, and when it was last heard of. `mandate` is the
    payment provider's id for the card that the shopper left there, "" for none.
    """

    id: str
    key: str
    lane: str
    since: str
    seen: str
    mandate: str = ""


@dataclass(frozen=True, slots=True)
class ExitPass:
    """A code that opens the gate once. `at` and `used_at` are ISO 8601 in UTC, the latter "" until then."""

    code: str
    basket: str
    at: str
    used_at: str = ""


def is_exit_code(text: str) -> bool:
    return text.strip().startswith(EXIT_PREFIX)
