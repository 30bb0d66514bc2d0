"""`/design`: every part of every screen in every theme, the colours with their contrast, and sample pages.

Whoever builds a screen begins here; whoever changes the style sheet looks here afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk_ui.design.tokens import Colours, Pair, pairs, themes
from kiosk_ui.qr import qr_svg

THEMES = ("light", "dark", "contrast")
SURFACES = ("front", "kiosk", "tablet", "account", "bench")
SAMPLES = ("attract", "kiosk", "pay", "account", "tablet", "bench", "front")

blueprint = Blueprint("design", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A line on the sample roll; prices in minor units."""

    name: str
    detail: str
    total_minor: int
    quantity: int
    state: str = ""


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colours with their measured pairs."""

    theme: str
    colours: Colours
    pairs: list[Pair]


def _lines() -> list[SampleLine]:
    return [
        SampleLine("Haferflocken zart 500 g", "2 × 0,99 €", 198, 2),
        SampleLine("Äpfel Boskoop", "0,742 kg × 2,99 €/kg", 222, 1),
        SampleLine("Vollmilch 3,8 % 1 l", "", 139, 1, "void"),
        SampleLine("Roggenmischbrot", "", 349, 1, "new"),
    ]


def _palettes() -> list[Palette]:
    names = ("light", "dark", "contrast", "contrast-dark")
    found = themes()
    return [Palette(name, found[name], pairs(found[name])) for name in names]


@blueprint.get("/design")
def catalogue() -> str:
    """All parts, once per theme. `?surface=` draws them in that surface's sizes; another value gets 404."""
    surface = request.args.get("surface", "front")
    if surface not in SURFACES:
        abort(404)
    return render_template(
        "design/catalogue.html",
        shown_surface=surface,
        surfaces=SURFACES,
        samples=SAMPLES,
        themes=THEMES,
        palettes=_palettes(),
        lines=_lines(),
        code=qr_svg("EMMA1.sample"),
    )


@blueprint.post("/design")
def pressed() -> Response:
    """The catalogue's buttons do nothing: back to the page."""
    return redirect(url_for("design.catalogue"), code=303)


@blueprint.get("/design/<sample>")
def sample_page(sample: str) -> str:
    """One whole sample page, as a screen would look; an unknown one gets 404."""
    if sample not in SAMPLES:
        abort(404, description=_("There is no such sample."))
    return render_template(
        f"design/{sample}.html", lines=_lines(), code=qr_svg("EMMA1.sample"), fresh=sample == "attract"
    )
