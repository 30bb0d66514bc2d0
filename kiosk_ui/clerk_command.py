"""`emma clerk`: who works here. Runs beside an open shop; the journal tells of every change."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from checkout.staff import RIGHTS
from store_edge.box import now
from store_edge.chance import TrueChance
from store_edge.clerks import BEGINNER_RIGHTS, Clerks
from store_edge.db.books import StoreBooks
from store_edge.db.engine import Database
from store_edge.db.journal import Journal
from store_edge.settings import BadSettings, Settings, load_settings


def add_clerk_command(commands: argparse._SubParsersAction, where: Callable[..., None]) -> None:  # type: ignore[type-arg]
    """`where` adds the words that say which store is meant."""
    clerk = commands.add_parser("clerk", help="who works here: add, list, remove, rights")
    acts = clerk.add_subparsers(required=True, metavar="ACT")
    every = ",".join(sorted(RIGHTS))

    add = acts.add_parser("add", help="write a clerk down; prints the PIN, once")
    add.add_argument("name", help="shown on this shop's tablets, and nowhere else")
    add.add_argument("--rights", default=",".join(sorted(BEGINNER_RIGHTS)), help=f"of {every}")
    add.set_defaults(act=_add)

    everybody = acts.add_parser("list", help="ids, names and rights")
    everybody.set_defaults(act=_list)

    remove = acts.add_parser("remove", help="strike a clerk off; the PIN opens nothing any more")
    remove.add_argument("id")
    remove.set_defaults(act=_remove)

    rights = acts.add_parser("rights", help="say what a clerk may do from now on")
    rights.add_argument("id")
    rights.add_argument("rights", help=f"of {every}, with commas; '' for none")
    rights.set_defaults(act=_rights)

    for act in (add, everybody, remove, rights):
        where(act)


def _add(args: argparse.Namespace) -> int:
    with _clerks(args) as clerks:
        id, pin = clerks.add(args.name, _words(args.rights))
    print(f"{id}  the PIN is {pin}. It is shown only this once.")
    return 0


def _list(args: argparse.Namespace) -> int:
    with _clerks(args) as clerks:
        for clerk in clerks.everybody():
            print(f"{clerk.id}  {clerk.name:<24} {', '.join(sorted(clerk.rights))}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    with _clerks(args) as clerks:
        clerks.remove(args.id)
    return 0


def _rights(args: argparse.Namespace) -> int:
    with _clerks(args) as clerks:
        clerks.allow(args.id, _words(args.rights))
    return 0


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@contextmanager
def _clerks(args: argparse.Namespace) -> Iterator[Clerks]:
    """The register of a store that exists. Raises BadSettings where there is none."""
    settings: Settings = load_settings(args.store, home=args.home)
    if not (settings.home.exists() or settings.database):
        raise BadSettings(f"there is no store in {settings.home}; `emma run` makes one")
    database = Database(settings.database_url)
    try:
        database.migrate()
        chance = TrueChance()
        books = StoreBooks(database, Journal(database, now), clock=now, chance=chance)
        yield Clerks(database, books, chance)
    finally:
        database.close()
