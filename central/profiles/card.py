"""The card that a person left with the payment provider: the provider's token for it, sealed.

No card number exists here. The token (mandate) is good for nothing but charges by this retailer through its
provider; a till is told it for one visit, with what the person calls the card.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from central.clock import Chance
from central.db import tables
from central.profiles.seal import PersonKey


class CardOnFile(msgspec.Struct, frozen=True):
    """`mandate` is the provider's token; `label` is what the person reads, such as "Visa 4242"."""

    mandate: str
    label: str


def leave(connection: sa.Connection, key: PersonKey, card: CardOnFile, now_ms: int, chance: Chance) -> None:
    """Keep this card, in place of any other one of this person."""
    sealed = key.seal(msgspec.json.encode(card), _label(key), chance)
    row = {"key_id": key.key_id, "sealed": sealed, "left_ms": now_ms}
    take_away(connection, key)
    connection.execute(sa.insert(tables.cards_on_file), row)


def take_away(connection: sa.Connection, key: PersonKey) -> None:
    """Forget the card; without one nothing happens."""
    c = tables.cards_on_file
    connection.execute(sa.delete(c).where(c.c.key_id == key.key_id))


def card_of(connection: sa.Connection, key: PersonKey) -> CardOnFile | None:
    """The card that this person may pay with, if any."""
    c = tables.cards_on_file
    sealed = connection.execute(sa.select(c.c.sealed).where(c.c.key_id == key.key_id)).scalar_one_or_none()
    return msgspec.json.decode(key.unseal(bytes(sealed), _label(key)), type=CardOnFile) if sealed else None


def _label(key: PersonKey) -> str:
    return f"cards_on_file:{key.key_id}"
