"""`emma models`: which models there are, fetch them, look whether they are what the registry says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from store_edge.settings import Settings
from store_edge.vision.registry import BadModel, Model, checked_bytes, fetch, find_model, place_of, registered


def add_models_command(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `models` among the commands."""
    models = commands.add_parser("models", help="the models of the store's eyes: list, get, check")
    models.add_argument(
        "--home", type=Path, default=Settings().home, help="folder with the store's own models.toml"
    )
    acts = models.add_subparsers(required=True, metavar="ACT")
    listed = acts.add_parser("list", help="name, licence, source, what goes in and what comes out")
    listed.set_defaults(act=lambda args: _each(args, _show))
    get = acts.add_parser("get", help="fetch what lies elsewhere; nothing else than its sha256 is taken")
    get.add_argument("name")
    get.set_defaults(act=lambda args: _each(args, _get))
    check = acts.add_parser("check", help="is every file what its line says?")
    check.set_defaults(act=lambda args: _each(args, _check))


def _each(args: argparse.Namespace, act: Callable[[Model], str]) -> int:
    """Do something with the named model or with all of them; 1 where one of them is not well."""
    try:
        models = [find_model(args.name, args.home)] if "name" in args else [*registered(args.home).values()]
    except BadModel as error:
        print(f"emma: {error}", file=sys.stderr)
        return 2
    status = 0
    for model in models:
        try:
            print(act(model))
        except BadModel as error:
            print(f"WRONG {model.name:<12} {error}")
            status = 1
    return status


def _show(model: Model) -> str:
    words = [f"{model.name}  {model.file}"]
    for key in ("licence", "source", "input", "output", "card"):
        if value := getattr(model, key):
            words.append(f"  {key:<8} {value}")
    return "\n".join(words)


def _get(model: Model) -> str:
    return f"ok    {model.name:<12} {fetch(model)} bytes in {model.file}"


def _check(model: Model) -> str:
    if model.url and not place_of(model).exists():
        return f"away  {model.name:<12} not fetched yet: `emma models get {model.name}`"
    return f"ok    {model.name:<12} {len(checked_bytes(model))} bytes, sha256 {model.sha256[:12]}…"
