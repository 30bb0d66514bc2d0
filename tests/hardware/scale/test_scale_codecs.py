"""Both scale protocols byte by byte: the manuals' patterns, every prefix, every flipped bit, any noise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.scale.dialog06 import codec as dialog06
from hardware.scale.dialog06.codec import (
    MEANINGS,
    PAIRS_MAX,
    Accepted,
    ChecksumsAsked,
    ChecksumsJudged,
    ChecksumsSent,
    PriceSet,
    Rejected,
    Result,
    ResultAsked,
    StatusAsked,
)
from hardware.scale.dialog06.codec import Status as Status06
from hardware.scale.mt8217 import codec as mt8217
from hardware.scale.mt8217.codec import ANSWER_BYTES_MAX, Status, Weighed

STATUSES_8217 = st.builds(Status, *(st.booleans() for _ in range(6)))
ANSWERS_8217 = st.builds(Weighed, st.integers(0, 99_999), st.booleans()) | STATUSES_8217
WORDS = st.integers(0, 0xFFFF)
ANSWERS_06 = st.one_of(
    st.just(Accepted()),
    st.just(Rejected()),
    st.builds(Result, st.integers(0, 99_999), st.integers(0, 999_999), st.integers(0, 999_999)),
    st.builds(Status06, st.sampled_from(sorted(MEANINGS))),
    st.builds(ChecksumsAsked, st.integers(0, 255)),
    st.builds(ChecksumsJudged, st.booleans()),
)
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=13)
ORDERS_06 = st.one_of(
    st.builds(PriceSet, st.integers(0, 999_999), st.none() | st.integers(0, 9_999), TEXTS),
    st.just(StatusAsked()),
    st.just(ResultAsked()),
    st.builds(ChecksumsSent, st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=PAIRS_MAX).map(tuple)),
)


# As the manuals print it


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        (b"\x0201.234\r", Weighed(1234)),
        (b"\x0201.234N\r", Weighed(1234, net=True)),
        (b"\x02 1.234\r", Weighed(1234)),
        (b"\x02?A\r", Status(motion=True)),
        (b"\x02?B\r", Status(over=True)),
        (b"\x02?D\r", Status(under=True)),
        (b"\x02?P\r", Status(at_zero=True)),
        (b"\x02?i\r", Status(motion=True, outside_zero=True, net=True)),
        (b"\x02?@\r", Status()),
    ],
)
def test_8217_reads_what_its_manual_shows(frame: bytes, answer: mt8217.Answer) -> None:
    assert mt8217.decode(frame) == answer


@pytest.mark.parametrize("frame", [b"\x0201.23\r", b"\x02001.23N\r"])
def test_8217_takes_no_pounds_for_kilograms(frame: bytes) -> None:
    with pytest.raises(Garbled, match="pounds"):
        mt8217.decode(frame)


def test_8217_sends_a_tare_in_five_digits() -> None:
    assert mt8217.tare_order(20) == b"T00020\r"
    for tare_g in (0, -1, 100_000):
        with pytest.raises(ValueError, match="tare"):
            mt8217.tare_order(tare_g)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        (PriceSet(299), b"\x04\x0201\x1b000299\x1b\x03"),
        (PriceSet(299, 20), b"\x04\x0203\x1b000299\x1b0020\x03"),
        (PriceSet(299, text="Apples"), b"\x04\x0204\x1b000299\x1bApples       \x03"),
        (PriceSet(299, 20, "Apples"), b"\x04\x0205\x1b000299\x1b0020\x1bApples       \x03"),
        (StatusAsked(), b"\x04\x0208\x03"),
        (ChecksumsSent(((0x4711, 0xF336),)), b"\x04\x0210\x1b4711F336\x03"),
        (ResultAsked(), b"\x04\x05"),
        (Result(745, 299, 223), b"\x0202\x1b3\x1b00745\x1b000299\x1b000223\x03"),
        (Status06("20"), b"\x0209\x1b20\x03"),
        (ChecksumsAsked(0x1F), b"\x0211\x1b21F\x03"),
        (ChecksumsJudged(True), b"\x0211\x1b1\x03"),
        (Accepted(), b"\x06"),
        (Rejected(), b"\x15"),
    ],
)
def test_dialog_06_writes_what_its_manuals_show(
    message: dialog06.ToScale | dialog06.FromScale, data: bytes
) -> None:
    assert dialog06.encode(message) == data


def test_dialog_06_takes_no_pounds_for_kilograms() -> None:
    with pytest.raises(Garbled, match="pounds"):
        dialog06.from_scale(b"\x0202\x1b1\x1b00745\x1b000299\x1b000223\x03")


def test_what_has_no_room_is_not_sent() -> None:
    for message in (PriceSet(1_000_000), PriceSet(1, 10_000), Result(100_000, 1, 1), ChecksumsSent(())):
        with pytest.raises(ValueError):
            dialog06.encode(message)


# Both ways


@given(ANSWERS_8217)
def test_8217_reads_back_what_it_writes(answer: mt8217.Answer) -> None:
    assert mt8217.decode(mt8217.encode(answer)) == answer


@given(ANSWERS_06)
def test_dialog_06_reads_back_what_the_scale_says(answer: dialog06.FromScale) -> None:
    assert dialog06.from_scale(dialog06.encode(answer)) == answer


@given(st.lists(ORDERS_06, min_size=1, max_size=5), st.integers(1, 9))
def test_dialog_06_hears_every_order_however_it_is_cut(orders: list[dialog06.ToScale], size: int) -> None:
    data = b"".join(dialog06.encode(order) for order in orders)
    ear = dialog06.OrderBuffer()
    heard = [order for at in range(0, len(data), size) for order in ear.feed(data[at : at + size])]
    assert heard == orders


# Bad input


@given(ANSWERS_8217)
def test_8217_every_prefix_waits_and_never_means_anything(answer: mt8217.Answer) -> None:
    data = mt8217.encode(answer)
    for end in range(len(data)):
        assert mt8217.AnswerBuffer().feed(data[:end]) is None
        with pytest.raises(Garbled) as garbled:
            mt8217.decode(data[:end])
        assert 0 <= garbled.value.offset <= end


@given(ANSWERS_06)
def test_dialog_06_every_prefix_waits_and_never_means_anything(answer: dialog06.FromScale) -> None:
    data = dialog06.encode(answer)
    for end in range(len(data)):
        assert dialog06.AnswerBuffer().feed(data[:end]) is None
        with pytest.raises(Garbled) as garbled:
            dialog06.from_scale(data[:end])
        assert 0 <= garbled.value.offset <= end


def read_or_offset(read: Callable[[bytes], object], data: bytes) -> object:
    """What the bytes mean, or the offset within them at which they are garbled."""
    try:
        return read(data)
    except Garbled as garbled:
        within = 0 <= garbled.offset <= max(len(data), dialog06.RECORD_BYTES_MAX)
        return garbled.offset if within else pytest.fail(f"offset {garbled.offset} of {len(data)} bytes")


def flipped(data: bytes) -> list[bytes]:
    return [
        bytes(b ^ (1 << bit) * (at == place) for at, b in enumerate(data))
        for place in range(len(data))
        for bit in range(8)
    ]


@given(ANSWERS_8217)
def test_8217_a_flipped_bit_is_garbled_or_the_other_answer_that_those_bytes_mean(
    answer: mt8217.Answer,
) -> None:
    """A leading 0 that becomes a blank means the same."""
    for wrong in flipped(mt8217.encode(answer)):
        read = read_or_offset(mt8217.decode, wrong)
        if not isinstance(read, int):
            assert read != answer or wrong.replace(b" ", b"0") == mt8217.encode(answer)


@given(ANSWERS_06)
def test_dialog_06_a_flipped_bit_is_garbled_or_the_other_answer_that_those_bytes_mean(
    answer: dialog06.FromScale,
) -> None:
    for wrong in flipped(dialog06.encode(answer)):
        read = read_or_offset(dialog06.from_scale, wrong)
        if not isinstance(read, int):
            assert read != answer


NOISE = st.lists(st.binary(max_size=40), max_size=20)
LIKELY = st.lists(
    st.sampled_from([b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x1b", b"\r", b"?", b"02", b"9.999"])
)


@given(NOISE | LIKELY)
def test_noise_is_garbled_or_passed_over_and_no_buffer_grows(chunks: list[bytes]) -> None:
    buffers = (mt8217.AnswerBuffer(), dialog06.AnswerBuffer())
    ear = dialog06.OrderBuffer()
    for chunk in chunks:
        for buffer in buffers:
            read_or_offset(buffer.feed, chunk)
            assert len(buffer._pending) <= dialog06.RECORD_BYTES_MAX
        list(ear.feed(chunk))
        assert len(ear._pending) <= dialog06.RECORD_BYTES_MAX


@given(st.binary(max_size=ANSWER_BYTES_MAX * 8))
def test_after_noise_and_a_pause_the_next_answer_is_read(noise: bytes) -> None:
    for buffer, data, answer in (
        (mt8217.AnswerBuffer(), b"\x0201.234\r", Weighed(1234)),
        (dialog06.AnswerBuffer(), b"\x06", Accepted()),
    ):
        with contextlib.suppress(Garbled):
            buffer.feed(noise)
        buffer.clear()
        assert buffer.feed(data) == answer
