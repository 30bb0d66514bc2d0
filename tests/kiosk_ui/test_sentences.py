"""The shop has a sentence for everything it can refuse, in every language, and none blames."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from checkout.errors import REASONS, Refused
from kiosk_ui.i18n import init_i18n
from kiosk_ui.sentences import sentence, words_for


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("kiosk_ui")
    init_i18n(app)
    return app


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_in_both_languages(app: Flask, reason: str) -> None:
    said = {}
    for language in ("de", "en"):
        with app.test_request_context(), force_locale(language):
            said[language] = sentence(Refused(reason))
    assert said["de"] != said["en"]
    for text in said.values():
        assert re.fullmatch(r"[A-ZÄÖÜ].{8,160}\.", text)
        assert not re.search(r"!|\b(error|invalid|wrong|Fehler|ungültig|falsch)\b", text)


def test_text_and_hint_apart(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        words = words_for("code_unreadable")
    assert words.text == "We did not catch that."
    assert words.hint == "Please turn the code towards the glass."


def test_no_hint_leaves_no_gap(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert sentence(Refused("nothing_to_cancel")) == "There is nothing to cancel."


def test_a_word_that_is_no_reason(app: Flask) -> None:
    with pytest.raises(KeyError):
        words_for("because")
