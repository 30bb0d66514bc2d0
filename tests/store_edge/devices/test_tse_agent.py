"""The signing device through its faults: what it signed, what receipts say, and that selling goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from checkout.events import (
    DeviceLost,
    OutageBegan,
    OutageEnded,
    ReceiptPrinted,
    SaleCompleted,
    SaleNotSigned,
    SigningUnitSeen,
    TransactionFinished,
    TransactionStarted,
)
from checkout.fiscal import read_receipt_data
from checkout.receipt import Receipt
from checkout.receipt_words import words_in
from checkout.staff import Clerk
from hardware.readings import Signed
from hardware.tse.driver import LocalTse
from hardware.tse.receipt_qr import verify
from store_edge.settings import BadSettings, DeviceSettings
from tests.store_edge.open_store import PIECES, Store, store_settings, until

TSE = {"tse-1": DeviceSettings("tse.local", emulated=True, options={"answer_s": 0.4})}
PRINTER = {"printer-1": DeviceSettings("printer.escpos", emulated=True)}
TILL = "demo-1"
Open = Callable[..., Store]


@pytest.fixture
def store(open_box: Open, tmp_path: Path) -> Store:
    return opened(open_box, tmp_path)


def opened(open_box: Open, folder: Path, devices: dict[str, DeviceSettings] = TSE, **limits: float) -> Store:
    found = open_box(store_settings(folder / "store", devices, ("1", "2"), **limits))
    found.await_health("tse-1", "well")
    return found


def begin(store: Store, lane: str = "1") -> str:
    """Scan something, and wait until the device has heard of it; gives the basket."""
    basket = store.scan(1, lane)
    until(lambda: any(one.basket == basket.id for one in store.events(TransactionStarted)))
    return basket.id


def pay(store: Store, lane: str = "1") -> SaleCompleted:
    """The lane's basket is paid at a terminal that is not part of these tests."""
    before = len(store.events(SaleCompleted))
    payment = store.payment(store.box.cashier.ask_payment(lane))
    store.box.cashier.send(payment.id, "by hand", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "staff")
    return store.await_event(SaleCompleted, before + 1)


def receipt_of(store: Store, sale: SaleCompleted) -> Receipt:
    found = store.box.receipts.by_number(sale.receipt)
    assert found is not None
    return found


def await_receipt(store: Store, sale: SaleCompleted) -> Receipt:
    """The receipt, as soon as it is decided what it says of its signature."""
    until(lambda: receipt_of(store, sale).process is not None)
    return receipt_of(store, sale)


def truly_signed(store: Store) -> list[Signed]:
    found: list[Signed] = store.emulator("tse-1").finished
    return found


def nothing_open(store: Store) -> bool:
    return not any(store.emulator("tse-1").open_of(till) for till in (TILL, "demo-2"))


# A good day


def test_a_sale_is_begun_with_its_first_line_and_ended_when_it_is_paid(store: Store) -> None:
    begin(store)
    assert truly_signed(store) == []
    sale = pay(store)
    receipt = await_receipt(store, sale)
    (signed,) = truly_signed(store)
    said = read_receipt_data(signed.process_data)
    assert said.kind == "Beleg"
    assert sum(said.gross_minor) == sale.total_minor == sum(part.amount_minor for part in said.paid)
    assert receipt.process is not None
    assert receipt.process.signed
    assert (receipt.process.till, receipt.process.transaction) == (TILL, signed.transaction)
    verdict = verify(receipt.process_code)
    assert (verdict.valid, verdict.remarks) == (True, ())
    assert store.await_event(TransactionFinished).late is False
    assert store.events(SaleNotSigned, OutageBegan) == []


def test_each_lane_is_a_till_of_its_own_and_no_number_is_used_twice(store: Store) -> None:
    for lane in ("1", "2"):
        begin(store, lane)
    processes = [await_receipt(store, pay(store, lane)).process for lane in ("1", "2")]
    assert [one.till for one in processes if one] == ["demo-1", "demo-2"]
    assert len({one.transaction for one in processes if one}) == 2
    assert nothing_open(store)


def test_a_basket_given_up_ends_as_given_up_and_an_empty_one_never_begins(store: Store) -> None:
    store.box.till.open("2", "de")
    store.box.till.cancel("2")
    begin(store)
    store.box.till.cancel("1")
    until(lambda: truly_signed(store))
    assert [one.process_data for one in truly_signed(store)] == ["AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"]
    assert store.emulator("tse-1").counter == 2


def test_a_parked_basket_ends_as_an_order_and_its_sale_tells_when_that_began(store: Store) -> None:
    begin(store)
    parked = store.box.parking.park("1")
    until(lambda: truly_signed(store))
    assert truly_signed(store)[0].process_type == "Bestellung-V1"
    assert truly_signed(store)[0].process_data.startswith('1;"')
    store.box.parking.resume("2", parked.code)
    store.await_event(TransactionStarted, 2)
    process = await_receipt(store, pay(store, "2")).process
    assert process is not None
    assert process.signed
    assert process.till == "demo-2"
    assert process.ordered_at == store.events(TransactionStarted)[0].at
    assert nothing_open(store)


def test_the_device_is_known_from_its_first_answer_on_and_announced_once(
    open_box: Open, tmp_path: Path
) -> None:
    first = opened(open_box, tmp_path)
    seen = first.await_event(SigningUnitSeen)
    first.box.stop()
    again = opened(open_box, tmp_path)
    await_receipt(again, sell(again))
    assert again.events(SigningUnitSeen) == [seen]


def sell(store: Store, lane: str = "1") -> SaleCompleted:
    begin(store, lane)
    return pay(store, lane)


def test_two_signing_devices_are_refused_at_the_start(open_box: Open, tmp_path: Path) -> None:
    both = {name: DeviceSettings("tse.local", emulated=True) for name in ("tse-1", "tse-2")}
    store = open_box(store_settings(tmp_path / "store", both), start=False)
    with pytest.raises(BadSettings, match="tse-1 signs for all lanes"):
        store.box.start()


def test_cash_that_moves_without_a_sale_is_signed_at_once(store: Store) -> None:
    store.box.drawers.put_float("1", 150_00, Clerk("c-1", frozenset({"cash"})))
    until(lambda: truly_signed(store) and store.events(TransactionFinished))
    assert [one.process_data for one in truly_signed(store)] == [
        "Beleg^0.00_0.00_0.00_0.00_150.00^150.00:Bar"
    ]
    assert nothing_open(store)


# Fault 17: the device is out


def go_out(store: Store, how: str) -> None:
    emulator = store.emulator("tse-1")
    if how == "unplugged":
        store.box.bench.pull_plug("tse-1")
    else:
        emulator.fall_ill(how)


def come_back(store: Store, how: str) -> None:
    if how == "unplugged":
        store.box.bench.put_plug("tse-1")
    else:
        store.emulator("tse-1").recover()
    store.await_event(OutageEnded)


@pytest.mark.parametrize("how", ["unplugged", "full", "expired"])
def test_fault_17_the_receipt_is_marked_the_outage_recorded_and_selling_goes_on(
    open_box: Open, tmp_path: Path, how: str
) -> None:
    store = opened(open_box, tmp_path, {**TSE, **PRINTER})
    store.await_health("printer-1", "well")
    sell(store)
    store.await_event(ReceiptPrinted)
    go_out(store, how)
    store.scan(1)
    sale = pay(store)
    store.await_event(ReceiptPrinted, 2)
    receipt = receipt_of(store, sale)
    assert receipt.process is not None
    assert not receipt.process.signed
    assert receipt.process_code == ""
    assert store.await_event(OutageBegan).reason
    until(lambda: ("device_lost", "tse-1") in store.tasks())
    paper = "\n".join(row.text for row in store.emulator("printer-1").papers[-1].rows)
    assert words_in("de")["device_out"][:30] in paper
    come_back(store, how)
    until(lambda: ("device_lost", "tse-1") not in store.tasks())
    after = await_receipt(store, sell(store))
    assert after.process is not None
    assert after.process.signed
    assert receipt_of(store, sale) == receipt, "a receipt says the same for ever"
    assert len(store.events(OutageBegan)) == len(store.events(OutageEnded)) == 1
    with store.box.books.page() as page:
        assert page.outage("tse-1") is None
    assert nothing_open(store)


def test_what_was_begun_before_an_outage_and_paid_in_it_is_ended_once_when_the_device_is_back(
    store: Store,
) -> None:
    begin(store)
    go_out(store, "unplugged")
    store.await_event(OutageBegan)
    sale = pay(store)
    receipt = await_receipt(store, sale)
    assert receipt.process is not None
    assert not receipt.process.signed
    come_back(store, "unplugged")
    assert store.await_event(TransactionFinished).late is True
    assert [read_receipt_data(one.process_data).kind for one in truly_signed(store)] == ["Beleg"]
    assert receipt_of(store, sale) == receipt
    assert nothing_open(store)


def test_what_was_begun_and_paid_in_an_outage_is_never_signed(store: Store) -> None:
    go_out(store, "unplugged")
    store.await_event(OutageBegan)
    store.scan(1)
    sale = pay(store)
    assert store.await_event(SaleNotSigned).receipt == sale.receipt
    come_back(store, "unplugged")
    await_receipt(store, sell(store))
    assert len(truly_signed(store)) == 1


def test_a_slow_device_keeps_nobody_waiting_beyond_the_limit(open_box: Open, tmp_path: Path) -> None:
    devices = {"tse-1": DeviceSettings("tse.local", emulated=True), **PRINTER}
    store = opened(open_box, tmp_path, devices, signing_s=0.5)
    store.await_health("printer-1", "well")
    begin(store)
    store.emulator("tse-1").slow(1_500)
    started = dt.datetime.now(dt.UTC)
    sale = pay(store)
    store.await_event(ReceiptPrinted, within_s=1.4)
    assert (dt.datetime.now(dt.UTC) - started).total_seconds() >= 0.5
    assert store.await_event(SaleNotSigned).reason == "slow"
    assert store.await_event(OutageBegan).reason == "the TSE did not answer in time"
    receipt = receipt_of(store, sale)
    assert receipt.process is not None
    assert not receipt.process.signed
    assert store.await_event(TransactionFinished).late is True
    store.await_event(OutageEnded)
    until(lambda: ("device_lost", "tse-1") not in store.tasks())
    assert "tse-1" not in [lost.device for lost in store.events(DeviceLost)]
    assert receipt_of(store, sale) == receipt


# Nothing is signed twice, and nothing stays open


@pytest.mark.parametrize("when", ["before", "after", "answering"])
@pytest.mark.parametrize("question", ["start", "finish"])
def test_a_line_that_dies_at_any_moment_signs_each_sale_once(
    store: Store, question: Literal["start", "finish"], when: Literal["before", "after", "answering"]
) -> None:
    if question == "finish":
        begin(store)
    store.emulator("tse-1").die_in(question, when)
    if question == "start":
        store.scan(1)
        store.await_event(OutageEnded)
    sale = pay(store)
    await_receipt(store, sale)
    until(lambda: nothing_open(store) and truly_signed(store))
    paid = [one for one in truly_signed(store) if one.process_data.startswith("Beleg^")]
    assert len(paid) == 1
    assert len({one.transaction for one in truly_signed(store)}) == len(truly_signed(store))


def test_a_lost_answer_is_asked_for_and_the_sale_is_signed_once(store: Store) -> None:
    begin(store)
    store.emulator("tse-1").lose_answers()
    sale = pay(store)
    process = await_receipt(store, sale).process
    assert process is not None
    store.await_event(TransactionFinished)
    assert len(truly_signed(store)) == 1
    assert nothing_open(store)


@pytest.mark.parametrize("lost", [False, True])
def test_after_a_restart_it_goes_on_from_its_cursor(open_box: Open, tmp_path: Path, lost: bool) -> None:
    """The box dies between the payment and the signature, or between the signature and its noting."""
    store = opened(open_box, tmp_path)
    begin(store)
    emulator = store.emulator("tse-1")
    if lost:
        emulator.lose_answers(100)
    else:
        emulator.slow(30_000)
    sale = pay(store)
    store.box.stop()
    again = opened(open_box, tmp_path)
    receipt = await_receipt(again, sale)
    again.await_event(TransactionFinished)
    assert receipt.process is not None
    assert len(truly_signed(again)) == 1
    assert nothing_open(again)
    assert again.box.fiscal.unfinished() == ()


def test_another_device_begins_anew(open_box: Open, tmp_path: Path) -> None:
    store = opened(open_box, tmp_path)
    begin(store)
    store.box.stop()
    for file in (tmp_path / "store" / "emulators" / "tse-1.books").iterdir():
        file.unlink()
    again = opened(open_box, tmp_path)
    sale = pay(again)
    process = await_receipt(again, sale).process
    assert process is not None
    assert process.signed
    assert process.device == again.events(SigningUnitSeen)[-1].serial
    assert len(again.events(SigningUnitSeen)) == 2


def test_what_a_device_has_open_that_nobody_knows_is_ended_as_given_up(
    open_box: Open, tmp_path: Path
) -> None:
    store = open_box(store_settings(tmp_path / "store", TSE, ("1",)), start=False)
    address = store.box.bench.start("tse-1", TSE["tse-1"])
    driver = LocalTse(address)
    driver.open()
    driver.start(TILL)
    driver.close()
    store.box.bench.stop()
    store.box.start()
    until(lambda: store.events(TransactionFinished))
    assert [one.process_data for one in truly_signed(store)] == ["AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^"]
    assert store.events(TransactionFinished)[0].basket == ""


def test_a_process_that_cannot_be_put_into_words_does_not_stop_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(store)

    def bug(*_: object, **__: object) -> None:
        raise ValueError("no such rate")

    with monkeypatch.context() as patched:
        patched.setattr("store_edge.devices.tse.decide", bug)
        sale = pay(store)
        process = await_receipt(store, sale).process
        assert process is not None
        assert not process.signed
    store.box.till.scan("2", PIECES[0].gtin, how="typed")
    process = await_receipt(store, pay(store, "2")).process
    assert process is not None
    assert process.signed
