"""Who works in this store: ids, shown names, rights, and PINs that are kept only as slow salted hashes.

A PIN alone says who somebody is, so every guess would have to be tried against every clerk's salt: the salt
is the store's, one hash answers for all, and two clerks cannot have the same PIN.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from checkout.events import ClerkChanged
from checkout.ports import Chance
from checkout.staff import RIGHTS, Clerk
from store_edge.db import tables as t
from store_edge.db.books import StoreBooks, StorePage
from store_edge.db.engine import Database

PIN_DIGITS = 6
CLERKS_MAX = 200
NAME_CHARS_MAX = 60
DRAWS_MAX = 100
"""More PINs than this in a row that somebody has already: chance is broken."""
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1
"""RFC 7914, section 2: 16 MiB and some 50 ms for each guess."""
SCRYPT_BYTES_MAX = 64 * 1024 * 1024
HASH_BYTES = 32
KEEPER_NAME = "Keeper"
BEGINNER_RIGHTS = frozenset({"serve", "age"})


class BadClerk(Exception):
    """A sentence about what is wrong with what was to be written down about a clerk."""


@dataclass(frozen=True, slots=True)
class KnownClerk:
    """A clerk as the store's own people see them; the name leaves this store never."""

    id: str
    name: str
    rights: frozenset[str]


class Clerks:
    """The register of clerks. Every change is announced; names and PINs are not."""

    def __init__(self, database: Database, books: StoreBooks, chance: Chance) -> None:
        self._database = database
        self._books = books
        self._chance = chance

    def everybody(self) -> tuple[KnownClerk, ...]:
        """All clerks, by their names."""
        with self._database.read() as connection:
            rows = connection.execute(select(t.clerks).order_by(t.clerks.c.name, t.clerks.c.id))
            return tuple(KnownClerk(row.id, row.name, _rights(row.rights)) for row in rows)

    def names(self) -> dict[str, str]:
        """What those who work here are called, by their ids."""
        return {known.id: known.name for known in self.everybody()}

    def by_pin(self, typed: str) -> Clerk | None:
        """The clerk whose PIN that is. Takes as long for a wrong one as for a right one."""
        if len(typed) != PIN_DIGITS or not (typed.isascii() and typed.isdigit()):
            return None
        with self._database.read() as connection:
            salt = connection.execute(_salt).scalar_one()
        hashed = _hash(typed, salt)
        with self._database.read() as connection:
            row = connection.execute(select(t.clerks).where(t.clerks.c.pin == hashed)).first()
        return Clerk(row.id, _rights(row.rights)) if row is not None else None

    def signed(self, id: str) -> tuple[KnownClerk, str] | None:
        """A clerk, and a mark that changes with the PIN; None for who does not work here (any more)."""
        with self._database.read() as connection:
            row = connection.execute(select(t.clerks).where(t.clerks.c.id == id)).first()
        if row is None:
            return None
        return KnownClerk(row.id, row.name, _rights(row.rights)), hashlib.sha256(row.pin).hexdigest()[:16]

    def add(self, name: str, rights: Iterable[str] = BEGINNER_RIGHTS) -> tuple[str, str]:
        """Write a new clerk down; gives id and PIN, which is kept nowhere. Raises BadClerk."""
        with self._books.page() as page:
            return self._add(page, name, rights)

    def ensure_keeper(self) -> str | None:
        """Make a keeper with all rights where nobody works yet; gives the PIN if one was just made."""
        with self._books.page() as page:
            if page.connection.execute(select(func.count()).select_from(t.clerks)).scalar():
                return None
            return self._add(page, KEEPER_NAME, RIGHTS)[1]

    def remove(self, id: str) -> None:
        """Strike a clerk and the name; what the id did stays in the journal. Raises BadClerk."""
        with self._books.page() as page:
            if not page.connection.execute(delete(t.clerks).where(t.clerks.c.id == id)).rowcount:
                raise BadClerk(f"nobody here has the id {id}")
            page.announce(ClerkChanged(id, "removed", ()))

    def allow(self, id: str, rights: Iterable[str]) -> None:
        """These rights from now on, and no others. Raises BadClerk."""
        checked = _checked(rights)
        with self._books.page() as page:
            changed = update(t.clerks).where(t.clerks.c.id == id).values(rights=" ".join(checked))
            if not page.connection.execute(changed).rowcount:
                raise BadClerk(f"nobody here has the id {id}")
            page.announce(ClerkChanged(id, "rights", checked))

    def _add(self, page: StorePage, name: str, rights: Iterable[str]) -> tuple[str, str]:
        name = name.strip()
        if not re.fullmatch(rf"[^\x00-\x1f]{{1,{NAME_CHARS_MAX}}}", name):
            raise BadClerk(f"a name has 1 to {NAME_CHARS_MAX} characters")
        checked = _checked(rights)
        if len(page.connection.execute(select(t.clerks.c.id)).all()) >= CLERKS_MAX:
            raise BadClerk(f"more than {CLERKS_MAX} clerks are not kept")
        id = self._chance.id()
        pin, hashed = _free_pin(page)
        row = {"id": id, "name": name, "pin": hashed, "rights": " ".join(checked)}
        page.connection.execute(insert(t.clerks).values(**row))
        page.announce(ClerkChanged(id, "added", checked))
        return id, pin


_salt = select(t.meta.c.value).where(t.meta.c.key == "pin_salt")


def _free_pin(page: StorePage) -> tuple[str, bytes]:
    """A PIN that nobody has, and its hash."""
    salt = page.connection.execute(_salt).scalar_one()
    for _ in range(DRAWS_MAX):
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        hashed = _hash(pin, salt)
        if page.connection.execute(select(t.clerks.c.id).where(t.clerks.c.pin == hashed)).first() is None:
            return pin, hashed
    raise BadClerk("no free PIN was found; please try again")


def _hash(pin: str, salt: str) -> bytes:
    return hashlib.scrypt(
        pin.encode("ascii"),
        salt=bytes.fromhex(salt),
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        maxmem=SCRYPT_BYTES_MAX,
        dklen=HASH_BYTES,
    )


def _rights(kept: str) -> frozenset[str]:
    """A right that this version does not know counts for nothing."""
    return frozenset(kept.split()) & RIGHTS


def _checked(rights: Iterable[str]) -> tuple[str, ...]:
    wanted = set(rights)
    if unknown := sorted(wanted - RIGHTS):
        raise BadClerk(f"there is no right {unknown[0]!r}; there are {', '.join(sorted(RIGHTS))}")
    return tuple(sorted(wanted))
