"""Dialog 06's talk as a table: each answer leads on or ends it, and the checksums are those of the manual."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Busy, Garbled
from hardware.readings import NO_WEIGHT, NoWeight, Weight
from hardware.scale.dialog06.checksums import DEMO_POLYNOMIAL, Key, read_key, remainder
from hardware.scale.dialog06.codec import (
    MEANINGS,
    Accepted,
    ChecksumsAsked,
    ChecksumsJudged,
    ChecksumsSent,
    PriceSet,
    Rejected,
    Result,
    ResultAsked,
    Status,
    StatusAsked,
)
from hardware.scale.dialog06.session import CHECKSUM_ROUNDS_MAX, REASONS, Weighing

ORDER = PriceSet(299, 20)
WORDS = st.integers(0, 0xFFFF)
POLYNOMIALS = st.integers(0x10000, 0x1FFFF)


def begun() -> Weighing:
    weighing = Weighing(ORDER, Key())
    assert weighing.begin() == ORDER
    return weighing


def test_a_weighing_in_four_messages() -> None:
    weighing = begun()
    assert weighing.take(Accepted()) == ResultAsked()
    assert weighing.take(Result(745, 299, 223)) is None
    assert weighing.outcome == Weight(745, 299, 223)


def test_the_scale_asks_for_checksums_first_and_is_told_the_price_again() -> None:
    weighing = begun()
    sent = weighing.take(ChecksumsAsked(0x3A))
    assert isinstance(sent, ChecksumsSent)
    assert Key().judges(sent.pairs, 0x3A)
    assert weighing.take(Accepted()) == ResultAsked()
    assert weighing.take(ChecksumsJudged(True)) == ORDER
    assert weighing.take(Accepted()) == ResultAsked()


def test_a_scale_that_does_not_know_this_till_weighs_nothing_for_it() -> None:
    weighing = begun()
    weighing.take(ChecksumsAsked(1))
    weighing.take(Accepted())
    with pytest.raises(Busy, match="does not know this till"):
        weighing.take(ChecksumsJudged(False))


def test_a_scale_that_asks_for_checksums_for_ever_is_given_up() -> None:
    weighing = begun()
    for _ in range(CHECKSUM_ROUNDS_MAX):
        weighing.take(ChecksumsAsked(1))
        weighing.take(Accepted())
        weighing.take(ChecksumsJudged(True))
    with pytest.raises(Busy, match="again and again"):
        weighing.take(ChecksumsAsked(1))


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_every_status_is_a_reason_or_a_fault(code: str) -> None:
    weighing = begun()
    assert weighing.take(Rejected()) == StatusAsked()
    if code in REASONS:
        assert weighing.take(Status(code)) is None
        assert weighing.outcome == NoWeight(REASONS[code])
        assert REASONS[code] in NO_WEIGHT
    else:
        with pytest.raises(Busy, match=MEANINGS[code]):
            weighing.take(Status(code))


def test_a_result_at_another_price_is_nobody_s() -> None:
    weighing = begun()
    weighing.take(Accepted())
    with pytest.raises(Garbled, match="another price"):
        weighing.take(Result(745, 298, 222))


ANSWERS = (
    Accepted(),
    Rejected(),
    Result(745, 299, 223),
    Status("20"),
    ChecksumsAsked(7),
    ChecksumsJudged(True),
)


def test_whatever_the_scale_says_in_whatever_order_it_ends_or_is_garbled() -> None:
    for talk in itertools.product(ANSWERS, repeat=5):
        weighing = begun()
        for answer in talk:
            try:
                if weighing.take(answer) is None:
                    assert weighing.outcome is not None
                    break
            except (Garbled, Busy):
                assert weighing.outcome is None
                break


# Checksums


def divided(number: int, divisor: int) -> int:
    """The rest of a division over GF(2), the long way round: digit by digit on paper."""
    digits = [int(d) for d in f"{number << 16:b}"]
    by = [int(d) for d in f"{divisor:b}"]
    for at in range(len(digits) - len(by) + 1):
        if digits[at]:
            for place, digit in enumerate(by):
                digits[at + place] ^= digit
    return int("".join(map(str, digits)), 2) & 0xFFFF


@given(WORDS, POLYNOMIALS)
def test_kw_is_the_rest_of_the_division(checksum: int, polynomial: int) -> None:
    assert remainder(checksum, polynomial) == divided(checksum, polynomial)


def test_the_demonstration_s_polynomial_is_the_well_known_one() -> None:
    """CRC-16/XMODEM of two bytes is the very same division."""
    assert remainder(0x3132, DEMO_POLYNOMIAL) == 0x20B5


@given(st.integers(0, 255), st.lists(WORDS, min_size=1, max_size=5), POLYNOMIALS)
def test_each_answer_fits_its_own_question_and_its_own_key(
    turn: int, sums: list[int], polynomial: int
) -> None:
    key = Key(polynomial, tuple(sums))
    assert key.judges(key.answer(turn), turn)


def test_an_old_answer_or_another_key_is_found_out() -> None:
    key, other = Key(0x18005, (0x4711,)), Key(0x11021, (0x4711,))
    assert not other.judges(key.answer(0x12), 0x12)
    assert sum(key.judges(key.answer(0x12), turn) for turn in range(256)) <= 2, (
        "itself, and perhaps a chance hit"
    )


def test_a_key_file_is_a_polynomial_and_checksums(tmp_path: Path) -> None:
    file = tmp_path / "scale.key"
    file.write_text("18005\n4711\n0e31\n")
    assert read_key(file) == Key(0x18005, (0x4711, 0x0E31))
    for wrong in ("", "18005", "8005 4711", "18005 14711", "no key", "18005" + " 1" * 6):
        file.write_text(wrong)
        with pytest.raises(ValueError):
            read_key(file)
