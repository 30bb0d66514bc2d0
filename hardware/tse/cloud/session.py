"""What is remembered of a cloud TSE between two questions: our tills' ids there, and which revision comes
next.

    nothing --start--> revision 1, ACTIVE --update--> 2, 3, ... ACTIVE --finish--> FINISHED

A revision that we do not remember (we were started anew) is asked for before it is counted up.
"""

from __future__ import annotations

import uuid

from hardware.tse.cloud.codec import ACTIVE, Transaction

OPEN_MAX = 512
OUR_TILLS = uuid.UUID("5f3f2f6e-6d0b-5a0f-9a83-0c1f2d0d7e11")
"""The name space of our tills' ids: any UUID, as long as it stays the same."""


def till_id(tss: str, serial: str) -> str:
    """A till's id at the service: the same one each time, so that it is entered once."""
    return str(uuid.uuid5(OUR_TILLS, f"{tss}/{serial}"))


class Session:
    """Revisions of what we saw begin, and which tills are entered. `tss` is the path of the service's
    unit.
    """

    def __init__(self, tss: str) -> None:
        self._tss = tss
        self._entered: set[str] = set()
        self._revisions: dict[tuple[str, int], int] = {}

    def id_of(self, serial: str) -> str:
        return till_id(self._tss, serial)

    def is_entered(self, serial: str) -> bool:
        return serial in self._entered

    def entered(self, serial: str) -> None:
        self._entered.add(serial)

    def next_revision(self, serial: str, number: int) -> int | None:
        """None where the service must be asked how far it is."""
        latest = self._revisions.get((serial, number))
        return None if latest is None else latest + 1

    def saw(self, found: Transaction) -> None:
        """Remember how far a transaction is, or forget one that ended."""
        key = (found.client_serial_number, found.number)
        if found.state != ACTIVE:
            self._revisions.pop(key, None)
            return
        self._revisions[key] = found.latest_revision
        while len(self._revisions) > OPEN_MAX:
            del self._revisions[next(iter(self._revisions))]

    def doubts(self, serial: str, number: int) -> None:
        """Nobody told us how the last question ended."""
        self._revisions.pop((serial, number), None)

    def forget(self) -> None:
        self._entered.clear()
        self._revisions.clear()
