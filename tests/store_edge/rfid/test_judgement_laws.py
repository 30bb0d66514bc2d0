"""What must hold for any reads: names do not matter, more reads make a tag surer, chances are chances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_edge.rfid import simulator
from store_edge.rfid.features import TAG_FEATURES, tag_features, zone_features
from store_edge.rfid.fitting import fit_choice, fit_two_classes, sigmoid, softmax
from store_edge.rfid.following import follow
from store_edge.rfid.judge import (
    BadParameters,
    calibration_error,
    in_box_chances,
    load_parameters,
    parameters_text,
    sense_chance,
    shift,
    zone_chances,
)
from store_edge.rfid.residents import RESIDENT_AFTER_S, Residents

PARAMETERS = load_parameters()
seeds = st.integers(0, 10_000)


def some_reads(seed: int, tags: int = 12, reads: int = 300):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    return (
        np.sort(rng.uniform(0, 3, reads)),
        rng.integers(0, 2, reads),
        rng.normal(-65, 6, reads),
        rng.integers(0, tags, reads),
    )


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_antennas_and_tags_may_be_called_anything(seed: int) -> None:
    at_s, antenna, rssi, tag = some_reads(seed)
    read, features = tag_features(at_s, antenna, rssi, tag, 12)
    names = np.random.default_rng(seed + 1).permutation(12)
    again, renamed = tag_features(at_s, 7 - 3 * antenna, rssi, names[tag], 12)
    assert np.allclose(features, renamed[np.argsort(np.argsort(names[read]))])
    assert sorted(names[read]) == list(again)


@settings(max_examples=40, deadline=None)
@given(seeds, st.permutations((0, 1, 2, 3)))
def test_zones_go_along_with_their_antennas(seed: int, order: list[int]) -> None:
    rng = np.random.default_rng(seed)
    antenna, rssi = rng.integers(0, 4, 60), rng.normal(-60, 8, 60)
    named = np.array(order)[antenna]
    chances = zone_chances(PARAMETERS, 5.0, zone_features(antenna, rssi, (0, 1, 2, 3)))
    renamed = zone_chances(PARAMETERS, 5.0, zone_features(named, rssi, (0, 1, 2, 3)))
    assert np.allclose(chances, renamed[order])
    assert chances.sum() == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0.5, 20))
def test_a_stronger_answer_at_one_antenna_never_speaks_against_its_zone(seed: int, more_db: float) -> None:
    rng = np.random.default_rng(seed)
    antenna, rssi = np.arange(40) % 4, rng.normal(-60, 8, 40)
    before = zone_chances(PARAMETERS, 5.0, zone_features(antenna, rssi, (0, 1, 2, 3)))
    louder = rssi + more_db * (antenna == 2)
    after = zone_chances(PARAMETERS, 5.0, zone_features(antenna, louder, (0, 1, 2, 3)))
    assert after[2] >= before[2]


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(-20, 20))
def test_a_quieter_site_is_judged_alike(seed: int, all_db: float) -> None:
    at_s, antenna, rssi, tag = some_reads(seed)
    _, features = tag_features(at_s, antenna, rssi, tag, 12)
    _, shifted = tag_features(at_s, antenna, rssi + all_db, tag, 12)
    assert np.allclose(features, shifted, atol=1e-6)


@pytest.mark.parametrize("after_s", sorted(PARAMETERS.in_box))
def test_being_seen_by_more_looks_never_makes_a_tag_less_likely_inside(after_s: float) -> None:
    _, weights = PARAMETERS.in_box[after_s]
    by_name = dict(zip(TAG_FEATURES, weights, strict=True))
    assert by_name["looks_share"] + by_name["looks_share_of_best_tags"] > 0
    assert by_name["rssi_db_over_median"] > 0


def test_nothing_read_judges_nobody() -> None:
    none = np.empty(0, int)
    read, features = tag_features(np.empty(0), none, np.empty(0), none, 5)
    assert len(read) == 0
    assert len(in_box_chances(PARAMETERS, 3.0, features)) == 0


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_played_backwards_a_tag_goes_the_other_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at_s, places, rssi = np.sort(rng.uniform(0, 9, 50)), rng.uniform(-1, 1, (50, 2)), rng.normal(-60, 6, 50)
    there = shift(at_s, places, rssi)
    back = shift(at_s[-1] - at_s[::-1] + at_s[0], places[::-1], rssi[::-1])
    assert np.allclose(there, np.negative(back))
    way = (1.0, -0.5)
    assert sense_chance(PARAMETERS, there, way) + sense_chance(PARAMETERS, back, way) == pytest.approx(1)


def test_without_time_there_is_no_way() -> None:
    assert shift(np.array([1.0]), np.zeros((1, 2)), np.array([-60.0])) == (0.0, 0.0)
    assert sense_chance(PARAMETERS, (0.0, 0.0), (1.0, 0.0)) == 0.5
    assert sense_chance(PARAMETERS, (1.0, 0.0), (0.0, 0.0)) == 0.5


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_following_looks_back_only_and_stays_a_chance(seed: int) -> None:
    heard = softmax(np.random.default_rng(seed).normal(0, 2, (12, 4)))
    whole = follow(heard, 1.0)
    assert np.allclose(whole[:7], follow(heard[:7], 1.0))
    assert np.allclose(whole.sum(axis=1), 1)


def test_what_was_known_is_forgotten_in_time() -> None:
    sure_then_nothing = np.array([[0.97, 0.01, 0.01, 0.01], [0.25, 0.25, 0.25, 0.25]])
    soon, late = follow(sure_then_nothing, 1.0)[1, 0], follow(sure_then_nothing, 300.0)[1, 0]
    assert soon > 0.9
    assert late < 0.3


def test_who_lived_here_before_must_be_seen_more_clearly() -> None:
    residents = Residents()
    residents.remember([("OLD", 0.2), ("NEW", 0.9)], 0.0)
    chances = residents.weigh(("OLD", "NEW"), np.array([0.8, 0.8]), RESIDENT_AFTER_S)
    assert chances[0] < 0.8 <= chances[1]
    young = residents.weigh(("OLD", "NEW"), np.array([0.8, 0.8]), RESIDENT_AFTER_S - 1)
    assert np.all(young >= 0.8)


def test_where_most_strays_are_known_a_newcomer_is_likelier_inside() -> None:
    residents, epcs = Residents(), [f"{n}" for n in range(20)]
    residents.remember([(epc, 0.01) for epc in epcs], 0.0)
    chances = residents.weigh([*epcs, "NEW"], np.array([0.02] * 20 + [0.5]), RESIDENT_AFTER_S)
    assert chances[-1] > 0.9


def test_a_clock_that_steps_back_makes_no_resident_and_takes_none_away() -> None:
    residents = Residents()
    residents.remember([("A", 0.1)], 5_000.0)
    residents.remember([("A", 0.1)], 10.0)
    assert residents.weigh(("A",), np.array([0.8]), 20.0)[0] >= 0.8
    assert residents.weigh(("A",), np.array([0.8]), 5_000.0)[0] < 0.8


def test_a_fit_finds_the_weights_that_made_the_examples() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(20_000, 2))
    bias, weights = fit_two_classes(rows, rng.random(20_000) < sigmoid(0.5 + rows @ [1.0, -2.0]))
    assert (bias, *weights) == pytest.approx((0.5, 1.0, -2.0), abs=0.1)
    choices = rng.normal(size=(8_000, 4, 2))
    chance = softmax(choices @ np.array([1.5, -0.5]))
    taken = (rng.random((8_000, 1)) > chance.cumsum(axis=1)).sum(axis=1)
    assert fit_choice(choices, taken) == pytest.approx([1.5, -0.5], abs=0.1)
    with pytest.raises(ValueError, match="both classes"):
        fit_two_classes(rows, np.ones(20_000, bool))


def test_calibration_error_of_honest_and_of_boastful_chances() -> None:
    rng = np.random.default_rng(4)
    chance = rng.random(50_000)
    assert calibration_error(chance, rng.random(50_000) < chance) < 0.02
    assert calibration_error(np.full(100, 0.95), np.arange(100) < 50) == pytest.approx(0.45)


def test_parameters_are_written_as_they_are_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "site.toml"
    file.write_text(parameters_text(PARAMETERS), "utf-8")
    assert parameters_text(load_parameters(file)) == parameters_text(PARAMETERS)
    file.write_text("[card]\n", "utf-8")
    with pytest.raises(BadParameters):
        load_parameters(file)


def test_what_ships_was_fitted_on_the_simulator_alone() -> None:
    assert "no recorded log" in PARAMETERS.card["source"]


def test_the_simulator_gives_what_the_logs_publish() -> None:
    inside, around = [], []
    for seed in range(24):
        log = simulator.box_log(np.random.default_rng(seed), duration_s=6.0)
        assert log.in_box is not None
        is_in = log.in_box[log.tag]
        inside.append(log.rssi_dbm[is_in])
        around.append(log.rssi_dbm[~is_in])
    pooled_in, pooled_around = np.concatenate(inside), np.concatenate(around)
    assert pooled_in.mean() == pytest.approx(-56, abs=4)
    assert pooled_in.std() == pytest.approx(10, abs=3)
    assert pooled_around.mean() == pytest.approx(-70, abs=4)
    assert pooled_around.std() == pytest.approx(5, abs=3)


def test_in_one_slotted_round_no_tag_is_read_twice_at_once() -> None:
    reads = simulator.inventory(np.ones(40, bool), 0.3, np.random.default_rng(1))
    times = [at_s for at_s, _ in reads]
    assert times == sorted(times)
    assert len(set(times)) == len(times)
    assert np.diff(times).min() >= simulator.SINGLE_S * 0.99
