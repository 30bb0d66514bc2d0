"""`emma clerk`: add, list, rights, remove, beside a shop that is open or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk_ui.cli import main

pytestmark = pytest.mark.usefixtures("quick_hash")


def test_a_clerk_comes_and_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--home", str(tmp_path)]
    assert main(["clerk", "add", "Anna", "--rights", "serve, cash", *where]) == 0
    made = re.fullmatch(
        r"(\w+)  the PIN is (\d{6})\. It is shown only this once\.\n", capsys.readouterr().out
    )
    assert made is not None
    assert main(["clerk", "list", *where]) == 0
    assert re.fullmatch(rf"{made[1]}  Anna +cash, serve\n", capsys.readouterr().out)
    assert main(["clerk", "rights", made[1], "age", *where]) == 0
    main(["clerk", "list", *where])
    assert capsys.readouterr().out.endswith(" age\n")
    assert main(["clerk", "remove", made[1], *where]) == 0
    main(["clerk", "list", *where])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "Anna", "--rights", "fly"], "there is no right 'fly'"),
        (["add", " "], "a name has 1 to 60 characters"),
        (["remove", "c9"], "nobody here has the id c9"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["clerk", *words, "--home", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_where_no_store_is_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clerk", "list", "--home", str(tmp_path / "none")]) == 2
    assert "there is no store" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
