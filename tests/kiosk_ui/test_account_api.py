"""The account pages' client: what a strange, slow, huge or broken head office turns into."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from kiosk_ui.account.api import (
    ANSWER_BYTES_MAX,
    CALL_S_MAX,
    PAGES_MAX,
    AccountApi,
    HeadOfficeAway,
    HeadOfficeRefused,
)

ME = "0" * 31 + "1"
Answer = Callable[[httpx.Request], httpx.Response]


def api(answer: Answer, monotonic: Callable[[], float] = lambda: 0.0) -> AccountApi:
    return AccountApi("http://head-office.test/", "office-key", httpx.MockTransport(answer), monotonic)


def problem(status: int, kind: str) -> Answer:
    return lambda _request: httpx.Response(status, json={"type": kind, "title": "No.", "status": status})


def test_it_shows_its_key_and_asks_in_json() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"account": ME, "key": "k", "new_field": 1})

    agreed = {"history": True, "personalisation": False, "loyalty": True, "journey": False}
    opened = api(answer).open_account("Mina", "de", **agreed, text_version="a-1")
    assert (opened.account, opened.key) == (ME, "k")
    (request,) = seen
    assert request.url == "http://head-office.test/api/v1/accounts"
    assert request.headers["Authorization"] == "Bearer office-key"
    assert json.loads(request.content) == {
        "nickname": "Mina",
        "language": "de",
        "consents": agreed,
        "place": "account page",
        "text_version": "a-1",
    }


@pytest.mark.parametrize(
    "answer",
    [
        problem(500, "urn:emma:problem:internal"),
        problem(503, "urn:emma:problem:busy"),
        problem(401, "urn:emma:problem:key-wrong"),
        problem(403, "urn:emma:problem:key-not-for-this"),
        lambda _request: httpx.Response(302, headers={"Location": "http://elsewhere.test"}),
        lambda _request: httpx.Response(200, text="<html>"),
        lambda _request: httpx.Response(200, json={"account": ME}),
        lambda _request: httpx.Response(200, json=[]),
        lambda _request: httpx.Response(200, content=b"\xff\xfe"),
        lambda _request: httpx.Response(200, content=b'"' + b"x" * ANSWER_BYTES_MAX + b'"'),
    ],
)
def test_no_answer_that_we_can_use_is_away(answer: Answer) -> None:
    with pytest.raises(HeadOfficeAway):
        api(answer).account(ME)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_broken_line_is_away(error: type[httpx.HTTPError]) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error(f"the line broke near {ME}")

    with pytest.raises(HeadOfficeAway) as away:
        api(answer).account(ME)
    assert ME not in str(away.value)


def test_a_trickling_answer_ends_at_the_deadline() -> None:
    now_s = 0.0

    class Trickle(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal now_s
            for _nth in range(100):
                now_s += CALL_S_MAX / 4
                yield b" "

    with pytest.raises(HeadOfficeAway, match="too slowly"):
        api(lambda _request: httpx.Response(200, stream=Trickle()), lambda: now_s).account(ME)
    assert now_s <= CALL_S_MAX * 1.5


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("urn:emma:problem:account-erased", "account-erased"),
        ("https://emma.example/problems/account-erased", "account-erased"),
        ("about:blank", "blank"),
    ],
)
def test_a_refusal_carries_the_last_word_of_its_type(kind: str, word: str) -> None:
    with pytest.raises(HeadOfficeRefused) as refused:
        api(problem(410, kind)).account(ME)
    assert (refused.value.status, refused.value.problem) == (410, word)


def test_a_refusal_without_a_problem_is_still_one() -> None:
    with pytest.raises(HeadOfficeRefused) as refused:
        api(lambda _request: httpx.Response(404, text="not found")).account(ME)
    assert refused.value.problem == "unknown"


def test_a_wrong_sign_in_key_is_nobody_and_a_wrong_key_of_ours_is_away() -> None:
    assert api(problem(401, "urn:emma:problem:sign-in-wrong")).sign_in("x") is None
    with pytest.raises(HeadOfficeAway):
        api(problem(401, "urn:emma:problem:key-missing")).sign_in("x")
    with pytest.raises(HeadOfficeRefused):
        api(problem(413, "urn:emma:problem:body-too-large")).sign_in("x")


@pytest.mark.parametrize("account", ["", "../stores", "a" * 33, "A" * 32, f"{ME}\n", f"{ME}/tokens"])
def test_only_an_account_id_ever_becomes_a_path(account: str) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing may be asked")

    with pytest.raises(HeadOfficeRefused):
        api(answer).account(account)


def test_a_timeline_without_end_is_left_after_a_limit() -> None:
    turns = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal turns
        if not request.url.path.endswith("/timeline"):
            return httpx.Response(201, json={"of": request.url.path.rsplit("/", 1)[-1]})
        assert request.url.params.get("cursor") == (f"c{turns}" if turns else None)
        turns += 1
        return httpx.Response(200, json={"history": True, "items": [], "cursor": f"c{turns}"})

    taken = api(answer).everything(ME)
    assert taken == {"of": "copies", "timeline": [], "complete": False}
    assert turns == PAGES_MAX


def test_erasing_reads_an_empty_answer() -> None:
    api(lambda _request: httpx.Response(204)).erase(ME)
