"""The command `emma`: open a shop, run head office, look whether all is well, read tags."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from flask import Flask

from kiosk_ui import app as composed
from kiosk_ui.barcodes_command import add_barcodes_command
from kiosk_ui.baskets_command import add_baskets_command
from kiosk_ui.clerk_command import add_clerk_command
from kiosk_ui.decode import BadTable, decode_epc
from kiosk_ui.fiscal_command import add_fiscal_commands
from kiosk_ui.items_command import add_counting_commands
from kiosk_ui.live import LiveDesk
from kiosk_ui.models_command import add_models_command
from kiosk_ui.produce_command import add_produce_command
from kiosk_ui.reads_command import add_reads_commands
from kiosk_ui.secrets_kept import SecretDamaged
from kiosk_ui.serve import AddressTaken, PageServer
from kiosk_ui.train_command import add_train_command
from kiosk_ui.verify import add_verify_commands
from store_edge.audit import BadCodes
from store_edge.auditor.export import CannotExport
from store_edge.auditor.reading import NotAnExport
from store_edge.auditor.tse_log import NotALog
from store_edge.box import Box
from store_edge.check import check_store
from store_edge.clerks import BadClerk
from store_edge.home_lock import HomeLock, ShopIsOpen
from store_edge.settings import BadSettings, Settings, load_settings
from store_edge.sync.central_client import HeadOffice

SAID = (
    BadSettings, BadClerk, BadCodes, BadTable, AddressTaken, SecretDamaged, ShopIsOpen,
    CannotExport, NotAnExport, NotALog,
)  # fmt: skip
"""What the command line says in a sentence."""
STORE_PORT = 8080
HEAD_OFFICE_PORT = 8090


def main(arguments: Sequence[str] | None = None) -> int:
    """The entry point; gives the exit status."""
    args = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    # It logs every address, and an account's address names the account.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        status: int = args.act(args)
        return status
    except SAID as error:
        print(f"emma: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads our answer has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="emma", description="The shop that knows you.")
    parser.add_argument("--verbose", action="store_true", help="log what happens, not only what goes wrong")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="open the shop: screens, devices and head office in one process")
    run.add_argument(
        "--port", type=int, default=STORE_PORT, help="port of the screens; live events use the next"
    )
    run.add_argument("--host", default="127.0.0.1", help="address to listen on")
    _where(run)
    run.set_defaults(act=_run)

    central = commands.add_parser("central", help="run head office on its own")
    central.add_argument("--port", type=int, default=HEAD_OFFICE_PORT)
    central.add_argument("--host", default="127.0.0.1", help="address to listen on")
    central.add_argument(
        "--name", action="append", default=[], help="a host name customers use for it; may be repeated"
    )
    central.add_argument("--home", type=Path, default=_home(), help="folder for its data")
    central.add_argument("--demo", action="store_true", help="with the demo shop's customer and goods")
    central.add_argument("--points", default="", help="a file with the rules of the points programme")
    central.set_defaults(act=_central)

    key = commands.add_parser("key", help="make a key for a store or an office client at head office")
    key.add_argument("kind", choices=("store", "office"))
    key.add_argument("name", help="the store's id, or the client's name")
    key.add_argument("--home", type=Path, default=_home(), help="folder of head office's data")
    key.set_defaults(act=_key)

    add_verify_commands(commands)
    add_clerk_command(commands, _where)
    add_reads_commands(commands, _score_kinds(commands))
    add_models_command(commands)
    add_train_command(commands)

    check = commands.add_parser("check", help="look at the database, the journal, head office, every device")
    _where(check)
    check.set_defaults(act=_check)

    add_fiscal_commands(commands, _where, _settings_of_a_store)

    decode = commands.add_parser("decode", help="say what tags mean")
    epc = decode.add_subparsers(required=True, metavar="KIND").add_parser(
        "epc", help="add tag URI, GS1 key, serial and scheme to a table with a column epc_hex"
    )
    epc.add_argument("file", type=Path, metavar="FILE.csv")
    epc.add_argument("--json", action="store_true", help="write a JSON list instead of CSV")
    epc.set_defaults(act=_decode_epc)
    return parser


def _score_kinds(commands: argparse._SubParsersAction) -> argparse._SubParsersAction:  # type: ignore[type-arg]
    score = commands.add_parser("score", help="say how good a judgement is, on recordings with truth")
    kinds: argparse._SubParsersAction = score.add_subparsers(  # type: ignore[type-arg]
        required=True, metavar="WHAT"
    )
    add_barcodes_command(kinds)
    add_baskets_command(kinds)
    add_counting_commands(kinds)
    add_produce_command(kinds)
    return kinds


def _home() -> Path:
    """Head office has no settings file, but `EMMA_HOME` holds for it too."""
    return Path(os.environ.get("EMMA_HOME") or Settings().home)


def _where(command: argparse.ArgumentParser) -> None:
    command.add_argument("--home", type=Path, help="folder for the store's data (default: .emma)")
    command.add_argument("--store", type=Path, metavar="FILE.toml", help="the store's settings")


def _run(args: argparse.Namespace) -> int:
    settings = load_settings(args.store, home=args.home)
    with HomeLock(settings.home):
        return _open_shop(args, settings)


def _open_shop(args: argparse.Namespace, settings: Settings) -> int:
    centre_app = (
        None if settings.head_office.url else composed.open_head_office(settings.home, settings.points)
    )
    head_office = _head_office(settings, centre_app)
    public_address = f"http://{_name_of(args.host)}:{args.port}"
    box = composed.open_store(settings, head_office, public_address)
    live = LiveDesk(box.journal, args.host, args.port + 1, own_names=composed.own_names(box))
    screens = composed.create_app(
        box,
        account_api=composed.local_account_api(settings.home, centre_app) if centre_app else None,
        live_port=args.port + 1,
        demo_account_key=composed.seed_demo_customer(settings, centre_app)
        if centre_app and settings.demo
        else "",
    )
    server = PageServer(composed.one_door(screens, centre_app), args.host, args.port)
    try:
        box.start()
        live.start()
        _say_where(settings, public_address, box.clerks.ensure_keeper(), with_account=centre_app is not None)
        server.run()
    finally:
        print("Closing the shop …", flush=True)
        server.close()
        live.stop()
        box.stop()
        if centre_app is not None:
            composed.centre_of(centre_app).close()
    return 0


def _head_office(settings: Settings, centre_app: Flask | None) -> HeadOffice:
    if centre_app is not None:
        return composed.local_head_office(settings, centre_app)
    return HeadOffice(settings.head_office.url, settings.head_office.key())


def _say_where(settings: Settings, address: str, pin: str | None, *, with_account: bool) -> None:
    rows = [("Front page", "/"), *((f"Kiosk, lane {lane}", f"/kiosk/{lane}") for lane in settings.lanes)]
    if settings.phone.offered:
        rows.append(("Scan and go", "/phone"))
    rows += [(f"Mirror, {cabin}", f"/fitting/{cabin}") for cabin in settings.cabins]
    if with_account:
        rows += [("Your account", "/account"), ("Head office's API", "/api/v1/docs")]
    rows += [("Staff tablet", "/tablet"), ("Device bench", "/bench"), ("Look", "/design")]
    print(f"{settings.shop.name} is open.\n", flush=True)
    for name, path in rows:
        print(f"  {name:<20} {address}{path}", flush=True)
    if pin is not None:
        print(f"\n  The staff PIN is {pin}. It is shown only this once.", flush=True)
        print("  It is the keeper's; `emma clerk add NAME` makes one for everybody else.", flush=True)
    print("\nCtrl-C closes the shop.", flush=True)


def _central(args: argparse.Namespace) -> int:
    hosts = [args.host, *args.name]
    door = composed.create_head_office(args.home, hosts=hosts, demo=args.demo, points=args.points)
    server = PageServer(door, args.host, args.port)
    address = f"http://{_name_of(args.host)}:{server.port}"
    print(f"Head office is open.\n\n  Customer's account   {address}/account", flush=True)
    print(f"  API                  {address}/api/v1/docs\n\nCtrl-C closes it.", flush=True)
    try:
        server.run()
    finally:
        server.close()
    return 0


def _key(args: argparse.Namespace) -> int:
    print(composed.new_key(args.home, args.kind, args.name))
    return 0


def _check(args: argparse.Namespace) -> int:
    settings = _settings_of_a_store(args)
    centre_app = (
        None if settings.head_office.url else composed.open_head_office(settings.home, settings.points)
    )
    box: Box = composed.open_store(settings, _head_office(settings, centre_app))
    findings = check_store(box)
    for finding in findings:
        said = "odd" if finding.odd else "ok" if finding.well else "WRONG"
        print(f"{said:<5} {finding.about:<16} {finding.sentence}")
    box.stop()
    return 0 if all(finding.well for finding in findings) else 1


def _settings_of_a_store(args: argparse.Namespace) -> Settings:
    settings = load_settings(args.store, home=args.home)
    _must_be_a_store(settings)
    return settings


def _must_be_a_store(settings: Settings) -> None:
    """Raises BadSettings where there is none yet: looking must not make one."""
    if not (settings.home.exists() or settings.database):
        raise BadSettings(f"there is no store in {settings.home}; `emma run` makes one")


def _decode_epc(args: argparse.Namespace) -> int:
    decode_epc(args.file, sys.stdout, as_json=args.json)
    return 0


def _name_of(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "") else host


if __name__ == "__main__":
    sys.exit(main())
