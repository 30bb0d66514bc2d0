"""A token is for one visit over the whole chain, and says nothing to anybody but head office."""

from __future__ import annotations

from typing import Any

import pytest

from central import tokens
from central.keys import issue_key
from central.tokens import verify


def _visit(desk: Any, visit: str, token: str, key: str | None = None) -> Any:
    return desk.ask("POST", "/visits", key or desk.store_key, {"visit": visit, "token": token, "lane": "1"})


def _jti(desk: Any, token: str) -> str:
    return verify(token, desk.centre.signer.public).jti


def _type(answer: Any) -> str:
    return str(answer.json["type"]).removeprefix("tag:tante-emma.example,2026:problem/")


def test_the_first_visit_has_it(any_desk: Any) -> None:
    desk = any_desk
    other = issue_key(desk.centre.database, "store", "two")
    token = desk.token(desk.account())
    assert _visit(desk, "v1", token).status_code == 200
    before = desk.rows()
    for visit, key in (("v2", desk.store_key), ("v1", other)):
        answer = _visit(desk, visit, token, key)
        assert (answer.status_code, _type(answer)) == (409, "token-used")
        assert answer.json["type"].rsplit("/", 1)[-1] == "token-used"  # as stores read it
    assert _visit(desk, "v1", token).status_code == 200
    assert desk.rows() == before


def test_a_store_may_send_the_jti_that_it_kept(desk: Any) -> None:
    token = desk.token(desk.account())
    assert _visit(desk, "v1", _jti(desk, token)).json == _visit(desk, "v1", token).json


def test_a_visit_has_one_token(desk: Any) -> None:
    first, second = desk.token(desk.account()), desk.token(desk.account(nickname="Otto"))
    assert _visit(desk, "v1", first).status_code == 200
    assert _type(_visit(desk, "v1", second)) == "token-used"
    assert _visit(desk, "v2", second).status_code == 200


def test_a_token_that_a_store_reported_is_used(desk: Any) -> None:
    token = desk.token(desk.account())
    desk.hand_in([desk.identified("v1", _jti(desk, token))])
    assert _type(_visit(desk, "v2", token)) == "token-used"
    desk.hands.turn(days=3)  # the line was down: late, but its own
    assert _visit(desk, "v1", token).status_code == 200


def test_a_token_gets_too_old(desk: Any) -> None:
    token = desk.token(desk.account())
    desk.hands.turn(seconds=300 + 600 + 1)
    before = desk.rows()
    answer = _visit(desk, "v1", token)
    assert (answer.status_code, _type(answer)) == (410, "token-expired")
    assert desk.rows() == before


@pytest.mark.parametrize("bad", ["", "x", "EMMA1.e30.AAAA", "0" * 32, "EMMA1..", "EMMA1.é.é", "x" * 400])
def test_an_unknown_token(desk: Any, bad: str) -> None:
    before = desk.rows()
    answer = _visit(desk, "v1", bad)
    expected = (404, "token-unknown") if bad else (400, "body-wrong")
    assert (answer.status_code, _type(answer)) == expected
    assert desk.rows() == before


def test_a_forged_token(desk: Any) -> None:
    token = desk.token(desk.account())
    forged = tokens.Signer(bytes(32)).sign(_jti(desk, token), 2_000_000_000)
    assert _type(_visit(desk, "v1", forged)) == "token-unknown"
    head, payload, signature = token.split(".")
    for broken in (f"{head}.{payload}A.{signature}", f"{head}.{payload}.{signature}=", f"{token}\n"):
        assert _type(_visit(desk, "v1", broken)) == "token-unknown"


def test_two_offline_stores_one_token_the_earlier_has_it_and_a_person_is_told(desk: Any) -> None:
    account = desk.account()
    jti = _jti(desk, desk.token(account))
    other = issue_key(desk.centre.database, "store", "two")
    early = desk.identified("v-early", jti, store="two")
    desk.hands.turn(minutes=1)
    desk.hand_in([desk.identified("v-late", jti), desk.sale("v-late", "9521234000013")])
    desk.hand_in([early], other)
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    assert [item["visit"] for item in items] == ["v-early"]
    found = desk.office("GET", "/alarms").json["alarms"]
    assert {(a["kind"], a["store"], a["about"]) for a in found} == {
        ("token_used_twice", "demo", jti), ("token_used_twice", "two", jti),
    }  # fmt: skip


def test_redeemed_online_beats_whatever_comes_in_later(desk: Any) -> None:
    account = desk.account()
    token = desk.token(account)
    jti = _jti(desk, token)
    stolen = desk.identified("v-thief", jti)
    desk.hands.turn(minutes=1)
    assert _visit(desk, "v-own", token).status_code == 200
    desk.hand_in([stolen, desk.sale("v-thief", "9521234000013")])
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    assert [(item["kind"], item["visit"]) for item in items] == [("visit", "v-own")]


def test_within_a_journal_the_number_decides_not_the_clock(desk: Any) -> None:
    account = desk.account()
    jti = _jti(desk, desk.token(account))
    first = desk.identified("v-first", jti)
    desk.hands.turn(days=-1)  # the store's clock jumped back
    desk.hand_in([desk.identified("v-second", jti)])
    desk.hand_in([first])
    desk.hands.turn(days=2)
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    assert [item["visit"] for item in items] == ["v-first"]


def test_an_account_has_only_so_many_live_tokens(tmp_path: Any, opener: Any) -> None:
    from central.settings import CentralSettings, Limits

    desk = opener(CentralSettings(home=tmp_path, limits=Limits(tokens_live_max=2)))
    account = desk.account()
    desk.token(account)
    desk.token(account)
    answer = desk.office("POST", f"/accounts/{account}/tokens")
    assert (answer.status_code, _type(answer)) == (429, "too-many-tokens")
    assert answer.headers["Retry-After"]
    desk.hands.turn(seconds=301)
    desk.token(account)
    desk.centre.close()


def test_the_key_file_is_made_once_and_is_its_owners_alone(tmp_path: Any) -> None:
    first = tokens.open_signer(tmp_path)
    assert tokens.open_signer(tmp_path).kid == first.kid
    assert (tmp_path / "token-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["token-key"]
    given = tokens.encode(bytes(range(32)))
    assert tokens.open_signer(tmp_path, given).kid == tokens.Signer(bytes(range(32))).kid


@pytest.mark.parametrize("bad", ["", "abc", "A" * 42, "!" * 43])
def test_a_bad_key_file_refuses_to_start(tmp_path: Any, bad: str) -> None:
    (tmp_path / "token-key").write_text(bad)
    with pytest.raises(ValueError, match="not the base64url text of 32 bytes"):
        tokens.open_signer(tmp_path)


def test_old_tokens_and_answers_are_forgotten_but_used_tokens_stay(desk: Any) -> None:
    from central.accounts import forget_old

    account = desk.account()
    shown, _unused = desk.token(account), desk.token(account)
    assert _visit(desk, "v1", shown).status_code == 200
    desk.hands.turn(days=91)
    assert forget_old(desk.centre) == (1, 1)
    assert forget_old(desk.centre) == (0, 0)
    assert _visit(desk, "v1", shown).status_code == 200


def test_retention_is_kept_once_a_day_by_whoever_calls_first(desk: Any) -> None:
    desk.token(desk.account())
    desk.hands.turn(days=91)
    assert desk.rows()["tokens"] == 1
    assert desk.ask("GET", "/health").status_code == 200
    assert desk.rows()["tokens"] == 0


def test_retention_waits_while_the_database_is_busy(
    desk: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from central import upkeep
    from central.db.database import Busy

    def busy(_: Any) -> None:
        raise Busy

    desk.hands.turn(days=2)
    with monkeypatch.context() as patch:
        patch.setattr(upkeep, "forget_old", busy)
        assert desk.ask("GET", "/health").status_code == 200
    assert "retention waits error=Busy" in caplog.text
    assert desk.ask("GET", "/health").status_code == 200
