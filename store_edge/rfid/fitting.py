"""Logistic regression by Newton's method: two classes, or a choice among antennas with shared weights.

A model of ten numbers needs no library: every step solves one small linear system, and a box in a shop can
do it after a calibration walk.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEPS_MAX = 60
SHRINKAGE = 1.0
"""Weight of the ridge, in rows, on standardised features; keeps weights finite where classes separate."""
CHANGE_MIN = 1e-7


def fit_two_classes(rows: Floats, is_one: npt.NDArray[np.bool_]) -> tuple[float, Floats]:
    """(bias, weights) on the raw features, so that sigmoid(bias + rows @ weights) is the chance of one.

    Raises ValueError where one of the classes is absent.
    """
    if is_one.all() or not is_one.any():
        raise ValueError("there must be examples of both classes")
    middle, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(rows)), (rows - middle) / spread])
    ridge = SHRINKAGE * np.diag([0.0, *np.ones(rows.shape[1])])
    found = np.zeros(design.shape[1])
    for _ in range(STEPS_MAX):
        chance = sigmoid(design @ found)
        slope = design.T @ (is_one - chance) - ridge @ found
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + ridge + 1e-9 * np.eye(len(found))
        step = np.clip(np.linalg.solve(bend, slope), -3, 3)
        found += step
        if np.abs(step).max() < CHANGE_MIN:
            break
    weights = found[1:] / spread
    return float(found[0] - middle @ weights), weights


def fit_choice(choices: Floats, taken: npt.NDArray[np.int64]) -> Floats:
    """Weights such that softmax(choices @ weights) is the chance of each choice.

    `choices` is cases x choices x features; the same weights hold for every choice, so no antenna is special
    (conditional logit: McFadden, "Conditional logit analysis of qualitative choice behavior", 1974).
    """
    spread = np.maximum(choices.std(axis=(0, 1)), 1e-9)
    cases, found = choices / spread, np.zeros(choices.shape[2])
    for _ in range(STEPS_MAX):
        chance = softmax(cases @ found)
        expected = np.einsum("nc,ncf->nf", chance, cases)
        slope = (cases[np.arange(len(taken)), taken] - expected).sum(axis=0) - SHRINKAGE * found
        off = cases - expected[:, None]
        bend = np.einsum("nc,ncf,ncg->fg", chance, off, off) + SHRINKAGE * np.eye(len(found))
        step = np.clip(np.linalg.solve(bend, slope), -3, 3)
        found += step
        if np.abs(step).max() < CHANGE_MIN:
            break
    weights: Floats = found / spread
    return weights


def sigmoid(log_odds: Floats) -> Floats:
    """The chance that belongs to log odds."""
    chance: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -40, 40)))
    return chance


def softmax(scores: Floats) -> Floats:
    """Chances along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    chances: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return chances
