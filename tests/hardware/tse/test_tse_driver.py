"""The driver against the emulated TSE, on a real socket; signatures are verified by `cryptography` alone."""

from __future__ import annotations

import datetime as dt
import io
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import Signed, Started
from hardware.tse.codec import LINE_BYTES_MAX
from hardware.tse.driver import LocalTse
from hardware.tse.emulator import TseEmulator
from hardware.tse.log_message import FINISH, START, read_message
from hardware.tse.receipt_qr import verify, write

RECEIPT, PAID = "Kassenbeleg-V1", "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Unbar"
TILL = "demo-1"
KINDS = [
    (curve, algorithm)
    for curve in ("P-256", "P-384", "brainpoolP256r1", "brainpoolP384r1")
    for algorithm in ("ecdsa-plain-SHA256", "ecdsa-plain-SHA384")
]
DIGESTS = {"ecdsa-plain-SHA256": hashes.SHA256(), "ecdsa-plain-SHA384": hashes.SHA384()}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[TseEmulator]:
    with TseEmulator(books=tmp_path / "tse") as running:
        yield running


@pytest.fixture
def tse(emulator: TseEmulator) -> Iterator[LocalTse]:
    driver = LocalTse(emulator.address, answer_s=0.5)
    driver.open()
    yield driver
    driver.close()


def sell(tse: LocalTse, client: str = TILL) -> Signed:
    return tse.finish(client, tse.start(client).transaction, RECEIPT, PAID)


def members(tar: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]


def finish_in(tar: bytes) -> bytes:
    """The one log message of a transaction's end."""
    (found,) = [data for name, data in members(tar).items() if "_Finish_" in name]
    return found


@pytest.mark.parametrize(("curve", "algorithm"), KINDS)
def test_what_is_signed_verifies_without_any_of_our_code(curve: str, algorithm: str) -> None:
    with TseEmulator(curve=curve, algorithm=algorithm) as emulator:
        tse = LocalTse(emulator.address)
        tse.open()
        sell(tse)
        found = members(b"".join(tse.export()))
    (certificate,) = [data for name, data in found.items() if name.endswith("_X509.cer")]
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    half = key.key_size // 8
    logs = [data for name, data in found.items() if name.endswith(".log")]
    assert len(logs) == 2
    for log in logs:
        content = log[2 if log[1] < 0x80 else 2 + (log[1] & 0x7F) :]
        signature = log[-2 * half :]
        der = utils.encode_dss_signature(
            int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        )
        key.verify(der, content[: -2 * half - 2], ec.ECDSA(DIGESTS[algorithm]))


@pytest.mark.parametrize(("curve", "algorithm"), KINDS)
@pytest.mark.parametrize("time_format", ["unixTime", "generalizedTimeWithMilliseconds", "utcTime"])
def test_the_receipts_code_of_what_is_signed_is_valid(curve: str, algorithm: str, time_format: str) -> None:
    with TseEmulator(curve=curve, algorithm=algorithm, time_format=time_format) as emulator:
        tse = LocalTse(emulator.address)
        facts = tse.open()
        signed = sell(tse)
        finish = finish_in(b"".join(tse.export()))
    log, signature, end = read_message(finish)
    assert (end, signature, log.operation, log.client) == (len(finish), signed.signature, FINISH, TILL)
    verdict = verify(write(log, signed.started_at, signature, facts.public_key))
    assert verdict.valid, verdict.reason
    assert verdict.remarks == ()


def test_a_semicolon_cannot_stand_in_the_code(emulator: TseEmulator, tse: LocalTse) -> None:
    signed = tse.finish(TILL, tse.start(TILL).transaction, "Bestellung-V1", '1;"Brot";1.00')
    log, signature, _ = read_message(finish_in(b"".join(tse.export())))
    with pytest.raises(ValueError, match="semicolon"):
        write(log, signed.started_at, signature, b"key")


def test_numbers_go_up_by_one_and_outlive_the_power(tmp_path: Path) -> None:
    numbers, counters = [], []
    for _ in range(3):
        with TseEmulator(books=tmp_path / "tse") as emulator:
            tse = LocalTse(emulator.address)
            serial = tse.open().serial
            for _ in range(2):
                signed = sell(tse)
                numbers.append(signed.transaction)
                counters.append(signed.counter)
            tse.close()
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert counters == [2, 4, 6, 8, 10, 12]
    with TseEmulator(books=tmp_path / "tse") as again:
        tse = LocalTse(again.address)
        assert tse.open().serial == serial
        tse.close()


def test_open_and_ended_transactions_outlive_the_power_and_a_torn_message_does_not(tmp_path: Path) -> None:
    with TseEmulator(books=tmp_path / "tse") as emulator:
        tse = LocalTse(emulator.address)
        tse.open()
        signed, started = sell(tse), tse.start(TILL)
        torn = tse.start(TILL)
        tse.close()
    log = tmp_path / "tse" / "messages.der"
    log.write_bytes(log.read_bytes()[:-3])
    with TseEmulator(books=tmp_path / "tse") as emulator:
        tse = LocalTse(emulator.address)
        tse.open()
        assert tse.open_transactions(TILL) == (started,)
        assert tse.recall(TILL, signed.transaction) == signed
        assert tse.recall(TILL, torn.transaction) is None
        assert tse.start(TILL).transaction == torn.transaction, "nobody ever heard of that one"
        tse.close()


def test_a_transaction_belongs_to_its_client(tse: LocalTse) -> None:
    started = tse.start(TILL)
    assert tse.open_transactions("demo-2") == ()
    assert tse.recall("demo-2", started.transaction) is None
    with pytest.raises(Busy, match="does not know"):
        tse.finish("demo-2", started.transaction, RECEIPT, PAID)
    assert tse.recall(TILL, started.transaction) == started


def test_an_update_is_signed_and_counted(emulator: TseEmulator, tse: LocalTse) -> None:
    started = tse.start(TILL)
    tse.update(TILL, started.transaction, "Bestellung-V1", '1;"Brot";1.00')
    assert tse.finish(TILL, started.transaction, RECEIPT, PAID).counter == 3


def test_a_transaction_is_finished_once(emulator: TseEmulator, tse: LocalTse) -> None:
    signed = sell(tse)
    with pytest.raises(Busy, match="does not know"):
        tse.finish(TILL, signed.transaction, RECEIPT, PAID)
    assert emulator.finished == [signed]


# Faults


@pytest.mark.parametrize("trouble", ["full", "expired"])
def test_fault_17_full_or_expired_is_busy_and_still_exports(
    emulator: TseEmulator, tse: LocalTse, trouble: Literal["full", "expired"]
) -> None:
    sell(tse)
    emulator.fall_ill(trouble)
    with pytest.raises(Busy):
        tse.start(TILL)
    with pytest.raises(Busy):
        tse.open()
    assert len(members(b"".join(tse.export()))) == 4
    emulator.recover()
    tse.open()
    assert sell(tse).transaction == 2


def test_fault_17_unplugged_is_unreachable_and_comes_back(emulator: TseEmulator, tse: LocalTse) -> None:
    emulator.unplug()
    with pytest.raises(OutcomeUnknown):
        tse.start(TILL)
    with pytest.raises(Unreachable):
        tse.start(TILL)
    with pytest.raises(Unreachable):
        tse.open()
    emulator.plug()
    tse.open()
    assert sell(tse).transaction == 1


def test_a_slow_one_is_waited_for_up_to_the_deadline(emulator: TseEmulator, tse: LocalTse) -> None:
    emulator.slow(100)
    sell(tse)
    emulator.slow(5_000)
    with pytest.raises(OutcomeUnknown, match="silent"):
        tse.start(TILL)


@pytest.mark.parametrize("when", ["before", "after", "answering"])
def test_dying_in_a_finish_leaves_it_open_or_ended_and_the_till_can_ask(
    emulator: TseEmulator, tse: LocalTse, when: Literal["before", "after", "answering"]
) -> None:
    started = tse.start(TILL)
    emulator.die_in("finish", when)
    with pytest.raises(OutcomeUnknown):
        tse.finish(TILL, started.transaction, RECEIPT, PAID)
    tse.open()
    found = tse.recall(TILL, started.transaction)
    if when == "before":
        assert found == started
        assert tse.open_transactions(TILL) == (started,)
    else:
        assert isinstance(found, Signed)
        assert tse.open_transactions(TILL) == ()
        assert emulator.finished == [found]


def test_a_lost_answer_to_a_start_is_found_among_the_open_ones(emulator: TseEmulator, tse: LocalTse) -> None:
    emulator.lose_answers()
    with pytest.raises(OutcomeUnknown, match="silent"):
        tse.start(TILL)
    tse.open()
    (found,) = tse.open_transactions(TILL)
    assert isinstance(found, Started)
    assert tse.finish(TILL, found.transaction, RECEIPT, PAID).started_at == found.at


def test_too_many_open_transactions_are_refused(tse: LocalTse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.tse.security_module.OPEN_MAX", 1)
    tse.start(TILL)
    with pytest.raises(Busy, match="too many"):
        tse.start(TILL)


class Says:
    """A line that says the same to everything."""

    def __init__(self, data: bytes) -> None:
        self.data, self.closed = data, False

    def read(self, within_s: float) -> bytes:
        return self.data

    def write(self, data: bytes, within_s: float) -> None: ...

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("noise", [b"\n", b"x" * LINE_BYTES_MAX, b"0 \n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_who_speaks_another_language_is_garbled_and_hung_up_on(noise: bytes) -> None:
    line = Says(noise)
    tse = LocalTse("tcp://127.0.0.1:1", connect=lambda *_: line)
    with pytest.raises(Garbled):
        tse.open()
    assert line.closed


def test_a_till_that_babbles_is_hung_up_on(emulator: TseEmulator, tse: LocalTse) -> None:
    host, port = emulator.address.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(b"hello\n")
        assert line.recv(10) == b""
    assert sell(tse).transaction == 1


def test_an_export_that_breaks_off_says_so(emulator: TseEmulator, tse: LocalTse) -> None:
    for _ in range(40):
        sell(tse)
    pieces = tse.export()
    next(pieces)
    tse.close()
    with pytest.raises(DeviceFault):
        list(pieces)


def test_the_log_holds_every_step_in_its_order(emulator: TseEmulator, tse: LocalTse) -> None:
    for client in (TILL, "demo-2"):
        sell(tse, client)
    logs = [read_message(d)[0] for n, d in members(b"".join(tse.export())).items() if n.endswith(".log")]
    assert [(log.counter, log.transaction, log.operation, log.client) for log in logs] == [
        (1, 1, START, TILL),
        (2, 1, FINISH, TILL),
        (3, 2, START, "demo-2"),
        (4, 2, FINISH, "demo-2"),
    ]
    assert all(abs((log.at - dt.datetime.now(dt.UTC)).total_seconds()) < 60 for log in logs)


def test_a_damaged_log_message_is_garbled_wherever_it_is_hit(emulator: TseEmulator, tse: LocalTse) -> None:
    sell(tse)
    message = finish_in(b"".join(tse.export()))
    log, signature, _ = read_message(message)
    for end in range(len(message)):
        with pytest.raises(Garbled):
            read_message(message[:end])
    for place in range(len(message)):
        for bit in range(8):
            bad = message[:place] + bytes([message[place] ^ 1 << bit]) + message[place + 1 :]
            try:
                found = read_message(bad)
            except Garbled:
                continue
            assert found[:2] != (log, signature)


@pytest.mark.parametrize("wrong", [{"curve": "P-521"}, {"algorithm": "rsa"}, {"time_format": "noon"}])
def test_an_impossible_emulator_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no TSE"):
        TseEmulator(**wrong)  # type: ignore[arg-type]
