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

codes = Table(
    "codes",
    metadata,
    Column("code", String, primary_key=True),
    Column("gtin", String, primary_key=True),
    Column("pieces", Integer, nullable=False),
)
"""Codes beside an article's own number; one that stands in several rows is a bundle."""

recalls = Table(
    "recalls",
    metadata,
    Column("gtin", String, primary_key=True),
    Column("batch", String, primary_key=True),
    Column("at", String, nullable=False),
)
"""What was called back; batch "" is all of it."""

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
    Column("circumstances", LargeBinary),
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

parked_baskets = Table(
    "parked_baskets",
    metadata,
    Column("basket", String, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    Column("lane", String, nullable=False),
    Column("at", String, nullable=False),
    Column("until", String, nullable=False),
)

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

handed_in = Table(
    "handed_in",
    metadata,
    Column("paper", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("time", Integer, primary_key=True, autoincrement=False),
    Column("basket", String, nullable=False, index=True),
    Column("about", String, nullable=False),
    Column("at", String, nullable=False),
)
"""Vouchers and coupons that count once or so and so often: `time` is which of those times this is."""

paper_claims = Table(
    "paper_claims",
    metadata,
    Column("paper", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("basket", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("times_max", Integer, nullable=False),
    Column("at", String, nullable=False),
)
"""What head office is asked about paper that counts in the whole chain (`checkout.handed_in`)."""

promotion_spells = Table(
    "promotion_spells",
    metadata,
    Column("promotion", String, primary_key=True),
    Column("since", String, primary_key=True),
    Column("until", String, nullable=False, server_default=""),
    Column("epoch", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Which promotions ran when, by the clock on the shop's wall; `epoch` is where they were announced last."""

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

is_held_payment = text("state IN ('taken', 'owed')")
Index(
    "ix_payments_basket_held",
    payments.c.basket,
    sqlite_where=is_held_payment,
    postgresql_where=is_held_payment,
)

receipts = Table(
    "receipts",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("link", String, nullable=False, unique=True),
    Column("basket", String, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

signings = Table(
    "signings",
    metadata,
    Column("basket", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What the signing device knows of each business process (`checkout.signing`)."""
is_unfinished_signing = text("state IN ('open', 'owed')")
Index(
    "ix_signings_unfinished",
    signings.c.basket,
    sqlite_where=is_unfinished_signing,
    postgresql_where=is_unfinished_signing,
)

signing_units = Table(
    "signing_units",
    metadata,
    Column("serial", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Every signing device that this store ever had, and since when."""

outages = Table(
    "outages",
    metadata,
    Column("device", String, primary_key=True),
    Column("since", String, primary_key=True),
    Column("until", String, nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
)
"""When a signing device was out, and why (AEAO to § 146a, 7.1)."""

returned_pieces = Table(
    "returned_pieces",
    metadata,
    Column("receipt", _Number, primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("basket", String, nullable=False),
)
"""Pieces of a receipt's line that came back, or lie in a basket to do so; no piece comes back twice."""

gift_cards = Table(
    "gift_cards",
    metadata,
    Column("reference", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("expires_on", String, nullable=False, server_default=""),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("account", String, nullable=False),
    Column("why", String, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("balance_minor", BigInteger, nullable=False),
    Column("at", String, nullable=False),
    Column("about", String, nullable=False),
    Column("by", String, nullable=False),
)
Index("ix_ledger_entries_account", ledger_entries.c.account, ledger_entries.c.number)
"""Only ever added to. Two entries a posting, the second right after the first."""

closings = Table(
    "closings",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("business_day", String, nullable=False, index=True),
    Column("at", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""The Z reports."""

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

clerks = Table(
    "clerks",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("pin", LargeBinary, nullable=False, unique=True),
    Column("rights", String, nullable=False),
)
"""The one place where a clerk has a name."""

loss_memory = Table(
    "loss_memory",
    metadata,
    Column("kind", String, primary_key=True),
    Column("about", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What loss prevention has learned about articles, and knows of baskets."""

phones = Table(
    "phones",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("lane", String, nullable=False, unique=True),
    Column("since", String, nullable=False),
    Column("seen", String, nullable=False),
    Column("mandate", String, nullable=False, server_default=""),
)
"""Shoppers' own phones, each for as long as it has a lane; of its secret a digest."""

exit_passes = Table(
    "exit_passes",
    metadata,
    Column("basket", String, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    Column("at", String, nullable=False),
    Column("used_at", String, nullable=False, server_default=""),
)
"""The code by which a paid basket leaves, once."""

fitting_sessions = Table(
    "fitting_sessions",
    metadata,
    Column("cabin", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Who is in which cabin now; a stay that is over leaves no row."""

forsaken_garments = Table(
    "forsaken_garments",
    metadata,
    Column("epc", String, primary_key=True),
    Column("cabin", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)
"""What hangs in a cabin after its session."""

stock = Table(
    "stock",
    metadata,
    Column("gtin", String, primary_key=True),
    Column("pieces", Integer),
    Column("position", String, nullable=False, server_default=""),
)
"""How many of an article are there, NULL where nobody counted, and where it should be found."""

stock_elsewhere = Table(
    "stock_elsewhere",
    metadata,
    Column("gtin", String, primary_key=True),
    Column("store", String, primary_key=True),
    Column("pieces", Integer, nullable=False),
)
"""How many of an article other stores had, as they last told, by the name that shoppers know them by."""

parked_events = Table(
    "parked_events",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Journal entries that head office refused for good; kept to be seen."""
