"""`/phone`: scan and go. The shopper's own phone reads codes, shows what they mean, pays, and opens the gate.

Every tap is a plain form that works without script; with it, the answer is the part of the page that changed.
What a phone scanned in a dead spot comes later, in order and under the request keys it had then.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from checkout.basket import Line
from checkout.errors import Refused
from checkout.payment import CARD, ON_FILE, TRANSFER
from checkout.phone_lane import Phone
from kiosk_ui.front_door import the_box
from kiosk_ui.phone.door import let_in, let_out, new_secret, shown_secret, the_phone
from kiosk_ui.phone.screen import mark_of, phone_scene, screen_facts
from kiosk_ui.security import WASM
from kiosk_ui.sentences import words_for

blueprint = Blueprint("phone", __name__, template_folder="templates", url_prefix="/phone")

CODE_CHARS_MAX = 500
WAYS_TO_SCAN = ("phone", "typed")
GONE = 410
"""This phone has no lane (any more): its page begins anew."""
PICTURE_SCALE = 8


@blueprint.before_request
def _only_where_offered() -> None:
    if not the_box().settings.phone.offered:
        abort(404)


# What is shown


@blueprint.get("")
def page() -> AnyResponse:
    """The whole page: the visit, or how to begin one."""
    phone = the_phone()
    if phone is None:
        return _welcome()
    return _page(phone)


@blueprint.get("/now")
def now() -> AnyResponse:
    """The screen as it is now; 204 if `mark` says that the page shows that already."""
    phone = _my_phone()
    if request.args.get("mark") == mark_of(phone_scene(phone, the_box()), the_box()):
        return Response(status=204)
    return _part(phone)


@blueprint.get("/bank.png")
def bank_picture() -> AnyResponse:
    """The code for the bank app as a picture to keep, for apps on this very phone. 404 without one."""
    phone, box = _my_phone(), the_box()
    basket = box.books.basket_on(phone.lane)
    payment = box.payments.open_for(basket.id) if basket is not None else None
    if payment is None or not payment.code:
        abort(404)
    drawn = io.BytesIO()
    code = segno.make(payment.code, error="m", micro=False, boost_error=False, encoding="utf-8")
    code.save(drawn, kind="png", scale=PICTURE_SCALE, border=4)
    answer = Response(drawn.getvalue(), mimetype="image/png")
    answer.headers["Cache-Control"] = "no-store"
    return answer


# Coming and going


@blueprint.post("/start")
def start() -> AnyResponse:
    """A lane for this phone. A phone that has one goes on with it."""
    secret = shown_secret() if the_phone() is not None else new_secret()
    try:
        the_box().phones.join(secret)
    except Refused as refused:
        return _welcome(refused)
    answer = redirect(url_for("phone.page"), 303)
    let_in(answer, secret)
    return answer


@blueprint.post("/leave")
def leave() -> AnyResponse:
    """The visit is over; an unpaid basket is given up."""
    phone = the_phone()
    if phone is not None:
        try:
            the_box().phones.leave(phone)
        except Refused as refused:
            return _answered(phone, refused)
    answer = _to_page()
    let_out(answer)
    return answer


# The basket


@blueprint.post("/scan")
def scan() -> AnyResponse:
    """`code` was read by the phone's camera or typed. With `look` it is only shown what it means."""
    how = request.form.get("how", "")
    if how not in WAYS_TO_SCAN:
        how = "typed"
    code = request.form.get("code", "")[: CODE_CHARS_MAX + 1]
    phone, till = _my_phone(), the_box().till
    if request.form.get("look"):
        try:
            return _answered(phone, looked=till.look(phone.lane, code))
        except Refused as refused:
            return _answered(phone, refused)
    return _do(lambda: till.scan(phone.lane, code, how=how, language=_language(), request_key=_key()))


@blueprint.post("/quantity")
def quantity() -> AnyResponse:
    """Line `line` counts `quantity` pieces; with 0 it is taken off."""
    lane, till = _my_phone().lane, the_box().till
    line, pieces = _whole("line"), _whole("quantity")
    if pieces == 0:
        return _do(lambda: till.void(lane, line, _key()))
    return _do(lambda: till.change_quantity(lane, line, pieces, _key()))


@blueprint.post("/coupon/keep")
def keep_coupon() -> AnyResponse:
    """Take a coupon out again."""
    name = request.form.get("coupon", "")
    return _do(lambda: the_box().till.coupons.take_back(_my_phone().lane, name, _key()))


@blueprint.post("/gift-card/use")
def use_gift_card() -> AnyResponse:
    """Pay with what is on the gift card that was scanned."""
    return _do(lambda: the_box().pay_desk.pay_gift_card(_my_phone().lane, request_key=_key()))


@blueprint.post("/gift-card/take-back")
def take_gift_card_back() -> AnyResponse:
    """Rather not pay with it."""
    return _do(lambda: the_box().till.gift_cards.take_back(_my_phone().lane, _key()))


@blueprint.post("/cancel")
def cancel() -> AnyResponse:
    """Give the whole basket up."""
    return _do(lambda: the_box().till.cancel(_my_phone().lane, "shopper", _key()))


@blueprint.post("/help")
def ask_for_help() -> AnyResponse:
    """Call a colleague."""
    return _do(lambda: the_box().till.ask_for_help(_my_phone().lane, _key()))


# Elsewhere


@blueprint.post("/park")
def park() -> AnyResponse:
    """Put the basket aside for a till: its scanner reads the code that is shown then."""
    return _do(lambda: the_box().parking.park(_my_phone().lane, request_key=_key()))


@blueprint.post("/back")
def back() -> AnyResponse:
    """Go on here with what was put aside for a till."""
    phone, box = _my_phone(), the_box()
    parked = phone_scene(phone, box).parked
    if parked is None:
        return _answered(phone)
    return _do(lambda: box.parking.resume(phone.lane, parked.code, _key()))


# Paying, and out


@blueprint.post("/pay")
def pay() -> AnyResponse:
    """Ask for the total: by bank, or with the card that was left with the provider. Two taps ask once."""
    phone, cashier = _my_phone(), the_box().cashier
    tender = request.form.get("tender", "")
    if tender == ON_FILE and phone.mandate:
        return _do(lambda: cashier.ask_payment(phone.lane, _key(), tender=ON_FILE, mandate=phone.mandate))
    tender = TRANSFER if tender == TRANSFER else CARD  # nothing to pay needs no way to pay
    return _do(lambda: cashier.ask_payment(phone.lane, _key(), tender=tender))


@blueprint.post("/card")
def leave_card() -> AnyResponse:
    """Leave a card with the payment provider, for this visit. The demo shop's provider takes any."""
    if not the_box().settings.demo:
        abort(404)
    return _do(lambda: the_box().phones.keep_card(_my_phone(), f"demo-{new_secret()}"))


@blueprint.post("/stop")
def stop() -> AnyResponse:
    """Rather not pay now."""
    return _do(lambda: the_box().cashier.stop_payment(_my_phone().lane, _key()))


@blueprint.post("/give-back")
def give_back() -> AnyResponse:
    """Rather not buy, after a part was paid."""
    return _do(lambda: the_box().pay_desk.give_back(_my_phone().lane, _key()))


# Installing it


@blueprint.get("/app.webmanifest")
def manifest() -> AnyResponse:
    """What a phone needs to put the page among its apps (W3C Web Application Manifest)."""
    name = the_box().settings.shop.name
    answer = jsonify(
        name=name,
        short_name=name[:12],
        description=_("Scan with your own phone, pay, go."),
        start_url="/phone",
        scope="/phone",
        display="standalone",
        background_color="#FBF6EA",
        theme_color="#14523D",
        lang=_language(),
        icons=[{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer


@blueprint.get("/away")
def away() -> str:
    """What the service worker shows without a connection: nothing personal, the same for everybody."""
    return render_template("phone/away.html", shop_name=the_box().settings.shop.name)


@blueprint.get("/worker.js")
def worker() -> AnyResponse:
    """The service worker: it keeps the page's static parts, and nothing of anybody."""
    answer = Response(render_template("phone/worker.js", mark=_mark_of_parts()), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/phone"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@cache
def _mark_of_parts() -> str:
    """Changes with our own style and scripts, whose addresses do not."""
    folder = Path(current_app.static_folder or "")
    files = sorted((*folder.glob("css/*.css"), *folder.glob("js/*.js")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


# How it is done


def _do(act: Callable[[], object]) -> AnyResponse:
    """Carry a tap out and show what is true then; 409 with a sentence if it was refused."""
    phone = _my_phone()
    the_box().phones.heard_of(phone)
    try:
        act()
    except Refused as refused:
        return _answered(_my_phone(), refused)
    return _answered(_my_phone())


def _answered(phone: Phone, refused: Refused | None = None, looked: Line | None = None) -> AnyResponse:
    if "HX-Request" in request.headers:
        answer = _part(phone, refused, looked)
    elif refused is None and looked is None:
        return _to_page()
    else:
        answer = _page(phone, refused, looked)
    if refused is not None:
        answer.status_code = 409
    return answer


def _part(phone: Phone, refused: Refused | None = None, looked: Line | None = None) -> Response:
    """What changes on the page, drawn anew."""
    box = the_box()
    scene = phone_scene(phone, box)
    text = render_template("phone/screen.html", **screen_facts(scene, phone, box, refused, looked))
    answer = Response(text, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    if refused is not None:
        answer.headers["HX-Trigger"] = "emma:look"
    return answer


def _page(phone: Phone, refused: Refused | None = None, looked: Line | None = None) -> Response:
    g.setdefault(WASM, True)
    box = the_box()
    facts = screen_facts(phone_scene(phone, box), phone, box, refused, looked)
    return Response(render_template("phone/page.html", live_topics=f"lane-{phone.lane}", **facts))


def _welcome(refused: Refused | None = None) -> AnyResponse:
    words = words_for(refused.reason) if refused is not None else None
    page = render_template("phone/begin.html", shop_name=the_box().settings.shop.name, notice=words)
    return Response(page, 409 if refused is not None else 200)


def _to_page() -> AnyResponse:
    if "HX-Request" in request.headers:
        return Response(status=200, headers={"HX-Redirect": url_for("phone.page")})
    return redirect(url_for("phone.page"), 303)


def _my_phone() -> Phone:
    """The phone that asks; one without a lane is sent to begin anew."""
    phone = the_phone()
    if phone is None:
        script = "HX-Request" in request.headers
        headers = {"HX-Redirect": url_for("phone.page")} if script else {"Location": url_for("phone.page")}
        abort(Response(status=GONE if script else 303, headers=headers))
    return phone


def _language() -> str:
    return str(get_locale())


def _key() -> str:
    return request.form.get("request_key", "")[:64]


def _whole(field: str) -> int:
    """A whole number from the form; 400 if it is none."""
    text = request.form.get(field, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        abort(400)
    return int(text)
