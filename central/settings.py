"""Every knob of head office with its default; runs with nothing but a home directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """The named limit of every body, queue, page and wait."""

    body_bytes_max: int = 1 << 20
    batch_events_max: int = 500
    event_bytes_max: int = 256 << 10
    nesting_max: int = 32
    timeline_page: int = 50
    visits_read_max: int = 2_000
    alarms_page: int = 200
    usual_max: int = 6
    tokens_live_max: int = 60
    consent_changes_max: int = 1_000
    write_wait_s_max: float = 5.0
    connections_max: int = 16
    rebuild_batch: int = 1_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How far back head office looks, and how long it keeps what it needs only for a while, in days.

    `tokens_d` is long because a store may hand in what it verified offline much later.
    """

    history_d: int = 730
    tokens_d: int = 90
    answers_d: int = 90


@dataclass(frozen=True, slots=True)
class CentralSettings:
    """`database_url` empty means SQLite in `home`; `token_key` empty means a key file made in `home`.

    `token_key` is the base64url text of a raw 32-byte Ed25519 private key. `token_grace_s` is how long
    after its end a token may still be redeemed online: a store's clock may be off, its line slow.
    """

    home: Path
    database_url: str = field(default="", repr=False)
    token_key: str = field(default="", repr=False)
    token_life_s: int = 300
    token_grace_s: int = 600
    demo: bool = False
    limits: Limits = Limits()
    retention: Retention = Retention()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite:///{self.home / 'central.db'}"
