"""A process and its signature: whoever comes first decides what the receipt says, and it never changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import signing as states
from checkout.fiscal import ORDER, RECEIPT
from checkout.signing import LATE, OPEN, OUT, OWED, SIGNED, Signing, begun, given_up

DATA = "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Bar"


def start(before: Signing | None, number: int = 1) -> Signing:
    return begun(before, "b", "demo-1", device="ab12", transaction=number, started_at=f"start {number}")


def give_up(before: Signing | None) -> Signing | None:
    return given_up(
        before, "b", "demo-1", opened_at="opened", at="gave up", process_type=RECEIPT, process_data=DATA
    )


def sign(before: Signing, process_type: str = RECEIPT) -> Signing:
    return before.signed(
        process_type, DATA, finished_at="end", counter=2, signature="c2ln", code="V0;the code"
    )


def test_signed_in_time_the_receipt_says_all_of_it() -> None:
    signing = sign(start(None))
    process = signing.process()
    assert signing.state == SIGNED
    assert process is not None
    assert process.signed
    assert (process.started_at, process.finished_at, process.counter) == ("start 1", "end", 2)


def test_while_it_may_still_be_signed_the_receipt_says_nothing() -> None:
    assert start(None).process() is None


def test_given_up_before_it_began_the_times_are_the_tills_own() -> None:
    signing = give_up(None)
    assert signing is not None
    process = signing.process()
    assert process is not None
    assert (signing.state, process.signed) == (OUT, False)
    assert (process.started_at, process.finished_at) == ("opened", "gave up")


@pytest.mark.parametrize("first", ["begun", "given up"])
def test_what_the_device_ends_after_the_receipt_was_given_up_is_late(first: str) -> None:
    given = give_up(start(None)) if first == "begun" else give_up(None)
    assert given is not None
    owed = given if first == "begun" else start(given)
    assert (owed.state, owed.transaction) == (OWED, 1)
    late = sign(owed)
    assert (late.state, late.counter) == (LATE, 2), "kept for the books"
    assert late.process() == owed.process() == given.process(), "and not shown"


def test_who_is_signed_or_given_up_is_not_given_up_again() -> None:
    given = give_up(None)
    assert give_up(given) is None
    assert give_up(sign(start(None))) is None


def test_after_an_order_another_transaction_begins_and_the_first_order_is_remembered() -> None:
    first = sign(start(None), ORDER)
    assert not first.can_be_printed
    again = sign(start(first, 2), ORDER)
    sale = sign(start(again, 3))
    process = sale.process()
    assert process is not None
    assert (process.transaction, process.ordered_at) == (3, "start 1")
    missed = give_up(again)
    assert missed is not None
    assert (missed.state, missed.ordered_at) == (OUT, "start 1")


def test_a_transaction_lost_with_its_device_stays_unsigned() -> None:
    owed = give_up(start(None))
    assert owed is not None
    assert owed.lost() == replace(owed, state=OUT)
    assert owed.lost().is_over


@given(st.lists(st.sampled_from(["begin", "give up", "sign"]), max_size=8))
def test_a_receipt_says_the_same_for_ever_and_each_transaction_is_signed_once(acts: list[str]) -> None:
    """The device's agent and the printer act in any order; each does only what makes sense to it."""
    signing: Signing | None = None
    said, signatures = None, 0
    for act in acts:
        if act == "begin" and (signing is None or (signing.state == OUT and not signing.transaction)):
            signing = start(signing)
        elif act == "give up":
            signing = give_up(signing) or signing
        elif act == "sign" and signing is not None and signing.state in states.UNFINISHED:
            signing = sign(signing)
            signatures += 1
        now = signing.process() if signing else None
        assert said is None or now == said
        said = now
    assert signatures <= 1
    assert signing is None or (signing.state == OPEN) == (said is None)
