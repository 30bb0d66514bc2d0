"""Ids that repeat themselves, for tests and measurements on a real box."""

from __future__ import annotations

import random


class SeededChance:
    """`checkout.ports.Chance` that repeats itself."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def id(self) -> str:
        return self._random.randbytes(8).hex()

    def secret(self) -> str:
        return self._random.randbytes(16).hex()

    def lot(self) -> float:
        return self._random.random()
