"""A detector is exactly the file that was asked for, of the shapes that are read, or refused in words."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from store_edge.vision import detector as room
from store_edge.vision.detector import Detector, UnfitModel
from tests.store_edge.vision.onnx_by_hand import identity

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / ".." / "shared")
MODEL = SHARED / "models" / "yolox_nano.onnx"
needs_model = pytest.mark.skipif(not MODEL.exists(), reason="no model: set EMMA_SHARED")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ([1, 4], "something else than a picture"),
        ([1, 3, 64, 48], "something else than a picture"),
        ([1, 3, 50, 50], "something else than a picture"),
        ([1, 3, 4096, 4096], "something else than a picture"),
        ([1, 3, 64, 64], "this model gives"),
    ],
)
def test_a_model_of_other_shapes_is_refused(shape: list[int], words: str) -> None:
    with pytest.raises(UnfitModel, match=words):
        Detector(identity(shape))


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(UnfitModel, match="no model that can be run"):
        Detector(b"no model")


@needs_model
def test_whatever_the_picture_boxes_stay_inside_it() -> None:
    detector = Detector(MODEL.read_bytes())
    chance = np.random.default_rng(2)
    for height, width in ((480, 640), (1, 1), (3, 2000), (224, 224)):
        picture = chance.integers(0, 255, (height, width, 3)).astype(np.uint8)
        spots = detector.look(picture)
        assert spots.size == (height, width)
        assert np.isfinite(spots.boxes).all()
        assert (spots.boxes >= 0).all()
        assert (spots.boxes <= [width, height, width, height]).all()
        assert len(spots.boxes) == len(spots.objectness) == len(spots.kinds) <= room.SPOTS_MAX


@needs_model
@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 5, 3), (5, 5), (5, 5, 4)])
def test_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="height, width and three bytes"):
        Detector(MODEL.read_bytes()).look(np.zeros(shape, np.uint8))
