"""The detector: one look through a network says where something may stand, and how much like each kind it is.

The network is a YOLOX export (Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv 2107.08430, section
2.1: no anchors, strides 8, 16 and 32). It judges nothing: what is an item is said in `items.py`, what is a
person in `people.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

STRIDES = (8, 16, 32)
KINDS = 80
"""Those of COCO, in its order."""
SIDE_PIXELS_MAX = 1024
PADDING = 114
"""The grey beside a picture that is not square, as in training."""
GROWTH_MAX = 8.0
"""A box is at most e to this many strides wide: whatever the network says, numbers stay finite."""
SPOTS_MAX = 160
"""So many of the best spots are kept: pairs of them are compared."""
OBJECTNESS_MIN = 0.01
SHAPES = f"1 x 3 x side x side floats in, 1 x cells x {5 + KINDS} floats out"


class UnfitModel(Exception):
    """A sentence: why a model cannot be used."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Where something may stand, the likeliest first.

    `boxes`: n x 4 pixels of the picture, x and y of the first corner, then of the last; `objectness`: n from
    0 to 1; `kinds`: n x 80 from 0 to 1; `size`: height and width of the picture in pixels.
    """

    boxes: Floats
    objectness: Floats
    kinds: Floats
    size: tuple[int, int]


class Detector:
    """A loaded network. One thread; not for several threads at once."""

    def __init__(self, data: bytes) -> None:
        """Raises UnfitModel for what is no model, or one with other shapes."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is said once, in our words
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each thing that may be wrong
            raise UnfitModel(f"this is no model that can be run: {str(error)[:200]}") from error
        self._input, self._side = self._checked_input()
        self._cells, self._strides = _grid(self._side)
        self._must_answer()

    def look(self, picture: Picture) -> Spots:
        """What a picture (height x width x 3, BGR) may show. ValueError for no picture."""
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
            raise ValueError("a picture has height, width and three bytes for each pixel")
        height, width = picture.shape[:2]
        scale = self._side / max(height, width)
        answer = self._answer(self._fitted(picture, scale))
        objectness = np.nan_to_num(answer[:, 4])
        best = np.argsort(-objectness, kind="stable")[:SPOTS_MAX]
        best = best[objectness[best] > OBJECTNESS_MIN]
        answer, cells, strides = answer[best], self._cells[best], self._strides[best]
        middles = (answer[:, :2] + cells) * strides
        halves = np.exp(np.clip(answer[:, 2:4], -GROWTH_MAX, GROWTH_MAX)) * strides / 2
        boxes = np.nan_to_num(np.concatenate([middles - halves, middles + halves], 1)) / scale
        edges = np.array([width, height, width, height], np.float32)
        return Spots(np.clip(boxes, 0, edges), objectness[best], answer[:, 5:], (height, width))

    def _fitted(self, picture: Picture, scale: float) -> Floats:
        """RGB, scaled to fit at the top left, 0 to 255, channels first."""
        height, width = (max(1, round(length * scale)) for length in picture.shape[:2])
        smaller = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else 1)
        canvas = np.full((self._side, self._side, 3), PADDING, np.uint8)
        canvas[:height, :width] = smaller
        return np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)

    def _answer(self, values: Floats) -> Floats:
        return np.asarray(self._session.run(None, {self._input: values})[0][0], np.float32)

    def _checked_input(self) -> tuple[str, int]:
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if len(inputs) == 1 else []
        square = len(shape) == 4 and shape[:2] == [1, 3] and shape[2] == shape[3]
        side = shape[2] if square and isinstance(shape[2], int) else 0
        fits = 0 < side <= SIDE_PIXELS_MAX and side % STRIDES[-1] == 0
        if not fits or inputs[0].type != "tensor(float)":
            raise UnfitModel(f"this model takes something else than a picture: {shape}; {SHAPES}")
        return inputs[0].name, side

    def _must_answer(self) -> None:
        """Asked once, so that a model of another make is refused when it comes and not at the counter."""
        wanted = (1, len(self._cells), 5 + KINDS)
        shown = [output.shape for output in self._session.get_outputs()]
        if len(shown) != 1 or any(
            isinstance(length, int) and length != want for length, want in zip(shown[0], wanted, strict=False)
        ):
            raise UnfitModel(f"this model gives {shown}, not {list(wanted)}; {SHAPES}")
        try:
            grey = np.full((1, 3, self._side, self._side), PADDING, np.float32)
            answer = np.asarray(self._session.run(None, {self._input: grey})[0])
        except Exception as error:  # as above
            raise UnfitModel(f"this model does not run: {str(error)[:200]}") from error
        if answer.shape != wanted:
            raise UnfitModel(f"this model gives {list(answer.shape)}, not {list(wanted)}; {SHAPES}")


def _grid(side: int) -> tuple[Floats, Floats]:
    """For each cell its column and row, and its stride in pixels, in the network's order."""
    cells, strides = [], []
    for stride in STRIDES:
        across = side // stride
        rows, columns = np.mgrid[:across, :across]
        cells.append(np.stack([columns, rows], 2).reshape(-1, 2))
        strides.append(np.full((across * across, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)
