"""The box through faults of its disk, its clock and hasty fingers."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.errors import Refused
from checkout.events import LineAdded, PaymentAsked, PaymentSent, SaleCompleted, ScanRefused
from store_edge.check import check_store
from store_edge.db import soundness
from store_edge.db.journal import JournalBroken
from store_edge.devices import agent
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import PIECES, HeadOfficeHouse, Store, store_settings, until

WAIT_S_MAX = 60.0


# Hasty fingers


def test_fault_25_a_double_tap_and_two_phones_are_one_payment(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    terminal = {"terminal-1": DeviceSettings("terminal.zvt", emulated=True)}
    store = open_box(store_settings(tmp_path / "store", terminal))
    store.await_health("terminal-1", "well")
    store.scan(3)
    keys = ["tap", "tap", "other phone", "third"]
    ready = threading.Barrier(len(keys))
    refused: list[Exception] = []

    def tap(key: str) -> None:
        ready.wait(WAIT_S_MAX)
        try:
            store.box.cashier.ask_payment("1", key)
        except Exception as error:
            refused.append(error)

    fingers = [threading.Thread(target=tap, args=(key,)) for key in keys]
    for finger in fingers:
        finger.start()
    for finger in fingers:
        finger.join(WAIT_S_MAX)
    assert not refused
    assert len(store.events(PaymentAsked)) == 1
    emulator = store.emulator("terminal-1")
    until(lambda: emulator.waiting_minor)
    emulator.insert_card("approve")
    store.await_event(SaleCompleted)
    with pytest.raises(Refused, match="basket_empty"):
        store.box.cashier.ask_payment("1", "fourth")
    assert len(store.events(PaymentSent)) == len(emulator.charges) == 1


def test_the_same_scan_from_two_threads_is_one_line(open_box: Callable[..., Store], tmp_path: Path) -> None:
    store = open_box(store_settings(tmp_path / "store"), start=False)
    scans = [
        threading.Thread(
            target=store.box.till.scan,
            args=("1", PIECES[0].gtin),
            kwargs={"how": "typed", "request_key": "k"},
        )
        for _ in range(4)
    ]
    for scan in scans:
        scan.start()
    for scan in scans:
        scan.join(WAIT_S_MAX)
    assert len(store.events(LineAdded)) == 1


# The clock


class JumpyClock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.by = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.by


def test_fault_23_a_clock_that_jumps_changes_no_order(
    open_box: Callable[..., Store], tmp_path: Path, head_office: HeadOfficeHouse
) -> None:
    clock = JumpyClock()
    store = open_box(store_settings(tmp_path / "store"), head_office.client(), clock=clock)
    for days in (0, -1, 90, -365, 0):
        clock.by = dt.timedelta(days=days)
        payment = store.ask_payment(pieces=2)
        store.box.cashier.send(payment.id, "by hand", 7)
        store.box.cashier.taken(payment.id, 8, "", "staff")
    entries = store.box.journal.read(0)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.at for entry in entries] != sorted(entry.at for entry in entries)
    assert store.box.journal.check() == len(entries)
    assert [sale.receipt for sale in store.events(SaleCompleted)] == [1, 2, 3, 4, 5]
    until(lambda: len(head_office.event_ids()) >= len(entries))
    assert [number for _, number in head_office.event_ids()] == list(range(1, len(entries) + 1))
    assert head_office.alarms() == []


# The disk


@pytest.fixture
def sold(open_box: Callable[..., Store], tmp_path: Path) -> Path:
    """The database file of a store that has sold and is closed."""
    store = open_box(store_settings(tmp_path / "store"), start=False)
    for _ in range(20):
        payment = store.ask_payment(pieces=5)
        store.box.cashier.send(payment.id, "by hand", 7)
        store.box.cashier.taken(payment.id, 8, "", "staff")
    store.box.stop()
    return tmp_path / "store" / "store.db"


def test_fault_6_a_flipped_bit_anywhere_in_the_journal_is_noticed(
    sold: Path, open_box: Callable[..., Store], tmp_path: Path
) -> None:
    whole = sold.read_bytes()
    with sqlite3.connect(sold) as connection:
        rows = connection.execute("SELECT number, data FROM journal").fetchall()
    connection.close()
    said = Counter(data for _, data in rows)
    # One entry alone may say it, in one place: else the damage is in a twin, or in an unused corner.
    rows = [row for row in rows if said[row[1]] == 1 and whole.count(row[1]) == 1]
    chance = random.Random(6)
    for number, data in chance.sample(rows, 12):
        place = whole.find(data)
        damaged = bytearray(whole)
        damaged[place + chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        home = tmp_path / f"damaged-{number}"
        home.mkdir()
        (home / "store.db").write_bytes(damaged)
        store = open_box(store_settings(home), start=False)
        with pytest.raises(JournalBroken) as broken:
            store.box.journal.check()
        assert broken.value.number == number
        findings = {finding.about: finding for finding in check_store(store.box)}
        assert not findings["journal"].well
        assert str(number) in findings["journal"].sentence
        store.box.stop()


def damage(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE journal SET data = CAST(replace(data, ':', ': ') AS BLOB) WHERE number = 30", "entry 30"),
        ("DELETE FROM journal WHERE number = 30", "entry 30"),
        ("INSERT INTO cursors VALUES ('printer-1', 9999)", "printer-1 is at entry 9999"),
    ],
    ids=["changed", "taken out", "cursor astray"],
)
def test_fault_6_a_journal_that_does_not_add_up_calls_staff_at_the_start_once_and_selling_goes_on(
    sold: Path,
    open_box: Callable[..., Store],
    statement: str,
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(sold, statement)
    settings = store_settings(sold.parent)
    for _ in range(2):
        store = open_box(settings)
        assert store.tasks().count(("journal_broken", "journal")) == 1
        assert store.scan(1).lines
        store.box.till.cancel("1")
        store.box.stop()
    aloud = [record.getMessage() for record in caplog.records if record.levelname == "CRITICAL"]
    assert len(aloud) == 2
    assert said in aloud[0]
    findings = {finding.about: finding for finding in check_store(open_box(settings, start=False).box)}
    assert said in findings["journal"].sentence


def test_fault_6_only_the_recent_past_is_looked_at_and_a_sound_one_calls_nobody(
    sold: Path, open_box: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = open_box(store_settings(sold.parent))
    assert ("journal_broken", "journal") not in sound.tasks()
    sound.box.stop()
    damage(sold, "DELETE FROM journal WHERE number = 3")
    monkeypatch.setattr(soundness, "RECENT_ENTRIES", 20)
    old = open_box(store_settings(sold.parent))
    assert ("journal_broken", "journal") not in old.tasks()


def test_fault_6_damage_to_the_files_own_order_is_a_finding_and_no_crash(
    sold: Path, open_box: Callable[..., Store], tmp_path: Path
) -> None:
    with sqlite3.connect(sold) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    damaged = bytearray(sold.read_bytes())
    damaged[(page - 1) * size : (page - 1) * size + 64] = b"\xa5" * 64
    sold.write_bytes(damaged)
    store = open_box(store_settings(tmp_path / "store"), start=False)
    findings = {finding.about: finding for finding in check_store(store.box)}
    assert not findings["database"].well
    assert not findings["journal"].well


def test_check_says_how_everything_is(
    open_box: Callable[..., Store], tmp_path: Path, head_office: HeadOfficeHouse
) -> None:
    devices = {
        "scanner-1": DeviceSettings("scanner.serial", emulated=True),
        "tray-1": DeviceSettings("rfid.llrp", emulated=True),
        "tray-2": DeviceSettings("rfid.llrp", "tcp://127.0.0.1:9", lane="2"),
        "terminal-1": DeviceSettings("terminal.zvt", "tcp://127.0.0.1:9", options={"open_s": 1.0}),
        "printer-1": DeviceSettings("printer.unheard-of", "tcp://127.0.0.1:9"),
        "scanner-2": DeviceSettings("scanner.serial", "/dev/null", options={"speed": "fast"}),
    }
    store = open_box(store_settings(tmp_path / "store", devices), head_office.client(), start=False)
    store.scan(2)
    found = {finding.about: (finding.well, finding.sentence) for finding in check_store(store.box)}
    assert found["database"] == (True, "sound")
    assert found["journal"] == (True, "unbroken to entry 3")
    assert found["head office"] == (True, "there, 1 public key(s)")
    assert found["scanner-1"] == (True, "scanner.serial answers (emulated)")
    assert found["tray-1"] == (True, "rfid.llrp answers, 0 tag(s) (emulated)")
    assert found["tray-2"][1].startswith("nobody answers at tcp://127.0.0.1:9")
    assert all("\n" not in sentence for _, sentence in found.values()), "a line each"
    assert [about for about, (well, _) in found.items() if not well] == [
        "tray-2",
        "terminal-1",
        "printer-1",
        "scanner-2",
    ]
    assert "nobody answers" in found["terminal-1"][1]


def allow_pages(store: Store, more: int) -> None:
    """Let the database file grow by so many pages and no further, as on a disk that is full then."""
    with store.box.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")


def test_fault_4_on_a_full_disk_a_scan_is_refused_in_words_and_nothing_is_half_written(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    store = open_box(store_settings(tmp_path / "store"), start=False)
    store.scan(1)
    allow_pages(store, 10)
    with pytest.raises(Refused, match="till_closed"):
        store.scan(len(PIECES))
    lines = len(store.events(LineAdded))
    allow_pages(store, 1000)
    basket = store.box.till.scan("1", PIECES[0].gtin, how="typed")
    assert len(basket.lines) == len(store.events(LineAdded)) == lines + 1
    said = len(store.events(ScanRefused))  # once there was room for that again
    assert store.box.journal.check() == 1 + lines + 1 + said


def test_fault_4_a_payment_under_way_on_a_full_disk_is_finished_when_there_is_room(
    open_box: Callable[..., Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(agent, "BUGS_AN_HOUR_MAX", 2)
    monkeypatch.setattr(agent, "BACKOFF_S_MAX", 0.3)
    devices = {"terminal-1": DeviceSettings("terminal.zvt", emulated=True)}
    store = open_box(store_settings(tmp_path / "store", devices))
    store.await_health("terminal-1", "well")
    emulator = store.emulator("terminal-1")
    payment = store.ask_payment(pieces=3)
    until(lambda: emulator.waiting_minor)
    store.await_event(PaymentSent)
    allow_pages(store, 0)
    with pytest.raises(Refused, match="till_closed"):
        store.scan(len(PIECES), lane="2")
    emulator.insert_card("approve")
    until(lambda: emulator.charges)
    refusals = "the till refused device=terminal-1 reason=till_closed"
    until(lambda: caplog.messages.count(refusals) >= 3)  # more often than a bug would be forgiven
    assert not store.events(SaleCompleted)
    allow_pages(store, 1000)
    assert store.await_event(SaleCompleted).payment == payment.id
    assert len(emulator.charges) == 1


def test_fault_7_on_a_read_only_disk_the_till_is_closed(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    store = open_box(store_settings(tmp_path / "store"), start=False)
    store.scan(1)
    with store.box.database.write() as connection:
        driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="till_closed"):
        store.scan(1)
    driver.execute("PRAGMA query_only = OFF")  # type: ignore[attr-defined]
    assert len(store.scan(1).lines) == 2
