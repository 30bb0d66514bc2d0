"""Errors in words: a calm page in the reader's language, a part for htmx, and no details of ours."""

from __future__ import annotations

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kiosk_ui.format import init_format
from kiosk_ui.i18n import init_i18n
from kiosk_ui.security import init_security
from kiosk_ui.trouble import init_trouble
from kiosk_ui.vendor import init_vendor, node_modules_folder

SECRET = "Erika's token"
TROUBLES = {
    400: ("We did not understand that.", "Das haben wir nicht verstanden."),
    403: ("This came from another site, so nothing was done.", "Das kam von einer anderen Seite"),
    404: ("There is nothing at this address.", "Unter dieser Adresse gibt es nichts."),
    405: ("That cannot be done like this.", "So geht das nicht."),
    413: ("That is more than we can take at once.", "Das ist mehr, als wir auf einmal annehmen können."),
    422: ("We did not understand that.", "Das haben wir nicht verstanden."),
    500: ("Something went wrong here.", "Hier ist etwas schiefgegangen."),
    503: ("Something went wrong here.", "Hier ist etwas schiefgegangen."),
}


@pytest.fixture
def client() -> FlaskClient:
    if not (node_modules_folder() / "htmx.org").is_dir():
        pytest.skip(f"the npm packages are not installed in {node_modules_folder()} (make setup)")
    app = Flask("kiosk_ui")
    init_i18n(app, default_language="de")
    init_format(app)
    init_security(app)
    init_trouble(app)
    init_vendor(app)
    app.extensions["emma-shop-name"] = "Laden & Sohn"

    @app.get("/abort/<int:status>")
    def told(status: int) -> str:
        abort(status, description=SECRET)

    @app.get("/folder/")
    def folder() -> str:
        return "here"

    @app.post("/break")
    def broken() -> str:
        if request.form:
            raise LookupError(SECRET)
        return ""

    return app.test_client()


def run_into(client: FlaskClient, status: int, **how: object) -> TestResponse:
    """Run into this trouble the way people do; the rest by `abort`."""
    ask: dict[str, object] = {"path": f"/abort/{status}"}
    if status == 404:
        ask = {"path": "/nothing"}
    elif status == 405:
        ask = {"path": "/break", "method": "GET"}
    elif status == 413:
        ask = {"path": "/break", "method": "POST", "data": {"x": "x" * 9_000_000}}
    elif status == 500:
        ask = {"path": "/break", "method": "POST", "data": {"x": "x"}}
    return client.open(**(ask | how))  # type: ignore[arg-type]


@pytest.mark.parametrize("status", TROUBLES)
def test_each_is_a_calm_page_in_both_languages(client: FlaskClient, status: int) -> None:
    for sentence, language in zip(TROUBLES[status], ("en", "de"), strict=True):
        answer = run_into(client, status, query_string={"lang": language})
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert f'<html lang="{language}"' in answer.text
        assert sentence in answer.text
        assert "Laden &amp; Sohn" in answer.text
        assert answer.text.count("<h1") == 1
        assert not any(word in answer.text for word in (SECRET, "Traceback", "werkzeug", "Error", "<title>4"))


@pytest.mark.parametrize("status", TROUBLES)
def test_htmx_gets_a_part(client: FlaskClient, status: int) -> None:
    answer = run_into(client, status, headers={"HX-Request": "true", "Accept-Language": "en"})
    assert answer.status_code == status
    assert answer.text.strip().startswith('<div class="notice notice--look" role="alert">')
    assert TROUBLES[status][0] in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("status", TROUBLES)
def test_the_guards_of_every_answer_stand_here_too(client: FlaskClient, status: int) -> None:
    headers = run_into(client, status).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_which_methods_there_are_is_still_said(client: FlaskClient) -> None:
    assert "POST" in run_into(client, 405).headers["Allow"]


def test_a_moved_page_is_no_trouble(client: FlaskClient) -> None:
    assert client.get("/folder").status_code == 308


def test_programs_get_what_they_always_got(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert "Laden" not in answer.text
