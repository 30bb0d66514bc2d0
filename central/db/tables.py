"""The tables of head office.

Two kinds. *Sources* are what was received or decided: the raw events, keys, persons, consents, links, tokens,
redemptions, leases, claims of paper, alarms, the register. *Derived* tables (`DERIVED`) are folded from the
raw events alone, one row per fact under the fact's own (store, epoch, number), so that any order of arrival
ends in the same rows and `central.ingest.rebuild` can make them again.

`person_keys` is the only place that ties an account to its key. Without it nobody can tell whose a token
was; when its row goes, what it sealed is noise.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()

# Compared byte by byte on every engine: PostgreSQL would otherwise sort by the server's locale.
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Big = sa.BigInteger


def _place() -> list[sa.Column[Any]]:
    return [
        sa.Column("store", Word, primary_key=True),
        sa.Column("epoch", Word, primary_key=True),
        sa.Column("number", Big, primary_key=True, autoincrement=False),
    ]


# Sources

events = sa.Table(
    "events",
    METADATA,
    *_place(),
    sa.Column("lane", Word, nullable=False),
    sa.Column("type", Word, nullable=False),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("received_ms", Big, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

alarms = sa.Table(
    "alarms",
    METADATA,
    sa.Column("kind", Word, primary_key=True),
    sa.Column("store", Word, primary_key=True),
    sa.Column("about", Word, primary_key=True),
    sa.Column("first_ms", Big, nullable=False),
    sa.Column("last_ms", Big, nullable=False),
    sa.Column("times", Big, nullable=False),
)

stores = sa.Table(
    "stores",
    METADATA,
    sa.Column("store", Word, primary_key=True),
    sa.Column("last_seen_ms", Big, nullable=False),
)

api_keys = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("kind", Word, nullable=False),
    sa.Column("name", Word, nullable=False),
    sa.Column("created_ms", Big, nullable=False),
    sa.Column("revoked_ms", Big),
)

persons = sa.Table(
    "persons",
    METADATA,
    sa.Column("account", Word, primary_key=True),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("created_ms", Big, nullable=False),
    sa.Column("erased_ms", Big),
    sa.Column("restricted_ms", Big),
)

person_keys = sa.Table(
    "person_keys",
    METADATA,
    sa.Column("key_id", Word, primary_key=True),
    sa.Column("account", Word, nullable=False, unique=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
)

identifiers = sa.Table(
    "identifiers",
    METADATA,
    sa.Column("kind", Word, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("key_id", Word, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("linked_ms", Big, nullable=False),
)
"""Secrets that open an account. What else leads to a person is in `links`."""

links = sa.Table(
    "links",
    METADATA,
    sa.Column("link", Word, primary_key=True),
    sa.Column("node", Word, nullable=False),
    sa.Column("other", Word, nullable=False),
    sa.Column("proof", Word, nullable=False),
    sa.Column("source", Word, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
    sa.Column("revoked_ms", Big),
    sa.Column("revoked_by", Word),
    sa.Column("why", Word),
    sa.Index("links_by_node", "node", "other"),
    sa.Index("links_by_other", "other", "node"),
)
"""Two identifiers that belong together, by `central.profiles.kinds`; `node` sorts before `other`.

An account stands in it as its key id, so that without `person_keys` nobody can tell whose a link was.
"""

blocked = sa.Table(
    "blocked",
    METADATA,
    sa.Column("node", Word, primary_key=True),
    sa.Column("why", Word, nullable=False),
    sa.Column("source", Word, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
)
"""Identifiers that lead to nobody: the shop's own tablet, a telephone number that everybody gives."""

reviewed = sa.Table(
    "reviewed",
    METADATA,
    sa.Column("review", Word, primary_key=True),
    sa.Column("outcome", Word, nullable=False),
    sa.Column("source", Word, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
)

register = sa.Table(
    "register",
    METADATA,
    sa.Column("entry", Word, primary_key=True),
    sa.Column("account", Word, nullable=False),
    sa.Column("act", Word, nullable=False),
    sa.Column("source", Word, nullable=False),
    sa.Column("detail", Word, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
    sa.Index("register_by_account", "account", "at_ms"),
    sa.Index("register_by_time", "at_ms"),
)
"""What was done with a person's data and on whose behalf (GDPR Art. 5(2)); it names nobody."""

cards_on_file = sa.Table(
    "cards_on_file",
    METADATA,
    sa.Column("key_id", Word, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("left_ms", Big, nullable=False),
)

consents = sa.Table(
    "consents",
    METADATA,
    sa.Column("account", Word, primary_key=True),
    sa.Column("number", Big, primary_key=True, autoincrement=False),
    sa.Column("purpose", Word, nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("text_version", Word, nullable=False),
    sa.Column("place", Word, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
    sa.Column("channel", Word, nullable=False, server_default=""),
)

tokens = sa.Table(
    "tokens",
    METADATA,
    sa.Column("jti", Word, primary_key=True),
    sa.Column("key_id", Word, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("issued_ms", Big, nullable=False),
    sa.Column("expires_ms", Big, nullable=False),
)

redemptions = sa.Table(
    "redemptions",
    METADATA,
    sa.Column("jti", Word, primary_key=True),
    sa.Column("store", Word, nullable=False),
    sa.Column("visit", Word, nullable=False),
    sa.Column("lane", Word, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
    sa.UniqueConstraint("store", "visit", name="one_token_a_visit"),
)

answers = sa.Table(
    "answers",
    METADATA,
    sa.Column("store", Word, primary_key=True),
    sa.Column("visit", Word, primary_key=True),
    sa.Column("key_id", Word, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
)

leases = sa.Table(
    "leases",
    METADATA,
    sa.Column("store", Word, primary_key=True),
    sa.Column("visit", Word, primary_key=True),
    sa.Column("points", Big, nullable=False),
    sa.Column("at_ms", Big, nullable=False),
    sa.Column("ends_ms", Big, nullable=False),
)
"""Points lent to a visit; whose visit it is, only the tokens' keys can tell."""

paper_claims = sa.Table(
    "paper_claims",
    METADATA,
    sa.Column("paper", Word, primary_key=True),
    sa.Column("id", Word, primary_key=True),
    sa.Column("store", Word, primary_key=True),
    sa.Column("basket", Word, primary_key=True),
    sa.Column("ends_ms", Big, nullable=False),
)
"""Vouchers and coupons that lie in a basket and that nobody else may take meanwhile."""

# Derived from the raw events

sales = sa.Table(
    "sales",
    METADATA,
    *_place(),
    sa.Column("lane", Word, nullable=False),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("basket", Word, nullable=False),
    sa.Column("visit", Word, nullable=False),
    sa.Column("receipt", Big, nullable=False),
    sa.Column("total_minor", Big, nullable=False),
    sa.Column("currency", Word, nullable=False),
    sa.Index("sales_by_visit", "store", "visit"),
    sa.Index("sales_by_time", "store", "time_ms", "epoch", "number"),
)

sale_lines = sa.Table(
    "sale_lines",
    METADATA,
    *_place(),
    sa.Column("line", Big, primary_key=True, autoincrement=False),
    sa.Column("gtin", Word, nullable=False),
    sa.Column("quantity", Big, nullable=False),
    sa.Column("weight_g", Big, nullable=False),
    sa.Column("total_minor", Big, nullable=False),
    sa.Column("kind", Word, nullable=False),
    sa.Column("deposit_minor", Big, nullable=False),
    sa.Column("points_times", Big, nullable=False),
)

garment_moves = sa.Table(
    "garment_moves",
    METADATA,
    *_place(),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("what", Word, nullable=False),
    sa.Column("about", Word, nullable=False),
    sa.Column("gtin", Word, nullable=False),
    sa.Column("epc", Word, nullable=False),
    sa.Column("wanted_gtin", Word, nullable=False),
    sa.Index("garment_moves_by_time", "what", "time_ms"),
    sa.Index("garment_moves_by_tag", "store", "epc", "what"),
)
"""What became of garments: "tried" in a session, "asked" there for another one, "laid" into a basket."""

point_moves = sa.Table(
    "point_moves",
    METADATA,
    *_place(),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("visit", Word, nullable=False),
    sa.Column("basket", Word, nullable=False),
    sa.Column("points", Big, nullable=False),
    sa.Index("point_moves_by_visit", "store", "visit"),
)
"""Points spent at a visit, and given back (below nothing)."""

returned_lines = sa.Table(
    "returned_lines",
    METADATA,
    *_place(),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("of_receipt", Big, nullable=False),
    sa.Column("of_line", Big, nullable=False),
    sa.Column("gtin", Word, nullable=False),
    sa.Column("quantity", Big, nullable=False),
    sa.Column("total_minor", Big, nullable=False),
    sa.Index("returned_by_receipt", "store", "of_receipt"),
)

claims = sa.Table(
    "claims",
    METADATA,
    *_place(),
    sa.Column("lane", Word, nullable=False),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("visit", Word, nullable=False),
    sa.Column("jti", Word, nullable=False, index=True),
    sa.Column("basket", Word, nullable=False, server_default=""),
    sa.Index("claims_by_visit", "store", "visit"),
)

doings = sa.Table(
    "doings",
    METADATA,
    *_place(),
    sa.Column("lane", Word, nullable=False),
    sa.Column("time_ms", Big, nullable=False),
    sa.Column("basket", Word, nullable=False),
    sa.Column("kind", Word, nullable=False),
    sa.Column("gtin", Word, nullable=False),
    sa.Index("doings_by_basket", "store", "epoch", "basket"),
)
"""What was done at a basket and stands on no receipt."""

declined = sa.Table(
    "declined",
    METADATA,
    *_place(),
    sa.Column("visit", Word, nullable=False),
    sa.Column("offer", Word, nullable=False),
    sa.Index("declined_by_visit", "store", "visit"),
)

redeemed = sa.Table(
    "redeemed",
    METADATA,
    *_place(),
    sa.Column("paper", Word, nullable=False),
    sa.Column("id", Word, nullable=False),
    sa.Column("times_max", Big, nullable=False),
    sa.Column("amount_minor", Big, nullable=False),
    sa.Column("basket", Word, nullable=False, server_default=""),
    sa.Index("redeemed_by_id", "paper", "id"),
)

promotions = sa.Table(
    "promotions",
    METADATA,
    *_place(),
    sa.Column("promotion", Word, nullable=False),
    sa.Column("kind", Word, nullable=False),
    sa.Column("terms", sa.Text, nullable=False),
)
"""What began to run in a store, its terms as JSON; `kind` "" is the end of it."""

parked = sa.Table(
    "parked",
    METADATA,
    *_place(),
    sa.Column("type", Word, nullable=False),
    sa.Column("reason", Word, nullable=False),
)

store_epochs = sa.Table(
    "store_epochs",
    METADATA,
    sa.Column("store", Word, primary_key=True),
    sa.Column("epoch", Word, primary_key=True),
    sa.Column("events", Big, nullable=False),
    sa.Column("number_max", Big, nullable=False),
    sa.Column("time_max_ms", Big, nullable=False),
)

DERIVED: tuple[sa.Table, ...] = (
    sales, sale_lines, point_moves, returned_lines, claims, doings, declined, redeemed, promotions, parked,
    store_epochs,
)  # fmt: skip
