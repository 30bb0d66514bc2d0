"""Bytes from cameras, without I/O: MJPEG over HTTP cut into pictures, and pictures checked before decoding.

Sources: RFC 9110 and RFC 2046 section 5.1 (multipart), as IP cameras speak it
(multipart/x-mixed-replace); ITU-T T.81 Annex B (JPEG), PNG section 11.2.2, RFC 9649 (WebP).
"""

from __future__ import annotations

import re
import struct

import cv2
import numpy as np
import numpy.typing as npt

from hardware.errors import Busy, Garbled

Picture = npt.NDArray[np.uint8]

PICTURE_BYTES_MAX = 16 * 1024 * 1024
PIXELS_MAX = 40_000_000
"""More than any camera over a counter has; a decoded picture takes three bytes a pixel."""
HEAD_BYTES_MAX = 8192
_HEAD_END = b"\r\n\r\n"
_BOUNDARY = re.compile(r'multipart/x-mixed-replace.*?;\s*boundary="?([^";\s]{1,70})', re.IGNORECASE)
_LENGTH = re.compile(rb"(?:^|\n)content-length:[ \t]*(\d{1,9})[ \t]*\r?(?:\n|$)", re.IGNORECASE)
_FRAME_STARTS = {0xC0 + n for n in range(16)} - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD9)}


class MjpegReader:
    """Takes the camera's answer in any pieces and gives whole encoded pictures."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._offset = 0
        self._boundary: bytes | None = None
        self._length: int | None = None
        self._in_part = False

    def feed(self, data: bytes) -> list[bytes]:
        """Pictures completed by `data`, oldest first.

        Raises Garbled (offset in the stream) for what is no MJPEG, Busy when
        the camera answers but refuses (wrong path, password wanted).
        """
        self._held += data
        found: list[bytes] = []
        while self._step(found):
            pass
        return found

    def _step(self, found: list[bytes]) -> bool:
        if self._boundary is None:
            head = self._take_head()
            if head is not None:
                self._boundary = b"--" + _boundary(head, self._offset).removeprefix(b"--")
            return head is not None
        if not self._in_part:
            head = self._take_head()
            if head is not None:
                self._begin_part(head)
            return head is not None
        picture = self._take_body()
        if picture:
            found.append(picture)
        return picture is not None

    def _take_head(self) -> bytes | None:
        end = self._held.find(_HEAD_END, 0, HEAD_BYTES_MAX)
        if end < 0:
            if len(self._held) >= HEAD_BYTES_MAX:
                raise Garbled("The camera sent a head without end", self._offset)
            return None
        head = bytes(self._held[:end])
        self._drop(end + len(_HEAD_END))
        return head

    def _begin_part(self, head: bytes) -> None:
        if self._boundary is None or self._boundary not in head:
            raise Garbled("The camera's stream lost its boundary", self._offset)
        length = _LENGTH.search(head)
        self._length = int(length[1]) if length else None
        if self._length is not None and self._length > PICTURE_BYTES_MAX:
            raise Garbled("The camera announced a picture of impossible length", self._offset)
        self._in_part = True

    def _take_body(self) -> bytes | None:
        end = self._length
        if end is None:
            end = self._held.find(b"\r\n" + (self._boundary or b""))
        if end < 0 or len(self._held) < end:
            if len(self._held) > PICTURE_BYTES_MAX:
                raise Garbled("The camera sent a picture without end", self._offset)
            return None
        body = bytes(self._held[:end])
        self._drop(end)
        self._in_part = False
        return body

    def _drop(self, count: int) -> None:
        del self._held[:count]
        self._offset += count


def _boundary(head: bytes, offset: int) -> bytes:
    lines = head.decode("latin-1").split("\r\n")
    status = re.fullmatch(r"HTTP/1\.[01] (\d{3})(?: .*)?", lines[0])
    if status is None:
        raise Garbled("The camera did not answer in HTTP", 0)
    if status[1] != "200":
        raise Busy(f"The camera refuses with HTTP status {status[1]}")
    for line in lines[1:]:
        name, _, value = line.partition(":")
        found = _BOUNDARY.search(value) if name.lower() == "content-type" else None
        if found:
            return found[1].encode("latin-1")
    raise Garbled("The camera's address gives no MJPEG stream", offset)


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels that a JPEG, PNG or WebP file announces, without decoding it.

    Raises Garbled for anything else and for a header cut short.
    """
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg_size(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            return struct.unpack_from(">II", data, 16)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
    except (struct.error, IndexError) as fault:
        raise Garbled("The picture's header is cut short", len(data)) from fault
    raise Garbled("The picture is neither JPEG nor PNG nor WebP")


def decode_picture(data: bytes, bytes_max: int = PICTURE_BYTES_MAX) -> Picture:
    """An encoded picture as height x width x 3 blue-green-red bytes.

    Raises Garbled when it is too long, has no or more than `PIXELS_MAX` pixels
    (looked up before decoding) or cannot be decoded.
    """
    if len(data) > bytes_max:
        raise Garbled(f"The picture is longer than {bytes_max} bytes", bytes_max)
    width, height = picture_size(data)
    check_size(width, height)
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as fault:
        raise Garbled("The picture cannot be decoded") from fault
    if picture is None:
        raise Garbled("The picture cannot be decoded")
    return np.asarray(picture, np.uint8)


def check_size(width: int, height: int) -> None:
    """Raise Garbled unless a picture of this size makes sense."""
    if width <= 0 or height <= 0 or width * height > PIXELS_MAX:
        raise Garbled(f"A picture of {width} x {height} pixels makes no sense")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    position = 2
    while True:
        if data[position] != 0xFF:
            raise Garbled("The JPEG picture's header is damaged", position)
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker in _FRAME_STARTS:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        else:
            (length,) = struct.unpack_from(">H", data, position + 2)
            position += 2 + max(2, length)


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + _exactly(data[27:30])
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Garbled("Unknown kind of WebP picture", 12)


def _exactly(three: bytes) -> int:
    if len(three) != 3:
        raise IndexError
    return int.from_bytes(three, "little")
