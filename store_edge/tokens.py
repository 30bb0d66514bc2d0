"""Checking a shopper's one-time token without the network.

Head office signs `EMMA1.<payload>` with Ed25519 (RFC 8032); the store keeps its
public keys. The payload says only a random id and when it ends: whose it is,
head office alone knows.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout.errors import Refused

TOKEN_CHARS_MAX = 400
CLOCK_SLACK_S = 60
"""A store's clock may be this much ahead of head office's."""


class _Payload(msgspec.Struct):
    jti: str
    exp: int
    kid: str


class TokenGate:
    """`checkout.ports.TokenCheck` over the public keys that head office published."""

    def __init__(self, keys: Callable[[], Mapping[str, bytes]], clock: Callable[[], dt.datetime]) -> None:
        self._keys = keys
        self._clock = clock

    def __call__(self, text: str) -> str:
        signed, payload, signature = _parts(text)
        key = self._keys().get(payload.kid)
        if key is None:
            raise Refused("token_forged")
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, signed.encode("ascii"))
        except (InvalidSignature, ValueError):
            raise Refused("token_forged") from None
        if payload.exp + CLOCK_SLACK_S < self._clock().timestamp():
            raise Refused("token_expired")
        return payload.jti


def _parts(text: str) -> tuple[str, _Payload, bytes]:
    try:
        if len(text) > TOKEN_CHARS_MAX:
            raise ValueError
        prefix, payload, signature = text.split(".")
        decoded = msgspec.json.decode(_base64url(payload), type=_Payload)
        return f"{prefix}.{payload}", decoded, _base64url(signature)
    except (ValueError, binascii.Error, msgspec.MsgspecError, UnicodeError):
        raise Refused("token_unreadable") from None


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
