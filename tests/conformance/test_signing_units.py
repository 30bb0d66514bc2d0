"""What every signing unit's driver must do, whatever it speaks and wherever it is.

A real unit (`--device tse.cloud='https://...'`) signs a few transactions of a test client, and nothing
fails on request.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Literal

import pytest

from hardware import registry
from hardware.errors import Busy, DeviceFault, OutcomeUnknown, Unreachable
from hardware.readings import Signed, SigningFacts, Started
from hardware.tse.log_message import TransactionLog
from hardware.tse.receipt_qr import verify, write

OURS = ("tse.local", "tse.cloud")
DRIVERS = sorted({*OURS, *(point.name for point in entry_points(group=registry.DRIVERS)
                           if point.name.startswith("tse."))})  # fmt: skip
RECEIPT, PAID = "Kassenbeleg-V1", "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Unbar"
TILL, OTHER_TILL = "conformance-1", "conformance-2"
ANSWER_S = 1.0


@dataclass
class Unit:
    """A unit to try, and its emulator's hands; none where it is a real one."""

    tse: Any
    facts: SigningFacts
    emulator: Any

    @property
    def hands(self) -> Any:
        if self.emulator is None:
            pytest.skip("a real unit does not fail on request")
        return self.emulator

    def sell(self, client: str = TILL) -> Signed:
        signed = self.tse.finish(client, self.tse.start(client).transaction, RECEIPT, PAID)
        assert isinstance(signed, Signed)
        return signed


@pytest.fixture(params=DRIVERS)
def unit(request: pytest.FixtureRequest, device_addresses: dict[str, str]) -> Iterator[Unit]:
    name = request.param
    if name in device_addresses:
        tse = registry.driver(name)(device_addresses[name])
        yield Unit(tse, tse.open(), None)
        tse.close()
        return
    if device_addresses:
        pytest.skip("another device is tried on this run")
    with registry.emulator(name)() as emulator:
        tse = registry.driver(name)(emulator.address, answer_s=ANSWER_S)
        yield Unit(tse, tse.open(), emulator)
        tse.close()


def code_of(unit: Unit, signed: Signed) -> str:
    logged = TransactionLog(
        TILL, signed.process_type, signed.process_data, signed.transaction,
        bytes.fromhex(unit.facts.serial), unit.facts.algorithm, signed.counter, signed.finished_at,
        unit.facts.time_format,
    )  # fmt: skip
    return write(logged, signed.started_at, signed.signature, unit.facts.public_key)


def test_the_receipts_code_of_what_is_signed_is_valid(unit: Unit) -> None:
    signed = unit.sell()
    verdict = verify(code_of(unit, signed))
    assert (verdict.valid, verdict.remarks) == (True, ()), verdict.reason
    assert (signed.process_type, signed.process_data) == (RECEIPT, PAID)


def test_numbers_go_up_by_one_and_counters_only_up(unit: Unit) -> None:
    first, second = unit.sell(), unit.sell()
    assert second.transaction == first.transaction + 1
    assert second.counter > first.counter


def test_what_is_open_is_listed_and_what_became_of_it_is_told(unit: Unit) -> None:
    started = unit.tse.start(TILL)
    assert started in unit.tse.open_transactions(TILL)
    assert unit.tse.recall(TILL, started.transaction) == started
    signed = unit.tse.finish(TILL, started.transaction, RECEIPT, PAID)
    assert signed.started_at == started.at
    assert started not in unit.tse.open_transactions(TILL)
    assert unit.tse.recall(TILL, started.transaction) == signed
    assert unit.tse.recall(TILL, signed.transaction + 999) is None


def test_a_transaction_belongs_to_its_client_and_is_finished_once(unit: Unit) -> None:
    started = unit.tse.start(TILL)
    assert unit.tse.open_transactions(OTHER_TILL) == ()
    assert unit.tse.recall(OTHER_TILL, started.transaction) is None
    with pytest.raises(Busy, match="does not know"):
        unit.tse.finish(OTHER_TILL, started.transaction, RECEIPT, PAID)
    unit.tse.finish(TILL, started.transaction, RECEIPT, PAID)
    with pytest.raises(Busy, match="does not know"):
        unit.tse.finish(TILL, started.transaction, RECEIPT, PAID)


def test_an_update_is_signed_and_counted(unit: Unit) -> None:
    started = unit.tse.start(TILL)
    unit.tse.update(TILL, started.transaction, "Bestellung-V1", '1;"Brot";1.00')
    assert unit.tse.finish(TILL, started.transaction, RECEIPT, PAID).counter == started.counter + 2


def test_the_export_is_a_tar_with_every_signature(unit: Unit) -> None:
    unit.sell()
    with tarfile.open(fileobj=io.BytesIO(b"".join(unit.tse.export()))) as archive:
        names = archive.getnames()
    assert any("_Start_" in name for name in names)
    assert any("_Finish_" in name for name in names)


def test_after_a_restart_it_goes_on_where_it_was(unit: Unit) -> None:
    started = unit.tse.start(TILL)
    unit.tse.close()
    assert unit.tse.open() == unit.facts
    assert unit.tse.open_transactions(TILL)[-1] == started
    assert unit.tse.finish(TILL, started.transaction, RECEIPT, PAID).transaction == started.transaction


# Faults


@pytest.mark.parametrize("trouble", ["full", "expired"])
def test_fault_17_full_or_expired_is_busy_and_still_exports(
    unit: Unit, trouble: Literal["full", "expired"]
) -> None:
    unit.sell()
    unit.hands.fall_ill(trouble)
    assert unit.hands.condition == trouble
    with pytest.raises(Busy):
        unit.tse.start(TILL)
    with pytest.raises(Busy):
        unit.tse.open()
    assert b"".join(unit.tse.export())
    unit.hands.recover()
    unit.tse.open()
    assert unit.sell().counter == 4


def test_fault_17_unplugged_is_a_fault_and_comes_back_at_the_same_address(unit: Unit) -> None:
    address = unit.hands.address
    unit.hands.unplug()
    with pytest.raises((Unreachable, OutcomeUnknown)):
        unit.tse.start(TILL)
    with pytest.raises(Unreachable):
        unit.tse.open()
    unit.hands.plug()
    assert unit.hands.address == address
    unit.tse.open()
    assert unit.sell().transaction == 1


def test_a_slow_one_is_waited_for_up_to_the_deadline(unit: Unit) -> None:
    unit.hands.slow(50)
    unit.sell()
    unit.hands.slow(10_000)
    with pytest.raises(OutcomeUnknown, match="silent"):
        unit.tse.start(TILL)


@pytest.mark.parametrize("when", ["before", "after", "answering"])
def test_a_finish_in_which_it_died_is_signed_once_whatever_was_heard(
    unit: Unit, when: Literal["before", "after", "answering"]
) -> None:
    started = unit.tse.start(TILL)
    unit.hands.die_in("finish", when)
    try:
        signed = unit.tse.finish(TILL, started.transaction, RECEIPT, PAID)
    except OutcomeUnknown:
        unit.tse.open()
        found = unit.tse.recall(TILL, started.transaction)
        signed = found if isinstance(found, Signed) else unit.tse.finish(
            TILL, started.transaction, RECEIPT, PAID
        )  # fmt: skip
    assert unit.hands.finished == [signed]
    assert unit.hands.counter == 2
    assert unit.tse.open_transactions(TILL) == ()


def test_a_start_whose_answer_was_lost_is_found_among_the_open_ones(unit: Unit) -> None:
    unit.hands.die_in("start", "after")
    try:
        started = unit.tse.start(TILL)
    except OutcomeUnknown:
        unit.tse.open()
        (started,) = unit.tse.open_transactions(TILL)
    assert isinstance(started, Started)
    assert unit.tse.finish(TILL, started.transaction, RECEIPT, PAID).started_at == started.at
    assert unit.hands.counter == 2


def test_what_it_was_told_never_to_answer_is_a_doubt_and_nothing_more(unit: Unit) -> None:
    unit.hands.lose_answers(99)
    with pytest.raises(OutcomeUnknown, match="silent"):
        unit.tse.start(TILL)
    assert unit.hands.counter == 1, "asked again it would be another one"


def test_closed_it_asks_nothing_and_can_be_opened_again(unit: Unit) -> None:
    unit.tse.close()
    unit.tse.close()
    unit.tse.open()
    try:
        unit.tse.check()
    except DeviceFault as fault:  # pragma: no cover
        pytest.fail(str(fault))


def test_an_address_that_is_none_is_refused_at_once(unit: Unit) -> None:
    for wrong in ("", "http://example.org/tss/1", "tcp://nowhere"):
        with pytest.raises(ValueError, match="address"):
            type(unit.tse)(wrong)
