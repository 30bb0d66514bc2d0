"""What the API says about itself: whether it is well, its document, and the same for people to read."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import sqlalchemy as sa
from flask import render_template

from central.api import bodies, fittings, office, openapi, people, stores, trials
from central.api.problems import KINDS, PREFIX
from central.api.route import BASE, Call, Route


def _health(call: Call) -> bodies.Health:
    with call.centre.database.read() as connection:
        connection.execute(sa.select(sa.literal(1)))
    return bodies.Health("ok")


@lru_cache(maxsize=1)
def _document() -> bytes:
    return msgspec.json.encode(openapi.document(ROUTES))


def _docs(_call: Call) -> str:
    document = msgspec.json.decode(_document())
    schemas = {
        name: msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
        for name, schema in sorted(document["components"]["schemas"].items())
    }
    return render_template(
        "docs.html", routes=ROUTES, kinds=KINDS.values(), schemas=schemas, base=BASE, prefix=PREFIX
    )


ROUTES: tuple[Route, ...] = (
    *stores.ROUTES,
    *office.ROUTES,
    *people.ROUTES,
    *trials.ROUTES,
    *fittings.ROUTES,
    Route("GET", "/health", "readHealth", "Whether head office can answer", "", _health, bodies.Health),
    Route("GET", "/openapi.json", "readDocument", "This API as OpenAPI 3.1", "", lambda _: _document()),
    Route(
        "GET", "/docs", "readDocs", "This API for people to read", "", _docs,
        media_out="text/html; charset=utf-8",
    ),
)  # fmt: skip
