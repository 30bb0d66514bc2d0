"""The customer's account: a letter that says what we know, what for, and where the switch is.

Head office answers every question, by its API alone. The browser holds only a sealed cookie with the
account's random id; no address and no log line says who somebody is.
"""

from __future__ import annotations

import json
import re
from typing import Any

from babel import Locale
from flask import Response, current_app, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from kiosk_ui.account import letter
from kiosk_ui.account.api import Account, Code
from kiosk_ui.account.door import NICKNAME_CHARS_MAX, guest, new_key, nickname_fault, the_door
from kiosk_ui.account.frame import (
    Page,
    blueprint,
    for_customer,
    is_part,
    now,
    privacy_control,
    signed_in,
    the_api,
    to,
)
from kiosk_ui.account.purposes import PRIVACY_CONTROL_COVERS, PURPOSES, purposes, text_version
from kiosk_ui.account.seals import SIGNED_IN
from kiosk_ui.i18n import current_language, found_languages
from kiosk_ui.qr import qr_svg

__all__ = ["blueprint"]

ARTICLE_WORDS = "emma-article-words"
CODE_S_MAX = 15 * 60
_STAY = re.compile(r"/mirror/[A-Za-z0-9_-]{24}")
"""Where a phone is the remote control of a mirror: this very door, and no other."""


@blueprint.get("")
def home() -> Page:
    """The letter; for a stranger, what it is and the two ways in."""
    account = signed_in()
    if account is not None:
        return _letter(account)
    if new_key():
        return to("account.key")
    return the_door()


def _letter(account: str, fault: str = "", status: int = 200) -> Response:
    wanted = request.args.get("visits", letter.VISITS_STEP, type=int)
    wanted = max(letter.VISITS_STEP, min(wanted, letter.VISITS_MAX))
    stored = _stored(account)
    words = current_app.extensions.get(ARTICLE_WORDS)
    page = render_template(
        "account/letter.html",
        account=stored,
        language_name=_language_name(stored.language),
        switches=letter.switches(stored, purposes()),
        visits=letter.visits(the_api().pages(account), wanted, words),
        points=the_api().points(account),
        shown_entries=letter.ENTRIES_SHOWN,
        spoken=current_language().code,
        more=min(wanted + letter.VISITS_STEP, letter.VISITS_MAX),
        privacy_control=privacy_control(),
        nickname_chars_max=NICKNAME_CHARS_MAX,
        nickname_fault=fault,
    )
    return make_response(page, status)


def _stored(account: str) -> Account:
    """What is stored, after a browser's Global Privacy Control has been heard where it says no."""
    stored = the_api().account(account)
    if privacy_control() and getattr(stored.consents, PRIVACY_CONTROL_COVERS):
        the_api().hear_privacy_control(account, text_version(current_language().code))
        stored = the_api().account(account)
    return stored


def _language_name(code: str) -> str:
    """A language's name in the reader's own: "German", "Deutsch"."""
    if code.replace("-", "_") not in found_languages():
        return code
    return Locale.parse(code, sep="-").get_display_name(get_locale()) or code


@blueprint.post("/consents/<purpose>")
@for_customer
def consent(account: str, purpose: str) -> Page:
    """Throw one switch, to the side that the form names; there and back as often as one likes."""
    granted = request.form.get("granted")
    if purpose in PURPOSES and granted in ("yes", "no"):
        version = text_version(current_language().code)
        if privacy_control() and purpose == PRIVACY_CONTROL_COVERS:
            the_api().hear_privacy_control(account, version)  # first the browser, then its owner
        the_api().change_consent(account, purpose, granted == "yes", version)
    return to("account.home", _anchor=purpose if purpose in PURPOSES else "switches")


@blueprint.post("/card/take-away")
@for_customer
def take_card_away(account: str) -> Page:
    """Forget the card on file; whoever has none loses none."""
    the_api().take_card_away(account)
    return to("account.home", _anchor="stored-title")


@blueprint.post("/objection")
@for_customer
def object_to_all(account: str) -> Page:
    """Every switch off, in one go."""
    the_api().object_to_all(account, text_version(current_language().code))
    return to("account.home", _anchor="switches")


@blueprint.post("/restriction")
@for_customer
def restrict(account: str) -> Page:
    """Keep all and use nothing, or use it again."""
    restricted = request.form.get("restricted")
    if restricted in ("yes", "no"):
        the_api().restrict(account, restricted == "yes")
    return to("account.home", _anchor="yours")


@blueprint.post("/correct")
@for_customer
def correct(account: str) -> Page:
    """Another nickname or language; 422 for a nickname that cannot be kept."""
    nickname, language = request.form.get("nickname", "").strip(), request.form.get("language", "")
    fault = nickname_fault(nickname)
    if fault:
        return _letter(account, fault, 422)
    spoken = language if language in found_languages() else current_language().code
    the_api().correct(account, nickname or guest(spoken), spoken.replace("_", "-"))
    return to("account.home", _anchor="stored")


@blueprint.route("/code", methods=["GET", "POST"])
@for_customer
def code(account: str) -> Page:
    """The code for the shop. Looking asks nothing of head office; a post fetches a fresh code."""
    fresh = the_api().issue_code(account) if request.method == "POST" else None
    template = "account/_code.html" if is_part() else "account/code.html"
    return render_template(template, mirror=_mirror(), **_code_words(fresh))


def _mirror() -> str:
    """The address of the stay at a mirror that asked for the code, "" for none; never anybody else's page."""
    asked = request.values.get("mirror", "")
    return asked if _STAY.fullmatch(asked) else ""


def _code_words(fresh: Code | None) -> dict[str, Any]:
    if fresh is None:
        return {"svg": None}
    left_s = int(fresh.expires_at.timestamp() - now())
    return {
        "svg": qr_svg(fresh.token),
        "token": fresh.token,
        "until": fresh.expires_at,
        "left_s": max(0, min(left_s, CODE_S_MAX)),
    }


@blueprint.get("/data.json")
@for_customer
def data(account: str) -> Page:
    """Everything that head office tells about the customer, as a file to take along (GDPR Art. 20)."""
    body = json.dumps(the_api().everything(account), ensure_ascii=False, indent=2)
    response = make_response(body)
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    return response


@blueprint.get("/erase")
@for_customer
def erase_page(account: str) -> Page:
    """What goes, what stays and why, before anything is done."""
    return render_template("account/erase.html", nickname=the_api().account(account).nickname, fault="")


@blueprint.post("/erase")
@for_customer
def erase(account: str) -> Page:
    """Forget the customer; without the tick nothing happens (422)."""
    if request.form.get("sure") != "yes":
        fault = _("Please put the tick first, so that nobody is erased by accident.")
        nickname = the_api().account(account).nickname
        return make_response(render_template("account/erase.html", nickname=nickname, fault=fault), 422)
    the_api().erase(account)
    response = to("account.erased")
    SIGNED_IN.drop(current_app, response)
    return response


@blueprint.get("/erased")
def erased() -> Page:
    """Goodbye."""
    return render_template("account/gone.html", just_now=True)
