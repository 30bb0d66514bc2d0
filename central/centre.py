"""Head office, opened: its settings, its database, its signing key, its clock."""

from __future__ import annotations

from dataclasses import dataclass
from threading import BoundedSemaphore

from central.clock import DAY_MS, Chance, Clock, random_bytes, to_ms, utc_now
from central.db.database import Database
from central.db.migrate import migrate
from central.settings import CentralSettings
from central.tokens import Signer, open_signer


@dataclass(frozen=True, slots=True)
class Centre:
    """What every room of head office works with. Safe to share between threads."""

    settings: CentralSettings
    database: Database
    signer: Signer
    clock: Clock
    chance: Chance
    trials: BoundedSemaphore
    """So many trials of offers may be under way at once."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 by head office's clock."""
        return to_ms(self.clock())

    def since_ms(self) -> int:
        """How far back a person's history is looked at."""
        return self.now_ms() - self.settings.retention.history_d * DAY_MS

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_centre(
    settings: CentralSettings, *, clock: Clock = utc_now, chance: Chance = random_bytes
) -> Centre:
    """Open head office: make its home, bring its database to the newest schema, find or make its key.

    Raises ValueError for a bad token key, OSError for a home that cannot be written, and what the
    database engine raises when it cannot be reached.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold keys
    signer = open_signer(settings.home, settings.token_key)
    limits = settings.limits
    database = Database(
        settings.database,
        write_wait_s_max=limits.write_wait_s_max,
        connections_max=limits.connections_max,
    )
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    trials = BoundedSemaphore(limits.trials_at_once_max)
    return Centre(settings, database, signer, clock, chance, trials)
