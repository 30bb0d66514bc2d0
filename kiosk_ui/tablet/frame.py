"""What every page of the tablet needs: nobody without a PIN, who it is, and a sentence for every no."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from checkout.errors import Refused
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet.sign_in import at_lane, is_here, look_who, to_sign_in

OPEN_TO_ALL = frozenset({"tablet.sign_in", "tablet.try_pin", "tablet.at", "tablet.leave"})
blueprint = Blueprint("tablet", __name__, template_folder="templates", url_prefix="/tablet")

Page = Response | str | tuple[str, int]


@blueprint.before_request
def guard() -> Response | None:
    """Nothing here without a PIN."""
    if request.endpoint in OPEN_TO_ALL:
        return None
    g.signed_in = look_who()
    if g.signed_in is None:
        return to_sign_in()
    # What a page asks by itself keeps nobody signed in; what is sent, somebody has sent.
    if request.method == "POST" or not request.headers.get("HX-Request"):
        is_here()
    return None


@blueprint.context_processor
def who() -> dict[str, Any]:
    """Every page may say who is signed in, and at which lane's own screen ("" on a tablet)."""
    return {"signed_in": g.get("signed_in"), "at_lane": at_lane()}


@blueprint.errorhandler(Refused)
def refused(no: Refused) -> Response:
    """Back to the page it came from, with the sentence."""
    flash(sentence(no), "look")
    return to(request.form.get("back", ""))


def to(room: str = "") -> Response:
    """On to another page of the tablet, by GET; to the list from anywhere else."""
    known = {"lanes": "tablet.lanes", "sign-in": "tablet.sign_in"}
    return redirect(url_for(known.get(room, "tablet.page")), 303)


def key() -> str:
    """The request's own key, so that a repeated tap is carried out once."""
    return request.form.get("request_key", "")[:64]
