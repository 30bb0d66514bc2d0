"""Time and chance as head office takes them, and milliseconds as it keeps them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
Chance = Callable[[int], bytes]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000


def utc_now() -> datetime:
    """The wall clock, aware, in UTC."""
    return datetime.now(UTC)


random_bytes: Chance = secrets.token_bytes


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """The aware moment, UTC, of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=ms)
