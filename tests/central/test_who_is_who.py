"""Who is one person: links go without a trace, and nothing shared melts two people together."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from central.clock import DAY_MS
from central.db import tables
from central.profiles import links
from central.profiles.kinds import KINDS, IdentifierWrong, account_node, is_account, kind_of, node_of
from central.profiles.person import (
    ACCOUNTS_MAX,
    CROWD_MAX,
    RINGS_MAX,
    Person,
    accounts_behind,
    dump_persons,
    keys_of,
    read_person,
)  # fmt: skip
from central.profiles.profile import create_profile
from central.profiles.seal import PersonKey, key_by_id

SECRET = b"s" * 32
NOW_MS = 1_795_000_000_000


class Book:
    """Links in one transaction of a test's own, with a proof that fits each pair."""

    def __init__(self, connection: sa.Connection, seed: int = 1) -> None:
        self.connection = connection
        self.chance = random.Random(seed).randbytes

    def person(self, name: str = "Erika") -> str:
        return account_node(create_profile(self.connection, name, "de", NOW_MS, self.chance).key_id)

    def tie(self, one: str, other: str, source: str = "office") -> str:
        kinds = {kind_of(one), kind_of(other)} - {"account"} or {"account"}
        proof = min(KINDS[min(kinds)].proofs)
        return links.tie(self.connection, one, other, proof, source, NOW_MS, self.chance).link

    def revoke(self, link: str) -> None:
        links.revoke(self.connection, link, "office", "wrong", NOW_MS)

    def look(self, account: str) -> Any:
        return read_person(self.connection, account)


def thing(kind: str, value: object) -> str:
    return node_of(kind, f"{value}", SECRET)


@pytest.fixture
def book(any_desk: Any) -> Any:
    with any_desk.centre.database.write("people") as connection:
        yield Book(connection)


def test_what_is_linked_to_an_account_and_hangs_on_that_is_one_person(book: Book) -> None:
    erika, again, otto = book.person(), book.person(), book.person("Otto")
    mail, tablet, card = thing("email", "e@x.de"), thing("device", "t"), thing("loyalty_card", "77")
    book.tie(erika, again)
    book.tie(erika, mail)
    book.tie(again, tablet)
    book.tie(tablet, card)
    assert book.look(erika) == book.look(again)
    assert book.look(erika).accounts == tuple(sorted((erika, again)))
    assert set(book.look(erika).identifiers) == {mail, tablet, card}
    assert accounts_behind(book.connection, card) == book.look(erika).accounts
    assert book.look(otto).accounts == (otto,)
    assert accounts_behind(book.connection, thing("phone", "+4917012345678")) == ()


def test_a_family_tablet_makes_nobody_one_person_and_leads_to_neither(book: Book) -> None:
    erika, otto = book.person(), book.person("Otto")
    tablet, loose = thing("device", "family"), thing("cookie", "c")
    hers, his = thing("email", "e@x.de"), thing("email", "o@x.de")
    for one, other in ((erika, tablet), (otto, tablet), (erika, hers), (otto, his), (tablet, loose)):
        book.tie(one, other)
    assert book.look(erika).accounts == (erika,)
    assert book.look(erika).identifiers == (hers,)
    assert book.look(erika).contested == book.look(otto).contested == (tablet,)
    assert accounts_behind(book.connection, tablet) == accounts_behind(book.connection, loose) == ()


def test_a_family_card_between_their_own_things_takes_nothing_away(book: Book) -> None:
    erika, otto = book.person(), book.person("Otto")
    hers, his, card = thing("app", "e"), thing("app", "o"), thing("loyalty_card", "family")
    for one, other in ((erika, hers), (otto, his), (hers, card), (his, card)):
        book.tie(one, other)
    assert (book.look(erika).identifiers, book.look(otto).identifiers) == ((hers,), (his,))
    assert card in book.look(erika).contested


def test_what_is_blocked_leads_to_nobody_until_it_is_let_go(book: Book) -> None:
    erika, tablet, card = book.person(), thing("device", "the shop's"), thing("loyalty_card", "7")
    book.tie(erika, tablet)
    book.tie(tablet, card)
    links.block(book.connection, tablet, "the shop's own", "office", NOW_MS)
    assert book.look(erika).identifiers == ()
    assert accounts_behind(book.connection, card) == ()
    assert links.unblock(book.connection, tablet)
    assert set(book.look(erika).identifiers) == {tablet, card}


def test_cycles_of_links_end(book: Book) -> None:
    one, two, three = book.person(), book.person(), book.person()
    ring = [thing("device", n) for n in range(24)]
    for first, second in ((one, two), (two, three), (three, one), (one, ring[0])):
        book.tie(first, second)
    for first, second in zip(ring, [*ring[1:], ring[0]], strict=True):
        book.tie(first, second)
    book.tie(ring[5], ring[20])
    person = book.look(two)
    assert person.accounts == tuple(sorted((one, two, three)))
    assert person.troubles == ("too_many_device",)  # more than one person has: none counts
    assert person.identifiers == ()


@pytest.mark.parametrize("shape", ["star", "chain"])
def test_ten_thousand_identifiers_on_one_person_are_read_in_a_bounded_number_of_questions(
    desk: Any, shape: str
) -> None:
    with desk.centre.database.write("people") as connection:
        book = Book(connection)
        erika = book.person()
        nodes = [thing("order_number", n) for n in range(10_000)]
        before = [erika] * len(nodes) if shape == "star" else [erika, *nodes]
        pairs = zip(before, nodes, strict=False)
        rows = [
            {"link": f"l{n}", "node": min(pair), "other": max(pair), "proof": "ordered",
             "source": "shop", "at_ms": NOW_MS}
            for n, pair in enumerate(pairs)
        ]  # fmt: skip
        connection.execute(sa.insert(tables.links), rows)
        asked = _questions(connection, lambda: book.look(erika))
        assert book.look(erika).troubles == ("too_many_identifiers",)
        assert asked <= 8 * RINGS_MAX
        assert keys_of(connection, _key(connection, erika))[0].account


def _questions(connection: sa.Connection, ask: Callable[[], object]) -> int:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    sa.event.listen(connection, "before_cursor_execute", note)
    ask()
    sa.event.remove(connection, "before_cursor_execute", note)
    return len(asked)


def _key(connection: sa.Connection, node: str) -> PersonKey:
    key = key_by_id(connection, node.partition(":")[2])
    assert key is not None
    return key


def test_a_thing_in_a_crowd_leads_to_nobody_and_harms_nobody(book: Book) -> None:
    tablet, mail = thing("device", "in the shop window"), thing("email", "e@x.de")
    crowd = [book.person() for _ in range(CROWD_MAX + 1)]
    for account in crowd:
        book.tie(account, tablet)
    book.tie(crowd[0], mail)
    assert book.look(crowd[0]).identifiers == (mail,)
    assert book.look(crowd[0]).troubles == ()


def test_too_many_accounts_of_one_person_are_nobody_s(book: Book) -> None:
    accounts = [book.person() for _ in range(ACCOUNTS_MAX + 1)]
    made = [book.tie(accounts[0], other) for other in accounts[1:]]
    assert all(book.look(one).accounts == (one,) for one in accounts)
    assert book.look(accounts[3]).troubles == ("too_many_accounts",)
    book.revoke(made[0])
    assert len(book.look(accounts[0]).accounts) == ACCOUNTS_MAX


def test_a_link_holds_as_long_as_one_record_of_it_does(book: Book) -> None:
    erika, mail = book.person(), thing("email", "e@x.de")
    first, again, other = book.tie(erika, mail), book.tie(mail, erika), book.tie(erika, mail, "shop")
    assert first == again != other
    book.revoke(first)
    book.revoke(first)
    assert book.look(erika).identifiers == (mail,)
    book.revoke(other)
    assert book.look(erika).identifiers == ()
    with pytest.raises(links.LinkUnknown):
        book.revoke("0" * 32)


def test_only_a_proof_of_its_kind_makes_a_link(book: Book) -> None:
    erika, otto, tablet = book.person(), book.person("Otto"), thing("device", "t")
    for one, other, proof in (
        (erika, otto, "signed_in"),
        (erika, tablet, "by_staff"),
        (tablet, tablet, "signed_in"),
    ):
        with pytest.raises(links.ProofNotForThis):
            links.tie(book.connection, one, other, proof, "office", NOW_MS, book.chance)


@pytest.mark.parametrize(
    ("kind", "one", "another"),
    [
        ("email", " Erika@Example.DE", "erika@example.de"),
        ("phone", "+49 (170) 123-45.678", "004917012345678"),
        ("loyalty_card", "77 00 aa", "7700AA"),
    ],
)
def test_one_thing_in_two_spellings_is_one_thing(kind: str, one: str, another: str) -> None:
    assert thing(kind, one) == thing(kind, another)
    assert node_of(kind, one, b"another head office") != thing(kind, one)
    assert thing("app", "x") != thing("device", "x")


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "erika"), ("phone", "0170 1234567"), ("device", " "), ("app", "x" * 201)]
)
def test_what_is_no_identifier_is_refused_without_repeating_it(kind: str, value: str) -> None:
    with pytest.raises(IdentifierWrong) as no:
        thing(kind, value)
    assert value.strip() == "" or value not in str(no.value)


def test_links_go_by_themselves_when_their_time_is_over(book: Book) -> None:
    erika, mail, cookie = book.person(), thing("email", "e@x.de"), thing("cookie", "c")
    book.tie(erika, mail)
    book.tie(erika, cookie)
    book.revoke(book.tie(erika, thing("phone", "+49170111111")))
    later_ms = NOW_MS + (KINDS["cookie"].keep_d + 1) * DAY_MS
    assert links.forget_old(book.connection, later_ms, 365) == 1
    assert book.look(erika).identifiers == (mail,)
    assert links.forget_old(book.connection, NOW_MS + 366 * DAY_MS, 365) == 1


# Merge and unmerge in any order


def _sequence(book: Book, chance: random.Random) -> list[tuple[str, str]]:
    """Links, revocations and blocks at random; returns the pairs whose link nobody revoked."""
    accounts = [book.person() for _ in range(4)]
    kinds = ["cookie", "device", "email", "loyalty_card"]
    things = [thing(kind, f"{n}@x") for kind in kinds for n in range(3)]
    made: dict[str, tuple[str, str]] = {}
    for _ in range(chance.randrange(4, 24)):
        if made and chance.random() < 0.4:
            gone = chance.choice(sorted(made))
            book.revoke(gone)
            del made[gone]
        elif chance.random() < 0.1:
            one = chance.choice(things)
            links.block(book.connection, one, "why", "office", NOW_MS)
            if chance.random() < 0.5:
                links.unblock(book.connection, one)
        else:
            pair = tuple(chance.sample(accounts + things, 2))
            made[book.tie(*pair)] = (pair[0], pair[1])
    return list(made.values())


def _check(connection: sa.Connection, seed: int) -> None:
    """All that leaves, byte for byte, what the links that nobody revoked make by themselves."""
    chance = random.Random(seed)
    book = Book(connection, seed)
    left = _sequence(book, chance)
    after = dump_persons(connection)
    connection.execute(sa.delete(tables.links))
    chance.shuffle(left)
    for pair in left:
        book.tie(*pair)
    assert dump_persons(connection) == after, seed
    _is_fair(after, left)
    for table in (tables.links, tables.blocked, tables.persons, tables.person_keys):
        connection.execute(sa.delete(table))


def _is_fair(dump: bytes, left: list[tuple[str, str]]) -> None:
    """Accounts are one only by links between accounts, and nothing is two persons'."""
    persons = msgspec.json.decode(dump, type=list[Person])
    direct = [pair for pair in left if is_account(pair[0]) and is_account(pair[1])]
    for person in persons:
        group = {person.accounts[0]}
        for _ in direct:
            group |= {node for pair in direct if group & set(pair) for node in pair}
        assert set(person.accounts) == group
    all_of_all = [node for person in persons for node in (*person.accounts, *person.identifiers)]
    assert len(all_of_all) == len(set(all_of_all))


def _sequences(desk: Any, seeds: range) -> None:
    with desk.centre.database.write("people") as connection:
        for seed in seeds:
            _check(connection, seed)


def test_merging_and_unmerging_in_any_order_leave_exactly_what_would_have_been(desk: Any) -> None:
    _sequences(desk, range(100))


@pytest.mark.long
def test_ten_thousand_sequences_of_merging_and_unmerging(desk: Any) -> None:
    _sequences(desk, range(10_000))


def test_a_short_run_of_them_on_both_engines(any_desk: Any) -> None:
    _sequences(any_desk, range(10_000, 10_030))
