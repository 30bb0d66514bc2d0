"""Articles, their codes, what was called back, and tagged pieces with the basket that holds them."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from checkout.catalogue import Article
from store_edge.db import tables as t
from store_edge.db.coding import decode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

ARTICLES_KNOWN_MAX = 4096
ASKED_AT_ONCE = 16

_bound = bindparam
_is_in_a_recall = exists().where(t.recalls.c.gtin == t.articles.c.gtin)
_article = Prepared(select(t.articles.c.body, _is_in_a_recall).where(t.articles.c.gtin == _bound("gtin")))
_PLACES = tuple(f"gtin_{place}" for place in range(ASKED_AT_ONCE))
_articles_among = Prepared(
    select(t.articles.c.gtin, t.articles.c.body).where(
        t.articles.c.gtin.in_([_bound(name) for name in _PLACES])
    )
)
_article_of_item = Prepared(select(t.articles.c.body).where(t.articles.c.item == _bound("item")))
_articles_of_code = Prepared(
    select(t.articles.c.body, t.codes.c.pieces)
    .join(t.codes, t.codes.c.gtin == t.articles.c.gtin)
    .where(t.codes.c.code == _bound("code"))
    .order_by(t.codes.c.gtin)
)
_recall = Prepared(
    select(t.recalls.c.gtin).where(
        t.recalls.c.gtin == _bound("gtin"), or_(t.recalls.c.batch == "", t.recalls.c.batch == _bound("batch"))
    )
)
_sell_tags = Prepared(update(t.held_tags).where(t.held_tags.c.basket == _bound("on")).values(sold=1))


@lru_cache(maxsize=ARTICLES_KNOWN_MAX)
def _read_article(body: bytes) -> Article:
    """Remembered by its bytes, so a changed row is another article."""
    return decode(body, Article)


class GoodsPages(Sheet):
    """The page's articles and tags."""

    _never_recalled: set[str]
    """Articles read on this page of which no batch is called back: nobody need look again."""

    def article(self, gtin: str) -> Article | None:
        row = _article.run(self._driver, gtin=gtin).fetchone()
        if row is None:
            return None
        if not row[1]:
            self._never_recalled.add(gtin)
        return _read_article(row[0])

    def articles_among(self, gtins: Collection[str]) -> dict[str, Article]:
        left, found = list(gtins), {}
        while left:
            asked, left = left[:ASKED_AT_ONCE], left[ASKED_AT_ONCE:]
            places = dict(zip(_PLACES, asked + [""] * (ASKED_AT_ONCE - len(asked)), strict=True))
            rows = _articles_among.run(self._driver, **places).fetchall()
            found.update({gtin: _read_article(body) for gtin, body in rows})
        return found

    def article_of_item(self, item: str) -> Article | None:
        body = _article_of_item.scalar(self._driver, item=item)
        return None if body is None else _read_article(body)

    def articles_of_code(self, code: str) -> list[tuple[Article, int]]:
        rows = _articles_of_code.run(self._driver, code=code).fetchall()
        return [(decode(body, Article), pieces) for body, pieces in rows]

    def is_recalled(self, gtin: str, batch: str) -> bool:
        if gtin in self._never_recalled:
            return False
        return _recall.scalar(self._driver, gtin=gtin, batch=batch) is not None

    def recall(self, gtin: str, batch: str) -> bool:
        this = (t.recalls.c.gtin == gtin) & (t.recalls.c.batch == batch)
        if self.connection.execute(select(t.recalls.c.gtin).where(this)).first() is not None:
            return False
        self._never_recalled.discard(gtin)
        at = self._clock().isoformat(timespec="seconds")
        self.connection.execute(insert(t.recalls).values(gtin=gtin, batch=batch, at=at))
        return True

    def lift_recall(self, gtin: str, batch: str) -> bool:
        this = (t.recalls.c.gtin == gtin) & (t.recalls.c.batch == batch)
        return self.connection.execute(delete(t.recalls).where(this)).rowcount > 0

    def epc_holder(self, epc: str) -> str | None:
        row = self.connection.execute(
            select(t.held_tags.c.basket, t.held_tags.c.sold).where(t.held_tags.c.epc == epc)
        ).first()
        return None if row is None else "sold" if row.sold else row.basket

    def hold_epc(self, epc: str, basket: str) -> None:
        self.connection.execute(insert(t.held_tags).values(epc=epc, basket=basket))

    def release_epc(self, epc: str) -> None:
        self.connection.execute(delete(t.held_tags).where(t.held_tags.c.epc == epc, t.held_tags.c.sold == 0))

    def sell_epcs(self, basket: str) -> None:
        _sell_tags.run(self._driver, on=basket)
