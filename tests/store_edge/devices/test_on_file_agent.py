"""A card on file in a running shop: charged, told by a notice, and a part given back by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from checkout.events import PaymentReturned, PaymentTaken, SaleCompleted
from checkout.payment import ON_FILE
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import Store, store_settings, until

ON_FILE_DEVICE = {"on-file-1": DeviceSettings("on_file.rest", emulated=True)}


def opened(open_box: Callable[..., Store], folder: Path) -> Store:
    store = open_box(store_settings(folder / "store", ON_FILE_DEVICE))
    store.await_health("on-file-1", "well")
    return store


def test_a_charge_completes_the_sale_and_forgets_the_mandate(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    store = opened(open_box, tmp_path)
    store.scan()
    asked = store.payment(store.box.cashier.ask_payment("1", tender=ON_FILE, mandate="mandate-1"))
    provider = store.emulator("on-file-1")
    until(lambda: provider.waiting_minor == asked.amount_minor)
    assert provider.decide("approve")
    sale = store.await_event(SaleCompleted)
    assert [(part.kind, part.amount_minor) for part in sale.tenders] == [(ON_FILE, asked.amount_minor)]
    kept = store.box.payments.payment(asked.id)
    assert kept is not None
    assert (kept.state, kept.mandate) == ("taken", "")
    assert all("mandate-1" not in str(entry.facts) for entry in store.box.journal.read(0))


def test_a_part_of_a_sale_that_is_given_up_goes_back_by_itself(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    store = opened(open_box, tmp_path)
    provider = store.emulator("on-file-1")
    provider.next_card("approve")
    store.scan(2)
    store.box.cashier.ask_payment("1", amount_minor=50, tender=ON_FILE, mandate="mandate-1")
    store.await_event(PaymentTaken)
    store.box.pay_desk.give_back("1")
    assert store.await_event(PaymentReturned).amount_minor == 50
    assert [(one.captured_minor, one.refunded_minor) for one in provider.charges] == [(50, 50)]
    basket = store.basket()
    assert basket is not None
    assert basket.state == "open"
    assert store.duties() == []
