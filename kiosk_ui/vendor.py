"""The little that the screens take from npm, served from `node_modules` as it is.

htmx, two typefaces, and a reader of barcodes for phones whose browser has none.

A short list says which files may leave the folder. Each address carries the file's hash, so a browser may
keep it for a year and still never shows an old one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort

from kiosk_ui.icons import Icons

KEEP_S = 365 * 24 * 3600
FILE_BYTES_MAX = 1_000_000
NODE_MODULES = Path(__file__).resolve().parents[1] / "node_modules"
FOLDER_VARIABLE = "EMMA_NODE_MODULES"

_ATKINSON = "@fontsource-variable/atkinson-hyperlegible-next"
_BRICOLAGE = "@fontsource-variable/bricolage-grotesque"

# name in our addresses -> (file in node_modules, media type)
ALLOWED: Mapping[str, tuple[str, str]] = {
    "htmx.min.js": ("htmx.org/dist/htmx.min.js", "text/javascript"),
    "zxing.js": ("zxing-wasm/dist/iife/reader/index.js", "text/javascript"),
    "zxing.wasm": ("zxing-wasm/dist/reader/zxing_reader.wasm", "application/wasm"),
    "atkinson-latin.woff2": (
        f"{_ATKINSON}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
        "font/woff2",
    ),
    "atkinson-latin-ext.woff2": (
        f"{_ATKINSON}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
        "font/woff2",
    ),
    "bricolage-latin.woff2": (
        f"{_BRICOLAGE}/files/bricolage-grotesque-latin-opsz-normal.woff2",
        "font/woff2",
    ),
    "bricolage-latin-ext.woff2": (
        f"{_BRICOLAGE}/files/bricolage-grotesque-latin-ext-opsz-normal.woff2",
        "font/woff2",
    ),
}

_LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,"
    "U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
_LATIN_EXT = (
    "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)
_FACES = (
    ("Atkinson Hyperlegible Next Variable", "atkinson-latin-ext.woff2", _LATIN_EXT),
    ("Atkinson Hyperlegible Next Variable", "atkinson-latin.woff2", _LATIN),
    ("Bricolage Grotesque Variable", "bricolage-latin-ext.woff2", _LATIN_EXT),
    ("Bricolage Grotesque Variable", "bricolage-latin.woff2", _LATIN),
)


class PackagesMissing(RuntimeError):
    """The npm packages are not there; the message says in one sentence what to do."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it leaves us: its bytes, its media type and the first twelve hex digits of its SHA-256."""

    name: str
    body: bytes
    mimetype: str
    digest: str

    @property
    def url(self) -> str:
        return f"/static/vendor/{self.digest}/{self.name}"


def _asset(name: str, body: bytes, mimetype: str) -> Asset:
    return Asset(name, body, mimetype, hashlib.sha256(body).hexdigest()[:12])


def _font_sheet(assets: Mapping[str, Asset]) -> bytes:
    """The `@font-face` rules; written here because the addresses in them carry hashes."""
    rules = [
        f"@font-face{{font-family:'{family}';font-style:normal;font-display:swap;font-weight:200 800;"
        f"src:url({assets[name].url}) format('woff2');unicode-range:{letters}}}"
        for family, name, letters in _FACES
    ]
    return ("\n".join(rules) + "\n").encode()


def load_assets(node_modules: Path) -> dict[str, Asset]:
    """Read every allowed file once, by name, with the font style sheet made from them.

    Raises PackagesMissing when a file is absent, ValueError when one is larger than FILE_BYTES_MAX.
    """
    assets: dict[str, Asset] = {}
    for name, (path, mimetype) in ALLOWED.items():
        file = node_modules / path
        if not file.is_file():
            raise PackagesMissing(
                f"The front-end packages are not installed: {file} is missing. "
                "Run `make setup` (or `npm ci`) in the folder that holds package.json, then start again."
            )
        if file.stat().st_size > FILE_BYTES_MAX:
            raise ValueError(f"{file} is larger than {FILE_BYTES_MAX} bytes")
        assets[name] = _asset(name, file.read_bytes(), mimetype)
    assets["fonts.css"] = _asset("fonts.css", _font_sheet(assets), "text/css")
    return assets


def node_modules_folder() -> Path:
    """Where the packages lie: EMMA_NODE_MODULES if set, else beside our own packages."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else NODE_MODULES


def init_vendor(app: Flask, node_modules: Path | None = None) -> None:
    """Serve the allowed files and give templates `vendor_url(name)` and `icon(name)`.

    Raises PackagesMissing when the packages are not installed.
    """
    folder = node_modules or node_modules_folder()
    assets = load_assets(folder)

    def serve(digest: str, name: str) -> Response:
        asset = assets.get(name)
        if asset is None or asset.digest != digest:
            abort(404)
        response = Response(asset.body, mimetype=asset.mimetype)
        response.headers["Cache-Control"] = f"public, max-age={KEEP_S}, immutable"
        return response

    def vendor_url(name: str) -> str:
        return assets[name].url

    app.add_url_rule("/static/vendor/<digest>/<name>", "vendor", serve)
    app.add_template_global(vendor_url, "vendor_url")
    app.add_template_global(Icons(folder / "lucide-static" / "icons"), "icon")
