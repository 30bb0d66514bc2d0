"""What the account pages do when head office is away or says no, and what they refuse to anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.settings import Limits
from tests.kiosk_ui.account_house import House, open_house

PRIVATE = ["/account", "/account/code", "/account/data.json", "/account/erase", "/account/erased"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def _is_calm(answer: object) -> None:
    assert answer.status_code == 503  # type: ignore[attr-defined]
    assert answer.headers["Retry-After"] == "5"  # type: ignore[attr-defined]
    assert "We cannot reach head office just now." in answer.text  # type: ignore[attr-defined]


def test_head_office_away_is_said_calmly_and_nothing_is_lost(house: House) -> None:
    key = house.make(history="yes")
    house.wire.plugged = False
    for path in ("/account", "/account/data.json", "/account/erase"):
        _is_calm(house.browser.get(path))
    for path, form in (
        ("/account/code", {}),
        ("/account/consents/history", {"granted": "no"}),
        ("/account/erase", {"sure": "yes"}),
        ("/account/sign-in", {"key": key}),
        ("/account/make", {"nickname": "Mina"}),
    ):
        _is_calm(house.browser.post(path, data=form))
    house.wire.plugged = True
    page = house.browser.get("/account").text
    assert "Good to see you, Mina." in page, "still signed in"
    assert dict(re.findall(r'id="(\w+)" aria-checked="(\w+)"', page))["history"] == "true"


def test_away_while_the_code_is_exchanged_is_a_part_of_the_page(house: House) -> None:
    house.make()
    house.wire.plugged = False
    part = house.browser.post("/account/code", headers={"HX-Request": "true"})
    _is_calm(part)
    assert "<html" not in part.text
    assert part.text.strip().startswith('<section class="letter__part code" id="code"')
    assert 'href="/account/code"' in part.text


def test_the_key_page_and_the_door_need_no_head_office(house: House) -> None:
    house.browser.post("/account/make", data={"nickname": "Mina"})
    house.wire.plugged = False
    assert house.browser.get("/account/key").status_code == 200
    assert house.pages.test_client().get("/account").status_code == 200


@pytest.mark.parametrize(("nickname", "plugged", "status"), [("Mina", False, 503), ("x" * 41, True, 422)])
def test_what_was_filled_in_at_the_door_stays(
    house: House, nickname: str, plugged: bool, status: int
) -> None:
    house.wire.plugged = plugged
    form = {"nickname": nickname, "language": "de", "history": "yes"}
    answer = house.browser.post("/account/make", data=form)
    assert answer.status_code == status
    assert f'value="{nickname}"' in answer.text
    assert '<option value="de" lang="de" selected>' in answer.text
    boxes = re.findall(r'<input class="switch__box" id="(\w+)"[^>]*checked', answer.text)
    assert boxes == ["history"]


def test_too_many_codes_are_a_sentence_and_the_ones_there_are_stay(tmp_path: Path) -> None:
    with open_house(tmp_path, limits=Limits(tokens_live_max=2)) as house:
        house.make()
        for _nth in range(2):
            assert house.browser.post("/account/code").status_code == 200
        answer = house.browser.post("/account/code")
        assert answer.status_code == 429
        assert "That was a little often." in answer.text
        house.turn(minutes=6)
        assert house.browser.post("/account/code").status_code == 200


def test_a_pages_key_that_head_office_does_not_know_looks_like_away(house: House) -> None:
    from central.keys import revoke_keys

    house.make()
    revoke_keys(house.central.extensions["centre"].database, "office", "account-pages")
    _is_calm(house.browser.get("/account"))


@pytest.mark.parametrize(
    "path", ["make", "kept", "sign-in", "demo", "sign-out", "consents/history", "code", "erase"]
)
def test_a_form_on_somebody_elses_page_does_nothing(house: House, path: str) -> None:
    house.make()
    house.wire.calls.clear()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere.test"}):
        answer = house.browser.post(
            f"/account/{path}", data={"sure": "yes", "granted": "yes"}, headers=headers
        )
        assert answer.status_code == 403
    assert house.wire.calls == []
    assert "Good to see you" in house.browser.get("/account").text


def test_nothing_is_kept_by_anybody_on_the_way(house: House) -> None:
    house.make(history="yes")
    for path in PRIVATE:
        assert house.browser.get(path).headers["Cache-Control"] == "no-store"
    away = house.browser.post("/account/consents/history", data={"granted": "no"})
    assert away.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_sealed_and_only_for_these_pages(house: House) -> None:
    house.browser.post("/account/make", data={"nickname": "Mina"})
    made = house.browser.post("/account/kept").headers.getlist("Set-Cookie")
    (cookie,) = [one for one in made if one.startswith("emma_account=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/account" in cookie
    assert "Max-Age=2592000" in cookie
    assert "Secure" not in cookie
    account = house.wire.calls[-1].rsplit("/", 1)[-1]
    assert account not in cookie
    house.pages.config["SESSION_COOKIE_SECURE"] = True
    house.browser.post("/account/make", data={"nickname": "Mina"})
    assert all("Secure" in one for one in house.browser.post("/account/kept").headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("forged", ["", "x", "gAAAAA==", "\u00e9", "a" * 4000])
def test_a_cookie_not_of_our_making_is_a_strangers(house: House, forged: str) -> None:
    browser = house.pages.test_client()
    browser.set_cookie("emma_account", forged, path="/account")
    assert "Shall we remember you?" in browser.get("/account").text
    assert house.wire.calls == []


def test_a_new_keys_cookie_signs_nobody_in(house: House) -> None:
    house.browser.post("/account/make", data={"nickname": "Mina"})
    new_key = house.browser.get_cookie("emma_new_key", path="/account")
    assert new_key is not None
    browser = house.pages.test_client()
    browser.set_cookie("emma_account", new_key.value, path="/account")
    assert "Shall we remember you?" in browser.get("/account").text


def test_without_a_secret_nobody_may_sign_in(house: House) -> None:
    house.pages.secret_key = None
    with pytest.raises(RuntimeError, match="no secret key"):
        house.browser.get("/account")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_page_in_both_languages_without_anything_inline(
    house: House, language: str, signed_in: bool
) -> None:
    if signed_in:
        house.make(history="yes")
        house.shop(times=2)
    pages = [house.browser.get(f"{path}?lang={language}") for path in PRIVATE if not path.endswith("json")]
    pages += [house.browser.post("/account/code")]
    for page in (one for one in pages if one.status_code == 200):
        assert f'<html lang="{language}"' in page.text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", page.text)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page.text))
        ids = re.findall(r"\sid=\"([^\"]+)\"", page.text)
        assert len(ids) == len(set(ids))
        pointed = re.findall(r"\sfor=\"([^\"]+)\"", page.text)
        for many in re.findall(r"aria-(?:labelledby|describedby)=\"([^\"]+)\"", page.text):
            pointed += many.split()
        assert set(pointed) <= set(ids)
        assert page.text.count("<h1") == 1
