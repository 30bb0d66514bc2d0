"""Head office tries an offer on what a real store sold: it comes to what a till with it would take."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from checkout.events import PromotionBegan, PromotionEnded
from checkout.staff import RIGHTS, Clerk
from store_edge.demo import price_list
from store_edge.settings import CouponSettings, PromotionSettings, Settings
from tests.store_edge.open_store import PIECES, HeadOfficeHouse, Store, store_settings, until

DRINK = next(article for article in PIECES if article.deposit_minor)
GOODS = (*[article for article in PIECES if article is not DRINK][:4], DRINK)
LOOSE = next(article for article in price_list() if article.unit == "kg")
RUNNING = {
    "week": PromotionSettings("percent", {"gtin": GOODS[0].gtin, "percent": 10, "from": "2020-01-01"}),
    "three": PromotionSettings("n-for-m", {"take": 3, "pay": 2, "gtins": [a.gtin for a in GOODS[1:3]]}),
}
COUPONS = {"voucher": CouponSettings("SUMMER-26", {"de": "Gruß", "en": "Greeting"}, amount_minor=20)}
OFFER = f"""
[promotions.quarter]
kind = "percent"
name = {{ de = "Ein Viertel", en = "A quarter" }}
terms = {{ percent = 25, gtins = ["{GOODS[0].gtin}", "{GOODS[1].gtin}", "{LOOSE.gtin}"] }}
"""
QUARTER = PromotionSettings("percent", {"percent": 25, "gtins": [GOODS[0].gtin, GOODS[1].gtin, LOOSE.gtin]})
CLERK, COLLEAGUE = Clerk("c-1", RIGHTS), Clerk("c-2", RIGHTS)


def settings(home: Path, **promotions: PromotionSettings) -> Settings:
    return replace(store_settings(home), demo=False, promotions=promotions, coupons=COUPONS)


def sell(store: Store, pieces: Sequence[int], *, grams: int = 0, override: bool = False) -> int:
    """Ring up, pay and leave; gives what it came to."""
    till = store.box.till
    for piece in pieces:
        till.scan("1", GOODS[piece].gtin, how="typed")
    if grams:
        till.add_measured("1", LOOSE.gtin, weight_g=grams)
    till.change_quantity("1", 1, 2)
    if override:
        till.terms.override_price("1", 1, 1, "damaged", CLERK, COLLEAGUE)
    basket = store.box.cashier.ask_payment("1")
    payment = store.payment(basket)
    store.box.cashier.send(payment.id, "terminal-1", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "answer")
    till.cancel("1")
    return basket.total_minor


def some_sales(seed: int) -> list[dict[str, Any]]:
    chance = Random(seed)
    return [
        {
            "pieces": chance.choices(range(len(GOODS)), k=chance.randrange(1, 6)),
            "grams": chance.choice([0, 0, 730]),
            "override": chance.random() < 0.2,
        }
        for _ in range(10)
    ]


def ask(house: HeadOfficeHouse, toml: str, **query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {house.office_key}", "Content-Type": "application/toml"}
    return httpx.post(
        f"{house.url}/api/v1/trials", content=toml, params=query, headers=headers, trust_env=False
    )


def told(store: Store, house: HeadOfficeHouse) -> None:
    """Wait until head office knows everything that happened."""
    last = store.box.journal.last_number()
    until(lambda: store.box.journal.cursor("head-office") >= last)


@pytest.mark.parametrize("seed", range(2))
def test_a_trial_comes_to_what_a_till_with_the_offer_takes(
    tmp_path: Path, open_box: Callable[..., Store], head_office: HeadOfficeHouse, seed: int
) -> None:
    store = open_box(settings(tmp_path / "one", **RUNNING), head_office.client())
    other = open_box(settings(tmp_path / "two", **RUNNING, quarter=QUARTER))
    took = [sell(store, **sale) for sale in some_sales(seed)]
    would_take = [sell(other, **sale) for sale in some_sales(seed)]
    told(store, head_office)

    tried = ask(head_office, OFFER).json()

    assert (tried["baskets"], tried["left_out"], tried["stopped"]) == (len(took), [], "")
    assert (tried["took_minor"], tried["would_take_minor"]) == (sum(took), sum(would_take))
    assert tried["saved_minor"] == sum(took) - sum(would_take) > 0
    assert tried["reached"] == sum(there < here for here, there in zip(took, would_take, strict=True))
    each = {one["promotion"]: one for one in tried["promotions"]}
    assert set(each) == {"quarter", "week", "three"}
    assert [name for name, one in each.items() if one["offered"]] == ["quarter"]
    assert sum(one["given_minor"] - one["gave_minor"] for one in each.values()) == tried["saved_minor"]
    saved = [example["saved_minor"] for example in tried["examples"]]
    assert saved == sorted(saved, reverse=True)
    assert saved[0] == max(here - there for here, there in zip(took, would_take, strict=True))


def test_a_coupon_stays_what_it_was_and_an_old_sale_is_left_out(
    tmp_path: Path, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings(tmp_path / "one", **RUNNING), head_office.client())
    store.box.till.scan("1", "SUMMER-26", how="typed")
    took = sell(store, [0])
    told(store, head_office)
    golden = Path(__file__).parents[2] / "contracts" / "events" / "SaleCompleted.v4.json"
    old = json.loads(golden.read_text())
    client = head_office.client()
    assert client.deliver([old]).accepted == 1
    client.close()

    tried = ask(
        head_office, OFFER, **{"from": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    ).json()

    full = GOODS[0].price_minor
    assert tried["took_minor"] == took == 2 * (full - (full + 5) // 10) - 20
    assert tried["would_take_minor"] == 2 * (full - (full + 2) // 4) - 20
    assert tried["left_out"] == [{"reason": "facts_missing", "baskets": 1}]


def test_new_terms_after_a_start_hold_from_then_on_and_the_old_ones_for_before(
    tmp_path: Path, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings(tmp_path / "one", **RUNNING), head_office.client())
    sell(store, [0])
    told(store, head_office)
    store.box.stop()
    dearer = replace(RUNNING["week"], terms={"gtin": GOODS[0].gtin, "percent": 5})
    store = open_box(settings(tmp_path / "one", week=dearer), head_office.client())
    sell(store, [0, 1, 1, 1])
    told(store, head_office)
    assert [event.promotion for event in store.events(PromotionBegan)] == ["week", "three", "week"]
    assert sorted(event.promotion for event in store.events(PromotionEnded)) == ["three", "week"]

    tried = ask(head_office, OFFER).json()

    assert (tried["baskets"], tried["left_out"]) == (2, [])
    stands = store.box.charged.now(GOODS[0], store.box.wall_clock())
    assert stands.lowest_minor == GOODS[0].price_minor - (GOODS[0].price_minor + 5) // 10


def test_a_sale_that_the_engine_does_not_come_to_is_left_out(
    tmp_path: Path, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings(tmp_path / "one", **RUNNING), head_office.client())
    sell(store, [0])
    told(store, head_office)
    with head_office.centre.database.write("test") as connection:
        connection.exec_driver_sql("DELETE FROM promotions")
    assert ask(head_office, OFFER).json()["left_out"] == [{"reason": "priced_otherwise", "baskets": 1}]
    with head_office.centre.database.write("test") as connection:
        epoch = store.box.journal.epoch
        connection.exec_driver_sql(
            f"INSERT INTO promotions VALUES ('demo', '{epoch}', 1, 'x', 'of-somebody-else', '{{}}')"
        )
    assert ask(head_office, OFFER).json()["left_out"] == [{"reason": "promotion_unknown", "baskets": 1}]


def test_what_makes_no_promotion_is_refused_in_words(head_office: HeadOfficeHouse) -> None:
    answer = ask(head_office, '[promotions.w]\nkind = "percnt"\n')
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (400, "promotion-wrong")
    assert answer.json()["detail"] == (
        "line 2: promotions.w.kind: there is no promotion of kind 'percnt'; did you mean 'percent'?"
    )


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-11-01T00:00:00"},
        {"until": "2026-11-01"},
        {"from": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"},
        {"stores": "atlantis"},
        {"form": "2026-11-01T00:00:00Z"},
    ],
)
def test_a_span_that_is_none_is_refused(head_office: HeadOfficeHouse, query: dict[str, str]) -> None:
    answer = ask(head_office, OFFER, **query)
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (400, "query-wrong")
