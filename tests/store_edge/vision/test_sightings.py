"""One showing of a code is one report."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.readings import Scan
from store_edge.vision.sightings import CODES_REMEMBERED_MAX, Sightings

COKE = Scan("0049000006582", "]E0")
MILK = Scan("4006381333931", "]E0")


def test_a_code_is_reported_once_while_it_lies_there() -> None:
    sightings = Sightings(votes=2, window_s=1.0, away_s=1.5)
    reports = [sightings.news([MILK], frame / 10) for frame in range(100)]
    assert [number for number, report in enumerate(reports) if report] == [1]


def test_one_frame_alone_is_not_believed() -> None:
    sightings = Sightings(votes=2)
    assert sightings.news([MILK], 0.0) == []
    assert sightings.news([COKE], 0.1) == []
    assert sightings.news([], 0.2) == []
    assert sightings.news([MILK], 5.0) == []


def test_missed_frames_between_do_not_matter_but_slowness_does() -> None:
    sightings = Sightings(votes=3, window_s=1.0, away_s=2.0)
    assert sightings.news([MILK], 0.0) == []
    assert sightings.news([], 0.1) == []
    assert sightings.news([MILK], 0.2) == []
    assert sightings.news([MILK], 1.15) == []  # three votes, but not within a second
    assert sightings.news([MILK], 1.16) == [MILK]


def test_shown_again_after_being_away_counts_again() -> None:
    sightings = Sightings(votes=1, window_s=1.0, away_s=1.5)
    assert sightings.news([MILK], 0.0) == [MILK]
    assert sightings.news([MILK], 0.4) == []
    for frame in range(1, 4):
        assert sightings.news([], 0.4 + frame * 0.45) == []
    assert sightings.news([MILK], 1.95) == [MILK]


@pytest.mark.parametrize("pause_s", [0.7, 2.0, 60.0])
def test_a_slow_camera_reads_a_code_and_sells_it_once(pause_s: float) -> None:
    sightings = Sightings(votes=2, window_s=1.0, away_s=1.5)
    reports = [sightings.news([MILK], frame * pause_s) for frame in range(30)]
    assert [number for number, report in enumerate(reports) if report] == [1]


def test_a_stall_is_no_absence() -> None:
    sightings = Sightings(votes=2, window_s=1.0, away_s=1.5)
    before = [sightings.news([MILK], frame / 10) for frame in range(10)]
    after = [sightings.news([MILK], 30 + frame / 10) for frame in range(10)]
    assert [report for report in before + after if report] == [[MILK]]


def test_codes_are_counted_apart_and_in_order() -> None:
    sightings = Sightings(votes=2)
    sightings.news([MILK, COKE, MILK], 0.0)
    assert sightings.news([COKE, MILK], 0.1) == [COKE, MILK]


def test_memory_is_bounded() -> None:
    sightings = Sightings(votes=1)
    for number in range(CODES_REMEMBERED_MAX + 10):
        sightings.news([Scan(str(number))], 0.0)
    assert len(sightings._sights) == CODES_REMEMBERED_MAX


@pytest.mark.parametrize(("votes", "window_s", "away_s"), [(0, 1.0, 1.0), (1, 0.0, 1.0), (1, 2.0, 1.0)])
def test_senseless_settings_are_refused(votes: int, window_s: float, away_s: float) -> None:
    with pytest.raises(ValueError, match="no sense"):
        Sightings(votes, window_s, away_s)


@given(st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=60))
def test_reports_of_one_code_are_never_closer_than_the_time_away(frames: list[tuple[float, bool]]) -> None:
    sightings, now_s, reported = Sightings(votes=2, window_s=1.0, away_s=1.5), 0.0, list[float]()
    for pause_s, there in frames:
        now_s += pause_s
        if sightings.news([MILK] if there else [], now_s):
            reported.append(now_s)
    assert all(later - earlier >= 1.5 for earlier, later in itertools.pairwise(reported))
