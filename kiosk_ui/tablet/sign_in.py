"""Who uses the tablet: the clerk whose PIN was typed here, until they leave it or it lies idle."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import cast

from flask import current_app, g, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from checkout.errors import Refused
from checkout.events import ClerkSignedIn, ClerkSignedOut
from checkout.staff import By, Clerk
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet.door import STRANGER, Door

SHIFT_S_MAX = 12 * 3600
WHY_CHARS_MAX = 80
_DOOR = "emma-tablet-door"
_TABLET, _CLERK, _MARK, _SINCE, _SEEN = "tablet", "clerk", "clerk_mark", "clerk_since", "clerk_seen"
_AT = "at_lane"
AT_LANE_IDLE_S = 60.0
"""A shopper's screen that a clerk took over with the key forgets them much sooner than a tablet does."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The clerk at this tablet; the name is for this screen only."""

    clerk: Clerk
    name: str


def the_door() -> Door:
    """The one door of this application, with its counts of wrong PINs."""
    box = the_box()
    return cast(Door, current_app.extensions.setdefault(_DOOR, Door(box.clerks, box.clock)))


def this_tablet() -> str:
    """The random id of a browser on which somebody has signed in before, else `STRANGER`."""
    return str(session.get(_TABLET, STRANGER))


def let_in(clerk: Clerk) -> None:
    """Remember in this browser's signed cookie who it is."""
    found = the_box().clerks.signed(clerk.id)
    if found is None:
        return  # struck off the list a moment ago
    now_s = int(the_box().clock().timestamp())
    tablet = this_tablet() or uuid.uuid4().hex
    session.update({_TABLET: tablet, _CLERK: clerk.id, _MARK: found[1], _SINCE: now_s, _SEEN: now_s})
    the_door().know(tablet)
    with the_box().books.page() as page:
        page.announce(ClerkSignedIn(clerk.id, tablet))


def let_out(reason: str = "clerk") -> None:
    """Sign out; the tablet stays known."""
    clerk = session.pop(_CLERK, None)
    for key in (_MARK, _SINCE, _SEEN):
        session.pop(key, None)
    if clerk is not None:
        with the_box().books.page() as page:
            page.announce(ClerkSignedOut(clerk, this_tablet(), reason))


def take_over(lane: str) -> None:
    """From now on this browser is a lane's own screen, lent to a clerk."""
    session[_AT] = lane


def at_lane() -> str:
    """The lane whose screen this is, "" for a tablet."""
    return str(session.get(_AT, ""))


def hand_back() -> str:
    """The screen is the shoppers' again; gives its lane."""
    let_out()
    return str(session.pop(_AT, ""))


def look_who() -> SignedIn | None:
    """Who is signed in here; signs out whoever was idle too long, worked a shift, or works here no more."""
    if _CLERK not in session:
        return None
    box = the_box()
    now_s = int(box.clock().timestamp())
    found = box.clerks.signed(session[_CLERK])
    limit_s = box.settings.limits.staff_idle_s
    limit_s = min(limit_s, AT_LANE_IDLE_S) if at_lane() else limit_s
    idle = not 0 <= now_s - session.get(_SEEN, 0) < limit_s
    over = not 0 <= now_s - session.get(_SINCE, 0) < SHIFT_S_MAX
    if idle or over or found is None or found[1] != session.get(_MARK):
        let_out("idle" if idle else "ended")
        return None
    known = found[0]
    return SignedIn(Clerk(known.id, known.rights), known.name)


def is_here() -> None:
    """Somebody touched the tablet: the idle time begins anew."""
    session[_SEEN] = int(the_box().clock().timestamp())


def the_clerk() -> Clerk:
    """Who acts, in a request that came past the door."""
    return cast(SignedIn, g.signed_in).clerk


def by_clerk(why: str = "") -> By:
    """The clerk's word for this one act, with the second person whose PIN came along (`second_pin`), if any.

    Raises Refused(second_person_needed) for a PIN that nobody has; the door counts it.
    """
    typed = request.form.get("second_pin", "").strip()
    second = the_door().try_pin(typed, this_tablet()) if typed else None
    if typed and second is None:
        raise Refused("second_person_needed")
    return By(the_clerk(), why[:WHY_CHARS_MAX], second)


def to_sign_in() -> Response:
    """To the PIN with the whole page: htmx would follow a plain redirect and put the door into a part."""
    door = url_for("tablet.sign_in")
    if not request.headers.get("HX-Request"):
        return redirect(door, 303)
    response = make_response("", 401)
    response.headers["HX-Redirect"] = door
    return response
