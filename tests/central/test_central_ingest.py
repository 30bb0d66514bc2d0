"""Each event once and for ever; what does not fit is parked; the order of arrival changes nothing."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.db import tables
from central.ingest import dump_state, ingest, rebuild

MILK = "9521234000013"
JTIS = [f"{n:032x}" for n in range(4)]


def test_a_repeat_is_a_repeat_for_ever_however_it_is_spelled(any_desk: Any) -> None:
    desk = any_desk
    event = desk.sale("v1", MILK)
    assert desk.hand_in([event, event]).json == {"accepted": 1, "repeated": 1, "refused": []}
    state = dump_state(desk.centre.database)
    desk.hands.turn(days=400)
    spelled = json.dumps(dict(reversed(event.items())), indent=3)
    answer = desk.store("POST", "/events", data=spelled, content_type="application/cloudevents+json")
    assert answer.json == {"accepted": 0, "repeated": 1, "refused": []}
    assert dump_state(desk.centre.database) == state
    assert desk.office("GET", "/alarms").json == {"alarms": []}


def test_one_id_with_two_contents_raises_an_alarm_and_the_first_stays(any_desk: Any) -> None:
    desk = any_desk
    first = desk.sale("v1", MILK)
    second = first | {"data": first["data"] | {"total_minor": 1}}
    desk.hand_in([first])
    state = dump_state(desk.centre.database)
    for _ in range(2):
        answer = desk.hand_in([desk.event("HelpAsked", {"basket": "b"}), second])
        refused = [{"index": 1, "id": first["id"], "reason": "content_differs"}]
        assert (answer.json["accepted"], answer.json["refused"]) == (1, refused)
    elsewhere = first | {"source": "/stores/demo/lanes/2"}
    assert desk.hand_in([elsewhere]).json["refused"][0]["reason"] == "content_differs"
    (alarm,) = desk.office("GET", "/alarms").json["alarms"]
    assert (alarm["kind"], alarm["about"], alarm["times"]) == ("content_differs", first["id"], 3)
    with desk.centre.database.read() as connection:
        totals = connection.execute(sa.select(tables.sales.c.total_minor)).scalars().all()
    assert totals == [107]
    assert state != dump_state(desk.centre.database)


def test_two_contents_in_one_batch(desk: Any) -> None:
    first = desk.sale("v1", MILK)
    second = first | {"data": first["data"] | {"total_minor": 1}}
    answer = desk.hand_in([first, second, first]).json
    assert (answer["accepted"], answer["repeated"], len(answer["refused"])) == (1, 1, 1)


def test_unknown_types_and_fields_are_kept(desk: Any) -> None:
    strange = desk.event("BalloonReleased", {"colour": ["red"], "far": 10**30}, traceparent="00-ab-cd-01")
    more = desk.sale("v1", MILK)
    more["data"]["mood"] = {"deep": ["field"]}
    more["data"]["lines"][0]["ripeness"] = 3
    assert desk.hand_in([strange, more]).json["accepted"] == 2
    with desk.centre.database.read() as connection:
        kept = connection.execute(sa.select(tables.events.c.payload).order_by(tables.events.c.number))
        assert [json.loads(bytes(row.payload)) for row in kept] == [strange, more]
    assert desk.rows()["sales"] == 1
    assert desk.rows()["parked"] == 0


@pytest.mark.parametrize(
    "data",
    [
        {}, [], 5, None, "text", {"basket": "b1"}, {"lines": "none"},
        {"total_minor": 1.5}, {"total_minor": 2**60}, {"receipt": -1}, {"visit": "v\x00"},
        {"lines": [{"gtin": "95212340000\n"}]},
    ],
)  # fmt: skip
def test_a_poison_event_is_parked_counted_and_visible(desk: Any, data: Any) -> None:
    poison = desk.sale("v1", MILK)
    poison["data"] = poison["data"] | data if data and isinstance(data, dict) and len(data) == 1 else data
    if data == {"basket": "b1"}:
        poison["data"] = data
    answer = desk.hand_in([poison, desk.sale("v1", MILK)])
    assert answer.json == {"accepted": 2, "repeated": 0, "refused": []}
    assert desk.hand_in([poison]).json["repeated"] == 1
    (alarm,) = desk.office("GET", "/alarms").json["alarms"]
    assert (alarm["kind"], alarm["about"]) == ("event_parked", poison["id"])
    (store,) = desk.office("GET", "/stores").json["stores"]
    assert (store["events"], store["parked"]) == (2, 1)
    assert desk.rows()["sales"] == 1


def _history(desk: Any, seed: int) -> list[bytes]:
    """Events of two journals of one store: visits, sales, some poison, tokens shown at several visits."""
    chance = random.Random(seed)
    events = []
    for epoch in ("aaaa1111", "0bbb2222"):
        for number in range(1, 13):
            desk.hands.turn(seconds=chance.randrange(-30, 60))
            visit = f"v{chance.randrange(6)}"
            more = {"epoch": epoch, "number": number}
            match chance.randrange(5):
                case 0 | 1:
                    event = desk.identified(visit, chance.choice(JTIS), **more)
                case 2 | 3:
                    event = desk.sale(visit, MILK, **more)
                case _:
                    event = desk.event("SaleCompleted", {"basket": 5}, **more)
            events.append(json.dumps(event).encode())
    return events


def _empty(desk: Any) -> None:
    with desk.centre.database.write("test") as connection:
        for table in (tables.events, tables.alarms, *tables.DERIVED):
            connection.execute(sa.delete(table))


@settings(
    max_examples=20, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 50), order=st.randoms(use_true_random=False), parts=st.integers(1, 6))
def test_any_order_repeats_and_batches_end_in_the_same_state(
    desk: Any, seed: int, order: random.Random, parts: int
) -> None:
    limits, database = desk.centre.settings.limits, desk.centre.database
    events = _history(desk, seed)
    _empty(desk)
    ingest(database, "demo", events, limits, 1)
    state, alarms = dump_state(database), _alarmed(desk)
    _empty(desk)
    mixed = events + order.sample(events, 8)
    order.shuffle(mixed)
    accepted = 0
    for part in range(parts):
        accepted += ingest(database, "demo", mixed[part::parts], limits, part).accepted
    assert accepted == len(events)
    assert dump_state(database) == state
    assert _alarmed(desk) == alarms
    assert rebuild(database, limits) == len(events)
    assert dump_state(database) == state


def _alarmed(desk: Any) -> set[tuple[str, str]]:
    with desk.centre.database.read() as connection:
        return {(a.kind, a.about) for a in connection.execute(sa.select(tables.alarms))}


def test_rebuilding_gives_the_same_bytes_on_each_engine(any_desk: Any) -> None:
    from dataclasses import replace

    desk = any_desk
    events = _history(desk, 3)
    limits = replace(desk.centre.settings.limits, rebuild_batch=5)
    ingest(desk.centre.database, "demo", events, limits, 1)
    state = dump_state(desk.centre.database)
    assert len(state) > 1000
    with desk.centre.database.write("test") as connection:
        connection.execute(sa.update(tables.sales).values(total_minor=0))
        connection.execute(sa.delete(tables.claims))
    assert dump_state(desk.centre.database) != state
    assert rebuild(desk.centre.database, limits) == 24
    assert dump_state(desk.centre.database) == state


def test_numbers_that_lie_far_apart_are_found_again_too(any_desk: Any) -> None:
    desk = any_desk
    events = [desk.event("HelpAsked", {"basket": "b"}, number=n) for n in (1, 2, 5_000, 2**53)]
    assert desk.hand_in(events[:3]).json["accepted"] == 3
    assert desk.hand_in(events).json == {"accepted": 1, "repeated": 3, "refused": []}
