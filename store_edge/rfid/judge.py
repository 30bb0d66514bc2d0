"""From features to chances: is a tag in the box, which zone is it in, which way was it carried.

The weights are read from a file that a person can read. `parameters.toml` beside this module comes from the
simulator alone; a site may put its own calibration in its place.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from store_edge.rfid.features import TAG_FEATURES, ZONE_FEATURES, Floats
from store_edge.rfid.fitting import sigmoid, softmax

SHIPPED = Path(__file__).with_name("parameters.toml")


class BadParameters(ValueError):
    """The file holds no parameters of this form."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights by the seconds of evidence that they were fitted for, and the card that says where from."""

    card: dict[str, str]
    in_box: dict[float, tuple[float, Floats]]
    """(bias, weight of each of `TAG_FEATURES`)."""
    zone: dict[float, Floats]
    """Weight of each of `ZONE_FEATURES`."""
    heading: float
    """Log odds that a shift of one half side points the right way."""


def load_parameters(path: Path = SHIPPED) -> Parameters:
    """Raises BadParameters, and OSError where there is no such file."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        in_box = {
            float(row["after_s"]): (float(row["bias"]), _weights(row, TAG_FEATURES))
            for row in table["in_box"]
        }
        zone = {float(row["after_s"]): _weights(row, ZONE_FEATURES) for row in table["zone"]}
        return Parameters(dict(table["card"]), in_box, zone, float(table["heading"]["log_odds_per_shift"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadParameters(f"{path}: {error!r}") from error


def _weights(row: dict[str, float], names: tuple[str, ...]) -> Floats:
    weights = np.array([float(row[name]) for name in names])
    if not np.isfinite(weights).all():
        raise ValueError("a weight is no number")
    return weights


def parameters_text(parameters: Parameters) -> str:
    """The file's text."""
    lines = [
        "# Weights of the judgement about tag reads. Written by `emma rfid train` or `emma rfid calibrate`."
    ]
    lines += ["", "[card]", *(f"{key} = {_quoted(value)}" for key, value in parameters.card.items())]
    for after_s, (bias, weights) in sorted(parameters.in_box.items()):
        lines += [
            "",
            "[[in_box]]",
            f"after_s = {after_s}",
            f"bias = {bias:.4f}",
            *_named(TAG_FEATURES, weights),
        ]
    for after_s, weights in sorted(parameters.zone.items()):
        lines += ["", "[[zone]]", f"after_s = {after_s}", *_named(ZONE_FEATURES, weights)]
    lines += ["", "[heading]", f"log_odds_per_shift = {parameters.heading:.4f}"]
    return "\n".join(lines) + "\n"


def _named(names: tuple[str, ...], weights: Floats) -> list[str]:
    return [f"{name} = {weight:.4f}" for name, weight in zip(names, weights, strict=True)]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def in_box_chances(parameters: Parameters, evidence_s: float, features: Floats) -> Floats:
    """The chance for each row of `TAG_FEATURES` that this tag lies in the box."""
    bias, weights = parameters.in_box[_nearest(evidence_s, parameters.in_box)]
    return sigmoid(bias + features @ weights)


def zone_chances(parameters: Parameters, evidence_s: float, features: Floats) -> Floats:
    """The chance of each antenna's zone from its row of `ZONE_FEATURES`."""
    return softmax(features @ parameters.zone[_nearest(evidence_s, parameters.zone)])


def _nearest(evidence_s: float, fitted: Iterable[float]) -> float:
    return min(fitted, key=lambda after_s: abs(math.log(after_s / max(evidence_s, 1e-3))))


def shift(time_s: Floats, places: Floats, rssi_dbm: Floats) -> tuple[float, float]:
    """Where the tag went: the reads' centre late less their centre early, in the unit of `places`.

    `places` is where the antenna of each read hangs (reads x 2). A read weighs as its power, and more the
    farther it is from the middle of the way in time.
    """
    if len(time_s) < 2 or time_s[-1] <= time_s[0]:
        return 0.0, 0.0
    phase = 2 * (time_s - time_s[0]) / (time_s[-1] - time_s[0]) - 1
    power = 10 ** (rssi_dbm / 10)
    late, early = power * np.maximum(phase, 0), power * np.maximum(-phase, 0)
    if not late.sum() or not early.sum():
        return 0.0, 0.0
    moved = late @ places / late.sum() - early @ places / early.sum()
    return float(moved[0]), float(moved[1])


def sense_chance(parameters: Parameters, moved: tuple[float, float], along: tuple[float, float]) -> float:
    """The chance that a tag that shifted so went along this direction, and not against it.

    `moved` is in half sides of the square between the antennas; only the direction of `along` counts.
    """
    length = math.hypot(*along)
    component = (moved[0] * along[0] + moved[1] * along[1]) / length if length else 0.0
    return float(sigmoid(np.array(parameters.heading * component)))


def calibration_error(chance: Floats, was_right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: how far chances are from what came true, over bins of equal width.

    Guo et al., "On calibration of modern neural networks", 2017, equation 3.
    """
    if not len(chance):
        return math.nan
    which = np.minimum((chance * bins).astype(int), bins - 1)
    gaps = np.abs(np.bincount(which, chance, bins) - np.bincount(which, was_right, bins))
    return float(gaps.sum() / len(chance))
