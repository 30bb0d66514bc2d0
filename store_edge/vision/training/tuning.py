"""Tunes the rear half of the network, and the embedding behind it, on labelled photos.

The front half looks at each photo once and its maps are kept in memory, so that a round over the photos costs
seconds, not minutes. Photos are varied on their maps: cut out, mirrored, mixed with another. The embedding
begins as a linear discriminant of the untuned features and is tuned together with the network: a fine label
counts, and to a third its coarse label too, so that an apple taken for another apple is the smaller mistake.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from store_edge.vision.training.head import Numbers, discriminant, prototypes
from store_edge.vision.training.lite import FEATURES, Rear

Maps = npt.NDArray[np.float16]

DIMENSIONS = 128
SHRINKAGE = 0.1
BATCH = 32
CUT_SIDES = (6, 7, 7)
"""How many squares of a map, of nine, a photo is cut to."""
MIXED_SHARE = 0.25
COARSE_COUNTS = 0.3
SMOOTHING = 0.1
DROPPED = 0.2
WARM_STEPS = 60
STEEPEST_NORM = 5.0
AVERAGED = 0.99
"""What is kept of the running mean of the weights at each step."""
HALFWAY = 0.5
"""Shipped is the middle between the weights before tuning and that mean: nearer to what other shops show.

Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast: first the rear half on maps, then the whole on pictures.

    `seed` decides every throw of the dice.
    """

    rounds: int = 3
    speed: float = 2e-4
    whole_rounds: float = 6.8
    whole_speed: float = 3e-4
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Photos:
    """What the front half saw (n x 208 x 9 x 9), and the number of each photo's kind (n)."""

    maps: Maps
    kinds: Numbers

    def some(self, which: npt.NDArray[np.bool_] | Numbers) -> Photos:
        return Photos(self.maps[which], self.kinds[which])


class Embedding(nn.Module):  # type: ignore[misc]
    """Maps to an embedding of length 1, and to cosines with each kind's prototype."""

    def __init__(self, rear: Rear, kinds: int) -> None:
        super().__init__()
        self.rear = rear
        self.project = nn.Linear(FEATURES, DIMENSIONS)
        self.prototypes = nn.Parameter(torch.zeros(kinds, DIMENSIONS))
        self.log_scale = nn.Parameter(torch.tensor(math.log(16.0)))

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        features = functional.dropout(self.rear(maps), DROPPED, self.training)
        embedding = functional.normalize(self.project(features))
        return embedding, embedding @ functional.normalize(self.prototypes).T


Told = Callable[[int, int, float], None]
"""Steps done, steps in all, loss."""


def begun(rear: Rear, photos: Photos) -> Embedding:
    """The embedding before tuning: a discriminant of the features as they are."""
    features = in_batches(rear, photos.maps).astype(np.float64)
    model = Embedding(rear, int(photos.kinds.max()) + 1)
    matrix, bias = discriminant(features, photos.kinds, DIMENSIONS, SHRINKAGE)
    with torch.no_grad():
        model.project.weight.copy_(torch.from_numpy(matrix))
        model.project.bias.copy_(torch.from_numpy(bias))
        near = prototypes(features @ matrix.T + bias, photos.kinds)
        model.prototypes.copy_(torch.from_numpy(near))
    model.to(memory_format=torch.channels_last)
    return model


def tuned(model: Embedding, photos: Photos, groups: Tensor, plan: Plan, told: Told) -> Embedding:
    """The model tuned on photos. `groups`: kinds x coarse kinds, 1 where one is of the other."""
    torch.manual_seed(plan.seed)
    chance = np.random.default_rng(plan.seed)
    head = [model.project.weight, model.project.bias, model.prototypes, model.log_scale]
    optimizer = torch.optim.AdamW(
        [
            {"params": list(model.rear.parameters()), "lr": plan.speed, "weight_decay": 1e-2},
            {"params": head, "lr": plan.speed * 2, "weight_decay": 0.0},
        ]
    )
    steps = plan.rounds * (len(photos.kinds) // BATCH)
    paces = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: pace(step, steps, WARM_STEPS))
    before = {name: value.detach().clone() for name, value in model.state_dict().items()}
    mean = {name: value.clone() for name, value in before.items()}
    model.train()
    done = 0
    for _ in range(plan.rounds):
        order = chance.permutation(len(photos.kinds))
        for first in range(0, len(order) - BATCH + 1, BATCH):
            loss = _loss(model, photos.some(order[first : first + BATCH]), groups, chance)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), STEEPEST_NORM)
            optimizer.step()
            paces.step()
            done += 1
            lean(mean, model, min(AVERAGED, (done + 1) / (done + 10)))
            told(done, steps, float(loss.detach()))
    model.load_state_dict({name: value.lerp(mean[name], HALFWAY) for name, value in before.items()})
    model.eval()
    return model


def in_batches(module: nn.Module, maps: Maps) -> npt.NDArray[np.float32]:
    """What a module makes of maps (n x …), its first outcome where it has several."""
    module.eval()
    outcomes = []
    with torch.no_grad():
        for first in range(0, len(maps), BATCH):
            outcome = module(_tensor(maps[first : first + BATCH]))
            outcomes.append((outcome[0] if isinstance(outcome, tuple) else outcome).numpy())
    return np.concatenate(outcomes)


def _loss(model: Embedding, batch: Photos, groups: Tensor, chance: np.random.Generator) -> Tensor:
    maps, kinds = _tensor(_cut(batch.maps, chance)), torch.from_numpy(batch.kinds)
    share, other = 1.0, torch.arange(len(kinds))
    if chance.random() < MIXED_SHARE:
        share, other = float(chance.beta(0.4, 0.4)), torch.from_numpy(chance.permutation(len(kinds)))
        maps = share * maps + (1 - share) * maps[other]
    _, near = model(maps.contiguous(memory_format=torch.channels_last))
    says = functional.log_softmax(model.log_scale.exp() * near, dim=1)
    loss: Tensor = share * says_wrong(says, kinds, groups)
    return loss + (1 - share) * says_wrong(says, kinds[other], groups) if share < 1 else loss


def says_wrong(says: Tensor, kinds: Tensor, groups: Tensor) -> Tensor:
    """Cross entropy of the fine labels, and of the coarse ones: a group is as likely as all its kinds."""
    fine = functional.nll_loss(says, kinds) * (1 - SMOOTHING) - SMOOTHING * says.mean()
    coarse = torch.log((says.exp() @ groups).clamp_min(1e-6))
    return fine + COARSE_COUNTS * functional.nll_loss(coarse, groups.argmax(1)[kinds])


def _cut(maps: Maps, chance: np.random.Generator) -> Maps:
    side, whole = int(chance.choice(CUT_SIDES)), maps.shape[-1]
    cuts = []
    for one in maps:
        top, left = chance.integers(0, whole - side + 1, 2)
        cut = one[:, top : top + side, left : left + side]
        cuts.append(cut[:, :, ::-1] if chance.random() < 0.5 else cut)
    return np.stack(cuts)


def pace(step: int, steps: int, warm_steps: int) -> float:
    """What of the full speed at a step: up from a standstill, then down along a cosine."""
    return min(1.0, (step + 1) / warm_steps) * 0.5 * (1 + math.cos(math.pi * min(step, steps) / steps))


def lean(mean: dict[str, Tensor], model: nn.Module, kept: float) -> None:
    """Moves the running mean of the weights towards the model's; `kept` of it stays."""
    with torch.no_grad():
        for name, value in model.state_dict().items():
            mean[name].lerp_(value, 1 - kept)


def _tensor(maps: Maps) -> Tensor:
    return torch.from_numpy(maps.astype(np.float32)).contiguous(memory_format=torch.channels_last)
