"""One customer, from her account to a forgotten one, over real HTTP: two stores, a family tablet, her rights.

The store's own half, that what she takes back leaves its screens, is `store_edge/sync/test_visits.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from central.ingest import dump_state, rebuild
from central.keys import issue_key
from central.tokens import verify
from tests.served import served

MILK, BREAD, RAZOR = "9521234000013", "9521234000020", "9521234000037"
HERE = {"text_version": "account-3.de", "place": "account page"}


class Street:
    """Two stores and the account page, each with its own key and line to head office."""

    def __init__(self, desk: Any, port: int) -> None:
        self.desk = desk
        keys = {"demo": desk.store_key, "pages": desk.office_key}
        keys["hafen"] = issue_key(desk.centre.database, "store", "hafen", clock=desk.hands)
        self._lines = {
            name: httpx.Client(
                base_url=f"http://127.0.0.1:{port}/api/v1", trust_env=False, timeout=20,
                headers={"Authorization": f"Bearer {key}"},
            )
            for name, key in keys.items()
        }  # fmt: skip

    def ask(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self._lines[who].request(method, path, **({"json": body} if body is not None else {}), **more)

    def told(self, path: str) -> Any:
        answer = self.ask("pages", "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def open(self, nickname: str) -> dict[str, str]:
        said = {"history": True, "personalisation": True, "loyalty": True, "journey": True}
        ask = {"nickname": nickname, "language": "de", "consents": said, **HERE}
        opened: dict[str, str] = self.ask("pages", "POST", "/accounts", ask).json()
        return opened

    def shop(self, store: str, account: str, visit: str, gtin: str) -> dict[str, Any]:
        """Help is asked for, the code is shown, three of a thing are bought; gives what the kiosk is told."""
        desk = self.desk
        token = self.ask("pages", "POST", f"/accounts/{account}/tokens").json()["token"]
        welcome = self.ask(store, "POST", "/visits", {"visit": visit, "token": token, "lane": "1"}).json()
        basket = {"basket": f"basket-{visit}"}
        jti = verify(token, desk.centre.signer.public).jti
        events = [
            desk.event("HelpAsked", basket, store=store),
            desk.event("ShopperIdentified", basket | {"visit": visit, "token": jti}, store=store),
            desk.sale(visit, *[gtin] * 3, store=store),
        ]
        events[-1]["data"] |= basket | {"receipt": desk.numbers[store]}
        self.hand_in(store, events)
        desk.hands.turn(hours=1)
        return dict(welcome)

    def hand_in(self, store: str, events: list[Any]) -> dict[str, int]:
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        answer = self.ask(store, "POST", "/events", content=json.dumps(events), headers=kind)
        assert answer.json()["refused"] == [], answer.text
        self.handed_in = events
        return dict(answer.json())

    def journey(self, account: str) -> list[tuple[str, str, str]]:
        items = self.told(f"/accounts/{account}/timeline")["items"]
        return [(item["store"], item["visit"], item["kind"]) for item in items]

    def all_of(self, account: str) -> list[bytes]:
        paths = ("", "/timeline", "/points")
        return [self.ask("pages", "GET", f"/accounts/{account}{path}").content for path in paths]

    def link(self, account: str, kind: str, value: str, proof: str) -> dict[str, Any]:
        one, another = {"kind": "account", "value": account}, {"kind": kind, "value": value}
        answer = self.ask("pages", "POST", "/links", {"one": one, "another": another, "proof": proof})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture
def street(any_desk: Any) -> Iterator[Street]:
    with served(any_desk.client.application) as port:
        opened = Street(any_desk, port)
        yield opened
        for line in opened._lines.values():
            line.close()


def test_one_customer(street: Street) -> None:
    erika, otto = street.open("Erika"), street.open("Otto")
    street.desk.hands.turn(hours=1)
    street.shop("demo", erika["account"], "v1", MILK)
    street.shop("hafen", erika["account"], "v2", BREAD)
    street.shop("hafen", otto["account"], "v3", RAZOR)
    assert [one for one in street.journey(erika["account"]) if one[2] == "purchase"] == [
        ("hafen", "v2", "purchase"), ("demo", "v1", "purchase"),
    ]  # fmt: skip
    assert ("demo", "v1", "help_asked") in street.journey(erika["account"])

    _the_family_tablet(street, erika, otto)
    _one_consent_taken_back(street, erika["account"])
    _taken_along_and_erased(street, erika["account"], otto["account"])


def _the_family_tablet(street: Street, erika: dict[str, str], otto: dict[str, str]) -> None:
    """Both sign in on it: nothing happens. It fills in his key for hers: one person, and undone exactly."""
    before = [street.all_of(erika["account"]), street.all_of(otto["account"])]
    for one in (erika, otto):
        street.link(one["account"], "device", "the tablet in the kitchen", "signed_in")
    assert [street.all_of(erika["account"]), street.all_of(otto["account"])] == before
    (shared,) = street.told("/reviews")["reviews"]
    assert (shared["kind"], len(shared["accounts"])) == ("shared", 2)

    wrong = street.link(erika["account"], "sign_in_key", otto["key"], "both_keys")
    assert ("hafen", "v3", "purchase") in street.journey(erika["account"])
    why = {"why": "the tablet filled in my husband's key", "account": erika["account"]}
    assert street.ask("pages", "POST", f"/links/{wrong['link']}/revocation", why).status_code == 200
    assert [street.all_of(erika["account"]), street.all_of(otto["account"])] == before
    street.desk.hands.turn(hours=1)


def _one_consent_taken_back(street: Street, account: str) -> None:
    """At once, for what was and for what comes: she is greeted no more, and collects points all the same."""
    assert street.shop("demo", account, "v4", MILK)["greeting"] == "Erika"
    said = HERE | {"granted": False}
    path = f"/accounts/{account}/consents/personalisation"
    assert street.ask("pages", "PUT", path, said).status_code == 200
    street.desk.hands.turn(minutes=1)
    welcome = street.shop("hafen", account, "v5", MILK)
    assert (welcome["personal"], welcome["greeting"], welcome["usual"]) == (False, None, [])
    assert welcome["membership"]["points"] > 0


def _taken_along_and_erased(street: Street, account: str, other: str) -> None:
    copy = street.ask("pages", "POST", f"/accounts/{account}/copies").json()
    assert copy["account"]["nickname"] == "Erika"
    assert {one["proof"] for one in copy["identity"]["links"]} == {"signed_in", "both_keys"}
    assert len(street.journey(account)) >= 4
    street.desk.hands.turn(minutes=1)

    his = street.all_of(other)
    database, state = street.desk.centre.database, dump_state(street.desk.centre.database)
    receipts = street.desk.rows()["sales"]
    assert street.ask("pages", "DELETE", f"/accounts/{account}").status_code == 204
    assert street.ask("pages", "GET", f"/accounts/{account}/timeline").status_code == 410
    assert street.hand_in("hafen", street.handed_in)["repeated"] == 3
    rebuild(database, street.desk.centre.settings.limits)
    assert (dump_state(database), street.desk.rows()["sales"]) == (state, receipts)
    assert street.all_of(other) == his
    assert street.told("/reviews")["reviews"] == []  # the tablet is his alone now
    acts = [one["act"] for one in street.told(f"/register?account={account}")["entries"]]
    assert acts[:2] == ["erased", "copied"]
    assert sorted(acts[2:]) == ["linked", "linked", "unlinked"]
