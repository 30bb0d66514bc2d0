"""`emma verify receipt-qr`: what it reads, what it prints, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk_ui.cli import main
from tests.hardware.tse.test_receipt_qr import GOOD

FORGED = GOOD.replace("3.19:Bar", "1.19:Bar")


def run(capsys, *words: str) -> tuple[int, str]:
    status = main(["verify", "receipt-qr", *words])
    return status, capsys.readouterr().out


def file_of(tmp_path: Path, content: object) -> str:
    path = tmp_path / "codes.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_a_verdict_for_each_code_in_their_order(capsys, tmp_path):
    file = file_of(tmp_path, [{"qr": FORGED}, {"qr": GOOD}, {"code": GOOD}, 7])
    status, said = run(capsys, file, "--json")
    assert status == 1
    assert [row["valid"] for row in json.loads(said)] == [False, True, False, False]
    assert json.loads(said)[2]["reason"] == "there is no text under 'qr'"
    assert all(row["reason"] for row in json.loads(said))


def test_a_single_code(capsys):
    status, said = run(capsys, "--text", GOOD)
    assert (status, said.split()[:2]) == (0, ["1", "valid"])
    status, said = run(capsys, "--text", FORGED)
    assert (status, said.split()[:2]) == (1, ["1", "INVALID"])


@pytest.mark.parametrize("content", [b"{", b'{"qr": "V0"}', b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_no_list_of_codes_is_said_so(capsys, tmp_path, content):
    path = tmp_path / "codes.json"
    path.write_bytes(content)
    assert main(["verify", "receipt-qr", str(path)]) == 2
    assert "codes.json: " in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said_so(capsys, tmp_path):
    assert main(["verify", "receipt-qr", str(tmp_path / "nowhere.json")]) == 2
    assert "No such file" in capsys.readouterr().err
