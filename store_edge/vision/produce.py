"""Names loose produce: one look through the network gives an embedding, and what lies near is what it may be.

The network is a file of the registry (`registry.py`). Near are the kinds it was trained on, and the articles
that the store taught it (`taught.py`). What is known beside the picture, weight and season, is added as a
prior (`priors.py`). Where the best is not sure enough, the shopper is asked: three pictures, one touch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from store_edge.vision.registry import BadModel
from store_edge.vision.taught import Taught

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

ABOUT = "emma.produce"
"""The key of the model's metadata under which its labels and its threshold stand."""
SHOWN = 3
SIDE_PIXELS_MAX = 1024
DIMENSIONS_MAX = 4096
KINDS_MAX = 10_000
PICTURE_SHAPES = "1 x side x side x 3 bytes in, 1 x d floats `embedding` (and 1 x n `likeness`) out"


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing it may be. `key`: a fine label, or what the store taught it as; `share`: a probability."""

    key: str
    share: float


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture may show, the likeliest first. `sure`: need nobody be asked?"""

    guesses: tuple[Guess, ...]
    sure: bool
    embedding: Floats


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a model was trained on: fine labels, their coarse ones, and how its likenesses become shares."""

    fine: tuple[str, ...] = ()
    coarse: tuple[str, ...] = ()
    scale: float = 20.0
    """What a cosine is multiplied with before the softmax."""
    sure_share_min: float = 0.9


class ProduceEye:
    """A loaded model. One thread; not for several threads at once. Raises BadModel for anything else."""

    def __init__(self, data: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is said once, in our words
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each thing that may be wrong
            raise BadModel(f"this is no model that can be run: {str(error)[:200]}") from error
        self._side = self._checked_side()
        self.kinds = _kinds(self._session.get_modelmeta().custom_metadata_map)
        self._outputs = ["embedding", "likeness"] if self.kinds.fine else ["embedding"]
        self._must_fit()

    def look(
        self, picture: Picture, taught: Taught | None = None, prior: Mapping[str, float] | None = None
    ) -> Look:
        """What a picture (height x width x 3, BGR) may show. ValueError for no picture.

        `prior` holds natural logarithms; a key that is absent counts as 0.
        """
        embedding, likeness = self.embed(picture)
        return self.judge(embedding, likeness, taught, prior)

    def embed(self, picture: Picture) -> tuple[Floats, Floats]:
        """(embedding of length 1, likeness to each kind as a cosine). ValueError for no picture."""
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
            raise ValueError("a picture has height, width and three bytes for each pixel")
        small = cv2.resize(picture, (self._side, self._side), interpolation=cv2.INTER_AREA)
        outcome = self._session.run(self._outputs, {self._input: small[None, :, :, ::-1]})
        embedding = np.asarray(outcome[0][0], np.float32)
        likeness = np.asarray(outcome[1][0], np.float32) if self.kinds.fine else np.empty(0, np.float32)
        return embedding / max(float(np.linalg.norm(embedding)), 1e-9), likeness

    def judge(
        self,
        embedding: Floats,
        likeness: Floats,
        taught: Taught | None = None,
        prior: Mapping[str, float] | None = None,
        sold: Mapping[str, str] | None = None,
    ) -> Look:
        """Ranks kinds and taught articles; one that is both counts by what is nearer.

        `sold` says of each label that can be meant at all what it is called here; None: all, by their labels.
        """
        near: dict[str, float] = {}
        for label, cosine in zip(self.kinds.fine, likeness.tolist(), strict=True):
            if sold is None or label in sold:
                key = label if sold is None else sold[label]
                near[key] = max(cosine, near.get(key, -1.0))
        for key, cosine in (taught.near(embedding) if taught is not None else {}).items():
            near[key] = max(cosine, near.get(key, -1.0))
        if not near:
            return Look((), False, embedding)
        known = prior or {}
        keys = list(near)
        weight = np.array([self.kinds.scale * near[key] + known.get(key, 0.0) for key in keys])
        share = np.exp(weight - weight.max())
        share /= share.sum()
        best = np.argsort(-share, kind="stable")[:SHOWN]
        guesses = tuple(Guess(keys[place], float(share[place])) for place in best)
        return Look(guesses, guesses[0].share >= self.kinds.sure_share_min, embedding)

    def _checked_side(self) -> int:
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if len(inputs) == 1 else []
        fits = (
            len(shape) == 4 and shape[1] == shape[2] and shape[3] == 3 and inputs[0].type == "tensor(uint8)"
        )
        if not fits or not isinstance(shape[1], int) or not 16 <= shape[1] <= SIDE_PIXELS_MAX:
            raise BadModel(f"this model takes something else than a picture: {shape}; {PICTURE_SHAPES}")
        self._input = inputs[0].name
        return shape[1]

    def _must_fit(self) -> None:
        """One empty picture through the network shows what its outputs are, whatever the file says."""
        gives = {output.name for output in self._session.get_outputs()}
        if not gives >= set(self._outputs):
            raise BadModel(f"this model gives {sorted(gives)}, not {self._outputs}; {PICTURE_SHAPES}")
        try:
            embedding, likeness = self.embed(np.zeros((self._side, self._side, 3), np.uint8))
        except Exception as error:  # as above: whatever onnxruntime raises
            raise BadModel(f"this model cannot look at a picture: {str(error)[:200]}") from error
        if embedding.ndim != 1 or not 1 <= embedding.size <= DIMENSIONS_MAX:
            raise BadModel(f"this model's embedding is {embedding.shape}; {PICTURE_SHAPES}")
        if likeness.shape != (len(self.kinds.fine),):
            raise BadModel(
                f"{len(self.kinds.fine)} labels, but {likeness.shape} likenesses; {PICTURE_SHAPES}"
            )


def _kinds(metadata: Mapping[str, str]) -> Kinds:
    if ABOUT not in metadata:
        return Kinds()
    try:
        about: Any = json.loads(metadata[ABOUT])
        fine, coarse = (tuple(str(pair[place]) for pair in about["labels"]) for place in (0, 1))
        kinds = Kinds(fine, coarse, float(about["scale"]), float(about["sure_share_min"]))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadModel(f"what this model says of its labels cannot be read: {error!r}") from error
    if len(fine) > KINDS_MAX or len(set(fine)) < len(fine):
        raise BadModel("this model has too many labels, or one of them twice")
    return kinds
