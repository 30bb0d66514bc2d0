"""`emma train produce`: makes the model of loose produce again, or a retailer's own from their photos."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from store_edge.vision.scoring import NothingToScore

BAR_CHARACTERS = 30


def add_train_command(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `train` among the commands."""
    kinds = commands.add_parser("train", help="make a model from labelled photos").add_subparsers(
        required=True, metavar="WHAT"
    )
    produce = kinds.add_parser("produce", help="loose produce; needs the extra: pip install .[train]")
    produce.add_argument(
        "table", type=Path, metavar="TABLE.csv", help="columns file, fine_label, coarse_label"
    )
    produce.add_argument("--to", type=Path, required=True, metavar="FILE.onnx")
    produce.add_argument("--rounds", type=int, default=3, help="how often each photo is learnt from")
    produce.add_argument(
        "--whole-rounds", type=float, default=6.8, help="and then by all but the first blocks; slow"
    )
    produce.add_argument("--seed", type=int, default=0)
    produce.add_argument(
        "--seen", type=Path, metavar="FILE.npy", help="keep what the untuned half saw, for the next training"
    )
    produce.add_argument(
        "--sure-from", type=Path, metavar="OTHER.csv", help="photos of other shops: when is it sure enough?"
    )
    produce.set_defaults(act=_train)


def _train(args: argparse.Namespace) -> int:
    try:
        from store_edge.vision.training.make import make, read_table
        from store_edge.vision.training.tuning import Plan
    except ModuleNotFoundError as error:
        print(f"emma: {error.name} is missing; `pip install .[train]` brings it", file=sys.stderr)
        return 2
    try:
        table = read_table(args.table)
        elsewhere = read_table(args.sure_from) if args.sure_from else None
        plan = Plan(max(1, args.rounds), whole_rounds=max(0.0, args.whole_rounds), seed=args.seed)
        data = make(table, plan, args.seen, elsewhere, _bar)
    except NothingToScore as error:
        print(f"\nemma: {error}", file=sys.stderr)
        return 2
    args.to.write_bytes(data)
    print(f"{args.to}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    return 0


def _bar(what: str, done: int, of: int) -> None:
    full = BAR_CHARACTERS * done // of
    line = f"\r  {'█' * full}{'·' * (BAR_CHARACTERS - full)} {done} of {of}, {what:<24}"
    print(line, end="\n" if done == of else "", file=sys.stderr, flush=True)
