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
from checkout.payment import CARD, PROVIDED, TRANSFER
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import found_languages
from kiosk_ui.kiosk.board import the_board
from kiosk_ui.kiosk.scene import Scene, Shown, parked_scene, scene_on
from kiosk_ui.kiosk.screen import changed_parts, goods_to_weigh, page_facts, whole_screen

blueprint = Blueprint("kiosk", __name__, template_folder="templates", url_prefix="/kiosk/<lane>")

CODE_CHARS_MAX = 500
WAYS_TO_SCAN = ("wedge", "typed", "tapped")
_LANGUAGES = frozenset(found_languages())


# What is shown


@blueprint.get("")
def page(lane: str) -> str:
    """The whole page."""
    scene = _scene(lane)
    return render_template("kiosk/page.html", **page_facts(scene, the_box()))


@blueprint.get("/now")
def now(lane: str) -> Response:
    """What changed since the page was last told; 204 if nothing did.

    A parking code stays until its shopper is done with it or the next one begins: it is shown only once.
    """
    scene, shown = _scene(lane), Shown.of(request.args)
    if scene.shown == shown or (shown.state == "parked" and scene.name == "attract"):
        return Response(status=204)
    return _drawn(scene)


# What can be done


@blueprint.post("/start")
def start(lane: str) -> Response:
    """Open a basket in the language the screen speaks."""
    return _do(lane, lambda: the_box().till.open(lane, _language_now(lane), _key()))


@blueprint.post("/serving")
def serving(lane: str) -> Response:
    """Eaten here (`eat_in` is yes), or taken along; opens a basket if there is none. 404 without tables."""
    box = the_box()
    if not box.settings.shop.eat_in:
        abort(404)
    here, spoken = request.form.get("eat_in") == "yes", _language_now(lane)
    return _do(lane, lambda: box.till.terms.eat_in(lane, here, _key(), language=spoken))


@blueprint.post("/language")
def language(lane: str) -> Response:
    """Go on in `language`; an unknown one changes nothing."""
    wanted = request.form.get("language", "")
    box = the_box()
    basket = box.books.basket_on(lane)
    if wanted in _LANGUAGES and (basket is None or basket.state == "open"):
        return _do(lane, lambda: box.till.terms.speak(lane, wanted, _key()))
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
        lambda: the_box().scan(lane, code, how=how, language=spoken, request_key=_key()),
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


@blueprint.get("/loose")
def loose(lane: str) -> str:
    """The pictures of what can be weighed here, those with the words in `search`."""
    _lane_with_scale(lane)
    return goods_to_weigh(current_app.jinja_env, _scene(lane), the_box(), request.args.get("search", ""))


@blueprint.post("/weigh")
def weigh(lane: str) -> Response:
    """Weigh the article `gtin`: the scale's answer comes over the journal. 404 without a scale."""
    _lane_with_scale(lane)
    gtin, spoken = request.form.get("gtin", "")[:CODE_CHARS_MAX], _language_now(lane)
    return _do(lane, lambda: the_box().till.weighing.ask(lane, gtin, language=spoken, request_key=_key()))


@blueprint.post("/weigh/stop")
def stop_weighing(lane: str) -> Response:
    """Rather not weigh it."""
    _lane_with_scale(lane)
    asked = the_board().look(lane)[1].weighing
    if asked is None:
        return _do(lane)
    return _do(lane, lambda: the_box().till.weighing.failed(lane, asked, "shopper"))


@blueprint.post("/coupon/keep")
def keep_coupon(lane: str) -> Response:
    """Take the coupon `coupon` out again; it may be handed in another time."""
    name = request.form.get("coupon", "")
    return _do(lane, lambda: the_box().till.coupons.take_back(lane, name, _key()))


@blueprint.post("/empties/begin")
def begin_empties(lane: str) -> Response:
    """From now on what is scanned is handed back."""
    spoken = _language_now(lane)
    return _do(lane, lambda: the_box().till.empties.begin(lane, spoken, _key()))


@blueprint.post("/empties/end")
def end_empties(lane: str) -> Response:
    """Go on shopping."""
    return _do(lane, lambda: the_box().till.empties.end(lane, _key()))


@blueprint.post("/empties/take")
def take_empties(lane: str) -> Response:
    """One more empty of the kind `kind`, as the shopper says without anybody looking on."""
    kind, spoken = request.form.get("kind", "")[:CODE_CHARS_MAX], _language_now(lane)
    return _do(
        lane, lambda: the_box().till.empties.take_empties(lane, kind, language=spoken, request_key=_key())
    )


@blueprint.post("/pay")
def pay(lane: str) -> Response:
    """Ask for the total: by card, or as `tender` says: transfer, on_file. Two taps ask once."""
    box, asked = the_box(), request.form.get("tender")
    only_bank = not box.has_terminal(lane) and box.settings.has(TRANSFER, lane)
    tender = asked if asked in PROVIDED else TRANSFER if only_bank else CARD
    return _do(lane, lambda: box.cashier.ask_payment(lane, _key(), tender=tender))


@blueprint.post("/gift-card")
def gift_card(lane: str) -> Response:
    """Hand the gift card `code` in: it is shown what is on it, and nothing is taken yet."""
    code, spoken = request.form.get("code", "")[:CODE_CHARS_MAX], _language_now(lane)
    return _do(lane, lambda: the_box().till.gift_cards.hand_in(lane, code, _key(), spoken))


@blueprint.post("/gift-card/use")
def use_gift_card(lane: str) -> Response:
    """Pay with what is on the gift card that was handed in; what it does not cover is still due."""
    return _do(lane, lambda: the_box().pay_desk.pay_gift_card(lane, request_key=_key()))


@blueprint.post("/gift-card/take-back")
def take_gift_card_back(lane: str) -> Response:
    """Rather not pay with it."""
    return _do(lane, lambda: the_box().till.gift_cards.take_back(lane, _key()))


@blueprint.post("/points")
def points(lane: str) -> Response:
    """Pay with the shopper's points; what they do not cover is still due."""
    return _do(lane, lambda: the_box().pay_desk.pay_points(lane, request_key=_key()))


@blueprint.post("/stop")
def stop(lane: str) -> Response:
    """Rather not pay now."""
    return _do(lane, lambda: the_box().cashier.stop_payment(lane, _key()))


@blueprint.post("/give-back")
def give_back(lane: str) -> Response:
    """Rather not buy, after a part was paid: it goes back."""
    return _do(lane, lambda: the_box().pay_desk.give_back(lane, _key()))


@blueprint.post("/park")
def park(lane: str) -> Response:
    """Put the basket aside: the lane is free, and the answer shows the code to go on with at another till."""
    _known_lane(lane)
    spoken = _language_now(lane)
    try:
        parked = the_box().parking.park(lane, request_key=_key())
    except Refused as refused:
        return _answered(_scene(lane), refused, refused)
    _speak(spoken)
    return _answered(parked_scene(lane, the_board(), spoken, parked))


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
    return _do(lane, lambda: the_box().till.visits.decline_offer(lane, _key()))


@blueprint.post("/forget")
def forget(lane: str) -> Response:
    """Be a stranger again; the goods stay."""
    return _do(lane, lambda: the_box().till.visits.dismiss(lane))


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
    return _answered(_scene(lane), refused, None if announced else refused)


def _answered(scene: Scene, refused: Refused | None = None, to_say: Refused | None = None) -> Response:
    """`refused` makes it a 409; `to_say` is what the screen does not know from the journal."""
    if "HX-Request" in request.headers:
        answer = _drawn(scene, to_say)
    elif refused is None and scene.parked is None:
        return redirect(f"/kiosk/{scene.lane}", code=303)
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
    scene = scene_on(lane, box, the_board(), _first_language())
    _speak(scene.language)
    return scene


def _known_lane(lane: str) -> None:
    if lane not in the_box().settings.lanes:
        abort(404)


def _lane_with_scale(lane: str) -> None:
    _known_lane(lane)
    if not the_box().settings.has("scale", lane):
        abort(404)


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
