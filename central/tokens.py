"""The one-time token that a customer shows as a QR code: signed here, verified by any store offline.

Text: `EMMA1.<payload>.<signature>`, both base64url without padding. The payload is JSON with `jti` (16
random bytes in hex), `exp` (Unix seconds) and `kid`; the signature is Ed25519 (RFC 8032) over the ASCII
bytes `EMMA1.<payload>`. It names nobody: only head office can tell whose `jti` it is.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "EMMA1"
TOKEN_CHARS_MAX = 400
_KEY_FILE = "token-key"
_JTI = re.compile(r"[0-9a-f]{32}")


class Payload(msgspec.Struct, frozen=True):
    """What is signed."""

    jti: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
    exp: int
    kid: str


class Forged(Exception):
    """This text was not signed by the key, or is no token at all."""


class Signer:
    """Holds the private key. `kid` is the first 16 hex digits of the public key's SHA-256."""

    def __init__(self, private: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self._seed = private
        self.public = self._private.public_key().public_bytes_raw()
        self.kid = hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, jti: str, expires_s: int) -> str:
        """The token's text for `jti`, good until `expires_s` (Unix seconds)."""
        payload = msgspec.json.encode(Payload(jti, expires_s, self.kid))
        signed = f"{PREFIX}.{encode(payload)}"
        return f"{signed}.{encode(self._private.sign(signed.encode()))}"

    def secret_for(self, purpose: str) -> bytes:
        """32 bytes that only the holder of this key can make, always the same for one purpose."""
        return hmac.digest(self._seed, purpose.encode(), "sha256")


def verify(text: str, public: bytes) -> Payload:
    """The payload of a token signed by `public` (raw 32 bytes). Time is the caller's to judge.

    Raises `Forged`.
    """
    parts = text.split(".")
    if len(text) > TOKEN_CHARS_MAX or len(parts) != 3 or parts[0] != PREFIX:
        raise Forged
    try:
        signature = decode(parts[2])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, f"{PREFIX}.{parts[1]}".encode())
        return msgspec.json.decode(decode(parts[1]), type=Payload)
    except (InvalidSignature, ValueError) as error:
        raise Forged from error


def jti_of(text: str, public: bytes) -> str:
    """The `jti` of a whole token or, where a store has kept only that, the `jti` itself. Raises `Forged`."""
    return text if _JTI.fullmatch(text) else verify(text, public).jti


def open_signer(home: Path, given: str = "") -> Signer:
    """The signer of the given key (base64url of 32 bytes) or of the key file in `home`, made if missing.

    Raises ValueError with a sentence for the keeper if the key is not 32 bytes.
    """
    if given:
        return Signer(_key_bytes(given, "the token key in the settings"))
    path = home / _KEY_FILE
    if not path.exists():
        _create(path)
    return Signer(_key_bytes(path.read_text("ascii"), str(path)))


def encode(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of base64url without padding, spelled in the one canonical way. Raises ValueError."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode(raw) != text:
        raise binascii.Error("not canonical")
    return raw


def _key_bytes(text: str, where: str) -> bytes:
    try:
        raw = decode(text.strip())
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError(f"{where} is not the base64url text of 32 bytes")
    return raw


def _create(path: Path) -> None:
    """Written whole under another name, then linked: two starters at once end with one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(encode(Ed25519PrivateKey.generate().private_bytes_raw()))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another starter was first; its key is the key
            os.link(draft, path)
    finally:
        draft.unlink()
