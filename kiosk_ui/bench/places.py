"""`/bench/cabins`: carry garments between shelf, trays, cabins and gates, by mouse or keyboard."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk_ui.bench import shelf
from kiosk_ui.bench.acts import laying
from kiosk_ui.bench.frame import blueprint
from kiosk_ui.fitting.wording import cabin_name
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language

TRAY = "tray:"
SHELF = "shelf"
"""Where a garment goes that is carried back: out of every reader's sight."""


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """One place and what is there. `mirror` is the address of its mirror, "" where there is none."""

    id: str
    name: str
    pieces: tuple[shelf.TrayPiece, ...]
    mirror: str


@blueprint.get("/cabins")
def cabins() -> str:
    """The whole page."""
    return render_template(
        "bench/cabins.html",
        live_topics="lane-* store",
        places=_places(),
        goods=shelf.goods(the_box(), "fashion", "", current_language().code),
        moved=None,
    )


@blueprint.post("/cabins/move")
def move() -> Response | str:
    """Carry the piece `epc`, or one of the article `gtin`, to the place `to`. 400 for nonsense."""
    box, to = the_box(), request.form.get("to", "")
    if to not in (SHELF, *(place.id for place in _places())):
        abort(400)
    with laying:
        epc = _piece()
        if epc is None:
            said, kind = _("There is no further piece of this."), "look"
        else:
            box.bench.take_away(epc)
            if to.startswith(TRAY):
                box.bench.lay(to.removeprefix(TRAY), epc)
            elif to != SHELF:
                box.bench.put(to, epc, also_heard_in=_next_door(to))
            name = shelf.tray_pieces(box, [epc], current_language().code)[0].name
            said, kind = _("Carried: %(name)s", name=name), "good"
    if not request.headers.get("HX-Request"):
        flash(said, kind)
        return redirect(url_for("bench.cabins"), 303)
    return render_template("bench/places.html", places=_places(), moved=(said, kind))


def _next_door(place: str) -> str:
    """Where it is heard, too, if the person wants it between two cabins; "" otherwise."""
    others = [cabin for cabin in the_box().settings.cabins if cabin != place]
    wanted = request.form.get("between") == "yes" and place in the_box().settings.cabins
    return others[0] if wanted and others else ""


def _piece() -> bytes | None:
    """The piece named in the form; a fresh one where only its article is. 400 for what is no tag."""
    tag, gtin = request.form.get("epc", ""), request.form.get("gtin", "")
    if gtin:
        here = {bytes.fromhex(piece.epc) for place in _places() for piece in place.pieces}
        try:
            return shelf.next_piece(the_box(), gtin, here)
        except LookupError:
            return None
    try:
        return bytes.fromhex(tag) or None
    except ValueError:
        abort(400)


def _places() -> list[PlaceShown]:
    """Every lane's tray, and what emulated readers with zones look at."""
    box, language = the_box(), current_language().code
    trays = [lane for lane in box.settings.lanes if _has_tray(lane)]
    found = [(f"{TRAY}{lane}", _("Tray of till %(lane)s", lane=lane), box.bench.laid(lane)) for lane in trays]
    found += [(place, _name(place), box.bench.lying_in(place)) for place in box.bench.places()]
    return [
        PlaceShown(id, name, tuple(shelf.tray_pieces(box, laid, language)), _mirror(id))
        for id, name, laid in found
    ]


def _name(place: str) -> str:
    return cabin_name(place) if place in the_box().settings.cabins else place


def _mirror(place: str) -> str:
    return f"/fitting/{place}" if place in the_box().settings.cabins else ""


def _has_tray(lane: str) -> bool:
    try:
        the_box().bench.laid(lane)
    except LookupError:
        return False
    return True
