"""Signed notices as Standard Webhooks has them (standardwebhooks.com, version 1.0.0): who may knock, and
when.

    webhook-id          the notice's own name; the same one however often it is sent
    webhook-timestamp   when it was sent, in seconds since 1970
    webhook-signature   "v1,<base64>" of HMAC-SHA256 over "id.timestamp.body"; several, with a space between

A notice is good if one signature is, its time is within the tolerance, and it was not heard before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

TOLERANCE_S = 300
SEEN_MAX = 10_000
"""More than a provider sends within the tolerance; the oldest are forgotten first."""
SIGNATURES_MAX = 10
PREFIX = "whsec_"


class NotGood(Exception):
    """A notice that nobody should act on. `str()` says what is wrong with it."""


def key_of(secret: str) -> bytes:
    """The key in "whsec_<base64>". Raises ValueError."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a webhook's secret is whsec_ and base64") from None


def signed(key: bytes, id: str, at_s: int, body: bytes) -> dict[str, str]:
    """The headers of a notice."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{_mac(key, id, str(at_s), body)}",
    }


@dataclass(slots=True)
class Doorkeeper:
    """Knows the key, and what was heard already. May be asked from any thread."""

    key: bytes = field(repr=False)
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
        """True for a good notice, False for a good one that was heard before. Raises NotGood.

        Header names in lower case.
        """
        id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not id or not at.isascii() or not at.isdecimal() or len(at) > 12:
            raise NotGood("a notice has no name or no time")
        offered = headers.get("webhook-signature", "").split(" ")[:SIGNATURES_MAX]
        wanted = f"v1,{_mac(self.key, id, at, body)}".encode()
        if not any(hmac.compare_digest(one.encode("utf-8", "replace"), wanted) for one in offered):
            raise NotGood("a notice is not signed by the provider")
        if abs(now_s - int(at)) > TOLERANCE_S:
            raise NotGood("a notice is too old, or comes from the future")
        with self._lock:
            if id in self._seen:
                return False
            self._seen[id] = None
            while len(self._seen) > SEEN_MAX:
                self._seen.popitem(last=False)
        return True

    def forget(self, id: str) -> None:
        """It could not be kept, so it may come again."""
        with self._lock:
            self._seen.pop(id, None)


def _mac(key: bytes, id: str, at: str, body: bytes) -> str:
    message = f"{id}.{at}.".encode("utf-8", "replace") + body
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
