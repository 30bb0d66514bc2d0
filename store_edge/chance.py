"""Where random ids come from."""

from __future__ import annotations

import secrets


class TrueChance:
    """`checkout.ports.Chance` from the operating system: unguessable."""

    def id(self) -> str:
        return secrets.token_hex(8)

    def secret(self) -> str:
        return secrets.token_urlsafe(16)

    def lot(self) -> float:
        return secrets.SystemRandom().random()
