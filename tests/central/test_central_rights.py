"""A person's rights: put right, restrict, object, take along, be forgotten; each stands in the register."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from central.db import tables
from central.ingest import dump_state, rebuild
from central.tokens import verify

MILK = "9521234000013"
HERE = {"text_version": "1", "place": "account page"}


def _acts(desk: Any, account: str) -> list[str]:
    entries = desk.office("GET", f"/register?account={account}").json["entries"]
    assert all(entry["source"] == "pages" for entry in entries)
    return [entry["act"] for entry in reversed(entries)]


def _known(desk: Any, **consents: bool) -> str:
    account: str = desk.account(loyalty=True, **consents)
    jti = verify(desk.token(account), desk.centre.signer.public).jti
    assert desk.hand_in([desk.identified("v1", jti), desk.sale("v1", *[MILK] * 3)]).json["accepted"] == 2
    desk.hands.turn(hours=1)
    return account


def _say(desk: Any, account: str, purpose: str, granted: bool, **more: str) -> Any:
    said = HERE | {"granted": granted} | more
    return desk.office("PUT", f"/accounts/{account}/consents/{purpose}", said)


def _link(desk: Any, account: str, kind: str, value: str, proof: str) -> None:
    told = {"one": {"kind": "account", "value": account}, "another": {"kind": kind, "value": value}}
    assert desk.office("POST", "/links", told | {"proof": proof}).status_code == 201


def test_what_is_wrong_is_put_right(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account()
    told = {"nickname": "Erika M.", "language": "en"}
    desk.hands.turn(hours=1)
    assert desk.office("PUT", f"/accounts/{account}", told).status_code == 204
    shown = desk.office("GET", f"/accounts/{account}").json
    assert (shown["nickname"], shown["language"]) == ("Erika M.", "en")
    assert desk.store("POST", "/visits", {"visit": "v1", "token": desk.token(account)}).json["greeting"] == (
        "Erika M."
    )
    assert _acts(desk, account) == ["corrected"]
    assert desk.office("PUT", "/accounts/" + "0" * 32, told).status_code == 404


def test_restricted_data_is_kept_and_not_used(any_desk: Any) -> None:
    desk = any_desk
    account = _known(desk)
    before = [desk.office("GET", f"/accounts/{account}{path}").data for path in ("", "/timeline", "/points")]
    path = f"/accounts/{account}/restriction"
    for _ in range(2):
        assert desk.office("PUT", path, {"restricted": True}).status_code == 204
    shown = desk.office("GET", f"/accounts/{account}").json
    assert shown["restricted"]
    assert not any(shown["consents"].values())
    assert desk.office("GET", f"/accounts/{account}/timeline").json == {
        "history": False, "items": [], "cursor": None,
    }  # fmt: skip
    assert not desk.office("GET", f"/accounts/{account}/points").json["loyalty"]
    ask = {"visit": "v2", "token": desk.token(account)}
    answer = desk.store("POST", "/visits", ask).json
    assert (answer["personal"], answer["greeting"], answer["membership"]) == (False, None, None)
    desk.hands.turn(minutes=1)
    assert desk.office("PUT", path, {"restricted": False}).status_code == 204
    assert desk.office("GET", f"/accounts/{account}").data == before[0]
    assert desk.office("GET", f"/accounts/{account}/points").data == before[2]
    assert _acts(desk, account) == ["restricted", "released"]


def test_an_objection_takes_everything_back_in_one_go(desk: Any) -> None:
    account = _known(desk)
    desk.hands.turn(hours=1)
    _say(desk, account, "personalisation", True, channel="email")
    taken = desk.office("POST", f"/accounts/{account}/objection", HERE).json["answers"]
    assert sorted((one["purpose"], one.get("channel", "")) for one in taken) == [
        ("history", ""), ("loyalty", ""), ("personalisation", ""), ("personalisation", "email"),
    ]  # fmt: skip
    shown = desk.office("GET", f"/accounts/{account}").json
    assert not any(shown["consents"].values())
    assert _acts(desk, account) == ["objected"]


def test_a_channel_has_an_answer_of_its_own(desk: Any) -> None:
    account = desk.account()

    def greeted(visit: str) -> bool:
        desk.hands.turn(minutes=1)
        ask = {"visit": visit, "token": desk.token(account)}
        return bool(desk.store("POST", "/visits", ask).json["personal"])

    assert greeted("v1")
    assert _say(desk, account, "personalisation", False, channel="screen").json["channel"] == "screen"
    assert desk.office("GET", f"/accounts/{account}").json["consents"]["personalisation"]
    assert not greeted("v2")
    _say(desk, account, "personalisation", True)
    assert not greeted("v3")  # the whole does not speak for the one channel that was said no to
    _say(desk, account, "personalisation", True, channel="screen")
    assert greeted("v4")
    _say(desk, account, "personalisation", False)
    assert not greeted("v5")
    assert _say(desk, account, "personalisation", True, channel="pigeon").status_code == 400


def test_a_browser_s_privacy_control_is_heard_and_its_owner_has_the_last_word(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account()
    _say(desk, account, "journey", True)
    desk.hands.turn(minutes=1)

    def hear() -> list[str]:
        answer = desk.office("POST", f"/accounts/{account}/gpc", {"text_version": "1"})
        return [one["purpose"] for one in answer.json["answers"]]

    assert (hear(), hear()) == (["journey"], [])
    shown = desk.office("GET", f"/accounts/{account}").json
    assert shown["consents"] == {
        "history": True, "personalisation": True, "loyalty": False, "journey": False,
    }  # fmt: skip
    assert shown["proofs"][-1]["place"] == "Sec-GPC"
    desk.hands.turn(minutes=1)
    _say(desk, account, "journey", True)
    assert hear() == []
    assert desk.office("GET", f"/accounts/{account}").json["consents"]["journey"]
    assert _acts(desk, account) == ["gpc_heard"]


def test_a_copy_has_all_that_is_stored(any_desk: Any) -> None:
    desk = any_desk
    account = _known(desk)
    _link(desk, account, "email", "erika@example.de", "code_confirmed")
    made = desk.office("POST", f"/accounts/{account}/copies")
    assert made.status_code == 201
    copy = made.json
    assert copy["format"] == "emma-copy/1"
    assert copy["account"] == desk.office("GET", f"/accounts/{account}").json
    assert copy["identity"] == desk.office("GET", f"/accounts/{account}/identity").json
    assert copy["points"] == desk.office("GET", f"/accounts/{account}/points").json
    assert sorted(entry["act"] for entry in copy["register"]) == ["copied", "linked"]


def test_erasing_leaves_no_link_and_no_receipt_less(any_desk: Any) -> None:
    desk = any_desk
    account, otto = _known(desk), desk.account(nickname="Otto")
    for one, kind, value, proof in (
        (account, "email", "erika@example.de", "code_confirmed"),
        (account, "loyalty_card", "77", "by_staff"),
        (account, "email", "both@example.de", "code_confirmed"),
        (otto, "email", "both@example.de", "code_confirmed"),
        (otto, "email", "otto@example.de", "code_confirmed"),
    ):
        _link(desk, one, kind, value, proof)
    state = dump_state(desk.centre.database)
    desk.hands.turn(hours=1)
    assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert dump_state(desk.centre.database) == state
    with desk.centre.database.read() as connection:
        left = connection.execute(sa.select(tables.links.c.proof)).scalars().all()
        nodes = desk.office("GET", f"/accounts/{otto}/identity").json["identifiers"]
    assert len(left) == len(nodes) == 2  # what both had is Otto's alone now
    assert _acts(desk, account)[-1] == "erased"
    assert desk.office("POST", "/lookups", {"kind": "loyalty_card", "value": "77"}).json["accounts"] == []
    rebuild(desk.centre.database, desk.centre.settings.limits)
    assert dump_state(desk.centre.database) == state
    for method, path, ask in (
        ("PUT", "", {"nickname": "E", "language": "de"}), ("POST", "/copies", None),
        ("GET", "/identity", None), ("POST", "/objection", HERE),
        ("PUT", "/restriction", {"restricted": True}),
    ):  # fmt: skip
        assert desk.office(method, f"/accounts/{account}{path}", ask).status_code == 410, path


def test_of_two_accounts_of_one_person_the_other_keeps_what_is_its_own(desk: Any) -> None:
    said = {"history": True, "personalisation": True}
    ask = {"nickname": "Erika", "language": "de", "consents": said, "place": "account page"}
    one, other = (desk.office("POST", "/accounts", ask).json for _ in range(2))
    _link(desk, one["account"], "sign_in_key", other["key"], "both_keys")
    _link(desk, one["account"], "email", "erika@example.de", "code_confirmed")
    _link(desk, other["account"], "phone", "+4917012345678", "code_confirmed")
    desk.office("DELETE", f"/accounts/{one['account']}")
    left = desk.office("GET", f"/accounts/{other['account']}/identity").json
    assert left["accounts"] == [other["account"]]
    assert [node.partition(":")[0] for node in left["identifiers"]] == ["phone"]
    assert desk.rows()["links"] == 1


def test_the_register_is_read_in_pages_and_ends(desk: Any, opener: Any, tmp_path: Any) -> None:
    account = desk.account()
    for n in range(205):
        desk.office("PUT", f"/accounts/{account}", {"nickname": f"E{n}", "language": "de"})
    first = desk.office("GET", "/register").json
    rest = desk.office("GET", f"/register?cursor={first['cursor']}").json
    entries = {entry["entry"] for entry in first["entries"] + rest["entries"]}
    assert (len(first["entries"]), len(entries), rest["cursor"]) == (200, 205, None)
    assert desk.office("GET", "/register?cursor=x").status_code == 400


@pytest.mark.parametrize(("days", "left"), [(1_000, 1), (1_100, 0)])
def test_retention_runs_by_itself(desk: Any, days: int, left: int) -> None:
    account = desk.account()
    desk.office("PUT", f"/accounts/{account}", {"nickname": "E", "language": "de"})
    desk.hands.turn(days=days)
    assert len(desk.office("GET", f"/register?account={account}").json["entries"]) == left
