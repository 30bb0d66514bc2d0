"""A bank made of software, and the shopper's app with it: reads the code, transfers, and the bank tells.

Its entries are the ground truth. It may be slow to book (`hush`), and people may type what they like.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from hardware.transfer import codec
from hardware.transfer.codec import Account, Entries, Entry
from hardware.transfer.epc import read_code
from hardware.web.emulator import WebEmulator, new_secret
from hardware.web.server import Answer, Question, said

BASE = "/v1"
ACCOUNT = Account("Tante Emma", "DE02120300000000202051", "BYLADEM1001")
"""An IBAN that banks publish for trying things out."""


class _Books(Struct):
    entries: list[Entry] = []
    receipted: set[str] = set()


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _kind_of(question: Question) -> str:
    """account, entries, notifications, receipt."""
    return question.path.removeprefix(BASE).strip("/").split("/")[0 if question.method == "GET" else -1]


class BankEmulator:
    """`start()` gives the driver's address. All acts may be called from any thread."""

    def __init__(self, *, books: Path | None = None, calendar: Callable[[], dt.datetime] = _utc_now) -> None:
        """`books` is the file where its entries outlive it."""
        self._file = books
        self._books = _Books([], set())
        if books is not None and books.exists():
            self._books = msgspec.json.decode(books.read_bytes(), type=_Books)
        self._calendar = calendar
        self._hushed: list[Entry] | None = None
        self._credentials = {"secret_key": new_secret()}
        self.web = WebEmulator(self._do, _kind_of, "bank-emulator", self._credentials)

    def start(self) -> str:
        """Listen on a free port and give the address."""
        self.web.plug()
        return self.address

    def stop(self) -> None:
        """End for good."""
        self.web.stop()

    def __enter__(self) -> BankEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where the driver finds it, whom it must trust, and its key."""
        return self.web.address(BASE)

    def unplug(self) -> None:
        """Nobody reaches it any more."""
        self.web.unplug()

    def plug(self) -> None:
        """It is back, at the same address."""
        self.web.plug()

    # What the shopper and the bank do

    def scan(self, code: str, amount_minor: int | None = None) -> Entry:
        """The shopper's app reads a code and transfers what it says, or another amount. Raises Garbled."""
        transfer = read_code(code)
        return self.book(transfer.remittance, amount_minor or transfer.amount_minor)

    def pay(self, code: str, off_minor: int = 0) -> Entry:
        """The same, with so much more or less than it says; a cent at least. Raises Garbled."""
        return self.scan(code, max(1, read_code(code).amount_minor + off_minor))

    def book(self, remittance: str, amount_minor: int, *, credit_debit: str = codec.CREDIT) -> Entry:
        """Somebody transfers something."""
        with self.web.lock:
            number = len(self._books.entries) + len(self._hushed or ()) + 1
            entry = Entry(
                f"{self._calendar():%Y%m%d}{number:05}",
                f"{amount_minor // 100}.{amount_minor % 100:02}",
                codec.EURO,
                credit_debit,
                codec.BOOKED,
                self._calendar().isoformat(timespec="seconds"),
                remittance,
            )
            if self._hushed is not None:
                self._hushed.append(entry)
            else:
                self._write(entry)
        return entry

    def hush(self) -> None:
        """Transfers are on their way, and not booked."""
        with self.web.lock:
            self._hushed = self._hushed or []

    def speak(self) -> None:
        """All that was on its way is booked."""
        with self.web.lock:
            for entry in self._hushed or ():
                self._write(entry)
            self._hushed = None

    @property
    def hushed(self) -> bool:
        """Whether transfers are on their way only."""
        return self._hushed is not None

    @property
    def entries(self) -> list[Entry]:
        """What is truly booked, oldest first."""
        with self.web.lock:
            return list(self._books.entries)

    @property
    def unreceipted(self) -> list[str]:
        """The entries that nobody said to have."""
        with self.web.lock:
            return [one.account_servicer_reference for one in self._waiting()]

    # What it is asked

    def _do(self, question: Question) -> Answer:
        if question.headers.get("authorization") != f"Bearer {self._credentials['secret_key']}":
            return said(401, {"code": "unauthorised"})
        match question.method, question.path.removeprefix(BASE).strip("/").split("/"):
            case "GET", ["account"]:
                return said(200, ACCOUNT)
            case "GET", ["entries"]:
                return said(200, Entries(self._containing(question.query.get("contains", ""))))
            case "GET", ["notifications"]:
                return said(200, Entries(self._waiting()[: codec.ENTRIES_MAX]))
            case "POST", ["notifications", key, "receipt"]:
                self._books.receipted.add(key)
                self._save()
                return said(200, {})
        return said(404, {"code": "not_found"})

    def _containing(self, text: str) -> list[Entry]:
        """Spaces do not count: people type them where they like."""
        found = [one for one in self._books.entries if text in "".join(one.remittance.split()).upper()]
        return found[: codec.ENTRIES_MAX] if text else []

    def _waiting(self) -> list[Entry]:
        done = self._books.receipted
        return [one for one in self._books.entries if one.account_servicer_reference not in done]

    def _write(self, entry: Entry) -> None:
        self._books.entries.append(entry)
        self._save()

    def _save(self) -> None:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(self._books))
            os.replace(fresh, self._file)
