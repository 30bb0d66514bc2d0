"""The emulated terminal's books: what a real one keeps in its flash, so that a restart forgets nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PAYMENT, REFUND, REVERSAL, DAY = "payment", "refund", "reversal", "day"


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that truly moved."""

    amount_minor: int
    receipt_number: int


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the books. `original`: the receipt number that a reversal undoes."""

    kind: str
    amount_minor: int
    receipt_number: int
    original: int = 0


class ChargeBook:
    """Bookings in a text file, one a line; in memory without a file."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.bookings: list[Booking] = []
        if file is not None and file.exists():
            rows = (line.split() for line in file.read_text(encoding="ascii").splitlines())
            # A row torn by a crash was never answered for, so it may go.
            self.bookings = [_read(row[:-1]) for row in rows if len(row) in (3, 5) and row[-1] == "."]

    @property
    def charges(self) -> list[Charge]:
        """Every payment that was ever taken."""
        return [Charge(it.amount_minor, it.receipt_number) for it in self.bookings if it.kind == PAYMENT]

    @property
    def held(self) -> list[Charge]:
        """The payments that were taken and not given back."""
        back = {it.original for it in self.bookings if it.kind == REVERSAL}
        return [charge for charge in self.charges if charge.receipt_number not in back]

    @property
    def last(self) -> Booking | None:
        """The last transaction, None where there was none."""
        moved = [it for it in self.bookings if it.kind != DAY]
        return moved[-1] if moved else None

    def today(self) -> list[Booking]:
        """What was booked since the day was closed last."""
        since = max((at + 1 for at, it in enumerate(self.bookings) if it.kind == DAY), default=0)
        return self.bookings[since:]

    def write(self, booking: Booking) -> None:
        """Keep a booking; in the file before this returns."""
        self.bookings.append(booking)
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            kind = "" if booking.kind == PAYMENT else f"{booking.kind} {booking.original} "
            row = f"{booking.amount_minor} {booking.receipt_number} {kind}.\n"
            with self._file.open("a", encoding="ascii") as book:
                if book.tell() and not self._ends_whole():
                    book.write("\n")
                book.write(row)

    def _ends_whole(self) -> bool:
        """Whether the file's last row was not torn."""
        assert self._file is not None
        with self._file.open("rb") as book:
            book.seek(-1, os.SEEK_END)
            return book.read(1) == b"\n"


def _read(row: list[str]) -> Booking:
    """`amount receipt`, and for what is no payment `kind original` behind it."""
    kind, original = (row[2], int(row[3])) if len(row) == 4 else (PAYMENT, 0)
    return Booking(kind, int(row[0]), int(row[1]), original)
