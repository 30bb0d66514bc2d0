"""One invented customer, Erika, with some months of purchases, so that a first start has somebody to know.

Only when asked. Her past goes in the way of every store's past: tokens, then events through `ingest`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from central import accounts, tokens
from central.centre import Centre
from central.db import tables
from central.ingest import ingest
from central.profiles.card import CardOnFile

NICKNAME = "Erika"
CARD = "Visa 4242"
EPOCH = "00demo00"
_VISITS = 24
_VISIT_EVERY_D = 5
_BASKET_MAX = 6
_FAVOURITES = 5
_SHOP_ZONE = ZoneInfo("Europe/Berlin")
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """An article she may have bought by the piece; the price in minor units includes the VAT."""

    gtin: str
    unit_price_minor: int
    vat_bp: int


def seed_demo(
    centre: Centre,
    articles: Sequence[DemoArticle],
    *,
    store: str = "demo",
    seed: int = 1,
    currency: str = "EUR",
) -> str | None:
    """Make Erika and her past in `store` unless she is there; return her sign-in key, the same every time.

    None if she was there and had herself erased: she does not come back. The first few articles are her
    favourites. Raises ValueError without articles.
    """
    if not articles:
        raise ValueError("the demo customer needs articles to have bought")
    key = tokens.encode(centre.signer.secret_for(f"demo customer of {store}"))
    if accounts.sign_in(centre, key):
        return key
    if _been_here(centre, store):
        return None
    first = centre.clock() - timedelta(days=(_VISITS + 1) * _VISIT_EVERY_D)  # she agreed before she came
    consents = {"history": True, "personalisation": True, "loyalty": True}
    account, _ = accounts.open_account(
        _at(centre, first), NICKNAME, "de", consents, place="demo", text_version="demo-1", sign_in_key=key
    )
    accounts.leave_card(_at(centre, first), account, CardOnFile("mandate-of-the-demo", CARD))
    events = _past(centre, account, articles, store, currency, random.Random(seed))
    ingest(centre.database, store, events, centre.settings.limits, centre.now_ms())
    return key


def _at(centre: Centre, moment: datetime) -> Centre:
    """The same head office, at another time."""
    return replace(centre, clock=lambda: moment)


def _been_here(centre: Centre, store: str) -> bool:
    e = tables.events.c
    with centre.database.read() as connection:
        count = connection.execute(sa.select(sa.func.count()).where(e.store == store, e.epoch == EPOCH))
        return count.scalar_one() > 0


def _past(
    centre: Centre,
    account: str,
    articles: Sequence[DemoArticle],
    store: str,
    currency: str,
    chance: random.Random,
) -> list[bytes]:
    events: list[bytes] = []
    for visit in range(_VISITS):
        at = _shopping_time(centre.clock() - timedelta(days=(_VISITS - visit) * _VISIT_EVERY_D), chance)
        text, _ = accounts.issue_token(_at(centre, at), account)
        shown: dict[str, object] = {
            "basket": f"demo-{visit}",
            "visit": f"demo-{visit}",
            "token": tokens.jti_of(text, centre.signer.public),
        }
        bought = _basket(articles, chance)
        sold = _sale(f"demo-{visit}", visit + 1, bought, currency)
        events.append(_event(store, len(events) + 1, "ShopperIdentified", at, shown))
        events.append(_event(store, len(events) + 1, "SaleCompleted", at + timedelta(minutes=6), sold))
    return events


def _shopping_time(day: datetime, chance: random.Random) -> datetime:
    """Some time of that day when a German shop is open; on Saturday where the day is a Sunday."""
    opens = day.astimezone(_SHOP_ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    if opens.weekday() == _SUNDAY:
        opens -= timedelta(days=1)
    return (opens + timedelta(minutes=chance.randrange(9 * 60))).astimezone(day.tzinfo)


def _basket(articles: Sequence[DemoArticle], chance: random.Random) -> list[tuple[DemoArticle, int]]:
    favourites = list(articles[:_FAVOURITES])
    chosen = [article for article in favourites if chance.random() < 0.6] or favourites[:1]
    others = list(articles[_FAVOURITES:])
    chosen += chance.sample(others, min(len(others), chance.randrange(_BASKET_MAX - _FAVOURITES + 1)))
    return [(article, chance.choice((1, 1, 1, 2))) for article in chosen]


def _sale(
    visit: str, receipt: int, bought: list[tuple[DemoArticle, int]], currency: str
) -> dict[str, object]:
    lines = [
        {
            "gtin": article.gtin,
            "quantity": quantity,
            "weight_g": 0,
            "total_minor": quantity * article.unit_price_minor,
            "vat_bp": article.vat_bp,
        }
        for article, quantity in bought
    ]
    gross: dict[int, int] = {}
    for article, quantity in bought:
        gross[article.vat_bp] = gross.get(article.vat_bp, 0) + quantity * article.unit_price_minor
    return {
        "basket": visit,
        "receipt": receipt,
        "total_minor": sum(gross.values()),
        "currency": currency,
        "lines": lines,
        "vat": [_vat(rate, amount) for rate, amount in sorted(gross.items())],
        "visit": visit,
        "paid_by": "card",
        "payment": "",
    }


def _vat(rate_bp: int, gross_minor: int) -> dict[str, int]:
    """Half up: what is left of a gross amount when its VAT is taken out."""
    net = (2 * gross_minor * 10_000 + (10_000 + rate_bp)) // (2 * (10_000 + rate_bp))
    return {"rate_bp": rate_bp, "gross_minor": gross_minor, "net_minor": net, "vat_minor": gross_minor - net}


def _event(store: str, number: int, name: str, at: datetime, data: dict[str, object]) -> bytes:
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": f"{store}:{EPOCH}:{number}",
            "source": f"/stores/{store}",
            "type": f"emma.{name}",
            "time": at,
            "datacontenttype": "application/json",
            "epoch": EPOCH,
            "number": number,
            "data": data,
        }
    )
