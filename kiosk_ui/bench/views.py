"""`/bench/<lane>`: the counter drawn as a toy shop. What a person does here happens on real wires.

Every act answers with the counter as it is now and one sentence about what was done. Without script it is a
plain form and the answer is the page.
"""

from __future__ import annotations

from flask import (
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

from checkout.phone_lane import is_phone
from kiosk_ui.bench import places, shelf
from kiosk_ui.bench.acts import ACTS, CODE_CHARS_MAX, NotPossible, too_large
from kiosk_ui.bench.frame import blueprint
from kiosk_ui.bench.toys import Counter, counter, lamp_words, toy_name
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language

__all__ = ["blueprint", "places"]

WEIGHT_G_MAX = 30_000

blueprint.add_app_template_global(toy_name, "toy_name")
blueprint.add_app_template_global(lamp_words, "lamp_words")


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
        has_cabins=bool(the_box().settings.cabins),
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


@blueprint.get("/<lane>/paper/<int:number>.svg", defaults={"drawn": "svg"})
@blueprint.get("/<lane>/paper/<int:number>.png", defaults={"drawn": "png"})
def paper(lane: str, number: int, drawn: str) -> Response:
    """One paper out of the printer, counted from 1, oldest first."""
    _known(lane)
    bench = the_box().bench
    try:
        papers = bench.papers(lane)
        if not 1 <= number <= len(papers):
            abort(404)
        if drawn == "png":
            return Response(bench.paper_picture(lane, number), mimetype="image/png")
    except LookupError:
        abort(404)
    return Response(papers[number - 1], mimetype="image/svg+xml")


@blueprint.post("/<lane>/<act>")
def do(lane: str, act: str) -> AnyResponse | tuple[str, int]:
    """One act. 404 for an unknown one, 409 with a sentence for one that is not possible now."""
    _known(lane)
    if act not in ACTS:
        abort(404)
    try:
        return _answer(lane, ACTS[act](lane), "good")
    except NotPossible as no:
        return _answer(lane, str(no), "look")
    except RequestEntityTooLarge:
        return _answer(lane, too_large(), "look")
    except LookupError:
        return _answer(lane, _("There is no such emulated device here."), "look")


def _answer(lane: str, said: str, kind: str) -> AnyResponse | tuple[str, int]:
    if not request.headers.get("HX-Request"):
        flash(said, kind)
        return redirect(_way_back(lane), 303)
    body = render_template("bench/answer.html", counter=_counter(lane), said=said, said_kind=kind)
    return make_response(body, 200 if kind == "good" else 409)


def _way_back(lane: str) -> str:
    """The page with the same thing in the hand and the same shelf, for the way back without script."""
    hand, department = request.form.get("hand"), request.form.get("department")
    return url_for("bench.page", lane=lane, hand=hand or None, department=department or None)


# What they need


def _known(lane: str) -> None:
    """A lane, or a phone's: there the bench has what serves all phones."""
    if lane not in the_box().settings.lanes and not is_phone(lane):
        abort(404)


def _counter(lane: str) -> Counter:
    return counter(the_box(), lane, current_language().code)


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
    label, fault, weight_g = None, "", shelf.USUAL_WEIGHT_G
    if found is not None and found.loose and "weight_g" in request.args:
        typed = request.args["weight_g"].strip()
        if typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= WEIGHT_G_MAX:
            weight_g = int(typed)
            label = shelf.label_for(the_box(), found.gtin, weight_g)
        else:
            fault = _("The scale weighs 1 to %(most)s grams.", most=WEIGHT_G_MAX)
    return {"hand": found, "label": label, "weight_g": weight_g, "weight_fault": fault}
