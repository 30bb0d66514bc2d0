"""Scanner, RFID tray and printer through their faults: plugs pulled, silence, garbage, no paper."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.errors import Refused
from checkout.events import (
    DeviceBack,
    DeviceLost,
    LineAdded,
    LineVoided,
    ReceiptNotPrinted,
    ReceiptPrinted,
    SaleCompleted,
    ScanRefused,
)
from checkout.staff import RIGHTS, Clerk
from hardware import read_queue
from hardware.escpos.driver import EscposPrinter
from store_edge.demo import load_assortment, tags_of
from store_edge.devices import printer
from store_edge.rfid.presence import DEPART_S
from store_edge.settings import BadSettings, DeviceSettings
from tests.store_edge.open_store import PIECES, Store, store_settings, until

NOTICED_S_MAX = 10.0
CAMERA_NOTICED_S_MAX = 20.0
READER_NOTICED_S_MAX = 5.0 + 2.0
"""Fault 21 allows 5 s; two more for this machine being busy with other things."""


def opened(open_box: Callable[..., Store], home: Path, device: str, driver: str, **options: object) -> Store:
    devices = {device: DeviceSettings(driver, emulated=True, options=options)}
    store = open_box(store_settings(home, devices))
    store.await_health(device, "well")
    return store


# The scanner


@pytest.fixture
def scanning(open_box: Callable[..., Store], tmp_path: Path) -> Store:
    return opened(open_box, tmp_path / "store", "scanner-1", "scanner.serial")


def test_a_shown_code_is_a_line(scanning: Store) -> None:
    scanning.emulator("scanner-1").show(PIECES[0].gtin, "]E0")
    line = scanning.await_event(LineAdded)
    assert (line.gtin, line.how) == (PIECES[0].gtin, "serial")


def test_garbage_and_unknown_codes_are_refused_on_the_lane_and_the_next_code_is_a_line(
    scanning: Store,
) -> None:
    scanner = scanning.emulator("scanner-1")
    scanner.send(b"\xff\xfe\x00\r\n")
    scanner.show("4006381333931", "]E0")  # sound, but none of ours
    scanner.show("4006381333932", "]E0")  # a wrong check digit
    scanner.show(PIECES[1].gtin, "]E0")
    assert scanning.await_event(LineAdded).gtin == PIECES[1].gtin
    reasons = [refused.reason for refused in scanning.events(ScanRefused)]
    assert reasons == ["code_unreadable", "code_unknown", "code_unreadable"]
    assert len(scanning.events(LineAdded)) == 1


def test_fault_19_a_scanner_unplugged_is_noticed_and_works_again_when_plugged_in(scanning: Store) -> None:
    bench = scanning.box.bench
    bench.pull_plug("scanner-1")
    scanning.await_health("scanner-1", "lost", NOTICED_S_MAX)
    until(lambda: ("device_lost", "scanner-1") in scanning.tasks())
    assert len(scanning.scan(1).lines) == 1, "typing still works"
    bench.put_plug("scanner-1")
    scanning.await_health("scanner-1", "well", NOTICED_S_MAX)
    until(lambda: ("device_lost", "scanner-1") not in scanning.tasks())
    scanning.emulator("scanner-1").show(PIECES[1].gtin, "]E0")
    scanning.await_event(LineAdded, count=2)
    lost = [event for event in scanning.events(DeviceLost) if event.device == "scanner-1"]
    back = [event for event in scanning.events(DeviceBack) if event.device == "scanner-1"]
    assert (len(lost), len(back)) == (1, 1), "said once when gone, once when back"


# The tray


@pytest.fixture(scope="module")
def tags() -> list[bytes]:
    """Tags of three pieces of clothing."""
    tagged = [article for article in load_assortment() if article.tags]
    return [tags_of(article)[0] for article in tagged[:3]]


@pytest.fixture
def laying(open_box: Callable[..., Store], tmp_path: Path) -> Store:
    return opened(open_box, tmp_path / "store", "tray-1", "rfid.llrp")


def standing(store: Store) -> int:
    basket = store.basket()
    return 0 if basket is None else len(basket.standing)


def test_what_lies_on_the_tray_is_in_the_basket_and_what_is_lifted_is_not(
    laying: Store, tags: list[bytes]
) -> None:
    tray = laying.emulator("tray-1")
    for tag in tags:
        tray.lay(tag)
    until(lambda: standing(laying) == len(tags))
    tray.lift(tags[0])
    until(lambda: standing(laying) == len(tags) - 1)
    assert {line.how for line in laying.events(LineAdded)} == {"tray"}
    assert len(laying.events(LineAdded)) == len(tags)


def test_fault_20_an_unknown_tag_is_said_and_not_charged(laying: Store, tags: list[bytes]) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(bytes.fromhex("E2801160600002054CC2096F"))  # nobody's
    tray.lay(tags[0])
    laying.await_event(LineAdded)
    assert laying.await_event(ScanRefused).how == "tray"
    assert standing(laying) == 1


def test_fault_21_a_reader_that_hushes_is_noticed_and_comes_back(laying: Store, tags: list[bytes]) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    until(lambda: standing(laying) == 1)
    tray.hush()
    laying.await_health("tray-1", "lost", READER_NOTICED_S_MAX)
    assert standing(laying) == 1, "nothing left the tray because the reader did"
    comes_back(laying, tags)


def test_fault_21_a_reader_that_babbles_is_noticed_and_comes_back(laying: Store, tags: list[bytes]) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    until(lambda: standing(laying) == 1)
    tray.babble()
    laying.await_health("tray-1", "lost", READER_NOTICED_S_MAX)
    assert standing(laying) == 1
    comes_back(laying, tags)


def comes_back(store: Store, tags: list[bytes]) -> None:
    store.box.bench.pull_plug("tray-1")
    store.box.bench.put_plug("tray-1")
    store.await_health("tray-1", "well", NOTICED_S_MAX)
    store.emulator("tray-1").lay(tags[1])
    until(lambda: standing(store) == 2)
    assert len(store.events(LineAdded)) == 2


def test_what_was_lifted_while_the_reader_was_away_is_out_of_the_basket_when_it_is_back(
    laying: Store, tags: list[bytes]
) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    tray.lay(tags[1])
    until(lambda: standing(laying) == 2)
    laying.box.bench.pull_plug("tray-1")
    laying.await_health("tray-1", "lost", NOTICED_S_MAX)
    tray.lift(tags[0])
    laying.box.bench.put_plug("tray-1")
    until(lambda: standing(laying) == 1)
    assert len(laying.events(LineVoided)) == 1
    basket = laying.basket()
    assert basket is not None
    assert basket.standing[0].epc == tags[1].hex().upper()


def test_what_is_lifted_during_a_payment_that_fails_is_out_of_the_basket_again(
    laying: Store, tags: list[bytes]
) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    tray.lay(tags[1])
    until(lambda: standing(laying) == 2)
    laying.box.cashier.ask_payment("1")
    basket = laying.basket()
    assert basket is not None
    payment = laying.payment(basket)
    tray.lift(tags[0])
    tray.lay(tags[2])
    time.sleep(DEPART_S + 0.5)  # nothing says that the tray has noticed, since nothing may happen
    assert standing(laying) == 2, "the amount that was asked for stands"
    laying.box.cashier.declined(payment.id, "card")
    until(lambda: epcs(laying) == {tags[1], tags[2]})
    assert len(laying.events(LineVoided)) == 1


def test_what_was_lifted_while_the_box_was_down_is_out_of_the_basket_and_the_rest_stays(
    open_box: Callable[..., Store], tmp_path: Path, tags: list[bytes]
) -> None:
    settings = store_settings(tmp_path / "store", {"tray-1": DeviceSettings("rfid.llrp", emulated=True)})
    asleep = open_box(settings, start=False)
    asleep.box.till.lay_down("1", tags[:2])
    asleep.box.till.scan("1", PIECES[0].gtin, how="typed")
    asleep.box.stop()
    awake = open_box(settings)
    awake.emulator("tray-1").lay(tags[1])
    until(lambda: epcs(awake) == {tags[1]})
    basket = awake.basket()
    assert basket is not None
    assert basket.pieces == 2, "what was scanned by hand never lay on the tray"
    assert len(awake.events(LineAdded)) == 3, "what still lies there was not charged again"


def test_what_is_lifted_while_the_till_is_closed_is_out_when_it_opens(
    laying: Store, tags: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    tray.lay(tags[1])
    until(lambda: standing(laying) == 2)
    tries: list[object] = []

    def closed(*of: object) -> None:
        tries.append(of)
        raise Refused("till_closed")

    with monkeypatch.context() as patched:
        patched.setattr(laying.box.till, "lift", closed)
        tray.lift(tags[0])
        until(lambda: tries)
    until(lambda: epcs(laying) == {tags[1]})


def test_a_line_voided_by_hand_stays_voided_while_its_piece_lies_there(
    laying: Store, tags: list[bytes]
) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    until(lambda: standing(laying) == 1)
    laying.box.till.void("1", 1)
    tray.lay(tags[1])
    until(lambda: epcs(laying) == {tags[1]})


def test_what_still_lies_there_after_a_basket_was_given_up_comes_into_the_next(
    laying: Store, tags: list[bytes]
) -> None:
    tray = laying.emulator("tray-1")
    tray.lay(tags[0])
    until(lambda: standing(laying) == 1)
    laying.box.till.cancel("1")
    tray.lay(tags[1])
    until(lambda: epcs(laying) == {tags[0], tags[1]})


def test_two_trays_on_one_lane_are_refused_at_the_start(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    trays = {name: DeviceSettings("rfid.llrp", emulated=True) for name in ("tray-1", "tray-2")}
    store = open_box(store_settings(tmp_path / "store", trays), start=False)
    with pytest.raises(BadSettings, match="lane 1 has two trays"):
        store.box.start()


def epcs(store: Store) -> set[bytes]:
    """The tags of the lines that count."""
    basket = store.basket()
    return {bytes.fromhex(line.epc) for line in basket.standing if line.epc} if basket else set()


# The printer


@pytest.fixture
def printing(open_box: Callable[..., Store], tmp_path: Path) -> Store:
    return opened(open_box, tmp_path / "store", "printer-1", "printer.escpos")


def sell(store: Store, pieces: int = 1) -> SaleCompleted:
    """A sale paid at a terminal that is not part of these tests."""
    before = len(store.events(SaleCompleted))
    payment = store.ask_payment(pieces=pieces)
    store.box.cashier.send(payment.id, "by hand", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "staff")
    return store.await_event(SaleCompleted, before + 1)


def test_a_sale_is_printed(printing: Store) -> None:
    sale = sell(printing, pieces=3)
    assert printing.await_event(ReceiptPrinted).receipt == sale.receipt
    (paper,) = printing.emulator("printer-1").papers
    words = "\n".join(row.text for row in paper.rows)
    total = f"{sale.total_minor // 100},{sale.total_minor % 100:02}"
    for said in ("Tante Emma", f"Bon {sale.receipt}", total, "girocard"):
        assert said in words


def test_a_days_report_is_printed_when_somebody_asks(printing: Store) -> None:
    keeper = Clerk("keeper", RIGHTS)
    sell(printing)
    printing.await_event(ReceiptPrinted)
    closed = printing.box.days.close_day(keeper)
    paper_side = printing.emulator("printer-1")
    for lane in ("2", "1"):  # only the printer of the lane that was named answers
        printing.box.days.ask_for_paper(closed.number, lane, keeper)
    until(lambda: len(paper_side.papers) == 2, what="the report is not on paper")
    assert f"Z-Bericht {closed.number}" in "\n".join(row.text for row in paper_side.papers[1].rows)


def test_fault_18_without_paper_the_digital_receipt_stands_in_until_there_is_paper_again(
    printing: Store,
) -> None:
    emulator = printing.emulator("printer-1")
    emulator.paper_out()
    first, second = sell(printing), sell(printing)
    for count, sale in enumerate((first, second), start=1):
        missing = printing.await_event(ReceiptNotPrinted, count)
        assert (missing.receipt, missing.reason) == (sale.receipt, "paper")
    receipt = printing.box.receipts.by_number(first.receipt)
    assert receipt is not None
    assert receipt.link
    until(lambda: ("device_lost", "printer-1") in printing.tasks())
    emulator.paper_in()
    printing.await_health("printer-1", "well", NOTICED_S_MAX)
    third = sell(printing)
    assert printing.await_event(ReceiptPrinted).receipt == third.receipt
    assert len(emulator.papers) == 1


def test_fault_18_an_idle_printer_out_of_paper_is_noticed_before_the_sale(
    open_box: Callable[..., Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer, "CHECK_S", 0.1)
    store = opened(open_box, tmp_path / "store", "printer-1", "printer.escpos")
    store.emulator("printer-1").paper_out()
    store.await_health("printer-1", "lost", NOTICED_S_MAX)
    health = store.box.health.of("printer-1")
    assert health is not None
    assert health.reason == "The printer is out of paper"
    until(lambda: ("device_lost", "printer-1") in store.tasks())
    store.emulator("printer-1").paper_in()
    store.await_health("printer-1", "well", NOTICED_S_MAX)
    until(lambda: ("device_lost", "printer-1") not in store.tasks())


def test_fault_18_an_idle_printer_unplugged_is_noticed_before_the_sale(
    open_box: Callable[..., Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer, "CHECK_S", 0.1)
    store = opened(open_box, tmp_path / "store", "printer-1", "printer.escpos")
    store.box.bench.pull_plug("printer-1")
    store.await_health("printer-1", "lost", NOTICED_S_MAX)
    store.box.bench.put_plug("printer-1")
    store.await_health("printer-1", "well", NOTICED_S_MAX)
    sale = sell(store)
    assert store.await_event(ReceiptPrinted).receipt == sale.receipt


def test_fault_18_a_printer_that_is_gone_holds_no_sale_up(printing: Store) -> None:
    printing.box.bench.pull_plug("printer-1")
    sale = sell(printing)
    missing = printing.await_event(ReceiptNotPrinted)
    assert (missing.receipt, missing.reason) == (sale.receipt, "gone")
    printing.await_health("printer-1", "lost", NOTICED_S_MAX)
    printing.box.bench.put_plug("printer-1")
    printing.await_health("printer-1", "well", NOTICED_S_MAX)
    second = sell(printing)
    assert printing.await_event(ReceiptPrinted).receipt == second.receipt


def test_paper_that_ends_in_the_middle_of_a_receipt_is_not_a_printed_receipt(printing: Store) -> None:
    printing.emulator("printer-1").paper_out(after_tickets=1)
    sell(printing)
    printing.await_event(ReceiptPrinted)
    second = sell(printing)
    assert printing.await_event(ReceiptNotPrinted).receipt == second.receipt
    assert len(printing.events(ReceiptPrinted)) == 1


@pytest.mark.parametrize("where", ["on the paper", "on the way"])
def test_a_bug_over_one_receipt_leaves_the_printer_to_the_next(
    printing: Store, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    with monkeypatch.context() as broken:
        if where == "on the paper":
            broken.setattr(printer, "receipt_ticket", lambda receipt, address: 1 / 0)
        else:
            broken.setattr(EscposPrinter, "print", lambda driver, ticket: 1 / 0)
        first = sell(printing)
        missing = printing.await_event(ReceiptNotPrinted)
    assert (missing.receipt, missing.reason) == (first.receipt, "late")
    second = sell(printing)
    assert printing.await_event(ReceiptPrinted).receipt == second.receipt
    assert not [lost for lost in printing.events(DeviceLost) if lost.device == "printer-1"]


def test_a_receipt_is_printed_after_a_restart_but_not_hours_later(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    home = tmp_path / "store"
    settings = store_settings(home, {"printer-1": DeviceSettings("printer.escpos", emulated=True)})
    awake = open_box(settings)
    awake.await_health("printer-1", "well")
    sell(awake)
    awake.await_event(ReceiptPrinted)
    awake.box.stop()
    sleeping = open_box(settings, start=False)
    first = sell(sleeping)
    sleeping.box.stop()
    soon = open_box(settings)
    assert soon.await_event(ReceiptPrinted, 2).receipt == first.receipt
    soon.box.stop()
    sleeping = open_box(settings, start=False)
    second = sell(sleeping)
    sleeping.box.stop()
    tomorrow = open_box(settings, clock=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(hours=9))
    missing = tomorrow.await_event(ReceiptNotPrinted)
    assert (missing.receipt, missing.reason) == (second.receipt, "late")
    assert len(tomorrow.events(ReceiptPrinted)) == 2


def test_a_new_printer_does_not_answer_for_the_sales_before_it(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    home = tmp_path / "store"
    without = open_box(store_settings(home), start=False)
    for _ in range(3):
        sell(without)
    without.box.stop()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    devices = {"printer-1": DeviceSettings("printer.escpos", emulated=True)}
    store = open_box(store_settings(home, devices), clock=lambda: later)
    store.await_health("printer-1", "well")
    fourth = sell(store)
    assert store.await_event(ReceiptPrinted).receipt == fourth.receipt
    assert not store.events(ReceiptNotPrinted)


# The camera


@pytest.mark.parametrize("act", ["freeze", "stick", "unplug"])
def test_fault_22_a_camera_frozen_hung_or_gone_is_noticed_and_checkout_goes_on(
    open_box: Callable[..., Store], tmp_path: Path, act: str
) -> None:
    seeing = opened(open_box, tmp_path / "store", "camera-1", "camera.opencv", still_s=3.0, silence_s=2.0)
    getattr(seeing.emulator("camera-1"), act)()
    seeing.await_health("camera-1", "lost", CAMERA_NOTICED_S_MAX)
    assert len(seeing.scan(1).lines) == 1, "checkout does not mind"
    seeing.box.bench.pull_plug("camera-1")
    seeing.box.bench.put_plug("camera-1")
    seeing.await_health("camera-1", "well", CAMERA_NOTICED_S_MAX)
    seeing.box.bench.show_code_to_camera("1", PIECES[1].gtin)
    seeing.await_event(LineAdded, count=2)
    until(lambda: seeing.events(DeviceBack))
    said = [event.device for event in seeing.events(DeviceLost, DeviceBack)]
    assert said.count("camera-1") == 2, "said once when gone, once when back"


# The queue


def test_a_tray_that_is_looked_at_too_late_loses_old_reads_and_says_how_many(
    laying: Store, tags: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_queue, "READS_MAX", 1)
    for tag in tags:
        laying.emulator("tray-1").lay(tag)
    until(lambda: standing(laying) == 1)  # the newest read of each round is held, and it is the same tag's

    def dropped() -> int:
        health = laying.box.health.of("tray-1")
        return 0 if health is None else health.dropped

    until(lambda: dropped() > 10)
