"""Head office as the store sees it: a few calls over HTTP, each with a deadline.

The same client speaks to a head office in another town and to the one in this
process; only the transport differs.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from checkout.shopper import VisitCard

CALL_S_MAX = 10.0
CONNECT_S_MAX = 3.0


class HeadOfficeAway(Exception):
    """Head office cannot be reached, or cannot answer now: try again later."""


class HeadOfficeRefused(Exception):
    """Head office says no, and will say no again. `problem` is the last word of its problem type."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"head office refused status={status} problem={problem}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a batch: refused events by their place in it, with the reason."""

    accepted: int
    repeated: int
    refused: Mapping[int, str]


class HeadOffice:
    """One store's way to head office. `transport` None means the network."""

    def __init__(self, url: str, key: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(CALL_S_MAX, connect=CONNECT_S_MAX),
            transport=transport,
            trust_env=False,
        )

    def deliver(self, events: Sequence[Mapping[str, Any]]) -> Delivery:
        """Hand over a batch of CloudEvents; repeating one is harmless.

        Raises HeadOfficeAway, HeadOfficeRefused.
        """
        kind = "application/cloudevents-batch+json"
        body = json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode()
        answer = self._call("POST", "/events", content=body, headers={"Content-Type": kind})
        refused = {int(one["index"]): str(one["reason"]) for one in answer["refused"]}
        return Delivery(int(answer["accepted"]), int(answer["repeated"]), refused)

    def public_keys(self) -> dict[str, bytes]:
        """Head office's Ed25519 public keys by their id. Raises HeadOfficeAway, HeadOfficeRefused."""
        keys = self._call("GET", "/keys")["keys"]
        return {key["kid"]: _base64url(key["public"]) for key in keys if key["alg"] == "Ed25519"}

    def visit(self, visit: str, token: str, lane: str, within_s: float) -> VisitCard:
        """Say which visit a token opened; the answer holds only what the shopper agreed to.

        Raises HeadOfficeAway, or HeadOfficeRefused with token-used or token-unknown.
        """
        body = {"visit": visit, "token": token, "lane": lane}
        answer = self._call("POST", "/visits", json=body, timeout=within_s)
        facts = {**answer, "greeting": answer.get("greeting") or ""}
        return msgspec.convert(facts, VisitCard)

    def close(self) -> None:
        self._client.close()

    def _call(self, method: str, path: str, **how: Any) -> Any:
        try:
            response = self._client.request(method, path, **how)
            if response.status_code >= 500 or response.status_code == 429:
                raise HeadOfficeAway(f"head office answered {response.status_code}")
            if response.status_code >= 400:
                raise HeadOfficeRefused(response.status_code, _problem(response))
            return response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise HeadOfficeAway(f"head office is away: {type(error).__name__}") from None


def _problem(response: httpx.Response) -> str:
    try:
        return str(response.json()["type"]).rstrip("/").rsplit("/", 1)[-1]
    except (ValueError, KeyError, TypeError):
        return "unknown"


def _base64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("head office published a key that is none") from None
