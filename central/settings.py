"""Every knob of head office with its default; runs with nothing but a home directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from checkout.loyalty.programme import PROGRAMME, Programme


@dataclass(frozen=True, slots=True)
class Limits:
    """The named limit of every body, queue, page and wait."""

    body_bytes_max: int = 1 << 20
    batch_events_max: int = 500
    event_bytes_max: int = 768 << 10
    nesting_max: int = 32
    timeline_page: int = 50
    visits_read_max: int = 2_000
    alarms_page: int = 200
    usual_max: int = 6
    ledger_visits_max: int = 20_000
    points_page: int = 200
    tokens_live_max: int = 60
    consent_changes_max: int = 1_000
    write_wait_s_max: float = 5.0
    connections_max: int = 16
    rebuild_batch: int = 1_000
    trials_at_once_max: int = 1
    fitted_articles_max: int = 1_000
    trial_offers_max: int = 50
    trial_baskets_max: int = 50_000
    trial_s_max: float = 20.0
    trial_page: int = 200
    trial_examples: int = 5
    trial_example_lines: int = 20
    links_page: int = 500
    reviews_page: int = 100
    register_page: int = 200
    replay_batch: int = 1_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How far back head office looks, and how long it keeps what it needs only for a while, in days.

    `tokens_d` is long because a store may hand in what it verified offline much later. How long a link is
    kept that nobody revokes is its kind's to say (`central.profiles.kinds`).
    """

    history_d: int = 730
    tokens_d: int = 90
    answers_d: int = 90
    revoked_links_d: int = 365
    register_d: int = 1_095


@dataclass(frozen=True, slots=True)
class CentralSettings:
    """`database_url` empty means SQLite in `home`; `token_key` empty means a key file made in `home`.

    `token_key` is the base64url text of a raw 32-byte Ed25519 private key. `token_grace_s` is how long
    after its end a token may still be redeemed online: a store's clock may be off, its line slow.
    `paper_claim_minutes` is how long a basket that is not heard of keeps a voucher or coupon to itself.
    """

    home: Path
    database_url: str = field(default="", repr=False)
    token_key: str = field(default="", repr=False)
    token_life_s: int = 300
    token_grace_s: int = 600
    paper_claim_minutes: int = 120
    demo: bool = False
    programme: Programme = PROGRAMME
    limits: Limits = Limits()
    retention: Retention = Retention()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite:///{self.home / 'central.db'}"
