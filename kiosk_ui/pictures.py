"""The articles' drawings: one SVG per motif, coloured when it is asked for.

A drawing loaded with `<img>` cannot inherit a colour from the page, so the colour goes into its address
(`/pictures/apple-B8322A.svg`) and the server paints it in. Each drawing holds the placeholder colour
`#C0FFEE` wherever the article's own tint belongs; shade and light lie over it as transparent shapes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

PICTURES_DIR = Path(__file__).parent / "static" / "articles"

PLACEHOLDER = "#C0FFEE"
PICTURES_CACHED_MAX = 512

_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_TINT = re.compile(r"#?[0-9A-Fa-f]{6}")


def picture_names() -> frozenset[str]:
    """The names of all motifs, such as "apple" or "t-shirt"."""
    return frozenset(path.stem for path in PICTURES_DIR.glob("*.svg"))


def picture_path(name: str, tint: str) -> str:
    """The last part of the drawing's address: ("apple", "#B8322A") -> "apple-B8322A.svg"."""
    return f"{name}-{tint.removeprefix('#').upper()}.svg"


@lru_cache(maxsize=PICTURES_CACHED_MAX)
def picture_svg(name: str, tint: str) -> str:
    """The drawing `name` in `tint` ("#B8322A", the # may be missing), as SVG text.

    Raises LookupError where there is no such drawing, ValueError where the tint is no colour.
    """
    if not _TINT.fullmatch(tint):
        raise ValueError(f"tint {tint[:20]!r} is not a colour such as '#14523D'")
    # The name is checked before it meets the file system: it comes out of an address.
    if not _NAME.fullmatch(name) or name not in picture_names():
        raise LookupError(f"no drawing named {name[:40]!r}")
    drawing = (PICTURES_DIR / f"{name}.svg").read_text(encoding="utf-8")
    return drawing.replace(PLACEHOLDER, f"#{tint.removeprefix('#').upper()}")
