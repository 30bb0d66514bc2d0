"""How well loose produce is named, on a folder of labelled photos.

The folder holds photos and `labels.csv` with the columns `file`, `fine_label` and `coarse_label`. A photo
that is missing or broken is named and not counted. With `FewShots`, the model's own kinds are left aside:
each fine label of a second folder is taught from so many of its photos, as a shopkeeper would, and nothing
else is known.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store_edge.vision.produce import Look, Picture, ProduceEye
from store_edge.vision.scoring import NothingToScore, labels, load_photo, quantile, wilson
from store_edge.vision.taught import Taught

COLUMNS = ("file", "fine_label", "coarse_label")

Told = Callable[[int, int], None]


@dataclass
class ProduceScore:
    """Hits among `n` photos. `cpu_ms`: processor time of each, from the decoded picture to the names."""

    n: int = 0
    top1: int = 0
    top3: int = 0
    coarse_top1: int = 0
    answered: int = 0
    answered_right: int = 0
    cpu_ms: list[float] = field(default_factory=list)
    confused: dict[tuple[str, str], int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def count(self, look: Look, fine: str, coarse: str, coarse_of: dict[str, str]) -> None:
        """What one look came to."""
        keys = [guess.key for guess in look.guesses]
        first = keys[0] if keys else ""
        self.n += 1
        self.top1 += first == fine
        self.top3 += fine in keys
        self.coarse_top1 += coarse_of.get(first) == coarse
        self.answered += look.sure
        self.answered_right += look.sure and first == fine
        if first != fine:
            self.confused[fine, first] = self.confused.get((fine, first), 0) + 1

    def as_json(self) -> dict[str, Any]:
        """Shares of 1; `answered_right` is a share of what was answered."""
        shares = {key: round(hits / of, 4) if of else 0.0 for key, hits, of in self._shares()}
        worst = sorted(self.confused.items(), key=lambda pair: -pair[1])
        return {
            "n": self.n,
            **shares,
            "cpu_ms_p50": round(quantile(self.cpu_ms, 0.5), 3),
            "cpu_ms_p95": round(quantile(self.cpu_ms, 0.95), 3),
            "confused": [{"label": a, "named": b, "n": n} for (a, b), n in worst],
            "refused": self.refused,
        }

    def lines(self) -> Iterator[str]:
        """The table for people."""
        for key, hits, of in self._shares():
            low, high = wilson(hits, of)
            share = hits / of if of else 0.0
            yield f"  {key:<16} {hits:>5} of {of:<5} {share:>6.1%}   95 %: {low:.1%} to {high:.1%}"
        yield (
            f"  processor time of a photo: median {quantile(self.cpu_ms, 0.5):.1f} ms, "
            f"p95 {quantile(self.cpu_ms, 0.95):.1f} ms"
        )
        yield from (f"  not counted: {words}" for words in self.refused)

    def _shares(self) -> list[tuple[str, int, int]]:
        return [
            ("top1", self.top1, self.n),
            ("top3", self.top3, self.n),
            ("coarse_top1", self.coarse_top1, self.n),
            ("answered", self.answered, self.n),
            ("answered_right", self.answered_right, self.answered),
        ]


@dataclass(frozen=True, slots=True)
class FewShots:
    """Teach each kind of a table from so many photos, drawn by a seed."""

    table: Path
    shots: int
    seed: int = 0


def score_produce(
    where: Path, eye: ProduceEye, few: FewShots | None = None, told: Told = lambda done, of: None
) -> ProduceScore:
    """Name every photo of a folder, or of a table's folder. One thread. Raises NothingToScore."""
    folder, rows = _table(where)
    taught = _taught_from(few, eye) if few is not None else None
    coarse_of = dict(zip(eye.kinds.fine, eye.kinds.coarse, strict=True))
    if few is not None:
        coarse_of = {row["fine_label"]: row["coarse_label"] for row in _table(few.table)[1]}
    score = ProduceScore()
    for number, row in enumerate(rows, 1):
        told(number, len(rows))
        try:
            picture = load_photo(folder, row["file"], colour=True)
        except ValueError as error:
            score.refused.append(f"{row['file']}: {error}")
            continue
        began_s = time.thread_time()
        look = _look(eye, picture, taught)
        score.cpu_ms.append(1000 * (time.thread_time() - began_s))
        score.count(look, row["fine_label"], row["coarse_label"], coarse_of)
    if not score.n:
        raise NothingToScore(f"no photo of {folder} could be opened; the first: {score.refused[0]}")
    return score


def _look(eye: ProduceEye, picture: Picture, taught: Taught | None) -> Look:
    embedding, likeness = eye.embed(picture)
    return eye.judge(embedding, likeness, taught, sold={} if taught is not None else None)


def _taught_from(few: FewShots, eye: ProduceEye) -> Taught:
    folder, rows = _table(few.table)
    photos = defaultdict(list)
    for row in rows:
        photos[row["fine_label"]].append(row["file"])
    chance, taught = random.Random(few.seed), Taught("")
    for label, files in sorted(photos.items()):
        for file in chance.sample(files, min(few.shots, len(files))):
            try:
                taught.teach(label, eye.embed(load_photo(folder, file, colour=True))[0])
            except ValueError as error:
                raise NothingToScore(f"{file} cannot be taught: {error}") from error
    return taught


def _table(where: Path) -> tuple[Path, list[dict[str, str]]]:
    """A folder and the rows of its `labels.csv`; a table may be named itself."""
    folder, table = (where.parent, where.name) if where.suffix == ".csv" else (where, "labels.csv")
    return folder, labels(folder, COLUMNS, table)
