"""`emma verify`: what stands on receipts, in a TSE's log and in an auditor's export, judged by anybody."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from kiosk_ui.progress import progress_bar
from store_edge.audit import codes_in, verdicts
from store_edge.auditor.check import check_export
from store_edge.auditor.tse_log import judge


def add_verify_commands(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    """Hang `verify` among the commands."""
    verify = commands.add_parser("verify", help="tell whether receipts, logs and exports are right")
    of_what = verify.add_subparsers(required=True, metavar="WHAT")
    codes = of_what.add_parser("receipt-qr", help="QR codes of receipts: a JSON list of objects with `qr`")
    given = codes.add_mutually_exclusive_group(required=True)
    given.add_argument("file", nargs="?", type=Path, metavar="FILE.json")
    given.add_argument("--text", default="", help="a single code")
    codes.add_argument("--json", action="store_true", help="print a JSON list, one object for each code")
    codes.set_defaults(act=_receipt_qr)

    log = of_what.add_parser("tse-export", help="a signing device's log: every signature, every counter")
    log.add_argument("file", type=Path, metavar="FILE.tar")
    log.add_argument("--json", action="store_true", help="print one JSON object")
    log.set_defaults(act=_tse_export)

    export = of_what.add_parser("dsfinvk", help="a DSFinV-K export: its form, its sums, its signatures")
    export.add_argument("folder", type=Path, metavar="DIR")
    export.add_argument("--json", action="store_true", help="print one JSON object")
    export.set_defaults(act=_dsfinvk)


def verify_receipt_codes(file: Path | None, text: str, out: TextIO, *, as_json: bool) -> bool:
    """Verify the codes in a file, or the one in `text`; True if all are right. Raises `BadCodes`."""
    found = list(verdicts([text] if file is None else codes_in(file)))
    if as_json:
        rows = [{"valid": one.valid, "reason": one.reason, "remarks": one.remarks} for one in found]
        out.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        for number, one in enumerate(found, start=1):
            word = "valid" if one.valid else "INVALID"
            out.write(f"{number:>6}  {word:<8} {'; '.join((one.reason, *one.remarks))}\n")
    return all(one.valid for one in found)


def _receipt_qr(args: argparse.Namespace) -> int:
    return 0 if verify_receipt_codes(args.file, args.text, sys.stdout, as_json=args.json) else 1


def _tse_export(args: argparse.Namespace) -> int:
    judged = judge(args.file, progress_bar(sys.stderr, "TSE log"))
    facts = {"messages": judged.messages, "finished": judged.finished, "units": judged.units}
    wrong = [{"file": one.name, "sentence": one.sentence} for one in judged.findings]
    said = f"{judged.messages} messages, {judged.finished} ended transactions, {len(judged.units)} TSE"
    return _say(facts, wrong, said, as_json=args.json)


def _dsfinvk(args: argparse.Namespace) -> int:
    checked = check_export(args.folder)
    facts = {
        "closings": checked.closings,
        "processes": checked.processes,
        "signatures": checked.signatures,
    }
    wrong = [{"file": one.file, "row": one.row, "sentence": one.sentence} for one in checked.findings]
    said = f"{checked.closings} Z reports, {checked.processes} processes, {checked.signatures} signatures"
    return _say(facts, wrong, said, as_json=args.json)


def _say(
    facts: Mapping[str, object], wrong: Sequence[Mapping[str, object]], said: str, *, as_json: bool
) -> int:
    if as_json:
        print(json.dumps({"valid": not wrong, **facts, "findings": wrong}, ensure_ascii=False, indent=1))
    else:
        for one in wrong:
            place = ":".join(str(part) for part in (one["file"], one.get("row")) if part)
            print(f"WRONG {place or '-'}: {one['sentence']}")
        print(f"{said}: {'all right' if not wrong else f'{len(wrong)} finding(s)'}")
    return 1 if wrong else 0
