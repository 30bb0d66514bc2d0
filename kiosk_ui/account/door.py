"""The door of the account: what it is for a stranger, a new account and its key, in by a key, and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Response, current_app, make_response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from kiosk_ui.account.api import HeadOfficeAway
from kiosk_ui.account.frame import (
    Page,
    blueprint,
    later,
    now,
    now_s,
    privacy_control,
    shop_name,
    the_api,
    to,
)
from kiosk_ui.account.pace import WHILE_S, Pace
from kiosk_ui.account.purposes import PURPOSES, purposes, text_version
from kiosk_ui.account.seals import KEY_SHOWN_S, NEW_KEY, SIGNED_IN, SIGNED_IN_D, pack, unpack
from kiosk_ui.i18n import COOKIE, COOKIE_AGE_S, current_language, found_languages
from kiosk_ui.qr import qr_svg

DEMO_KEY = "emma-demo-account-key"
PACE = "emma-account-pace"
NICKNAME_CHARS_MAX = 40
KEY_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody has filled in at the door: `on` holds the names of the switches they put on."""

    nickname: str = ""
    language: str = ""
    on: frozenset[str] = frozenset()

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Filled:
        on = frozenset(purpose for purpose in PURPOSES if form.get(purpose) == "yes")
        return cls(form.get("nickname", "").strip(), form.get("language", ""), on)


EMPTY = Filled()


def _demo_key() -> str:
    return str(current_app.extensions.get(DEMO_KEY) or "")


def _pace() -> Pace:
    return cast(Pace, current_app.extensions.setdefault(PACE, Pace()))


def new_key() -> tuple[str, str] | None:
    """The account just made in this browser, and its key; None where there is none to keep."""
    return unpack(NEW_KEY.read(current_app, request, now_s()))


def the_door(
    filled: Filled = EMPTY,
    *,
    away: bool = False,
    often: bool = False,
    name_fault: str = "",
    key_fault: str = "",
    status: int = 200,
) -> Response:
    """The page for a stranger, with what they had filled in and what was wrong with it."""
    page = render_template(
        "account/door.html",
        filled=filled,
        away=away,
        often=often,
        purposes=purposes(),
        nickname_fault=name_fault,
        privacy_control=privacy_control(),
        key_fault=key_fault,
        nickname_chars_max=NICKNAME_CHARS_MAX,
        key_chars_max=KEY_CHARS_MAX,
        signed_in_d=SIGNED_IN_D,
        demo=bool(_demo_key()),
    )
    return make_response(page, status)


@blueprint.post("/make")
def make() -> Page:
    """A new account by the form of the door. What was filled in stays where it cannot be done.

    422 for a nickname that cannot be kept, 429 when too many were made of late, 503 without head office.
    """
    filled = Filled.of(request.form)
    fault = nickname_fault(filled.nickname)
    if fault:
        return the_door(filled, name_fault=fault, status=422)
    if not _pace().allows(request.remote_addr or "", now()):
        return later(the_door(filled, often=True, status=429), WHILE_S)
    language = filled.language if filled.language in found_languages() else current_language().code
    try:
        opened = the_api().open_account(
            filled.nickname or guest(language),
            language.replace("_", "-"),  # a language tag (BCP 47), as head office keeps it
            history="history" in filled.on,
            personalisation="personalisation" in filled.on,
            loyalty="loyalty" in filled.on,
            journey="journey" in filled.on and not privacy_control(),
            text_version=text_version(current_language().code),
        )
    except HeadOfficeAway:
        return later(the_door(filled, away=True, status=503))
    response = to("account.key")
    NEW_KEY.put(current_app, response, pack(opened.account, opened.key), now_s())
    response.set_cookie(
        COOKIE, language, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def guest(language: str) -> str:
    """What we call somebody who has not said, in the language that we shall speak."""
    with force_locale(language):
        return str(_("guest"))


def nickname_fault(nickname: str) -> str:
    """What is wrong with a nickname, in words; "" if nothing is."""
    if len(nickname) > NICKNAME_CHARS_MAX:
        return str(_("That is longer than we can keep. %(n)s letters at most, please.", n=NICKNAME_CHARS_MAX))
    if not nickname.isprintable():
        return str(_("There is a sign in it that cannot be shown. Please type it once more."))
    return ""


@blueprint.get("/key")
def key() -> Page:
    """The key of an account just made, until its owner says that it is kept."""
    fresh = new_key()
    if fresh is None:
        return to("account.home")
    return render_template("account/key.html", key=fresh[1], code=qr_svg(fresh[1]), minutes=KEY_SHOWN_S // 60)


@blueprint.get("/key.txt")
def key_file() -> Page:
    """The same key as a small text file."""
    fresh = new_key()
    if fresh is None:
        return to("account.home")
    words = _(
        "This is the key to your account at %(shop)s. Keep it like the key to your door.", shop=shop_name()
    )
    response = make_response(f"{words}\n\n{fresh[1]}\n")
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = "attachment; filename=key.txt"
    return response


@blueprint.post("/kept")
def kept() -> Page:
    """The owner has the key: forget it here, and open the letter."""
    fresh = new_key()
    response = to("account.home")
    if fresh is not None:
        SIGNED_IN.put(current_app, response, fresh[0], now_s())
    NEW_KEY.drop(current_app, response)
    return response


@blueprint.post("/sign-in")
def sign_in() -> Page:
    """In by the key; spaces in it do not count. A key that opens nothing gets 401 and a sentence."""
    return _enter("".join(request.form.get("key", "").split()))


@blueprint.post("/demo")
def demo() -> Page:
    """In as the demo store's invented customer, where there is one."""
    return _enter(_demo_key()) if _demo_key() else to("account.home")


def _enter(key: str) -> Response:
    account = the_api().sign_in(key) if 0 < len(key) <= KEY_CHARS_MAX else None
    if account is None:
        fault = _("This key opens no account. Please look whether all of it is there.")
        return the_door(key_fault=fault, status=401)
    response = to("account.home")
    SIGNED_IN.put(current_app, response, account, now_s())
    NEW_KEY.drop(current_app, response)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Page:
    """Out, on this device."""
    response = to("account.home")
    SIGNED_IN.drop(current_app, response)
    NEW_KEY.drop(current_app, response)
    return response
