"""Sealing what belongs to a person under that person's own key: AES-256-GCM, NIST SP 800-38D.

A sealed value is 12 bytes of nonce and then the ciphertext with its tag. The label (which table, which
row) is authenticated with it, so a sealed value moved to another row does not open.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from central.clock import Chance
from central.db import tables

_NONCE = 12


class SealBroken(Exception):
    """The bytes were not sealed under this key with this label."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """The key of one person. Whoever has deleted it has forgotten the person."""

    key_id: str
    account: str
    key: bytes

    def seal(self, plain: bytes, label: str, chance: Chance) -> bytes:
        """Encrypt under this key for the row that `label` names."""
        nonce = chance(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, plain, label.encode())

    def unseal(self, sealed: bytes, label: str) -> bytes:
        """The plain bytes. Raises `SealBroken`."""
        try:
            return AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
        except InvalidTag as error:
            raise SealBroken from error


def make_key(connection: sa.Connection, account: str, chance: Chance) -> PersonKey:
    """A new random key for a new account, already kept."""
    key = PersonKey(chance(16).hex(), account, chance(32))
    row = {"key_id": key.key_id, "account": account, "key": key.key}
    connection.execute(sa.insert(tables.person_keys), row)
    return key


def key_of_account(connection: sa.Connection, account: str) -> PersonKey | None:
    """None for an unknown or erased account."""
    return _one(connection, tables.person_keys.c.account == account)


def key_by_id(connection: sa.Connection, key_id: str) -> PersonKey | None:
    """None when the key was shredded."""
    return _one(connection, tables.person_keys.c.key_id == key_id)


def _one(connection: sa.Connection, which: sa.ColumnElement[bool]) -> PersonKey | None:
    row = connection.execute(sa.select(tables.person_keys).where(which)).one_or_none()
    return PersonKey(row.key_id, row.account, bytes(row.key)) if row else None
