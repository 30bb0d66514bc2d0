"""Not too many accounts in a while: a sentence, and what was filled in stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from kiosk_ui.account.pace import MADE_BY_ALL_MAX, MADE_BY_ONE_MAX, WHILE_S, Pace
from tests.kiosk_ui.account_house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def make(house: House, address: str = "192.0.2.7") -> TestResponse:
    browser = house.pages.test_client()
    return browser.post(
        "/account/make",
        data={"nickname": "Mina", "history": "yes"},
        environ_base={"REMOTE_ADDR": address},
    )


def test_too_many_from_one_address_is_a_sentence_and_over_after_a_while(house: House) -> None:
    assert [make(house).status_code for _ in range(MADE_BY_ONE_MAX)] == [303] * MADE_BY_ONE_MAX
    house.wire.calls.clear()
    answer = make(house)
    assert answer.status_code == 429
    assert "Very many accounts are being made just now." in answer.text
    assert 'value="Mina"' in answer.text
    assert answer.headers["Retry-After"] == str(WHILE_S)
    assert house.wire.calls == [], "head office was not asked"
    assert make(house, "192.0.2.8").status_code == 303
    house.turn(seconds=WHILE_S)
    assert make(house).status_code == 303


def test_a_nickname_that_cannot_be_kept_does_not_count(house: House) -> None:
    for _ in range(MADE_BY_ONE_MAX + 1):
        answer = house.browser.post("/account/make", data={"nickname": "x" * 41})
        assert answer.status_code == 422


def test_there_is_a_limit_for_all_together_and_the_memory_is_as_large() -> None:
    pace = Pace()
    allowed = [pace.allows(f"192.0.2.{n}", 1000.0) for n in range(2 * MADE_BY_ALL_MAX)]
    assert sum(allowed) == MADE_BY_ALL_MAX
    assert not pace.allows("192.0.2.255", 1000.0 + WHILE_S - 1)
    assert pace.allows("192.0.2.255", 1000.0 + WHILE_S)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_speaks_for_many(address: str) -> None:
    pace = Pace()
    assert sum(pace.allows(address, 1.0) for _ in range(2 * MADE_BY_ALL_MAX)) == MADE_BY_ALL_MAX


def test_a_clock_set_back_does_not_shut_the_door() -> None:
    pace = Pace()
    assert all(pace.allows("192.0.2.7", 1_000_000.0) for _ in range(MADE_BY_ONE_MAX))
    assert pace.allows("192.0.2.7", 5.0)
