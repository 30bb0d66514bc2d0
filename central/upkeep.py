"""Keeping the promise of retention without a timer of its own: at the start, then daily when it is used."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from central.accounts import forget_old
from central.centre import Centre
from central.clock import DAY_MS
from central.db.database import Busy

log = logging.getLogger(__name__)


class Upkeep:
    """Runs `forget_old` at most once a day, in whichever request comes first; never two at once."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._lock = threading.Lock()
        self._due_ms = 0

    def when_due(self) -> None:
        """Do it now if a day has passed. A database that cannot is asked again with the next call."""
        if self._centre.now_ms() < self._due_ms or not self._lock.acquire(blocking=False):
            return
        try:
            forget_old(self._centre)
            self._due_ms = self._centre.now_ms() + DAY_MS
        except (Busy, SQLAlchemyError) as error:
            log.warning("retention waits error=%s", type(error).__name__)
        finally:
            self._lock.release()
