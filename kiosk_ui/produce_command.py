"""`emma score produce`: how well loose produce is named on a retailer's own photos."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2

from kiosk_ui.barcodes_command import show_progress
from store_edge.settings import Settings
from store_edge.vision.produce import ProduceEye
from store_edge.vision.produce_scoring import FewShots, score_produce
from store_edge.vision.registry import BadModel, checked_bytes, find_model
from store_edge.vision.scoring import NothingToScore

SHOTS = 5


def add_produce_command(kinds: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `produce` under `emma score`."""
    produce = kinds.add_parser(
        "produce", help="photos of loose produce with labels.csv (file, fine_label, coarse_label)"
    )
    produce.add_argument("folder", type=Path, metavar="DIR", help="the folder, or its table")
    produce.add_argument("--json", action="store_true", help="print one JSON object")
    produce.add_argument("--model", default="produce", help="its name in the registry of models")
    produce.add_argument(
        "--home", type=Path, default=Settings().home, help="folder with the store's own models.toml"
    )
    produce.add_argument(
        "--taught-from", type=Path, metavar="DIR", help="know only what is taught from photos of this folder"
    )
    produce.add_argument("--shots", type=int, default=SHOTS, help="how many photos of each kind")
    produce.add_argument("--seed", type=int, default=0, help="which photos")
    produce.set_defaults(act=_score)


def _score(args: argparse.Namespace) -> int:
    cv2.setNumThreads(1)
    few = FewShots(args.taught_from, max(1, args.shots), args.seed) if args.taught_from else None
    try:
        eye = ProduceEye(checked_bytes(find_model(args.model, args.home)))
        score = score_produce(args.folder, eye, few, show_progress)
    except (NothingToScore, BadModel) as error:
        print(f"emma: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(score.as_json(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(score.lines()))
    return 0
