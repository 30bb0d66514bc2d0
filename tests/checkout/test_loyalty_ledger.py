"""The books about points: they balance to zero, whatever happens and in whatever order it is told."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from checkout.loyalty.earning import points_of
from checkout.loyalty.ledger import (
    BONUS,
    EARNED,
    EXPIRED,
    GIVEN_BACK,
    MEMBER,
    OWED,
    REVERSED,
    SPENT,
    Bought,
    BroughtBack,
    GivenBack,
    Spent,
    book,
)
from checkout.loyalty.programme import PROGRAMME

DAY = dt.date(2026, 3, 14)
LATER = dt.date(2026, 12, 24)
SILVER = PROGRAMME.rules[0].tiers[0]
EURO = 100

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31))
SALES = st.sampled_from(["a", "b", "c", "d", "e"])
FACTS = st.lists(
    st.one_of(
        st.builds(Bought, SALES, DAYS, st.integers(0, 900 * EURO)),
        st.builds(Spent, SALES, DAYS, st.integers(1, 1500)),
        st.builds(GivenBack, SALES, DAYS, st.integers(1, 1500)),
        st.builds(BroughtBack, SALES, DAYS, st.integers(0, 900 * EURO)),
    ),
    max_size=25,
).map(lambda facts: sorted(facts, key=lambda fact: fact.on))


def entries(*facts, today=LATER):
    return [(entry.kind, entry.points) for entry in book(facts, PROGRAMME, today).entries]


# Laws


@given(FACTS, DAYS)
def test_every_entry_and_the_whole_ledger_balance_to_zero(facts, today):
    ledger = book(facts, PROGRAMME, today)
    for entry in ledger.entries:
        assert sum(posting.points for posting in entry.postings) == 0
    totals = ledger.totals()
    assert sum(totals.values()) == 0
    assert totals[MEMBER] + totals[OWED] == ledger.balance == sum(entry.points for entry in ledger.entries)


@given(FACTS, DAYS)
def test_a_member_holds_points_or_owes_some_never_both(facts, today):
    ledger = book(facts, PROGRAMME, today)
    totals = ledger.totals()
    assert totals[MEMBER] >= 0 >= totals[OWED]
    assert not (totals[MEMBER] and totals[OWED])
    assert sum(expiry.points for expiry in ledger.expiring) == totals[MEMBER]
    assert all(expiry.last_day >= max([today, *(fact.on for fact in facts)]) for expiry in ledger.expiring)


@given(FACTS, DAYS)
def test_a_balance_stands_after_every_entry(facts, today):
    balance = 0
    for entry in book(facts, PROGRAMME, today).entries:
        balance += entry.points
        assert entry.balance == balance


@given(
    st.integers(0, 5000 * EURO),
    st.lists(st.integers(0, 1000 * EURO), max_size=6),
    st.lists(st.integers(1, 4000), max_size=3),
    st.dates(DAY, dt.date(2030, 1, 1)),
)
def test_bringing_everything_back_takes_back_exactly_what_was_given(counts, parts, spent, when):
    """In whatever parts, whatever was spent and expired in between."""
    facts = [
        Bought("before", DAY, 700 * EURO),
        Bought("s", DAY, counts),
        *(Spent("x", DAY, points) for points in spent),
        *(BroughtBack("s", when, part) for part in parts),
        BroughtBack("s", when, counts),
    ]
    ledger = book(sorted(facts, key=lambda fact: fact.on), PROGRAMME, when)
    given = [entry.points for entry in ledger.entries if entry.sale == "s" and entry.kind in (EARNED, BONUS)]
    taken = sum(p.points for e in ledger.entries for p in e.postings if p.account == REVERSED)
    assert taken == sum(given)


@given(st.integers(0, 400 * EURO), st.integers(0, 400 * EURO))
def test_what_is_kept_has_given_what_it_would_have_given_alone(counts, back):
    ledger = book([Bought("s", DAY, counts), BroughtBack("s", DAY, back)], PROGRAMME, DAY)
    assert ledger.balance == points_of(max(0, counts - back), PROGRAMME.rules[0])


@given(FACTS, st.integers(0, 25))
def test_the_books_of_yesterday_are_the_beginning_of_todays(facts, many):
    """Unless something that waited for its sale is booked now."""
    facts = [fact for fact in facts if not isinstance(fact, BroughtBack)]
    today = dt.date(2026, 1, 1)
    before = book(facts[:many], PROGRAMME, today).entries
    assert book(facts, PROGRAMME, today).entries[: len(before)] == before


# Cases that a shopkeeper would ask about


def test_points_are_earned_spent_and_the_oldest_go_first():
    facts = [
        Bought("a", DAY, 300 * EURO),
        Bought("b", dt.date(2026, 5, 1), 200 * EURO),
        Spent("c", LATER, 350),
    ]
    ledger = book(facts, PROGRAMME, LATER)
    assert [(entry.kind, entry.points, entry.balance) for entry in ledger.entries] == [
        (EARNED, 300, 300),
        (EARNED, 200, 500),
        (SPENT, -350, 150),
    ]
    assert [(one.last_day, one.points) for one in ledger.expiring] == [(dt.date(2028, 5, 31), 150)]


def test_points_expire_after_their_last_day_and_not_on_it():
    facts = [Bought("a", DAY, 30 * EURO)]
    assert book(facts, PROGRAMME, dt.date(2028, 3, 31)).balance == 30
    ended = book(facts, PROGRAMME, dt.date(2028, 4, 1))
    assert ended.balance == 0
    assert (ended.entries[-1].kind, ended.entries[-1].on) == (EXPIRED, dt.date(2028, 3, 31))


def test_points_spent_twice_are_owed_shown_and_settled_by_the_next_ones():
    twice = [Bought("a", DAY, 100 * EURO), Spent("b", DAY, 100), Spent("c", DAY, 100)]
    ledger = book(twice, PROGRAMME, DAY)
    assert (ledger.balance, ledger.overdrawn) == (-100, 100)
    assert [entry.overdrawn for entry in ledger.entries] == [0, 0, 100]
    after = book([*twice, Bought("d", LATER, 130 * EURO)], PROGRAMME, LATER)
    assert (after.balance, after.overdrawn) == (30, 100)
    assert after.totals()[OWED] == 0


def test_what_comes_back_after_its_points_were_spent_is_owed_and_is_no_double_spending():
    facts = [Bought("a", DAY, 100 * EURO), Spent("b", DAY, 100), BroughtBack("a", LATER, 100 * EURO)]
    ledger = book(facts, PROGRAMME, LATER)
    assert (ledger.balance, ledger.overdrawn) == (-100, 0)


def test_what_comes_back_after_its_points_expired_costs_nothing_more():
    end = dt.date(2029, 1, 1)
    facts = [Bought("a", DAY, 100 * EURO), Bought("b", end, 50 * EURO), BroughtBack("a", end, 100 * EURO)]
    assert book(facts, PROGRAMME, end).balance == 50


def test_points_given_back_are_as_many_as_were_spent_and_live_anew():
    facts = [Bought("a", DAY, 200 * EURO), Spent("b", DAY, 150), GivenBack("b", LATER, 100)]
    ledger = book([*facts, GivenBack("b", LATER, 100)], PROGRAMME, LATER)
    assert ledger.balance == 200
    assert [entry.points for entry in ledger.entries if entry.kind == GIVEN_BACK] == [100, 50]
    assert ledger.expiring[-1].last_day == dt.date(2028, 12, 31)


def test_a_sale_told_twice_gives_points_once():
    assert entries(Bought("a", DAY, 10 * EURO), Bought("a", DAY, 10 * EURO)) == [(EARNED, 10)]


def test_a_part_of_a_sale_that_nobody_told_of_waits():
    assert entries(BroughtBack("a", DAY, 10 * EURO)) == []


# Tiers


def test_a_tier_gives_its_bonus_from_the_next_receipt_on_and_for_the_next_year():
    facts = [Bought("a", DAY, 500 * EURO), Bought("b", LATER, 105 * EURO)]
    assert entries(*facts) == [(EARNED, 500), (EARNED, 105), (BONUS, 10)]
    in_2027 = book([*facts, Bought("c", dt.date(2027, 12, 31), 10 * EURO)], PROGRAMME, dt.date(2027, 12, 31))
    assert in_2027.entries[-1].kind == BONUS
    assert in_2027.tier == SILVER
    in_2028 = book(facts, PROGRAMME, dt.date(2028, 1, 1))
    assert (in_2028.tier, in_2028.next_tier) == (None, SILVER)


def test_what_comes_back_no_longer_counts_towards_a_tier():
    facts = [Bought("a", DAY, 500 * EURO), BroughtBack("a", DAY, 1 * EURO), Bought("b", LATER, 100 * EURO)]
    assert entries(*facts) == [(EARNED, 500), (REVERSED, -1), (EARNED, 100)]
    ledger = book(facts[:2], PROGRAMME, LATER)
    assert (ledger.points_in_year, ledger.tier) == (499, None)


def test_the_bonus_comes_back_with_what_earned_it():
    facts = [Bought("a", DAY, 500 * EURO), Bought("b", LATER, 105 * EURO), BroughtBack("b", LATER, 55 * EURO)]
    assert entries(*facts)[-1] == (REVERSED, -60)  # 55 points and 5 of the bonus of 10


def test_a_ledger_of_years_is_made_in_no_time():
    """Ten years of a purchase a day: the books stay linear in what is alive."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(3650)]
    ledger = book([Bought(str(day), day, 25 * EURO) for day in days], PROGRAMME, days[-1])
    assert ledger.totals()[EXPIRED] > 0
    assert sum(ledger.totals().values()) == 0
