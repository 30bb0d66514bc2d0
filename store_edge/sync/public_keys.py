"""Head office's public keys, fetched when it is there and kept for when it is not."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping

from sqlalchemy import insert, select, update

from store_edge.db.engine import Database
from store_edge.db.tables import meta
from store_edge.sync.central_client import HeadOffice, HeadOfficeAway, HeadOfficeRefused
from store_edge.worker import Worker

log = logging.getLogger(__name__)

KEPT_AS = "public_keys"
REFRESH_S = 3600.0
RETRY_S = 5.0


class PublicKeys(Worker):
    """`known()` never waits; a thread of its own keeps it fresh."""

    def __init__(self, database: Database, head_office: HeadOffice) -> None:
        super().__init__("public keys")
        self._database = database
        self._head_office = head_office
        self._known = self._kept()

    def known(self) -> Mapping[str, bytes]:
        """Raw Ed25519 public keys by their id."""
        return self._known

    def _live(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(REFRESH_S if self._refresh() else RETRY_S)

    def _refresh(self) -> bool:
        try:
            keys = self._head_office.public_keys()
            if keys != self._known:
                self._known = keys
                self._keep(keys)
        except (HeadOfficeAway, HeadOfficeRefused):
            return False
        except Exception:
            log.exception("head office's keys could not be read or kept")
            return False
        return True

    def _keep(self, keys: Mapping[str, bytes]) -> None:
        value = json.dumps({kid: base64.b64encode(key).decode() for kid, key in keys.items()})
        with self._database.write() as connection:
            changed = connection.execute(update(meta).where(meta.c.key == KEPT_AS).values(value=value))
            if not changed.rowcount:
                connection.execute(insert(meta).values(key=KEPT_AS, value=value))

    def _kept(self) -> dict[str, bytes]:
        with self._database.read() as connection:
            value = connection.execute(select(meta.c.value).where(meta.c.key == KEPT_AS)).scalar()
        return {kid: base64.b64decode(key) for kid, key in json.loads(value or "{}").items()}
