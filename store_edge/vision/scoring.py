"""How well codes are read from a folder of labelled photos.

The folder holds photos and `labels.csv` with the columns `file`, `symbology` and `text`; NONE marks a photo
without a code. Right: the text is among the answers. Wrong: some answer, none of them right. A photo
that is missing or broken is named and not counted.
"""

from __future__ import annotations

import csv
import math
import re
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from hardware.readings import Scan
from store_edge.vision.codes import PIXELS_MAX, read_codes
from store_edge.vision.digits import upc_a_of_upc_e
from store_edge.vision.fitting import prepare

FILE_BYTES_MAX = 64_000_000
PHOTO_PIXELS_MAX = 120_000_000
PHOTOS_MAX = 100_000
NEGATIVE = "NONE"
IN_GREY = {1: cv2.IMREAD_GRAYSCALE, 2: cv2.IMREAD_REDUCED_GRAYSCALE_2, 4: cv2.IMREAD_REDUCED_GRAYSCALE_4}
IN_COLOUR = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
FAMILIES = {
    "EAN8": "]E4",
    "EAN": "]E0",
    "UPC": "]E0",
    "ISBN": "]E0",
    "DATABAR": "]e",
    "CODE128": "]C",
    "ITF": "]I",
    "I25": "]I",
    "QR": "]Q",
    "DATAMATRIX": "]d",
}
"""How a label's symbology begins, and the AIM identifier (ISO/IEC 15424) that an answer to it begins with."""

Reader = Callable[[npt.NDArray[np.uint8]], list[Scan]]


class NothingToScore(Exception):
    """A sentence: the folder is not as documented."""


@dataclass
class Tally:
    """Photos of one kind, by what became of them."""

    right: int = 0
    wrong: int = 0
    missing: int = 0

    @property
    def n(self) -> int:
        return self.right + self.wrong + self.missing


@dataclass
class CodeScore:
    """What a folder's photos came to. `cpu_ms`: processor time of each, opening the file excluded."""

    codes: Tally = field(default_factory=Tally)
    negatives: Tally = field(default_factory=Tally)
    by_symbology: dict[str, Tally] = field(default_factory=dict)
    cpu_ms: list[float] = field(default_factory=list)
    wrong_answers: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def take(self, row: dict[str, str], read: Callable[[], list[Scan]]) -> None:
        """Time one reading of a row's photo, and count what came of it."""
        began_s = time.thread_time()
        scans = read()
        self.cpu_ms.append(1000 * (time.thread_time() - began_s))
        _count(self, row, scans)

    def as_json(self) -> dict[str, Any]:
        def counts(tally: Tally) -> dict[str, int]:
            return {"n": tally.n, "right": tally.right, "wrong": tally.wrong, "missing": tally.missing}

        return {
            **counts(self.codes),
            "negatives": self.negatives.n,
            "wrong_on_negatives": self.negatives.wrong,
            "cpu_ms_p50": round(quantile(self.cpu_ms, 0.5), 3),
            "cpu_ms_p95": round(quantile(self.cpu_ms, 0.95), 3),
            "by_symbology": {kind: counts(tally) for kind, tally in sorted(self.by_symbology.items())},
            "wrong_answers": [{"file": file, "answer": answer} for file, answer in self.wrong_answers],
            "refused": self.refused,
        }


def score_codes(
    folder: Path, reader: Reader = read_codes, progress: Callable[[int, int], None] = lambda done, of: None
) -> CodeScore:
    """Read every photo of a folder. One thread. Raises NothingToScore."""
    rows = labels(folder)
    prepare()
    score = CodeScore()
    for number, row in enumerate(rows, 1):
        progress(number, len(rows))
        try:
            picture = load_photo(folder, row["file"])
        except ValueError as error:
            score.refused.append(f"{row['file']}: {error}")
            continue
        score.take(row, partial(reader, picture))
    if not score.cpu_ms:
        raise NothingToScore(f"no photo of {folder} could be opened; the first: {score.refused[0]}")
    return score


def labels(
    folder: Path, columns: tuple[str, ...] = ("file", "symbology", "text"), table: str = "labels.csv"
) -> list[dict[str, str]]:
    """The rows of a folder's table. Raises NothingToScore where it is absent, empty or lacks a column."""
    file = folder / table
    try:
        with file.open(newline="", encoding="utf-8-sig", errors="replace") as lines:
            reader = csv.DictReader(lines)
            lacking = [name for name in columns if name not in (reader.fieldnames or ())]
            if lacking:
                needed = f"{', '.join(columns[:-1])} and {columns[-1]}"
                raise NothingToScore(f"{file} has no column {lacking[0]!r}; it needs {needed}")
            rows = [
                {name: row.get(name) or "" for name in columns}
                for row, _ in zip(reader, range(PHOTOS_MAX), strict=False)
            ]
    except (OSError, csv.Error) as error:
        raise NothingToScore(f"{file} cannot be read: {error}") from error
    if not rows:
        raise NothingToScore(f"{file} has no rows")
    return rows


def load_photo(folder: Path, name: str, *, colour: bool = False) -> npt.NDArray[np.uint8]:
    """A photo in grey or BGR, large ones reduced while decoding. ValueError says why not."""
    path = folder / name
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError("not a file of this folder")
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ValueError(f"larger than {FILE_BYTES_MAX // 1_000_000} MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # nothing is decoded yet
            with Image.open(path) as header:
                width, height = header.size
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError("missing" if isinstance(error, FileNotFoundError) else "no picture") from error
    if width * height > PHOTO_PIXELS_MAX:
        raise ValueError(f"{width} x {height} pixels are too many")
    by = next((step for step in (4, 2) if width * height > 2 * step * step * PIXELS_MAX), 1)
    # from memory, because a file that ends too early is then refused, not made up
    data = np.fromfile(path, np.uint8)
    picture = cv2.imdecode(data, (IN_COLOUR if colour else IN_GREY)[by])
    if picture is None or not picture.size:
        raise ValueError("broken picture")
    return np.asarray(picture, np.uint8)


def _count(score: CodeScore, row: dict[str, str], scans: list[Scan]) -> None:
    kind = row["symbology"] or NEGATIVE
    if kind == NEGATIVE:
        tally, right = score.negatives, not scans
    else:
        tally, right = score.codes, any(is_right(scan, kind, row["text"]) for scan in scans)
        outcome = score.by_symbology.setdefault(kind, Tally())
        _add(outcome, right, bool(scans))
    _add(tally, right, bool(scans))
    if scans and not right:
        score.wrong_answers.append((row["file"], scans[0].text[:80]))


def _add(tally: Tally, right: bool, answered: bool) -> None:
    if right:
        tally.right += 1
    elif answered:
        tally.wrong += 1
    else:
        tally.missing += 1


def is_right(scan: Scan, symbology: str, text: str) -> bool:
    """Whether an answer is what a label says, whatever way that spells brackets, separators and UPC."""
    kind = re.sub(r"[^A-Z0-9]", "", symbology.upper())
    family = next((aim for begin, aim in FAMILIES.items() if kind.startswith(begin)), "]")
    return scan.symbology.startswith(family) and _plain(scan.text, family) == _wanted(kind, family, text)


def _plain(text: str, family: str) -> str:
    text = re.sub(r"[()\x1d]|^\]C1", "", text).strip()
    if family == "]e" and re.fullmatch(r"01\d{14}", text):
        return text[2:]
    return text


def _wanted(kind: str, family: str, text: str) -> str:
    plain = _plain(text, family)
    digits = re.sub(r"\D", "", plain)
    if kind.startswith("UPCE") and len(digits) in (6, 7, 8):
        return _upc_e(digits)
    if family == "]E0":
        return digits[:13].zfill(13)
    if family == "]E4":
        return digits[-8:]
    if kind.startswith("DATABAR") and "EXP" not in kind:
        return plain.zfill(14)
    return plain


def _upc_e(digits: str) -> str:
    body = digits[1:7] if len(digits) > 6 else digits
    whole = upc_a_of_upc_e(f"{digits[0] if len(digits) > 6 else '0'}{body}0")[:12]
    weighted = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(whole))
    return whole + str(-weighted % 10)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed, between two of them where it falls there."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = ordered[math.floor(place)]
    return low + (ordered[math.ceil(place)] - low) * (place % 1)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, "Probable Inference", JASA 22, 1927)."""
    if not n:
        return 0.0, 1.0
    z = statistics.NormalDist().inv_cdf(0.975)
    share, room = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / room
    reach = z / room * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def score_lines(score: CodeScore) -> Iterator[str]:
    """The table for people."""
    yield f"  {'':<20} {'n':>5} {'right':>6} {'wrong':>6} {'missing':>8}   right, 95 % interval"
    rows = {**dict(sorted(score.by_symbology.items())), "all codes": score.codes}
    for kind, tally in rows.items():
        low, high = wilson(tally.right, tally.n)
        share = tally.right / tally.n if tally.n else 0.0
        yield (
            f"  {kind:<20} {tally.n:>5} {tally.right:>6} {tally.wrong:>6} {tally.missing:>8}"
            f"   {share:>6.1%}, {low:.1%} to {high:.1%}"
        )
    low, high = wilson(score.negatives.wrong, score.negatives.n)
    yield (
        f"\n  nothing to read: {score.negatives.n} photos, {score.negatives.wrong} answered "
        f"(95 %: {low:.1%} to {high:.1%})"
    )
    yield (
        f"  processor time of a photo: median {quantile(score.cpu_ms, 0.5):.1f} ms, "
        f"p95 {quantile(score.cpu_ms, 0.95):.1f} ms"
    )
    yield from (f"  wrong: {file}: {answer!r}" for file, answer in score.wrong_answers)
    yield from (f"  not counted: {words}" for words in score.refused)
