"""The terminal's status codes in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from kiosk_ui.i18n import init_i18n
from kiosk_ui.kiosk.terminal_words import terminal_words


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    app = Flask("kiosk_ui")
    init_i18n(app)
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("status", "text", "busy"),
    [
        (None, "One moment, please", True),
        (0x0A, "Please insert or hold your card", False),
        (0x04, "One moment, the bank is being asked", True),
        (0x0B, "Please take your card", False),
        (0x1D, "The card was not accepted", False),
        (0x66, "Please follow the terminal", False),
        (0xFF, "Please follow the terminal", False),
    ],
)
def test_codes(status: int | None, text: str, busy: bool) -> None:
    words = terminal_words(status)
    assert (words.text, words.busy) == (text, busy)


def test_please_remove_card_is_added_to_what_it_says(english: None) -> None:
    assert terminal_words(0x44).text == terminal_words(0x04).text
    assert terminal_words(0x44).hint == "Please take your card."
    assert terminal_words(0x5D).text == "The card was not accepted"
    assert terminal_words(0x5E).text == "Please follow the terminal"
