"""Every article has its drawing, and every drawing is small, plain and can be tinted."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from kiosk_ui.pictures import PICTURES_DIR, PLACEHOLDER, picture_names, picture_path, picture_svg
from store_edge.demo import load_assortment

NAMES = sorted(picture_names())
PLAIN_SHAPES = {"svg", "g", "path", "circle", "ellipse", "rect"}


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_plain_small_xml(name: str) -> None:
    text = (PICTURES_DIR / f"{name}.svg").read_text(encoding="utf-8")
    assert len(text.encode()) < 2048
    root = ElementTree.fromstring(text)
    assert root.attrib["viewBox"] == "0 0 96 96"
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= PLAIN_SHAPES
    attributes = {key for element in root.iter() for key in element.attrib}
    assert not [key for key in attributes if key.startswith("on") or "href" in key or key == "style"]


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_takes_the_tint(name: str) -> None:
    plain = (PICTURES_DIR / f"{name}.svg").read_text(encoding="utf-8")
    painted = picture_svg(name, "#14523d")
    assert PLACEHOLDER in plain
    assert PLACEHOLDER not in painted
    assert painted.count("#14523D") >= plain.count(PLACEHOLDER)
    ElementTree.fromstring(painted)


def test_every_article_has_its_drawing_and_no_drawing_is_left_over() -> None:
    assert {article.picture for article in load_assortment()} == picture_names()


def test_the_address_of_a_drawing() -> None:
    for article in load_assortment():
        address = picture_path(article.picture, article.tint)
        match = re.fullmatch(r"(?P<name>[a-z-]+)-(?P<tint>[0-9A-F]{6})\.svg", address)
        assert match is not None
        assert picture_svg(match["name"], match["tint"]) == picture_svg(article.picture, article.tint)


@pytest.mark.parametrize(
    "name", ["unicorn", "", "../articles/apple", "/etc/passwd", "Apple", "apple.svg", "a" * 500]
)
def test_no_such_drawing(name: str) -> None:
    with pytest.raises(LookupError):
        picture_svg(name, "#14523D")


@pytest.mark.parametrize("tint", ["", "red", "#12345", '"/><script>', "#14523D;", "#14523D\n"])
def test_no_such_colour(tint: str) -> None:
    with pytest.raises(ValueError):
        picture_svg("apple", tint)
