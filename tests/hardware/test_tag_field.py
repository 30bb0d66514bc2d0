"""What lies before an emulated reader: also between its antennas."""

from __future__ import annotations

import pytest

from hardware.tag_field import RSSI_DBM, TagField

SHIRT = b"\x01" * 12


def test_a_tag_between_two_antennas_is_heard_by_both_and_weaker_by_one() -> None:
    field = TagField()
    field.lay(SHIRT, 1, {3: 10.0})
    levels: dict[int, list[float]] = {1: [], 3: []}
    for _ in range(100):
        for seen in field.round(range(1, 5)):
            levels[seen.tag.antenna].append(seen.level_dbm)
    assert [len(heard) for heard in levels.values()] == [100, 100]
    near, far = (sum(heard) / len(heard) for heard in levels.values())
    assert near == pytest.approx(RSSI_DBM, abs=1)
    assert far == pytest.approx(RSSI_DBM - 10, abs=1)
    assert {seen.tag.antenna for seen in field.round([3])} == {3}


def test_a_tag_is_in_one_place_and_moves_with_all_that_hears_it() -> None:
    field = TagField()
    field.lay(SHIRT, 1, {2: 3.0})
    field.lay(SHIRT, 4)
    assert {seen.tag.antenna for seen in field.round(range(1, 5))} == {4}
    field.lift(SHIRT)
    assert field.round(range(1, 5)) == []


def test_an_antenna_that_is_not_there_hears_nothing() -> None:
    with pytest.raises(ValueError, match="antenna 1"):
        TagField().lay(SHIRT, 1, {5: 3.0})
