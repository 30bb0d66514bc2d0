"""What a shopper in a cabin can do, on the glass and by phone: each act reads its form and does one thing."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import found_languages

FIELD_CHARS_MAX = 200
TOKEN_CHARS_MAX = 1_200

Act = Callable[[str], object | None]


def key() -> str:
    """The request's own key, so that a repeated tap is carried out once."""
    return request.form.get("request_key", "")[:64]


def _field(name: str, most: int = FIELD_CHARS_MAX) -> str:
    return request.form.get(name, "").strip()[:most]


def _bring(cabin: str) -> object:
    """`wanted`, beside what hangs here as `gtin`."""
    return the_box().fitting_room.requests.ask(cabin, _field("gtin"), _field("wanted"), key())


def _take_back(cabin: str) -> object:
    return the_box().fitting_room.requests.take_back(cabin, _field("request"))


def _mine(cabin: str) -> object:
    return the_box().fitting_room.confirm(cabin, _field("epc"), key())


def _not_mine(cabin: str) -> object:
    return the_box().fitting_room.deny(cabin, _field("epc"), key())


def _save(cabin: str) -> object:
    return the_box().fitting_room.save(cabin, _field("gtin"), key())


def _buy(cabin: str) -> object:
    return the_box().fitting_room.buy(cabin, _field("gtin"), key())


def _put_back(cabin: str) -> object:
    return the_box().fitting_room.put_back(cabin, _field("gtin"), key())


def _call(cabin: str) -> None:
    the_box().fitting_room.call_staff(cabin, key())


def _light(cabin: str) -> object:
    return the_box().fitting_room.light(cabin, _field("scene"), key())


def _language(cabin: str) -> object:
    """An unknown one changes nothing."""
    wanted = _field("language")
    return the_box().fitting_room.speak(cabin, wanted, key()) if wanted in found_languages() else None


def _show(cabin: str) -> object:
    """One garment, or a look: the numbers in `gtins`."""
    return the_box().fitting_room.show_look(cabin, _field("gtins").split(), key())


def _forget(cabin: str) -> object:
    return the_box().fitting_room.forget(cabin, key())


def _stay(cabin: str) -> object:
    return the_box().fitting_room.stay(cabin, key())


def _end(cabin: str) -> None:
    the_box().fitting_room.end(cabin, "command", key())


def identify(cabin: str) -> object:
    """The one-time token from the shopper's account; only their own phone sends it."""
    return the_box().fitting_room.identify(cabin, _field("code", TOKEN_CHARS_MAX), key())


ACTS: dict[str, Act] = {
    "bring": _bring,
    "take-back": _take_back,
    "mine": _mine,
    "not-mine": _not_mine,
    "save": _save,
    "buy": _buy,
    "put-back": _put_back,
    "call": _call,
    "light": _light,
    "language": _language,
    "show": _show,
    "forget": _forget,
    "stay": _stay,
    "end": _end,
}
