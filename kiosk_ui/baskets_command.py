"""`emma score baskets TRAIN TEST`: how well the next basket is foretold, for any retailer's histories."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from central.recommend.histories import BadHistories, read_histories

if TYPE_CHECKING:
    from central.recommend.basket_score import BasketScore

HEADS = ("Recall@10", "NDCG@10", "PHR@10")


def add_baskets_command(scored: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `baskets` below `emma score`."""
    baskets = scored.add_parser("baskets", help="next baskets: learnt from TRAIN, judged on TEST")
    baskets.add_argument(
        "train", type=Path, metavar="TRAIN", help="shoppers, one JSON object a line; .gz too"
    )
    baskets.add_argument("test", type=Path, metavar="TEST", help="the same; `f` is only compared with")
    baskets.add_argument("--json", action="store_true", help="print one JSON object")
    baskets.set_defaults(act=_score)


def _score(args: argparse.Namespace) -> int:
    # Loaded only here: scipy would make every other command start later.
    from central.recommend.basket_score import NothingToJudge, score_baskets
    from central.recommend.next_basket import TooFewShoppers

    try:
        score = score_baskets(read_histories(args.train), read_histories(args.test), progress=_Progress())
    except (BadHistories, NothingToJudge, TooFewShoppers) as error:
        print(f"emma: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(score.as_json(), indent=1))
    else:
        _print(score)
    return 0


class _Progress:
    """A line on the terminal for each thing that takes time, redrawn at most a hundred times."""

    def __init__(self) -> None:
        self._shown = ("", -1)

    def __call__(self, what: str, done: float) -> None:
        percent = int(done * 100 + 1e-9)
        if self._shown == (what, percent):
            return
        self._shown = (what, percent)
        end = "\n" if percent == 100 else ""
        print(f"\r  {what:<22} {percent:3d} %", end=end, file=sys.stderr, flush=True)


def _print(score: BasketScore) -> None:
    print(f"\n{score.shoppers} shoppers judged, {score.learnt_from} learnt from in {score.learn_s:.0f} s.")
    if score.left_out:
        print(f"{score.left_out} have no next basket and were left out.")
    if score.twice:
        print(f"{score.twice} stand in both files and were not learnt from.")
    print("\n" + f"{'':<28}" + "".join(f"{head:>26}" for head in HEADS))
    for judged in (score.ours, *score.others):
        cells = zip(judged.mean, judged.interval, strict=True)
        print(
            f"{judged.name:<28}"
            + "".join(f"{mean:>9.4f}  {low:.4f}..{high:.4f}" for mean, (low, high) in cells)
        )
        if judged.ours_more:
            print(
                f"{'  next basket has more':<28}"
                + "".join(f"{low:>+18.4f}..{high:+.4f}" for low, high in judged.ours_more)
            )
    print("\n95 % intervals over shoppers drawn again; differences are paired.", end=" ")
    print(f"{score.ms_per_user:.1f} ms a shopper.")
