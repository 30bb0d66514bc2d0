"""The emulated provider's books: what it truly charged and gave back, in a file that outlives it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from hardware.on_file.codec import Charged, Wish


class Entry(Struct, frozen=True):
    """A charge, what was asked for, and the changes that were made, by their keys."""

    charged: Charged
    wish: Wish | None = None
    keys: tuple[str, ...] = ()


class ChargeBooks:
    """By id, in the order they were first heard of."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._entries: dict[str, Entry] = {}
        if file is not None and file.exists():
            self._entries = msgspec.json.decode(file.read_bytes(), type=dict[str, Entry])

    def all(self) -> list[Entry]:
        return list(self._entries.values())

    def get(self, id: str) -> Entry | None:
        return self._entries.get(id)

    def write(self, entry: Entry) -> None:
        """On disk before this returns."""
        self._entries[entry.charged.id] = entry
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(self._entries))
            os.replace(fresh, self._file)

    def begin(self, id: str, wish: Wish) -> Entry:
        entry = Entry(Charged(id, "pending", wish.amount_minor), wish)
        self.write(entry)
        return entry

    def void(self, id: str) -> Entry:
        """A charge that was never heard of is written down as void: it may still be on its way."""
        entry = self._entries.get(id, Entry(Charged(id, "voided", 0)))
        if entry.charged.state in ("pending", "held"):
            entry = structs.replace(entry, charged=structs.replace(entry.charged, state="voided"))
        self.write(entry)
        return entry

    def decide(self, id: str, approved: bool) -> Entry:
        """A pending one is held, captured or declined; any other stays as it is."""
        entry = self._entries[id]
        if entry.charged.state != "pending" or entry.wish is None:
            return entry
        charged = entry.charged
        if not approved:
            charged = structs.replace(charged, state="declined")
        elif entry.wish.capture:
            charged = structs.replace(charged, state="captured", captured_minor=charged.amount_minor)
        else:
            charged = structs.replace(charged, state="held")
        entry = structs.replace(entry, charged=charged)
        self.write(entry)
        return entry

    def capture(self, id: str, key: str, amount_minor: int) -> bool:
        """Take part of what is held; False if that is not possible. The same key is done once."""
        entry = self._entries[id]
        if key in entry.keys:
            return True
        if entry.charged.state != "held" or amount_minor > entry.charged.amount_minor:
            return False
        charged = structs.replace(entry.charged, state="captured", captured_minor=amount_minor)
        self.write(structs.replace(entry, charged=charged, keys=(*entry.keys, key)))
        return True

    def refund(self, id: str, key: str, amount_minor: int) -> bool:
        """Give part of what was captured back; False if that is not possible. The same key is done once."""
        entry = self._entries[id]
        if key in entry.keys:
            return True
        back_minor = entry.charged.refunded_minor + amount_minor
        if back_minor > entry.charged.captured_minor:
            return False
        charged = structs.replace(entry.charged, refunded_minor=back_minor)
        self.write(structs.replace(entry, charged=charged, keys=(*entry.keys, key)))
        return True
