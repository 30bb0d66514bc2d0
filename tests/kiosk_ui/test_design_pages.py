"""The living catalogue answers in every language and size, and no page needs what the policy forbids."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk_ui.design.views import SAMPLES, SURFACES
from tests.kiosk_ui.sample_shop import make_app

PARTS = ["sign", "price-card", "roll", "stepper", "next", "act", "notice", "person", "tender", "qr", "field"]
PARTS += ["switch", "pill", "languages", "task", "toy", "door"]
PAGES = ["/design", *(f"/design/{sample}" for sample in SAMPLES)]


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_in_both_languages(client: FlaskClient, page: str, language: str) -> None:
    answer = client.get(f"{page}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}" dir="ltr">' in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_nothing_inline(client: FlaskClient, page: str) -> None:
    text = client.get(page).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique_and_labels_find_their_field(client: FlaskClient, page: str) -> None:
    text = client.get(page).text
    ids = re.findall(r"\sid=\"([^\"]+)\"", text)
    assert len(ids) == len(set(ids))
    pointed = re.findall(r"\sfor=\"([^\"]+)\"", text)
    pointed += [
        one
        for many in re.findall(r"aria-(?:labelledby|describedby)=\"([^\"]+)\"", text)
        for one in many.split()
    ]
    assert set(pointed) <= set(ids)


@pytest.mark.parametrize("page", PAGES)
def test_every_svg_is_hidden_or_named(client: FlaskClient, page: str) -> None:
    for tag in re.findall(r"<svg[^>]*>", client.get(page).text):
        assert 'aria-hidden="true"' in tag or 'class="qr__code"' in tag


def test_all_parts_in_three_themes(client: FlaskClient) -> None:
    text = client.get("/design").text
    for theme in ("light", "dark", "contrast"):
        assert f'data-theme="{theme}"' in text
    for part in PARTS:
        assert len(re.findall(rf'class="{part}[ "]', text)) >= 3 or part == "languages"


@pytest.mark.parametrize("surface", SURFACES)
def test_every_size(client: FlaskClient, surface: str) -> None:
    assert f'data-surface="{surface}" id="theme-light"' in client.get(f"/design?surface={surface}").text


def test_prices_follow_the_reader_even_where_they_are_written_down(client: FlaskClient) -> None:
    assert "7,69\N{NO-BREAK SPACE}€ bezahlen" in client.get("/design/kiosk?lang=de").text
    assert "Pay €7.69" in client.get("/design/kiosk?lang=en").text


@pytest.mark.parametrize("page", ["/design/nothing", "/design?surface=moon"])
def test_what_there_is_not(client: FlaskClient, page: str) -> None:
    assert client.get(page).status_code == 404


def test_each_form_that_acts_once_has_its_own_key(client: FlaskClient) -> None:
    keys = re.findall(r'name="request_key" value="([0-9a-f-]{36})"', client.get("/design/kiosk").text)
    assert len(keys) >= 4
    assert len(keys) == len(set(keys))
