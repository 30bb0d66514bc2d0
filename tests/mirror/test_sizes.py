"""Sizes stand in the order a person expects."""

from __future__ import annotations

import random

import pytest

from mirror.sizes import display_size, neighbours, sort_sizes

IN_ORDER = [
    ["XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "10XL"],
    ["S", "S/M", "M", "M-L", "L/XL", "XL"],
    ["34", "36", "38", "40", "42", "100", "104"],
    ["29/32", "30/30", "30/32", "32/32", "32/34", "34/32"],
    ["41 1/3", "41.5", "41 2/3", "42", "42,5"],
    ["35-38", "39-42", "43-46"],
    ["One size", "S", "M", "36", "38", "30/32", "A-Form", "Zelt"],
]


@pytest.mark.parametrize("sizes", IN_ORDER, ids=lambda sizes: sizes[0])
@pytest.mark.parametrize("seed", range(5))
def test_sizes_stand_from_small_to_large(sizes: list[str], seed: int) -> None:
    mixed = list(sizes)
    random.Random(seed).shuffle(mixed)
    assert sort_sizes(mixed) == sizes


def test_the_same_size_in_two_spellings_is_listed_once() -> None:
    assert sort_sizes(["XL", "xl", "M", "XXXL", "3XL", "32/34", "W32 L34", "M "]) == [
        "M",
        "XL",
        "XXXL",
        "32/34",
    ]


def test_nothing_sorts_to_nothing() -> None:
    assert sort_sizes([]) == []


@pytest.mark.parametrize(
    ("size", "available", "expected"),
    [
        ("M", ["XL", "S", "M", "L"], ("S", "L")),
        ("M", ["XL", "XS"], ("XS", "XL")),
        ("S", ["S", "M"], (None, "M")),
        ("XL", ["S", "XL"], ("S", None)),
        ("38", ["S", "36", "40", "M"], ("36", "40")),
        ("40", ["40"], (None, None)),
        ("32/34", ["31/34", "32/32", "32/36", "33/34"], ("31/34", "33/34")),
        ("32/34", ["32/32", "32/36"], ("32/32", "32/36")),
        ("39-42", ["43-46", "35-38"], ("35-38", "43-46")),
        ("One size", ["One size", "M"], (None, None)),
        ("Zelt", ["A-Form"], (None, None)),
        ("M", [], (None, None)),
        ("M", ["S/M", "L/XL"], ("S/M", "L/XL")),
    ],
)
def test_neighbours(size: str, available: list[str], expected: tuple[str | None, str | None]) -> None:
    assert neighbours(size, available) == expected


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("xl", "XL"),
        ("XXXL", "3XL"),
        ("3xs", "3XS"),
        ("xxl", "XXL"),
        (" m ", "M"),
        ("s-m", "S/M"),
        ("W32 L34", "32/34"),
        ("w32/l34", "32/34"),
        ("32x34", "32/34"),
        ("os", "One size"),
        ("42  2/3", "42 2/3"),
        ("39-42", "39-42"),
    ],
)
def test_display(written: str, shown: str) -> None:
    assert display_size(written) == shown


def test_one_size_is_said_in_german() -> None:
    assert display_size("One size", "de") == "Einheitsgröße"


def test_any_text_can_be_sorted() -> None:
    chance = random.Random(7)
    words = ["".join(chance.choices("XSML0123456789/-., äW½", k=chance.randint(0, 40))) for _ in range(500)]
    once = sort_sizes(words)
    assert sort_sizes(once) == once
    assert sort_sizes(reversed(once)) == once
