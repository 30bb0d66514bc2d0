"""What is proven of each driver: the table behind the README's, read from `grades.toml`.

python -m hardware.grades        prints it as the README shows it
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

GRADES = ("emulated", "recorded", "proven")
"""From least to most: against our emulator, against recorded bytes, against a real device."""
FILE = Path(__file__).with_name("grades.toml")


@dataclass(frozen=True, slots=True)
class Grade:
    """How far one driver is proven. `evidence` is what others wrote and it agrees with."""

    driver: str
    device: str
    grade: str
    tests: str
    evidence: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether anything outside this repository vouches for it."""
        return bool(self.evidence)


def read_grades(file: Path = FILE) -> tuple[Grade, ...]:
    """Every driver's grade, by name. Raises ValueError for a grade that is none, or lacks its evidence."""
    rows = tomllib.loads(file.read_text("utf-8"))
    grades = tuple(
        Grade(name, row["device"], row["grade"], row["tests"], tuple(row["evidence"]))
        for name, row in sorted(rows.items())
    )
    for one in grades:
        if one.grade not in GRADES:
            raise ValueError(f"{one.driver} has no grade {one.grade!r}; there are {', '.join(GRADES)}")
        if one.grade != GRADES[0] and not one.verified:
            raise ValueError(f"{one.driver} cannot be {one.grade} without evidence")
    return grades


def as_table(grades: tuple[Grade, ...]) -> str:
    """The grades as a table in Markdown."""
    lines = ["| driver | for | grade | what others wrote and it agrees with |", "|---|---|---|---|"]
    for one in grades:
        words = one.grade if one.verified else f"{one.grade}, unverified"
        lines.append(f"| `{one.driver}` | {one.device} | {words} | {'; '.join(one.evidence) or '—'} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(as_table(read_grades()))
