"""Symbols drawn by the rules are read back through every blur, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_edge.vision.digits import check_digit_right, upc_a_of_upc_e
from store_edge.vision.fitting import read_layout
from store_edge.vision.likely import (
    BLURS,
    EAN8,
    EAN13,
    EAN13_PARITIES,
    PER_MODULE,
    QUIET,
    UPC_E,
    UPC_E_PARITIES,
    Blur,
    Layout,
    blurred,
    decode,
    modules_of,
    text_of,
)


def whole(body: str) -> str:
    return next(body + str(last) for last in range(10) if check_digit_right(body + str(last)))


def ways_of(text: str, layout: Layout) -> np.ndarray:
    digits = np.array([int(digit) for digit in text])
    if layout is EAN8:
        return digits
    if layout is EAN13:
        parity = np.array([int(bit) for bit in EAN13_PARITIES[digits[0]]] + [0] * 6)
        return digits[1:] + 10 * parity
    return digits[1:7] + 10 * np.array([int(bit) for bit in UPC_E_PARITIES[digits[7]]])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**12 - 1), st.sampled_from(BLURS), st.booleans())
def test_any_ean_13_is_read_back_through_any_blur_and_upside_down(
    number: int, blur: Blur, turned: bool
) -> None:
    text = whole(f"{number:012}")
    seen = blurred(modules_of(ways_of(text, EAN13), EAN13), blur)
    ways, errors = decode((seen[::-1] if turned else seen)[None, :], EAN13, blur)
    assert text_of(ways[0], EAN13) == text
    assert errors[0] < 0.05 * len(seen)


@given(st.integers(0, 10**7 - 1))
def test_any_ean_8_is_read_back(number: int) -> None:
    text = whole(f"{number:07}")
    seen = blurred(modules_of(ways_of(text, EAN8), EAN8), BLURS[1])
    assert text_of(decode(seen[None, :], EAN8, BLURS[1])[0][0], EAN8) == text


@pytest.mark.parametrize("text", ["04963406", "01264904", "04965802", "01234531"])
def test_upc_e_is_read_as_the_thirteen_digits_it_stands_for(text: str) -> None:
    seen = blurred(modules_of(ways_of(text, UPC_E), UPC_E), BLURS[0])
    assert text_of(decode(seen[None, :], UPC_E, BLURS[0])[0][0], UPC_E) == upc_a_of_upc_e(text)


@pytest.mark.parametrize("blur", [BLURS[0], BLURS[1], Blur(0.35, box=1.5)])
@pytest.mark.parametrize("bend", [0.0, 0.2])
def test_place_scale_bend_and_uneven_light_are_found(blur: Blur, bend: float) -> None:
    """A profile 400 samples wide, the symbol from 60 to 340, darker to the right, with noise."""
    seen = blurred(modules_of(ways_of("4006381333931", EAN13), EAN13), blur)
    share = (np.arange(400) - 60) / 280
    share = share / (1 + bend - bend * share)
    at = (share * EAN13.modules + QUIET) * PER_MODULE - 0.5
    light = (0.6 - 0.3 * np.arange(400) / 400) * (0.1 + 0.9 * np.interp(at, np.arange(len(seen)), seen))
    light += np.random.default_rng(2).normal(0, 0.004, 400)
    guess = read_layout(light.astype(np.float32), EAN13, [(63.0, 338.0)])
    assert guess is not None
    assert (guess.text, guess.sure) == ("4006381333931", True)


def test_random_bars_are_never_sure() -> None:
    chance = np.random.default_rng(4)
    for _ in range(60):
        bars = np.repeat(chance.random(140) < 0.5, 3).astype(np.float32) * 0.8 + 0.1
        guess = read_layout(bars, EAN13, [(20.0, 400.0), (60.0, 330.0)])
        assert guess is None or not guess.sure
