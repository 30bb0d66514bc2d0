"""`emma score barcodes`: how well codes are read from a folder of a retailer's own photos."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2

from store_edge.vision.scoring import NothingToScore, score_codes, score_lines

PROGRESS_EVERY = 25


def add_barcodes_command(kinds: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `barcodes` under `emma score`."""
    barcodes = kinds.add_parser("barcodes", help="photos of codes with labels.csv (file, symbology, text)")
    barcodes.add_argument("folder", type=Path, metavar="DIR")
    barcodes.add_argument("--json", action="store_true", help="print one JSON object")
    barcodes.set_defaults(act=_score)


def _score(args: argparse.Namespace) -> int:
    cv2.setNumThreads(1)
    try:
        score = score_codes(args.folder, progress=show_progress)
    except NothingToScore as error:
        print(f"emma: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(score.as_json(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(score_lines(score)))
    return 0


def show_progress(done: int, of: int) -> None:
    """How far it is, on one line of the standard error."""
    if done == of or done % PROGRESS_EVERY == 0:
        end = "\n" if done == of else "\r"
        print(f"  {done} of {of} photos", end=end, file=sys.stderr, flush=True)
