"""What happens in a cabin: who comes, what hangs there, what is bought, and how a stay ends."""

from __future__ import annotations

import datetime as dt

import pytest

from checkout.events import BasketCancelled, ShopperDismissed, ShopperIdentified, TaskDone, TaskOpened
from checkout.shopper import VisitCard
from mirror import events
from mirror.fitting_room import FittingRoom
from mirror.session import GARMENTS_MAX, QUESTIONS_MAX
from tests.conftest import refuses, sgtin_96
from tests.mirror.conftest import ANNA, CAP, JEANS, ONE, TEE_L, TEE_M, TEE_S, TWO, Cabins, hexed, tag


def test_a_stay_begins_with_the_first_garment_and_ends_empty(cabins: Cabins) -> None:
    session = cabins.hang(TEE_M, JEANS)
    assert session is not None
    assert sorted(cabins.shown()) == sorted([TEE_M.gtin, JEANS.gtin])
    cabins.take(TEE_M)
    assert cabins.session().empty_since == ""
    cabins.take(JEANS)
    assert cabins.session().empty_since
    cabins.room.end(ONE, "empty", seen=cabins.session())
    assert cabins.in_cabin() is None
    assert cabins.shop.said() == [
        "CabinEntered", "GarmentArrived", "GarmentArrived", "GarmentLeft", "GarmentLeft", "CabinLeft",
    ]  # fmt: skip
    assert cabins.shop.heard(events.CabinLeft) == [events.CabinLeft(session.id, ONE, "empty")]


def test_what_is_told_twice_happens_once(cabins: Cabins) -> None:
    cabins.hang(TEE_M)
    version = cabins.session().version
    cabins.hang(TEE_M)
    cabins.take(JEANS)
    assert cabins.session().version == version
    assert cabins.shop.said() == ["CabinEntered", "GarmentArrived"]


def test_foreign_unknown_and_sold_tags_say_nothing(cabins: Cabins) -> None:
    foreign = sgtin_96("4006381333931", 7)
    cabins.shop.till.lay_down("1", [tag(TEE_M)])
    cabins.shop.pay()
    said = cabins.shop.said()
    assert cabins.room.arrive(ONE, [foreign, b"\x00\x01", b"", b"\xff" * 62, tag(TEE_M)]) is None
    assert cabins.shop.said() == said


def test_a_garment_is_in_one_cabin(cabins: Cabins) -> None:
    cabins.hang(TEE_M, JEANS)
    cabins.hang(TEE_M, cabin=TWO)
    assert (cabins.shown(ONE), cabins.shown(TWO)) == ([JEANS.gtin], [TEE_M.gtin])
    assert [left.reason for left in cabins.shop.heard(events.GarmentLeft)] == ["moved"]  # type: ignore[attr-defined]


# Swaps, and two people in one cabin


def test_another_size_that_comes_as_one_leaves_was_swapped_for_it(cabins: Cabins) -> None:
    cabins.hang(TEE_M, JEANS)
    cabins.shop.clock.forward(seconds=60)
    cabins.take(TEE_M)
    cabins.shop.clock.forward(seconds=30)
    cabins.hang(TEE_L)
    assert [(one.gtin, one.swapped_for) for one in cabins.session().garments] == [
        (JEANS.gtin, ""),
        (TEE_L.gtin, TEE_M.gtin),
    ]


def test_the_other_size_may_come_before_the_first_one_leaves(cabins: Cabins) -> None:
    cabins.hang(TEE_M, JEANS)
    cabins.shop.clock.forward(seconds=60)
    cabins.hang(TEE_L)
    cabins.take(TEE_M)
    assert {one.gtin: one.swapped_for for one in cabins.session().garments}[TEE_L.gtin] == TEE_M.gtin


def test_two_sizes_that_come_together_are_no_swap(cabins: Cabins) -> None:
    cabins.hang(TEE_M, TEE_L)
    cabins.shop.clock.forward(seconds=30)
    cabins.take(TEE_M)
    assert [one.swapped_for for one in cabins.session().garments] == [""]


@pytest.mark.parametrize("step", [dt.timedelta(days=-1), dt.timedelta(days=90)])
def test_a_clock_that_steps_makes_no_swap_and_ends_nothing(cabins: Cabins, step: dt.timedelta) -> None:
    cabins.hang(TEE_M, JEANS)
    cabins.take(TEE_M)
    cabins.shop.clock.now += step
    cabins.hang(TEE_L)
    assert [one.swapped_for for one in cabins.session().garments] == ["", ""]
    assert cabins.shop.heard(events.CabinLeft) == []


def test_two_people_in_one_cabin_have_one_mirror_and_one_of_them_is_known(cabins: Cabins) -> None:
    cabins.hang(TEE_S)
    cabins.hang(TEE_L, JEANS)
    cabins.room.identify(ONE, "EMMA1.first")
    refuses("shopper_already_known", lambda: cabins.room.identify(ONE, "EMMA1.second"))
    cabins.room.forget(ONE)
    session = cabins.room.identify(ONE, "EMMA1.second")
    assert len(session.garments) == 3
    assert len(cabins.shop.heard(events.ShopperAtMirror)) == 2


# Unsure


def test_an_unsure_tag_is_asked_about_once_and_shown_only_when_confirmed(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.unsure(ONE, tag(TEE_M), 6200)
    cabins.room.unsure(ONE, tag(TEE_M), 6500)
    assert cabins.shown() == [JEANS.gtin]
    assert [(q.gtin, q.chance_bp) for q in cabins.session().questions] == [(TEE_M.gtin, 6200)]
    assert len(cabins.shop.heard(events.GarmentUnsure)) == 1
    cabins.room.confirm(ONE, hexed(tag(TEE_M)))
    assert cabins.shown() == [JEANS.gtin, TEE_M.gtin]
    assert cabins.session().questions == ()


def test_what_is_not_theirs_is_neither_asked_nor_shown_again(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.unsure(ONE, tag(TEE_M), 6200)
    cabins.room.deny(ONE, hexed(tag(TEE_M)))
    cabins.room.unsure(ONE, tag(TEE_M), 7000)
    cabins.hang(TEE_M)
    assert (cabins.shown(), cabins.session().questions) == ([JEANS.gtin], ())
    refuses("garment_gone", lambda: cabins.room.confirm(ONE, hexed(tag(TEE_M))))
    refuses("garment_gone", lambda: cabins.room.deny(ONE, hexed(tag(JEANS))))


def test_nobody_is_asked_where_nobody_is_or_what_it_could_not_be(cabins: Cabins) -> None:
    assert cabins.room.unsure(ONE, tag(TEE_M), 6000) is None
    cabins.hang(JEANS)
    cabins.hang(TEE_L, cabin=TWO)
    for epc in (sgtin_96("4006381333931", 7), b"\x00", tag(TEE_L), tag(JEANS)):
        cabins.room.unsure(ONE, epc, 6000)
    assert cabins.shop.heard(events.GarmentUnsure) == []


def test_a_question_goes_when_its_tag_does(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.unsure(ONE, tag(TEE_M), 6000)
    cabins.take(TEE_M)
    assert cabins.session().questions == ()
    assert cabins.shop.heard(events.GarmentLeft) == []


# The shopper


def test_who_they_are_is_known_until_they_leave(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    session = cabins.room.identify(ONE, "EMMA1.token", "key")
    assert cabins.room.identify(ONE, "EMMA1.token", "key").visit == session.visit != ""
    assert [told.visit for told in cabins.shop.heard(ShopperIdentified)] == [session.visit]  # type: ignore[attr-defined]
    cabins.shop.till.visits.welcome(session.visit, ONE, VisitCard(True, "Erika"))
    cabins.room.save(ONE, JEANS.gtin)
    cabins.take(JEANS)
    after = cabins.session()
    assert (after.visit, after.empty_since != "") == ("", True)
    with cabins.shop.books.page() as page:
        assert page.visit_card(session.visit) is None
    cabins.hang(JEANS)
    assert [(one.saved, one.basket) for one in cabins.session().garments] == [(False, "")]


def test_a_bad_or_used_code_leaves_a_stranger(cabins: Cabins) -> None:
    refuses("cabin_empty", lambda: cabins.room.identify(ONE, "EMMA1.token"))
    cabins.hang(JEANS)
    for text, reason in (("EMMA1.token_forged", "token_forged"), ("EMMA1.token_expired", "token_expired")):
        refuses(reason, lambda text=text: cabins.room.identify(ONE, text))  # type: ignore[misc]
    cabins.hang(TEE_M, cabin=TWO)
    cabins.room.identify(TWO, "EMMA1.token")
    refuses("token_used", lambda: cabins.room.identify(ONE, "EMMA1.token"))
    assert cabins.session(ONE).visit == ""


def test_forgetting_keeps_the_garments_and_nothing_else(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    visit = cabins.room.identify(ONE, "EMMA1.token").visit
    cabins.room.save(ONE, JEANS.gtin)
    session = cabins.room.forget(ONE)
    assert (session.visit, [one.saved for one in session.garments]) == ("", [False])
    assert [gone.visit for gone in cabins.shop.heard(ShopperDismissed)] == [visit]  # type: ignore[attr-defined]
    refuses("shopper_unknown", lambda: cabins.room.save(ONE, JEANS.gtin))


def test_a_visit_that_head_office_does_not_know_ends_at_the_mirror_too(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    visit = cabins.room.identify(ONE, "EMMA1.token").visit
    cabins.shop.till.visits.dismiss(ONE, "token_unknown", visit)
    with cabins.shop.books.page() as page:
        cabins.room.dismissed(page, ONE, visit)  # type: ignore[arg-type]
        cabins.room.dismissed(page, TWO, visit)  # type: ignore[arg-type]
    assert cabins.session().visit == ""
    assert cabins.shop.heard(events.ShopperLeftMirror) == [
        events.ShopperLeftMirror(cabins.session().id, visit)
    ]


def test_saving_is_said_once_and_with_whose_it_is(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    session = cabins.room.identify(ONE, "EMMA1.token")
    cabins.room.save(ONE, JEANS.gtin)
    cabins.room.save(ONE, JEANS.gtin)
    refuses("garment_gone", lambda: cabins.room.save(ONE, TEE_M.gtin))
    assert cabins.shop.heard(events.GarmentSaved) == [
        events.GarmentSaved(session.id, session.visit, JEANS.gtin)
    ]


# Buying


def test_what_is_bought_in_a_cabin_lies_in_one_basket(cabins: Cabins) -> None:
    cabins.hang(JEANS, TEE_M)
    session = cabins.room.buy(ONE, JEANS.gtin, "key")
    assert cabins.room.buy(ONE, JEANS.gtin, "key") == session
    basket = cabins.shop.basket(ONE)
    assert basket is not None
    assert [line.gtin for line in basket.standing] == [JEANS.gtin]
    assert cabins.room.buy(ONE, JEANS.gtin).garment(hexed(tag(JEANS))).basket == basket.id  # type: ignore[union-attr]
    assert len(cabins.shop.heard(events.GarmentBought)) == 1
    cabins.shop.till.lay_down("1", [tag(JEANS)])
    assert cabins.shop.holder(tag(JEANS)) == basket.id
    cabins.room.put_back(ONE, JEANS.gtin)
    cabins.shop.till.lay_down("1", [tag(JEANS)])
    refuses("tag_in_other_basket", lambda: cabins.room.buy(ONE, JEANS.gtin))
    refuses("garment_gone", lambda: cabins.room.put_back(ONE, JEANS.gtin))


def test_two_pieces_of_one_article_are_bought_one_by_one(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.hang(JEANS, serial=2)
    cabins.room.buy(ONE, JEANS.gtin)
    cabins.room.buy(ONE, JEANS.gtin)
    basket = cabins.shop.basket(ONE)
    assert basket is not None
    assert len(basket.standing) == 2


def test_leaving_frees_what_was_not_paid(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.buy(ONE, JEANS.gtin)
    cabins.take(JEANS)
    assert cabins.shop.holder(tag(JEANS)) is None
    assert len(cabins.shop.heard(BasketCancelled)) == 1
    cabins.shop.till.lay_down("1", [tag(JEANS)])
    assert cabins.shop.basket("1").total_minor == JEANS.price_minor  # type: ignore[union-attr]


def test_what_is_being_paid_is_left_alone_and_its_end_is_seen_to(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.buy(ONE, JEANS.gtin)
    sent = cabins.shop.ask_and_send(ONE)
    refuses("basket_being_paid", lambda: cabins.room.put_back(ONE, JEANS.gtin))
    cabins.room.end(ONE)
    cabins.room.clear_basket(ONE)
    assert cabins.shop.holder(tag(JEANS)) is not None
    cabins.shop.cashier.declined(sent.id, 108)
    cabins.room.clear_basket(ONE)
    assert cabins.shop.holder(tag(JEANS)) is None


def test_a_basket_that_was_put_aside_waits_at_any_till(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    visit = cabins.room.identify(ONE, "EMMA1.token").visit
    cabins.room.buy(ONE, JEANS.gtin)
    parked = cabins.shop.parking.park(ONE)
    cabins.take(JEANS)
    cabins.room.end(ONE, "empty")
    basket = cabins.shop.till.scan("1", parked.code, how="camera")
    assert ([line.gtin for line in basket.standing], basket.visit) == ([JEANS.gtin], visit)
    cabins.shop.pay("1")
    assert cabins.shop.holder(tag(JEANS)) == "sold"


def test_paid_in_the_cabin_it_is_theirs(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.buy(ONE, JEANS.gtin)
    cabins.shop.pay(ONE)
    assert cabins.shop.holder(tag(JEANS)) == "sold"
    cabins.take(JEANS)
    cabins.hang(JEANS)
    assert (cabins.shown(), cabins.shop.basket(ONE)) == ([], None)


# Staff, light, language, looks


def test_staff_are_called_once_at_a_time(cabins: Cabins) -> None:
    cabins.room.call_staff(ONE)
    cabins.room.call_staff(ONE)
    assert cabins.shop.heard(events.StaffCalledToCabin) == [events.StaffCalledToCabin("", ONE)]
    assert cabins.shop.waiting_tasks() == [("cabin_help", ONE)]
    cabins.hang(JEANS)
    cabins.room.end(ONE)
    assert cabins.shop.waiting_tasks() == []


def test_light_language_and_looks_are_said_when_they_change(cabins: Cabins) -> None:
    refuses("cabin_empty", lambda: cabins.room.light(ONE, "evening"))
    cabins.hang(JEANS)
    for _ in range(2):
        cabins.room.light(ONE, "evening")
        cabins.room.speak(ONE, "en")
    refuses("not_offered_here", lambda: cabins.room.light(ONE, "disco"))
    cabins.room.show_look(ONE, [JEANS.gtin, TEE_M.gtin, JEANS.gtin])
    session = cabins.session()
    assert (session.scene, session.language) == ("evening", "en")
    said = cabins.shop.heard(events.LightingChanged, events.LanguageChosenAtMirror, events.LookShown)
    assert said == [
        events.LightingChanged(session.id, ONE, "evening"),
        events.LanguageChosenAtMirror(session.id, "en"),
        events.LookShown(session.id, (JEANS.gtin, TEE_M.gtin)),
    ]


# Left behind


def test_what_is_carried_out_after_a_command_is_nobodys_business(cabins: Cabins) -> None:
    cabins.hang(JEANS, TEE_M)
    cabins.room.end(ONE)
    assert {one.gtin for one in cabins.left()} == {JEANS.gtin, TEE_M.gtin}
    cabins.take(JEANS, TEE_M)
    cabins.room.left_behind(hexed(tag(JEANS)))
    assert (cabins.left(), cabins.shop.waiting_tasks()) == ([], [])
    assert cabins.shop.heard(events.GarmentLeftBehind) == []


def test_what_is_left_behind_is_a_task_until_it_is_fetched(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.end(ONE)
    cabins.room.left_behind(hexed(tag(JEANS)))
    cabins.room.left_behind(hexed(tag(JEANS)))
    assert cabins.shop.heard(events.GarmentLeftBehind) == [
        events.GarmentLeftBehind(ONE, JEANS.gtin, hexed(tag(JEANS)))
    ]
    assert cabins.shop.waiting_tasks() == [("left_behind", hexed(tag(JEANS)))]
    cabins.take(JEANS)
    assert cabins.shop.waiting_tasks() == []
    assert len(cabins.shop.heard(TaskOpened)) == len(cabins.shop.heard(TaskDone)) == 1


def test_a_garment_forgotten_in_an_idle_cabin_is_told_of_at_once(cabins: Cabins) -> None:
    cabins.hang(JEANS, TEE_M)
    cabins.take(TEE_M)
    cabins.room.end(ONE, "idle", seen=cabins.session())
    assert [one.gtin for one in cabins.shop.heard(events.GarmentLeftBehind)] == [JEANS.gtin]  # type: ignore[attr-defined]


def test_what_was_left_behind_is_not_shown_to_the_next_shopper(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    cabins.room.end(ONE)
    cabins.hang(JEANS, TEE_M)
    assert cabins.shown() == [TEE_M.gtin]
    cabins.hang(JEANS, cabin=TWO)
    assert (cabins.shown(TWO), cabins.left()) == ([JEANS.gtin], [])


def test_whoever_is_still_there_goes_on_as_a_stranger(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    first = cabins.room.identify(ONE, "EMMA1.token")
    cabins.room.end(ONE)
    refuses("cabin_empty", lambda: cabins.room.stay(TWO))
    again = cabins.room.stay(ONE)
    assert again.id != first.id
    assert again.visit == ""
    assert (cabins.shown(), cabins.left()) == ([JEANS.gtin], [])
    assert cabins.room.stay(ONE).version == again.version + 1


def test_an_end_that_was_seen_before_something_happened_is_none(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    seen = cabins.session()
    cabins.room.speak(ONE, "en")
    cabins.room.end(ONE, "idle", seen=seen)
    assert cabins.in_cabin() is not None
    cabins.room.end(ONE, request_key="key")
    cabins.hang(TEE_M)
    cabins.room.end(ONE, request_key="key")
    assert cabins.in_cabin() is not None


# Who follows on an empty cabin


def test_the_same_garment_comes_back_as_a_strangers(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    before = cabins.room.identify(ONE, "EMMA1.token")
    cabins.take(JEANS)
    cabins.hang(JEANS)
    assert (cabins.session().id, cabins.session().visit) == (before.id, "")


def test_something_else_in_an_empty_cabin_begins_a_new_stay(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    before = cabins.session()
    cabins.take(JEANS)
    cabins.hang(CAP)
    assert cabins.session().id != before.id
    assert [left.reason for left in cabins.shop.heard(events.CabinLeft)] == ["empty"]  # type: ignore[attr-defined]


def test_while_staff_bring_the_other_size_the_shopper_stays_known(cabins: Cabins) -> None:
    cabins.hang(TEE_M)
    before = cabins.room.identify(ONE, "EMMA1.token")
    request = cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin)
    cabins.requests.accept(request.id, ANNA)
    cabins.take(TEE_M)
    assert cabins.session().visit == before.visit
    cabins.hang(TEE_L)
    session = cabins.session()
    assert (session.id, session.visit) == (before.id, before.visit)
    assert [one.swapped_for for one in session.garments] == [TEE_M.gtin]


def test_a_next_shopper_is_not_taken_for_the_one_staff_come_to(cabins: Cabins) -> None:
    cabins.hang(TEE_M)
    before = cabins.room.identify(ONE, "EMMA1.token")
    request = cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin)
    cabins.requests.accept(request.id, ANNA)
    cabins.take(TEE_M)
    cabins.hang(JEANS)
    session = cabins.session()
    assert (session.id != before.id, session.visit, session.requests) == (True, "", ())


def test_who_brings_a_garment_back_meanwhile_may_be_anybody(cabins: Cabins) -> None:
    cabins.hang(TEE_M)
    before = cabins.room.identify(ONE, "EMMA1.token")
    cabins.room.buy(ONE, TEE_M.gtin)
    request = cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin)
    cabins.requests.accept(request.id, ANNA)
    cabins.take(TEE_M)
    cabins.hang(TEE_M)
    session = cabins.session()
    assert (session.id, session.visit, session.garments[0].basket) == (before.id, "", "")
    assert cabins.shop.basket(ONE) is None


def test_another_piece_of_what_was_delivered_is_the_next_shoppers(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    before = cabins.session()
    request = cabins.requests.ask(ONE, JEANS.gtin, TEE_L.gtin)
    cabins.requests.deliver(request.id, ANNA)
    cabins.hang(TEE_L)
    cabins.shop.clock.forward(seconds=60)
    cabins.take(JEANS, TEE_L)
    cabins.hang(TEE_L, serial=2)
    assert cabins.session().id != before.id


def test_when_staff_come_no_more_an_empty_cabin_is_nobodys(cabins: Cabins) -> None:
    cabins.hang(TEE_M)
    cabins.room.identify(ONE, "EMMA1.token")
    request = cabins.requests.ask(ONE, TEE_M.gtin, TEE_L.gtin)
    cabins.requests.accept(request.id, ANNA)
    cabins.take(TEE_M)
    cabins.requests.not_there(request.id, ANNA)
    assert cabins.session().visit == ""


# Too many


def test_five_thousand_tags_at_once_are_no_shoppers(cabins: Cabins) -> None:
    cabins.room.arrive(ONE, [sgtin_96(JEANS.gtin, serial) for serial in range(5_000)])
    assert len(cabins.session().garments) == GARMENTS_MAX
    assert cabins.shop.waiting_tasks() == [("cabin_help", ONE)]


def test_questions_are_limited(cabins: Cabins) -> None:
    cabins.hang(JEANS)
    for serial in range(QUESTIONS_MAX + 5):
        cabins.room.unsure(ONE, tag(TEE_M, serial + 1), 6000)
    assert len(cabins.session().questions) == QUESTIONS_MAX


def test_a_room_has_the_scenes_it_was_built_with(cabins: Cabins) -> None:
    shop = cabins.shop
    room = FittingRoom(
        shop.books,  # type: ignore[arg-type]
        shop.till,
        clock=shop.clock,
        chance=shop.chance,
        stock=cabins.racks,
        scenes=("noon",),
    )
    room.arrive(ONE, [tag(JEANS)])
    assert room.light(ONE, "noon").scene == "noon"
    refuses("not_offered_here", lambda: room.light(ONE, "day"))
