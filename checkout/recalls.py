"""Goods that were called back: kept on a list that every scan is held against.

A recall means one batch, or all of an article. A code that tells no batch is stopped only where all of it was
called back: a shop that cannot tell its batches apart calls back all until the shelf was looked through.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from checkout.errors import Refused
from checkout.events import ArticleRecalled, Event, RecallLifted
from checkout.staff import Clerk

BATCH_CHARS_MAX = 20
"""GS1 General Specifications, AI 10."""


class RecallPage(Protocol):
    """What is written of recalls on a page; each tells whether it changed anything."""

    def announce(self, event: Event, lane: str = "") -> None: ...

    def recall(self, gtin: str, batch: str) -> bool: ...

    def lift_recall(self, gtin: str, batch: str) -> bool: ...


class RecallBooks(Protocol):
    def page(self) -> AbstractContextManager[RecallPage]: ...


class Recalls:
    """The use cases of a recall, for staff and for head office (`clerk` None)."""

    def __init__(self, books: RecallBooks) -> None:
        self._books = books

    def recall(self, gtin: str, batch: str = "", clerk: Clerk | None = None) -> None:
        """Stop the sale of one batch, or of all with batch "". Raises `Refused`.

        It need not be on our price list yet: a recall may come before the goods.
        """
        _checked(gtin, batch, clerk)
        with self._books.page() as page:
            if page.recall(gtin, batch):
                page.announce(ArticleRecalled(gtin, batch))

    def lift(self, gtin: str, batch: str = "", clerk: Clerk | None = None) -> None:
        """Sell it again; exactly what was recalled, batch by batch. Raises `Refused`."""
        _checked(gtin, batch, clerk)
        with self._books.page() as page:
            if page.lift_recall(gtin, batch):
                page.announce(RecallLifted(gtin, batch))


def _checked(gtin: str, batch: str, clerk: Clerk | None) -> None:
    if clerk is not None:
        clerk.must("approve")
    if not (gtin.isascii() and gtin.isdigit() and len(gtin) in (13, 14)) or len(batch) > BATCH_CHARS_MAX:
        raise Refused("code_unreadable")
