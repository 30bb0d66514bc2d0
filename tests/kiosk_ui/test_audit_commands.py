"""`emma fiscal export` and `tse-log`, `emma verify dsfinvk` and `tse-export`, with a signing device."""

from __future__ import annotations

import csv
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from checkout.events import TransactionFinished
from checkout.staff import RIGHTS, Clerk
from kiosk_ui.cli import main
from store_edge.box import Box
from store_edge.desk import Shelves
from store_edge.home_lock import HomeLock
from store_edge.settings import CashSettings, DeviceSettings
from tests.store_edge.open_store import PIECES, Store, no_head_office, store_settings

CLERK = Clerk("clerk-1", RIGHTS)
TOML = """
lanes = ["1", "2"]
demo = false
cash.lanes = ["1", "2"]
devices.tse-1 = { driver = "tse.local", emulated = true }
"""
SPAN = ("--from", "2026-01-01", "--to", "2099-12-31")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop that lived a day with a TSE, and closed it: `home`, `store.toml`."""
    folder = tmp_path_factory.mktemp("audited")
    (folder / "home").mkdir()
    devices = {"tse-1": DeviceSettings("tse.local", emulated=True)}
    settings = store_settings(folder / "home", devices, ("1", "2"))
    settings = replace(settings, cash=CashSettings(lanes=("1", "2")))
    box = Box(settings, head_office=no_head_office(), has_terminal=lambda lane: True)
    store = Store(box)
    Shelves(box.database).put(PIECES[:3])
    box.start()
    store.await_health("tse-1", "well")
    live_a_day(store)
    box.days.close_day(CLERK)
    box.stop()
    box.head_office.close()
    (folder / "store.toml").write_text(TOML)
    return folder


def live_a_day(store: Store) -> None:
    box, signed = store.box, 0

    def is_signed() -> None:
        nonlocal signed
        signed += 1
        store.await_event(TransactionFinished, signed)

    box.drawers.put_float("1", 20_000, CLERK)
    is_signed()
    gift_cards = box.till.gift_cards
    (code,) = gift_cards.print_blank(1, CLERK)
    gift_cards.sell("1", code, 1_000)
    box.pay_desk.pay_cash("1", 1_000)
    is_signed()
    store.scan(3)
    gift_cards.hand_in("1", code)
    box.pay_desk.pay_gift_card("1")
    basket = store.basket()
    if basket is not None and basket.state == "paying":
        box.pay_desk.pay_cash("1", 5_000)
    is_signed()
    store.scan(2)
    parked = box.parking.park("1")
    is_signed()
    box.parking.resume("2", parked.code)
    payment = store.payment(box.cashier.ask_payment("2"))
    box.cashier.send(payment.id, "by hand", 7)
    box.cashier.taken(payment.id, 8, "girocard", "staff")
    is_signed()
    store.scan(1)
    box.till.cancel("1")
    is_signed()
    box.drawers.count("1", box.drawers.expected("1", CLERK) - 100, CLERK)
    is_signed()


def emma(folder: Path, *words: str) -> int:
    return main([*words, "--home", str(folder / "home"), "--store", str(folder / "store.toml")])


def exported(folder: Path, out: Path) -> Path:
    assert emma(folder, "fiscal", "export", *SPAN, "-o", str(out)) == 0
    return out


# The DSFinV-K


def test_a_day_with_a_signing_device_is_exported_and_proves_itself(
    audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = exported(audited, tmp_path / "out")
    said = capsys.readouterr()
    assert "1 Z report(s), 7 business processes" in said.out
    assert "DSFinV-K 100 %" in said.err
    assert main(["verify", "dsfinvk", str(out), "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert judged == {"valid": True, "closings": 1, "processes": 7, "signatures": 7, "findings": []}


def rows(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / file).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter=";"))


def test_every_process_has_its_signature(audited: Path, tmp_path: Path) -> None:
    out = exported(audited, tmp_path / "out")
    heads = {row["BON_ID"]: row for row in rows(out, "transactions.csv")}
    signed = rows(out, "transactions_tse.csv")
    told = [
        (heads[row["BON_ID"]]["BON_TYP"], row["TSE_TA_VORGANGSART"], row["TSE_VORGANGSDATEN"][:14])
        for row in signed
    ]
    receipt, order = "Kassenbeleg-V1", "Bestellung-V1"
    assert [one[:2] for one in told] == [
        ("Beleg", receipt), ("Beleg", receipt), ("Beleg", receipt), ("AVBestellung", order),
        ("Beleg", receipt), ("AVBelegabbruch", receipt), ("Beleg", receipt),
    ]  # fmt: skip
    assert [int(row["TSE_TANR"]) for row in signed] == [1, 2, 3, 4, 5, 6, 7]
    assert {heads[row["BON_ID"]]["TERMINAL_ID"] for row in signed} == {"1", "2"}


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("TSE_TA_SIG", "AAAA"), ("TSE_TA_SIGZ", "999"), ("TSE_TANR", "999"), ("TSE_ID", "2"),
        ("TSE_VORGANGSDATEN", "Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"),
        ("TSE_TA_VORGANGSART", "Bestellung-V1"),
    ],
)  # fmt: skip
def test_what_was_signed_cannot_be_changed_unseen(
    audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, wrong: str
) -> None:
    out = exported(audited, tmp_path / "out")
    capsys.readouterr()
    found = rows(out, "transactions_tse.csv")
    found[2][column] = wrong
    with (out / "transactions_tse.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(found)
    assert main(["verify", "dsfinvk", str(out)]) == 1
    assert "WRONG transactions_tse.csv:4:" in capsys.readouterr().out


def test_commands_say_what_they_cannot_do(
    audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = exported(audited, tmp_path / "out")
    assert emma(audited, "fiscal", "export", *SPAN, "-o", str(out)) == 2
    early = ("--from", "2020-01-01", "--to", "2020-01-31")
    assert emma(audited, "fiscal", "export", *early, "-o", str(tmp_path / "none")) == 2
    assert main(["verify", "dsfinvk", str(tmp_path)]) == 2
    assert main(["verify", "tse-export", str(out / "index.xml")]) == 2
    said = capsys.readouterr().err
    assert "is there already" in said
    assert "no day from 2020-01-01 to 2020-01-31 was closed" in said
    assert "index.xml: No such file" in said


# The signing device's log


def fetched(folder: Path, file: Path) -> Path:
    assert emma(folder, "fiscal", "tse-log", *SPAN, "-o", str(file)) == 0
    return file


def test_the_log_is_fetched_and_every_signature_in_it_is_right(
    audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = fetched(audited, tmp_path / "log.tar")
    capsys.readouterr()
    assert main(["verify", "tse-export", str(file), "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert (judged["valid"], judged["messages"], judged["finished"]) == (True, 14, 7)
    assert judged["units"] == [rows(exported(audited, tmp_path / "out"), "tse.csv")[0]["TSE_SERIAL"]]
    signed_by_the_key_in_the_certificate(file)


def signed_by_the_key_in_the_certificate(file: Path) -> None:
    """None of our code: the signature is the last element, over all the others (TR-03151-1, 5.3)."""
    with tarfile.open(file) as archive:
        found = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    (certificate,) = [data for name, data in found.items() if name.endswith("_X509.cer")]
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for log in (data for name, data in found.items() if name.endswith(".log")):
        content = log[2 if log[1] < 0x80 else 2 + (log[1] & 0x7F) :]
        plain, signed = content[-64:], content[:-66]
        r, s = int.from_bytes(plain[:32], "big"), int.from_bytes(plain[32:], "big")
        key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))


def test_a_span_before_the_first_message_has_none(audited: Path, tmp_path: Path) -> None:
    words = ("--from", "2020-01-01", "--to", "2020-12-31", "-o", str(tmp_path / "log.tar"))
    assert emma(audited, "fiscal", "tse-log", *words) == 0
    with tarfile.open(tmp_path / "log.tar") as archive:
        assert [name.rpartition(".")[2] for name in archive.getnames()] == ["csv", "cer"]


def test_an_emulated_device_stays_with_the_shop_that_has_it(
    audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with HomeLock(audited / "home"):
        assert emma(audited, "fiscal", "tse-log", *SPAN, "-o", str(tmp_path / "log.tar")) == 2
    assert "is open already" in capsys.readouterr().err
    assert not (tmp_path / "log.tar").exists()


def test_a_store_without_a_signing_device_says_so(
    audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(audited / "home", tmp_path / "home")
    (tmp_path / "store.toml").write_text("demo = false\n[devices]\n")
    assert emma(tmp_path, "fiscal", "tse-log", *SPAN, "-o", str(tmp_path / "log.tar")) == 2
    assert "no signing device" in capsys.readouterr().err
