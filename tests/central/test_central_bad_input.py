"""Bad input gets the right status and problem type, and leaves nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from central.keys import issue_key, revoke_keys

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
MILK = "9521234000013"


def _type(answer: Any) -> str:
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return str(answer.json["type"]).removeprefix("tag:tante-emma.example,2026:problem/")


@pytest.fixture
def unchanged(desk: Any) -> Iterator[Any]:
    """A desk whose tables must have as many rows after the test as before it."""
    before = desk.rows()
    yield desk
    assert desk.rows() == before
    with desk.centre.database.write("probe"):
        pass  # no transaction was left open


@pytest.mark.parametrize(
    ("body", "media", "status", "kind"),
    [
        (b"", BATCH, 400, "body-unreadable"),
        (b"{", BATCH, 400, "body-unreadable"),
        (b'[{"specversion":"1.0"', BATCH, 400, "body-unreadable"),
        (b"{}", BATCH, 400, "body-unreadable"),
        (b"[]", SINGLE, 400, "body-unreadable"),
        (b"\xff\xfe", BATCH, 400, "body-unreadable"),
        (b"[" * 500_000, BATCH, 400, "body-unreadable"),
        (b'{"a":' * 100_000, SINGLE, 400, "body-unreadable"),
        (b" " * ((1 << 20) + 1), BATCH, 413, "body-too-large"),
        (b"[" + b"1," * 500 + b"1]", BATCH, 413, "too-many-events"),
        (b"[]", "application/json", 415, "media-type-unsupported"),
        (b"[]", "", 415, "media-type-unsupported"),
    ],
)
def test_an_unreadable_batch(unchanged: Any, body: bytes, media: str, status: int, kind: str) -> None:
    answer = unchanged.store("POST", "/events", data=body, content_type=media)
    assert (answer.status_code, _type(answer)) == (status, kind)


def test_a_packed_body_is_not_read(unchanged: Any) -> None:
    answer = unchanged.store(
        "POST", "/events", data=b"[]", content_type=BATCH, headers={"Content-Encoding": "gzip"}
    )
    assert (answer.status_code, _type(answer)) == (415, "media-type-unsupported")


@pytest.mark.parametrize(
    ("header", "status", "kind"),
    [
        ({}, 401, "key-missing"),
        ({"Authorization": "Basic YTpi"}, 401, "key-missing"),
        ({"Authorization": "Bearer "}, 401, "key-missing"),
        ({"Authorization": "Bearer wrong"}, 401, "key-wrong"),
        ({"Authorization": "Bearer " + "x" * 5000}, 401, "key-wrong"),
        ({"Authorization": "Bearer \xe9\x00"}, 401, "key-wrong"),
    ],
)
@pytest.mark.parametrize("path", ["/events", "/visits", "/accounts"])
def test_a_wrong_key(unchanged: Any, path: str, header: dict[str, str], status: int, kind: str) -> None:
    answer = unchanged.ask("POST", path, json={}, headers=header)
    assert (answer.status_code, _type(answer)) == (status, kind)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_for_other_doors(unchanged: Any) -> None:
    for answer in (unchanged.store("POST", "/accounts", {}), unchanged.office("POST", "/visits", {})):
        assert (answer.status_code, _type(answer)) == (403, "key-not-for-this")


def test_a_revoked_key_is_worth_nothing_and_a_new_one_overlaps(desk: Any) -> None:
    newer = issue_key(desk.centre.database, "store", "demo")
    assert desk.hand_in([], newer).status_code == desk.hand_in([]).status_code == 200
    assert revoke_keys(desk.centre.database, "store", "demo") == 2
    assert _type(desk.hand_in([], newer)) == "key-wrong"
    for kind, name in (("store", "a b"), ("store", ""), ("till", "demo")):
        with pytest.raises(ValueError, match="a key is for"):
            issue_key(desk.centre.database, kind, name)


def test_keys_are_kept_only_as_digests(desk: Any) -> None:
    raw = b"".join(path.read_bytes() for path in desk.centre.settings.home.glob("central.db*"))
    assert desk.store_key.encode() not in raw
    assert desk.office_key.encode() not in raw


def test_another_stores_event_refuses_the_whole_batch(unchanged: Any) -> None:
    events = [unchanged.sale("", MILK), unchanged.sale("", MILK, store="two")]
    answer = unchanged.hand_in(events)
    assert (answer.status_code, _type(answer)) == (403, "event-of-another-store")


def _spoiled(desk: Any) -> dict[str, tuple[Any, str]]:
    good = desk.event("BasketOpened", {"basket": "b1"}, number=7)

    def but(**changed: Any) -> Any:
        return {name: value for name, value in (good | changed).items() if value is not None}

    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    return {
        "not an object": (5, "malformed"),
        "nothing": ({}, "malformed"),
        "no data": (but(data=None), "malformed"),
        "no time": (but(time=None), "malformed"),
        "time without zone": (but(time="2026-11-21T10:00:00"), "malformed"),
        "no such time": (but(time="2026-02-30T10:00:00Z"), "malformed"),
        "version": (but(specversion="0.3"), "malformed"),
        "type of data": (but(datacontenttype="text/plain"), "malformed"),
        "number as text": (but(number="7"), "malformed"),
        "number zero": (but(number=0, id="demo:3f9c2a1b:0"), "malformed"),
        "huge number": (but(number=10**30), "malformed"),
        "epoch": (but(epoch="../x"), "malformed"),
        "epoch with line feed": (but(epoch="ab\n"), "malformed"),
        "nul in type": (but(type="emma.\x00"), "malformed"),
        "source": (but(source="/shops/demo"), "source_unknown"),
        "source with line feed": (but(source="/stores/demo\n"), "source_unknown"),
        "other id": (but(id="demo:3f9c2a1b:8"), "id_not_ours"),
        "deep": (but(data=deep), "too_deep"),
        "long": (but(data={"x": "x" * (768 << 10)}), "too_long"),
    }


def test_malformed_events_are_refused_one_by_one(desk: Any) -> None:
    spoiled = _spoiled(desk)
    events: list[Any] = []
    for n, (event, _) in enumerate(spoiled.values()):
        events += [event, desk.event("HelpAsked", {"basket": "b1"}, number=100 + n)]
    body = json.dumps(events).encode()
    answer = desk.hand_in(body)
    assert answer.status_code == 200, answer.data
    assert answer.json["accepted"] == len(spoiled)
    said = {no["index"]: no["reason"] for no in answer.json["refused"]}
    assert said == {2 * n: reason for n, (_, reason) in enumerate(spoiled.values())}
    assert desk.rows()["events"] == len(spoiled)


@pytest.mark.parametrize("raw", [b"1e999", b'"\\ud800"', b"1" * 5000, b'"\xff"', b"nul"])
def test_what_is_no_json_value_is_refused_alone_or_with_its_body(desk: Any, raw: bytes) -> None:
    event = json.dumps(desk.event("New", {"x": "HERE"})).encode().replace(b'"HERE"', raw)
    answer = desk.hand_in(b"[" + event + b"]")
    if answer.status_code == 200:
        assert [no["reason"] for no in answer.json["refused"]] == ["malformed"]
    else:
        assert (answer.status_code, _type(answer)) == (400, "body-unreadable")
    assert desk.rows()["events"] == 0


@pytest.mark.parametrize(
    "ask",
    [
        {}, {"visit": "v"}, {"visit": "", "token": "t"}, {"visit": "v" * 65, "token": "t"},
        {"visit": "v", "token": "t" * 401}, {"visit": "v", "token": "t", "lane": "a b"},
        {"visit": "v\n", "token": "t"}, {"visit": "v", "token": "t", "nickname": "x"},
        {"visit": "\x00", "token": "t"}, [], 1, None,
    ],
)  # fmt: skip
def test_a_visit_of_the_wrong_shape(unchanged: Any, ask: Any) -> None:
    answer = unchanged.store("POST", "/visits", data=json.dumps(ask), content_type="application/json")
    assert (answer.status_code, _type(answer)) == (400, "body-wrong")


@pytest.mark.parametrize(
    "change",
    [
        {"nickname": ""}, {"nickname": "x" * 41}, {"nickname": "a\nb"}, {"nickname": 5},
        {"language": "deutsch"}, {"language": "de\n"}, {"consents": {"history": True}},
        {"consents": {"history": "yes", "personalisation": True}}, {"place": ""}, {"age": 30},
        {"consents": {"history": True, "personalisation": True, "selling": True}},
    ],
)  # fmt: skip
def test_an_account_of_the_wrong_shape(unchanged: Any, change: dict[str, Any]) -> None:
    ask = {
        "nickname": "Erika", "language": "de", "place": "kiosk",
        "consents": {"history": True, "personalisation": True},
    }  # fmt: skip
    answer = unchanged.office("POST", "/accounts", ask | change)
    assert (answer.status_code, _type(answer)) == (400, "body-wrong")


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 200_000, b'{"visit":' * 30_000, b"\xff"])
def test_json_that_cannot_be_read(unchanged: Any, body: bytes) -> None:
    answer = unchanged.store("POST", "/visits", data=body, content_type="application/json")
    assert (answer.status_code, _type(answer)) == (400, "body-unreadable")


def test_addresses_and_methods_that_are_not_there(unchanged: Any) -> None:
    assert _type(unchanged.ask("GET", "/nothing")) == "not-found"
    for method in ("GET", "OPTIONS", "PATCH"):
        answer = unchanged.ask(method, "/events")
        assert (answer.status_code, _type(answer)) == (405, "method-not-allowed")
        assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("account", ["0" * 32, "x", "%00", "..%2f", "0" * 31 + "%0A"])
def test_an_unknown_account(unchanged: Any, account: str) -> None:
    for method, path in (("GET", ""), ("GET", "/timeline"), ("POST", "/tokens"), ("DELETE", "")):
        answer = unchanged.office(method, f"/accounts/{account}{path}")
        assert answer.status_code == 404
        assert _type(answer) in ("account-unknown", "not-found")


def test_an_unknown_purpose_and_a_wrong_sign_in(desk: Any) -> None:
    account = desk.account()
    said = {"granted": True, "text_version": "1", "place": "here"}
    assert _type(desk.office("PUT", f"/accounts/{account}/consents/selling", said)) == "purpose-unknown"
    answer = desk.office("POST", "/sessions", {"key": "\x00wrong"})
    assert (answer.status_code, _type(answer)) == (401, "sign-in-wrong")


def test_what_breaks_inside_says_so_and_writes_nothing(
    unchanged: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from central import fold

    def broken(*_: Any) -> None:
        raise RuntimeError("Erika must not be logged")

    monkeypatch.setattr(fold, "write", broken)
    answer = unchanged.hand_in([unchanged.sale("", MILK)])
    assert (answer.status_code, _type(answer)) == (500, "internal")
    assert "request broke error=RuntimeError" in caplog.text
    assert "Erika" not in caplog.text + answer.text


def test_every_answer_is_for_nobodys_cache(desk: Any) -> None:
    for path in ("/health", "/nothing", "/docs"):
        headers = desk.ask("GET", path).headers
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
