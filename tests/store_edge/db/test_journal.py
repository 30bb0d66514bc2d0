"""The journal: numbered without gaps, chained, read by cursors, and nothing in it that did not happen."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from checkout import events
from store_edge.db import tables as t
from store_edge.db.engine import Database
from store_edge.db.journal import FIRST_HASH, Journal, JournalBroken, chain, set_cursor
from tests.store_edge.open_store import until

HURRY_S_MAX = 5
SALES = 4


@pytest.fixture
def shop(new_store_url, open_shop):
    """A shop on each engine with a few sales behind it."""
    shop = open_shop(new_store_url())
    for _ in range(SALES):
        shop.scan(shop.milk)
        shop.pay()
    return shop


def announce(shop, event, lane="1"):
    with shop.books.page() as page:
        page.announce(event, lane)


def test_entries_are_numbered_from_one_without_gaps(shop):
    entries = shop.journal.read(0)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert shop.journal.last_number() == len(entries)
    assert shop.journal.check() == len(entries)


def test_an_empty_journal_is_sound(new_store_url, open_shop):
    journal = open_shop(new_store_url()).journal
    assert (journal.read(0), journal.last_number(), journal.check()) == ([], 0, 0)


def test_an_entry_gives_back_the_event_and_says_where_and_when(shop):
    event = events.HelpAsked("basket-1")
    announce(shop, event, lane="7")
    entry = shop.journal.read(shop.journal.last_number() - 1)[0]
    assert (entry.event(), entry.facts) == (event, {"basket": "basket-1"})
    assert (entry.lane, entry.type, entry.at) == ("7", "HelpAsked", "2026-11-21T10:00:00.000Z")
    assert entry.epoch == shop.journal.epoch


def test_a_completed_sale_comes_back_whole(shop):
    entry = shop.journal.read(0)[-1]
    sale = entry.event()
    assert isinstance(sale, events.SaleCompleted)
    assert sale.lines == (events.SoldLine(shop.milk.gtin, 1, 0, 119, 700, unit_price_minor=119),)
    assert sale.vat == (events.VatPart(700, 119, 111, 8),)


def test_reading_goes_on_after_a_number_up_to_a_limit(shop):
    assert [entry.number for entry in shop.journal.read(3, limit=2)] == [4, 5]
    assert shop.journal.read(shop.journal.last_number()) == []


# The past


@pytest.mark.parametrize("column", [column.name for column in t.journal.columns])
@pytest.mark.parametrize("number", [1, 7, 5 * SALES])
def test_a_changed_field_of_any_entry_is_noticed(shop, column, number):
    forged = {"number": 10_000, "data": b"{}", "hash": b"\1" * 32}.get(column, "forged")
    with shop.database.write() as connection:
        changed = connection.execute(
            update(t.journal).where(t.journal.c.number == number).values({column: forged})
        )
        assert changed.rowcount == 1
    with pytest.raises(JournalBroken) as broken:
        shop.journal.check()
    assert broken.value.number == number


@pytest.mark.parametrize("number", [1, 7])
def test_a_removed_entry_is_noticed(shop, number):
    with shop.database.write() as connection:
        connection.execute(delete(t.journal).where(t.journal.c.number == number))
    with pytest.raises(JournalBroken) as broken:
        shop.journal.check()
    assert broken.value.number == number


def test_removing_an_entry_and_closing_the_gap_is_noticed(shop):
    with shop.database.write() as connection:
        connection.execute(delete(t.journal).where(t.journal.c.number == 7))
        for number in range(8, 5 * SALES + 1):
            moved = update(t.journal).where(t.journal.c.number == number).values(number=number - 1)
            connection.execute(moved)
    with pytest.raises(JournalBroken):
        shop.journal.check()


def test_an_inserted_entry_is_noticed(shop):
    last = shop.journal.read(0)[-1]
    forged = replace(last, number=last.number + 1)
    with shop.database.write() as connection:
        row = {column.name: getattr(forged, column.name) for column in t.journal.columns}
        connection.execute(insert(t.journal).values(row))
    with pytest.raises(JournalBroken) as broken:
        shop.journal.check()
    assert broken.value.number == forged.number


def test_the_chain_is_checked_from_any_entry_on(shop):
    assert shop.journal.check(after=3) == shop.journal.last_number()
    with shop.database.write() as connection:
        connection.execute(update(t.journal).where(t.journal.c.number == 2).values(lane="forged"))
    assert shop.journal.check(after=3) == shop.journal.last_number()  # the past before 3 was not asked about
    with pytest.raises(JournalBroken):
        shop.journal.check(after=10_000)


def test_no_two_entries_that_differ_have_one_hash():
    said = [
        (1, "e", "at", "lane", "Kind", b"{}"),
        (1, "e", "at", "laneKind", "", b"{}"),
        (11, "e", "at", "lane", "Kind", b"{}"),
        (1, "e", "at", "lane", "Kind", b"{} "),
        (1, "ea", "t", "lane", "Kind", b"{}"),
    ]
    assert len({chain(FIRST_HASH, *fields) for fields in said}) == len(said)


# Epochs


def test_every_database_has_an_epoch_of_its_own_and_keeps_it(tmp_path, open_shop):
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("a", "b")]
    for url in urls:
        database = Database(url)
        database.migrate()
        database.close()
    epochs = [open_shop(url).journal.epoch for url in urls]
    assert epochs[0] != epochs[1]
    assert [open_shop(url).journal.epoch for url in urls] == epochs


def test_after_a_restore_entries_carry_the_new_epoch_and_the_chain_holds(shop):
    with shop.database.write() as connection:
        connection.execute(update(t.meta).where(t.meta.c.key == "epoch").values(value="restored"))
    journal = Journal(shop.database, shop.clock)
    with shop.database.write() as connection:
        number = journal.append(connection, events.HelpAsked(""), "1").number
    assert [entry.epoch for entry in journal.read(number - 2)] == [shop.journal.epoch, "restored"]
    assert journal.check() == number
    with shop.database.write() as connection:
        connection.execute(update(t.meta).where(t.meta.c.key == "epoch").values(value=shop.journal.epoch))


# Readers


def test_each_reader_has_a_place_of_its_own(shop):
    shop.journal.move_cursor("printer", 5)
    shop.journal.move_cursor("sync", 2)
    shop.journal.move_cursor("printer", 6)
    assert [shop.journal.cursor(reader) for reader in ("printer", "sync", "nobody")] == [6, 2, 0]


def test_a_cursor_moves_with_the_work_or_not_at_all(shop):
    def fail_after_moving():
        with shop.database.write() as connection:
            set_cursor(connection, "printer", 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_moving()
    assert shop.journal.cursor("printer") == 0


def waiting_reader(journal, after):
    """A thread that waits for the next entry, and what it found."""
    found = []
    started = threading.Event()

    def wait():
        started.set()
        found.extend(journal.wait(after, HURRY_S_MAX))

    thread = threading.Thread(target=wait)
    thread.start()
    assert started.wait(HURRY_S_MAX)
    return thread, found


def test_a_waiting_reader_finds_a_new_entry(shop):
    thread, found = waiting_reader(shop.journal, shop.journal.last_number())
    announce(shop, events.HelpAsked("b"))
    thread.join(HURRY_S_MAX)
    assert [entry.type for entry in found] == ["HelpAsked"]


def test_a_reader_in_this_process_is_woken_and_need_not_poll(shop, monkeypatch):
    monkeypatch.setattr("store_edge.db.journal.POLL_S", 10 * HURRY_S_MAX)
    thread, found = waiting_reader(shop.journal, shop.journal.last_number())
    announce(shop, events.HelpAsked("b"))
    thread.join(HURRY_S_MAX)
    assert not thread.is_alive()
    assert [entry.type for entry in found] == ["HelpAsked"]


def test_a_waiting_reader_finds_what_another_box_wrote(new_store_url, open_shop):
    url = new_store_url()
    here, there = open_shop(url, "h"), open_shop(url, "t")
    thread, found = waiting_reader(here.journal, 0)
    announce(there, events.HelpAsked("b"))
    thread.join(HURRY_S_MAX)
    assert [entry.type for entry in found] == ["HelpAsked"]


def test_a_reader_of_one_kind_is_not_woken_for_another(shop, monkeypatch):
    monkeypatch.setattr("store_edge.db.journal.LOOK_AGAIN_S", 10 * HURRY_S_MAX)
    after = shop.journal.last_number()
    found = []
    thread = threading.Thread(
        target=lambda: found.extend(shop.journal.wait(after, HURRY_S_MAX, kinds=["HelpAsked"]))
    )
    thread.start()
    until(lambda: shop.journal._waiting)
    thread.join(0.3)  # it has looked once and waits
    announce(shop, events.LaneFreed("a"))
    thread.join(0.2)
    assert thread.is_alive()
    announce(shop, events.HelpAsked("b"))
    thread.join(HURRY_S_MAX)
    assert [entry.type for entry in found] == ["LaneFreed", "HelpAsked"]


def test_waiting_ends_when_nothing_comes(shop):
    assert shop.journal.wait(shop.journal.last_number(), 0.01) == []


# What did not happen


@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_torn_page_leaves_neither_state_nor_event(shop, failure):
    before, said = shop.basket(), shop.said()

    def write_and_fail():
        with shop.books.page() as page:
            basket = page.basket_on("1")
            page.save_basket(replace(basket, version=basket.version + 1, state="closed"))
            page.hold_epc("ABC", basket.id)
            page.announce(events.HelpAsked(basket.id), "1")
            raise failure

    with pytest.raises(failure):
        write_and_fail()
    assert (shop.basket(), shop.said()) == (before, said)
    with shop.books.page() as page:
        assert page.epc_holder("ABC") is None


@pytest.mark.parametrize("failure", [ZeroDivisionError, KeyboardInterrupt])
def test_a_torn_page_locks_nobody_out(new_store_url, open_shop, failure):
    url = new_store_url()
    here, there = open_shop(url, "h"), open_shop(url, "t")

    def announce_and_fail():
        with here.books.page() as page:
            page.announce(events.HelpAsked(""), "1")
            raise failure

    for _ in range(20):  # a lock that stays would show after as many as there are connections
        with pytest.raises(failure):
            announce_and_fail()
    sellers = [threading.Thread(target=shop.scan, args=(shop.milk,)) for shop in (here, here, there)]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join(HURRY_S_MAX)
    assert not any(seller.is_alive() for seller in sellers)
    assert len(here.basket().lines) == 3


def test_a_statement_that_fails_on_a_page_spoils_only_that_page(shop):
    def hold_twice():
        with shop.books.page() as page:
            page.hold_epc("ABC", "1")
            page.hold_epc("ABC", "2")

    with pytest.raises(IntegrityError):
        hold_twice()
    assert shop.scan(shop.milk).lines
    with shop.books.page() as page:
        assert page.epc_holder("ABC") is None


def test_a_reader_sees_nothing_of_an_unfinished_page(shop):
    with shop.books.page() as page:
        page.announce(events.HelpAsked("b"), "1")
        seen = []
        looker = threading.Thread(target=lambda: seen.append(shop.said()))
        looker.start()
        looker.join(HURRY_S_MAX)
    assert "HelpAsked" not in seen[0]
    assert shop.said()[-1] == "HelpAsked"


def test_journal_rows_are_what_their_hashes_say(shop):
    with shop.database.read() as connection:
        first = connection.execute(select(t.journal).order_by(t.journal.c.number)).first()
    fields = (first.number, first.epoch, first.at, first.lane, first.type, first.data)
    assert first.hash == chain(FIRST_HASH, *fields)
