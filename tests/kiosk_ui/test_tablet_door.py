"""The tablets' door: wrong PINs make the next try wait, a stranger's wrong ones only strangers'."""

from __future__ import annotations

import pytest

from checkout.staff import Clerk
from kiosk_ui.tablet import door as doors
from kiosk_ui.tablet.door import ATTEMPTS_MAX, LOCK_S_MIN, TABLETS_MAX, Door
from tests.kiosk_ui.kiosk_shop import Clock

ANNA, BEN = Clerk("c1", frozenset({"serve"})), Clerk("c2", frozenset({"approve"}))
RIGHT, WRONG = "123456", "000000"


class Register:
    """Two clerks and their PINs."""

    def __init__(self) -> None:
        self.asked = 0

    def by_pin(self, typed: str) -> Clerk | None:
        self.asked += 1
        return {RIGHT: ANNA, "654321": BEN}.get(typed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Door:
    return Door(Register(), clock)  # type: ignore[arg-type]


def guess(door: Door, times: int, tablet: str = "") -> None:
    for _ in range(times):
        assert door.try_pin(WRONG, tablet) is None


def test_the_pin_says_who_it_is(door: Door) -> None:
    assert door.try_pin(RIGHT) == ANNA
    assert door.try_pin("654321", "t1") == BEN


def test_too_many_wrong_pins_lock_the_door_for_longer_each_time(door: Door, clock: Clock) -> None:
    locks = []
    for _ in range(6):
        assert door.locked_for_s() == 0
        guess(door, ATTEMPTS_MAX)
        assert door.try_pin(RIGHT) is None, "a locked door opens to nobody"
        locks.append(door.locked_for_s())
        clock.pass_s(locks[-1] - 1)
        assert door.locked_for_s() == 1
        clock.pass_s(1)
    assert locks == [60, 120, 240, 480, 900, 900]
    assert door.try_pin(RIGHT) == ANNA
    guess(door, ATTEMPTS_MAX)
    assert door.locked_for_s() == LOCK_S_MIN


def test_a_locked_door_does_not_even_look(clock: Clock) -> None:
    register = Register()
    door = Door(register, clock)  # type: ignore[arg-type]
    guess(door, ATTEMPTS_MAX)
    asked = register.asked
    guess(door, 100)
    assert register.asked == asked


def test_a_stranger_locks_out_strangers_and_nobody_at_the_shops_tablets(door: Door) -> None:
    door.know("t1")
    guess(door, ATTEMPTS_MAX)
    guess(door, ATTEMPTS_MAX, "an id that nobody gave out")
    assert door.locked_for_s("another") > 0
    assert door.try_pin(RIGHT, "t1") == ANNA
    guess(door, ATTEMPTS_MAX, "t1")
    door.know("t2")
    assert door.try_pin(RIGHT, "t1") is None
    assert door.try_pin(RIGHT, "t2") == ANNA


def test_signing_in_again_forgets_no_lock(door: Door) -> None:
    door.know("t1")
    guess(door, ATTEMPTS_MAX, "t1")
    door.know("t1")
    assert door.locked_for_s("t1") > 0


def test_so_many_tablets_and_no_more(door: Door) -> None:
    for number in range(TABLETS_MAX + 1):
        door.know(f"t{number}")
    guess(door, ATTEMPTS_MAX)
    assert door.locked_for_s("t0") > 0, "a stranger again"
    assert door.locked_for_s("t1") == 0


def test_a_right_pin_forgives_slips(door: Door) -> None:
    for _ in range(3):
        guess(door, doors.ATTEMPTS_MAX - 1)
        assert door.try_pin(RIGHT) == ANNA


def test_a_clock_set_back_locks_nobody_out(door: Door, clock: Clock) -> None:
    guess(door, ATTEMPTS_MAX)
    clock.pass_s(-24 * 3600)
    assert door.try_pin(RIGHT) == ANNA
