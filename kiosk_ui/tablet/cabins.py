"""What shoppers in the cabins wait for: who goes, with what, from where."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.errors import Refused
from checkout.gs1 import gtin_of_epc
from kiosk_ui.fitting.wording import cabin_name, clerk_name
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language
from kiosk_ui.tablet.frame import blueprint, to
from kiosk_ui.tablet.sign_in import the_clerk
from mirror.requests import ACCEPTED, ASKED, ON_THE_WAY
from mirror.stays import CABIN_HELP, LEFT_BEHIND, SIZE_REQUEST
from store_edge.desk import Task

ABOUT_CABIN = frozenset({SIZE_REQUEST, CABIN_HELP, LEFT_BEHIND})


@dataclass(frozen=True, slots=True)
class Bring:
    """What is to be brought. `steps` are what this clerk can say now: the address's word and the button's."""

    id: str
    steps: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CabinTask:
    """A task from a cabin in words; `bring` where something is to be fetched."""

    where: str
    what: str
    hint: str
    done: str
    urgent: bool = False
    bring: Bring | None = None


def cabin_task(task: Task) -> CabinTask | None:
    """None for a task that is about something else."""
    if task.kind not in ABOUT_CABIN:
        return None
    where = cabin_name(task.lane)
    if task.kind == CABIN_HELP:
        return CabinTask(
            where, _("Somebody asked for help."), _("Go there, and knock."), _("Done, I was there"), True
        )
    if task.kind == LEFT_BEHIND:
        what = _("Left behind: %(name)s", name=_name(_gtin(task.about)))
        return CabinTask(where, what, _("Take it back to its place."), _("Done, I took it"))
    return _to_bring(task, where)


@blueprint.post("/requests/<id>/<step>")
def bring(id: str, step: str) -> Response:
    """A step on the way to a cabin: accept, on-the-way, deliver or not-there. 404 for any other."""
    desk = the_box().fitting_room.requests
    steps = {
        "accept": desk.accept,
        "on-the-way": desk.on_the_way,
        "deliver": desk.deliver,
        "not-there": desk.not_there,
    }
    if step not in steps:
        abort(404)
    steps[step](id, the_clerk())
    flash(_("Thank you. The mirror says so."))
    return to()


def _to_bring(task: Task, where: str) -> CabinTask:
    request = the_box().fittings.request(task.about)
    if request is None:
        return CabinTask(where, _("A wish that is over."), "", _("Done"))
    what = _("Bring: %(name)s", name=_name(request.wanted_gtin))
    position = request.position or _("nobody wrote down where")
    here = request.clerk in ("", the_clerk().id)
    hint = _("It should be here: %(position)s.", position=position)
    if request.clerk:
        hint = f"{hint} {_('%(name)s goes.', name=clerk_name(the_box(), request.clerk))}"
    elif request.escalated:
        hint = f"{hint} {_('Nobody has gone yet.')}"
    steps = {
        ASKED: (("accept", _("I go"), "hand"), ("not-there", _("It is not there"), "x")),
        ACCEPTED: (("on-the-way", _("I have it"), "footprints"), ("not-there", _("It is not there"), "x")),
        ON_THE_WAY: (("deliver", _("It is at the cabin"), "package-check"),),
    }
    bring = Bring(request.id, steps.get(request.state, ()) if here else ())
    return CabinTask(where, what, hint, "", urgent=request.escalated, bring=bring)


def _gtin(tag: str) -> str:
    try:
        return gtin_of_epc(bytes.fromhex(tag))
    except (Refused, ValueError):
        return ""


def _name(gtin: str) -> str:
    article = the_box().shelves.article(gtin)
    return article.called(current_language().code) if article else gtin
