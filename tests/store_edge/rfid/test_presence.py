"""Many reads become few arrivals and departures."""

from __future__ import annotations

import random

from hardware.readings import TagRead
from store_edge.rfid.presence import (
    ARRIVE_S,
    DEPART_S,
    READS_MIN,
    RSSI_DBM_MIN,
    TAGS_MAX,
    Change,
    TrayPresence,
)

SHIRT, SOCKS = b"\x01" * 12, b"\x02" * 12
STRONG, WEAK = RSSI_DBM_MIN + 5, RSSI_DBM_MIN - 5


def reads(*epcs: bytes, rssi_dbm: float | None = STRONG) -> list[TagRead]:
    return [TagRead(epc, 1, rssi_dbm) for epc in epcs]


def laid(*epcs: bytes) -> TrayPresence:
    """A tray with these tags on it at second 0."""
    tray = TrayPresence()
    for _ in range(READS_MIN):
        tray.update(reads(*epcs), 0.0)
    return tray


def test_a_tag_arrives_once_after_enough_reads() -> None:
    tray = TrayPresence()
    assert tray.update(reads(SHIRT), 0.0) == Change()
    assert tray.update(reads(SHIRT), 0.1) == Change(arrived=(SHIRT,))
    assert tray.update(reads(SHIRT), 0.2) == Change()
    assert tray.here == (SHIRT,)


def test_reads_too_far_apart_are_a_passer_by() -> None:
    tray = TrayPresence()
    for i in range(20):
        assert tray.update(reads(SHIRT), i * (ARRIVE_S + 0.1)) == Change()


def test_a_stray_tag_beside_the_tray_never_arrives_and_one_without_strength_does() -> None:
    tray = TrayPresence()
    for i in range(50):
        tray.update([*reads(SHIRT, rssi_dbm=WEAK), *reads(SOCKS, rssi_dbm=None)], i * 0.1)
    assert tray.here == (SOCKS,)


def test_a_tag_departs_once_when_it_was_not_seen_for_long_enough() -> None:
    tray = laid(SHIRT, SOCKS)
    assert tray.update(reads(SOCKS), DEPART_S) == Change()
    assert tray.update(reads(SOCKS), DEPART_S + 0.1) == Change(departed=(SHIRT,))
    assert tray.update(reads(SOCKS), DEPART_S + 0.2) == Change()
    assert tray.here == (SOCKS,)


def test_a_tag_that_comes_back_arrives_again() -> None:
    tray = laid(SHIRT)
    for i in range(50):
        tray.update([], i * 0.1)
    changes = [tray.update(reads(SHIRT), 5.0 + i * 0.1) for i in range(3)]
    assert changes == [Change(), Change(arrived=(SHIRT,)), Change()]


def test_a_reader_that_was_away_made_nothing_depart_and_the_missing_depart_when_it_looked_again() -> None:
    tray = laid(SHIRT, SOCKS)
    tray.resume(100.0)
    assert tray.update(reads(SOCKS), 100.0 + DEPART_S) == Change()
    assert tray.update(reads(SOCKS), 100.1 + DEPART_S) == Change(departed=(SHIRT,))


def test_a_reader_that_said_nothing_for_long_made_nothing_depart() -> None:
    tray = laid(SHIRT, SOCKS)
    assert tray.update(reads(SOCKS), 10 * DEPART_S) == Change()
    assert tray.update(reads(SOCKS), 11 * DEPART_S + 0.1) == Change()
    assert tray.here == (SHIRT, SOCKS)


def test_what_does_not_lie_here_is_missing_once_the_reader_has_listened_long_enough() -> None:
    tray = TrayPresence()
    tray.resume(100.0)
    looks = [100.0 + 0.5 * i for i in range(1, 5)]
    found = []
    for at_s in looks:
        tray.update(reads(SOCKS), at_s)
        found.append(tray.missing([SHIRT, SOCKS]))
    assert found == [(), (), (), (SHIRT,)], f"not before {DEPART_S} s of listening"


def test_nothing_is_missing_while_the_reader_is_silent_or_was_away() -> None:
    tray = TrayPresence()
    for i in range(30):
        tray.update(reads(SOCKS), i * 0.1)
    assert tray.missing([SHIRT]) == (SHIRT,)
    tray.update([], 2.9)
    assert tray.missing([SHIRT]) == (), "it has said nothing since"
    tray.update([], 3.0)
    assert tray.missing([SHIRT]) == (SHIRT,)
    tray.resume(3.1)
    tray.update([], 3.2)
    assert tray.missing([SHIRT]) == (), "it has just come back"


def test_more_tags_than_any_tray_holds_are_not_remembered() -> None:
    tray = TrayPresence()
    many = [number.to_bytes(12) for number in range(TAGS_MAX + 100)]
    tray.update(reads(*many), 0.0)
    tray.update(reads(*many), 0.1)
    assert len(tray.here) == TAGS_MAX


def test_whatever_is_read_arrivals_and_departures_take_turns() -> None:
    for seed in range(30):
        chance = random.Random(seed)
        tray, here, now_s = TrayPresence(), set[bytes](), 0.0
        for _ in range(300):
            now_s += chance.uniform(0.0, 0.6)
            seen = [epc for epc in (SHIRT, SOCKS) if chance.random() < 0.6]
            change = tray.update(reads(*seen, rssi_dbm=chance.choice((STRONG, WEAK, None))), now_s)
            assert here.isdisjoint(change.arrived)
            assert here.issuperset(change.departed)
            here = here.difference(change.departed).union(change.arrived)
            assert tray.here == tuple(sorted(here))
