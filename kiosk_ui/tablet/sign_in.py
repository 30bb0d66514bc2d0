"""Who may use the tablet: whoever typed the store's PIN here, for the length of a shift."""

from __future__ import annotations

from typing import cast

from flask import current_app, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from kiosk_ui.front_door import the_box
from kiosk_ui.tablet.pin import Door, mark_of

SHIFT_S_MAX = 12 * 3600
_DOOR = "emma-tablet-door"
_UNTIL, _MARK = "staff_until", "staff_mark"


def the_door() -> Door:
    """The one door of this application, with its count of wrong PINs."""
    box = the_box()
    return cast(Door, current_app.extensions.setdefault(_DOOR, Door(box.settings.home, box.clock)))


def let_in() -> None:
    """Remember in this browser's signed cookie that the PIN was right."""
    box = the_box()
    session[_UNTIL] = int(box.clock().timestamp()) + SHIFT_S_MAX
    session[_MARK] = mark_of(box.settings.home)


def let_out() -> None:
    session.pop(_UNTIL, None)
    session.pop(_MARK, None)


def is_in() -> bool:
    """Whether this browser is signed in, the shift is not over, and the PIN is still the same."""
    box = the_box()
    left_s = session.get(_UNTIL, 0) - int(box.clock().timestamp())
    mark = mark_of(box.settings.home)
    return 0 < left_s <= SHIFT_S_MAX and mark != "" and session.get(_MARK) == mark


def to_sign_in() -> Response:
    """To the PIN with the whole page: htmx would follow a plain redirect and put the door into a part."""
    door = url_for("tablet.sign_in")
    if not request.headers.get("HX-Request"):
        return redirect(door, 303)
    response = make_response("", 401)
    response.headers["HX-Redirect"] = door
    return response
