"""Secrets in files: whole or not at all, and nobody else's to read."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk_ui import cli
from kiosk_ui.secrets_kept import SecretDamaged, kept_secret, write_secret


def full_disk(_end: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_secret_stays_the_same_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "screens.key"
    first = kept_secret(file)
    assert (len(first), kept_secret(file)) == (32, first)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secret(tmp_path / "other.key") != first
    assert [one.name for one in file.parent.iterdir()] == ["screens.key"]


def test_a_full_disk_leaves_no_secret_rather_than_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "screens.key"
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full_disk)
        with pytest.raises(OSError, match="No space left"):
            kept_secret(file)
    assert list(tmp_path.iterdir()) == []
    write_secret(file, "a" * 64)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full_disk)
        with pytest.raises(OSError, match="No space left"):
            write_secret(file, "b" * 64)
    assert file.read_text("ascii") == "a" * 64, "what was there is still there"


@pytest.mark.parametrize("text", ["", "\n", "0" * 63, " " * 64])
def test_too_little_signs_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "screens.key"
    file.write_text(text, encoding="ascii")
    with pytest.raises(
        SecretDamaged, match=r"screens\.key is too short to be a secret; remove it"
    ) as refused:
        kept_secret(file)
    assert text.strip() == "" or text not in str(refused.value)


def test_the_secret_is_readable_by_nobody_else_at_any_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(end: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(end).st_mode))

    monkeypatch.setattr(os, "fsync", look)
    write_secret(tmp_path / "a.key", "x" * 64)
    assert seen[0] == 0o600


def test_starters_at_once_end_with_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_secret, [tmp_path / "screens.key"] * 24))) == 1


def test_emma_says_so_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "screens.key").touch()
    assert cli.main(["central", "--home", str(tmp_path), "--port", "0"]) == 2
    assert "screens.key is too short to be a secret" in capsys.readouterr().err
