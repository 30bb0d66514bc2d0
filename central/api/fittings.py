"""What was tried on, for buyers and product development."""

from __future__ import annotations

from msgspec import Struct

from central.api.route import Call, Route
from central.api.trials import ASKED, span_of
from central.fittings import fitted


class AskedInstead(Struct):
    """Another article that whoever had this one on asked for, and how often."""

    gtin: str
    times: int


class FittedArticle(Struct):
    """`tried` and `bought` count stays in a cabin; `bought` is at most `tried`."""

    gtin: str
    tried: int
    bought: int
    asked_instead: list[AskedInstead]


class FittedArticles(Struct):
    """The most tried first; an article is one size and colour."""

    items: list[FittedArticle]


def _fittings(call: Call) -> FittedArticles:
    centre, span = call.centre, span_of(call)
    with centre.database.read() as connection:
        found = fitted(
            connection,
            span.stores,
            span.from_ms,
            span.until_ms,
            most=centre.settings.limits.fitted_articles_max,
        )
    return FittedArticles(
        [
            FittedArticle(
                one.gtin,
                one.tried,
                one.bought,
                [AskedInstead(gtin, times) for gtin, times in one.asked_instead.items()],
            )
            for one in found
        ]
    )


ROUTES = (
    Route(
        "GET", "/fittings", "fittings",
        "How often each article was tried on and bought after, and what was asked for instead",
        "office", _fittings, FittedArticles, query=ASKED, says=("query-wrong",),
    ),
)  # fmt: skip
