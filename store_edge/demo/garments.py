"""What a `[style.…]` in a shopkeeper's list says: its label, where it hangs, how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checkout.garment import CARE, KINDS, RATING_TENTHS_MAX, GarmentFacts
from store_edge.demo.entries import Place, Words, list_of, only_known_keys, table_of, whole, words_of

LABEL_KEYS = frozenset({"kind", "made_of", "care", "rating_tenths", "reviews", "position"})
COLOUR_KEYS = frozenset({"number", "de", "en", "tint", "pieces", "elsewhere"})
PIECES_MAX = 9_999
REVIEWS_MAX = 1_000_000


@dataclass(frozen=True)
class Cut:
    """One size of one colour of a style. `pieces` are here, None if nobody counted; `elsewhere` by store."""

    style: str
    size: str
    colour: Words
    label: GarmentFacts | None = None
    position: str = ""
    pieces: int | None = None
    elsewhere: Mapping[str, int] = field(default_factory=dict)


def cuts(name: str, style: Mapping[str, Any], place: Place) -> Iterator[tuple[Mapping[str, Any], list[Cut]]]:
    """Each colour's entry with its sizes, in their order. Raises AssortmentError."""
    sizes = [str(size) for size in list_of(style, "sizes", place)]
    if len(set(sizes)) != len(sizes):
        place.fail("a size is given twice")
    label = _label(style, place) if "kind" in style else None
    position = words_of(style, "position", place) if "position" in style else ""
    for line in list_of(style, "colours", place):
        colour = table_of(line, place)
        only_known_keys(colour, COLOUR_KEYS, place)
        words = Words(words_of(colour, "de", place), words_of(colour, "en", place))
        here = _counted(colour, "pieces", len(sizes), place) if "pieces" in colour else [None] * len(sizes)
        others = table_of(colour.get("elsewhere", {}), place)
        there = {store: _counted(others, store, len(sizes), place) for store in others}
        yield (
            colour,
            [
                Cut(
                    name, size, words, label, position, here[at], {store: there[store][at] for store in there}
                )
                for at, size in enumerate(sizes)
            ],
        )


def _label(style: Mapping[str, Any], place: Place) -> GarmentFacts:
    made_of = table_of(style.get("made_of"), place)
    care = [
        place.known(word, CARE, "care word")
        for word in (list_of(style, "care", place) if "care" in style else [])
    ]
    return GarmentFacts(
        kind=place.known(style["kind"], KINDS, "kind"),
        made_of={language: words_of(made_of, language, place) for language in ("de", "en")},
        care=tuple(sorted(set(care), key=CARE.index)),
        rating_tenths=whole(style, "rating_tenths", place, RATING_TENTHS_MAX)
        if "rating_tenths" in style
        else 0,
        reviews=whole(style, "reviews", place, REVIEWS_MAX) if "reviews" in style else 0,
    )


def _whole(style: Mapping[str, Any], key: str, place: Place, most: int) -> int:
    return whole(style, key, place, most) if key in style else 0


def _counted(table: Mapping[str, Any], key: str, sizes: int, place: Place) -> list[int]:
    """So many pieces of each size."""
    row = list_of(table, key, place)
    if len(row) != sizes:
        place.fail(f"{key} must say how many there are of each of the {sizes} sizes")
    return [whole({key: pieces}, key, place, PIECES_MAX) for pieces in row]
