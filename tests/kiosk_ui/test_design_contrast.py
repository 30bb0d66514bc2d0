"""Every colour that is read reaches 7:1 on its ground, every mark with a meaning 3:1, in every theme."""

from __future__ import annotations

import re

import pytest

from kiosk_ui.design.tokens import STYLE_SHEET, contrast, pairs, read_themes, themes

ALL = ["light", "dark", "contrast", "contrast-dark"]


def test_black_on_white_is_21_and_the_order_does_not_matter() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#777777") == 1.0


def test_a_known_ratio() -> None:
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)  # the grey WCAG examples use


@pytest.mark.parametrize("theme", ALL)
def test_every_pair_can_be_read(theme: str) -> None:
    short = [
        f"{p.text} on {p.ground} {p.ratio:.2f} < {p.ratio_min}" for p in pairs(themes()[theme]) if not p.holds
    ]
    assert not short


def test_themes_name_the_same_colours() -> None:
    found = themes()
    assert len({frozenset(colours) for colours in found.values()}) == 1
    assert len(found["light"]) >= 17


def test_the_system_asking_for_contrast_gives_the_contrast_theme() -> None:
    found = themes()
    assert found["asked"] == found["contrast"]
    assert found["asked-dark"] == found["contrast-dark"]


def test_a_sheet_without_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="no block of plain tokens"):
        read_themes("body { color: red }")


def test_no_colour_outside_the_tokens() -> None:
    body = STYLE_SHEET.read_text(encoding="utf-8").split("@layer base {", 1)[1]
    colours = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", body))
    assert colours <= {"#FFFFFF", "#000000", "#0000", "#000"}  # square codes, print, masks


def test_logical_sides_only() -> None:
    text = re.sub(r"/\*.*?\*/", "", STYLE_SHEET.read_text(encoding="utf-8"), flags=re.DOTALL)
    physical = re.findall(r"\b(?:margin|padding|border|inset)-(?:left|right)\b|[;{]\s*(?:left|right):", text)
    assert not physical


def test_reduced_motion_stops_everything() -> None:
    text = STYLE_SHEET.read_text(encoding="utf-8")
    assert "@media (prefers-reduced-motion: reduce)" in text
    assert "--print_ms: 160ms" in text


def test_a_way_on_inside_the_sign_keeps_its_own_ink() -> None:
    """The sign's links take the sign's ink; a button's ground is paper, so its ink must stay bottle."""
    sheet = STYLE_SHEET.read_text(encoding="utf-8")
    rules = re.findall(r"([^{}]+)\{[^{}]*\bcolor: inherit\b", sheet)
    links = [one.strip() for rule in rules for one in rule.split(",") if re.search(r"\.sign a\b", one)]
    assert links == [".sign a:not(.act)"]
    others = [file for file in STYLE_SHEET.parent.glob("*.css") if ".sign a" in file.read_text("utf-8")]
    assert others == [STYLE_SHEET], "one sheet dresses the sign"
