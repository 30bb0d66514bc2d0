"""From features to an embedding: directions in which kinds differ and photos of one kind do not.

Linear discriminant analysis with shrinkage: features are whitened by what photos of one kind differ in, then
the directions of largest spread are kept. By angles in that room a picture is compared with a kind, or with
five photos of a new article.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def discriminant(
    features: Floats, kinds: Numbers, dimensions: int, shrinkage: float
) -> tuple[Floats, Floats]:
    """(matrix: dimensions x features, bias) for photos (n x features) of kinds 0, 1, … (n)."""
    means = means_of(features, kinds)
    within = np.cov((features - means[kinds]).T, bias=True)
    level = np.trace(within) / len(within)
    values, vectors = np.linalg.eigh((1 - shrinkage) * within + shrinkage * level * np.eye(len(within)))
    whitening = vectors / np.sqrt(values) @ vectors.T
    centre = features.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov(((features - centre) @ whitening).T, bias=True))
    matrix = directions[:, ::-1][:, :dimensions].T @ whitening
    return matrix, -matrix @ centre


def prototypes(embeddings: Floats, kinds: Numbers) -> Floats:
    """Each kind's direction: the mean of its photos', of length 1."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    means = means_of(unit, kinds)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))


def means_of(features: Floats, kinds: Numbers) -> Floats:
    """The mean of each kind's rows."""
    return np.stack([features[kinds == kind].mean(axis=0) for kind in range(kinds.max() + 1)])


def sure_above(shares: Floats, right: npt.NDArray[np.bool_], right_share_min: float) -> float:
    """The lowest share from which on answers are right often enough; 1.0 where there is no such share."""
    order = np.argsort(-shares, kind="stable")
    hits = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(hits >= right_share_min)
    return float(shares[order][good[-1]]) if len(good) else 1.0
