"""A network camera that is not there: MJPEG over real HTTP, showing what a person puts before it."""

from __future__ import annotations

import itertools
import socket
import time

import cv2
import numpy as np

from hardware.camera.codec import Picture, check_size, decode_picture
from hardware.loopback import Outlet

FRAME_S = 0.1
UPLOAD_BYTES_MAX = 10 * 1024 * 1024
SIDE_PIXELS_MAX = 1920
"""Longer sides are scaled down: our camera's sensor has no more."""
HEAD_BYTES_MAX = 8192
REQUEST_S_MAX = 2.0
SEND_S_MAX = 2.0
CODE_CHARACTERS_MAX = 1000
SYMBOLOGIES = {
    "EAN-13": "EAN13",
    "EAN-8": "EAN8",
    "UPC-A": "UPCA",
    "UPC-E": "UPCE",
    "Code128": "Code128",
    "ITF": "ITF",
    "DataBar": "DataBar",
    "QR": "QRCode",
    "DataMatrix": "DataMatrix",
}
_BOUNDARY = b"emma-frame"
_JPEG_QUALITY = 90
_MODULE_PIXELS = 4
_COUNTER_SIZE = (480, 640)
_MARGIN_PIXELS = 60


class CameraEmulator:
    """`start()` gives the driver's address. All acts may be called from any thread."""

    def __init__(self, *, frame_s: float = FRAME_S, seed: int = 1) -> None:
        self._frame_s = frame_s
        self._seed = seed
        self._jpegs = _grainy(empty_counter(seed), seed)
        self._frozen = False
        self._stuck = False
        self._outlet = Outlet(self._serve, "camera-emulator")

    def start(self) -> str:
        """Listen on a free port and give the address, `http://127.0.0.1:<port>/stream`."""
        return f"http://127.0.0.1:{self._outlet.plug()}/stream"

    def stop(self) -> None:
        """End for good."""
        self._outlet.stop()

    def unplug(self) -> None:
        """Power off: streams end, new ones are refused."""
        self._outlet.unplug()

    def plug(self) -> None:
        """Power on at the same address; the same thing still lies there."""
        self._frozen = self._stuck = False
        self._outlet.plug()

    def freeze(self) -> None:
        """Send nothing more while TCP stays open: a hung firmware. Power-cycle to heal."""
        self._frozen = True

    def stick(self) -> None:
        """Send one and the same picture for ever: a hung sensor. Power-cycle to heal."""
        self._stuck = True

    def show(self, picture: bytes | Picture) -> None:
        """Put a picture before the camera: an encoded file, or height x width x 3 blue-green-red bytes.

        Raises Garbled when it is no picture, too long (`UPLOAD_BYTES_MAX`) or absurdly large.
        """
        if isinstance(picture, bytes):
            picture = decode_picture(picture[: UPLOAD_BYTES_MAX + 1], UPLOAD_BYTES_MAX)
        check_size(picture.shape[1], picture.shape[0])
        jpegs = _grainy(_fitting(picture), self._seed)
        if not self._stuck:
            self._jpegs = jpegs

    @property
    def picture(self) -> bytes:
        """What lies before the camera now, as the JPEG it sends."""
        return self._jpegs[0]

    def clear(self) -> None:
        """Take everything away: an empty counter."""
        self.show(empty_counter(self._seed))

    def show_code(self, text: str, symbology: str = "EAN-13") -> None:
        """Put a label with this code (see `SYMBOLOGIES`) on the counter.

        Raises ValueError for an unknown symbology or a text that it cannot hold.
        """
        self.show(label_on_counter(text, symbology, self._seed))

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(REQUEST_S_MAX)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = line.recv(1024)
            head += piece
            if not piece or len(head) > HEAD_BYTES_MAX:
                return
        line.settimeout(SEND_S_MAX)
        if not head.startswith(b"GET /stream "):
            line.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        line.sendall(
            b"HTTP/1.0 200 OK\r\nCache-Control: no-store\r\n"
            b"Content-Type: multipart/x-mixed-replace; boundary=" + _BOUNDARY + b"\r\n\r\n"
        )
        self._stream(line)

    def _stream(self, line: socket.socket) -> None:
        for turn in itertools.count():
            if not self._frozen:
                jpeg = self._jpegs[0 if self._stuck else turn % len(self._jpegs)]
                line.sendall(
                    b"--%b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n"
                    % (_BOUNDARY, len(jpeg), jpeg)
                )
            time.sleep(self._frame_s)
            if self._frozen and _hung_up(line):
                return


def _hung_up(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1024) == b""
    except BlockingIOError:
        return False
    finally:
        line.settimeout(SEND_S_MAX)


def _fitting(picture: Picture) -> Picture:
    longest = max(picture.shape[:2])
    if longest <= SIDE_PIXELS_MAX:
        return picture
    scale = SIDE_PIXELS_MAX / longest
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _grainy(picture: Picture, seed: int) -> tuple[bytes, bytes]:
    """The same scene twice, as a sensor sees it: never the same to the last bit."""
    speckle = np.random.default_rng(seed).integers(0, 2, picture.shape, np.uint8)
    return _encoded(picture), _encoded(np.asarray(cv2.subtract(picture, speckle), np.uint8))


def _encoded(picture: Picture) -> bytes:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError("the picture cannot be encoded")
    return bytes(data)


def empty_counter(seed: int = 1) -> Picture:
    """A bare counter under shop light with the grain of a small sensor; the same for the same seed."""
    height, width = _COUNTER_SIZE
    return _with_grain(np.full((height, width, 3), (150, 165, 175), np.float32), seed)


def label_on_counter(text: str, symbology: str, seed: int = 1) -> Picture:
    """A white label with a code on the counter, lit from one side, with grain."""
    import zxingcpp

    if symbology not in SYMBOLOGIES:
        raise ValueError(f"unknown symbology {symbology!r}; known: {', '.join(SYMBOLOGIES)}")
    if len(text) > CODE_CHARACTERS_MAX:
        raise ValueError(f"a code holds at most {CODE_CHARACTERS_MAX} characters")
    try:
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, SYMBOLOGIES[symbology]))
    except ValueError as fault:
        raise ValueError(f"this text is no {symbology} code") from fault
    label = np.array(code.to_image(scale=_MODULE_PIXELS, add_quiet_zones=True), np.uint8)
    tall, wide = label.shape[:2]
    height = max(_COUNTER_SIZE[0], tall + 2 * _MARGIN_PIXELS)
    width = max(_COUNTER_SIZE[1], wide + 2 * _MARGIN_PIXELS)
    scene = np.full((height, width, 3), (150, 165, 175), np.float32)
    top, left = (height - tall) // 2, (width - wide) // 2
    scene[top - 12 : top + tall + 12, left - 12 : left + wide + 12] = 250
    # paper is never quite white, ink never quite black
    scene[top : top + tall, left : left + wide] = 20 + label[:, :, None].astype(np.float32) * (230 / 255)
    return _with_grain(scene, seed)


def _with_grain(scene: np.ndarray[tuple[int, ...], np.dtype[np.float32]], seed: int) -> Picture:
    chance = np.random.default_rng(seed)
    light = np.linspace(1.0, 0.8, scene.shape[1], dtype=np.float32)[None, :, None]
    grain = chance.normal(0.0, 3.0, scene.shape).astype(np.float32)
    return np.asarray(np.clip(scene * light + grain, 0, 255), np.uint8)
