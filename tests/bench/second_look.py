"""How well the counter's second look counts: `python -m tests.bench.second_look [BASKETS [SEED]]`.

Composed baskets (`composed_counter.py`), three clean ones for each with a thing passed by, and the clip of
bottles (`../shared/data/video`) by the labels in `tests/recordings/counter/bottles.csv`.
"""

from __future__ import annotations

import csv
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from store_edge.vision.scoring import wilson
from store_edge.vision.second_look import SecondLook
from tests.bench.composed_counter import Basket, Moment, surfaces

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / "shared")
LABELS = Path(__file__).parents[1] / "recordings" / "counter" / "bottles.csv"
SURE_MIN = 0.9
"""As `checkout.loss` asks."""
LEARNING_FRAMES = 12
EVERY = 3
"""Ten frames a second of the clip's thirty."""
SEAM = 430
"""Left of it the clip's counter is empty from frame 590 on, right of it from frame 995."""


@dataclass
class Outcome:
    moments: int = 0
    right: int = 0
    unsettled: int = 0
    clean: int = 0
    alarms: list[int] = field(default_factory=list)
    passed_by: int = 0
    noticed: int = 0
    wrong: list[tuple[int, int, int]] = field(default_factory=list)
    """Seed or frame, how many things lie there, how many were counted."""

    def lines(self) -> list[str]:
        low, high = wilson(self.right, self.moments)
        share = f"{self.right} ({low:.1%} to {high:.1%})"
        said = [f"settled moments {self.moments}, right {share}, not yet settled {self.unsettled}"]
        if self.clean:
            said.append(f"clean baskets {self.clean}, alarms {len(self.alarms)}: {self.alarms[:20]}")
        if self.passed_by:
            low, high = wilson(self.noticed, self.passed_by)
            said.append(f"passed by {self.passed_by}, noticed {self.noticed} ({low:.1%} to {high:.1%})")
        return said


def composed(things: list[npt.NDArray[np.uint8]], seeds: range, *, passed_by: bool, into: Outcome) -> None:
    """Count baskets. Judged is the last frame of every rest."""
    for seed in seeds:
        look, before, alarm = SecondLook(), None, False
        for moment in Basket(seed, things, passed_by).moments():
            said = look.look(moment.picture, moment.at_s)
            if before is not None and before[0].pieces is not None and moment.pieces is None:
                _judge(into, seed, *before)
            alarm |= said.settled and said.sure >= SURE_MIN and said.pieces > moment.scanned
            before = (moment, said.pieces if said.settled else None)
        if before is not None:
            _judge(into, seed, *before)
        if passed_by:
            into.passed_by += 1
            into.noticed += alarm
        else:
            into.clean += 1
            into.alarms += [seed] if alarm else []


def _judge(into: Outcome, seed: int, moment: Moment, counted: int | None) -> None:
    assert moment.pieces is not None
    if moment.pieces == 0 and counted is None:
        return  # it learns the empty counter
    if counted is None:
        into.unsettled += 1
        return
    into.moments += 1
    into.right += counted == moment.pieces
    if counted != moment.pieces:
        into.wrong.append((seed, moment.pieces, counted))


def bottles(clip: Path) -> Outcome:
    """Count the clip's bottles, the counter having been seen empty."""
    frames = _frames(clip)
    with LABELS.open(newline="", encoding="utf-8") as lines:
        labels = {int(row["frame"]): row["count"] for row in csv.DictReader(lines)}
    look, outcome = SecondLook(), Outcome()
    for number in range(LEARNING_FRAMES):
        empty = frames[590 + number].copy()
        empty[:, SEAM:] = frames[995 + number][:, SEAM:]
        look.look(empty, number / 30)
    for number, frame in enumerate(frames):
        if number % EVERY:
            continue
        said = look.look(frame, 1 + number / 29.83)
        if not labels.get(number):
            continue
        if said.settled:
            outcome.moments += 1
            outcome.right += said.pieces == int(labels[number])
        else:
            outcome.unsettled += 1
    return outcome


def _frames(clip: Path) -> list[npt.NDArray[np.uint8]]:
    video, frames = cv2.VideoCapture(str(clip)), []
    while (read := video.read())[0]:
        frames.append(np.asarray(read[1], np.uint8))
    video.release()
    return frames


def main() -> None:
    cv2.setNumThreads(1)
    baskets = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 40_000
    data = SHARED / "data"
    things = surfaces(data / "produce")
    outcome = Outcome()
    for number in range(baskets):
        composed(things, range(seed + number, seed + number + 1), passed_by=False, into=outcome)
        if number % 3 == 0:
            other = seed + baskets + number
            composed(things, range(other, other + 1), passed_by=True, into=outcome)
        if number % 25 == 24:
            print("; ".join(outcome.lines()), outcome.wrong, flush=True)
    print("bottles:", *bottles(data / "video" / "bottle-detection.mp4").lines())


if __name__ == "__main__":
    main()
