"""Lines of an Impinj reader: as documented, cut anywhere, damaged anywhere, and made up at random."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.json_reads import LINE_BYTES_MAX, LineBuffer
from hardware.r700.codec import decode, encode
from hardware.readings import TagRead

SAMPLE = (
    b'{"timestamp":"2021-04-19T21:05:39.041Z","hostname":"impinj-14-06-aa","eventType":"tagInventory",'
    b'"tagInventoryEvent":{"epc":"4oBokAAAQABc-_8A","antennaPort":2,"peakRssiCdbm":-5750,"frequency":865700}}'
)
"""An event with the documentation's members, and values of ours; the EPC in base64 only, as by default."""
READS = st.builds(
    TagRead,
    st.binary(min_size=1, max_size=62),
    st.integers(1, 32),
    st.none() | st.integers(-12_800, 0).map(lambda level: level / 100),
    st.none() | st.integers(0, 4_000_000_000_000_000),
)
STREAM = encode(TagRead(b"\xe2" * 12, 1, -55.5, 1_700_000_000_000_000)) + b"\r\n" + SAMPLE + b"\r\n"


def said(data: bytes) -> list[TagRead | None]:
    return [decode(line, offset) for offset, line in LineBuffer().feed(data)]


def test_an_event_as_documented_is_a_read() -> None:
    assert decode(SAMPLE) == TagRead(
        bytes.fromhex("e280689000004000 5cfbff00"), 2, -57.5, 1_618_866_339_041_000
    )


@given(READS)
def test_what_is_encoded_reads_back(read: TagRead) -> None:
    assert said(encode(read)) == [read]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_cut_of_the_stream_gives_the_same_lines(cuts: list[int]) -> None:
    buffer, found = LineBuffer(), list[tuple[int, bytes]]()
    for start, end in itertools.pairwise([0, *sorted(cuts), len(STREAM)]):
        found += buffer.feed(STREAM[start:end])
    assert found == LineBuffer().feed(STREAM)
    assert [decode(line) is None for _, line in found] == [False, True, False]


@pytest.mark.parametrize("length", range(1, len(SAMPLE)))
def test_every_prefix_of_an_event_is_garbled(length: int) -> None:
    with pytest.raises(Garbled) as caught:
        decode(SAMPLE[:length], 700)
    assert caught.value.offset >= 700


@pytest.mark.parametrize("byte", range(len(SAMPLE)))
def test_each_flipped_bit_is_garbled_or_a_value(byte: int) -> None:
    for bit in range(8):
        damaged = bytearray(SAMPLE)
        damaged[byte] ^= 1 << bit
        with contextlib.suppress(Garbled):
            decode(bytes(damaged))


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_random_bytes_are_garbled_or_a_value(data: bytes) -> None:
    with contextlib.suppress(Garbled):
        said(data + b"\n")


@pytest.mark.parametrize(
    "line",
    [
        b'{"tagInventoryEvent":{}}',
        b'{"tagInventoryEvent":{"epcHex":"30XY"}}',
        b'{"tagInventoryEvent":{"epc":"?"}}',
        b'{"tagInventoryEvent":{"epcHex":"30","antennaPort":"one"}}',
        b'{"tagInventoryEvent":{"epcHex":"30"},"timestamp":"yesterday"}',
        b"[" * 50_000,
    ],
)
def test_events_that_cannot_be_are_garbled(line: bytes) -> None:
    with pytest.raises(Garbled):
        decode(line)


def test_other_events_say_nothing_about_tags() -> None:
    assert (
        decode(b'{"eventType":"inventoryStatus","inventoryStatusEvent":{"inventoryStatus":"running"}}')
        is None
    )


def test_a_line_without_end_is_garbled_before_memory_is() -> None:
    buffer = LineBuffer()
    for _ in range(LINE_BYTES_MAX // 4096):
        assert buffer.feed(b"x" * 4096) == []
    with pytest.raises(Garbled, match="without an end"):
        buffer.feed(b"x")
