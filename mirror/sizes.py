"""Garment sizes in the order a person expects, and the ones next to a given size.

The mirror and the kiosk list "also in S, M, L", never "L, M, S, XL" as an alphabet would. A size is a word on
a label: letters (XS, XXL, 3XL, S/M), European numbers (38), jeans (32/34: waist and length in inches), ranges
(39-42), shoes (42, 42.5, 42 2/3), ages in centimetres (104), or one size for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SIZE_LENGTH_MAX = 24
ONE_SIZE = "One size"

_LETTERS = re.compile(r"(?:(?P<count>\d{1,2})X|(?P<xs>X*))(?P<base>[SL])|M", re.IGNORECASE)
_PAIR = re.compile(r"(\w+)\s*[/-]\s*(\w+)")
_JEANS = re.compile(r"W?\s*(?P<waist>\d{2})\s*[/x]?\s*(?:/\s*)?L?\s*(?P<length>\d{2})", re.IGNORECASE)
_RANGE = re.compile(r"(?P<low>\d{1,3}(?:[.,]\d)?)\s*[-–/]\s*(?P<high>\d{1,3}(?:[.,]\d)?)")
_NUMBER = re.compile(
    r"(?:EU\s*)?(?P<whole>\d{1,3})(?:[.,](?P<tenths>\d)|\s+(?P<thirds>[12])/3)?", re.IGNORECASE
)
_ONE_SIZE_WORDS = frozenset({"one size", "onesize", "os", "einheitsgröße", "uni", "unisize"})

_ONE, _LETTER, _NUMERIC, _WAIST, _UNKNOWN = range(5)
_THIRDS = 30  # numbers are kept in thirtieths: halves, tenths and thirds stay exact


@dataclass(frozen=True, order=True)
class _Rank:
    """Where a size stands: sizes of one kind are compared by their measures, kinds never mix."""

    kind: int
    first: int = 0
    second: int = 0
    text: str = ""


def sort_sizes(sizes: Iterable[str]) -> list[str]:
    """The sizes from small to large, each once as it was first written; unknown words last, by alphabet.

    Kinds stay together: one size, letters, numbers and ranges, jeans.
    """
    known: dict[_Rank, str] = {}
    for size in sizes:
        known.setdefault(_rank(size), size)
    return [known[rank] for rank in sorted(known)]


def neighbours(size: str, available: Iterable[str]) -> tuple[str | None, str | None]:
    """The next smaller and the next larger `available` size of the same kind, None where there is none.

    `size` itself need not be available. For jeans the length is kept where it can be: next to 32/34 stands
    33/34 rather than 32/36, so only sizes of the same length count as long as one of them is on that side.
    """
    here = _rank(size)
    others = [(rank, other) for other in sort_sizes(available) if (rank := _rank(other)).kind == here.kind]
    if here.kind in (_ONE, _UNKNOWN):
        return None, None
    smaller = [(rank, other) for rank, other in others if rank < here]
    larger = [(rank, other) for rank, other in others if rank > here]
    smaller = _same_length(smaller, here) or smaller
    larger = _same_length(larger, here) or larger
    return (smaller[-1][1] if smaller else None, larger[0][1] if larger else None)


def display_size(size: str, language: str = "en") -> str:
    """The size as a label shows it: "xl" -> "XL", "XXXL" -> "3XL", "W32 L34" -> "32/34", "os" -> "One size".

    Only the words for one size depend on the language ("de", otherwise English).
    """
    text = " ".join(size.split())
    rank = _rank(size)
    if rank.kind == _ONE:
        return "Einheitsgröße" if language.startswith("de") else ONE_SIZE
    if rank.kind == _LETTER:
        low, high = _letters(rank.first), _letters(rank.first + rank.second)
        return f"{low}/{high}" if rank.second else low
    if rank.kind == _WAIST:
        return f"{rank.first}/{rank.second}"
    return text


def _same_length(ranked: list[tuple[_Rank, str]], here: _Rank) -> list[tuple[_Rank, str]]:
    if here.kind != _WAIST:
        return ranked
    return [(rank, other) for rank, other in ranked if rank.second == here.second]


def _rank(size: str) -> _Rank:
    text = " ".join(size.split())[:SIZE_LENGTH_MAX]
    if text.lower() in _ONE_SIZE_WORDS:
        return _Rank(_ONE)
    if match := _LETTERS.fullmatch(text):
        return _Rank(_LETTER, _steps_from_m(match))
    if (pair := _letter_pair(text)) is not None:
        return _Rank(_LETTER, pair[0], pair[1] - pair[0])  # S/M stands between S and M
    if (match := _JEANS.fullmatch(text)) and _is_jeans(text):
        return _Rank(_WAIST, int(match["waist"]), int(match["length"]))
    if match := _NUMBER.fullmatch(text):
        return _Rank(_NUMERIC, _thirtieths(match))
    if match := _RANGE.fullmatch(text):
        low, high = (round(float(match[side].replace(",", ".")) * _THIRDS) for side in ("low", "high"))
        return _Rank(_NUMERIC, low, high)
    return _Rank(_UNKNOWN, text=text.casefold())


def _is_jeans(text: str) -> bool:
    """Whether it names waist and length: "32/34", "W32 L34", "32x34"; a bare "3234" is no size we know."""
    return any(mark in text.lower() for mark in ("/", "w", "x"))


def _letter_pair(text: str) -> tuple[int, int] | None:
    """The steps of "S/M" or "L-XL", None if it is no such pair."""
    match = _PAIR.fullmatch(text)
    words = [_LETTERS.fullmatch(word) for word in match.groups()] if match else []
    steps = [_steps_from_m(word) for word in words if word]
    return (steps[0], steps[1]) if len(steps) == 2 and steps[0] < steps[1] else None


def _steps_from_m(match: re.Match[str]) -> int:
    """M is 0, S -1, XS -2, 3XL 4: each X is one step further from the middle."""
    if match["base"] is None:
        return 0
    steps = 1 + (int(match["count"]) if match["count"] else len(match["xs"] or ""))
    return steps if match["base"].upper() == "L" else -steps


def _letters(steps: int) -> str:
    if steps == 0:
        return "M"
    base, crosses = ("L" if steps > 0 else "S"), abs(steps) - 1
    return f"{crosses}X{base}" if crosses > 2 else f"{'X' * crosses}{base}"


def _thirtieths(match: re.Match[str]) -> int:
    tenths = int(match["tenths"] or 0) * 3
    thirds = int(match["thirds"] or 0) * 10
    return int(match["whole"]) * _THIRDS + tenths + thirds
