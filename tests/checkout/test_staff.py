"""What a clerk may do alone, and what takes two."""

from __future__ import annotations

import pytest

from checkout.staff import Clerk, four_eyes
from tests.conftest import refuses

ALONE = Clerk("c-1", frozenset({"returns", "approve"}))
TRAINEE = Clerk("c-2", frozenset({"returns"}))
KEEPER = Clerk("c-3", frozenset({"approve"}))


def test_a_right_one_has_is_no_question():
    TRAINEE.must("returns")


def test_a_right_one_lacks_is_refused():
    refuses("not_allowed", lambda: TRAINEE.must("close"))


def test_a_right_that_nobody_knows_is_a_mistake_in_the_code():
    with pytest.raises(AssertionError):
        KEEPER.must("fly")


@pytest.mark.parametrize("second", [None, ALONE, TRAINEE])
def test_nobody_is_their_own_second_person_and_not_everybody_may_be_one(second):
    refuses("second_person_needed", lambda: four_eyes(ALONE, second))


def test_somebody_else_who_may_approve_is_enough():
    four_eyes(TRAINEE, KEEPER)
