"""What the browser keeps for us between two pages, closed so that nobody else can read or make it.

One cookie holds the account's random id, for as long as a person stays signed in. Another holds the key of
an account just made, for the few minutes until its owner says it is kept: a lost answer or a reload must
not lose the account, and we keep the key nowhere. Both are Fernet tokens (AES-128-CBC with HMAC-SHA256, the
time inside) under a key made from the application's secret.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, Request, Response

PATH = "/account"
SIGNED_IN_D = 30
SIGNED_IN_S = SIGNED_IN_D * 24 * 3600
KEY_SHOWN_S = 15 * 60

_ACCOUNT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Seal:
    """One cookie: its name, and how long what it holds is believed."""

    name: str
    age_s_max: int
    kept: bool
    """Whether the browser keeps it when it is closed."""

    def put(self, app: Flask, response: Response, text: str, now_s: int) -> None:
        """Give `text` to the browser, for our own pages only."""
        sealed = _fernet(app, self.name).encrypt_at_time(text.encode(), now_s).decode()
        response.set_cookie(
            self.name,
            sealed,
            max_age=self.age_s_max if self.kept else None,
            path=PATH,
            httponly=True,
            samesite="Lax",
            secure=bool(app.config.get("SESSION_COOKIE_SECURE")),
        )

    def read(self, app: Flask, request: Request, now_s: int) -> str | None:
        """What the browser was given; None if it has nothing, or something too old or not of our making."""
        sealed = request.cookies.get(self.name, "")
        try:
            return _fernet(app, self.name).decrypt_at_time(sealed.encode(), self.age_s_max, now_s).decode()
        except (InvalidToken, UnicodeError):
            return None

    def drop(self, app: Flask, response: Response) -> None:
        """Have the browser forget it."""
        secure = bool(app.config.get("SESSION_COOKIE_SECURE"))
        response.delete_cookie(self.name, path=PATH, httponly=True, samesite="Lax", secure=secure)


SIGNED_IN = Seal("emma_account", SIGNED_IN_S, kept=True)
NEW_KEY = Seal("emma_new_key", KEY_SHOWN_S, kept=False)


def pack(account: str, key: str) -> str:
    """A new account and its key as one text."""
    return f"{account} {key}"


def unpack(text: str | None) -> tuple[str, str] | None:
    """The account and the key of `pack`; None where there is none."""
    account, _, key = (text or "").partition(" ")
    return (account, key) if _ACCOUNT.fullmatch(account) and key else None


def _fernet(app: Flask, purpose: str) -> Fernet:
    """Raises RuntimeError when the application has no secret: then nobody may sign in."""
    secret = app.secret_key
    if not secret:
        raise RuntimeError("the application has no secret key; set app.secret_key before it serves")
    raw = secret.encode() if isinstance(secret, str) else bytes(secret)
    return Fernet(base64.urlsafe_b64encode(hmac.digest(raw, f"emma cookie {purpose}".encode(), "sha256")))
