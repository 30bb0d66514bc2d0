"""Bar codes in camera pictures: read at any angle and through blur, and rather not at all than wrongly.

One reader after the other, each dearer than the one before, until a code is surely read: zxing-cpp on the
picture; our own search for bars, whose averaged profile goes to the likelihood decoder and to zxing-cpp;
zxing-cpp on a larger and a smoothed picture; pyzbar. Retail symbols are guarded by one digit in ten only, so
that an answer from a few rows of pixels counts only with a second witness.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from pyzbar import pyzbar

from hardware.readings import Scan
from store_edge.vision.bars import Region, find_bars
from store_edge.vision.digits import check_digit_right
from store_edge.vision.fitting import read_defocused, read_layout
from store_edge.vision.likely import EAN8, EAN13, UPC_E, Guess, Layout
from store_edge.vision.strip import MARGIN, Strip, cut_strip, has_quiet_zones, profile_pictures

PIXELS_MAX = 1_400_000
"""Larger pictures are scaled down to this first, which bounds the time that one picture can take."""
CODES_PER_PICTURE_MAX = 32
TEXT_CHARACTERS_MAX = 4296
"""The most that one QR code can hold."""
DEEP_MS_MAX = 40.0
"""No further reader is begun after so much processor time."""
WITNESSES_MAX = 4
EDGE_REACH_PIXELS = 3
EDGE_STEP_MIN = 24
EDGE_PIXELS_MIN = 400
"""A picture with fewer such steps in brightness holds no code: the grain of an empty counter has none."""
ITF_DIGITS_MIN = 6
"""Interleaved 2 of 5 has no checksum of its own; shorter ones are mostly slices of longer ones."""
TALL_SHARE_MIN, TALL_PIXELS_MIN = 0.3, 20.0
"""Rows that agree over so much of a symbol's width, and so many pixels, are each other's witnesses."""
ENLARGED_PIXELS_MAX = 60_000

_RETAIL: Any = [
    zxingcpp.BarcodeFormat.EAN13,
    zxingcpp.BarcodeFormat.EAN8,
    zxingcpp.BarcodeFormat.UPCA,
    zxingcpp.BarcodeFormat.UPCE,
]
_LINEAR: Any = [
    zxingcpp.BarcodeFormat.DataBar,
    zxingcpp.BarcodeFormat.DataBarLtd,
    zxingcpp.BarcodeFormat.DataBarExp,
    zxingcpp.BarcodeFormat.ITF,
    zxingcpp.BarcodeFormat.Code128,
]
_SQUARE: Any = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix]
_FORMATS: Any = [*_RETAIL, *_LINEAR, zxingcpp.BarcodeFormat.DataBarExpStk, *_SQUARE]
_ZBAR_SYMBOLS = [
    pyzbar.ZBarSymbol.EAN13,
    pyzbar.ZBarSymbol.EAN8,
    pyzbar.ZBarSymbol.UPCA,
    pyzbar.ZBarSymbol.CODE128,
    pyzbar.ZBarSymbol.QRCODE,
]
_ZBAR_AIM = {"EAN13": "]E0", "UPCA": "]E0", "EAN8": "]E4", "CODE128": "]C0", "QRCODE": "]Q1"}
_LAYOUTS = {"EAN13": EAN13, "UPCA": EAN13, "EAN8": EAN8, "UPCE": UPC_E}

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Answer:
    """What zxing-cpp said, and where; `layout` is "" for other than retail symbols."""

    scan: Scan
    layout: str
    place: Region


def read_codes(image: npt.NDArray[np.uint8], deep_ms: float = DEEP_MS_MAX) -> list[Scan]:
    """The codes in a picture (height x width, or height x width x 3 blue-green-red, uint8), each once.

    `symbology` is the AIM identifier (ISO/IEC 15424). UPC codes come with 13 digits, as under "]E0".
    GS1 codes come as data with FNC1 as the control character GS, without brackets. Empty where
    nothing can be read with confidence. `deep_ms`: processor time after which no further reader is
    begun; 0 looks only plainly. ValueError for an array that is no picture.
    """
    look = _Look(_grey(image), time.thread_time() + deep_ms / 1000)
    return list(dict.fromkeys(look.read()))[:CODES_PER_PICTURE_MAX]


def anything_there(image: npt.NDArray[np.uint8]) -> bool:
    """Whether a picture shows more than an empty, plain counter. ValueError as `read_codes`."""
    return _has_edges(_grey(image))


class _Look:
    """One picture under all readers; remembers retail texts that only one weak witness has given."""

    def __init__(self, grey: Grey, until_s: float) -> None:
        self._grey = grey
        self._until_s = until_s
        self._doubted: set[Scan] = set()

    def read(self) -> list[Scan]:
        found = self._plain(self._grey, _FORMATS)
        if found or not self._time_left or not _has_edges(self._grey):
            return found
        for reader in (self._along_bars, self._square, self._by_zbar):
            if not self._time_left:
                break
            if found := reader():
                return found
        return []

    @property
    def _time_left(self) -> bool:
        return time.thread_time() < self._until_s

    def _plain(self, grey: Grey, formats: Any, **options: Any) -> list[Scan]:
        """zxing-cpp's answers that count; the others are doubted."""
        sure: list[_Answer] = []
        thin: list[_Answer] = []
        for answer in _by_zxing(grey, formats, **options):
            place = answer.place
            tall = place.along > max(TALL_SHARE_MIN * place.across, TALL_PIXELS_MIN)
            (sure if tall or not answer.layout else thin).append(answer)
        scans = [answer.scan for answer in sure]
        for answer in thin[:WITNESSES_MAX]:
            if answer.scan in scans:
                continue
            strip = cut_strip(grey, answer.place)
            guess = read_layout(strip.mean, _LAYOUTS[answer.layout], [_whole(strip)]) if strip else None
            scans += self._weigh(answer.scan, sure=False)
            scans += self._believed(guess)
        return scans

    def _weigh(self, scan: Scan, *, sure: bool) -> list[Scan]:
        """The scan if it is sure or was given before; otherwise it is doubted, and nothing."""
        if sure or scan in self._doubted:
            return [scan]
        self._doubted.add(scan)
        return []

    def _along_bars(self) -> list[Scan]:
        """All places with bars, the cheap readers first; at last the largest place as if out of focus."""
        strips: list[Strip] = []
        found: list[Scan] = []
        for region in find_bars(self._grey):
            strip = cut_strip(self._grey, region) if self._time_left else None
            if strip is not None and strip.spans:
                strips.append(strip)
                found += self._linear(strip) or self._retail(strip, EAN13)
        found = found or [scan for strip in strips for scan in self._retail(strip, UPC_E, EAN8)]
        if strips and not found and self._time_left:
            found = self._believed(read_defocused(strips[0].mean, EAN13))
        return found

    def _retail(self, strip: Strip, *layouts: Layout) -> list[Scan]:
        for layout in layouts:
            if self._time_left and (known := self._believed(read_layout(strip.mean, layout, strip.spans))):
                return known
        return []

    def _believed(self, guess: Guess | None) -> list[Scan]:
        return self._weigh(_scan_of(guess), sure=guess.sure) if guess else []

    def _linear(self, strip: Strip) -> list[Scan]:
        """zxing-cpp on the averaged profile, as it is and sharpened."""
        if not self._time_left:
            return []
        answers = _by_zxing(
            profile_pictures(strip.mean, strip.spans),
            [*_RETAIL, *_LINEAR],
            try_rotate=False,
            try_downscale=False,
            try_invert=False,
            binarizer=zxingcpp.Binarizer.FixedThreshold,
        )
        # nothing in interleaved 2 of 5 tells the end of a symbol from the edge of the picture
        whole = has_quiet_zones(strip, self._grey.shape)
        found = [
            answer.scan
            for answer in answers
            if not answer.layout and (whole or not answer.scan.symbology.startswith("]I"))
        ]
        for answer in answers:
            if answer.layout:
                found += self._weigh(answer.scan, sure=False)
        return found

    def _square(self) -> list[Scan]:
        """zxing-cpp on the picture with a wide rim, enlarged and smoothed."""
        grey = self._grey
        if grey.size <= ENLARGED_PIXELS_MAX:
            grey = np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        rim = max(grey.shape) // 12
        framed = cv2.copyMakeBorder(grey, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=255)
        for picture in (framed, cv2.GaussianBlur(framed, (0, 0), 2.0)):
            if not self._time_left:
                break
            if found := self._plain(np.asarray(picture, np.uint8), _FORMATS):
                return found
        return []

    def _by_zbar(self) -> list[Scan]:
        found = []
        for code in pyzbar.decode(self._grey, symbols=_ZBAR_SYMBOLS):
            aim = _ZBAR_AIM.get(code.type, "")
            try:
                text = code.data.decode()
            except UnicodeDecodeError:
                continue
            text = text.zfill(13) if aim == "]E0" else text
            if aim and _trustworthy(text, aim):
                found += self._weigh(Scan(text, aim), sure=not aim.startswith("]E"))
        return found


def _whole(strip: Strip) -> tuple[float, float]:
    """The span of a strip that was cut along a symbol from end to end."""
    margin = len(strip.mean) * MARGIN / (1 + 2 * MARGIN)
    return margin, len(strip.mean) - margin


def _scan_of(guess: Guess) -> Scan:
    return Scan(guess.text, "]E4" if len(guess.text) == 8 else "]E0")


def _grey(image: npt.NDArray[np.uint8]) -> Grey:
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


def _has_edges(grey: Grey) -> bool:
    """Whether there is anything like bars at all: the second look costs four times the first."""
    if min(grey.shape) <= EDGE_REACH_PIXELS:
        return False
    across = cv2.absdiff(grey[:, EDGE_REACH_PIXELS:], grey[:, :-EDGE_REACH_PIXELS])
    down = cv2.absdiff(grey[EDGE_REACH_PIXELS:], grey[:-EDGE_REACH_PIXELS])
    found = sum(int(np.count_nonzero(steps > EDGE_STEP_MIN)) for steps in (across, down))
    return found >= EDGE_PIXELS_MIN


def _by_zxing(grey: Grey, formats: Any, **options: Any) -> list[_Answer]:
    codes = zxingcpp.read_barcodes(grey, formats=formats, text_mode=zxingcpp.TextMode.Plain, **options)
    return [
        _Answer(
            Scan(code.text, code.symbology_identifier),
            code.format.name if code.symbology_identifier.startswith("]E") else "",
            _place(code.position),
        )
        for code in codes
        if code.valid and _trustworthy(code.text, code.symbology_identifier)
    ]


def _place(position: Any) -> Region:
    """The rectangle around what zxing-cpp saw of a symbol."""
    corners = np.array(
        [
            (corner.x, corner.y)
            for corner in (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
        ],
        float,
    )
    first, last = corners[[0, 3]].mean(0), corners[[1, 2]].mean(0)
    along = max(np.hypot(*(corners[3] - corners[0])), np.hypot(*(corners[2] - corners[1])), 8.0)
    x, y = corners.mean(0)
    angle = math.atan2(last[1] - first[1], last[0] - first[0])
    return Region(x, y, angle, max(float(np.hypot(*(last - first))), 8.0), float(along), 0.0)


def _trustworthy(text: str, aim: str) -> bool:
    if not 0 < len(text) <= TEXT_CHARACTERS_MAX:
        return False
    if aim.startswith("]E"):
        return text.isdecimal() and check_digit_right(text)
    if aim.startswith("]I"):
        # interleaved 2 of 5 guards itself only as ITF-14 (GS1 General Specifications 5.3)
        return len(text) >= ITF_DIGITS_MIN and (len(text) != 14 or check_digit_right(text))
    return True
