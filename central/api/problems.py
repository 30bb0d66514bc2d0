"""Every way in which the API says no: `application/problem+json` (RFC 9457) with stable types."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass

import msgspec
from flask import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from central.db.database import Busy

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"
# A name, not an address (RFC 9457, section 3.1.1). Its last part, after the slash, is what clients compare.
PREFIX = "tag:tante-emma.example,2026:problem/"
RETRY_S = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to say no. `name` ends the type's URI and never changes."""

    name: str
    status: int
    title: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("body-unreadable", 400, "The body is not the JSON that was announced."),
        Kind("body-wrong", 400, "The body does not have the shape that this address expects."),
        Kind("query-wrong", 400, "A part of the question after the address is not what belongs there."),
        Kind("promotion-wrong", 400, "No promotion can be made of this."),
        Kind("identifier-wrong", 400, "This is no identifier of that kind."),
        Kind("proof-not-for-this", 400, "No such proof links these two kinds of identifier."),
        Kind("cursor-unknown", 400, "This cursor is not one of ours."),
        Kind("key-missing", 401, "A key is needed: Authorization: Bearer <key>."),
        Kind("key-wrong", 401, "This key is not known, or not any more."),
        Kind("sign-in-wrong", 401, "This sign-in key opens no account."),
        Kind("key-not-for-this", 403, "This key opens other doors."),
        Kind("event-of-another-store", 403, "The batch holds an event of another store; nothing was taken."),
        Kind("not-found", 404, "There is nothing at this address."),
        Kind("account-unknown", 404, "No such account."),
        Kind("token-unknown", 404, "No such token."),
        Kind("purpose-unknown", 404, "No such purpose of consent."),
        Kind("link-unknown", 404, "No such link, or it is about somebody else."),
        Kind("review-unknown", 404, "No such review."),
        Kind("method-not-allowed", 405, "This address does not do that."),
        Kind("token-used", 409, "The token was used for another visit."),
        Kind(
            "paper-used",
            409,
            "Others have used this paper as often as it may be, or hold it.",
        ),
        Kind("consent-missing", 409, "The person has not agreed to that."),
        Kind("account-erased", 410, "The account was erased at its owner's wish."),
        Kind("token-expired", 410, "The token is too old."),
        Kind("body-too-large", 413, "The body is larger than this address takes."),
        Kind("too-many-events", 413, "The batch holds more events than one request may."),
        Kind("media-type-unsupported", 415, "This address does not read that type of body."),
        Kind("too-many-tokens", 429, "The account has too many live tokens; wait until some have ended."),
        Kind("too-many-changes", 429, "The account has changed its mind too often."),
        Kind("too-many-trials", 429, "Another trial is under way; ask again when it is done."),
        Kind("internal", 500, "Something broke here; it was noted."),
        Kind("busy", 503, "Head office is busy; ask again in a moment."),
    )
}
_BY_STATUS = {
    400: "body-unreadable", 404: "not-found", 405: "method-not-allowed", 413: "body-too-large",
    415: "media-type-unsupported",
}  # fmt: skip


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457: `type` is stable, `title` is its sentence, `detail` says what was wrong this time."""

    type: str
    title: str
    status: int
    detail: str = ""


class No(Exception):
    """The API's answer is the problem `name`; `detail` must hold nothing that names a person."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(name)
        self.kind = KINDS[name]
        self.detail = detail


def answer(name: str, detail: str = "") -> Response:
    """The response that says no."""
    kind = KINDS[name]
    body = msgspec.json.encode(Problem(PREFIX + kind.name, kind.title, kind.status, detail))
    response = Response(body, status=kind.status, content_type=MEDIA)
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if kind.status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_S)
    return response


def from_exception(error: Exception) -> Response:
    """Whatever was raised, as a problem. A bug is logged by its place, never by its values."""
    match error:
        case No():
            return answer(error.kind.name, error.detail)
        case HTTPException():
            response = answer(_BY_STATUS.get(error.code or 500, "internal"))
            for name, value in error.get_headers():
                if name == "Allow":
                    response.headers[name] = value
            return response
        case Busy() | PoolExhausted() | DBAPIError():
            log.error("database not available error=%s place=%s", type(error).__name__, _where(error))
            return answer("busy")
        case _:
            log.error("request broke error=%s place=%s", type(error).__name__, _where(error))
            return answer("internal")


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "central" in frame.filename] or frames
    last = ours[-1]
    return f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
