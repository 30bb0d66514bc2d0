"""`emma score reads` and `emma rfid`: the judgement about tag reads scored, shown, trained, calibrated."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from store_edge.rfid.judge import SHIPPED, BadParameters, Parameters, load_parameters, parameters_text
from store_edge.rfid.left_out import left_out_figures
from store_edge.rfid.log import BadLog, Log, read_log
from store_edge.rfid.places import Places
from store_edge.rfid.replay import places_of, replayed
from store_edge.rfid.scoring import Figure, NothingToScore, Score, read_folder, score_logs
from store_edge.rfid.training import calibrated, train_on_simulator

SEED = 20261122
REFERENCES = {
    "in_box_f1_1s": 0.815,
    "in_box_f1_3s": 0.927,
    "in_box_f1_5s": 0.938,
    "in_box_f1_30s": 0.980,
    "zone_1s": 0.598,
    "zone_5s": 0.719,
    "direction": 0.906,
}
"""Other software on logs of these kinds, fitted on the site: logistic regression, random forest, centroid."""


def add_reads_commands(
    commands: argparse._SubParsersAction,  # type: ignore[type-arg]
    kinds: argparse._SubParsersAction,  # type: ignore[type-arg]
) -> None:
    """Hang `rfid` among the commands and `reads` among the kinds of `score`."""
    reads = kinds.add_parser("reads", help="tag reads: in the box or stray, zone, way along a line")
    reads.add_argument("folder", type=Path, metavar="DIR", help="logs as CSV; other files are left alone")
    reads.add_argument("--json", action="store_true", help="print one JSON object")
    reads.add_argument(
        "--left-out", action="store_true", help="also what a calibration would reach, each session left out"
    )
    _parameters(reads)
    reads.set_defaults(act=_score)

    rfid = commands.add_parser("rfid", help="tag reads: replay a log, train, calibrate")
    acts = rfid.add_subparsers(required=True, metavar="ACT")
    replay = acts.add_parser("replay", help="show what a recorded log makes of itself")
    replay.add_argument("log", type=Path, metavar="LOG.csv")
    replay.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast; 0: no waiting")
    _parameters(replay)
    replay.set_defaults(act=_replay)

    train = acts.add_parser("train", help="fit the shipped parameters on the simulator")
    train.add_argument("--seed", type=int, default=SEED)
    train.add_argument("--to", type=Path, default=SHIPPED, metavar="FILE.toml")
    train.set_defaults(act=_train)

    calibrate = acts.add_parser("calibrate", help="fit a site's own parameters on its logs with truth")
    calibrate.add_argument("folder", type=Path, metavar="DIR")
    calibrate.add_argument("--to", type=Path, required=True, metavar="FILE.toml")
    _parameters(calibrate)
    calibrate.set_defaults(act=_calibrate)


def _parameters(command: argparse.ArgumentParser) -> None:
    command.add_argument("--parameters", type=Path, default=SHIPPED, metavar="FILE.toml")


class _Wrong(Exception):
    """A sentence for whoever typed the command."""


def _guarded(path: Path) -> Parameters:
    try:
        return load_parameters(path)
    except (BadParameters, OSError) as error:
        raise _Wrong(str(error)) from error


def _logs(folder: Path) -> tuple[list[Log], list[str]]:
    if not folder.is_dir():
        raise _Wrong(f"{folder} is no folder")
    return read_folder(folder)


def _score(args: argparse.Namespace) -> int:
    try:
        parameters = _guarded(args.parameters)
        logs, refused = _logs(args.folder)
        score = score_logs(logs, parameters, refused)
    except (_Wrong, NothingToScore) as error:
        return _said(error)
    left_out = left_out_figures(logs, parameters) if args.left_out else ()
    if args.json:
        values = score.as_json() | {figure.key: round(figure.value, 4) for figure in left_out}
        print(json.dumps(values | {"parameters": parameters.card.get("source", "")}, indent=1))
    else:
        _print(score, left_out, parameters)
    return 0


def _print(score: Score, left_out: tuple[Figure, ...], parameters: Parameters) -> None:
    print(f"Parameters: {parameters.card.get('source', 'no card')}")
    print("Logs: " + ", ".join(f"{many} {kind}" for kind, many in score.logs.items()))
    head = f"{'value':>7}  {'95 % interval':<15} {'n':>6} {'wrong':>6} {'missing':>7}  {'reference':>9}"
    print(f"\n  {'':<88} {head}")
    for figure in (*score.figures, *left_out):
        plain = figure.key.removesuffix("_left_out").removesuffix("_fresh")
        reference = f"{REFERENCES[plain]:.3f}" if plain in REFERENCES else ""
        wrong = "" if figure.key == "ece" else str(figure.wrong)
        interval = f"{figure.low:.3f} to {figure.high:.3f}"
        print(
            f"  {figure.about:<88} {figure.value:>7.3f}  {interval:<15} {figure.n:>6} {wrong:>6} "
            f"{figure.missing:>7}  {reference:>9}"
        )
    print(
        "\nMissing: tags in the box that were not read in the window. Residents are tags that older logs of"
    )
    print("this folder showed outside, without being told; each decision looks back only.")
    if score.bad_rows:
        print(f"{score.bad_rows} rows were no reads and were left out.")
    for sentence in score.refused:
        print(f"left out: {sentence}")


def _replay(args: argparse.Namespace) -> int:
    try:
        log, parameters = read_log(args.log), _guarded(args.parameters)
    except (_Wrong, BadLog, OSError) as error:
        return _said(error)
    places = Places(places_of(log), parameters)
    began_s = time.monotonic()
    for decision in replayed(log, places):
        if args.speed > 0:
            time.sleep(max(0.0, decision.at_s / args.speed - (time.monotonic() - began_s)))
        epc = decision.epc.hex().upper()
        print(
            f"{decision.at_s:8.1f} s  {decision.what:<8} {decision.place:<10} {decision.chance:5.2f}  {epc}",
            flush=True,
        )
    return 0


def _train(args: argparse.Namespace) -> int:
    args.to.write_text(parameters_text(train_on_simulator(args.seed, _progress)), "utf-8")
    print(f"\nwritten to {args.to}", file=sys.stderr)
    return 0


def _calibrate(args: argparse.Namespace) -> int:
    try:
        base = _guarded(args.parameters)
        logs, _ = _logs(args.folder)
        parameters = calibrated(base, [log for log in logs if log.kind], args.folder.name)
    except (_Wrong, ValueError) as error:
        return _said(error)
    args.to.write_text(parameters_text(parameters), "utf-8")
    print(f"written to {args.to}: {parameters.card['source']}")
    return 0


def _progress(done: float) -> None:
    bar = "#" * round(done * 40)
    print(f"\r  [{bar:<40}] {done:4.0%}", end="", file=sys.stderr, flush=True)


def _said(error: Exception) -> int:
    print(f"emma: {error}", file=sys.stderr)
    return 2
