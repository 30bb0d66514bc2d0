"""What the label sewn into a garment says, and which part of an outfit it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("top", "bottom", "dress", "layer", "shoes", "extra")
"""Parts of an outfit; a layer goes over a top, an extra is a hat, a scarf or socks."""

CARE = (
    "wash-30", "wash-40", "wash-60", "wash-hand", "no-wash",
    "bleach", "no-bleach",
    "tumble-low", "tumble", "no-tumble", "dry-flat",
    "iron-low", "iron", "iron-hot", "no-iron",
    "dry-clean", "no-dry-clean",
)  # fmt: skip
"""What the symbols of ISO 3758 say, in their order: washing, bleaching, drying, ironing, cleaning."""

RATING_TENTHS_MAX = 50


@dataclass(frozen=True, slots=True)
class GarmentFacts:
    """`kind` is one of `KINDS`, `care` some of `CARE` in their order.

    `made_of` is the composition in words by language, as the law wants it on the label (EU 1007/2011).
    `rating_tenths` is the mean of so many `reviews`, in tenths of five stars; 0 where nobody said anything.
    """

    kind: str
    made_of: Mapping[str, str]
    care: tuple[str, ...] = ()
    rating_tenths: int = 0
    reviews: int = 0
