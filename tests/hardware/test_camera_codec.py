"""MJPEG streams and encoded pictures: cut anywhere, damaged anyhow, absurdly large."""

from __future__ import annotations

import contextlib
import itertools
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.camera.codec import (
    HEAD_BYTES_MAX,
    PICTURE_BYTES_MAX,
    MjpegReader,
    decode_picture,
    picture_size,
)
from hardware.errors import Busy, Garbled

HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=shot\r\n\r\n"
SCENE = np.random.default_rng(5).integers(0, 255, (48, 64, 3), np.uint8)


def encoded(kind: str) -> bytes:
    return bytes(cv2.imencode(kind, SCENE)[1])


def part(body: bytes, *, length: bool = True) -> bytes:
    head = b"--shot\r\nContent-Type: image/jpeg\r\n"
    if length:
        head += b"Content-Length: %d\r\n" % len(body)
    return head + b"\r\n" + body + b"\r\n"


STREAM = HEAD + part(b"first") + part(b"second picture") + part(b"third")


@given(st.lists(st.integers(0, len(STREAM)), max_size=10))
def test_any_cut_of_the_stream_gives_the_same_pictures(cuts: list[int]) -> None:
    reader, found = MjpegReader(), list[bytes]()
    for start, end in itertools.pairwise([0, *sorted(cuts), len(STREAM)]):
        found += reader.feed(STREAM[start:end])
    assert found == [b"first", b"second picture", b"third"]


def test_parts_without_length_end_at_the_boundary() -> None:
    stream = HEAD + part(b"one\r\nbody", length=False) + part(b"two", length=False) + b"--shot\r\n"
    assert MjpegReader().feed(stream) == [b"one\r\nbody", b"two"]


@pytest.mark.parametrize(
    "kind",
    [
        'multipart/x-mixed-replace;boundary="shot"',
        "multipart/x-mixed-replace; charset=x; boundary=--shot",
        "Multipart/X-Mixed-Replace; Boundary=shot",
    ],
)
def test_boundaries_are_understood_as_cameras_write_them(kind: str) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n\r\n".encode()
    assert MjpegReader().feed(head + part(b"x")) == [b"x"]


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "503 Busy"])
def test_a_refusing_camera_is_busy(status: str) -> None:
    with pytest.raises(Busy, match=status[:3]):
        MjpegReader().feed(f"HTTP/1.1 {status}\r\n\r\n".encode())


@pytest.mark.parametrize(
    "stream",
    [
        b"220 ftp ready\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n",
        HEAD + b"\r\n\r\nno boundary\r\n\r\n",
        HEAD + b"--shot\r\nContent-Length: %d\r\n\r\n" % (PICTURE_BYTES_MAX + 1),
        b"x" * (HEAD_BYTES_MAX + 1),
    ],
)
def test_what_is_no_stream_is_garbled(stream: bytes) -> None:
    with pytest.raises(Garbled):
        MjpegReader().feed(stream)


def test_a_picture_without_end_is_garbled() -> None:
    reader = MjpegReader()
    reader.feed(HEAD + b"--shot\r\n\r\n")
    with pytest.raises(Garbled, match="without end"):
        reader.feed(bytes(PICTURE_BYTES_MAX + 1))


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(0, len(STREAM) - 1))
def test_random_and_damaged_streams_are_garbled_or_a_value(noise: bytes, place: int) -> None:
    for stream in (noise, HEAD + noise, STREAM[:place] + noise + STREAM[place:]):
        with contextlib.suppress(Garbled, Busy):
            MjpegReader().feed(stream)


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp"])
def test_pictures_say_their_size_before_they_are_decoded(kind: str) -> None:
    assert picture_size(encoded(kind)) == (64, 48)
    picture = decode_picture(encoded(kind))
    assert (picture.shape, picture.dtype) == ((48, 64, 3), np.uint8)
    assert abs(picture.astype(float) - SCENE).mean() < 60


def test_every_kind_of_webp_says_its_size() -> None:
    lossless = bytes(cv2.imencode(".webp", SCENE, [cv2.IMWRITE_WEBP_QUALITY, 101])[1])
    lossy = bytes(cv2.imencode(".webp", SCENE, [cv2.IMWRITE_WEBP_QUALITY, 50])[1])
    extended = b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<IB", 10, 0) + bytes(3) + b"\x3f\0\0\x2f\0\0"
    assert {lossless[12:16], lossy[12:16]} == {b"VP8L", b"VP8 "}
    assert [picture_size(data) for data in (lossless, lossy, extended)] == [(64, 48)] * 3


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (0, 100), (100, 0), (2**31 - 1, 2**31 - 1)])
def test_absurd_sizes_are_refused_undecoded(width: int, height: int) -> None:
    with pytest.raises(Garbled, match="makes no sense"):
        decode_picture(png(width, height))


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a" + bytes(50), b"\xff\xd8", b"\xff\xd8\x00", b"RIFF\0\0\0\0WEBPVP8Z", png(5, 5)[:30]],
)
def test_what_is_no_picture_is_garbled(data: bytes) -> None:
    with pytest.raises(Garbled):
        decode_picture(data)


def test_too_long_a_file_is_garbled() -> None:
    with pytest.raises(Garbled, match="longer than 100"):
        decode_picture(encoded(".png"), bytes_max=100)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([".jpg", ".png", ".webp"]), st.integers(0, 2**20), st.integers(0, 2**20))
def test_flipped_bits_and_prefixes_are_garbled_or_a_picture(kind: str, bit: int, end: int) -> None:
    data = bytearray(encoded(kind))
    # headers are where the danger is
    position = bit % min(len(data), 700)
    data[position] ^= 1 << bit % 8
    for damaged in (bytes(data), bytes(data[: end % len(data)])):
        with contextlib.suppress(Garbled):
            assert decode_picture(damaged).ndim == 3
