"""The register of clerks: PINs kept only as slow hashes, names nowhere else, every change in the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import select

from checkout.events import ClerkChanged
from checkout.staff import RIGHTS, Clerk
from store_edge import clerks as register
from store_edge.clerks import BadClerk, Clerks
from store_edge.db import tables as t
from store_edge.db.books import StoreBooks
from tests.conftest import StoreShop


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "SCRYPT_N", 2)


@pytest.fixture
def store(open_shop: Callable[..., StoreShop], new_store_url: Callable[[], str]) -> StoreShop:
    return open_shop(new_store_url())


@pytest.fixture
def clerks(store: StoreShop) -> Clerks:
    assert isinstance(store.books, StoreBooks)
    return Clerks(store.database, store.books, store.chance)


def test_a_pin_is_shown_once_and_says_who_somebody_is(clerks: Clerks) -> None:
    anna, pin = clerks.add("Anna", ["serve", "age"])
    ben, other = clerks.add("Ben", ["approve"])
    assert len(pin) == 6
    assert pin.isdigit()
    assert clerks.by_pin(pin) == Clerk(anna, frozenset({"serve", "age"}))
    assert clerks.by_pin(other) == Clerk(ben, frozenset({"approve"}))
    assert [(one.name, one.id) for one in clerks.everybody()] == [("Anna", anna), ("Ben", ben)]


@pytest.mark.parametrize("typed", ["", "1", "1234567", "12345a", "١٢٣٤٥٦", "      "])
def test_what_is_no_pin_is_nobodys(clerks: Clerks, typed: str) -> None:
    clerks.add("Anna")
    assert clerks.by_pin(typed) is None


def test_the_pin_is_kept_as_a_hash_with_the_stores_salt(clerks: Clerks, store: StoreShop) -> None:
    _id, pin = clerks.add("Anna")
    with store.database.read() as connection:
        kept = connection.execute(select(t.clerks.c.pin)).scalar_one()
        salt = connection.execute(select(t.meta.c.value).where(t.meta.c.key == "pin_salt")).scalar_one()
    again = hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), n=2, r=8, p=1, maxmem=2**26, dklen=32)
    assert kept == again
    assert len(bytes.fromhex(salt)) == 16


def test_no_two_clerks_have_one_pin(clerks: Clerks, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([7, 7, 7, 8])
    monkeypatch.setattr("secrets.randbelow", lambda _most: next(draws))
    assert [clerks.add("Anna")[1], clerks.add("Ben")[1]] == ["000007", "000008"]


def test_the_journal_has_ids_and_rights_and_no_name_and_no_pin(clerks: Clerks, store: StoreShop) -> None:
    anna, pin = clerks.add("Annabella", ["serve"])
    clerks.allow(anna, ["serve", "cash"])
    clerks.remove(anna)
    assert store.heard() == [
        ClerkChanged(anna, "added", ("serve",)),
        ClerkChanged(anna, "rights", ("cash", "serve")),
        ClerkChanged(anna, "removed", ()),
    ]
    assert "Annabella" not in repr(store.heard())
    assert pin not in repr(store.heard())
    assert clerks.everybody() == ()
    assert clerks.by_pin(pin) is None
    assert clerks.signed(anna) is None


def test_the_first_start_makes_one_keeper_with_every_right(clerks: Clerks) -> None:
    pin = clerks.ensure_keeper()
    assert pin is not None
    keeper = clerks.by_pin(pin)
    assert keeper is not None
    assert keeper.rights == RIGHTS
    assert clerks.ensure_keeper() is None


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 61])
def test_names_that_cannot_be(clerks: Clerks, name: str) -> None:
    with pytest.raises(BadClerk, match="a name has"):
        clerks.add(name)
    assert clerks.everybody() == ()


def test_what_cannot_be_said_of_a_clerk_is_a_sentence(clerks: Clerks) -> None:
    with pytest.raises(BadClerk, match="there is no right 'fly'; there are age, approve"):
        clerks.add("Anna", ["fly"])
    for act in (lambda: clerks.remove("c9"), lambda: clerks.allow("c9", ["serve"])):
        with pytest.raises(BadClerk, match="nobody here has the id c9"):
            act()


def test_a_new_pin_leaves_another_mark(clerks: Clerks) -> None:
    marks = set()
    for name in ("Anna", "Ben"):
        found = clerks.signed(clerks.add(name)[0])
        assert found is not None
        marks.add(found[1])
    assert len(marks) == 2


def test_so_many_clerks_and_no_more(clerks: Clerks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "CLERKS_MAX", 2)
    for _ in range(2):
        clerks.add("Anna")
    with pytest.raises(BadClerk, match="more than 2"):
        clerks.add("Ben")
