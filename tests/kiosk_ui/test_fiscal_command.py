"""`emma fiscal notify`, and `emma verify receipt-qr` on what the store itself prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk_ui.cli import main
from store_edge.box import Box
from store_edge.desk import Shelves
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import PIECES, Store, no_head_office, store_settings, until

DEVICES = {
    "tse-1": DeviceSettings("tse.local", emulated=True),
    "printer-1": DeviceSettings("printer.escpos", emulated=True),
}


def a_store_that_sold(home: Path) -> Store:
    """One sale, signed and printed."""
    store = Store(
        Box(store_settings(home, DEVICES), head_office=no_head_office(), has_terminal=lambda lane: True)
    )
    Shelves(store.box.database).put(PIECES[:2])
    store.box.start()
    for device in DEVICES:
        store.await_health(device, "well")
    payment = store.ask_payment()
    store.box.cashier.send(payment.id, "by hand", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "staff")
    until(lambda: store.emulator("printer-1").papers)
    return store


def test_the_code_on_the_paper_and_the_page_is_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = a_store_that_sold(tmp_path)
    receipt = store.box.receipts.by_number(1)
    (paper,) = store.emulator("printer-1").papers
    store.box.stop()
    store.box.head_office.close()
    codes = [row.qr for row in paper.rows if row.qr and row.qr.startswith("V0;")]
    assert receipt is not None
    assert codes == [receipt.process_code]
    assert main(["verify", "receipt-qr", "--text", codes[0], "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["valid"], said["remarks"]) == (True, [])
    tampered = codes[0].replace("Unbar", "Bar")
    assert main(["verify", "receipt-qr", "--text", tampered]) == 1


def test_the_tax_office_is_told_of_every_till_and_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = a_store_that_sold(tmp_path)
    receipt = store.box.receipts.by_number(1)
    store.box.stop()
    store.box.head_office.close()
    assert receipt is not None
    assert receipt.process is not None
    assert main(["fiscal", "notify", "--home", str(tmp_path)]) == 1
    bare = json.loads(capsys.readouterr().out)
    assert [one.split(",")[0].split(":")[0] for one in bare["missing"]] == [
        "fiscal.tills_since",
        "fiscal.till_maker",
        "fiscal.till_model",
        "fiscal.tse_certification",
        "fiscal.tse_kind",
    ]
    toml = tmp_path / "store.toml"
    toml.write_text(
        'lanes = ["1", "2"]\n[fiscal]\ntills_since = 2026-11-01\ntse_certification = "BSI-K-TR-0362-2019"\n'
        'till_maker = "A maker"\ntill_model = "A model"\ntse_kind = "usb"\n'
    )
    assert main(["fiscal", "notify", "--home", str(tmp_path), "--store", str(toml)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == []
    assert told["business"]["tax_number"] == receipt.shop.tax_number
    assert [till["serial"] for till in told["tills"]] == [receipt.process.till, "demo-2", "demo-phone"]
    assert [till["since"] for till in told["tills"]] == ["2026-11-01"] * 3
    (tse,) = told["tses"]
    assert tse["serial"] == receipt.process.device
    assert (tse["certification"], tse["bsi_id"]) == ("BSI-K-TR-0362-2019", "0362-2019")
    assert (tse["kind"], tse["since"] >= "2026") == ("usb", True)
    assert {till["tse"] for till in told["tills"]} == {tse["serial"]}
    for till in told["tills"]:
        filled = {name for name, value in till.items() if value}
        assert set(till) - filled == {"until", "ended_for"}, "of what the form asks, only what is not over"
        assert till["software_version"]
        assert till["in_use_since"] == till["since"]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ('tse_certification = "0362"', "fiscal.tse_certification, such as BSI-K-TR-0000-2026"),
        ('tse_kind = "stick"', "fiscal.tse_kind: usb, sd-card, micro-sd-card, cloud, other"),
        ("tills_until = 2026-12-31", "fiscal.tills_ended_for"),
    ],
)
def test_what_the_form_would_not_take_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str, name: str
) -> None:
    store = Store(Box(store_settings(tmp_path), head_office=no_head_office()))
    store.box.stop()
    store.box.head_office.close()
    toml = tmp_path / "store.toml"
    toml.write_text(f"[fiscal]\n{wrong}\n")
    assert main(["fiscal", "notify", "--home", str(tmp_path), "--store", str(toml)]) == 1
    assert name in json.loads(capsys.readouterr().out)["missing"]


def test_looking_does_not_make_a_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fiscal", "notify", "--home", str(tmp_path / "none")]) == 2
    assert "there is no store" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
