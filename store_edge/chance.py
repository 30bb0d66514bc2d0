"""Where random ids come from."""

from __future__ import annotations

import random
import secrets


class TrueChance:
    """`checkout.ports.Chance` from the operating system: unguessable."""

    def id(self) -> str:
        return secrets.token_hex(8)

    def secret(self) -> str:
        return secrets.token_urlsafe(16)


class SeededChance:
    """`checkout.ports.Chance` that repeats itself, for simulations."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def id(self) -> str:
        return self._random.randbytes(8).hex()

    def secret(self) -> str:
        return self._random.randbytes(16).hex()
