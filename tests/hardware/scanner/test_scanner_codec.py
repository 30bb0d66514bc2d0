"""Codes among bytes: framing, AIM identifiers, garbage and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.readings import Scan
from hardware.scanner.codec import CODE_BYTES_MAX, PENDING_BYTES_MAX, ScanBuffer, decode, encode

CODES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
AIMS = st.sampled_from(["", "]E0", "]E4", "]C1", "]Q3", "]d2"])


def scans_of(buffer: ScanBuffer, data: bytes) -> list[Scan | int]:
    """All codes in `data`; a piece of garbage shows as its offset."""
    found: list[Scan | int] = []
    buffer.feed(data)
    for _ in range(len(data) + 1):
        try:
            scan = buffer.next_scan()
        except Garbled as fault:
            found.append(fault.offset)
            continue
        if scan is None:
            return found
        found.append(scan)
    raise AssertionError("the buffer never came to rest")


@pytest.mark.parametrize(
    ("sent", "scan"),
    [
        (b"4006381333931\r\n", Scan("4006381333931")),
        (b"]E04006381333931\r\n", Scan("4006381333931", "]E0")),
        (b"]C10109521101530001\x1d3103000195\r\n", Scan("0109521101530001\x1d3103000195", "]C1")),
        ("]Q1Tüte\r\n".encode(), Scan("Tüte", "]Q1")),
    ],
)
def test_what_a_scanner_says(sent: bytes, scan: Scan) -> None:
    assert scans_of(ScanBuffer(), sent) == [scan]
    assert encode(scan) == sent


def test_prefix_and_another_suffix() -> None:
    buffer = ScanBuffer(prefix=b"\x02", suffix=b"\x03", aim=False)
    assert scans_of(buffer, b"\x02]E0123\x03\x02456\x03") == [Scan("]E0123"), Scan("456")]
    assert scans_of(buffer, b"789\x03\x02456\x03") == [0, Scan("456")]
    with pytest.raises(ValueError, match="suffix"):
        ScanBuffer(suffix=b"")


def test_empty_frames_say_nothing_and_a_bare_identifier_is_garbage() -> None:
    assert scans_of(ScanBuffer(), b"\r\n\r\n1\r\n") == [Scan("1")]
    assert scans_of(ScanBuffer(), b"]E0\r\n1\r\n") == [3, Scan("1")]


@pytest.mark.parametrize(("sent", "offset"), [(b"12\x003", 2), (b"]E012\xff", 5), ("ü\x85".encode(), 2)])
def test_garbage_names_its_first_byte(sent: bytes, offset: int) -> None:
    assert scans_of(ScanBuffer(), sent + b"\r\n42\r\n") == [offset, Scan("42")]


def test_a_code_without_an_end_is_dropped_up_to_the_next_suffix() -> None:
    buffer = ScanBuffer()
    longest = "9" * CODE_BYTES_MAX
    assert scans_of(buffer, longest.encode() + b"\r\n") == [Scan(longest)]
    assert len(scans_of(buffer, b"9" * (CODE_BYTES_MAX + 6))) == 1
    assert scans_of(buffer, b"9" * (2 * CODE_BYTES_MAX)) == []
    assert scans_of(buffer, b"9\r") == []
    assert scans_of(buffer, b"\n42\r\n") == [Scan("42")]
    assert scans_of(buffer, b"9" * (CODE_BYTES_MAX + 1) + b"\r\n42\r\n") == [CODE_BYTES_MAX, Scan("42")]


def test_a_flood_is_refused_and_survived() -> None:
    buffer = ScanBuffer()
    with pytest.raises(Garbled):
        buffer.feed(bytes(PENDING_BYTES_MAX + 1))
    assert scans_of(buffer, b"tail\r\n42\r\n") == [Scan("42")]


@pytest.mark.parametrize("scan", [Scan(""), Scan("a\r\nb"), Scan("a\x00"), Scan("]E0 no identifier")])
def test_what_would_not_read_back_is_not_sent(scan: Scan) -> None:
    with pytest.raises(ValueError, match="no scanner sends this"):
        encode(scan)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(CODES, AIMS), max_size=8), st.lists(st.integers(1, 20), max_size=30))
def test_codes_come_back_however_they_are_cut(codes: list[tuple[str, str]], cuts: list[int]) -> None:
    scans = [Scan("x" + text, aim) for text, aim in codes]
    stream = b"".join(encode(scan) for scan in scans)
    buffer, found = ScanBuffer(), []
    for size in cuts:
        piece, stream = stream[:size], stream[size:]
        found += scans_of(buffer, piece)
    assert found + scans_of(buffer, stream) == scans


@given(st.binary(max_size=200))
@settings(deadline=None, derandomize=True)
def test_after_any_garbage_the_next_code_is_read(noise: bytes) -> None:
    found = scans_of(ScanBuffer(), noise + b"\r\n" + b"4006381333931\r\n")
    assert found[-1] == Scan("4006381333931")


@given(st.binary(max_size=100))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_are_a_code_or_garbled(code: bytes) -> None:
    offset, scan = 0, None
    try:
        scan = decode(code)
    except Garbled as fault:
        offset = fault.offset
    assert 0 <= offset <= len(code)
    assert scan is None or (scan.symbology + scan.text).encode() == code
