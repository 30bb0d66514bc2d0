"""What a visit did before it said who it is joins the journey only with consent, then and now."""

from __future__ import annotations

from typing import Any

import pytest

from central.ingest import dump_state, rebuild
from central.tokens import verify

MILK = "9521234000013"


def _agree(desk: Any, account: str, granted: bool = True) -> None:
    said = {"granted": granted, "text_version": "1", "place": "account page"}
    assert desk.office("PUT", f"/accounts/{account}/consents/journey", said).status_code == 200
    desk.hands.turn(minutes=1)


def _visit(desk: Any, account: str, visit: str) -> list[Any]:
    """Help is asked for, then the code is shown, then a thing is weighed; handed in the wrong way round."""
    basket = {"basket": f"basket-{visit}"}
    token = verify(desk.token(account), desk.centre.signer.public).jti
    weighing = {"weighing": "w", "gtin": MILK, "unit_price_minor": 199, "tare_g": 0}
    before = desk.event("HelpAsked", basket)
    shown = desk.event("ShopperIdentified", basket | {"visit": visit, "token": token})
    after = desk.event("WeighingAsked", basket | weighing)
    events = [after, before, shown]
    assert desk.hand_in(events).json["accepted"] == 3
    desk.hands.turn(hours=1)
    return events


def _done(desk: Any, account: str) -> list[tuple[str, str]]:
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    return [(item["visit"], item["kind"]) for item in items if item["kind"] not in ("visit", "purchase")]


def test_without_consent_it_begins_with_the_code(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account()
    _visit(desk, account, "v1")
    assert _done(desk, account) == [("v1", "weighed")]
    _agree(desk, account)
    assert _done(desk, account) == [("v1", "weighed")]  # it was a stranger's, and stays one's
    _visit(desk, account, "v2")
    assert _done(desk, account) == [("v2", "help_asked"), ("v2", "weighed"), ("v1", "weighed")]
    _agree(desk, account, False)
    assert _done(desk, account) == [("v2", "weighed"), ("v1", "weighed")]


def test_another_journal_with_the_same_basket_is_not_taken_for_it(desk: Any) -> None:
    account = desk.account()
    _agree(desk, account)
    _visit(desk, account, "v1")
    other = desk.event("HelpAsked", {"basket": "basket-v1"}, epoch="00000002", number=7)
    stranger = desk.event("HelpAsked", {"basket": ""})
    assert desk.hand_in([other, stranger]).json["accepted"] == 2
    assert len(_done(desk, account)) == 2


@pytest.mark.parametrize("journey", [False, True])
def test_a_replay_tells_the_same(desk: Any, journey: bool) -> None:
    account = desk.account()
    _agree(desk, account, journey)
    events = _visit(desk, account, "v1")
    told = desk.office("GET", f"/accounts/{account}/timeline").data
    state = dump_state(desk.centre.database)
    rebuild(desk.centre.database, desk.centre.settings.limits)
    assert desk.hand_in(events).json["repeated"] == 3
    assert dump_state(desk.centre.database) == state
    assert desk.office("GET", f"/accounts/{account}/timeline").data == told
