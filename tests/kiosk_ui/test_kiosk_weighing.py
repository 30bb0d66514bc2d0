"""Loose goods at the kiosk: picked by their picture, laid on the scale, and a line once it has settled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout.events import LineAdded, WeighingAsked, WeighingFailed
from checkout.weighing import FAILURES
from kiosk_ui.kiosk.loose import why_not_weighed
from store_edge.box import Box
from store_edge.settings import DeviceSettings
from tests.kiosk_ui.kiosk_shop import EGGS, GRAPES, Clock, Screen, make_app, open_box

SCALE = {"scale-1": DeviceSettings("scale.dialog06", "/nowhere", lane="1")}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = open_box(tmp_path, Clock(), devices=SCALE)
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.look("?lang=en")
    screen.tap("start")
    return screen


def heard(box: Box, *kinds: type) -> list[object]:
    return [entry.event() for entry in box.journal.read(0) if entry.type in {kind.__name__ for kind in kinds}]


def asked(box: Box) -> WeighingAsked:
    event = heard(box, WeighingAsked)[-1]
    assert isinstance(event, WeighingAsked)
    return event


def test_loose_goods_are_shown_by_picture_and_found_by_name_in_either_language(screen: Screen) -> None:
    everything = screen.client.get("/kiosk/1/loose").text
    assert everything.count('class="loose__one"') > 20
    for words in ("trauben hell", "white GRAPES", GRAPES):
        found = screen.client.get("/kiosk/1/loose", query_string={"search": words}).text
        assert found.count('class="loose__one"') == 1
        assert f'value="{GRAPES}"' in found
    assert f'value="{EGGS}"' not in everything
    assert "Nothing here is called that." in screen.client.get("/kiosk/1/loose?search=spanner").text


def test_a_lane_without_a_scale_offers_none(screen: Screen) -> None:
    assert "Weigh loose goods" in screen.text
    other = Screen(screen.client, lane="2")
    other.tap("start")
    assert "Weigh loose goods" not in other.look()
    assert other.client.get("/kiosk/2/loose").status_code == 404
    assert other.tap("weigh", {"gtin": GRAPES}).status_code == 404


def test_what_was_picked_is_to_be_laid_on_the_scale_and_then_is_a_line(screen: Screen, box: Box) -> None:
    screen.tap("weigh", {"gtin": GRAPES})
    assert "Please lay it on the scale" in screen.text
    assert "/kg" in screen.text
    box.till.weighing.weighed("1", asked(box), 742)
    screen.now()
    assert "Please lay it on the scale" not in screen.text
    assert "0.742 kg" in screen.text
    assert screen.shown["lines"] == "1"


def test_one_tap_repeated_asks_once(screen: Screen, box: Box) -> None:
    for _ in range(2):
        screen.tap("weigh", {"gtin": GRAPES, "request_key": "k1"})
    assert len(heard(box, WeighingAsked)) == 1


def test_who_would_rather_not_taps_it_away(screen: Screen, box: Box) -> None:
    screen.tap("weigh", {"gtin": GRAPES})
    screen.tap("weigh/stop")
    assert "Please lay it on the scale" not in screen.text
    assert [event.reason for event in heard(box, WeighingFailed)] == ["shopper"]  # type: ignore[attr-defined]
    assert not box.till.weighing.weighed("1", asked(box), 500), "the weight came too late"
    screen.tap("weigh/stop")
    assert (len(heard(box, WeighingFailed)), heard(box, LineAdded)) == (1, [])


def test_why_it_was_not_weighed_is_said_until_the_next_thing_works(screen: Screen, box: Box) -> None:
    screen.tap("weigh", {"gtin": GRAPES})
    box.till.weighing.failed("1", asked(box), "over")
    answer = screen.now()
    assert "This is too heavy for the scale." in screen.text
    assert answer.headers["HX-Trigger"] == "emma:look"
    screen.scan(EGGS)
    assert "too heavy" not in screen.text


def test_what_is_not_sold_by_weight_is_refused_in_words(screen: Screen, box: Box) -> None:
    assert screen.tap("weigh", {"gtin": EGGS}).status_code == 409
    assert screen.tap("weigh", {"gtin": "4006381333931"}).status_code == 409
    assert heard(box, WeighingAsked) == []


def test_the_next_shopper_is_not_asked_to_lay_down_what_the_last_one_picked(screen: Screen) -> None:
    screen.tap("weigh", {"gtin": GRAPES})
    screen.tap("cancel")
    screen.tap("start")
    assert "Please lay it on the scale" not in screen.text


def test_there_are_words_for_every_failure(screen: Screen, box: Box) -> None:
    with make_app(box).test_request_context():
        told = {why_not_weighed(reason).text for reason in FAILURES - {"shopper", "late"}}
    assert len(told) == len(FAILURES) - 2
