"""`/`: the front page. Every screen this shop has in one sentence each, and how to try it in three steps."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from kiosk_ui.front_door import the_box
from kiosk_ui.qr import qr_svg

blueprint = Blueprint("front", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Door:
    """One screen: where it is, what it is called, what it is for."""

    href: str
    title: str
    text: str
    icon: str


@blueprint.get("/")
def page() -> str:
    box = the_box()
    first_lane = box.settings.lanes[0] if box.settings.lanes else ""
    return render_template(
        "front/page.html",
        shop_name=box.settings.shop.name,
        first_lane=first_lane,
        doors=_for_shoppers() + _for_the_shop(),
        phone_code=_phone_code(),
        fresh=True,
    )


def _phone_code() -> Markup | None:
    """The code that a phone's camera reads at the entrance; None where phones are not offered."""
    return qr_svg(f"{request.host_url}phone") if the_box().settings.phone.offered else None


def _for_shoppers() -> list[Door]:
    doors = [
        Door(f"/kiosk/{lane}", _("Till %(lane)s", lane=lane), _("Scan, pay, go."), "scan-barcode")
        for lane in the_box().settings.lanes
    ]
    if the_box().settings.phone.offered:
        doors.append(Door("/phone", _("Scan and go"), _("Scan with your own phone, pay, go."), "smartphone"))
    if _has("fitting") and the_box().settings.cabins:
        text = _("It knows what hangs in the cabin, and what goes with it.")
        doors.append(Door("/fitting", _("The fitting room’s mirrors"), text, "shirt"))
    head_office = the_box().settings.head_office.url.rstrip("/")
    if _has("account") or head_office:
        href = "/account" if _has("account") else f"{head_office}/account"
        doors.append(Door(href, _("My account"), _("What we know, and the switches."), "book-user"))
    return doors


def _for_the_shop() -> list[Door]:
    doors = [
        Door(
            "/bench",
            _("The device bench"),
            _("Scan, pay and pull plugs without any device."),
            "toy-brick",
        ),
        Door(
            "/tablet",
            _("Staff tablet"),
            _("Everybody who waits, oldest first. It asks for the staff PIN."),
            "hand-helping",
        ),
        Door(
            "/design",
            _("What screens are made of"),
            _("Every part and colour, in every theme."),
            "swatch-book",
        ),
    ]
    head_office = the_box().settings.head_office.url.rstrip("/")
    if _has("account") or head_office:
        text = _("What a program may ask head office, and how.")
        doors.append(Door(f"{head_office}/api/v1/docs", _("Head office’s API"), text, "braces"))
    return doors


def _has(screen: str) -> bool:
    return screen in current_app.blueprints
