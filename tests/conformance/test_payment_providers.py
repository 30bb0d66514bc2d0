"""What every payment provider's driver must do, whoever's money it moves.

Against their emulators only: a real provider would have to be told what its shoppers do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import pytest

from hardware import registry
from hardware.errors import Busy, DeviceFault, OutcomeUnknown, Unreachable
from hardware.readings import STANDINGS, Charge, MoneyNotice, Standing
from tests.store_edge.open_store import until

OURS = ("on_file.rest", "transfer.sepa")
DRIVERS = sorted({*OURS, *(point.name for point in entry_points(group=registry.DRIVERS)
                           if point.name.partition(".")[0] in ("on_file", "transfer"))})  # fmt: skip
CHARGE = Charge("5e1f00d5e1f00d01", 1586, "mandate-1")
OTHER = Charge("5e1f00d5e1f00d02", 1586, "mandate-1")


@dataclass
class Payer:
    """A provider to try, and the emulator's hands: the shopper and the bank behind it."""

    name: str
    provider: Any
    hands: Any

    def pay(self, standing: Standing) -> None:
        """The shopper does what there is to do."""
        if standing.to_show:
            self.hands.scan(standing.to_show)
        else:
            assert self.hands.decide("approve")

    def news(self) -> MoneyNotice:
        found: list[MoneyNotice] = []

        def came() -> bool:
            found.extend(self.provider.news())
            return bool(found)

        until(came)
        return found[0]


@pytest.fixture(params=DRIVERS)
def payer(request: pytest.FixtureRequest, device_addresses: dict[str, str]) -> Iterator[Payer]:
    if device_addresses:
        pytest.skip("another device is tried on this run")
    with registry.emulator(request.param)() as hands:
        options = {"poll_s": 0.01} if request.param == "transfer.sepa" else {}
        provider = registry.driver(request.param)(hands.address, answer_s=1.0, **options)
        provider.open()
        yield Payer(request.param, provider, hands)
        provider.close()


def test_money_is_asked_for_paid_told_and_found_again(payer: Payer) -> None:
    assert payer.provider.enquire(CHARGE).state in ("none", "pending")
    asked = payer.provider.ask(CHARGE)
    assert (asked.state, asked.received_minor) == ("pending", 0)
    payer.pay(asked)
    assert payer.news().charge == CHARGE.id
    found = payer.provider.enquire(CHARGE)
    assert (found.state, found.received_minor) == ("taken", CHARGE.amount_minor)
    assert payer.provider.enquire(OTHER).state != "taken", "the same amount, and another's money"


def test_asked_twice_it_is_one_charge(payer: Payer) -> None:
    payer.pay(payer.provider.ask(CHARGE))
    again = payer.provider.ask(CHARGE)
    assert (again.state, again.received_minor) == ("taken", CHARGE.amount_minor)


def test_what_is_withdrawn_is_not_taken_and_what_is_taken_stays_so(payer: Payer) -> None:
    payer.provider.ask(CHARGE)
    assert payer.provider.withdraw(CHARGE).state == "withdrawn"
    assert payer.provider.withdraw(CHARGE).state == "withdrawn"
    payer.pay(payer.provider.ask(OTHER))
    assert payer.provider.withdraw(OTHER).state == "taken"


def test_all_it_says_is_a_standing_that_everybody_knows(payer: Payer) -> None:
    said = [payer.provider.enquire(CHARGE), payer.provider.ask(CHARGE), payer.provider.withdraw(CHARGE)]
    assert {one.state for one in said} <= STANDINGS


def test_a_notice_is_told_until_it_is_receipted_and_then_no_more(payer: Payer) -> None:
    payer.pay(payer.provider.ask(CHARGE))
    payer.provider.heard(payer.news())
    assert payer.provider.news() == ()


def test_closed_and_opened_again_it_knows_what_it_took(payer: Payer) -> None:
    payer.pay(payer.provider.ask(CHARGE))
    payer.provider.close()
    payer.provider.close()
    payer.provider.open()
    assert payer.provider.enquire(CHARGE).state == "taken"


def test_a_transfer_is_given_back_by_people_and_a_card_by_the_provider_once(payer: Payer) -> None:
    payer.pay(payer.provider.ask(CHARGE))
    if payer.name.startswith("transfer."):
        with pytest.raises(Busy, match="at the bank"):
            payer.provider.refund(CHARGE, 500)
        return
    for _ in range(2):
        assert payer.provider.refund(CHARGE, 500).returned_minor == 500
    assert payer.provider.refund(CHARGE, 1086, "2").returned_minor == 1586


def test_unplugged_nothing_was_asked_and_it_comes_back(payer: Payer) -> None:
    payer.hands.unplug()
    for act in (payer.provider.ask, payer.provider.enquire):
        with pytest.raises(Unreachable):
            act(CHARGE)
    payer.hands.plug()
    payer.provider.open()
    assert payer.provider.ask(CHARGE).state == "pending"


def test_trouble_that_lasts_is_a_fault_and_nothing_else(payer: Payer) -> None:
    payer.hands.web.refuse(*[503] * 50)
    for act in (payer.provider.ask, payer.provider.enquire, payer.provider.withdraw):
        with pytest.raises((OutcomeUnknown, Unreachable)):
            act(CHARGE)
    payer.hands.web.refuse()
    payer.hands.web.expire_certificate()
    with pytest.raises(Unreachable, match="cannot be trusted"):
        payer.provider.check()


def test_a_wrong_key_is_a_fault(payer: Payer) -> None:
    payer.hands._credentials["secret_key"] = "another"
    with pytest.raises(DeviceFault):
        payer.provider.check()


def test_an_address_that_is_none_is_refused_at_once(payer: Payer) -> None:
    for wrong in ("", "http://example.org/v1", "tcp://nowhere"):
        with pytest.raises(ValueError, match="address"):
            type(payer.provider)(wrong)
