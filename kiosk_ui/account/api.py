"""Head office as the account pages see it: its HTTP API, each call with a deadline and a largest answer.

The same client speaks to a head office in another town and to one in this process; only the transport
differs. Nothing here, nor in a message of these exceptions, says who the customer is.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import httpx
import msgspec

log = logging.getLogger(__name__)

CALL_S_MAX = 5.0
CONNECT_S_MAX = 2.0
ANSWER_BYTES_MAX = 4 * 1024 * 1024
PAGES_MAX = 200
"""Pages of the timeline that one call may turn; head office puts some fifty entries on each."""
PLACE = "account page"
"""Where a consent was given, as head office keeps it with the proof."""

_ACCOUNT = re.compile(r"[0-9a-f]{32}")
_OURS_TO_MEND = frozenset({"key-missing", "key-wrong", "key-not-for-this"})

Shape = TypeVar("Shape")


class HeadOfficeAway(Exception):
    """Head office cannot be reached, or cannot answer now: try again later."""


class HeadOfficeRefused(Exception):
    """Head office says no. `problem` is the last word of its problem type (RFC 9457, 3.1.1)."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(f"head office refused status={status} problem={problem}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Opened:
    """A new account, and the key that opens it: head office says it this once."""

    account: str
    key: str


@dataclass(frozen=True, slots=True)
class Consents:
    """What the customer agrees to now."""

    history: bool
    personalisation: bool
    loyalty: bool = False
    journey: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """One answer to one purpose: to which words, where and when it was given."""

    purpose: str
    granted: bool
    text_version: str
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """What is stored about a customer. `proofs` is every answer ever given, oldest first; `card` is what the
    customer calls the card left with the payment service.

    Restricted: all is kept, and nothing of it is used.
    """

    account: str
    nickname: str
    language: str
    created_at: datetime
    consents: Consents
    proofs: tuple[Proof, ...]
    restricted: bool = False
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a receipt; weight in grams (0 where sold by the piece), money in minor units."""

    gtin: str
    quantity: int
    weight_g: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is visit or purchase; what follows `visit` is a purchase's."""

    kind: str
    time: datetime
    store: str
    lane: str
    visit: str
    receipt: int | None = None
    total_minor: int | None = None
    currency: str | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the timeline, newest first. `history` false: not agreed to, so nothing is shown."""

    history: bool
    items: tuple[Entry, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Tier:
    """A status: from so many points a year, so many per cent on top; `name` a word per language."""

    tier: str
    name: Mapping[str, str]
    from_points: int
    bonus_percent: int

    def called(self, language: str) -> str:
        """Its name in a language, else its id."""
        return self.name.get(language, self.tier)


@dataclass(frozen=True, slots=True)
class Expiry:
    """So many points can be spent up to and including that day."""

    last_day: date
    points: int


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """What a row of the books changed, and the balance then; the receipt that it is about, if it was paid."""

    kind: str
    day: date
    points: int
    balance: int
    overdrawn: int
    store: str | None = None
    receipt: int | None = None
    total_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """A member's books, newest entry first. `loyalty` false: not agreed to, so there is nothing."""

    loyalty: bool
    balance: int
    points_in_year: int
    tier: Tier | None
    next_tier: Tier | None
    expiring: tuple[Expiry, ...]
    items: tuple[PointsEntry, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time token to show in a shop, and when it ends."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Session:
    account: str


class AccountApi:
    """The account pages' way to head office. `transport` None means the network. Safe between threads.

    Every call raises HeadOfficeAway, and HeadOfficeRefused with the problems it names.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = httpx.Client(
            base_url=f"{base_url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(CALL_S_MAX, connect=CONNECT_S_MAX),
            transport=transport,
            trust_env=False,
        )
        self._monotonic = monotonic

    def open_account(
        self,
        nickname: str,
        language: str,
        *,
        history: bool,
        personalisation: bool,
        loyalty: bool,
        journey: bool,
        text_version: str,
    ) -> Opened:
        """A new customer. `nickname` has 1 to 40 characters; refused with body-wrong if not."""
        ask = {
            "nickname": nickname,
            "language": language,
            "consents": {
                "history": history,
                "personalisation": personalisation,
                "loyalty": loyalty,
                "journey": journey,
            },
            "place": PLACE,
            "text_version": text_version,
        }
        return self._ask(Opened, "POST", "/accounts", ask)

    def sign_in(self, key: str) -> str | None:
        """The account that this key opens; None if it opens none."""
        try:
            return self._ask(_Session, "POST", "/sessions", {"key": key}).account
        except HeadOfficeRefused as no:
            if no.problem in ("sign-in-wrong", "body-wrong"):
                return None
            raise

    def account(self, account: str) -> Account:
        """What is stored. Refused with account-unknown or account-erased."""
        return self._ask(Account, "GET", _path(account))

    def pages(self, account: str) -> Iterator[Page]:
        """The timeline, newest first, page by page as asked for; the last one has no cursor.

        Stops after PAGES_MAX pages. Refused with account-unknown or account-erased.
        """
        for page in self._pages(account):
            yield _shaped(page, Page)

    def points(self, account: str) -> Points:
        """The customer's points. Refused with account-unknown or account-erased."""
        return self._ask(Points, "GET", f"{_path(account)}/points")

    def change_consent(self, account: str, purpose: str, granted: bool, text_version: str) -> Proof:
        """Agree to a purpose, or take it back.

        Refused with purpose-unknown, too-many-changes, account-unknown or account-erased.
        """
        ask = {"granted": granted, "text_version": text_version, "place": PLACE}
        return self._ask(Proof, "PUT", f"{_path(account)}/consents/{purpose}", ask)

    def take_card_away(self, account: str) -> None:
        """No till charges the card on file any more. Refused with account-unknown or account-erased."""
        self._call("DELETE", f"{_path(account)}/card")

    def hear_privacy_control(self, account: str, text_version: str) -> None:
        """The customer's browser sends `Sec-GPC: 1`. Refused with account-unknown or account-erased."""
        self._call("POST", f"{_path(account)}/gpc", json={"text_version": text_version})

    def object_to_all(self, account: str, text_version: str) -> None:
        """No to everything. Refused with account-unknown or account-erased."""
        ask = {"text_version": text_version, "place": PLACE}
        self._call("POST", f"{_path(account)}/objection", json=ask)

    def restrict(self, account: str, restricted: bool) -> None:
        """Have all kept and nothing used, or used again. Refused with account-unknown or account-erased."""
        self._call("PUT", f"{_path(account)}/restriction", json={"restricted": restricted})

    def correct(self, account: str, nickname: str, language: str) -> None:
        """Put nickname and language right. Refused with body-wrong, account-unknown or account-erased."""
        self._call("PUT", _path(account), json={"nickname": nickname, "language": language})

    def issue_code(self, account: str) -> Code:
        """A fresh code. Refused with too-many-tokens, account-unknown or account-erased."""
        return self._ask(Code, "POST", f"{_path(account)}/tokens")

    def erase(self, account: str) -> None:
        """Forget the customer; doing it again changes nothing. Refused with account-unknown."""
        self._call("DELETE", _path(account))

    def everything(self, account: str) -> dict[str, Any]:
        """All that head office tells about a customer, word for word, to take along; it notes that it did.

        `complete` is false if there was more than PAGES_MAX pages of the timeline. Refused with
        account-unknown or account-erased.
        """
        stored = self._call("POST", f"{_path(account)}/copies")
        pages = list(self._pages(account))
        items = [item for page in pages for item in page["items"]]
        complete = pages[-1]["cursor"] is None
        return {**stored, "timeline": items, "complete": complete}

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _pages(self, account: str) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        for _turn in range(PAGES_MAX):
            query = {"cursor": cursor} if cursor else {}
            page = self._call("GET", f"{_path(account)}/timeline", params=query)
            _shaped(page, Page)
            yield page
            cursor = page["cursor"]
            if cursor is None:
                return

    def _ask(self, shape: type[Shape], method: str, path: str, body: object = None) -> Shape:
        return _shaped(self._call(method, path, **({} if body is None else {"json": body})), shape)

    def _call(self, method: str, path: str, **how: Any) -> Any:
        """The answer's JSON, None where it has no body."""
        try:
            with self._client.stream(method, path, **how) as response:
                body = self._read(response)
        except httpx.HTTPError as error:
            raise HeadOfficeAway(f"head office is away error={type(error).__name__}") from None
        if response.is_success:
            return _decoded(body) if body else None
        problem = _problem(body)
        if response.status_code >= 500 or response.status_code < 400 or problem in _OURS_TO_MEND:
            log.error("head office did not answer status=%d problem=%s", response.status_code, problem)
            raise HeadOfficeAway(f"head office answered {response.status_code}")
        raise HeadOfficeRefused(response.status_code, problem)

    def _read(self, response: httpx.Response) -> bytes:
        """The whole body, within the deadline and the largest size."""
        ends, parts, size = self._monotonic() + CALL_S_MAX, [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > ANSWER_BYTES_MAX:
                raise HeadOfficeAway("head office answered more than we read")
            if self._monotonic() > ends:
                raise HeadOfficeAway("head office answers too slowly")
            parts.append(part)
        return b"".join(parts)


def _path(account: str) -> str:
    if not _ACCOUNT.fullmatch(account):
        raise HeadOfficeRefused(404, "account-unknown")
    return f"/accounts/{account}"


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise HeadOfficeAway("head office answered no JSON") from None


def _shaped(answer: Any, shape: type[Shape]) -> Shape:
    """Fields that we do not know yet are left aside; a missing one is no answer."""
    try:
        return msgspec.convert(answer, shape)
    except msgspec.ValidationError:
        raise HeadOfficeAway(f"head office answered no {shape.__name__.lower()}") from None


def _problem(body: bytes) -> str:
    try:
        return re.split(r"[:/#]", str(json.loads(body)["type"]))[-1]
    except (ValueError, KeyError, TypeError):
        return "unknown"
