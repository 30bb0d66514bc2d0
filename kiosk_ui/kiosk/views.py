"""`/kiosk/<lane>`: the kiosk page, and every tap on it.

Each tap is one round trip: it is done, and the answer is what the screen shows now. For a page that shows an
older version of the same basket that is a handful of parts swapped in place; for any other page the whole
screen. `/now` gives the same without doing anything, for a page that heard of something new.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from flask import Blueprint, abort, current_app, g, redirect, render_template, request
from flask_babel import force_locale
from werkzeug.wrappers import Response

from checkout.errors import Refused
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import found_languages
from kiosk_ui.kiosk.lanes import LaneBoard
from kiosk_ui.kiosk.scene import Scene, Shown, scene_on
from kiosk_ui.kiosk.screen import changed_parts, page_facts, whole_screen

blueprint = Blueprint("kiosk", __name__, template_folder="templates", url_prefix="/kiosk/<lane>")

CODE_CHARS_MAX = 500
WAYS_TO_SCAN = ("wedge", "typed", "tapped")
_BOARD = "emma-kiosk-board"
_LANGUAGES = frozenset(found_languages())


# What is shown


@blueprint.get("")
def page(lane: str) -> str:
    """The whole page."""
    scene = _scene(lane)
    return render_template("kiosk/page.html", **page_facts(scene, the_box()))


@blueprint.get("/now")
def now(lane: str) -> Response:
    """What changed since the page was last told; 204 if nothing did."""
    scene = _scene(lane)
    if scene.shown == Shown.of(request.args):
        return Response(status=204)
    return _drawn(scene)


# What can be done


@blueprint.post("/start")
def start(lane: str) -> Response:
    """Open a basket in the language the screen speaks."""
    return _do(lane, lambda: the_box().till.open(lane, _language_now(lane), _key()))


@blueprint.post("/language")
def language(lane: str) -> Response:
    """Go on in `language`; an unknown one changes nothing."""
    wanted = request.form.get("language", "")
    box = the_box()
    basket = box.books.basket_on(lane)
    if wanted in _LANGUAGES and (basket is None or basket.state == "open"):
        return _do(lane, lambda: box.till.speak(lane, wanted, _key()))
    return _do(lane)


@blueprint.post("/scan")
def scan(lane: str) -> Response:
    """`code` was typed, tapped, or came from a scanner that types; it may be a shopper's token too.

    The till announces a refusal on the lane, so the screen says it from there.
    """
    how = request.form.get("how", "")
    if how not in WAYS_TO_SCAN:
        how = "typed"
    code = request.form.get("code", "")[: CODE_CHARS_MAX + 1]
    spoken = _language_now(lane)
    return _do(
        lane,
        lambda: the_box().till.scan(lane, code, how=how, language=spoken, request_key=_key()),
        announced=True,
    )


@blueprint.post("/quantity")
def quantity(lane: str) -> Response:
    """Line `line` counts `quantity` pieces; with 0 it is taken off."""
    line, pieces = _whole("line"), _whole("quantity")
    till = the_box().till
    if pieces == 0:
        return _do(lane, lambda: till.void(lane, line, _key()))
    return _do(lane, lambda: till.change_quantity(lane, line, pieces, _key()))


@blueprint.post("/pay")
def pay(lane: str) -> Response:
    """Ask for the total. Two taps ask once."""
    return _do(lane, lambda: the_box().cashier.ask_payment(lane, _key()))


@blueprint.post("/stop")
def stop(lane: str) -> Response:
    """Rather not pay now."""
    return _do(lane, lambda: the_box().cashier.stop_payment(lane, _key()))


@blueprint.post("/cancel")
def cancel(lane: str) -> Response:
    """Give the basket up: the shopper said so, or left (`reason`).

    Only the basket that the page shows; one that was left only if nothing happened to it since.
    """
    box, shown = the_box(), Shown.of(request.form)
    basket = box.books.basket_on(lane)
    left = request.form.get("reason") == "left"
    if basket is None or basket.id != shown.basket or (left and basket.version != shown.version):
        return _do(lane)
    return _do(lane, lambda: box.till.cancel(lane, "left" if left else "shopper", _key()))


@blueprint.post("/here")
def here(lane: str) -> Response:
    """Somebody touched the screen: the box must not take the basket for left behind."""
    return _do(lane, lambda: the_box().till.stay(lane, _key()))


@blueprint.post("/done")
def done(lane: str) -> Response:
    """The receipt was seen: the lane is free for the next shopper, if it still shows this one's thanks."""
    box = the_box()
    basket = box.books.basket_on(lane)
    if basket is None or basket.state != "paid" or basket.id != request.form.get("basket"):
        return _do(lane)
    return _do(lane, lambda: box.till.cancel(lane, "shopper", _key()))


@blueprint.post("/help")
def ask_for_help(lane: str) -> Response:
    """Call a colleague."""
    return _do(lane, lambda: the_box().till.ask_for_help(lane, _key()))


@blueprint.post("/offer/decline")
def decline_offer(lane: str) -> Response:
    """Take the personal offer away."""
    return _do(lane, lambda: the_box().till.decline_offer(lane, _key()))


@blueprint.post("/forget")
def forget(lane: str) -> Response:
    """Be a stranger again; the goods stay."""
    return _do(lane, lambda: the_box().till.dismiss_shopper(lane))


# How it is done


def _do(lane: str, act: Callable[[], object] | None = None, *, announced: bool = False) -> Response:
    """Carry a tap out and show what is true then; 409 with a sentence if it was refused.

    A page without script is sent back to itself.
    """
    _known_lane(lane)
    refused: Refused | None = None
    try:
        if act is not None:
            act()
    except Refused as no:
        refused = no
    scene = _scene(lane)
    to_say = None if announced else refused
    if "HX-Request" in request.headers:
        answer = _drawn(scene, to_say)
    elif refused is None:
        return redirect(f"/kiosk/{lane}", code=303)
    else:
        answer = Response(render_template("kiosk/page.html", **page_facts(scene, the_box(), to_say)))
    if refused is not None:
        answer.status_code = 409
    return answer


def _drawn(scene: Scene, refused: Refused | None = None) -> Response:
    """Only what changed where the page can go on from what it shows, else the whole screen."""
    shown = Shown.of(request.values)
    environment = current_app.jinja_env
    if not scene.goes_on_from(shown):
        answer = Response(whole_screen(environment, scene, the_box(), refused), mimetype="text/html")
        answer.headers["HX-Retarget"] = "#screen"
        answer.headers["HX-Reswap"] = "outerHTML settle:0ms"
    else:
        answer = Response(changed_parts(environment, scene, the_box(), shown, refused), mimetype="text/html")
        answer.headers["HX-Reswap"] = "none"
    sound = _sound(scene, shown, refused)
    if sound:
        answer.headers["HX-Trigger"] = sound
    return answer


def _sound(scene: Scene, shown: Shown, refused: Refused | None) -> str:
    """One soft bell for scanned, one low note for "please look", nothing else."""
    notice = scene.said.notice
    if refused is not None or (notice is not None and notice.number > shown.said >= 0):
        return "emma:look"
    same = scene.basket is not None and scene.basket.id == shown.basket
    return "emma:scanned" if scene.name == "open" and scene.shown.lines > (shown.lines if same else 0) else ""


def _scene(lane: str) -> Scene:
    """What the lane shows now; from here on this answer speaks its shopper's language."""
    _known_lane(lane)
    box = the_box()
    scene = scene_on(lane, box, _board(), _first_language())
    _speak(scene.language)
    return scene


def _known_lane(lane: str) -> None:
    if lane not in the_box().settings.lanes:
        abort(404)


def _board() -> LaneBoard:
    board = current_app.extensions.get(_BOARD)
    if board is None:
        board = current_app.extensions.setdefault(_BOARD, LaneBoard(the_box().journal))
    assert isinstance(board, LaneBoard)
    return board


def _first_language() -> str:
    """What a screen without a shopper speaks: `?lang=`, what it speaks already, or the store's language.

    Never the browser's own, which belongs to the shop; nor the last shopper's choice, which is not the next
    one's: a screen that showed a basket before starts anew.
    """
    asked = request.args.get("lang", "")
    if not asked and request.values.get("state") == "attract":
        asked = request.values.get("spoken", "")
    return asked if asked in _LANGUAGES else the_box().settings.shop.language


def _language_now(lane: str) -> str:
    """What the lane's shopper speaks, if there is one."""
    basket = the_box().books.basket_on(lane)
    return basket.language if basket is not None and basket.state == "open" else _first_language()


def _speak(language: str) -> None:
    """Answer in this language, headers included; put back when the request ends."""
    stack: ExitStack = g.setdefault("emma_spoken", ExitStack())
    stack.close()
    stack.enter_context(force_locale(language))


@blueprint.teardown_request
def _fall_silent(_error: BaseException | None) -> None:
    stack = g.pop("emma_spoken", None)
    if stack is not None:
        stack.close()


def _key() -> str:
    return request.form.get("request_key", "")[:64]


def _whole(field: str) -> int:
    """A whole number from the form; 400 if it is none."""
    text = request.form.get(field, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        abort(400)
    return int(text)
