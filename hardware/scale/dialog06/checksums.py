"""How a Dialog 06 scale makes sure that it talks to the till software that was examined with it.

The till keeps one to five 16-bit checksums of its parts that weighing law looks at (CS). To each belongs the
remainder of CS · x^16 divided by a polynomial P (KW), which only the makers of scale and till know. The scale
sends a random byte; CS is turned left by its upper half and KW right by its lower half, so that nobody can
play an old answer back. Source: Ohaus, service manual of the Aviator 7000, 6.1.3.1 and 6.1.3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.scale.dialog06.codec import PAIRS_MAX

DEMO_POLYNOMIAL = 0x11021
"""CCITT's, known to everybody: the emulator's. The maker of a real scale tells another one in confidence."""
DEMO_CHECKSUMS = (0x0E31,)
KEY_BYTES_MAX = 1_000


@dataclass(frozen=True)
class Key:
    """The polynomial (17 bits, the highest one set) and the till's checksums."""

    polynomial: int = DEMO_POLYNOMIAL
    checksums: tuple[int, ...] = DEMO_CHECKSUMS

    def __post_init__(self) -> None:
        if self.polynomial >> 16 != 1:
            raise ValueError("the scale's polynomial has 17 bits, the highest of them set")
        if not 1 <= len(self.checksums) <= PAIRS_MAX or any(not 0 <= c < 1 << 16 for c in self.checksums):
            raise ValueError(f"the scale takes 1 to {PAIRS_MAX} checksums of 16 bits")

    def answer(self, turn: int) -> tuple[tuple[int, int], ...]:
        """The pairs for record 10, turned as the scale's random byte says."""
        return tuple(
            (_turned(cs, turn >> 4), _turned(remainder(cs, self.polynomial), 16 - (turn & 15)))
            for cs in self.checksums
        )

    def judges(self, pairs: Sequence[tuple[int, int]], turn: int) -> bool:
        """Whether an answer was made with this polynomial: what the scale finds out."""
        return all(
            remainder(_turned(cs, 16 - (turn >> 4)), self.polynomial) == _turned(kw, turn & 15)
            for cs, kw in pairs
        )


def read_key(file: Path) -> Key:
    """A file with the polynomial and then the checksums, each as hexadecimal digits in a line of its own.

    Raises ValueError for anything else, OSError where it cannot be read.
    """
    with file.open("rb") as opened:
        words = opened.read(KEY_BYTES_MAX).split()
    numbers = [int(word, 16) for word in words]
    if not numbers:
        raise ValueError("the scale's key file is empty")
    return Key(numbers[0], tuple(numbers[1:]))


def remainder(checksum: int, polynomial: int) -> int:
    """The rest of CS · x^16 divided by P, over GF(2)."""
    rest = checksum << 16
    for place in range(31, 15, -1):
        if rest >> place & 1:
            rest ^= polynomial << place - 16
    return rest


def _turned(number: int, bits: int) -> int:
    """16 bits turned left."""
    return (number << bits % 16 | number >> 16 - bits % 16) & 0xFFFF
