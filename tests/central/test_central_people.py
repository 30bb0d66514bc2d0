"""Head office's door for who is who: links, reviews, blocks, look-ups, and events that are read once more."""

from __future__ import annotations

from typing import Any

import pytest

from central import words
from central.ingest import dump_state
from central.tokens import verify

MILK, BREAD = "9521234000013", "9521234000020"
PROBLEM = "tag:tante-emma.example,2026:problem/"


def _no(answer: Any, name: str) -> None:
    assert answer.json["type"] == PROBLEM + name, answer.data


def _link(desk: Any, one: tuple[str, str], another: tuple[str, str], proof: str) -> Any:
    told = [{"kind": kind, "value": value} for kind, value in (one, another)]
    return desk.office("POST", "/links", {"one": told[0], "another": told[1], "proof": proof})


def _revoke(desk: Any, link: str, **more: str) -> Any:
    return desk.office("POST", f"/links/{link}/revocation", {"why": "they are two", **more})


def _open(desk: Any, nickname: str, **consents: bool) -> tuple[str, str]:
    said = {"history": True, "personalisation": True, "loyalty": True, "journey": True} | consents
    ask = {"nickname": nickname, "language": "de", "consents": said, "place": "account page"}
    opened = desk.office("POST", "/accounts", ask).json
    return opened["account"], opened["key"]


def _shop(desk: Any, account: str, visit: str, gtin: str) -> None:
    jti = verify(desk.token(account), desk.centre.signer.public).jti
    sale = desk.sale(visit, *[gtin] * 3)
    sale["data"] |= {"basket": visit, "receipt": desk.numbers["demo"]}
    assert desk.hand_in([desk.identified(visit, jti), sale]).json["accepted"] == 2
    desk.hands.turn(hours=1)


def _all_of(desk: Any, account: str) -> list[bytes]:
    """Whatever anybody is told about a person's journey, byte for byte."""
    paths = ("", "/timeline", "/points")
    return [desk.office("GET", f"/accounts/{account}{path}").data for path in paths]


def _visits(desk: Any, account: str) -> list[str]:
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    return [item["visit"] for item in items if item["kind"] == "purchase"]


def test_two_accounts_of_one_person_are_one_journey_and_apart_again_to_the_byte(any_desk: Any) -> None:
    desk = any_desk
    (erika, _), (again, key) = _open(desk, "Erika"), _open(desk, "Erika M.")
    _shop(desk, erika, "v1", MILK)
    _shop(desk, again, "v2", BREAD)
    before = [_all_of(desk, erika), _all_of(desk, again)]
    state = dump_state(desk.centre.database)
    made = _link(desk, ("account", erika), ("sign_in_key", key), "both_keys")
    assert made.status_code == 201
    assert _visits(desk, erika) == _visits(desk, again) == ["v2", "v1"]
    points = [desk.office("GET", f"/accounts/{one}/points").json for one in (erika, again)]
    assert points[0] == points[1]
    assert points[0]["balance"] == 6
    assert desk.office("GET", f"/accounts/{erika}/identity").json["accounts"] == sorted((erika, again))
    assert _revoke(desk, made.json["link"], account=erika).json["revoked_by"] == "pages"
    assert [_all_of(desk, erika), _all_of(desk, again)] == before
    assert dump_state(desk.centre.database) == state


def test_an_open_visit_hears_nothing_of_the_other_once_they_are_two_again(desk: Any) -> None:
    (erika, _), (otto, key) = _open(desk, "Erika"), _open(desk, "Otto")
    for n in range(3):
        _shop(desk, otto, f"v{n}", BREAD)
    made = _link(desk, ("account", erika), ("sign_in_key", key), "both_keys").json["link"]
    ask = {"visit": "open", "token": desk.token(erika)}
    assert [one["gtin"] for one in desk.store("POST", "/visits", ask).json["usual"]] == [BREAD]
    _revoke(desk, made)
    assert desk.store("POST", "/visits", ask).json["usual"] == []


def test_an_account_that_does_not_agree_adds_nothing_to_the_other(desk: Any) -> None:
    (erika, _), (again, key) = _open(desk, "Erika"), _open(desk, "Erika M.", history=False)
    _shop(desk, erika, "v1", MILK)
    _shop(desk, again, "v2", BREAD)
    _link(desk, ("account", erika), ("sign_in_key", key), "both_keys")
    assert _visits(desk, erika) == ["v1"]
    assert _visits(desk, again) == []


def test_whom_an_identifier_leads_to(desk: Any) -> None:
    erika, _ = _open(desk, "Erika")
    assert _link(desk, ("account", erika), ("email", "Erika@example.de"), "code_confirmed").status_code == 201
    found = desk.office("POST", "/lookups", {"kind": "email", "value": "erika@EXAMPLE.de "}).json
    assert found["accounts"] == [erika]
    assert b"example.de" not in b"".join(path.read_bytes() for path in desk.centre.settings.home.iterdir())
    assert desk.office("PUT", f"/blocks/{found['node']}", {"why": "everybody's"}).status_code == 204
    assert [one["node"] for one in desk.office("GET", "/blocks").json["blocks"]] == [found["node"]]
    found = desk.office("POST", "/lookups", {"kind": "email", "value": "erika@example.de"}).json
    assert (found["accounts"], found["blocked"]) == ([], True)
    assert desk.office("DELETE", f"/blocks/{found['node']}").status_code == 204
    assert desk.office("GET", f"/accounts/{erika}/identity").json["identifiers"] == [found["node"]]


def test_what_is_left_behind_unasked_takes_consent_to_be_linked_and_to_be_found(desk: Any) -> None:
    erika, _ = _open(desk, "Erika", journey=False)
    pair = (("account", erika), ("cookie", "c1"))
    _no(_link(desk, *pair, "signed_in"), "consent-missing")
    said = {"granted": True, "text_version": "1", "place": "account page"}
    desk.office("PUT", f"/accounts/{erika}/consents/journey", said)
    assert _link(desk, *pair, "signed_in").status_code == 201
    ask = {"kind": "cookie", "value": "c1"}
    assert desk.office("POST", "/lookups", ask).json["accounts"] == [erika]
    desk.office("PUT", f"/accounts/{erika}/consents/journey", said | {"granted": False})
    assert desk.office("POST", "/lookups", ask).json["accounts"] == []
    assert desk.office("GET", f"/accounts/{erika}/identity").json["identifiers"] == []


def test_what_cannot_be_linked_is_refused_in_words(desk: Any) -> None:
    (erika, _), (otto, key) = _open(desk, "Erika"), _open(desk, "Otto")
    _no(_link(desk, ("account", erika), ("account", otto), "both_keys"), "proof-not-for-this")
    _no(_link(desk, ("account", erika), ("sign_in_key", "wrong"), "both_keys"), "account-unknown")
    _no(_link(desk, ("account", erika), ("sign_in_key", key), "by_staff"), "proof-not-for-this")
    _no(_link(desk, ("account", erika), ("phone", "0170"), "code_confirmed"), "identifier-wrong")
    _no(_link(desk, ("account", "0" * 32), ("email", "e@x.de"), "code_confirmed"), "account-unknown")
    _no(desk.office("POST", "/lookups", {"kind": "account", "value": erika}), "identifier-wrong")
    _no(desk.office("PUT", "/blocks/account:" + "0" * 32, {"why": "x"}), "identifier-wrong")
    _no(_revoke(desk, "0" * 32), "link-unknown")
    mail = _link(desk, ("account", otto), ("email", "o@x.de"), "code_confirmed").json["link"]
    _no(_revoke(desk, mail, account=erika), "link-unknown")
    assert _revoke(desk, mail, account=otto).status_code == 200


def test_a_likely_match_is_a_suggestion_and_never_a_merge(any_desk: Any) -> None:
    desk = any_desk
    accounts = [_open(desk, name)[0] for name in ("Erika Muster", "Erika Mustre", "Otto", "Gast", "Gast")]
    for account in accounts:
        assert _link(desk, ("account", account), ("device", "tablet"), "signed_in").status_code == 201
    reviews = desk.office("GET", "/reviews").json["reviews"]
    by_kind = {one["kind"]: one for one in reviews}
    assert by_kind["shared"]["accounts"] == sorted(accounts)
    assert by_kind["likely"]["accounts"] == sorted(accounts[:2])
    assert by_kind["likely"]["alike"] >= 85
    assert len(reviews) == 2
    for account in accounts:
        assert desk.office("GET", f"/accounts/{account}/identity").json["accounts"] == [account]
    for one in reviews:
        path = f"/reviews/{one['review']}"
        assert desk.office("PUT", path, {"outcome": "separate"}).status_code == 204
    assert desk.office("GET", "/reviews").json["reviews"] == []
    _no(desk.office("PUT", "/reviews/x", {"outcome": "fine"}), "review-unknown")


def test_names_of_people_who_do_not_want_to_be_remembered_are_not_compared(desk: Any) -> None:
    for history in (True, False):
        account, _ = _open(desk, "Erika Muster", history=history)
        _link(desk, ("account", account), ("device", "tablet"), "signed_in")
    assert [one["kind"] for one in desk.office("GET", "/reviews").json["reviews"]] == ["shared"]


def test_more_of_a_kind_than_one_person_has_is_looked_at(desk: Any) -> None:
    erika, _ = _open(desk, "Erika")
    for n in range(11):
        _link(desk, ("account", erika), ("email", f"{n}@x.de"), "code_confirmed")
    (one,) = desk.office("GET", "/reviews").json["reviews"]
    assert (one["kind"], one["about"], one["accounts"]) == ("too_many", "too_many_email", [erika])
    assert desk.office("POST", "/lookups", {"kind": "email", "value": "3@x.de"}).json["accounts"] == []


def test_poison_events_are_parked_counted_shown_and_read_again(
    any_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event whose data does not fit blocks nobody, and counts when head office has learnt its words."""
    desk = any_desk
    poison = desk.sale("v1", MILK)
    decoders = dict(words.DECODERS)
    monkeypatch.setitem(words.DECODERS, poison["type"], words.DECODERS["emma.WeighingAsked"])
    assert desk.hand_in([poison, desk.event("HelpAsked", {"basket": "b1"})]).json["accepted"] == 2
    (store,) = desk.office("GET", "/stores").json["stores"]
    assert (store["events"], store["parked"]) == (2, 1)
    assert [one["kind"] for one in desk.office("GET", "/alarms").json["alarms"]] == ["event_parked"]
    assert desk.office("POST", "/parked/replay").json == {"mended": 0, "parked": 1}
    monkeypatch.setitem(words.DECODERS, poison["type"], decoders[poison["type"]])
    assert desk.office("POST", "/parked/replay").json == {"mended": 1, "parked": 0}
    assert desk.office("POST", "/parked/replay").json == {"mended": 0, "parked": 0}
    (store,) = desk.office("GET", "/stores").json["stores"]
    assert (store["events"], store["parked"], desk.rows()["sales"]) == (2, 0, 1)
