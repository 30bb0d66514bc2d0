"""Lucide's icons, drawn into the page by name; a word always stands beside one, so readers skip it."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from markupsafe import Markup

ICON_BYTES_MAX = 8_000
ICONS_KEPT_MAX = 256

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_OPENING = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# Only shapes may follow: what we inline must not be able to run or to fetch anything.
_SHAPES = re.compile(
    r"\s*(<(path|circle|rect|line|polyline|polygon|ellipse)( [a-z0-9-]+=\"[^\"<>]*\")*\s*/>\s*)+"
)


class Icons:
    """Reads icons from a folder of SVG files and keeps those once read (ICONS_KEPT_MAX at most)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, Markup] = {}

    def __call__(self, name: str) -> Markup:
        """The icon as inline SVG, as large as the text around it.

        Raises LookupError for a name that is not in the set (it names the nearest), ValueError for a file
        that holds more than shapes.
        """
        if name not in self._kept:
            if len(self._kept) >= ICONS_KEPT_MAX:
                self._kept.clear()
            self._kept[name] = self._read(name)
        return self._kept[name]

    def _read(self, name: str) -> Markup:
        file = self._folder / f"{name}.svg"
        if not _NAME.fullmatch(name) or not file.is_file():
            raise LookupError(f"no icon {name!r}{self._nearest(name)}")
        if file.stat().st_size > ICON_BYTES_MAX:
            raise ValueError(f"{file} is larger than {ICON_BYTES_MAX} bytes")
        text = _COMMENT.sub("", file.read_text(encoding="utf-8")).strip()
        shapes = _OPENING.sub("", text, count=1).removesuffix("</svg>")
        if not _SHAPES.fullmatch(shapes):
            raise ValueError(f"{file} holds more than shapes")
        inner = " ".join(shapes.split()).replace("> <", "><")
        return Markup(
            '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
            ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
            f"{inner}</svg>"
        )

    def _nearest(self, name: str) -> str:
        names = [file.stem for file in self._folder.glob("*.svg")]
        near = difflib.get_close_matches(name, names, n=1)
        return f"; did you mean {near[0]!r}?" if near else ""
