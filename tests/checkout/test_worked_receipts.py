"""The table of worked receipts, played through the till; how to write one stands in `receipts/README.md`."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from checkout.errors import Refused
from tests.checkout.receipts.counter import (
    LANES,
    Counter,
    do,
    read_articles,
    read_bans,
    read_coupons,
    read_promotions,
    rows_of,
    settle,
)
from tests.conftest import Shop

FOLDER = Path(__file__).parent / "receipts"
KEYS = {"what", "done", "stands", "refused", "day"}


def _worked() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for row in table["receipt"]:
            yield pytest.param(table, row, id=f"{path.stem}: {row['what']}")


@pytest.mark.parametrize(("table", "row"), list(_worked()))
def test_worked_receipt(
    table: dict[str, Any], row: dict[str, Any], new_memory_shop: Callable[..., Shop]
) -> None:
    assert row.keys() <= KEYS, f"unknown words: {row.keys() - KEYS}"
    articles = read_articles(table["articles"])
    shop = new_memory_shop(coupons=read_coupons(table.get("coupons", {}), articles))
    if "day" in row:
        shop.clock.now = dt.datetime.combine(row["day"], dt.time(12), dt.UTC)
    shop.open_counter(read_bans(table.get("bans", {})))
    counter = Counter(shop, articles)
    shop.run(*read_promotions(table.get("promotions", {}), articles))
    counter = Counter(shop, read_articles(table["articles"]))
    shop.run(*read_promotions(table.get("promotions", {}), counter.articles))
    shop.put_on_the_shelf(*counter.articles.values())
    if "refused" in row:
        _refused(counter, row["done"], row["refused"])
        return
    for said in row["done"]:
        do(counter, said)
    for lane in LANES:
        if (basket := shop.basket(lane)) is not None and basket.state in ("open", "paying"):
            settle(counter, lane)
    said_rows = [" ".join(said.split()) for said in row["stands"].strip().splitlines()]
    assert list(rows_of(shop.receipts()[-1])) == said_rows


def _refused(counter: Counter, done: list[str], reason: str) -> None:
    """The last thing done is refused for that reason, and the basket is as it was."""
    for said in done[:-1]:
        do(counter, said)
    before = counter.basket()
    with pytest.raises(Refused) as refused:
        do(counter, done[-1])
    assert refused.value.reason == reason
    assert counter.basket() == before


def test_a_word_that_nobody_knows_is_not_passed_over(new_memory_shop: Callable[[], Shop]) -> None:
    with pytest.raises(AssertionError, match="no article"):
        do(Counter(new_memory_shop(), {}), "sing a song")
