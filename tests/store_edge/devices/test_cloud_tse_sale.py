"""A whole sale that is signed in the cloud, by one line in store.toml; and what happens when the line is
cut.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import (
    OutageBegan,
    OutageEnded,
    SaleCompleted,
    SaleNotSigned,
    TransactionFinished,
    TransactionStarted,
)
from hardware.tse.receipt_qr import verify
from store_edge.check import check_store
from store_edge.settings import load_settings
from tests.store_edge.open_store import Store, until

STORE_TOML = """
demo = true
[devices.tse-1]
driver = "tse.cloud"
emulated = true
options = { answer_s = 1.0, try_s = 0.5 }
"""
Open = Callable[..., Store]


@pytest.fixture
def store(open_box: Open, tmp_path: Path) -> Store:
    file = tmp_path / "store.toml"
    file.write_text(STORE_TOML, encoding="utf-8")
    found = open_box(load_settings(file, environ={}, home=tmp_path / "home"))
    found.await_health("tse-1", "well")
    return found


def sell(store: Store) -> SaleCompleted:
    before = len(store.events(SaleCompleted))
    store.scan(1)
    payment = store.payment(store.box.cashier.ask_payment("1"))
    store.box.cashier.send(payment.id, "by hand", before)
    store.box.cashier.taken(payment.id, before + 1, "girocard", "staff")
    store.box.till.cancel("1")
    return store.await_event(SaleCompleted, before + 1)


def test_a_sale_is_signed_in_the_cloud_and_its_receipt_verifies(store: Store) -> None:
    sale = sell(store)
    finished = store.await_event(TransactionFinished)
    receipt = store.box.receipts.by_number(sale.receipt)
    assert receipt is not None
    verdict = verify(receipt.process_code)
    assert (verdict.valid, verdict.remarks) == (True, ())
    (signed,) = store.emulator("tse-1").finished
    assert (signed.transaction, signed.counter) == (finished.transaction, finished.counter)
    assert store.events(SaleNotSigned, OutageBegan) == []


def test_with_the_line_cut_the_shop_sells_on_and_signs_again_when_it_is_back(store: Store) -> None:
    store.scan(1)
    store.await_event(TransactionStarted)
    store.emulator("tse-1").unplug()
    sale = sell(store)
    missing = store.await_event(SaleNotSigned)
    assert missing.receipt == sale.receipt
    store.emulator("tse-1").plug()
    store.await_event(OutageEnded)
    sell(store)
    until(lambda: len(store.emulator("tse-1").finished) == 2)
    assert store.emulator("tse-1").open_of("demo-1") == ()


def test_emma_check_says_whether_the_cloud_answers(tmp_path: Path, open_box: Open) -> None:
    file = tmp_path / "store.toml"
    file.write_text(STORE_TOML, encoding="utf-8")
    store = open_box(load_settings(file, environ={}, home=tmp_path / "home"), start=False)
    (line,) = [one for one in check_store(store.box) if one.about == "tse-1"]
    assert (line.well, line.sentence) == (True, "tse.cloud answers (emulated)")
