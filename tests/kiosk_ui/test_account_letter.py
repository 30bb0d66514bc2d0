"""A customer's way through the account pages, front to back, with a real head office behind them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from central.settings import Limits
from central.tokens import Forged
from tests.kiosk_ui.account_house import House, key_on, open_house, read_token


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def test_a_stranger_reads_what_it_is_and_sees_two_ways_in(house: House) -> None:
    page = house.browser.get("/account")
    assert page.status_code == 200
    assert "Shall we remember you?" in page.text
    assert 'action="/account/make"' in page.text
    assert 'action="/account/sign-in"' in page.text
    assert "demo" not in page.text
    assert house.wire.calls == []


def test_every_switch_is_off_until_somebody_switches_them(house: House) -> None:
    page = house.browser.get("/account").text
    boxes = re.findall(r'<input class="switch__box"[^>]*>', page)
    assert len(boxes) == 4
    assert not any("checked" in box for box in boxes)
    house.make()
    assert re.findall(r'aria-checked="(\w+)"', house.browser.get("/account").text) == ["false"] * 4


def test_the_key_is_shown_until_it_is_kept_and_never_again(house: House) -> None:
    made = house.browser.post("/account/make", data={"nickname": "Mina", "language": "en"})
    assert (made.status_code, made.location) == (303, "/account/key")
    key = key_on(house.browser.get("/account/key"))
    assert len(key) == 43
    assert key_on(house.browser.get("/account/key")) == key, "a reload loses nothing"
    assert house.browser.get("/account").location == "/account/key"
    saved = house.browser.get("/account/key.txt")
    assert saved.text.splitlines()[-1] == key
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert house.browser.post("/account/kept").location == "/account"
    assert "Good to see you, Mina." in house.browser.get("/account").text
    assert house.browser.get("/account/key").location == "/account"
    assert house.browser.get("/account/key.txt").status_code == 303


def test_an_unkept_key_is_forgotten_after_a_quarter_of_an_hour(house: House) -> None:
    house.browser.post("/account/make", data={"nickname": "", "language": "en"})
    house.turn(minutes=16)
    assert house.browser.get("/account/key").location == "/account"
    house.browser.post("/account/kept")
    assert "Shall we remember you?" in house.browser.get("/account").text


def test_in_by_the_key_on_another_device_and_out_again(house: House) -> None:
    key = house.make()
    other = house.pages.test_client()
    assert other.post("/account/sign-in", data={"key": f" {key[:20]} {key[20:]}\n"}).status_code == 303
    assert "Good to see you, Mina." in other.get("/account").text
    other.post("/account/sign-out")
    assert "Shall we remember you?" in other.get("/account").text
    assert "Good to see you, Mina." in house.browser.get("/account").text


@pytest.mark.parametrize("key", ["", "wrong", "x" * 201, "\N{SNOWMAN}", "a\x00b"])
def test_a_wrong_key_opens_nothing_and_gets_a_sentence(house: House, key: str) -> None:
    answer = house.browser.post("/account/sign-in", data={"key": key})
    assert answer.status_code == 401
    assert "This key opens no account." in answer.text
    assert house.browser.get_cookie("emma_account", path="/account") is None


def test_nobody_stays_signed_in_for_ever(house: House) -> None:
    house.make()
    house.turn(days=29)
    assert "Good to see you" in house.browser.get("/account").text
    house.turn(days=2)
    assert "Shall we remember you?" in house.browser.get("/account").text


@pytest.mark.parametrize("path", ["/account/code", "/account/data.json", "/account/erase"])
def test_strangers_are_led_to_the_door(house: House, path: str) -> None:
    assert house.browser.get(path).location == "/account"
    part = house.browser.post("/account/code", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/account"
    assert part.text == ""


@pytest.mark.parametrize("purpose", ["history", "personalisation", "loyalty"])
def test_a_switch_is_one_press_there_and_one_back(house: House, purpose: str) -> None:
    house.make(history="yes")
    page = house.browser.get("/account").text
    before = dict(re.findall(r'id="(\w+)" aria-checked="(\w+)"', page))
    assert before == {"history": "true", "personalisation": "false", "loyalty": "false", "journey": "false"}
    house.turn(days=1)
    to = "no" if before[purpose] == "true" else "yes"
    answer = house.browser.post(f"/account/consents/{purpose}", data={"granted": to})
    assert (answer.status_code, answer.location) == (303, f"/account#{purpose}")
    page = house.browser.get("/account").text
    after = dict(re.findall(r'id="(\w+)" aria-checked="(\w+)"', page))
    assert after == before | {purpose: "true" if to == "yes" else "false"}
    assert f"You said {to} on November 22, 2026, to the words of version account-3.en." in page


def test_everything_is_switched_off_in_one_go(house: House) -> None:
    house.make(history="yes", personalisation="yes", journey="yes")
    house.turn(days=1)
    assert house.browser.post("/account/objection").location == "/account#switches"
    page = house.browser.get("/account").text
    assert set(re.findall(r'aria-checked="(\w+)"', page)) == {"false"}


def test_a_browser_that_asks_for_privacy_is_heard_and_its_owner_may_say_otherwise(house: House) -> None:
    private = {"Sec-GPC": "1"}

    def journey(headers: dict[str, str] = private) -> str:
        page = house.browser.get("/account", headers=headers).text
        (found,) = re.findall(r'id="journey" aria-checked="(\w+)"', page)
        assert ("Global Privacy Control" in page) == (found == "false" and bool(headers))
        return found

    house.make(history="yes", journey="yes")
    assert journey({}) == "true"
    house.turn(minutes=1)
    assert (journey(), journey({})) == ("false", "false")
    house.turn(minutes=1)
    house.browser.post("/account/consents/journey", data={"granted": "yes"}, headers=private)
    assert journey() == "true"


def test_a_new_account_made_under_privacy_control_is_not_put_together(house: House) -> None:
    private = {"Sec-GPC": "1"}
    assert "Global Privacy Control" in house.browser.get("/account", headers=private).text
    filled = {"nickname": "Mina", "language": "en", "history": "yes", "journey": "yes"}
    house.browser.post("/account/make", data=filled, headers=private)
    house.browser.post("/account/kept")
    house.turn(minutes=1)
    on = dict(re.findall(r'id="(\w+)" aria-checked="(\w+)"', house.browser.get("/account").text))
    assert (on["history"], on["journey"]) == ("true", "false")
    house.browser.post("/account/consents/journey", data={"granted": "yes"}, headers=private)
    page = house.browser.get("/account", headers=private).text
    assert 'id="journey" aria-checked="true"' in page


def test_kept_but_not_used_until_its_owner_says_so(house: House) -> None:
    house.make(history="yes")
    house.shop()
    for wanted, rests in (("yes", True), ("perhaps", True), ("no", False)):
        assert house.browser.post("/account/restriction", data={"restricted": wanted}).status_code == 303
        page = house.browser.get("/account").text
        assert ("use none of it" in page) == rests
        assert ('class="timeline__entry"' in page) != rests
        assert "You said yes on" in page  # what was said stands, though it rests


def test_what_is_written_down_can_be_put_right(house: House) -> None:
    house.make()
    answer = house.browser.post("/account/correct", data={"nickname": " Mina M. ", "language": "de"})
    assert answer.location == "/account#stored"
    assert "Good to see you, Mina M." in house.browser.get("/account").text
    page = house.browser.post("/account/correct", data={"nickname": "M" * 41, "language": "de"})
    assert page.status_code == 422
    assert "That is longer than we can keep" in page.text
    house.browser.post("/account/correct", data={"nickname": "", "language": "xx"})
    assert "Good to see you, guest." in house.browser.get("/account").text


def test_a_switch_there_is_not_does_nothing(house: House) -> None:
    house.make()
    house.wire.calls.clear()
    assert house.browser.post("/account/consents/everything", data={"granted": "yes"}).status_code == 303
    assert house.browser.post("/account/consents/history", data={"granted": "maybe"}).status_code == 303
    assert house.wire.calls == []


def test_looking_at_the_code_page_asks_for_nothing_a_post_does(house: House) -> None:
    house.make()
    house.wire.calls.clear()
    assert 'hx-trigger="load, submit"' in house.browser.get("/account/code").text
    assert house.wire.calls == []
    house.turn(seconds=0.4)  # head office rounds a code's end up to a whole second; we promise none of it
    page = house.browser.post("/account/code").text
    assert "<html" in page
    assert 'class="qr__code"' in page
    assert 'data-left-s="300"' in page
    assert "Good until 11:05" in page
    part = house.browser.post("/account/code", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert part.strip().startswith('<section class="letter__part code" id="code"')


def test_the_code_is_a_token_that_the_published_key_verifies(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.make()
    drawn: list[str] = []
    monkeypatch.setattr("kiosk_ui.account.views.qr_svg", lambda text: drawn.append(text) or "")
    house.browser.post("/account/code")
    (token,) = drawn
    assert re.fullmatch(r"[0-9a-f]{32}", read_token(house, token))
    with pytest.raises(Forged):
        read_token(house, f"{token[:-4]}AAAA")


def test_a_purchase_stands_in_the_letter(house: House) -> None:
    house.make(history="yes")
    assert "Nothing yet." in house.browser.get("/account").text
    house.shop()
    page = house.browser.get("/account").text
    assert "November 21, 2026 at 11:00\u202fAM · demo · Till 1" in page
    assert "4 things for €15.86" in page
    assert "3 × Vollmilch" in page
    assert "9521234000020" in page, "an article nobody can name keeps its number"
    assert 'src="/pictures/milk-1.svg"' in page
    assert "Receipt 1" in page
    house.browser.post("/account/consents/history", data={"granted": "no"})
    page = house.browser.get("/account").text
    assert "Vollmilch" not in page
    assert "we look at none of your purchases, and there is nothing to show" in page


def test_older_visits_come_when_asked_for(tmp_path: Path) -> None:
    with open_house(tmp_path, limits=Limits(timeline_page=3)) as house:
        house.make(history="yes")
        house.shop(times=10)
        page = house.browser.get("/account").text
        assert [int(n) for n in re.findall(r"Receipt (\d+)", page)] == [*range(10, 2, -1)]
        assert "visits=16#visits" in page
        page = house.browser.get("/account?visits=16").text
        assert [int(n) for n in re.findall(r"Receipt (\d+)", page)] == [*range(10, 0, -1)]
        assert "Show older visits" not in page
        assert house.browser.get("/account?visits=-3").status_code == 200
        assert house.browser.get("/account?visits=all").status_code == 200


def test_everything_may_be_taken_along(tmp_path: Path) -> None:
    with open_house(tmp_path, limits=Limits(timeline_page=3)) as house:
        house.make(history="yes")
        house.shop(times=4)
        answer = house.browser.get("/account/data.json")
        assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
        taken = json.loads(answer.text)
        assert taken["complete"] is True
        assert taken["account"]["nickname"] == "Mina"
        assert [proof["granted"] for proof in taken["account"]["proofs"]] == [True, False, False, False]
        assert [entry["act"] for entry in taken["register"]] == ["copied"]
        kinds = [item["kind"] for item in taken["timeline"]]
        assert (kinds.count("purchase"), kinds.count("visit")) == (4, 4)
        assert "key" not in taken["account"]


def test_points_say_for_which_receipt_and_how_long(house: House) -> None:
    house.make(loyalty="yes")
    house.shop(times=2)
    page = " ".join(house.browser.get("/account").text.split())
    assert "You have 30 points." in page
    assert "30 of them can be spent until November 30, 2028" in page
    assert "For receipt 2 over €15.86 you got 15." in page
    assert "470 more this year, and you have Silver." in page
    taken = json.loads(house.browser.get("/account/data.json").text)
    assert (taken["points"]["balance"], len(taken["points"]["items"])) == (30, 2)


def test_without_collecting_no_points_are_shown(house: House) -> None:
    house.make(history="yes")
    house.shop()
    assert 'id="points"' not in house.browser.get("/account").text


def test_erasing_says_what_goes_needs_a_tick_and_is_final(house: House) -> None:
    key = house.make(history="yes")
    house.shop()
    other = house.pages.test_client()
    other.post("/account/sign-in", data={"key": key})
    page = house.browser.get("/account/erase").text
    assert "§\u00a0147\u00a0AO" in page
    untouched = house.browser.post("/account/erase", data={})
    assert untouched.status_code == 422
    assert "Please put the tick first" in untouched.text
    assert "Good to see you" in house.browser.get("/account").text
    assert house.browser.post("/account/erase", data={"sure": "yes"}).location == "/account/erased"
    assert "You are forgotten." in house.browser.get("/account/erased").text
    assert "Shall we remember you?" in house.browser.get("/account").text
    gone = other.get("/account")
    assert gone.status_code == 410
    assert "This account is no more." in gone.text
    assert "Shall we remember you?" in other.get("/account").text, "and signed out there too"
    assert other.post("/account/sign-in", data={"key": key}).status_code == 401


def test_a_part_of_an_erased_account_leads_to_the_door(house: House) -> None:
    key = house.make()
    other = house.pages.test_client()
    other.post("/account/sign-in", data={"key": key})
    house.browser.post("/account/erase", data={"sure": "yes"})
    part = other.post("/account/code", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/account"


def test_be_erika_only_where_she_lives(house: House) -> None:
    key = house.make("Erika")
    other = house.pages.test_client()
    assert other.post("/account/demo").location == "/account"
    assert "Shall we remember you?" in other.get("/account").text
    house.pages.extensions["emma-demo-account-key"] = key
    assert "Be Erika, our demo customer" in other.get("/account").text
    other.post("/account/demo")
    assert "Good to see you, Erika." in other.get("/account").text


@pytest.mark.parametrize("nickname", ["x" * 41, "two\nlines", "bell\x07"])
def test_a_nickname_that_cannot_be_kept_gets_a_sentence(house: House, nickname: str) -> None:
    answer = house.browser.post("/account/make", data={"nickname": nickname, "language": "en"})
    assert answer.status_code == 422
    assert 'id="nickname-fault"' in answer.text
    assert house.wire.calls == []


def test_a_store_is_called_by_its_name_where_somebody_knows_it(house: House) -> None:
    house.pages.extensions["emma-store-words"] = {"demo": "Market Square"}.get
    house.pages.extensions["emma-shop-name"] = "Corner & Co"
    house.make(history="yes")
    house.shop()
    page = house.browser.get("/account").text
    assert "AM · Market Square · Till 1" in page
    assert "<strong>Corner &amp; Co</strong>" in page


def test_without_a_nickname_one_is_a_guest_in_ones_own_language(house: House) -> None:
    house.browser.post("/account/make", data={"language": "de"}, headers={"Accept-Language": "en"})
    house.browser.post("/account/kept")
    assert "Schön, Sie zu sehen, Gast." in house.browser.get("/account").text
    assert "speak German with you" in house.browser.get("/account?lang=en").text


def test_the_chosen_language_is_spoken_from_then_on(house: House) -> None:
    house.browser.post("/account/make", data={"nickname": "Mina", "language": "de"})
    page = house.browser.get("/account/key")
    assert '<html lang="de"' in page.text
    assert "Bitte heben Sie ihn jetzt auf" in page.text
    assert "Your key" in house.browser.get("/account/key?lang=en").text


def test_markup_in_a_nickname_stays_a_nickname(house: House) -> None:
    house.make("<b onclick=x>")
    assert "&lt;b onclick=x&gt;" in house.browser.get("/account").text


def test_logs_and_addresses_name_nobody(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = house.make("Wilhelmine", history="yes")
    house.shop()
    house.browser.get("/account?visits=16")
    house.browser.get("/account/data.json")
    house.browser.post("/account/erase", data={"sure": "yes"})
    assert caplog.records
    for secret in ("Wilhelmine", key, "EMMA1."):
        assert secret not in caplog.text
    assert datetime.fromisoformat("2026-11-22T10:00:00+00:00") == house.now
