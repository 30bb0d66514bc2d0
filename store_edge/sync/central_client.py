"""Head office as the store sees it: a few calls over HTTP, each with a deadline.

The same client speaks to a head office in another town and to the one in this
process; only the transport differs.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec

from checkout.shopper import VisitCard

T = TypeVar("T")

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
        return self._call(_delivery, "POST", "/events", content=body, headers={"Content-Type": kind})

    def public_keys(self) -> dict[str, bytes]:
        """Head office's Ed25519 public keys by their id. Raises HeadOfficeAway, HeadOfficeRefused."""
        return self._call(_keys, "GET", "/keys")

    def visit(self, visit: str, token: str, lane: str, within_s: float) -> VisitCard:
        """Say which visit a token opened; the answer holds only what the shopper agreed to.

        Raises HeadOfficeAway, or HeadOfficeRefused with token-used, token-unknown or token-expired.
        """
        body = {"visit": visit, "token": token, "lane": lane}
        return self._call(_card, "POST", "/visits", json=body, timeout=within_s)

    def claim_paper(self, paper: str, id: str, basket: str, times_max: int, within_s: float) -> None:
        """Keep a voucher or coupon for a basket; repeating it keeps it longer.

        Raises HeadOfficeAway, or HeadOfficeRefused with paper-used.
        """
        body = {"paper": paper, "id": id, "basket": basket, "times_max": times_max}
        self._call(_nothing, "POST", "/claims", json=body, timeout=within_s)

    def give_paper_back(self, paper: str, id: str, basket: str, within_s: float) -> None:
        """A basket does not need it any more. Raises HeadOfficeAway, HeadOfficeRefused."""
        body = {"paper": paper, "id": id, "basket": basket}
        self._call(_nothing, "POST", "/claims/given-back", json=body, timeout=within_s)

    def close(self) -> None:
        self._client.close()

    def _call(self, read: Callable[[Any], T], method: str, path: str, **how: Any) -> T:
        """Ask, and `read` the answer; one that cannot be read is no answer."""
        try:
            response = self._client.request(method, path, **how)
            if response.status_code >= 500 or response.status_code == 429:
                raise HeadOfficeAway(f"head office answered {response.status_code}")
            if response.status_code >= 400:
                raise HeadOfficeRefused(response.status_code, _problem(response))
            return read(response.json() if response.content else None)
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise HeadOfficeAway(f"head office is away: {type(error).__name__}") from None


def _nothing(answer: Any) -> None:
    """That it was answered is the answer."""


def _delivery(answer: Any) -> Delivery:
    refused = {int(one["index"]): str(one["reason"]) for one in answer["refused"]}
    return Delivery(int(answer["accepted"]), int(answer["repeated"]), refused)


def _keys(answer: Any) -> dict[str, bytes]:
    return {key["kid"]: _base64url(key["public"]) for key in answer["keys"] if key["alg"] == "Ed25519"}


def _card(answer: Any) -> VisitCard:
    said = {"greeting": answer.get("greeting") or "", "membership": answer.get("membership")}
    return msgspec.convert({**answer, **said}, VisitCard)


def _problem(response: httpx.Response) -> str:
    """The last word of a problem's type: `urn:emma:problem:token-used`, or an address."""
    try:
        return re.split("[/:]", str(response.json()["type"]).rstrip("/"))[-1]
    except (ValueError, LookupError, TypeError):
        return "unknown"


def _base64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("head office published a key that is none") from None
