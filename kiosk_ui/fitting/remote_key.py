"""What ties a phone to one stay in a cabin: a token that nobody can guess, and that dies with the stay.

It is a seal over the stay under this shop's own secret. So nothing is kept that could be read or forgotten:
when the stay ends, or when nobody knows any more whose it is, no session answers to the token any longer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

from mirror.session import FittingSession

TOKEN_BYTES = 18
"""144 bits: not to be guessed, and short enough for a code that is read from a metre away."""


def token_for(session: FittingSession, secret: bytes) -> str:
    """24 characters that may stand in an address."""
    stay = f"fitting-remote\n{session.id}\n{session.owner}".encode()
    seal = hmac.new(secret, stay, hashlib.sha256).digest()[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(seal).decode("ascii")


def session_of(token: str, sessions: Iterable[FittingSession], secret: bytes) -> FittingSession | None:
    """The stay that the token belongs to; None once that is over."""
    given = token.encode("utf-8")
    found = [one for one in sessions if hmac.compare_digest(token_for(one, secret).encode("ascii"), given)]
    return found[0] if found else None
