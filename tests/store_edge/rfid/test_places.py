"""Places decide by their own rules, ask when unsure, and lose nothing while a reader is silent."""

from __future__ import annotations

import random

import pytest

from store_edge.rfid.judge import load_parameters
from store_edge.rfid.places import (
    ARRIVED,
    ASKED,
    DEPARTED,
    MOVED,
    RULES,
    TAGS_MAX,
    Decision,
    Place,
    Places,
    Sighting,
)

SHIRT = b"\x01" * 12
CABINS = (Place("one", "cabin", (("a", 1),)), Place("two", "cabin", (("a", 2), ("b", 1))))
PARAMETERS = load_parameters()


def shop(*places: Place) -> Places:
    return Places(places or CABINS, PARAMETERS)


def hung(
    places: Places, near: tuple[str, int], from_s: float, to_s: float, epc: bytes = SHIRT
) -> list[Decision]:
    """The tag hangs close to one antenna; the others hear it far off."""
    found: list[Decision] = []
    antennas = [antenna for place in places.places for antenna in place.antennas]
    for step in range(round(from_s * 10), round(to_s * 10)):
        at_s = step / 10
        places.hear(Sighting(at_s, *one, -48.0 if one == near else -68.0, epc) for one in antennas)
        found += places.decide(at_s)
    return found


def test_a_garment_arrives_moves_and_leaves() -> None:
    places = shop()
    assert [(d.what, d.place) for d in hung(places, ("a", 1), 0, 4)] == [(ARRIVED, "one")]
    assert [(d.what, d.place) for d in hung(places, ("b", 1), 4, 12)] == [(MOVED, "two")]
    other = hung(places, ("a", 1), 12, 40, b"\x02" * 12) + hung(places, ("b", 1), 40, 70, b"\x03" * 12)
    assert (DEPARTED, SHIRT, "two") in [(d.what, d.epc, d.place) for d in other]


def test_nothing_leaves_while_the_reader_is_silent() -> None:
    places = shop()
    hung(places, ("a", 1), 0, 4)
    assert places.decide(4 + 10 * RULES["cabin"].gone_after_s) == ()


def test_between_two_cabins_a_person_is_asked_once() -> None:
    places, found = shop(), []
    for step in range(50):
        reads = [Sighting(step / 10, "a", antenna, -60.0 - antenna * 1.5, SHIRT) for antenna in (1, 2)]
        places.hear(reads)
        found += places.decide(step / 10)
    assert [(d.what, d.place) for d in found] == [(ASKED, "one")]
    assert found[0].chance < RULES["cabin"].sure_from


def test_what_is_decided_is_as_sure_as_its_rule_asks() -> None:
    for kind in ("cabin", "shelf", "gate", "floor"):
        places = shop(Place("here", kind, (("a", 1),)), Place("there", kind, (("a", 2),)))
        for decision in hung(places, ("a", 1), 0, 4):
            rule = RULES[kind]
            assert decision.chance >= (rule.sure_from if decision.what == ARRIVED else rule.ask_from)


def test_a_tray_takes_what_lies_on_it_and_leaves_what_is_around() -> None:
    chance = random.Random(7)
    places = shop(Place("tray", "tray", (("a", 1), ("a", 2))))
    laid = [bytes([1, number]) for number in range(5)]
    around = [bytes([2, number]) for number in range(80)]
    found: list[Decision] = []
    for step in range(40):
        at_s, antenna = step / 10, 1 + step // 3 % 2
        reads = [Sighting(at_s, "a", antenna, chance.gauss(-52, 5), epc) for epc in laid]
        reads += [Sighting(at_s, "a", antenna, chance.gauss(-72, 3), epc) for epc in chance.sample(around, 6)]
        places.hear(reads)
        found += places.decide(at_s)
    assert sorted(d.epc for d in found if d.what == ARRIVED) == laid


def test_reads_of_no_place_and_too_many_tags_are_dropped_and_counted() -> None:
    places = shop()
    places.hear([Sighting(0.0, "elsewhere", 9, -50.0, SHIRT)])
    assert places.dropped == 1
    places.hear(Sighting(0.0, "a", 1, -50.0, number.to_bytes(12, "big")) for number in range(TAGS_MAX + 10))
    assert places.dropped > 1
    assert places.decide(2.0) == ()  # one read is not enough for a cabin


def test_an_antenna_looks_at_one_place() -> None:
    with pytest.raises(ValueError, match="one place only"):
        shop(Place("one", "cabin", (("a", 1),)), Place("two", "cabin", (("a", 1),)))
    with pytest.raises(ValueError, match="no kind of place"):
        Place("roof", "roof", ())


def test_an_empty_place_is_noticed_by_a_reader_that_only_says_that_it_is_there() -> None:
    places = shop()
    hung(places, ("a", 1), 0, 4)
    gone_s = 4 + RULES["cabin"].gone_after_s
    for reader in ("a", "b"):
        places.alive(reader, gone_s - 1)
    assert places.decide(gone_s - 1) == ()
    places.alive("a", gone_s + 1)
    assert [(d.what, d.place) for d in places.decide(gone_s + 1)] == [(DEPARTED, "one")]


def test_a_place_with_a_silent_reader_loses_nothing() -> None:
    places = shop()
    hung(places, ("b", 1), 0, 8)
    places.alive("a", 100.0)
    assert places.decide(100.0) == ()
    assert places.standing() == {SHIRT: "two"}
    places.resume("b", 100.0)
    places.alive("b", 110.0)
    assert (places.decide(110.0), places.is_missing(SHIRT, "two", 110.0)) == ((), False)


def test_tags_that_passed_by_long_ago_make_room_and_those_that_hang_here_stay() -> None:
    places = shop()
    hung(places, ("a", 1), 0, 4)
    for hour in range(1, 4):
        at_s = hour * 3600.0
        places.hear(Sighting(at_s, "a", 1, -50.0, n.to_bytes(12, "big")) for n in range(1, TAGS_MAX))
        places.hear([Sighting(at_s, "a", 1, -50.0, SHIRT)])
        places.decide(at_s)
    assert places.dropped == 0
    assert places.standing()[SHIRT] == "one"
