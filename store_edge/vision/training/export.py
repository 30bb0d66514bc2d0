"""Writes the trained network as one ONNX file that needs nothing but onnxruntime, and half the room.

Weights are kept as halves (IEEE 754 binary16), the largest as bytes with a factor for each output; sums are
made in single precision as before.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from store_edge.vision.produce import ABOUT
from store_edge.vision.training.lite import Front
from store_edge.vision.training.tuning import Embedding

OPSET = 17
HALVES_MIN = 1_024
"""Numbers in a weight; smaller ones are left as they are."""
BYTES_MIN = 300_000


class Whole(nn.Module):  # type: ignore[misc]
    """A picture in, an embedding and the likeness to each kind out."""

    def __init__(self, front: Front, model: Embedding) -> None:
        super().__init__()
        self.front, self.model = front, model

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        embedding, likeness = self.model(self.front(picture))
        return embedding, likeness


def as_onnx(front: Front, model: Embedding, side: int, about: Mapping[str, object]) -> bytes:
    """The file's bytes. `about` is what `store_edge.vision.produce` reads of labels and threshold."""
    whole = Whole(front, model).eval().to(memory_format=torch.contiguous_format)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the older exporter, which needs no further package
        torch.onnx.export(
            whole,
            (torch.zeros(1, side, side, 3, dtype=torch.uint8),),
            file,
            input_names=["picture"],
            output_names=["embedding", "likeness"],
            opset_version=OPSET,
            dynamo=False,
        )
    graph = onnx.load_from_string(file.getvalue())
    _make_smaller(graph)
    entry = graph.metadata_props.add()
    entry.key, entry.value = ABOUT, json.dumps(about)
    onnx.checker.check_model(graph)
    data: bytes = graph.SerializeToString(deterministic=True)
    return data


def _make_smaller(model: onnx.ModelProto) -> None:
    weights = [one for one in model.graph.initializer if one.data_type == TensorProto.FLOAT]
    nodes = []
    for weight in weights:
        values = numpy_helper.to_array(weight)
        if values.size < HALVES_MIN:
            continue
        name = weight.name
        model.graph.initializer.remove(weight)
        if values.size >= BYTES_MIN and values.ndim == 4:
            nodes.append(_as_bytes(model, name, values))
        else:
            kept = numpy_helper.from_array(values.astype(np.float16), f"{name}.half")
            model.graph.initializer.append(kept)
            nodes.append(helper.make_node("Cast", [kept.name], [name], to=TensorProto.FLOAT))
    for node in reversed(nodes):
        model.graph.node.insert(0, node)


def _as_bytes(model: onnx.ModelProto, name: str, values: npt.NDArray[np.float32]) -> onnx.NodeProto:
    """Each output's weights as whole numbers from -127 to 127, times a factor."""
    factor = np.maximum(np.abs(values).max(axis=(1, 2, 3)), 1e-9) / 127
    whole = np.rint(values / factor[:, None, None, None]).astype(np.int8)
    parts = {
        f"{name}.whole": whole,
        f"{name}.factor": factor.astype(np.float32),
        f"{name}.zero": np.zeros(len(factor), np.int8),
    }
    for key, part in parts.items():
        model.graph.initializer.append(numpy_helper.from_array(part, key))
    return helper.make_node("DequantizeLinear", [*parts], [name], axis=0)
