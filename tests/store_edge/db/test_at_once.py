"""Several hands on one basket, in threads and in processes: no line is lost, no version comes twice."""

from __future__ import annotations

import multiprocessing
import threading

import pytest
from sqlalchemy.exc import IntegrityError

from checkout import events
from checkout.basket import Returned
from checkout.staff import Clerk
from store_edge.db.engine import Database
from tests.conftest import Shop, StoreShop, answer_or_reason

SCANS_EACH = 15
HANDS = 3
WAIT_S_MAX = 40


def scan_many(url, who, start):
    """What another process does: a shop of its own on the same database."""
    shop = StoreShop(Database(url), who)
    start.wait(WAIT_S_MAX)
    for number in range(SCANS_EACH):
        shop.scan(shop.milk, how=who, request_key=f"{who}-{number}")
    shop.close()


def every_line_is_there_once(shop, hands):
    basket = shop.basket()
    added = shop.heard(events.LineAdded)
    assert [line.number for line in basket.lines] == list(range(1, hands * SCANS_EACH + 1))
    assert sorted(event.version for event in added) == list(range(2, hands * SCANS_EACH + 2))
    assert basket.total_minor == hands * SCANS_EACH * Shop.milk.price_minor
    assert len(shop.heard(events.BasketOpened)) == 1
    assert shop.journal.check() == len(added) + 1
    by_hand = [line.how for line in basket.lines]
    assert {who: by_hand.count(who) for who in set(by_hand)} == dict.fromkeys(set(by_hand), SCANS_EACH)


def test_threads_on_one_basket_lose_nothing(new_store_url, open_shop):
    shop = open_shop(new_store_url())
    start = threading.Barrier(HANDS)

    def scan(who):
        start.wait(WAIT_S_MAX)
        for _ in range(SCANS_EACH):
            shop.scan(shop.milk, how=who)

    hands = [threading.Thread(target=scan, args=(f"hand{n}",)) for n in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(WAIT_S_MAX)
    every_line_is_there_once(shop, HANDS)


def test_processes_on_one_basket_lose_nothing(new_store_url, open_shop):
    url = new_store_url()
    shop = open_shop(url)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    hands = [spawn.Process(target=scan_many, args=(url, f"hand{n}", start)) for n in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(WAIT_S_MAX)
    assert [hand.exitcode for hand in hands] == [0, 0]
    every_line_is_there_once(shop, 2)


def all_at_once(*acts):
    """Do the acts in threads that start together; gives what each answered or was refused for."""
    start = threading.Barrier(len(acts))
    answers = [None] * len(acts)

    def do(place, act):
        start.wait(WAIT_S_MAX)
        answer, reason = answer_or_reason(act)
        answers[place] = reason or answer

    threads = [threading.Thread(target=do, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S_MAX)
    return answers


@pytest.fixture
def boxes(new_store_url, open_shop):
    """Two boxes on one store's database."""
    url = new_store_url()
    return open_shop(url, "a"), open_shop(url, "b")


def test_pay_tapped_on_two_phones_charges_once(boxes):
    here, there = boxes
    here.scan(here.milk)
    all_at_once(*[lambda box=box: box.cashier.ask_payment("1") for box in (here, there) * 3])
    assert len(here.heard(events.PaymentAsked)) == 1
    asked = here.payment()
    sent = all_at_once(*[lambda box=box: box.cashier.send(asked.id, "t", 7) for box in (here, there) * 3])
    assert len([payment for payment in sent if payment is not None]) == 1
    all_at_once(*[lambda box=box: box.cashier.taken(asked.id, 8, "c", "answer") for box in (here, there) * 3])
    assert len(here.heard(events.PaymentTaken)) == len(here.receipts()) == 1


def test_a_token_shown_at_many_lanes_at_once_opens_one_visit(boxes):
    answers = all_at_once(
        *[
            lambda box=box, lane=lane: box.till.scan(lane, "EMMA1.anna", how="camera")
            for lane, box in enumerate(boxes * 5)
        ]
    )
    assert answers.count("token_used") == 9
    assert len(boxes[0].heard(events.ShopperIdentified)) == 1


def test_a_tag_on_two_trays_at_once_is_charged_once(boxes):
    here, there = boxes
    tag = here.shirt_tag()
    all_at_once(
        *[
            lambda box=box, lane=lane: box.till.lay_down(lane, [tag])
            for lane, box in (("1", here), ("2", there))
        ]
    )
    assert sum(len(here.basket(lane).lines) for lane in ("1", "2")) == 1


def test_what_one_box_did_the_other_sees(boxes):
    here, there = boxes
    here.scan(here.milk)
    there.scan(there.wine)
    here.till.change_quantity("1", 2, 3)
    there.till.void("1", 1)
    assert here.books.basket_on("1") == there.books.basket_on("1") == here.basket() == there.basket()
    assert here.basket().total_minor == 3 * here.wine.price_minor


def test_a_looker_never_sees_half_a_page(boxes):
    here, there = boxes
    here.scan(here.milk)
    here.scan(here.milk)
    torn, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            basket = there.books.basket_on("1")
            if basket.version != 1 + len(basket.lines):
                torn.append(basket)

    looker = threading.Thread(target=look)
    looker.start()
    for _ in range(4 * SCANS_EACH):
        here.scan(here.milk)
    stop.set()
    looker.join(WAIT_S_MAX)
    assert torn == []


def test_goods_brought_back_at_many_lanes_at_once_come_back_once(boxes):
    here, there = boxes
    here.scan(here.milk)
    here.till.change_quantity("1", 1, 3)
    here.pay()
    clerk = Clerk("c", frozenset({"returns"}))

    def bring_back(box, lane):
        return box.returns.bring_back(lane, "1", 1, 1, reason="changed_mind", clerk=clerk)

    answers = all_at_once(
        *[lambda box=box, lane=f"lane{n}": bring_back(box, lane) for n, box in enumerate((here, there) * 4)]
    )
    assert answers.count("returned_already") == 5
    pieces = [
        line.returned.pieces for basket in answers if not isinstance(basket, str) for line in basket.lines
    ]
    assert sorted(pieces) == [(1,), (2,), (3,)]


def test_a_piece_in_two_hands_is_refused_by_the_table_itself(boxes):
    """If ever two writers came at once after all: the second one's page is torn out."""
    here, there = boxes
    with here.books.page() as page:
        page.hold_pieces(Returned("damaged", 1, 1, (1,)), "a")
    with pytest.raises(IntegrityError), there.books.page() as page:
        page.hold_pieces(Returned("damaged", 1, 1, (1,)), "b")


def test_a_parked_basket_is_resumed_on_one_lane_whoever_asks_at_once(new_store_url, open_shop):
    shop = open_shop(new_store_url())
    basket = shop.scan(shop.milk)
    code = shop.parking.park("1").code
    start, answers = threading.Barrier(HANDS), []

    def resume(lane):
        start.wait(WAIT_S_MAX)
        answers.append(answer_or_reason(lambda: shop.till.scan(lane, code, how="serial")))

    hands = [threading.Thread(target=resume, args=(f"{n}",)) for n in range(1, HANDS + 1)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(WAIT_S_MAX)
    assert sorted(reason for _basket, reason in answers) == ["", *["parking_gone"] * (HANDS - 1)]
    here = [shop.basket(f"{n}") for n in range(1, HANDS + 1)]
    assert [found.id for found in here if found is not None] == [basket.id]
