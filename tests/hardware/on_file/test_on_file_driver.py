"""The driver for cards on file: parts, holds, refunds; notices that come early, twice, never or forged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled, OutcomeUnknown, Unreachable
from hardware.on_file import codec
from hardware.on_file.driver import OnFileProvider
from hardware.on_file.emulator import OnFileEmulator
from hardware.readings import Charge, Standing
from tests.store_edge.open_store import until

CHARGE = Charge("5e1f00d5e1f00d01", 5000, "mandate-1")


@pytest.fixture
def emulator() -> Iterator[OnFileEmulator]:
    with OnFileEmulator() as running:
        yield running


@pytest.fixture
def provider(emulator: OnFileEmulator) -> Iterator[OnFileProvider]:
    driver = OnFileProvider(emulator.address, answer_s=1.0, try_s=0.3)
    driver.open()
    yield driver
    driver.close()


def heard(provider: OnFileProvider, count: int) -> list[str]:
    found: list[str] = []

    def all_came() -> bool:
        found.extend(notice.charge for notice in provider.news())
        return len(found) >= count

    until(all_came)
    return found


def test_money_is_held_taken_in_part_and_given_back_in_parts(
    emulator: OnFileEmulator, provider: OnFileProvider
) -> None:
    """A walk-out lane: hold what it may cost, take what was carried out."""
    emulator.next_card("approve")
    assert provider.ask(CHARGE, capture=False) == Standing("pending")
    taken = provider.capture(CHARGE, 1586)
    assert (taken.state, taken.received_minor) == ("taken", 1586)
    assert provider.capture(CHARGE, 1586) == taken, "asked again it is not taken again"
    assert provider.refund(CHARGE, 500).returned_minor == 500
    assert provider.refund(CHARGE, 500).returned_minor == 500
    assert provider.refund(CHARGE, 500, "2").returned_minor == 1000
    too_much = provider.refund(CHARGE, 5000, "3")
    assert too_much.returned_minor == 1000
    (charged,) = emulator.charges
    assert (charged.captured_minor, charged.refunded_minor) == (1586, 1000)


def test_a_hold_is_let_go(emulator: OnFileEmulator, provider: OnFileProvider) -> None:
    emulator.next_card("approve")
    provider.ask(CHARGE, capture=False)
    assert provider.withdraw(CHARGE).state == "withdrawn"
    assert provider.capture(CHARGE, 100).state == "withdrawn"
    assert emulator.charges[0].captured_minor == 0


def test_what_was_withdrawn_before_it_was_heard_of_is_never_charged(
    emulator: OnFileEmulator, provider: OnFileProvider
) -> None:
    assert provider.enquire(CHARGE).state == "none"
    assert provider.withdraw(CHARGE).state == "withdrawn"
    emulator.next_card("approve")
    assert provider.ask(CHARGE).state == "withdrawn", "the first question was only slow"
    assert [one.captured_minor for one in emulator.charges] == [0]


def test_a_refused_card_is_refused(emulator: OnFileEmulator, provider: OnFileProvider) -> None:
    emulator.next_card("decline")
    assert provider.ask(CHARGE).state == "refused"


def test_another_amount_under_the_same_id_is_not_charged(
    emulator: OnFileEmulator, provider: OnFileProvider
) -> None:
    emulator.next_card("approve")
    provider.ask(CHARGE)
    again = provider.ask(Charge(CHARGE.id, 1, CHARGE.mandate))
    assert again == Standing("taken", 5000)


@pytest.mark.parametrize("byte_count", range(0, 900, 60))
def test_a_line_that_dies_at_any_byte_charges_once(
    emulator: OnFileEmulator, provider: OnFileProvider, byte_count: int
) -> None:
    emulator.auto = True
    emulator.web.die_at("charge", byte_count)
    assert provider.ask(CHARGE) == Standing("taken", 5000)
    assert [one.captured_minor for one in emulator.charges] == [5000]


def test_an_answer_that_never_comes_is_a_doubt_and_the_enquiry_ends_it(
    emulator: OnFileEmulator, provider: OnFileProvider
) -> None:
    emulator.auto = True
    emulator.web.lose_answers("charge", 9)
    with pytest.raises(OutcomeUnknown, match="silent"):
        provider.ask(CHARGE)
    assert provider.enquire(CHARGE) == Standing("taken", 5000)
    emulator.web.refuse(*[503] * 9)
    with pytest.raises(Unreachable, match="503"):
        provider.enquire(CHARGE)


# Notices


def test_a_notice_before_the_answer_twice_and_late_is_heard_once(
    emulator: OnFileEmulator, provider: OnFileProvider
) -> None:
    emulator.notices = "early"
    emulator.next_card("approve")
    provider.ask(CHARGE)
    assert heard(provider, 1) == [CHARGE.id]
    emulator.notices = "twice"
    later = Charge("5e1f00d5e1f00d02", 1, "mandate-1")
    provider.ask(later)
    emulator.decide("approve")
    last = Charge("5e1f00d5e1f00d03", 1, "mandate-1")
    provider.ask(last)
    emulator.decide("approve")
    assert heard(provider, 2) == [later.id, last.id]


def test_a_forged_and_a_repeated_notice_are_worth_nothing(
    emulator: OnFileEmulator, provider: OnFileProvider
) -> None:
    emulator.next_card("approve")
    provider.ask(CHARGE)
    assert heard(provider, 1) == [CHARGE.id]
    assert emulator.last_notice is not None
    address, headers, body = emulator.last_notice
    assert emulator.knock(address, {**headers, "webhook-signature": "v1,Zm9yZ2Vk"}, body) == 401
    assert emulator.knock(address, {**headers, "webhook-id": "another"}, body) == 401
    assert emulator.knock(address, headers, body.replace(b"01", b"02")) == 401
    assert emulator.knock(address, headers, body) == 204, "thanked, and not heard again"
    assert provider.news() == ()


def test_it_is_told_where_to_knock_or_where_the_shops_door_is(emulator: OnFileEmulator) -> None:
    provider = OnFileProvider(emulator.address, notify_url="http://127.0.0.1:9/notices")
    provider.open()
    emulator.next_card("approve")
    provider.ask(CHARGE)
    until(lambda: emulator.last_notice is not None)
    assert emulator.last_notice is not None
    assert emulator.last_notice[0] == "http://127.0.0.1:9/notices"
    provider.close()


# Words that are none


@given(st.binary(max_size=100))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_noise_is_garbled(noise: bytes) -> None:
    for kind in (codec.Account, codec.Charged, codec.Notice, codec.Wish):
        with pytest.raises(Garbled):
            codec.decode(noise, kind)


def test_no_card_number_fits_into_a_mandate() -> None:
    body = b'{"mandate":"4111 1111 1111 1111","amount_minor":1,"currency":"EUR","capture":true}'
    with pytest.raises(Garbled):
        codec.decode(body, codec.Wish)
