"""`emma decode epc`: a table in, the same table with its meaning out, row by row."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from kiosk_ui.cli import main

VECTORS = Path(os.environ.get("EMMA_SHARED", Path(__file__).parents[2] / ".." / "shared")) / (
    "data/epc/epc_vectors.csv"
)
TAG = "3066C4409047E140075BCD15"
URI = "urn:epc:tag:sgtin-96:3.95060001343.05.123456789"


def table(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "tags.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_every_row_gets_its_meaning_or_its_error(tmp_path, capsys):
    assert main(["decode", "epc", table(tmp_path, f"shelf,epc_hex\nA,{TAG}\nB,none\n\nC\n")]) == 0
    good, bad, short = rows(capsys.readouterr().out)
    assert good == {
        "shelf": "A",
        "epc_hex": TAG,
        "tag_uri": URI,
        "gs1_key": "09506000134352",
        "serial": "123456789",
        "scheme": "sgtin-96",
        "error": "",
    }
    assert (bad["shelf"], bad["scheme"], bad["error"]) == ("B", "", "'n' is no hexadecimal digit")
    assert short["error"] == "nothing to read"


def test_as_json_it_is_one_list_of_the_same_rows(tmp_path, capsys):
    file = table(tmp_path, f"epc_hex,note\n{TAG},größer\n00,\n")
    main(["decode", "epc", file])
    as_csv = rows(capsys.readouterr().out)
    assert main(["decode", "epc", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == as_csv
    assert main(["decode", "epc", table(tmp_path, "epc_hex\n"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_columns_with_these_names_are_answered_anew(tmp_path, capsys):
    main(["decode", "epc", table(tmp_path, f"scheme,epc_hex,serial\nwrong,{TAG},wrong\n")])
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "scheme,epc_hex,serial,tag_uri,gs1_key,error"
    assert rows(out)[0]["scheme"] == "sgtin-96"
    assert rows(out)[0]["serial"] == "123456789"


def test_tables_of_german_spreadsheets_are_read(tmp_path, capsys):
    main(["decode", "epc", table(tmp_path, f"\ufeffRegal;epc_hex\r\nÄpfel, lose;{TAG}\r\n")])
    assert rows(capsys.readouterr().out, ";")[0]["Regal"] == "Äpfel, lose"


def test_a_spoiled_row_spoils_no_other(tmp_path, capsys):
    main(["decode", "epc", table(tmp_path, f"epc_hex\n\xff\n{TAG},{TAG}\n{TAG}\n".encode("latin-1"))])
    spoiled, too_long, good = rows(capsys.readouterr().out)
    assert spoiled["error"] == "'\ufffd' is no hexadecimal digit"
    assert too_long["error"] == "more columns than the first line"
    assert good["tag_uri"] == URI


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "there is no column 'epc_hex'"),
        (f"epc\n{TAG}\n", "there is no column 'epc_hex' in the first line: 'epc'"),
        (f"epc_hex,a,a\n{TAG},1,2\n", "two columns have the same name"),
        (f'epc_hex\n{TAG}\n"{"0" * 200_000}"\n', "field larger than field limit"),
    ],
)
def test_what_is_no_table_of_tags_is_refused_in_a_sentence(tmp_path, capsys, content, why):
    assert main(["decode", "epc", table(tmp_path, content)]) == 2
    assert why in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert main(["decode", "epc", str(tmp_path / "none.csv")]) == 2
    assert "none.csv: No such file" in capsys.readouterr().err


@pytest.mark.skipif(not VECTORS.exists(), reason=f"no EPC test vectors at {VECTORS}")
def test_published_tags_are_answered_as_published(capsys):
    assert main(["decode", "epc", str(VECTORS)]) == 0
    with VECTORS.open(encoding="utf-8", newline="") as file:
        wanted = list(csv.DictReader(file))
    answered = rows(capsys.readouterr().out)
    assert [row.pop("error") for row in answered] == [""] * len(wanted)
    assert answered == wanted
