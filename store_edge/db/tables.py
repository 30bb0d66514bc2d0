"""The store's tables. Values that only the counter understands are kept whole, as JSON."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# `BigInteger` alone would not be SQLite's rowid.
_Number = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False)
)

journal = Table(
    "journal",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("epoch", String, nullable=False),
    Column("at", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("type", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("reader", String, primary_key=True),
    Column("number", _Number, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("gtin", String, primary_key=True),
    Column("item", String, nullable=False, server_default="", index=True),
    Column("department", String, nullable=False, server_default=""),
    Column("style", String, nullable=False, server_default="", index=True),
    Column("body", LargeBinary, nullable=False),
)

baskets = Table(
    "baskets",
    metadata,
    Column("id", String, primary_key=True),
    Column("lane", String, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", String, nullable=False),
    Column("opened_at", String, nullable=False),
    Column("visit", String, nullable=False),
)
is_current_basket = text("state IN ('open', 'paying', 'paid')")
Index(
    "uq_baskets_lane_current",
    baskets.c.lane,
    unique=True,
    sqlite_where=is_current_basket,
    postgresql_where=is_current_basket,
)

basket_lines = Table(
    "basket_lines",
    metadata,
    Column("basket", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""Lines lie beside their basket, so that line 300 costs what line 1 cost."""

requests = Table(
    "requests",
    metadata,
    Column("key", String, primary_key=True),
    Column("at", String, nullable=False, index=True),
)

held_tags = Table(
    "held_tags",
    metadata,
    Column("epc", String, primary_key=True),
    Column("basket", String, nullable=False, index=True),
    Column("sold", Integer, nullable=False, server_default="0"),
)

visits = Table(
    "visits",
    metadata,
    Column("visit", String, primary_key=True),
    Column("token", String, nullable=False, unique=True),
    Column("basket", String, nullable=False),
    Column("at", String, nullable=False),
    Column("token_text", String, nullable=False, server_default=""),
    Column("card", LargeBinary),
)
is_unanswered_visit = text("token_text != ''")
Index(
    "ix_visits_unanswered",
    visits.c.visit,
    sqlite_where=is_unanswered_visit,
    postgresql_where=is_unanswered_visit,
)

payments = Table(
    "payments",
    metadata,
    Column("id", String, primary_key=True),
    Column("basket", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
is_open_payment = text("state IN ('asked', 'sent', 'unknown')")
Index(
    "uq_payments_basket_open",
    payments.c.basket,
    unique=True,
    sqlite_where=is_open_payment,
    postgresql_where=is_open_payment,
)

receipts = Table(
    "receipts",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("link", String, nullable=False, unique=True),
    Column("basket", String, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False, index=True),
    Column("lane", String, nullable=False),
    Column("at", String, nullable=False),
    Column("done_at", String, nullable=False, server_default=""),
    Column("outcome", String, nullable=False, server_default=""),
)

is_waiting_task = text("done_at = ''")

parked_events = Table(
    "parked_events",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Journal entries that head office refused for good; kept to be seen."""
