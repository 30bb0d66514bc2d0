"""Tunes the network behind its first blocks on pictures, which are varied anew each time they are looked at.

Where `tuning.py` cuts maps that were looked at once, this cuts, mirrors and relights the pictures themselves,
and all but the edges and textures of the first blocks is learnt: some ten times slower, and less bound to the
light of the shops that it saw. Pictures are smaller than at the scale: a cut shows things larger (Touvron et
al., "Fixing the train-test resolution discrepancy", NeurIPS 2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from store_edge.vision.training.head import Numbers
from store_edge.vision.training.lite import Front
from store_edge.vision.training.tuning import (
    BATCH,
    STEEPEST_NORM,
    Embedding,
    Plan,
    Told,
    lean,
    pace,
    says_wrong,
)

Pictures = npt.NDArray[np.uint8]
Lights = npt.NDArray[np.float32]

STILL_BLOCKS = 7
"""Of 21, with the stem: they stay as ImageNet taught them."""
KEPT_SIDE_PIXELS = 300
SIDES_PIXELS = (160, 192)
"""In the first half of the steps, and in the second."""
CUT_AREAS = (0.3, 1.0)
CUT_SHAPES = (math.log(3 / 4), math.log(4 / 3))
"""Width to height, as logarithms."""
CUT_TRIES = 10
LIGHT, TINT, COLOUR, CONTRAST = 0.3, 0.06, 0.25, 0.25
"""How far each varies, up and down, as a part of what it was."""
BLENDED_SHARE, PATCHED_SHARE = 0.2, 0.3
PATCH_SIDES = (0.2, 0.7)
WARM_STEPS = 40
AVERAGED = 0.98
"""What is kept of the running mean of the weights at each step."""
TUNED_SHARE = 0.6
"""How far towards that mean the weights go in the end: as HALFWAY in `tuning.py`, for the same reason."""


@dataclass(frozen=True, slots=True)
class Album:
    """Pictures (n x side x side x 3, RGB), and the number of each one's kind (n)."""

    pictures: Pictures
    kinds: Numbers


@dataclass(frozen=True, slots=True)
class Lesson:
    """A batch (n x 3 x side x side) with its kinds; `share` of each is its own, the rest `other`'s."""

    pictures: Tensor
    kinds: Tensor
    share: float
    other: Tensor


def tuned_whole(front: Front, model: Embedding, album: Album, groups: Tensor, plan: Plan, told: Told) -> None:
    """Tunes both halves in place. `groups`: kinds x coarse kinds, 1 where one is of the other."""
    steps = int(plan.whole_rounds * (len(album.kinds) // BATCH))
    if not steps:
        return
    torch.manual_seed(plan.seed)
    chance = np.random.default_rng(plan.seed)
    still = nn.Sequential(front.stem, *front.blocks[:STILL_BLOCKS])
    whole = nn.ModuleDict({"front": front.blocks[STILL_BLOCKS:], "model": model})
    head = [model.project.weight, model.project.bias, model.prototypes, model.log_scale]
    body = [*whole["front"].parameters(), *model.rear.parameters()]
    optimizer = torch.optim.AdamW(
        [
            {"params": body, "lr": plan.whole_speed, "weight_decay": 1e-2},
            {"params": head, "lr": plan.whole_speed * 2, "weight_decay": 0.0},
        ]
    )
    paces = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: pace(step, steps, WARM_STEPS))
    before = {name: value.detach().clone() for name, value in whole.state_dict().items()}
    mean = {name: value.clone() for name, value in before.items()}
    front.to(memory_format=torch.channels_last)
    whole.train()
    order: list[int] = []
    for done in range(1, steps + 1):
        order = order if len(order) >= BATCH else chance.permutation(len(album.kinds)).tolist()
        side = SIDES_PIXELS[2 * done > steps]
        lesson = _lesson(Album(album.pictures[order[:BATCH]], album.kinds[order[:BATCH]]), side, chance)
        order = order[BATCH:]
        with torch.no_grad():
            seen = still(lesson.pictures)
        loss = _loss(model, whole["front"](seen), lesson, groups)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(whole.parameters(), STEEPEST_NORM)
        optimizer.step()
        paces.step()
        lean(mean, whole, min(AVERAGED, (done + 1) / (done + 10)))
        told(done, steps, float(loss.detach()))
    whole.load_state_dict({name: value.lerp(mean[name], TUNED_SHARE) for name, value in before.items()})
    whole.eval()


def _loss(model: Embedding, maps: Tensor, lesson: Lesson, groups: Tensor) -> Tensor:
    _, near = model(maps)
    says = functional.log_softmax(model.log_scale.exp() * near, dim=1)
    loss = lesson.share * says_wrong(says, lesson.kinds, groups)
    if lesson.share < 1:
        loss = loss + (1 - lesson.share) * says_wrong(says, lesson.kinds[lesson.other], groups)
    return loss


def _lesson(batch: Album, side: int, chance: np.random.Generator) -> Lesson:
    """Each picture varied; a fifth of the batches is blended picture by picture, some more get a patch."""
    pictures = np.stack([_relit(_cut(one, side, chance), chance) for one in batch.pictures])
    share, other, throw = 1.0, np.arange(len(pictures)), chance.random()
    if throw < BLENDED_SHARE:
        share, other = float(chance.beta(0.4, 0.4)), chance.permutation(len(pictures))
        pictures = share * pictures + (1 - share) * pictures[other]
    elif throw < BLENDED_SHARE + PATCHED_SHARE:
        other, patch = chance.permutation(len(pictures)), int(side * chance.uniform(*PATCH_SIDES))
        top, left = chance.integers(0, side - patch + 1, 2)
        where = np.s_[:, top : top + patch, left : left + patch]
        patches = pictures[other][where]
        pictures[where] = patches
        share = 1 - (patch / side) ** 2
    even = torch.from_numpy((pictures - 127) / 128).float().permute(0, 3, 1, 2)
    return Lesson(
        even.contiguous(memory_format=torch.channels_last),
        torch.from_numpy(batch.kinds),
        share,
        torch.from_numpy(other),
    )


def _cut(picture: Pictures, side: int, chance: np.random.Generator) -> Pictures:
    """A part of the picture, of another shape too, drawn to a square, and mirrored half of the time."""
    whole = len(picture)
    high = wide = whole
    for _ in range(CUT_TRIES):
        area = chance.uniform(*CUT_AREAS) * whole * whole
        shape = math.exp(chance.uniform(*CUT_SHAPES))
        if max(area * shape, area / shape) <= whole * whole:
            wide, high = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            break
    top, left = int(chance.integers(0, whole - high + 1)), int(chance.integers(0, whole - wide + 1))
    how = cv2.INTER_AREA if wide > side else cv2.INTER_LINEAR
    cut = cv2.resize(picture[top : top + high, left : left + wide], (side, side), interpolation=how)
    return np.asarray(cut[:, ::-1] if chance.random() < 0.5 else cut, np.uint8)


def _relit(picture: Pictures, chance: np.random.Generator) -> Lights:
    """Brighter or darker, warmer or colder, paler or more colourful, flatter or harder."""
    light = picture.astype(np.float32) * np.float32(chance.uniform(1 - LIGHT, 1 + LIGHT))
    light *= chance.uniform(1 - TINT, 1 + TINT, 3).astype(np.float32)
    grey = light.mean(axis=2, keepdims=True)
    light = grey + (light - grey) * np.float32(chance.uniform(1 - COLOUR, 1 + COLOUR))
    middle = light.mean()
    light = middle + (light - middle) * np.float32(chance.uniform(1 - CONTRAST, 1 + CONTRAST))
    return np.asarray(np.clip(light, 0, 255), np.float32)
