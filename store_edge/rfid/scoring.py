"""How good the judgement is on recorded logs with truth: `emma score reads`.

Nothing is fitted here: the parameters were there before. Each log is cut into windows of so many seconds, and
a window is judged by its own reads. Two things may know more than the window, and each has a row without it:
residents (`store_edge/rfid/residents.py`), learned without truth from logs that are older, and a filter that
follows a tag's zone through the earlier windows of its log.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from store_edge.rfid.features import Floats
from store_edge.rfid.following import follow
from store_edge.rfid.judge import Parameters, calibration_error, in_box_chances, sense_chance, zone_chances
from store_edge.rfid.log import BadLog, Log, read_log
from store_edge.rfid.residents import INSIDE_FROM, Residents
from store_edge.rfid.training import (
    ANTENNAS,
    BOX_AFTER_S,
    ZONE_AFTER_S,
    box_examples,
    heading_of,
    moved,
    true_zone,
    windows,
    zone_example,
)

FILES_MAX = 10_000
DRAWS = 400
"""Bootstrap draws over logs for the intervals; their seed is fixed."""
SEED = 5
FRESH, FOLLOWED, ECE = "_fresh", "_followed", "ece"
ABOUT_ECE = "how far chances are from what came true (ECE)"
ORDER = ("in", "zone", "direction")

Bools = npt.NDArray[np.bool_]


class NothingToScore(Exception):
    """No log in this folder has a truth to score."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The decisions of one log: how sure, what is so, and how many it never came to."""

    chance: Floats
    """That the tag is inside, or that the named zone or sense is right."""
    truth: Bools
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: a value with its interval (95 %, bootstrap over logs), n decisions, wrong and missing ones."""

    key: str
    about: str
    value: float
    low: float
    high: float
    n: int
    wrong: int
    missing: int


@dataclass(frozen=True, slots=True)
class Score:
    """Everything `emma score reads` says about a folder."""

    figures: tuple[Figure, ...]
    logs: dict[str, int]
    bad_rows: int
    refused: tuple[str, ...]
    """Why some files were no logs."""

    def as_json(self) -> dict[str, object]:
        """Figure by key; then what was counted."""
        values: dict[str, object] = {figure.key: round(figure.value, 4) for figure in self.figures}
        counts = {f.key: {"n": f.n, "wrong": f.wrong, "missing": f.missing} for f in self.figures}
        return {**values, "counts": counts, "logs": self.logs, "bad_rows": self.bad_rows}


def read_folder(folder: Path) -> tuple[list[Log], list[str]]:
    """(logs in the order they were recorded, why other files are none). Raises OSError."""
    logs, refused = [], []
    for path in sorted(folder.rglob("*.csv"))[:FILES_MAX]:
        try:
            logs.append(read_log(path))
        except BadLog as error:
            refused.append(str(error))
    return sorted(logs, key=lambda log: (log.began_s, log.name)), refused


def score_logs(logs: Sequence[Log], parameters: Parameters, refused: Sequence[str] = ()) -> Score:
    """Raises NothingToScore."""
    judged = judgements(logs, parameters, with_memory=True)
    if not judged:
        raise NothingToScore("no log here says where its tags were")
    kinds = {"box": 0, "zone": 0, "line": 0, "without truth": 0}
    for log in logs:
        kinds[log.kind or "without truth"] += 1
    figures = [*judged_figures(judged), _figure(ECE, ABOUT_ECE, _first_of_each(judged), _ece)]
    return Score(tuple(figures), kinds, sum(log.bad_rows for log in logs), tuple(refused))


def judgements(logs: Sequence[Log], parameters: Parameters, *, with_memory: bool) -> dict[str, list[Judged]]:
    """By key, one `Judged` for each log of the kind; what needs more than the window only `with_memory`."""
    box = [log for log in logs if log.kind == "box"]
    zone = [log for log in logs if log.zone is not None and np.isin(log.zone, ANTENNAS).all()]
    line = [log for log in logs if log.kind == "line" and math.hypot(*heading_of(log)) > 0]
    found = {}
    for after_s in BOX_AFTER_S if box else ():
        if with_memory:
            found[f"in_box_f1_{after_s:g}s"] = judge_boxes(box, parameters, after_s, with_residents=True)
        found[f"in_box_f1_{after_s:g}s{FRESH}"] = judge_boxes(box, parameters, after_s, with_residents=False)
    for after_s in ZONE_AFTER_S if zone else ():
        found[f"zone_{after_s:g}s"] = judge_zones(zone, parameters, after_s, followed=False)
        if with_memory:
            found[f"zone_{after_s:g}s{FOLLOWED}"] = judge_zones(zone, parameters, after_s, followed=True)
    if line:
        found["direction"] = judge_lines(line, parameters)
    return found


def judged_figures(judged: Mapping[str, Sequence[Judged]]) -> tuple[Figure, ...]:
    """One figure for each key, in the order of `ORDER`."""
    keys = sorted(judged, key=lambda key: (ORDER.index(key.split("_")[0]), key.endswith((FRESH, FOLLOWED))))
    return tuple(
        _figure(key, _about(key), judged[key], _f1 if key.startswith("in_box") else _right) for key in keys
    )


def _about(key: str) -> str:
    kind, after_s = key.split("_")[0], next((part for part in key.split("_") if part[:-1].isdigit()), "")
    words = {
        "in": f"in the box or a stray, F1 after {after_s}",
        "zone": f"zone of a moving tag, {after_s} of reads",
        "direction": "the way along a line",
    }[kind]
    if key.endswith(FRESH):
        return f"{words}, residents unknown"
    return f"{words}, and what was before" if key.endswith(FOLLOWED) else words


def _first_of_each(judged: Mapping[str, Sequence[Judged]]) -> list[Judged]:
    """The decisions a shop goes by: boxes with residents, zones by their window, the way along a line."""
    return [one for key, every in judged.items() if not key.endswith((FRESH, FOLLOWED)) for one in every]


def judge_boxes(
    logs: Iterable[Log], parameters: Parameters, after_s: float, *, with_residents: bool
) -> list[Judged]:
    """One `Judged` for each log, in the order recorded; residents come from the logs before."""
    residents, found = Residents(), []
    for log in logs:
        truth = log.in_box if log.in_box is not None else np.zeros(len(log.epcs), bool)
        chances, truths, missing = [], [], 0
        for window in windows(log, after_s):
            read, features = box_examples(window)
            chance = in_box_chances(parameters, after_s, features)
            if with_residents:
                chance = residents.weigh((log.epcs[tag] for tag in read), chance, log.began_s)
            chances.append(chance)
            truths.append(truth[read])
            missing += int(truth.sum() - truth[read].sum())
        _remember(residents, log, parameters)
        found.append(Judged(np.concatenate(chances), np.concatenate(truths), missing))
    return found


def _remember(residents: Residents, log: Log, parameters: Parameters) -> None:
    """When a log is over its tags are known, as far as all its reads tell."""
    length_s = float(log.time_s[-1]) + 1e-3
    for window in windows(log, length_s):
        read, features = box_examples(window)
        chance = residents.weigh(
            (log.epcs[tag] for tag in read), in_box_chances(parameters, length_s, features), log.began_s
        )
        judged = [(log.epcs[tag], float(sure)) for tag, sure in zip(read, chance, strict=True)]
        residents.remember(judged, log.began_s)


def judge_zones(
    logs: Iterable[Log], parameters: Parameters, after_s: float, *, followed: bool
) -> list[Judged]:
    """For each log how sure each window is of its best zone, and whether that is right."""
    found = []
    for log in logs:
        chances = np.array(
            [zone_chances(parameters, after_s, zone_example(window)) for window in windows(log, after_s)]
        )
        if followed:
            chances = follow(chances, after_s)
        truth = np.array([ANTENNAS.index(true_zone(window)) for window in windows(log, after_s)])
        right = chances.argmax(axis=1) == truth
        found.append(Judged(chances.max(axis=1), right))
    return found


def judge_lines(logs: Iterable[Log], parameters: Parameters) -> list[Judged]:
    """For each log how sure the sense along its line is, and whether it is right; no shift: missing."""
    found = []
    for log in logs:
        chance = sense_chance(parameters, moved(log), heading_of(log))
        if chance == INSIDE_FROM:
            found.append(Judged(np.empty(0), np.empty(0, bool), missing=1))
        else:
            found.append(Judged(np.array([max(chance, 1 - chance)]), np.array([chance > INSIDE_FROM])))
    return found


def _f1(judged: Sequence[Judged]) -> float:
    chance, truth = _all(judged)
    said = chance >= INSIDE_FROM
    both = int((said & truth).sum())
    return 2 * both / max(1, int(said.sum() + truth.sum()))


def _right(judged: Sequence[Judged]) -> float:
    truth = _all(judged)[1]
    return float(truth.mean()) if len(truth) else 0.0


def _ece(judged: Sequence[Judged]) -> float:
    return calibration_error(*_all(judged))


def _all(judged: Sequence[Judged]) -> tuple[Floats, Bools]:
    return np.concatenate([one.chance for one in judged]), np.concatenate([one.truth for one in judged])


def _figure(
    key: str, about: str, judged: Sequence[Judged], value: Callable[[Sequence[Judged]], float]
) -> Figure:
    rng = np.random.default_rng(SEED)
    draws = [value([judged[at] for at in rng.integers(len(judged), size=len(judged))]) for _ in range(DRAWS)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    chance, truth = _all(judged)
    wrong = int(((chance >= INSIDE_FROM) != truth).sum()) if key.startswith("in_box") else int((~truth).sum())
    missing = sum(one.missing for one in judged)
    return Figure(
        key, about, value(judged), float(low), float(high), len(truth), 0 if key == ECE else wrong, missing
    )
