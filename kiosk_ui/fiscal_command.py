"""`emma fiscal`: what the tax office is told, and what its auditor is handed."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk_ui.progress import progress_bar
from store_edge.auditor.export import export
from store_edge.auditor.tse_log import fetch_log
from store_edge.db.engine import Database
from store_edge.notification import notification, units_in
from store_edge.settings import Settings

Open = Callable[[argparse.Namespace], Settings]
"""Gives the settings of a store that is there."""


def add_fiscal_commands(
    commands: argparse._SubParsersAction,  # type: ignore[type-arg]
    where: Callable[[argparse.ArgumentParser], None],
    opened: Open,
) -> None:
    """Hang `fiscal` among the commands."""
    fiscal = commands.add_parser("fiscal", help="what the tax office wants to know")
    of_fiscal = fiscal.add_subparsers(required=True, metavar="WHAT")
    notify = of_fiscal.add_parser("notify", help="the data of tills and signing devices, as JSON")
    where(notify)
    notify.set_defaults(act=lambda args: _notify(opened(args)))

    dsfinvk = of_fiscal.add_parser("export", help="the DSFinV-K of the days that were closed, for an auditor")
    _span(dsfinvk)
    dsfinvk.add_argument("-o", "--to-dir", type=Path, required=True, metavar="DIR", help="a new folder")
    where(dsfinvk)
    dsfinvk.set_defaults(act=lambda args: _export(opened(args), args))

    log = of_fiscal.add_parser("tse-log", help="the signing device's own log as a TAR, for an auditor")
    _span(log)
    log.add_argument("-o", "--to-file", type=Path, required=True, metavar="FILE.tar", help="a new file")
    where(log)
    log.set_defaults(act=lambda args: _tse_log(opened(args), args))


def _span(command: argparse.ArgumentParser) -> None:
    day = dt.date.fromisoformat
    command.add_argument("--from", dest="since", type=day, required=True, metavar="DATE", help="2026-11-01")
    command.add_argument("--to", dest="until", type=day, required=True, metavar="DATE", help="the last day")


def _notify(settings: Settings) -> int:
    database = Database(settings.database_url)
    database.migrate()
    found = notification(settings, units_in(database))
    database.close()
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 1 if found["missing"] else 0


def _export(settings: Settings, args: argparse.Namespace) -> int:
    database = Database(settings.database_url)
    database.migrate()
    try:
        bar = progress_bar(sys.stderr, "DSFinV-K")
        done = export(database, settings, args.since, args.until, args.to_dir, bar)
    finally:
        database.close()
    print(f"{done.closings} Z report(s), {done.processes} business processes: {args.to_dir}")
    if done.not_closed:
        print(f"{done.not_closed} receipt(s) stand in no Z report yet and are not in it")
    for sentence in done.differences:
        print(f"WRONG {sentence}")
    return 1 if done.differences else 0


def _tse_log(settings: Settings, args: argparse.Namespace) -> int:
    def count(written: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{written / 1_000_000:.1f} MB")

    written = fetch_log(settings, args.since, args.until, args.to_file, count)
    print(f"{written} bytes: {args.to_file}")
    return 0
