"""`/bench/<lane>`: the counter drawn as a toy shop. What a person does here happens on real wires.

Every act answers with the counter as it is now and one sentence about what was done. Without script it is a
plain form and the answer is the page.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from kiosk_ui.bench import shelf
from kiosk_ui.bench.toys import counter, toy_name
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language
from store_edge.bench import CARDS

CODE_CHARS_MAX = 1_000
PHOTO_BYTES_MAX = 6 * 1024 * 1024
WEIGHT_G_MAX = 30_000
USUAL_WEIGHT_G = 500

blueprint = Blueprint("bench", __name__, template_folder="templates", url_prefix="/bench")
blueprint.add_app_template_global(toy_name, "toy_name")


class NotPossible(Exception):
    """A sentence for the person at the bench; nothing was done."""


@blueprint.get("")
def lanes() -> AnyResponse | str:
    """The lanes of this shop; with only one, straight to it."""
    found = the_box().settings.lanes
    if len(found) == 1:
        return redirect(url_for("bench.page", lane=found[0]), 303)
    return render_template("bench/lanes.html", lanes=found)


@blueprint.get("/<lane>")
def page(lane: str) -> str:
    """The whole bench."""
    _known(lane)
    return render_template(
        "bench/page.html",
        live_topics=f"lane-{lane} store",
        counter=_counter(lane),
        text=request.args.get("text", "")[:CODE_CHARS_MAX],
        **_shelf_facts(),
        **_hand_facts(),
    )


@blueprint.get("/<lane>/now")
def now(lane: str) -> AnyResponse | str:
    """The counter as it is now; 204 if nothing changed since `seen`."""
    _known(lane)
    found = _counter(lane)
    if request.args.get("seen") == found.mark:
        return Response(status=204)
    return render_template("bench/counter.html", counter=found)


@blueprint.get("/<lane>/shelf")
def goods(lane: str) -> str:
    """One department, or what was searched."""
    _known(lane)
    return render_template("bench/shelf.html", lane=lane, **_shelf_facts())


@blueprint.get("/<lane>/hand")
def hand(lane: str) -> str:
    """Take a thing from the shelf: what can be done with it."""
    _known(lane)
    return render_template("bench/hand.html", lane=lane, counter=_counter(lane), **_hand_facts())


@blueprint.get("/<lane>/picture.jpg")
def picture(lane: str) -> Response:
    """What the camera sees."""
    _known(lane)
    try:
        seen = the_box().bench.before_camera(lane)
    except LookupError:
        abort(404)
    response = Response(seen, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<lane>/paper/<int:number>.svg")
def paper(lane: str, number: int) -> Response:
    """One paper out of the printer, counted from 1, oldest first."""
    _known(lane)
    try:
        papers = the_box().bench.papers(lane)
    except LookupError:
        abort(404)
    if not 1 <= number <= len(papers):
        abort(404)
    return Response(papers[number - 1], mimetype="image/svg+xml")


@blueprint.post("/<lane>/<act>")
def do(lane: str, act: str) -> AnyResponse | tuple[str, int]:
    """One act. 404 for an unknown one, 409 with a sentence for one that is not possible now."""
    _known(lane)
    if act not in _ACTS:
        abort(404)
    try:
        return _answer(lane, _ACTS[act](lane), "good")
    except NotPossible as no:
        return _answer(lane, str(no), "look")
    except RequestEntityTooLarge:
        return _answer(lane, _too_large(), "look")
    except LookupError:
        return _answer(lane, _("There is no such emulated device here."), "look")


def _answer(lane: str, said: str, kind: str) -> AnyResponse | tuple[str, int]:
    if not request.headers.get("HX-Request"):
        flash(said, kind)
        return redirect(url_for("bench.page", lane=lane, **_place()), 303)
    body = render_template("bench/answer.html", counter=_counter(lane), said=said, said_kind=kind)
    return make_response(body, 200 if kind == "good" else 409)


def _place() -> dict[str, str]:
    """Where on the shelf somebody was, for the way back without script."""
    return {key: request.form[key] for key in ("hand", "department") if request.form.get(key)}


# What a person can do


def _scan(lane: str) -> str:
    text = _code()
    try:
        heard = the_box().bench.show_code(lane, text)
    except ValueError:
        raise NotPossible(_("No scanner could send such a text.")) from None
    if not heard:
        raise NotPossible(_("The scanner’s cable is out: nobody heard it."))
    return _("The scanner read it.")


def _see(lane: str) -> str:
    text = _code()
    try:
        the_box().bench.show_code_to_camera(lane, text)
    except ValueError:
        raise NotPossible(_("No label holds such a text.")) from None
    return _("It lies before the camera. Take it away before you show the same once more.")


def _photo(lane: str) -> str:
    file = request.files.get("photo")
    photo = file.stream.read(PHOTO_BYTES_MAX + 1) if file is not None else b""
    if not photo:
        raise NotPossible(_("Please choose a photo first."))
    if len(photo) > PHOTO_BYTES_MAX:
        raise NotPossible(_too_large())
    try:
        the_box().bench.show_photo(lane, photo)
    except ValueError:
        raise NotPossible(_("That is no picture that a camera could see.")) from None
    return _("The photo lies before the camera.")


def _too_large() -> str:
    return _("This photo is too large. At most %(size)s MB, please.", size=PHOTO_BYTES_MAX // 1024 // 1024)


def _clear(lane: str) -> str:
    the_box().bench.clear_counter(lane)
    return _("Nothing lies before the camera any more.")


def _lay(lane: str) -> str:
    bench = the_box().bench
    found = shelf.good(the_box(), request.form.get("gtin", ""), current_language().code)
    if found is None or not found.tagged:
        raise NotPossible(_("This carries no tag: the tray cannot see it."))
    laid = bench.laid(lane)
    try:
        bench.lay(lane, shelf.next_piece(the_box(), found.gtin, laid))
    except shelf.SoldOut:
        raise NotPossible(_("There is no further piece of this.")) from None
    except ValueError:
        raise NotPossible(_("The tray is full.")) from None
    return _("On the tray: %(name)s", name=found.name)


def _lift(lane: str) -> str:
    try:
        epc = bytes.fromhex(request.form.get("epc", ""))
    except ValueError:
        raise NotPossible(_("That is no tag.")) from None
    the_box().bench.lift(lane, epc)
    return _("Taken off the tray.")


def _card(lane: str) -> str:
    card = request.form.get("card", "")
    if card not in CARDS:
        raise NotPossible(_("There is no such card."))
    if not the_box().bench.card(lane, card):
        raise NotPossible(_("The terminal asks for no card just now. Press “Pay” at the till first."))
    return _("The card is in the terminal.")


def _stop(lane: str) -> str:
    if not the_box().bench.press_stop(lane):
        raise NotPossible(_("The terminal asks for no card just now. Press “Pay” at the till first."))
    return _("The red key was pressed.")


def _paper_out(lane: str) -> str:
    the_box().bench.paper_out(lane)
    return _("The printer has no paper any more.")


def _paper_in(lane: str) -> str:
    the_box().bench.paper_in(lane)
    return _("A new roll is in the printer.")


def _unplug(lane: str) -> str:
    device = _device(lane)
    the_box().bench.pull_plug(device)
    return _("The plug of %(device)s is pulled.", device=device)


def _plug(lane: str) -> str:
    device = _device(lane)
    the_box().bench.put_plug(device)
    return _("The plug of %(device)s is in. It takes a few seconds to come back.", device=device)


_ACTS = {
    "scan": _scan,
    "see": _see,
    "photo": _photo,
    "clear": _clear,
    "lay": _lay,
    "lift": _lift,
    "card": _card,
    "stop": _stop,
    "paper-out": _paper_out,
    "paper-in": _paper_in,
    "unplug": _unplug,
    "plug": _plug,
}


# What they need


def _known(lane: str) -> None:
    if lane not in the_box().settings.lanes:
        abort(404)


def _counter(lane: str):  # type: ignore[no-untyped-def]
    return counter(the_box(), lane, current_language().code)


def _device(lane: str) -> str:
    """The emulated device of this lane that the form names. Raises LookupError."""
    device = request.form.get("device", "")
    if the_box().bench.devices[device].lane != lane:
        raise LookupError(device)
    return device


def _code() -> str:
    """The code to show: the text itself, or the number of an article that has one to show."""
    text = request.form.get("text", "").strip()
    if not text:
        found = shelf.good(the_box(), request.form.get("gtin", ""), current_language().code)
        if found is None:
            raise NotPossible(_("There is nothing to show yet."))
        if found.loose:
            raise NotPossible(_("Loose goods carry no code. Weigh them first: the scale prints a label."))
        text = found.gtin
    if len(text) > CODE_CHARS_MAX:
        raise NotPossible(_("This text is too long for a code."))
    return text


def _shelf_facts() -> dict[str, object]:
    department = request.args.get("department", shelf.DEPARTMENTS[0])
    search = request.args.get("search", "")[: shelf.SEARCH_CHARS_MAX]
    return {
        "departments": _departments(),
        "department": department,
        "search": search,
        "goods": shelf.goods(the_box(), department, search, current_language().code),
    }


def _departments() -> dict[str, str]:
    return {
        "groceries": _("Groceries"),
        "produce": _("Fruit and vegetables"),
        "household": _("Household"),
        "cosmetics": _("Cosmetics"),
        "fashion": _("Fashion"),
    }


def _hand_facts() -> dict[str, object]:
    """What is in the hand, and its label where it was weighed."""
    found = shelf.good(the_box(), request.args.get("hand", ""), current_language().code)
    label, fault, weight_g = None, "", USUAL_WEIGHT_G
    if found is not None and found.loose and "weight_g" in request.args:
        typed = request.args["weight_g"].strip()
        if typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= WEIGHT_G_MAX:
            weight_g = int(typed)
            label = shelf.label_for(the_box(), found.gtin, weight_g)
        else:
            fault = _("The scale weighs 1 to %(most)s grams.", most=WEIGHT_G_MAX)
    return {"hand": found, "label": label, "weight_g": weight_g, "weight_fault": fault}
