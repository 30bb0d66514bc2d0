"""Trying offers out: a promotions file in, what it would have done to past sales out."""

from __future__ import annotations

from datetime import datetime

import msgspec

from central.api.problems import No
from central.api.route import Call, Route
from central.clock import DAY_MS, to_ms
from central.trials import Span, TrialResult, known_stores, try_out
from checkout.promotions import WrongTerms
from checkout.promotions.terms import nearest
from checkout.promotions.written import read_promotions

TOML = "application/toml"
ASKED = ("from", "until", "stores")
USUAL_SPAN_D = 28
"""So many days before `until`, where no `from` is asked for."""


def _trial(call: Call) -> TrialResult:
    centre = call.centre
    limits = centre.settings.limits
    try:
        written = call.body.decode("utf-8")
        offers = read_promotions(written, limits.trial_offers_max)
    except UnicodeDecodeError as error:
        raise No("promotion-wrong", "this is no UTF-8") from error
    except WrongTerms as error:
        raise No("promotion-wrong", str(error)) from error
    span = span_of(call)
    if not centre.trials.acquire(blocking=False):
        raise No("too-many-trials")
    try:
        return try_out(centre, tuple(offers.values()), span)
    finally:
        centre.trials.release()


def span_of(call: Call) -> Span:
    """The time and the stores that `ASKED` asks for. Raises No(query-wrong)."""
    for name in call.query:
        if name not in ASKED:
            raise No("query-wrong", f"there is no {name[:40]!r} to ask by{nearest(name, ASKED)}")
    until_ms = _time_ms(call, "until", call.centre.now_ms())
    from_ms = _time_ms(call, "from", until_ms - USUAL_SPAN_D * DAY_MS)
    if from_ms >= until_ms:
        raise No("query-wrong", "from must be before until")
    stores = tuple(filter(None, call.query.get("stores", "").split(",")))
    known = known_stores(call.centre)
    for store in stores:
        if store not in known:
            raise No("query-wrong", "stores names one that told of nothing yet")
    return Span(stores, from_ms, until_ms)


def _time_ms(call: Call, name: str, otherwise_ms: int) -> int:
    text = call.query.get(name, "")
    if not text:
        return otherwise_ms
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise No("query-wrong", f"{name} must be a time with its zone, like 2026-11-01T00:00:00Z")
    return to_ms(moment)


ROUTES = (
    Route(
        "POST", "/trials", "tryOffers",
        "What promotions, as they stand in a store's file, would have done to past sales; nothing is changed",
        "office", _trial, TrialResult, media=(TOML,), query=ASKED,
        says=("promotion-wrong", "query-wrong", "too-many-trials"),
    ),
)  # fmt: skip
