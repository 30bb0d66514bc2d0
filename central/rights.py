"""A person's rights: data put right, copied, objected to, restricted (GDPR Art. 15 to 21).

Erasing is `central.profiles.erase`. Each is written into the register in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from central.centre import Centre
from central.profiles import consent, links, person, register
from central.profiles.consent import Answer
from central.profiles.kinds import KINDS, account_node, key_id_of, kind_of
from central.profiles.links import Link
from central.profiles.person import Person
from central.profiles.profile import correct_profile, key_of, restrict_profile
from central.profiles.seal import PersonKey, key_by_id


@dataclass(frozen=True, slots=True)
class Identity:
    """Who one is: all accounts of the person by their ids, their identifiers, and every link about them."""

    accounts: tuple[str, ...]
    person: Person
    links: tuple[Link, ...]


def correct(centre: Centre, account: str, nickname: str, language: str, source: str) -> None:
    """Put nickname and language right. Raises `AccountUnknown`, `AccountErased`, `Busy`."""
    with centre.database.write("people") as connection:
        correct_profile(connection, key_of(connection, account), nickname, language, centre.chance)
        _note(centre, connection, account, "corrected", source)


def restrict(centre: Centre, account: str, restricted: bool, source: str) -> None:
    """Use nothing of this account while it is restricted; what is there stays. Raises as `correct` does."""
    with centre.database.write("people") as connection:
        key = key_of(connection, account)
        if restrict_profile(connection, key, centre.now_ms() if restricted else None):
            _note(centre, connection, account, "restricted" if restricted else "released", source)


def objection(centre: Centre, account: str, text_version: str, place: str, source: str) -> list[Answer]:
    """No to everything in one go: whatever was agreed to is taken back. Raises as `correct` does."""
    now_ms = centre.now_ms()
    with centre.database.write("people") as connection:
        key_of(connection, account)
        given = consent.answers(connection, account)
        about = sorted({one.about for one in given if one.granted})
        said = [
            consent.record(
                connection,
                account,
                Answer(purpose, False, text_version, place, now_ms, channel),
                changes_max=0,
            )
            for purpose, channel in about
        ]
        _note(centre, connection, account, "objected", source)
    return said


def hear_gpc(centre: Centre, account: str, text_version: str, source: str) -> tuple[Answer, ...]:
    """The person's browser sent `Sec-GPC: 1`. Raises as `correct` does."""
    with centre.database.write("people") as connection:
        key_of(connection, account)
        said = consent.hear_gpc(connection, account, text_version, centre.now_ms())
        if said:
            _note(centre, connection, account, "gpc_heard", source)
    return said


def note_copy(centre: Centre, account: str, source: str) -> None:
    """A copy of all that is stored is handed out now. Raises as `correct` does."""
    with centre.database.write("people") as connection:
        key_of(connection, account)
        _note(centre, connection, account, "copied", source)


def identity_of(connection: sa.Connection, key: PersonKey, links_max: int) -> Identity:
    """Who the person is, as far as they agree: what they left behind unasked takes `journey`."""
    node = account_node(key.key_id)
    who = person.read_person(connection, node)
    if "journey" not in consent.granted(connection, key.account):
        shown = tuple(one for one in who.identifiers if not KINDS[kind_of(one)].passive)
        who = Person(who.accounts, shown, who.contested, who.troubles)
    keys = (key_by_id(connection, key_id_of(one)) for one in who.accounts)
    touching = links.records_at(connection, {*who.accounts, *who.identifiers}, links_max)
    return Identity(tuple(sorted(one.account for one in keys if one)), who, tuple(touching))


def _note(centre: Centre, connection: sa.Connection, account: str, act: register.Act, source: str) -> None:
    now_ms = centre.now_ms()
    register.note(connection, account, act, source=source, now_ms=now_ms, chance=centre.chance)
