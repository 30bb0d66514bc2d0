"""Reads the colours from the style sheet and computes how well they can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STYLE_SHEET = Path(__file__).resolve().parents[1] / "static" / "css" / "emma.css"

TEXT_RATIO_MIN = 7.0  # WCAG 2.2, 1.4.6: enhanced contrast
MARK_RATIO_MIN = 3.0  # WCAG 2.2, 1.4.11: marks that mean something

# foreground, background, the ratio it must reach
PAIRS: tuple[tuple[str, str, float], ...] = (
    *(
        (text, ground, TEXT_RATIO_MIN)
        for ground in ("paper", "card")
        for text in ("ink", "soft", "bottle", "tomato", "brass")
    ),
    *((text, "bottle-wash", TEXT_RATIO_MIN) for text in ("ink", "soft", "bottle")),
    *((text, "tomato-wash", TEXT_RATIO_MIN) for text in ("ink", "soft", "tomato")),
    *((text, "brass-wash", TEXT_RATIO_MIN) for text in ("ink", "soft", "brass")),
    ("on-bottle", "bottle", TEXT_RATIO_MIN),
    ("on-tomato", "tomato", TEXT_RATIO_MIN),
    ("paper", "ink", TEXT_RATIO_MIN),
    ("sign-ink", "sign", TEXT_RATIO_MIN),
    *((mark, ground, MARK_RATIO_MIN) for ground in ("paper", "card") for mark in ("edge", "brass-bright")),
)

_TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);")
_BLOCKS = {
    "plain": re.compile(r":root,\s*\[data-theme=\"light\"\],\s*\[data-theme=\"dark\"\] \{(.*?)\}", re.DOTALL),
    "contrast": re.compile(r"\n  \[data-theme=\"contrast\"\] \{(.*?)\}", re.DOTALL),
    "asked": re.compile(r":root:not\(\[data-theme\]\) \{(.*?)\}", re.DOTALL),
}

Colours = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """One colour on another, with the ratio it has and the ratio it needs."""

    text: str
    ground: str
    ratio: float
    ratio_min: float

    @property
    def holds(self) -> bool:
        return self.ratio >= self.ratio_min


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, in either order (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def read_themes(style_sheet: str) -> dict[str, Colours]:
    """Colours by theme: light, dark, contrast, contrast-dark; asked, asked-dark if the system wants it.

    Raises ValueError when a block of tokens is not where it belongs.
    """
    themes: dict[str, Colours] = {}
    for block, pattern in _BLOCKS.items():
        match = pattern.search(style_sheet)
        if match is None:
            raise ValueError(f"the style sheet has no block of {block} tokens")
        found = _TOKEN.findall(match[1])
        light, dark = ("light", "dark") if block == "plain" else (block, f"{block}-dark")
        themes[light] = {name: first for name, first, _second in found}
        themes[dark] = {name: second for name, _first, second in found}
    return themes


def themes() -> dict[str, Colours]:
    """The colours of our own style sheet."""
    return read_themes(STYLE_SHEET.read_text(encoding="utf-8"))


def pairs(colours: Colours) -> list[Pair]:
    """Every pair that is read on some screen, with its ratio in this theme."""
    return [
        Pair(text, ground, contrast(colours[text], colours[ground]), ratio_min)
        for text, ground, ratio_min in PAIRS
    ]
