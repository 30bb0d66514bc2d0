"""Weights for the judgement: from the simulator for what ships, from labelled logs for one site's own.

Which examples a log gives is written once here, so that training, calibration and scoring look at the same
windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from store_edge.rfid import simulator
from store_edge.rfid.features import Floats, tag_features, zone_features
from store_edge.rfid.fitting import fit_choice, fit_two_classes
from store_edge.rfid.judge import Parameters, shift
from store_edge.rfid.log import Log

BOX_AFTER_S = (1.0, 3.0, 5.0, 30.0)
ZONE_AFTER_S = (1.0, 5.0)
WINDOW_FILLED_MIN = 0.9
"""A last window that is shorter is left out."""
ANTENNAS = (1, 2, 3, 4)
CORNERS = dict(zip(ANTENNAS, 2 * simulator.CORNERS - 1, strict=True))
"""Where four antennas hang, in half sides of their square; zone n is the quarter at antenna n."""
BOX_LOGS, ZONE_LOGS, LINE_LOGS = 240, 240, 600
WINDOWS_A_LOG_MAX = 4

Told = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one log: where its reads are."""

    log: Log
    evidence_s: float
    which: slice


def windows(log: Log, seconds: float) -> Iterator[Window]:
    """The log cut into stretches of so many seconds, one after the other."""
    if not len(log):
        return
    ends = float(log.time_s[-1]) + 1e-6
    for number in range(max(1, int(ends / seconds + 1 - WINDOW_FILLED_MIN))):
        first, last = np.searchsorted(log.time_s, [number * seconds, (number + 1) * seconds])
        if last > first:
            yield Window(log, seconds, slice(int(first), int(last)))


def box_examples(window: Window) -> tuple[npt.NDArray[np.int64], Floats]:
    """(tags read in the window, their features)."""
    log, which = window.log, window.which
    return tag_features(
        log.time_s[which], log.antenna[which], log.rssi_dbm[which], log.tag[which], len(log.epcs)
    )


def zone_example(window: Window) -> Floats:
    """Features of each antenna, for the tags of the window as one."""
    known = np.isin(window.log.antenna[window.which], ANTENNAS)
    return zone_features(
        window.log.antenna[window.which][known], window.log.rssi_dbm[window.which][known], ANTENNAS
    )


def true_zone(window: Window) -> int:
    """The zone in which the tag was for most of the window's reads. Needs a log of the kind zone."""
    zones = np.empty(0, int) if window.log.zone is None else window.log.zone[window.which]
    named, count = np.unique(zones, return_counts=True)
    return int(named[count.argmax()])


def moved(log: Log) -> tuple[float, float]:
    """How far the tag of a log shifted, in half sides of the square between the antennas."""
    known = np.isin(log.antenna, ANTENNAS)
    places = np.array([CORNERS[int(antenna)] for antenna in log.antenna[known]]).reshape(-1, 2)
    return shift(log.time_s[known], places, log.rssi_dbm[known])


def heading_of(log: Log) -> tuple[float, float]:
    """Where it truly went, from start to end. Needs a log of the kind line."""
    (x, y), (to_x, to_y) = log.start_m or (0.0, 0.0), log.end_m or (0.0, 0.0)
    return to_x - x, to_y - y


def fit_box(logs: Iterable[Log], after_s: float, windows_max: int | None = None) -> tuple[float, Floats]:
    """Bias and weights from logs with the truth of a box. Raises ValueError without both classes."""
    rows, truth = [], []
    for log in logs:
        for window in list(windows(log, after_s))[:windows_max]:
            read, features = box_examples(window)
            rows.append(features)
            truth.append((log.in_box if log.in_box is not None else np.zeros(len(log.epcs), bool))[read])
    if not rows:
        raise ValueError("there is no log of a box")
    return fit_two_classes(np.concatenate(rows), np.concatenate(truth))


def fit_zone(logs: Iterable[Log], after_s: float) -> Floats:
    """Weights from logs of a tag in a known zone. Raises ValueError where there is none."""
    every = [window for log in logs for window in windows(log, after_s)]
    found = [(zone_example(w), ANTENNAS.index(true_zone(w))) for w in every if true_zone(w) in ANTENNAS]
    if not found:
        raise ValueError("there is no log of a zone")
    return fit_choice(np.array([row for row, _ in found]), np.array([zone for _, zone in found]))


def fit_heading(logs: Sequence[Log]) -> float:
    """Log odds for a shift of one half side. Raises ValueError where there is no log of a line."""
    along = [np.array(heading_of(log)) / np.hypot(*heading_of(log)) for log in logs]
    component = np.array([np.array(moved(log)) @ way for log, way in zip(logs, along, strict=True)])
    if not len(component):
        raise ValueError("there is no log of a line")
    # Both ways round each log is an example, so no bias can creep in.
    both = np.concatenate([component, -component])[:, None]
    _, weights = fit_two_classes(both, np.arange(len(both)) < len(component))
    return float(weights[0])


def train_on_simulator(seed: int, told: Told = lambda _: None, share: float = 1.0) -> Parameters:
    """What ships: weights from simulated places alone. `told` hears the share that is done."""
    makers = (
        (simulator.box_log, max(8, int(BOX_LOGS * share))),
        (simulator.zone_log, max(8, int(ZONE_LOGS * share))),
        (simulator.line_log, max(8, int(LINE_LOGS * share))),
    )
    total, done, made = sum(many for _, many in makers), 0, []
    for kind, (make, many) in enumerate(makers):
        logs = []
        for number in range(many):
            logs.append(make(np.random.default_rng((seed, kind, number))))
            done += 1
            told(done / total)
        made.append(logs)
    box, zone, line = made
    card = {
        "source": "the simulator in store_edge/rfid/simulator.py; no recorded log was used",
        "command": f"emma rfid train --seed {seed}",
        "seed": str(seed),
        "logs": f"{len(box)} of a box, {len(zone)} of zones, {len(line)} of lines",
    }
    return Parameters(
        card,
        {after_s: fit_box(box, after_s, WINDOWS_A_LOG_MAX) for after_s in BOX_AFTER_S},
        {after_s: fit_zone(zone, after_s) for after_s in ZONE_AFTER_S},
        fit_heading(line),
    )


def calibrated(base: Parameters, logs: Sequence[Log], name: str) -> Parameters:
    """The base's weights, with those that a site's labelled logs can replace replaced by the logs' own."""
    box = [log for log in logs if log.kind == "box"]
    zone = [log for log in logs if log.kind == "zone"]
    line = [log for log in logs if log.kind == "line"]
    card = {
        "source": f"calibration on {len(logs)} logs of {name}; what these lack is as in the base",
        "command": "emma rfid calibrate",
        "base": base.card.get("command", ""),
    }
    return Parameters(
        card,
        {after_s: fit_box(box, after_s) for after_s in BOX_AFTER_S} if box else base.in_box,
        {after_s: fit_zone(zone, after_s) for after_s in ZONE_AFTER_S} if zone else base.zone,
        fit_heading(line) if line else base.heading,
    )
