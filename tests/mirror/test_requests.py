"""What staff bring to a cabin: asked, taken, brought or not; and nobody goes twice or in vain."""

from __future__ import annotations

import pytest

from checkout.errors import Refused
from checkout.events import TaskDone
from mirror import events
from mirror.requests import (
    ACCEPTED,
    ASKED,
    DELIVERED,
    NEXT,
    NOT_THERE,
    ON_THE_WAY,
    TAKEN_BACK,
    Request,
)
from mirror.session import REQUESTS_WAITING_MAX
from tests.conftest import refuses, sgtin_96
from tests.mirror.conftest import ANNA, BEN, CASH_ONLY, JEANS, ONE, TEE_L, TEE_M, TEE_S, Cabins, garment

STATES = (ASKED, ACCEPTED, ON_THE_WAY, DELIVERED, NOT_THERE, TAKEN_BACK)


def asked(cabins: Cabins, key: str = "") -> Request:
    cabins.hang(TEE_M)
    return cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin, key)


def test_from_asking_to_delivery_every_step_is_said_and_the_task_ends(cabins: Cabins) -> None:
    request = asked(cabins)
    assert request.position == f"rail {TEE_L.gtin[-3:]}"
    assert cabins.shop.waiting_tasks() == [("size_request", request.id)]
    for step in (cabins.requests.accept, cabins.requests.on_the_way, cabins.requests.deliver):
        assert step(request.id, ANNA) == step(request.id, ANNA)
    assert cabins.shop.heard(
        events.SizeRequested, events.RequestAccepted, events.RequestOnTheWay, events.RequestDelivered
    ) == [
        events.SizeRequested(request.id, cabins.session().id, ONE, TEE_M.gtin, TEE_L.gtin),
        events.RequestAccepted(request.id, ANNA.id),
        events.RequestOnTheWay(request.id, ANNA.id),
        events.RequestDelivered(request.id, ANNA.id),
    ]
    assert cabins.shop.waiting_tasks() == []
    assert [done.outcome for done in cabins.shop.heard(TaskDone)] == ["delivered"]  # type: ignore[attr-defined]


def test_what_is_not_there_is_said_and_may_be_asked_for_again(cabins: Cabins) -> None:
    request = asked(cabins)
    cabins.requests.not_there(request.id, ANNA)
    refuses("request_over", lambda: cabins.requests.deliver(request.id, ANNA))
    assert asked(cabins).id != request.id


def test_two_clerks_never_go_for_one(cabins: Cabins) -> None:
    request = asked(cabins)
    cabins.requests.accept(request.id, ANNA)
    for step in (cabins.requests.accept, cabins.requests.on_the_way, cabins.requests.deliver):
        with pytest.raises(Refused):
            step(request.id, BEN)
    assert cabins.session().waiting[0].clerk == ANNA.id
    refuses("not_allowed", lambda: cabins.requests.on_the_way(request.id, CASH_ONLY))


def test_the_shopper_takes_it_back(cabins: Cabins) -> None:
    request = asked(cabins)
    cabins.requests.accept(request.id, ANNA)
    assert cabins.requests.take_back(ONE, request.id).state == TAKEN_BACK
    assert cabins.requests.take_back(ONE, request.id).state == TAKEN_BACK
    refuses("request_over", lambda: cabins.requests.on_the_way(request.id, ANNA))
    refuses("request_over", lambda: cabins.requests.take_back(ONE, "nobody's"))
    assert cabins.shop.waiting_tasks() == []
    assert cabins.shop.heard(events.RequestTakenBack) == [events.RequestTakenBack(request.id)]


def test_nobody_goes_for_a_shopper_who_has_gone(cabins: Cabins) -> None:
    request = asked(cabins)
    cabins.room.end(ONE)
    assert cabins.shop.waiting_tasks() == []
    assert cabins.shop.heard(events.RequestTakenBack) == [events.RequestTakenBack(request.id)]
    refuses("request_over", lambda: cabins.requests.accept(request.id, ANNA))


def test_what_arrives_was_delivered_or_fetched(cabins: Cabins) -> None:
    request = asked(cabins)
    cabins.requests.on_the_way(request.id, ANNA)
    small = cabins.requests.ask(ONE, TEE_M.gtin, TEE_S.gtin)
    cabins.hang(TEE_L, TEE_S)
    assert {one.id: one.state for one in cabins.session().requests} == {
        request.id: DELIVERED,
        small.id: TAKEN_BACK,
    }
    assert cabins.shop.waiting_tasks() == []


def test_a_request_that_nobody_takes_is_escalated_once(cabins: Cabins) -> None:
    request = asked(cabins)
    touched = cabins.session().touched_at
    cabins.shop.clock.forward(seconds=200)
    cabins.requests.escalate(request.id)
    cabins.requests.escalate(request.id)
    cabins.requests.escalate("nobody's")
    assert cabins.shop.heard(events.RequestEscalated) == [events.RequestEscalated(request.id)]
    assert cabins.session().waiting[0].escalated
    assert cabins.session().touched_at == touched
    cabins.requests.accept(request.id, ANNA)
    other = cabins.requests.ask(ONE, TEE_M.gtin, TEE_S.gtin)
    cabins.requests.accept(other.id, ANNA)
    cabins.requests.escalate(other.id)
    assert len(cabins.shop.heard(events.RequestEscalated)) == 1


def test_what_is_on_its_way_is_not_asked_for_twice(cabins: Cabins) -> None:
    request = asked(cabins, "key")
    assert cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin) == request
    cabins.requests.take_back(ONE, request.id)
    repeated = cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin, "key")
    assert (repeated.id, repeated.state) == (request.id, TAKEN_BACK)
    assert len(cabins.shop.heard(events.SizeRequested)) == 1


def test_what_cannot_be_brought_is_refused(cabins: Cabins) -> None:
    refuses("cabin_empty", lambda: cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin))
    cabins.hang(TEE_M)
    refuses("garment_gone", lambda: cabins.requests.ask(ONE, JEANS.gtin, TEE_L.gtin))
    refuses("code_unknown", lambda: cabins.requests.ask(ONE, TEE_M.gtin, "4006381333931"))
    cabins.racks.counted[TEE_L.gtin] = 0
    refuses("out_of_stock", lambda: cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin))
    cabins.racks.counted[TEE_L.gtin] = 1
    cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin)


def test_staff_are_not_sent_for_everything_at_once(cabins: Cabins) -> None:
    many = [garment(300 + number, "shirt", str(number)) for number in range(REQUESTS_WAITING_MAX + 1)]
    cabins.shop.put_on_the_shelf(*many)
    cabins.room.arrive(ONE, [sgtin_96(TEE_M.gtin, 1)])
    for one in many[:-1]:
        cabins.requests.ask(ONE, TEE_M.gtin, one.gtin)
    refuses("requests_full", lambda: cabins.requests.ask(ONE, TEE_M.gtin, many[-1].gtin))


@pytest.mark.parametrize("state", STATES)
def test_a_request_moves_only_as_the_table_says(state: str) -> None:
    request = Request("r", "s", ONE, TEE_M.gtin, TEE_L.gtin, "then", "then", state=state)
    for following in STATES:
        if following in NEXT[state]:
            moved = request.moved_to(following, "now", "clerk-1")
            assert (moved.state, moved.changed_at, moved.clerk) == (following, "now", "clerk-1")
        else:
            refuses("request_over", lambda to=following: request.moved_to(to, "now"))  # type: ignore[misc]
    assert request.waits is bool(NEXT[state])
