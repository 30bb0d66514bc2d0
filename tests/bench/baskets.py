"""Next baskets: how well, how fast and in how much memory, beside TIFU-KNN with settings searched anew.

TIFU-KNN as in H. Hu et al., Modeling Personalized Item Frequency Information for Next-basket Recommendation
(SIGIR 2020), in two ways: neighbours by what they had (as published), and with their next baskets as well,
which ours learns from too. Both pick among their settings on shoppers of TRAIN only. Of the shopping
histories in the shared folder four shoppers in five are TRAIN, the fifth is judged; a second, made-up TRAIN
of five million lines shows the time that learning takes at that size.
"""

from __future__ import annotations

import itertools
import random
import resource
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from peer import SHARED
from scipy import sparse
from table import Row, is_quick, report, say

from central.recommend.basket_score import bootstrap, figures
from central.recommend.histories import Shopper, read_histories
from central.recommend.next_basket import NextBasket, learn

FILE = SHARED / "data" / "baskets" / "tafeng_dev.jsonl.gz"
SEED, PARTS = 20261122, 5
GROUPS = 7
NEIGHBOURS, WITHIN, BETWEEN, OWN = (300, 1300), (0.9, 1.0), (0.7, 0.9), (0.1, 0.3, 0.7)
TUNED_ON = 800
BLOCK = 200
LINES, LINES_QUICK = 5_000_000, 50_000
LEARN_S_MAX, PICK_MS_MAX = 300.0, 5.0
TARGETS = (0.165, 0.142, 0.465)
Floats = NDArray[np.floating]


def decayed(past: Sequence[Sequence[int]], within: float, between: float) -> dict[int, float]:
    """A shopper as TIFU-KNN sees them: baskets in groups, fading within a group and from group to group."""
    size = max(1, -(-len(past) // GROUPS))
    newest_first = past[::-1]
    groups = [newest_first[start : start + size] for start in range(0, len(past), size)]
    vector: dict[int, float] = {}
    for age, group in enumerate(groups):
        for place, basket in enumerate(group):
            for item in basket:
                weight = within**place * between**age / len(group) / len(groups)
                vector[item] = vector.get(item, 0.0) + weight
    return vector


def matrix(pasts: Sequence[Sequence[Sequence[int]]], items: int, within: float, between: float) -> Any:
    vectors = [decayed(past, within, between) for past in pasts]
    ends = np.cumsum([0, *map(len, vectors)])
    columns = [item for vector in vectors for item in vector]
    weights = [weight for vector in vectors for weight in vector.values()]
    return sparse.csr_matrix((weights, columns, ends), shape=(len(vectors), items))


def peer_hits(
    crowd: Any, test: Any, wanted: Sequence[Sequence[int]], mixes: Sequence[tuple[int, float]]
) -> list[Floats]:
    """For each (neighbours, own share) the figures of each test shopper."""
    length = np.asarray(crowd.multiply(crowd).sum(axis=1)).ravel()
    found: list[list[tuple[float, ...]]] = [[] for _ in mixes]
    for start in range(0, test.shape[0], BLOCK):
        part = test[start : start + BLOCK]
        order = np.argsort(length - 2 * (part @ crowd.T).toarray(), axis=1)
        for row, nearest in enumerate(order):
            own = part[row].toarray().ravel()
            theirs = {many: np.asarray(crowd[nearest[:many]].mean(axis=0)).ravel() for many, _ in mixes}
            for place, (many, share) in enumerate(mixes):
                score = share * own + (1 - share) * theirs[many]
                picks = np.argsort(-score, kind="stable")[:10].tolist()
                found[place].append(figures(picks, tuple(wanted[start + row])))
    return [np.array(one) for one in found]


def tuned_peer(train: list[Shopper], test: list[Shopper], items: int, futures: bool) -> tuple[Floats, str]:
    """The figures of each test shopper with the settings that were best on a part of TRAIN."""
    theirs = [(*one.past, one.came_next) if futures else one.past for one in train]
    mixes = list(itertools.product(NEIGHBOURS, OWN))
    best = (-1.0, 0.0, 0.0, mixes[0])
    for within, between in itertools.product(WITHIN, BETWEEN):
        crowd = matrix(theirs[TUNED_ON:], items, within, between)
        asked = matrix([one.past for one in train[:TUNED_ON]], items, within, between)
        hits = peer_hits(crowd, asked, [one.came_next for one in train[:TUNED_ON]], mixes)
        best = max(
            best,
            *((float(hit[:, 0].mean()), within, between, mix) for hit, mix in zip(hits, mixes, strict=True)),
        )
        say(f"TIFU-KNN, within {within}, between {between}: recall {best[0]:.4f} at best so far")
    _, within, between, mix = best
    crowd, asked = (matrix(some, items, within, between) for some in (theirs, [one.past for one in test]))
    hits = peer_hits(crowd, asked, [one.came_next for one in test], [mix])[0]
    return hits, f"{mix[0]} neighbours, within {within}, between {between}, own share {mix[1]}"


def picked(model: NextBasket, test: Sequence[Shopper]) -> tuple[Floats, list[float]]:
    hits, spent_ms = [], []
    for one in test:
        began = time.process_time()
        picks = [pick.item for pick in model.picks(one.past)]
        spent_ms.append((time.process_time() - began) * 1000)
        hits.append(figures(picks, one.came_next))
    return np.array(hits), spent_ms


def on_real_histories() -> list[Row]:
    if not FILE.exists():
        return [
            Row("next baskets of real shoppers", "share", [], note=f"{FILE.name} is not in the shared folder")
        ]
    some = read_histories(FILE)
    random.Random(SEED).shuffle(some)
    some = some[:3000] if is_quick() else some
    cut = len(some) // PARTS
    test, train = some[:cut], some[cut:]
    began = time.process_time()
    model = learn(train)
    learnt_s = time.process_time() - began
    say(f"learnt from {len(train)} shoppers; judging {len(test)}")
    hits, spent_ms = picked(model, test)
    rows = [Row("learning, processor time", "s", [learnt_s]), serving_row("a pick of ten", spent_ms)]
    items = 1 + max(int(item) for one in some for basket in (*one.past, one.came_next) for item in basket)
    for about, futures in (("TIFU-KNN, as published", False), ("TIFU-KNN, with next baskets", True)):
        theirs, settings = tuned_peer(train, test, items, futures)
        for name, column, interval in zip(
            ("Recall@10", "NDCG@10", "PHR@10"), range(3), bootstrap(hits - theirs), strict=True
        ):
            note = f"ours has {interval[0]:+.4f} to {interval[1]:+.4f} more (95 %, paired); {settings}"
            rows.append(Row(f"{name}, {about}", "share", [float(theirs[:, column].mean())], note=note))
    for name, mean, target in zip(
        ("Recall@10", "NDCG@10", "PHR@10"), hits.mean(axis=0), TARGETS, strict=True
    ):
        rows.append(Row(f"{name}, ours", "share", [float(mean)], f">= {target}", bool(mean >= target)))
    return rows


def made_up(lines: int) -> list[Shopper]:
    """Shoppers of forty-odd lines each, items as unequally loved as in a shop."""
    chance = np.random.default_rng(SEED)
    shoppers, made = [], 0
    while made < lines:
        sizes = chance.integers(2, 14, 6)
        drawn = np.minimum(chance.zipf(1.2, sizes.sum()), 20_000).tolist()
        baskets = [
            tuple(dict.fromkeys(drawn[end - size : end]))
            for end, size in zip(sizes.cumsum(), sizes, strict=True)
        ]
        shoppers.append(Shopper(len(shoppers), tuple(baskets[:-1]), baskets[-1]))
        made += int(sizes.sum())
    return shoppers


def on_many_lines() -> list[Row]:
    lines = LINES_QUICK if is_quick() else LINES
    shoppers = made_up(lines)
    say(f"{len(shoppers)} made-up shoppers with {lines} lines")
    began, worked = time.perf_counter(), time.process_time()
    model = learn(shoppers)
    learnt_s, worked_s = time.perf_counter() - began, time.process_time() - worked
    _, spent_ms = picked(model, shoppers[:200])
    return [
        Row(
            f"learning from {lines:,} lines",
            "s",
            [learnt_s],
            f"<= {LEARN_S_MAX:.0f} s",
            learnt_s <= LEARN_S_MAX,
            f"by the clock; {worked_s:.0f} s of processor time",
        ),
        serving_row("  a pick of ten after it", spent_ms),
    ]


def serving_row(what: str, spent_ms: list[float]) -> Row:
    mean = sum(spent_ms) / len(spent_ms)
    return Row(
        what,
        "ms",
        spent_ms,
        f"mean <= {PICK_MS_MAX:.0f} ms",
        mean <= PICK_MS_MAX,
        f"mean {mean:.2f} ms of one core",
    )


def main() -> None:
    rows = on_real_histories() + on_many_lines()
    resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(Row("most memory, histories and peer included", "MB", [resident_mb]))
    report("Next baskets", rows)


if __name__ == "__main__":
    main()
