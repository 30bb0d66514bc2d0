"""Colours: known values of CIELAB, and how two of them go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.colour import HARMONY_POINTS, NEAR, NEUTRAL, OPPOSITE, QUARREL, SAME, TONES, harmony, lab_of

TINTS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


@pytest.mark.parametrize(
    ("tint", "lab"),
    [  # Bruce Lindbloom's calculator, sRGB with D65
        ("#FFFFFF", (100.0, 0.0, 0.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#FF0000", (53.24, 80.09, 67.20)),
        ("#00FF00", (87.73, -86.18, 83.18)),
        ("#0000FF", (32.30, 79.19, -107.86)),
        ("#808080", (53.59, 0.0, 0.0)),
    ],
)
def test_lab_is_what_others_compute(tint: str, lab: tuple[float, float, float]) -> None:
    found = lab_of(tint)
    assert (found.lightness, found.a, found.b) == pytest.approx(lab, abs=0.03)


@pytest.mark.parametrize("text", ["", "14523D", "#14523", "#14523G", "green"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no colour"):
        lab_of(text)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("#F3EEDF", "#A8281F", NEUTRAL),
        ("#14523D", "#14523D", SAME),
        ("#0B3A8F", "#7FA0E8", TONES),
        ("#A8281F", "#D98A1F", NEAR),
        ("#B01E8C", "#2E8B2E", OPPOSITE),
        ("#D41414", "#14B414", QUARREL),
    ],
)
def test_how_two_go_together(one: str, other: str, how: str) -> None:
    assert harmony(lab_of(one), lab_of(other)) == how


@given(TINTS, TINTS)
def test_the_order_does_not_matter_and_every_word_counts_something(one: str, other: str) -> None:
    found = harmony(lab_of(one), lab_of(other))
    assert found == harmony(lab_of(other), lab_of(one))
    assert found in HARMONY_POINTS
