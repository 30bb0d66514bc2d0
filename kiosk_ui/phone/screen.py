"""What the phone shows: the lane's scene, as the kiosk has it, with what only a phone needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from checkout.basket import Line, Parked
from checkout.errors import Refused
from checkout.loss import BLOCKING
from checkout.payment import ON_FILE, TRANSFER
from checkout.phone_lane import Phone, number_of_phone
from kiosk_ui import format as formats
from kiosk_ui.kiosk.board import the_board
from kiosk_ui.kiosk.scene import Scene, scene_on
from kiosk_ui.kiosk.screen import gift_card_on, has_provider, notice_on, paying_facts, wording_on
from kiosk_ui.phone.facts import bank_rows, facts_of
from kiosk_ui.qr import qr_svg
from kiosk_ui.sentences import Words, words_for
from store_edge.box import Box

BASE = "/phone"


def phone_scene(phone: Phone, box: Box) -> Scene:
    """What the phone's lane shows, in its reader's language; put aside, as long as the basket waits."""
    language = str(get_locale())
    scene = replace(scene_on(phone.lane, box, the_board(), language), language=language)
    parked = _parked_by(phone, box) if scene.name == "attract" else None
    return replace(scene, name="parked", parked=parked) if parked is not None else scene


def _parked_by(phone: Phone, box: Box) -> Parked | None:
    """The basket that this phone put aside; what was on its lane before it came is nobody's business here."""
    mine = [
        parked
        for parked, _basket in box.books.parked_baskets()
        if parked.lane == phone.lane
        and dt.datetime.fromisoformat(parked.at) > dt.datetime.fromisoformat(phone.since)
    ]
    return mine[-1] if mine else None


def mark_of(scene: Scene, box: Box) -> str:
    """Changes when what is shown does."""
    now = scene.shown
    about = scene.parked.basket if scene.parked is not None else now.basket
    allowed = box.books.exit_of(about) if scene.name == "paid" else None
    left = bool(allowed and allowed.used_at)
    looked = scene.name == "open" and _is_looked_at(scene, box)
    return f"{now.state}.{about}.{now.version}.{now.said}.{now.language}.{left:d}.{looked:d}"


def screen_facts(
    scene: Scene, phone: Phone, box: Box, refused: Refused | None = None, looked: Line | None = None
) -> dict[str, Any]:
    """All that the screen's template may ask for; `looked` is what the shopper only wanted to see."""
    words = wording_on(scene, box)
    line = looked or (scene.last_line if scene.name == "open" else None)
    facts: dict[str, Any] = {
        "scene": scene,
        "phone": phone,
        "number": number_of_phone(phone.lane),
        "base": BASE,
        "mark": mark_of(scene, box),
        "shop_name": box.settings.shop.name,
        "words": words,
        "basket": scene.basket,
        "total_minor": scene.basket.total_minor if scene.basket else 0,
        "pieces": scene.basket.pieces if scene.basket else 0,
        "lines": words.lines(scene.basket.lines)[::-1] if scene.basket and scene.name == "open" else [],
        "saved_minor": -sum(r.amount_minor for one in scene.basket.standing for r in one.reductions)
        if scene.basket
        else 0,
        "notice": _for_a_phone(notice_on(scene, refused)),
        "looked": looked,
        "card": words.card(line) if line else None,
        "facts": facts_of(line, box, scene.language) if line else None,
        "coupons": words.coupons(scene.basket) if scene.basket else (),
        "gift": gift_card_on(scene, box),
        "by_bank": has_provider(box, TRANSFER, phone.lane),
        "by_card": has_provider(box, ON_FILE, phone.lane),
        "leaves_card": box.settings.demo,
        "checked": scene.basket is not None and _is_looked_at(scene, box),
    }
    if scene.name == "paying":
        facts.update(paying_facts(scene, words))
        payment = scene.payment
        code = payment.code if payment is not None else ""
        facts["rows"] = bank_rows(code, words, payment.amount_minor) if payment and code else ()
    if scene.parked is not None:
        facts["qr"] = qr_svg(scene.parked.code)
        facts["until"] = formats.clock(dt.datetime.fromisoformat(scene.parked.until))
    if scene.receipt is not None:
        facts["receipt"] = scene.receipt
        facts.update(_exit(scene, box))
    return facts


def _for_a_phone(notice: Words | None) -> Words | None:
    """A phone has no glass to turn a code towards."""
    if notice is None or notice != words_for("code_unreadable"):
        return notice
    return Words(notice.text, str(_("Please hold the code steady, or type its number.")))


def _is_looked_at(scene: Scene, box: Box) -> bool:
    """A colleague has been called to this basket before it is paid."""
    assert scene.basket is not None
    return any(task.kind in BLOCKING and task.about == scene.basket.id for task in box.tasks.waiting())


def _exit(scene: Scene, box: Box) -> dict[str, Any]:
    """The code for the gate: made when the shopper first sees that it is paid, used up at the gate."""
    assert scene.basket is not None
    if not any(device.driver.startswith("gate.") for device in box.settings.devices.values()):
        return {"exit": None, "left": False}
    try:
        allowed = box.exits.allow(scene.basket.id)
    except Refused:  # it was used
        return {"exit": None, "left": True}
    until = formats.clock(dt.datetime.fromisoformat(box.exits.until(allowed)))
    return {"exit": qr_svg(allowed.code), "until": until, "left": False}
