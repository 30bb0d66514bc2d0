"""`emma score items` and `emma score people`: how well a retailer's own photos and clips are counted."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2

from kiosk_ui.barcodes_command import show_progress
from store_edge.settings import Settings
from store_edge.vision.detector import Detector, UnfitModel
from store_edge.vision.items_scoring import item_lines, score_items
from store_edge.vision.people_scoring import people_lines, score_people
from store_edge.vision.registry import BadModel, checked_bytes, find_model
from store_edge.vision.scoring import NothingToScore

MODEL = "yolox-nano"


def add_counting_commands(kinds: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `items` and `people` under `emma score`."""
    items = kinds.add_parser(
        "items", help="photos of goods with boxes.csv (file, x_min_px, y_min_px, x_max_px, y_max_px)"
    )
    items.add_argument("folder", type=Path, metavar="DIR")
    _model(items)
    items.set_defaults(act=_score_items)
    people = kinds.add_parser("people", help="clips with counts.csv (video, second, count)")
    people.add_argument("folder", type=Path, metavar="DIR")
    people.add_argument("--videos", type=Path, metavar="DIR", help="where the clips lie, if elsewhere")
    _model(people)
    people.set_defaults(act=_score_people)


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--model", default=MODEL, metavar="NAME", help="a YOLOX detector of the registry")


def _score_items(args: argparse.Namespace) -> int:
    def score(detector: Detector) -> tuple[dict[str, Any], Iterable[str]]:
        found = score_items(args.folder, detector, show_progress)
        return found.as_json(), item_lines(found)

    return _told(args, score)


def _score_people(args: argparse.Namespace) -> int:
    def score(detector: Detector) -> tuple[dict[str, Any], Iterable[str]]:
        found = score_people(args.folder, detector, args.videos)
        return found.as_json(), people_lines(found)

    return _told(args, score)


def _told(args: argparse.Namespace, score: Callable[[Detector], tuple[dict[str, Any], Iterable[str]]]) -> int:
    cv2.setNumThreads(1)
    try:
        said, lines = score(Detector(checked_bytes(find_model(args.model, Settings().home))))
    except (NothingToScore, UnfitModel, BadModel) as error:
        print(f"emma: {error}", file=sys.stderr)
        return 2
    print(json.dumps(said, ensure_ascii=False, indent=1) if args.json else "\n".join(lines))
    return 0
