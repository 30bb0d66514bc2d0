"""Codes in photos: ours, plain zxing-cpp and pyzbar on the same photos in the same run, one thread.

The photos are those of the shared folder (`EMMA_SHARED`, else `../shared` beside the repository).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from pyzbar import pyzbar
from table import Row, is_quick, quantile, report, say

from hardware.readings import Scan
from store_edge.vision.codes import read_codes
from store_edge.vision.digits import upc_a_of_upc_e
from store_edge.vision.fitting import prepare
from store_edge.vision.scoring import CodeScore, labels, load_photo

ROOT = Path(__file__).resolve().parents[2]
PHOTOS = Path(os.environ.get("EMMA_SHARED") or ROOT.parent / "shared") / "data" / "barcodes"
QUICK_EVERY = 20
P95_MS_MAX = 50.0
MEDIAN_TIMES_MAX = 2.0
ZBAR_AIM = {
    "EAN13": "]E0",
    "UPCA": "]E0",
    "UPCE": "]E0",
    "EAN8": "]E4",
    "I25": "]I0",
    "CODE128": "]C0",
    "QRCODE": "]Q1",
    "DATABAR": "]e0",
    "DATABAR_EXP": "]e0",
}

Picture = npt.NDArray[np.uint8]


def zxing_plain(picture: Picture) -> list[Scan]:
    codes = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return [Scan(code.text, code.symbology_identifier) for code in codes]


def zbar_plain(picture: Picture) -> list[Scan]:
    found = []
    for code in pyzbar.decode(picture):
        aim, text = ZBAR_AIM.get(code.type, ""), code.data.decode("utf-8", "replace")
        if code.type == "UPCE":
            text = upc_a_of_upc_e(text.zfill(8))
        found.append(Scan(text.zfill(13) if aim == "]E0" else text, aim))
    return found


READERS: dict[str, Callable[[Picture], list[Scan]]] = {
    "zxing-cpp": zxing_plain,
    "pyzbar": zbar_plain,
    "ours": read_codes,
}


def measure() -> dict[str, CodeScore]:
    rows = labels(PHOTOS)[:: QUICK_EVERY if is_quick() else 1]
    scores = {name: CodeScore() for name in READERS}
    for number, row in enumerate(rows, 1):
        picture = load_photo(PHOTOS, row["file"])
        for name, read in READERS.items():
            scores[name].take(row, partial(read, picture))
        if number % 100 == 0:
            say(f"{number} of {len(rows)} photos")
    return scores


def main() -> None:
    cv2.setNumThreads(1)
    if not PHOTOS.is_dir():
        report("Codes in photos", [Row("photos", "", [], note="the shared folder with photos is not here")])
        return
    prepare()
    scores = measure()
    plain_ms = quantile(scores["zxing-cpp"].cpu_ms, 0.5)
    rows = []
    for name, score in scores.items():
        ours = name == "ours"
        met = quantile(score.cpu_ms, 0.95) <= P95_MS_MAX and (
            quantile(score.cpu_ms, 0.5) <= MEDIAN_TIMES_MAX * plain_ms
        )
        note = f"{score.codes.right} right, {score.codes.wrong} wrong, {score.codes.missing} missing of "
        note += f"{score.codes.n}; {score.negatives.wrong} of {score.negatives.n} without a code answered"
        target = f"p95 <= {P95_MS_MAX:.0f} ms" if ours else ""
        rows.append(Row(f"a photo, {name}", "cpu ms", score.cpu_ms, target, met if ours else None, note))
    report("Codes in photos, one thread", rows)


if __name__ == "__main__":
    main()
