"""`/fitting/<cabin>` is a cabin's mirror, `/mirror/<token>` the shopper's own phone as its remote control.

Both show the same stay and can do the same acts; the phone needs no touch of the glass. Its address is of
this one stay: once that is over there is nothing behind it but a sentence, with status 410.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import ExitStack
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request
from flask_babel import force_locale
from werkzeug.wrappers import Response as AnyResponse

from checkout.errors import Refused
from kiosk_ui.fitting.acts import ACTS, identify, key
from kiosk_ui.fitting.glass import Glass
from kiosk_ui.fitting.remote_key import session_of, token_for
from kiosk_ui.fitting.said import MirrorBoard
from kiosk_ui.fitting.wording import SCENE_ICONS, cabin_name, scene_name
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import Language, found_languages
from kiosk_ui.own_names import LOCAL
from kiosk_ui.qr import qr_svg
from kiosk_ui.sentences import Words, words_for
from mirror.fitting_room import SCENES
from mirror.session import FittingSession

blueprint = Blueprint("fitting", __name__, template_folder="templates")

_BOARD = "emma-mirror-board"
_ONE_TIME = re.compile(r'name="(request_key|seen)" value="[^"]*"')
"""What differs from answer to answer without being news."""
CABIN, PHONE = "cabin", "phone"


# The mirror


@blueprint.get("/fitting")
def cabins() -> AnyResponse | str:
    """The cabins of this shop; with only one, straight to its mirror."""
    found = the_box().settings.cabins
    if len(found) == 1:
        return redirect(f"/fitting/{found[0]}", 303)
    return render_template("fitting/cabins.html", cabins=found, cabin_name=cabin_name)


@blueprint.get("/fitting/<cabin>")
def page(cabin: str) -> Response:
    """The mirror's whole page."""
    return _page(_glass(cabin), CABIN, f"/fitting/{cabin}")


@blueprint.get("/fitting/<cabin>/now")
def now(cabin: str) -> Response:
    """What it shows now; 204 if that is what the page shows already."""
    return _part(_glass(cabin), CABIN, f"/fitting/{cabin}")


@blueprint.post("/fitting/<cabin>/<act>")
def do(cabin: str, act: str) -> AnyResponse:
    """One act on the glass. 404 for an unknown one, 409 with a sentence for one that is refused."""
    _known(cabin)
    return _do(cabin, act, CABIN, f"/fitting/{cabin}")


# The phone


@blueprint.get("/mirror/<token>")
def remote(token: str) -> Response:
    """The phone's page, as long as the stay lasts; then 410."""
    session = _stay_of(token)
    return _page(_glass(session.cabin), PHONE, f"/mirror/{token}") if session else _over()


@blueprint.get("/mirror/<token>/now")
def remote_now(token: str) -> Response:
    session = _stay_of(token)
    return _part(_glass(session.cabin), PHONE, f"/mirror/{token}") if session else _over()


@blueprint.post("/mirror/<token>/<act>")
def remote_do(token: str, act: str) -> AnyResponse:
    """One act by phone: the same as on the glass, and to say who one is."""
    session = _stay_of(token)
    if session is None:
        return _over()
    return _do(session.cabin, act, PHONE, f"/mirror/{token}")


# How it is done


def _known(cabin: str) -> None:
    if cabin not in the_box().settings.cabins:
        abort(404)


def _glass(cabin: str) -> Glass:
    """What the cabin shows now; from here on this answer speaks its shopper's language."""
    _known(cabin)
    box = the_box()
    session = box.fittings.in_cabin(cabin)
    language = session.language if session and session.language else _first_language()
    _speak(language)
    return Glass(box, _board(), cabin, language, session)


def _stay_of(token: str) -> FittingSession | None:
    cabins = the_box().settings.cabins
    sessions = [one for one in the_box().fittings.all() if one.cabin in cabins]
    return session_of(token, sessions, _secret())


def _do(cabin: str, act: str, where: str, base: str) -> AnyResponse:
    """Carry an act out and show what is true then."""
    acts = {**ACTS, "identify": identify} if where == PHONE else ACTS
    if act == "pay":
        return _to_the_till(cabin, where, base)
    if act not in acts:
        abort(404)
    refused: Refused | None = None
    try:
        acts[act](cabin)
    except Refused as no:
        refused = no
    if "HX-Request" not in request.headers and refused is None:
        return redirect(base, 303)
    if where == PHONE and _stay_of(base.rpartition("/")[2]) is None:
        return _over()
    glass = _glass(cabin)
    words = words_for(refused.reason) if refused else None
    return (
        _part(glass, where, base, words)
        if "HX-Request" in request.headers
        else _page(glass, where, base, words)
    )


def _to_the_till(cabin: str, where: str, base: str) -> Response:
    """Put the cabin's basket aside: the answer shows, this once, the code to go on with at a till."""
    glass = _glass(cabin)
    try:
        parked = the_box().parking.park(cabin, request_key=key())
    except Refused as no:
        return _part(glass, where, base, words_for(no.reason))
    facts = {**_facts(glass, where, base), "qr_to_pay": qr_svg(parked.code)}
    template = "fitting/to_pay.html" if "HX-Request" in request.headers else "fitting/page.html"
    return Response(render_template(template, **facts))


def _page(glass: Glass, where: str, base: str, refused: Words | None = None) -> Response:
    answer = Response(render_template("fitting/page.html", **_facts(glass, where, base, refused)))
    answer.status_code = 200 if refused is None else 409
    return answer


def _part(glass: Glass, where: str, base: str, refused: Words | None = None) -> Response:
    facts = _facts(glass, where, base, refused)
    body = render_template(f"fitting/{where}.html", **facts)
    mark = _mark(body)
    if request.method == "GET" and request.args.get("seen") == mark:
        return Response(status=204)
    answer = Response(body.replace('name="seen" value=""', f'name="seen" value="{mark}"', 1))
    if refused is not None:
        answer.status_code = 409
        answer.headers["HX-Trigger"] = "emma:look"
    return answer


def _mark(body: str) -> str:
    """Changes when the answer says anything else."""
    return hashlib.sha256(_ONE_TIME.sub("", body).encode()).hexdigest()[:16]


def _facts(glass: Glass, where: str, base: str, refused: Words | None = None) -> dict[str, object]:
    box = the_box()
    return {
        "glass": glass,
        "where": where,
        "base": base,
        "shop_name": box.settings.shop.name,
        "refused": refused,
        "live_topics": glass.live_topics,
        "fresh": glass.session is None,
        "all_languages": tuple(Language.of(code) for code in found_languages()),
        "scenes": [(scene, scene_name(scene), SCENE_ICONS.get(scene, "lightbulb")) for scene in SCENES],
        "qr": qr_svg(_remote_address(glass.session)) if where == CABIN and glass.session else "",
        "account": _account(),
    }


def _remote_address(session: FittingSession) -> str:
    """What the phone opens: under the store's own name, else under that by which the mirror found it."""
    named = the_box().public_address
    here = request.host_url.rstrip("/") if urlsplit(named).hostname in (None, LOCAL) else named
    return f"{here}/mirror/{token_for(session, _secret())}"


def _account() -> str:
    """The shopper's account, where it is behind this door: only then can it hand the mirror its code."""
    return "/account" if "account" in current_app.blueprints else ""


def _over() -> Response:
    """The stay is over: a sentence, and nothing of what was there."""
    answer = Response(
        render_template("fitting/over.html", shop_name=the_box().settings.shop.name), status=410
    )
    if "HX-Request" in request.headers:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _secret() -> bytes:
    secret = current_app.secret_key
    assert secret, "the screens have no secret of their own"
    return secret.encode() if isinstance(secret, str) else secret


def _board() -> MirrorBoard:
    board = current_app.extensions.get(_BOARD)
    if board is None:
        board = current_app.extensions.setdefault(_BOARD, MirrorBoard(the_box().journal))
    assert isinstance(board, MirrorBoard)
    return board


def _first_language() -> str:
    """An idle mirror speaks the store's language, whatever browser hangs behind it."""
    asked = request.args.get("lang", "")
    return asked if asked in found_languages() else the_box().settings.shop.language


def _speak(language: str) -> None:
    """Answer in this language, headers included; put back when the request ends."""
    stack: ExitStack = g.setdefault("emma_mirror_spoken", ExitStack())
    stack.close()
    stack.enter_context(force_locale(language))


@blueprint.teardown_request
def _fall_silent(_error: BaseException | None) -> None:
    stack = g.pop("emma_mirror_spoken", None)
    if stack is not None:
        stack.close()
