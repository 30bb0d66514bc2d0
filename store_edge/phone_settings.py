"""What `store.toml` says about shoppers' own phones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """Scanning with one's own phone."""

    offered: bool = True
    phones_max: int = 50
    """So many at once; each is a lane of its own as long as it is there."""
    idle_s: float = 1800.0
    """How long a basket waits for a shopper who scans nothing: between two shelves one may meet a friend."""
    exit_s: float = 600.0
    """How long the code for the gate is good, and a paid basket is shown."""
