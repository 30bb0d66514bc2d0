"""The customer's account: a letter that says what we know, what for, and where the switch is.

Head office answers every question, by its API alone. The browser holds only a sealed cookie with the
account's random id; no address and no log line says who somebody is.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from babel import Locale
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from kiosk_ui.account import letter
from kiosk_ui.account.api import AccountApi, Code, HeadOfficeAway, HeadOfficeRefused
from kiosk_ui.account.purposes import PURPOSES, purposes, text_version
from kiosk_ui.account.seals import KEY_SHOWN_S, NEW_KEY, SIGNED_IN, SIGNED_IN_D, pack, unpack
from kiosk_ui.i18n import COOKIE, COOKIE_AGE_S, current_language, found_languages
from kiosk_ui.qr import qr_svg

log = logging.getLogger(__name__)

API = "emma-account-api"
ARTICLE_WORDS = "emma-article-words"
DEMO_KEY = "emma-demo-account-key"
CLOCK = "emma-account-clock"
SHOP_NAME = "emma-shop-name"
STORE_WORDS = "emma-store-words"

NICKNAME_CHARS_MAX = 40
KEY_CHARS_MAX = 200
CODE_S_MAX = 15 * 60
RETRY_S = 5

blueprint = Blueprint("account", __name__, template_folder="templates", url_prefix="/account")

Page = Response | str


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


def _api() -> AccountApi:
    return cast(AccountApi, current_app.extensions[API])


def _now() -> float:
    clock: Callable[[], float] = current_app.extensions.get(CLOCK, time.time)
    return clock()


def _now_s() -> int:
    return int(_now())


def _signed_in() -> str | None:
    return SIGNED_IN.read(current_app, request, _now_s())


def _demo_key() -> str:
    return str(current_app.extensions.get(DEMO_KEY) or "")


def _to(endpoint: str, **where: Any) -> Response:
    return make_response(redirect(url_for(endpoint, **where), 303))


def _is_part() -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.headers.get("HX-Request"))


def _to_door() -> Response:
    """To the door with the whole page: htmx would follow a plain redirect and put the door into a part."""
    response = make_response() if _is_part() else _to("account.home")
    if _is_part():
        response.headers["HX-Redirect"] = url_for("account.home")
    return response


def _for_customer(view: Callable[..., Page]) -> Callable[..., Page]:
    """Call `view` with the signed-in account; anybody else is led to the door."""

    @wraps(view)
    def checked(**where: Any) -> Page:
        account = _signed_in()
        return _to_door() if account is None else view(account, **where)

    return checked


# The door


@blueprint.get("")
def home() -> Page:
    """The letter; for a stranger, what it is and the two ways in."""
    account = _signed_in()
    if account is not None:
        return _letter(account)
    if unpack(NEW_KEY.read(current_app, request, _now_s())):
        return _to("account.key")
    return _door()


def _door(
    filled: Filled = EMPTY,
    *,
    away: bool = False,
    nickname_fault: str = "",
    key_fault: str = "",
    status: int = 200,
) -> Response:
    page = render_template(
        "account/door.html",
        filled=filled,
        away=away,
        purposes=purposes(),
        nickname_fault=nickname_fault,
        key_fault=key_fault,
        nickname_chars_max=NICKNAME_CHARS_MAX,
        key_chars_max=KEY_CHARS_MAX,
        signed_in_d=SIGNED_IN_D,
        demo=bool(_demo_key()),
    )
    return make_response(page, status)


@blueprint.post("/make")
def make() -> Page:
    """A new account by the form of the door. What was filled in stays where it cannot be done (422, 503)."""
    filled = Filled.of(request.form)
    fault = _nickname_fault(filled.nickname)
    if fault:
        return _door(filled, nickname_fault=fault, status=422)
    language = filled.language if filled.language in found_languages() else current_language().code
    try:
        opened = _api().open_account(
            filled.nickname or _("guest"),
            language,
            history="history" in filled.on,
            personalisation="personalisation" in filled.on,
            text_version=text_version(current_language().code),
        )
    except HeadOfficeAway:
        return _later(_door(filled, away=True, status=503))
    response = _to("account.key")
    NEW_KEY.put(current_app, response, pack(opened.account, opened.key), _now_s())
    response.set_cookie(
        COOKIE, language, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def _nickname_fault(nickname: str) -> str:
    if len(nickname) > NICKNAME_CHARS_MAX:
        return str(_("That is longer than we can keep. %(n)s letters at most, please.", n=NICKNAME_CHARS_MAX))
    if not nickname.isprintable():
        return str(_("There is a sign in it that cannot be shown. Please type it once more."))
    return ""


@blueprint.get("/key")
def key() -> Page:
    """The key of an account just made, until its owner says that it is kept."""
    fresh = unpack(NEW_KEY.read(current_app, request, _now_s()))
    if fresh is None:
        return _to("account.home")
    return render_template("account/key.html", key=fresh[1], code=qr_svg(fresh[1]), minutes=KEY_SHOWN_S // 60)


@blueprint.get("/key.txt")
def key_file() -> Page:
    """The same key as a small text file."""
    fresh = unpack(NEW_KEY.read(current_app, request, _now_s()))
    if fresh is None:
        return _to("account.home")
    words = _("This is the key to your account at %(shop)s. Keep it like the key to your door.", shop=_shop())
    response = make_response(f"{words}\n\n{fresh[1]}\n")
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = "attachment; filename=key.txt"
    return response


@blueprint.post("/kept")
def kept() -> Page:
    """The owner has the key: forget it here, and open the letter."""
    fresh = unpack(NEW_KEY.read(current_app, request, _now_s()))
    response = _to("account.home")
    if fresh is not None:
        SIGNED_IN.put(current_app, response, fresh[0], _now_s())
    NEW_KEY.drop(current_app, response)
    return response


@blueprint.post("/sign-in")
def sign_in() -> Page:
    """In by the key; spaces in it do not count. A key that opens nothing gets 401 and a sentence."""
    return _enter("".join(request.form.get("key", "").split()))


@blueprint.post("/demo")
def demo() -> Page:
    """In as the demo store's invented customer, where there is one."""
    return _enter(_demo_key()) if _demo_key() else _to("account.home")


def _enter(key: str) -> Response:
    account = _api().sign_in(key) if 0 < len(key) <= KEY_CHARS_MAX else None
    if account is None:
        fault = _("This key opens no account. Please look whether all of it is there.")
        return _door(key_fault=fault, status=401)
    response = _to("account.home")
    SIGNED_IN.put(current_app, response, account, _now_s())
    NEW_KEY.drop(current_app, response)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Page:
    """Out, on this device."""
    response = _to("account.home")
    SIGNED_IN.drop(current_app, response)
    NEW_KEY.drop(current_app, response)
    return response


# The letter


def _letter(account: str) -> Response:
    wanted = request.args.get("visits", letter.VISITS_STEP, type=int)
    wanted = max(letter.VISITS_STEP, min(wanted, letter.VISITS_MAX))
    stored = _api().account(account)
    words = current_app.extensions.get(ARTICLE_WORDS)
    page = render_template(
        "account/letter.html",
        account=stored,
        language_name=_language_name(stored.language),
        switches=letter.switches(stored, purposes()),
        visits=letter.visits(_api().pages(account), wanted, words),
        more=min(wanted + letter.VISITS_STEP, letter.VISITS_MAX),
        signed_in_d=SIGNED_IN_D,
    )
    return make_response(page)


def _language_name(code: str) -> str:
    """A language's name in the reader's own: "German", "Deutsch"."""
    if code not in found_languages():
        return code
    return Locale.parse(code).get_display_name(get_locale()) or code


@blueprint.post("/consents/<purpose>")
@_for_customer
def consent(account: str, purpose: str) -> Page:
    """Throw one switch, to the side that the form names; there and back as often as one likes."""
    granted = request.form.get("granted")
    if purpose in PURPOSES and granted in ("yes", "no"):
        version = text_version(current_language().code)
        _api().change_consent(account, purpose, granted == "yes", version)
    return _to("account.home", _anchor=purpose if purpose in PURPOSES else "switches")


@blueprint.route("/code", methods=["GET", "POST"])
@_for_customer
def code(account: str) -> Page:
    """The code for the shop. Looking asks nothing of head office; a post fetches a fresh code."""
    fresh = _api().issue_code(account) if request.method == "POST" else None
    template = "account/_code.html" if _is_part() else "account/code.html"
    return render_template(template, **_code_words(fresh))


def _code_words(fresh: Code | None) -> dict[str, Any]:
    if fresh is None:
        return {"svg": None}
    left_s = int(fresh.expires_at.timestamp() - _now())
    return {
        "svg": qr_svg(fresh.token),
        "until": fresh.expires_at,
        "left_s": max(0, min(left_s, CODE_S_MAX)),
    }


@blueprint.get("/data.json")
@_for_customer
def data(account: str) -> Page:
    """Everything that head office tells about the customer, as a file to take along (GDPR Art. 20)."""
    body = json.dumps(_api().everything(account), ensure_ascii=False, indent=2)
    response = make_response(body)
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    return response


@blueprint.get("/erase")
@_for_customer
def erase_page(account: str) -> Page:
    """What goes, what stays and why, before anything is done."""
    return render_template("account/erase.html", nickname=_api().account(account).nickname, fault="")


@blueprint.post("/erase")
@_for_customer
def erase(account: str) -> Page:
    """Forget the customer; without the tick nothing happens (422)."""
    if request.form.get("sure") != "yes":
        fault = _("Please put the tick first, so that nobody is erased by accident.")
        nickname = _api().account(account).nickname
        return make_response(render_template("account/erase.html", nickname=nickname, fault=fault), 422)
    _api().erase(account)
    response = _to("account.erased")
    SIGNED_IN.drop(current_app, response)
    return response


@blueprint.get("/erased")
def erased() -> Page:
    """Goodbye."""
    return render_template("account/gone.html", just_now=True)


# When head office says no, or nothing


@blueprint.errorhandler(HeadOfficeAway)
def away(_error: HeadOfficeAway) -> Response:
    """A calm 503: nothing is lost, and here is the way back."""
    return _calm("account/away.html", 503)


@blueprint.errorhandler(HeadOfficeRefused)
def refused(error: HeadOfficeRefused) -> Response:
    """Sentences for what can happen to anybody; what should not happen is noted and looks like away."""
    if error.problem in ("account-unknown", "account-erased"):
        page = render_template("account/gone.html", just_now=False)
        response = _to_door() if _is_part() else make_response(page, 410)
        SIGNED_IN.drop(current_app, response)
        return response
    if error.status == 429:
        return _calm("account/often.html", 429)
    log.error("head office refused status=%d problem=%s", error.status, error.problem)
    return _calm("account/away.html", 503)


def _calm(template: str, status: int) -> Response:
    back = url_for("account.code" if request.endpoint == "account.code" else "account.home")
    response = make_response(render_template(template, part=_is_part(), back=back), status)
    return _later(response)


def _later(response: Response) -> Response:
    """Say when to ask again."""
    response.headers["Retry-After"] = str(RETRY_S)
    return response


@blueprint.context_processor
def _names() -> dict[str, Any]:
    """What every page of the letter says: the shop's name, and a store's name by its id."""
    words: Callable[[str], str | None] | None = current_app.extensions.get(STORE_WORDS)
    return {"shop_name": _shop(), "store_name": lambda store: (words(store) if words else None) or store}


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """No browser and nothing in between keeps any of this."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _shop() -> str:
    return str(current_app.extensions.get(SHOP_NAME) or "Tante Emma")
