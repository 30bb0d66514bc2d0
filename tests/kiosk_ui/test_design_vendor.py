"""What leaves node_modules: the listed files, under addresses that change with them, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from kiosk_ui.icons import Icons
from kiosk_ui.qr import QR_TEXT_MAX, qr_svg
from kiosk_ui.vendor import ALLOWED, PackagesMissing, init_vendor, load_assets

ROOT = Path(__file__).resolve().parents[2]
ICON = (
    '<!-- @license made for this test -->\n<svg\n  class="lucide"\n  xmlns="http://www.w3.org/2000/svg"\n>\n'
    '  <path d="M3 7V5" />\n  <circle cx="1" cy="2" r="3" />\n</svg>\n'
)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for path, _mimetype in ALLOWED.values():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode())
    icons = tmp_path / "lucide-static" / "icons"
    icons.mkdir(parents=True)
    (icons / "scan-barcode.svg").write_text(ICON)
    (tmp_path / "secret.txt").write_text("not for anybody")
    return tmp_path


@pytest.fixture
def app(packages: Path) -> Flask:
    app = Flask("kiosk_ui")
    init_vendor(app, packages)
    return app


def test_a_file_may_be_kept_for_a_year(app: Flask, packages: Path) -> None:
    asset = load_assets(packages)["htmx.min.js"]
    answer = app.test_client().get(asset.url)
    assert answer.status_code == 200
    assert answer.data == b"htmx.org/dist/htmx.min.js"
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_address_changes_with_the_file(packages: Path) -> None:
    before = load_assets(packages)["htmx.min.js"].url
    (packages / "htmx.org/dist/htmx.min.js").write_text("newer")
    assert load_assets(packages)["htmx.min.js"].url != before


def test_fonts_are_named_by_their_hashed_addresses(app: Flask, packages: Path) -> None:
    sheet = load_assets(packages)["fonts.css"]
    client = app.test_client()
    urls = re.findall(r"url\(([^)]+)\)", client.get(sheet.url).text)
    assert len(urls) == 4
    assert {client.get(url).status_code for url in urls} == {200}


@pytest.mark.parametrize(
    "path",
    [
        "/static/vendor/000000000000/htmx.min.js",
        "/static/vendor/x/secret.txt",
        "/static/vendor/x/../secret.txt",
    ],
)
def test_nothing_else_leaves(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_missing_packages_are_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        PackagesMissing, match=r"not installed: .*htmx\.min\.js is missing\. Run `make setup`"
    ):
        init_vendor(Flask("kiosk_ui"), tmp_path)


def test_an_icon_is_drawn_in_and_hidden_from_readers(packages: Path) -> None:
    svg = Icons(packages / "lucide-static" / "icons")("scan-barcode")
    assert svg.startswith('<svg class="icon" ')
    assert 'aria-hidden="true"' in svg
    assert '<path d="M3 7V5" /><circle cx="1" cy="2" r="3" /></svg>' in svg
    assert "license" not in svg


def test_a_wrong_icon_names_the_nearest(packages: Path) -> None:
    icons = Icons(packages / "lucide-static" / "icons")
    with pytest.raises(LookupError, match="did you mean 'scan-barcode'"):
        icons("scan-barcod")
    with pytest.raises(LookupError):
        icons("../../secret")


@pytest.mark.parametrize("inside", ["<script>1</script>", '<path onload="x()" d="" /><a href="x">', ""])
def test_an_icon_holds_shapes_only(packages: Path, inside: str) -> None:
    folder = packages / "lucide-static" / "icons"
    (folder / "odd.svg").write_text(f"<svg>{inside}</svg>")
    with pytest.raises(ValueError, match="more than shapes"):
        Icons(folder)("odd")


def test_the_lock_file_names_no_host() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(lock)["packages"]
    assert "resolved" not in lock
    hosts = set(re.findall(r"https?://([^/\"]+)", lock))
    assert hosts <= {"github.com"}  # whom to fund
    assert {name for name in packages if name} == {
        "node_modules/@expo-google-fonts/atkinson-hyperlegible-next",
        "node_modules/@fontsource-variable/atkinson-hyperlegible-next",
        "node_modules/@fontsource-variable/bricolage-grotesque",
        "node_modules/htmx.org",
        "node_modules/lucide-static",
        "node_modules/zxing-wasm",
        # Types, which zxing-wasm names as its own, and nothing of which is served:
        "node_modules/@types/emscripten",
        "node_modules/tagged-tag",
        "node_modules/type-fest",
        "node_modules/axe-core",  # for tests
    }
    assert all("integrity" in package for name, package in packages.items() if name)


def test_a_square_code_is_dark_on_white_and_limited() -> None:
    svg = qr_svg("EMMA1.abc.def")
    assert 'stroke="#000"' in svg
    assert 'fill="#fff"' in svg
    assert "style=" not in svg
    for text in ("", "x" * (QR_TEXT_MAX + 1)):
        with pytest.raises(ValueError, match="holds 1 to"):
            qr_svg(text)
