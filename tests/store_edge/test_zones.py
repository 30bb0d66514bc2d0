"""From reads to what follows: who is in which cabin, what is asked, what goes through the gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.errors import Refused
from checkout.staff import Clerk
from mirror import events
from store_edge.box import now
from store_edge.rfid.places import RULES
from tests.conftest import sgtin_96
from tests.store_edge.open_store import Store
from tests.store_edge.radio import (
    AT_GATE,
    BETWEEN,
    FOREIGN,
    IN_ONE,
    IN_TWO,
    JEANS,
    NEAR_DBM,
    ONE,
    READER,
    SECOND,
    TEE_M,
    TEE_S,
    TWO,
    Radio,
    cabin_settings,
    hexed,
)

GONE_S = RULES["cabin"].gone_after_s
CLERK = Clerk("clerk-1", frozenset({"serve"}))
OpenBox = Callable[..., Store]


@pytest.fixture
def store(open_box: OpenBox, tmp_path: Path) -> Store:
    return open_box(cabin_settings(tmp_path), start=False)


@pytest.fixture
def radio(store: Store) -> Radio:
    return Radio(store.box)


def test_a_garment_arrives_where_it_hangs_and_leaves_when_it_is_heard_no_more(
    radio: Radio, store: Store
) -> None:
    radio.on_air(4, {JEANS: IN_ONE, TEE_M: IN_TWO})
    assert (radio.shown(ONE), radio.shown(TWO)) == ([hexed(JEANS)], [hexed(TEE_M)])
    radio.on_air(GONE_S + 4, {TEE_M: IN_TWO})
    assert (radio.shown(ONE), radio.shown(TWO)) == ([], [hexed(TEE_M)])
    assert [left.reason for left in store.events(events.GarmentLeft)] == ["lifted"]


def test_a_garment_that_is_carried_next_door_has_moved(radio: Radio, store: Store) -> None:
    radio.on_air(4, {JEANS: IN_ONE, TEE_M: IN_ONE})
    radio.on_air(8, {JEANS: IN_TWO, TEE_M: IN_ONE})
    assert (radio.shown(ONE), radio.shown(TWO)) == ([hexed(TEE_M)], [hexed(JEANS)])
    assert [left.reason for left in store.events(events.GarmentLeft)] == ["moved"]


def test_what_may_hang_next_door_is_asked_about_and_never_shown(radio: Radio, store: Store) -> None:
    radio.on_air(4, {TEE_M: BETWEEN})
    assert (radio.session(ONE), radio.session(TWO)) == (None, None)  # nobody is there to be asked
    radio.on_air(4, {JEANS: IN_ONE, TEE_M: BETWEEN})
    assert radio.shown(ONE) == [hexed(JEANS)]
    asked = store.events(events.GarmentUnsure)
    assert [(one.cabin, one.epc) for one in asked] == [(ONE, hexed(TEE_M))]
    assert 5_000 <= asked[0].chance_bp < 10_000 * RULES["cabin"].sure_from
    store.box.fitting_room.confirm(ONE, hexed(TEE_M))
    radio.on_air(GONE_S + 4, {JEANS: IN_ONE, TEE_M: BETWEEN})
    assert radio.shown(ONE) == sorted([hexed(JEANS), hexed(TEE_M)])


def test_a_question_that_was_denied_stays_so(radio: Radio, store: Store) -> None:
    radio.on_air(8, {JEANS: IN_ONE, TEE_M: BETWEEN})
    store.box.fitting_room.deny(ONE, hexed(TEE_M))
    radio.on_air(8, {JEANS: IN_ONE, TEE_M: IN_ONE})
    assert radio.shown(ONE) == [hexed(JEANS)]
    assert len(store.events(events.GarmentUnsure)) == 1


def test_one_epc_in_two_cabins_is_in_neither_or_stays_where_it_was(radio: Radio, store: Store) -> None:
    clone = {(READER, 1): NEAR_DBM, (READER, 3): NEAR_DBM}
    radio.on_air(6, {TEE_S: IN_ONE, TEE_M: clone})
    assert hexed(TEE_M) not in radio.shown(ONE) + radio.shown(TWO)
    radio.on_air(6, {TEE_S: IN_ONE, TEE_M: IN_ONE})
    radio.on_air(30, {TEE_S: IN_ONE, TEE_M: clone})
    assert (radio.shown(ONE), radio.shown(TWO)) == (sorted([hexed(TEE_S), hexed(TEE_M)]), [])
    assert store.events(events.GarmentLeft) == []


def test_the_same_tag_at_two_readers_of_one_cabin_is_one_garment(radio: Radio, store: Store) -> None:
    radio.on_air(10, {TEE_M: {(READER, 3): NEAR_DBM, (SECOND, 1): NEAR_DBM}})
    assert radio.shown(TWO) == [hexed(TEE_M)]
    assert len(store.events(events.GarmentArrived)) == 1


def test_a_reader_that_dies_takes_nothing_with_it(radio: Radio, store: Store) -> None:
    radio.on_air(4, {JEANS: IN_ONE, TEE_M: IN_TWO})
    radio.on_air(3 * GONE_S, {TEE_M: {(SECOND, 1): NEAR_DBM}}, silent=(READER,))
    assert (radio.shown(ONE), radio.shown(TWO)) == ([hexed(JEANS)], [hexed(TEE_M)])
    radio.zones.resume(READER)
    radio.on_air(GONE_S - 2, {TEE_M: IN_TWO})
    assert radio.shown(ONE) == [hexed(JEANS)]
    radio.on_air(6, {TEE_M: IN_TWO})
    assert radio.shown(ONE) == []


def test_a_reader_that_dies_in_mid_decision_decides_nothing(radio: Radio, store: Store) -> None:
    radio.on_air(0.2, {JEANS: IN_ONE})
    radio.on_air(60, silent=(READER, SECOND))
    assert store.events(events.CabinEntered) == []
    radio.zones.resume(READER)
    radio.on_air(4, {JEANS: IN_ONE}, silent=(SECOND,))
    assert radio.shown(ONE) == [hexed(JEANS)]


def test_after_a_start_nothing_is_gone_before_the_readers_have_listened(radio: Radio, store: Store) -> None:
    radio.on_air(4, {JEANS: IN_ONE, TEE_M: IN_ONE})
    radio.switch_on()
    radio.on_air(GONE_S - 2, {JEANS: IN_ONE})
    assert radio.shown(ONE) == sorted([hexed(JEANS), hexed(TEE_M)])
    radio.on_air(6, {JEANS: IN_ONE})
    assert radio.shown(ONE) == [hexed(JEANS)]
    assert len(store.events(events.GarmentArrived)) == 2


def test_a_wall_clock_that_steps_moves_no_garment(open_box: OpenBox, tmp_path: Path) -> None:
    step = dt.timedelta()
    store = open_box(cabin_settings(tmp_path), start=False, clock=lambda: now() + step)
    radio = Radio(store.box)
    for days in (0, 90, -1):
        step = dt.timedelta(days=days)
        radio.on_air(6, {JEANS: IN_ONE})
        assert radio.shown(ONE) == [hexed(JEANS)]
    assert len(store.events(events.GarmentArrived)) == 1


def test_foreign_and_unknown_tags_are_nothing_and_are_told_once(
    radio: Radio, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[set[bytes]] = []
    arrive = store.box.fitting_room.arrive
    monkeypatch.setattr(
        store.box.fitting_room, "arrive", lambda cabin, epcs: told.append(set(epcs)) or arrive(cabin, epcs)
    )
    radio.on_air(20, {FOREIGN: IN_ONE, b"\x01": IN_ONE, sgtin_96("4006381333931", 1): IN_ONE})
    assert radio.session(ONE) is None
    assert sum(map(len, told)) == 3


def test_many_tags_at_once_are_no_session_of_all_of_them(radio: Radio, store: Store) -> None:
    foreign = {sgtin_96("4006381333931", serial): IN_ONE for serial in range(5_000)}
    assert max(foreign) < JEANS
    radio.on_air(1.5, {**foreign, JEANS: IN_ONE})
    radio.on_air(12, {JEANS: IN_ONE})
    assert radio.shown(ONE) == [hexed(JEANS)]


def test_what_a_closed_till_refused_is_told_later(
    radio: Radio, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(cabin: str, epcs: object) -> None:
        raise Refused("till_closed")

    with monkeypatch.context() as patch:
        patch.setattr(store.box.fitting_room, "arrive", closed)
        with pytest.raises(Refused):
            radio.on_air(4, {JEANS: IN_ONE})
    radio.on_air(2, {JEANS: IN_ONE})
    assert radio.shown(ONE) == [hexed(JEANS)]


def test_what_is_left_behind_is_not_the_next_shoppers(radio: Radio, store: Store) -> None:
    radio.on_air(4, {JEANS: IN_ONE})
    store.box.fitting_room.end(ONE)
    radio.on_air(4, {JEANS: IN_ONE, TEE_M: IN_ONE})
    assert radio.shown(ONE) == [hexed(TEE_M)]
    store.box.fitting_room.left_behind(hexed(JEANS))
    assert store.duties() == [("left_behind", hexed(JEANS))]
    radio.on_air(GONE_S + 4, {TEE_M: IN_ONE})
    assert (store.duties(), store.box.fittings.forsaken()) == ([], ())


# The gate


def test_an_unpaid_tag_at_the_gate_calls_staff_once(radio: Radio, store: Store) -> None:
    radio.on_air(4, {JEANS: AT_GATE, TEE_M: AT_GATE, FOREIGN: AT_GATE})
    assert store.duties() == [("unpaid_tag", min(hexed(JEANS), hexed(TEE_M)))]
    radio.on_air(10)
    radio.on_air(4, {JEANS: AT_GATE})
    assert len(store.duties()) == 1


def test_what_was_paid_for_goes_through_the_gate_in_silence(radio: Radio, store: Store) -> None:
    store.box.till.lay_down("1", [JEANS])
    payment = store.payment(store.box.cashier.ask_payment("1"))
    store.box.cashier.send(payment.id, "terminal-1", 1)
    store.box.cashier.taken(payment.id, 2, "girocard", "answer")
    radio.on_air(6, {JEANS: AT_GATE})
    assert store.duties() == []


def test_who_takes_a_garment_from_the_cabin_past_the_gate_is_asked(radio: Radio, store: Store) -> None:
    radio.on_air(4, {JEANS: IN_ONE})
    radio.on_air(6, {JEANS: AT_GATE})
    assert radio.shown(ONE) == []
    assert store.duties() == [("unpaid_tag", hexed(JEANS))]
