"""Frames of M100 modules: the manual's own, cut anywhere, damaged anywhere, and made up at random."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.m100.codec import (
    ANSWER,
    COMMAND,
    ERROR,
    INFO,
    NO_TAG,
    NOTICE,
    PARAMETERS_BYTES_MAX,
    STOP,
    Frame,
    Framer,
    decode,
    encode,
    set_power,
    start_polling,
    tag_notice,
    tag_read,
)
from hardware.readings import TagRead

NOTICES = (
    ("BB 02 22 00 11 C9 34 00", "30 75 1F EB 70 5C 59 04 E3 D5 0D 70", "3A 76 EF 7E", -55),
    ("BB 02 22 00 11 C4 30 00", "E2 00 00 1D 73 15 01 65 21 40 8F C6", "B8 3E C2 7E", -60),
    ("BB 02 22 00 11 CB 34 00", "E2 00 47 1B B0 00 60 13 04 45 09 D0", "95 82 D4 7E", -53),
)
"""The manual's example, and what users of an R200 and of another module wrote down."""
SAMPLE = bytes.fromhex("".join(NOTICES[0][:3]))
FRAMES = st.builds(Frame, st.integers(0, 2), st.integers(0, 255), st.binary(max_size=PARAMETERS_BYTES_MAX))
STREAM = SAMPLE + bytes.fromhex("BB 01 FF 00 01 15 16 7E") + bytes.fromhex("".join(NOTICES[1][:3]))


@pytest.mark.parametrize(("before", "epc", "after", "level"), NOTICES)
def test_notices_written_down_by_others_are_read(before: str, epc: str, after: str, level: int) -> None:
    said = bytes.fromhex(before + epc + after)
    frame = decode(said)
    assert (frame.type, tag_read(frame)) == (NOTICE, TagRead(bytes.fromhex(epc), 1, level))
    assert encode(frame) == said


@pytest.mark.parametrize(
    ("frame", "manual"),
    [
        (start_polling(10_000), "BB 00 27 00 03 22 27 10 83 7E"),
        (Frame(COMMAND, STOP), "BB 00 28 00 00 28 7E"),
        (Frame(COMMAND, INFO, b"\x00"), "BB 00 03 00 01 00 04 7E"),
        (set_power(20), "BB 00 B6 00 02 07 D0 8F 7E"),
        (Frame(ANSWER, STOP, b"\x00"), "BB 01 28 00 01 00 2A 7E"),
        (Frame(ANSWER, ERROR, bytes([NO_TAG])), "BB 01 FF 00 01 15 16 7E"),
    ],
)
def test_frames_are_the_manuals(frame: Frame, manual: str) -> None:
    assert encode(frame) == bytes.fromhex(manual)
    assert decode(bytes.fromhex(manual)) == frame


@given(FRAMES)
def test_what_is_encoded_reads_back(frame: Frame) -> None:
    assert Framer().feed(encode(frame)) == [frame]


@given(st.integers(1, 31), st.data())
def test_tags_read_back(words: int, data: st.DataObject) -> None:
    epc = data.draw(st.binary(min_size=2 * words, max_size=2 * words))
    level = float(data.draw(st.integers(-128, 0)))
    assert tag_read(tag_notice(TagRead(epc, 1, level))) == TagRead(epc, 1, level)


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_cut_of_the_stream_gives_the_same_frames(cuts: list[int]) -> None:
    framer, found = Framer(), list[Frame]()
    for start, end in itertools.pairwise([0, *sorted(cuts), len(STREAM)]):
        found += framer.feed(STREAM[start:end])
    assert [frame.command for frame in found] == [0x22, 0xFF, 0x22]


@pytest.mark.parametrize("bit", range(8 * len(SAMPLE)))
def test_no_flipped_bit_becomes_another_tag(bit: int) -> None:
    damaged = bytearray(SAMPLE)
    damaged[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(Garbled):
        for frame in Framer().feed(bytes(damaged)):
            if frame.type == NOTICE:
                assert tag_read(frame).epc == tag_read(decode(SAMPLE)).epc


@settings(max_examples=500)
@given(st.binary(max_size=300))
def test_random_bytes_are_garbled_or_wait_for_more(data: bytes) -> None:
    with contextlib.suppress(Garbled):
        for frame in Framer().feed(data):
            tag_read(frame)


def test_a_frame_longer_than_any_is_refused_before_it_is_held() -> None:
    with pytest.raises(Garbled, match="impossible length") as caught:
        Framer().feed(SAMPLE + b"\xbb\x02\x22\xff\xff" + bytes(10))
    assert caught.value.offset == len(SAMPLE) + 3


@pytest.mark.parametrize("parameters", [b"", b"\xc9\x34\x00\x3a\x76", b"\xc9" + bytes(16)])
def test_a_tag_that_cannot_be_is_garbled(parameters: bytes) -> None:
    with pytest.raises(Garbled, match=r"without an EPC|CRC"):
        tag_read(Frame(NOTICE, 0x22, parameters))
