"""The emulated terminal's books: what a real one keeps in its flash, so that a restart forgets nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that truly moved."""

    amount_minor: int
    receipt_number: int


class ChargeBook:
    """Charges in a text file, one a line: amount in minor units, receipt number. In memory without a file."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.charges: list[Charge] = []
        if file is not None and file.exists():
            rows = (line.split() for line in file.read_text(encoding="ascii").splitlines())
            # A row torn by a crash was never answered for, so it may go.
            self.charges = [
                Charge(int(row[0]), int(row[1])) for row in rows if len(row) == 3 and row[2] == "."
            ]

    def write(self, charge: Charge) -> None:
        """Keep a charge; in the file before this returns."""
        self.charges.append(charge)
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="ascii") as book:
                book.write(f"{charge.amount_minor} {charge.receipt_number} .\n")
