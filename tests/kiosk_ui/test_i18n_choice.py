"""Which language a reader gets, and where the sentences come from."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, Response, render_template_string
from flask_babel import gettext

from kiosk_ui.i18n import (
    COOKIE,
    CatalogueFault,
    compile_catalogue,
    forget_language,
    found_languages,
    init_i18n,
)

PAGE = (
    "{{ current_language().code }}|{{ current_language().direction }}|{{ _('Help') }}|"
    "{% for one in languages() %}{{ one.code }}={{ one.name }},{% endfor %}|{{ language_url('en') }}"
)


def write_catalogue(folder: Path, code: str, text: str) -> None:
    file = folder / code / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def make_app(folder: Path | None = None, default: str = "de") -> Flask:
    app = Flask("kiosk_ui")
    init_i18n(app, default_language=default, **({"folder": folder} if folder else {}))

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE)

    @app.get("/leave")
    def leave() -> Response:
        return forget_language(Response("bye", mimetype="text/plain"))

    return app


def said(app: Flask, url: str = "/", cookie: str | None = None, accept: str | None = None) -> str:
    client = app.test_client()
    if cookie:
        client.set_cookie(COOKIE, cookie)
    return client.get(url, headers={"Accept-Language": accept} if accept else {}).text.split("|")[0]


def test_the_order_of_choice() -> None:
    app = make_app()
    assert said(app) == "de"
    assert said(app, accept="en-GB,de;q=0.5") == "en"
    assert said(app, accept="fr") == "de"
    assert said(app, cookie="de", accept="en") == "de"
    assert said(app, "/?lang=en", cookie="de", accept="de") == "en"
    assert said(app, "/?lang=xx") == "de"
    assert said(app, cookie="../../etc", accept="en") == "en"


def test_a_choice_is_kept_and_can_be_forgotten() -> None:
    client = make_app().test_client()
    answer = client.get("/?lang=en")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert answer.headers["Content-Language"] == "en"
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)
    assert client.get("/").text.startswith("en|")
    client.get("/leave")
    assert client.get("/").text.startswith("de|")


def test_an_unknown_language_is_not_kept() -> None:
    assert "Set-Cookie" not in make_app().test_client().get("/?lang=xx").headers


def test_the_page_knows_its_languages() -> None:
    text = make_app().test_client().get("/?lang=de&item=7").text
    assert text == "de|ltr|Hilfe|de=Deutsch,en=English,|/?item=7&amp;lang=en"


def test_adding_a_language_is_adding_a_file(tmp_path: Path) -> None:
    write_catalogue(
        tmp_path,
        "ar",
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Help"\nmsgstr "مساعدة"\n',
    )
    app = make_app(tmp_path, default="ar")
    assert found_languages(tmp_path) == ("ar", "en")
    assert app.test_client().get("/").text.startswith("ar|rtl|مساعدة|")
    assert not list(tmp_path.rglob("*.mo"))


def test_a_sentence_without_translation_is_english(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "de", 'msgid ""\nmsgstr ""\n\nmsgid "Help"\nmsgstr ""\n')
    assert "|Help|" in make_app(tmp_path).test_client().get("/").text


def test_a_broken_catalogue_is_named(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "de", "this is no catalogue\n")
    with pytest.raises(CatalogueFault, match=r"messages\.po is not a catalogue"):
        compile_catalogue(tmp_path / "de" / "LC_MESSAGES" / "messages.po", "de")


def test_the_stores_language_must_exist() -> None:
    with pytest.raises(LookupError, match="no catalogue for 'nl'; there are de, en"):
        make_app(default="nl")


def test_outside_a_request_sentences_stay_english() -> None:
    assert gettext("Help") == "Help"
