"""Colours as the eye sees them: CIELAB, and which of them agree.

An article's colour is one tint in sRGB, such as "#14523D". Two colours agree when one of them is hardly a
colour at all, when they are the same hue, neighbours, or opposites; in between two strong ones quarrel. That
similarity and contrast please and what lies between does not is Moon and Spencer's ("Geometric Formulation of
Classical Color Harmony", JOSA 34, 1944); the angles below are ours, chosen by eye, and a stylist's word goes
before them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

NEUTRAL_CHROMA_MAX = 18.0
"""White, grey, black, sand: below this strength a colour goes with every other."""
SAME_HUE_DEG_MAX = 20.0
NEAR_HUE_DEG_MAX = 45.0
OPPOSITE_HUE_DEG_MIN = 140.0
LIGHTNESS_APART_MIN = 12.0
"""Two tones of one hue that are closer than this look like a mistake, unless they are the very same."""
SAME_DELTA_MAX = 4.0
QUARREL_CHROMA_MIN = 30.0
"""Only two strong colours quarrel."""

NEUTRAL, SAME, TONES, NEAR, OPPOSITE = "neutral", "same", "tones", "near", "opposite"
ALMOST, QUARREL, PLAIN = "almost", "quarrel", "plain"
HARMONY_POINTS = {NEUTRAL: 2, SAME: 1, TONES: 3, NEAR: 2, OPPOSITE: 3, PLAIN: 0, ALMOST: -1, QUARREL: -4}
"""What each way of going together counts with the stylist."""

_TINT = re.compile(r"#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")
_WHITE = (0.95047, 1.0, 1.08883)  # D65, the white of sRGB (IEC 61966-2-1)
_LINEAR = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)


@dataclass(frozen=True, slots=True)
class Lab:
    """A colour in CIELAB (D65): `lightness` from 0 to 100, `a` from green to red, `b` from blue to yellow."""

    lightness: float
    a: float
    b: float

    @property
    def chroma(self) -> float:
        """How strong it is; 0 is grey."""
        return math.hypot(self.a, self.b)

    @property
    def hue_deg(self) -> float:
        """Where it stands on the wheel, from 0 (red) over 90 (yellow) to 360."""
        return math.degrees(math.atan2(self.b, self.a)) % 360.0

    def delta(self, other: Lab) -> float:
        """How different two colours look: CIE76, about 2 is just seen."""
        return math.dist((self.lightness, self.a, self.b), (other.lightness, other.a, other.b))


def lab_of(tint: str) -> Lab:
    """A tint such as "#14523D" in CIELAB. Raises ValueError for anything else."""
    found = _TINT.fullmatch(tint)
    if found is None:
        raise ValueError(f"{tint!r} is no colour such as '#14523D'")
    red, green, blue = (_linear(int(part, 16) / 255) for part in found.groups())
    x, y, z = (
        _bend((row[0] * red + row[1] * green + row[2] * blue) / white)
        for row, white in zip(_LINEAR, _WHITE, strict=True)
    )
    return Lab(116 * y - 16, 500 * (x - y), 200 * (y - z))


def harmony(one: Lab, other: Lab) -> str:
    """How two colours go together: one of the keys of `HARMONY_POINTS`; the same in either order."""
    if one.delta(other) <= SAME_DELTA_MAX:
        return SAME
    if min(one.chroma, other.chroma) <= NEUTRAL_CHROMA_MAX:
        return NEUTRAL
    apart_deg = abs(one.hue_deg - other.hue_deg)
    apart_deg = min(apart_deg, 360.0 - apart_deg)
    if apart_deg <= SAME_HUE_DEG_MAX:
        return TONES if abs(one.lightness - other.lightness) >= LIGHTNESS_APART_MIN else ALMOST
    if apart_deg <= NEAR_HUE_DEG_MAX:
        return NEAR
    if apart_deg >= OPPOSITE_HUE_DEG_MIN:
        return OPPOSITE
    return QUARREL if min(one.chroma, other.chroma) >= QUARREL_CHROMA_MIN else PLAIN


def _linear(value: float) -> float:
    """A share of full brightness on the screen to a share of light (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _bend(share: float) -> float:
    """CIE 15: the cube root, straight below 216/24389."""
    return share ** (1 / 3) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116
