"""Bar codes in camera pictures: read conservatively, and reported once each time one is shown.

zxing-cpp reads first; where it finds nothing pyzbar gets a try, but only at
symbologies with a checksum that it rarely misreads. A code that no checksum
guards must be long, because a slice of a longer one looks just like it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from pyzbar import pyzbar

from hardware.readings import Scan

PIXELS_MAX = 1_400_000
"""Larger pictures are scaled down to this first, which bounds the time that one picture can take."""
CODES_PER_PICTURE_MAX = 32
TEXT_CHARACTERS_MAX = 4296
"""The most that one QR code can hold."""
EDGE_REACH_PIXELS = 3
EDGE_STEP_MIN = 24
EDGE_PIXELS_MIN = 400
"""A picture with fewer such steps in brightness holds no code: the grain of an empty counter has none."""
ITF_DIGITS_MIN = 6
"""Interleaved 2 of 5 has no checksum of its own; shorter ones are mostly slices of longer ones."""
CODES_REMEMBERED_MAX = 256

_FORMATS: Any = [
    zxingcpp.BarcodeFormat.EAN13,
    zxingcpp.BarcodeFormat.EAN8,
    zxingcpp.BarcodeFormat.UPCA,
    zxingcpp.BarcodeFormat.UPCE,
    zxingcpp.BarcodeFormat.DataBar,
    zxingcpp.BarcodeFormat.DataBarLtd,
    zxingcpp.BarcodeFormat.DataBarExp,
    zxingcpp.BarcodeFormat.DataBarExpStk,
    zxingcpp.BarcodeFormat.ITF,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.DataMatrix,
]
_ZBAR_SYMBOLS = [
    pyzbar.ZBarSymbol.EAN13,
    pyzbar.ZBarSymbol.EAN8,
    pyzbar.ZBarSymbol.UPCA,
    pyzbar.ZBarSymbol.CODE128,
    pyzbar.ZBarSymbol.QRCODE,
]
_ZBAR_AIM = {"EAN13": "]E0", "UPCA": "]E0", "EAN8": "]E4", "CODE128": "]C0", "QRCODE": "]Q1"}


def read_codes(image: npt.NDArray[np.uint8]) -> list[Scan]:
    """The codes in a picture (height x width, or height x width x 3 blue-green-red, uint8), each once.

    `symbology` is the AIM identifier (ISO/IEC 15424). UPC codes come with 13 digits, as under "]E0".
    GS1 codes come as data with FNC1 as the control character GS, without brackets. Empty where
    nothing can be read with confidence. ValueError for an array that is no picture.
    """
    grey = _grey(image)
    found = _by_zxing(grey) or (_by_zbar(grey) if _has_edges(grey) else [])
    return list(dict.fromkeys(found))[:CODES_PER_PICTURE_MAX]


def anything_there(image: npt.NDArray[np.uint8]) -> bool:
    """Whether a picture shows more than an empty, plain counter. ValueError as `read_codes`."""
    return _has_edges(_grey(image))


def _grey(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if (
        image.dtype != np.uint8
        or image.ndim not in (2, 3)
        or image.shape[2:] not in ((), (3,))
        or not image.size
    ):
        raise ValueError(f"a picture is height x width [x 3] of uint8, not {image.shape} of {image.dtype}")
    scale = (PIXELS_MAX / (image.shape[0] * image.shape[1])) ** 0.5
    if scale < 1:
        size = (max(1, int(image.shape[1] * scale)), max(1, int(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if image.ndim == 3:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    return np.ascontiguousarray(image)


def _has_edges(grey: npt.NDArray[np.uint8]) -> bool:
    """Whether there is anything like bars at all: the second look costs four times the first."""
    if min(grey.shape) <= EDGE_REACH_PIXELS:
        return False
    across = cv2.absdiff(grey[:, EDGE_REACH_PIXELS:], grey[:, :-EDGE_REACH_PIXELS])
    down = cv2.absdiff(grey[EDGE_REACH_PIXELS:], grey[:-EDGE_REACH_PIXELS])
    found = sum(int(np.count_nonzero(steps > EDGE_STEP_MIN)) for steps in (across, down))
    return found >= EDGE_PIXELS_MIN


def _by_zxing(grey: npt.NDArray[np.uint8]) -> list[Scan]:
    codes = zxingcpp.read_barcodes(grey, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
    return [
        Scan(code.text, code.symbology_identifier)
        for code in codes
        if code.valid and _trustworthy(code.text, code.symbology_identifier)
    ]


def _by_zbar(grey: npt.NDArray[np.uint8]) -> list[Scan]:
    found = []
    for code in pyzbar.decode(grey, symbols=_ZBAR_SYMBOLS):
        aim = _ZBAR_AIM.get(code.type, "")
        try:
            text = code.data.decode()
        except UnicodeDecodeError:
            continue
        text = text.zfill(13) if aim == "]E0" else text
        if aim and _trustworthy(text, aim):
            found.append(Scan(text, aim))
    return found


def _trustworthy(text: str, aim: str) -> bool:
    if not 0 < len(text) <= TEXT_CHARACTERS_MAX:
        return False
    if aim.startswith("]E"):
        return text.isdecimal() and check_digit_right(text)
    if aim.startswith("]I"):
        # interleaved 2 of 5 guards itself only as ITF-14 (GS1 General Specifications 5.3)
        return len(text) >= ITF_DIGITS_MIN and (len(text) != 14 or check_digit_right(text))
    return True


def check_digit_right(digits: str) -> bool:
    """Whether the last digit is the GS1 check digit of the others (General Specifications 7.9.1)."""
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits[:-1])))
    return (weighted + int(digits[-1])) % 10 == 0


@dataclass
class _Sight:
    """One code: when it was seen lately, and whether it was reported since it came."""

    seen_s: deque[float] = field(default_factory=deque)
    reported: bool = False


class Sightings:
    """Turns what single frames show into "a code was put before the camera", once each time.

    A code counts when `votes` frames within `window_s` show it, so that one
    misread frame is not a sale; it counts again only after no frame has shown it
    for `away_s`, so that a code left lying is not sold twice.
    """

    def __init__(self, votes: int = 2, window_s: float = 1.0, away_s: float = 1.5) -> None:
        """ValueError unless at least one vote is asked and a code is not away while still being counted."""
        if votes < 1 or not 0 < window_s <= away_s:
            raise ValueError(f"votes={votes}, window_s={window_s}, away_s={away_s} make no sense together")
        self._votes = votes
        self._window_s = window_s
        self._away_s = away_s
        self._sights: OrderedDict[Scan, _Sight] = OrderedDict()

    def news(self, scans: Iterable[Scan], now_s: float) -> list[Scan]:
        """Take in one frame's codes at `now_s` (monotonic seconds); give those to report now."""
        self._forget(now_s)
        fresh = []
        for scan in dict.fromkeys(scans):
            sight = self._sights.setdefault(scan, _Sight())
            self._sights.move_to_end(scan)
            sight.seen_s.append(now_s)
            while len(sight.seen_s) > self._votes:
                sight.seen_s.popleft()
            enough = len(sight.seen_s) == self._votes and now_s - sight.seen_s[0] <= self._window_s
            if enough and not sight.reported:
                sight.reported = True
                fresh.append(scan)
        while len(self._sights) > CODES_REMEMBERED_MAX:
            self._sights.popitem(last=False)
        return fresh

    def _forget(self, now_s: float) -> None:
        gone = [scan for scan, sight in self._sights.items() if now_s - sight.seen_s[-1] >= self._away_s]
        for scan in gone:
            del self._sights[scan]
