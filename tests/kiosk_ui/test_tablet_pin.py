"""The staff PIN: made once, kept only as a hash nobody else may read, tried a limited number of times."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kiosk_ui.tablet import pin
from kiosk_ui.tablet.pin import Door, ensure_pin, has_pin, is_pin, mark_of
from tests.kiosk_ui.kiosk_shop import Clock


def wrong(right: str) -> str:
    return f"{(int(right) + 1) % 10**pin.PIN_DIGITS:06d}"


def test_it_is_made_once_and_shown_once(tmp_path: Path) -> None:
    home = tmp_path / "new"
    made = ensure_pin(home)
    assert made is not None
    assert len(made) == 6
    assert made.isdigit()
    assert ensure_pin(home) is None
    assert is_pin(home, made)
    assert not is_pin(home, wrong(made))


def test_only_its_owner_reads_it_and_it_holds_no_pin(tmp_path: Path) -> None:
    made = ensure_pin(tmp_path)
    assert made is not None
    file = tmp_path / pin.FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    kind, salt, kept = file.read_text().split()
    assert made not in salt + kept
    again = hashlib.scrypt(made.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, maxmem=2**26, dklen=32)
    assert (kind, kept) == ("scrypt", again.hex())


def test_two_stores_keep_the_same_pin_differently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _most: 42)
    assert ensure_pin(tmp_path / "a") == ensure_pin(tmp_path / "b") == "000042"
    texts = [(tmp_path / home / pin.FILE_NAME).read_text() for home in "ab"]
    assert texts[0] != texts[1]


@pytest.mark.parametrize("text", ["", "scrypt", "scrypt zz zz", "plain 00 00", "a b c d", "\x00" * 2000])
def test_a_file_that_is_none_opens_to_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / pin.FILE_NAME).write_text(text)
    assert not has_pin(tmp_path)
    assert not is_pin(tmp_path, "000000")
    assert mark_of(tmp_path) == ""


@pytest.mark.parametrize("typed", ["", "1", "1234567", "12345a", "١٢٣٤٥٦", "      "])
def test_what_is_no_pin_is_not_even_looked_at(tmp_path: Path, typed: str) -> None:
    ensure_pin(tmp_path)
    assert not is_pin(tmp_path, typed)


def test_a_new_pin_leaves_another_mark(tmp_path: Path) -> None:
    ensure_pin(tmp_path)
    before = mark_of(tmp_path)
    (tmp_path / pin.FILE_NAME).unlink()
    assert mark_of(tmp_path) == ""
    ensure_pin(tmp_path)
    assert mark_of(tmp_path) not in ("", before)


def test_too_many_wrong_pins_lock_the_door_for_longer_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin, "SCRYPT_N", 2)
    right = ensure_pin(tmp_path)
    assert right is not None
    clock = Clock()
    door = Door(tmp_path, clock)
    locks = []
    for _ in range(6):
        for _ in range(pin.ATTEMPTS_MAX):
            assert door.locked_for_s() == 0
            assert not door.try_pin(wrong(right))
        assert not door.try_pin(right), "a locked door opens to nobody"
        locks.append(door.locked_for_s())
        clock.pass_s(locks[-1] - 1)
        assert door.locked_for_s() == 1
        clock.pass_s(1)
    assert locks == [60, 120, 240, 480, 900, 900]
    assert door.try_pin(right)
    for _ in range(pin.ATTEMPTS_MAX):
        door.try_pin(wrong(right))
    assert door.locked_for_s() == pin.LOCK_S_MIN


def test_a_right_pin_forgives_slips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin, "SCRYPT_N", 2)
    right = ensure_pin(tmp_path)
    assert right is not None
    door = Door(tmp_path, Clock())
    for _ in range(3):
        for _ in range(pin.ATTEMPTS_MAX - 1):
            door.try_pin(wrong(right))
        assert door.try_pin(right)


def test_a_clock_set_back_locks_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin, "SCRYPT_N", 2)
    right = ensure_pin(tmp_path)
    assert right is not None
    clock = Clock()
    door = Door(tmp_path, clock)
    for _ in range(pin.ATTEMPTS_MAX):
        door.try_pin(wrong(right))
    clock.pass_s(-24 * 3600)
    assert door.try_pin(right)


def test_a_full_disk_leaves_no_pin_rather_than_an_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_end: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            ensure_pin(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert ensure_pin(tmp_path) is not None
