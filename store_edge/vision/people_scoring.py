"""How well people are counted in a folder of clips.

The folder holds `counts.csv` with the columns `video`, `second` and `count`: how many people are in the
picture in the middle of that second, however little of them. Each clip is played once, in memory; `LOOKS`
pictures of each second are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hardware.camera.codec import PIXELS_MAX
from store_edge.vision.detector import Detector, Picture
from store_edge.vision.people import Headcount, of_second
from store_edge.vision.scoring import NothingToScore, labels, quantile

TABLE = "counts.csv"
LOOKS = 3
"""In a second, spread evenly; odd, so that most of them agree."""
SECONDS_MAX = 3600
FPS_MAX = 240.0


@dataclass
class PeopleScore:
    """What a folder's clips came to. `cpu_ms`: processor time of each look, decoding excluded."""

    seconds: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Video, second, how many people there are, how many were counted."""
    cpu_ms: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        off = [abs(count - counted) for _, _, count, counted in self.seconds]
        return {
            "n": len(self.seconds),
            "mae": round(sum(off) / len(off), 4),
            "exact": round(off.count(0) / len(off), 4),
            "cpu_ms_p50": round(quantile(self.cpu_ms, 0.5), 3),
            "cpu_ms_p95": round(quantile(self.cpu_ms, 0.95), 3),
            "wrong": [
                {"video": video, "second": second, "count": count, "counted": counted}
                for video, second, count, counted in self.seconds
                if count != counted
            ],
            "refused": self.refused,
        }


def score_people(folder: Path, detector: Detector, videos: Path | None = None) -> PeopleScore:
    """Count the people in every labelled second; the clips lie in `videos`, else in the folder itself.

    One thread. Raises NothingToScore.
    """
    score = PeopleScore()
    for name, truth in _counts(folder).items():
        look = Headcount(detector).look
        try:
            counted = _counted(_clip(videos or folder, name), max(truth), look, score.cpu_ms)
        except ValueError as error:
            score.refused.append(f"{name}: {error}")
            continue
        for second, count in sorted(truth.items()):
            if second in counted:
                score.seconds.append((name, second, count, counted[second]))
            else:
                score.refused.append(f"{name}: second {second} is not in the clip")
    if not score.seconds:
        raise NothingToScore(f"nothing of {folder} could be counted; the first: {score.refused[0]}")
    return score


def _counted(
    file: Path, last_second: int, look: Callable[[Picture], int], cpu_ms: list[float]
) -> dict[int, int]:
    """The count of each second that a clip has whole. ValueError where it cannot be played."""
    votes: dict[int, list[int]] = {}
    for second, picture in _looks(file, last_second):
        began_s = time.thread_time()
        votes.setdefault(second, []).append(look(picture))
        cpu_ms.append(1000 * (time.thread_time() - began_s))
    return {second: of_second(counts) for second, counts in votes.items() if len(counts) == LOOKS}


def _looks(file: Path, last_second: int) -> Iterator[tuple[int, Picture]]:
    """The pictures to look at with their second, in order. ValueError where the clip cannot be played."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    clip = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG)
    try:
        width, height = clip.get(cv2.CAP_PROP_FRAME_WIDTH), clip.get(cv2.CAP_PROP_FRAME_HEIGHT)
        fps = clip.get(cv2.CAP_PROP_FPS)
        if not clip.isOpened() or not 0 < width * height <= PIXELS_MAX or not 1 <= fps <= FPS_MAX:
            raise ValueError("no clip that can be played")
        due = [
            (second, round((second + (place + 0.5) / LOOKS) * fps - 0.5))
            for second in range(last_second + 1)
            for place in range(LOOKS)
        ]
        number = -1
        for second, wanted in due:
            while number < wanted:
                if not clip.grab():
                    return
                number += 1
            there, picture = clip.retrieve()
            if there and picture is not None and picture.size:
                yield second, np.asarray(picture, np.uint8)
    finally:
        clip.release()


def _clip(folder: Path, name: str) -> Path:
    path = folder / name
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError("not a file of this folder")
    if not path.is_file():
        raise ValueError("missing")
    return path


def _counts(folder: Path) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for number, row in enumerate(labels(folder, ("video", "second", "count"), TABLE), 2):
        if not row["second"].isdecimal() or not row["count"].isdecimal():
            raise NothingToScore(f"{folder / TABLE}, line {number}: second and count are whole numbers")
        if int(row["second"]) >= SECONDS_MAX:
            raise NothingToScore(f"{folder / TABLE}, line {number}: a clip has at most {SECONDS_MAX} seconds")
        found.setdefault(row["video"], {})[int(row["second"])] = int(row["count"])
    return found


def people_lines(score: PeopleScore) -> Iterator[str]:
    """The table for people."""
    said = score.as_json()
    yield f"  {said['n']} seconds: {said['exact']:.1%} counted exactly, {said['mae']:.3f} off on average"
    yield f"  processor time of a look: median {said['cpu_ms_p50']:.1f} ms, p95 {said['cpu_ms_p95']:.1f} ms"
    yield from (
        f"  wrong: {row['video']}, second {row['second']}: {row['counted']} counted of {row['count']}"
        for row in said["wrong"]
    )
    yield from (f"  not counted: {words}" for words in score.refused)
