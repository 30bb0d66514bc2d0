"""How a phone is known again: by a secret in a cookie that scripts cannot read, and nothing else."""

from __future__ import annotations

import secrets

from flask import current_app, request
from werkzeug.wrappers import Response

from checkout.phone_lane import Phone
from checkout.phones import digest_of
from kiosk_ui.front_door import the_box

SECRET_BYTES = 24
SECRET_CHARS_MAX = 64
COOKIE_AGE_S = 24 * 3600
"""A visit is over long before; then the secret opens nothing any more."""


def _cookie_name() -> str:
    """With the prefix that browsers take from no other host, wherever there is TLS (RFC 6265bis, 4.1.3.2)."""
    return "__Host-emma-phone" if current_app.config["SESSION_COOKIE_SECURE"] else "emma-phone"


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def shown_secret() -> str:
    """What this request's phone shows, "" for nothing."""
    return request.cookies.get(_cookie_name(), "")[:SECRET_CHARS_MAX]


def the_phone() -> Phone | None:
    """The phone that asks, if it has a lane here."""
    secret = shown_secret()
    return the_box().books.phone_by_key(digest_of(secret)) if secret else None


def let_in(response: Response, secret: str) -> None:
    """Let the phone that gets this answer be known again."""
    response.set_cookie(
        _cookie_name(),
        secret,
        max_age=COOKIE_AGE_S,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
        path="/",
    )


def let_out(response: Response) -> None:
    response.delete_cookie(
        _cookie_name(), path="/", secure=bool(current_app.config["SESSION_COOKIE_SECURE"]), httponly=True
    )
