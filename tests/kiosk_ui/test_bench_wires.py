"""What a person does on the bench arrives at the till over real wires."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from store_edge.bench import SQUARE_CODE
from store_edge.box import Box
from tests.kiosk_ui.bench_shop import (
    EGGS,
    GRAPES,
    PASTA,
    SHIRT_M,
    SOON_S_MAX,
    WAIT_S_MAX,
    all_well,
    open_counter,
    screens,
    until,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def open_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with open_counter(tmp_path_factory.mktemp("counter")) as box:
        yield box


@pytest.fixture
def box(open_box: Box) -> Box:
    """The counter as it is in the morning, whatever was done on it before."""
    for device in open_box.bench.devices:
        open_box.bench.put_plug(device)
    open_box.bench.clear_counter("1")
    open_box.bench.paper_in("1")
    for epc in open_box.bench.laid("1"):
        open_box.bench.lift("1", epc)
    until(lambda: all_well(open_box), WAIT_S_MAX)
    until(lambda: tray_is_empty(open_box), WAIT_S_MAX)
    if open_box.books.basket_on("1") is not None:
        open_box.till.cancel("1", "staff")
    return open_box


@pytest.fixture
def client(box: Box) -> FlaskClient:
    return screens(box).test_client()


def tray_is_empty(box: Box) -> bool:
    return not any(line.epc for line in standing(box))


def standing(box: Box) -> list:  # type: ignore[type-arg]
    basket = box.books.basket_on("1")
    return [] if basket is None or basket.state != "open" else list(basket.standing)


def act(client: FlaskClient, act: str, **form: str) -> TestResponse:
    return client.post(f"/bench/1/{act}", data=form, headers=HTMX)


def basket_holds(box: Box, *gtins: str) -> None:
    until(lambda: sorted(line.gtin for line in standing(box)) == sorted(gtins), SOON_S_MAX)


def test_a_thing_before_the_scanner_is_in_the_basket(client: FlaskClient, box: Box) -> None:
    answer = act(client, "scan", gtin=EGGS)
    assert answer.status_code == 200
    assert "The scanner read it." in answer.text
    basket_holds(box, EGGS)
    assert standing(box)[0].how == "serial"


def test_a_label_before_the_camera_is_in_the_basket(client: FlaskClient, box: Box) -> None:
    assert act(client, "see", gtin=PASTA).status_code == 200
    basket_holds(box, PASTA)
    assert standing(box)[0].how == "camera"
    empty = client.get("/bench/1/picture.jpg").data
    act(client, "clear")
    assert client.get("/bench/1/picture.jpg").data != empty


def test_a_photo_before_the_camera_is_in_the_basket(client: FlaskClient, box: Box) -> None:
    box.bench.show_code_to_camera("1", EGGS)
    photo = box.bench.before_camera("1")
    box.bench.clear_counter("1")
    if standing(box):
        box.till.cancel("1", "staff")
    answer = client.post("/bench/1/photo", data={"photo": (io.BytesIO(photo), "eggs.jpg")}, headers=HTMX)
    assert answer.status_code == 200
    basket_holds(box, EGGS)


def test_a_scale_prints_a_label_that_the_till_understands(client: FlaskClient, box: Box) -> None:
    answer = client.get(f"/bench/1/hand?hand={GRAPES}&weight_g=742")
    assert "2841107007428" in answer.text
    act(client, "scan", text="2841107007428")
    basket_holds(box, GRAPES)
    assert standing(box)[0].weight_g == 742


def test_two_tags_on_the_tray_are_two_lines(client: FlaskClient, box: Box) -> None:
    act(client, "lay", gtin=SHIRT_M)
    act(client, "lay", gtin=SHIRT_M)
    basket_holds(box, SHIRT_M, SHIRT_M)
    first = box.bench.laid("1")[0].hex()
    answer = act(client, "lift", epc=first)
    assert answer.text.count('id="lift-') == 1
    until(lambda: len(standing(box)) == 1, WAIT_S_MAX)


def test_a_pulled_plug_is_noticed_and_healed(client: FlaskClient, box: Box) -> None:
    answer = act(client, "unplug", device="scanner-1")
    assert 'id="plug-scanner-1"' in answer.text
    until(lambda: box.health.of("scanner-1").state == "lost", WAIT_S_MAX)  # type: ignore[union-attr]
    until(lambda: any(task.about == "scanner-1" for task in box.tasks.waiting()), WAIT_S_MAX)
    silent = act(client, "scan", gtin=EGGS)
    assert silent.status_code == 409
    assert "cable is out" in silent.text
    act(client, "plug", device="scanner-1")
    until(lambda: box.health.of("scanner-1").state == "well", WAIT_S_MAX)  # type: ignore[union-attr]
    until(lambda: not any(task.about == "scanner-1" for task in box.tasks.waiting()), WAIT_S_MAX)
    act(client, "scan", gtin=EGGS)
    basket_holds(box, EGGS)


def test_a_good_card_pays_and_the_paper_comes_out(client: FlaskClient, box: Box) -> None:
    papers = len(box.bench.papers("1"))
    act(client, "scan", gtin=EGGS)
    basket_holds(box, EGGS)
    assert act(client, "card", card="approve").status_code == 409
    box.cashier.ask_payment("1")
    until(lambda: box.bench.asked_minor("1") is not None, WAIT_S_MAX)
    assert 'id="card-approve"' in client.get("/bench/1/now").text
    assert act(client, "card", card="approve").status_code == 200
    until(lambda: len(box.bench.papers("1")) == papers + 1, WAIT_S_MAX)
    assert "<svg" in client.get("/bench/1/now").text
    assert client.get(f"/bench/1/paper/{papers + 1}.svg").mimetype == "image/svg+xml"
    assert client.get(f"/bench/1/paper/{papers + 1}.png").data.startswith(b"\x89PNG")


def test_a_refused_card_opens_the_basket_again(client: FlaskClient, box: Box) -> None:
    act(client, "scan", gtin=EGGS)
    basket_holds(box, EGGS)
    box.cashier.ask_payment("1")
    until(lambda: box.bench.asked_minor("1") is not None, WAIT_S_MAX)
    act(client, "card", card="decline")
    until(lambda: bool(standing(box)), WAIT_S_MAX)


def test_paper_out_and_in(client: FlaskClient, box: Box) -> None:
    assert 'id="paper-in-"' in act(client, "paper-out").text
    assert 'id="paper-out-"' in act(client, "paper-in").text


def test_the_page_asks_in_vain_while_nothing_changes(client: FlaskClient, box: Box) -> None:
    mark = ""

    def nothing_is_new() -> bool:
        """The last devices may still be coming up."""
        nonlocal mark
        mark = client.get("/bench/1/now").text.split("seen=")[1].split('"')[0]
        return client.get(f"/bench/1/now?seen={mark}").status_code == 204

    until(nothing_is_new, WAIT_S_MAX)
    act(client, "lay", gtin=SHIRT_M)
    assert client.get(f"/bench/1/now?seen={mark}").status_code == 200


def test_a_one_time_code_is_a_square_code(box: Box, tmp_path: Path) -> None:
    box.bench.show_code_to_camera("1", "EMMA1.abc.def")
    file = tmp_path / "seen.jpg"
    file.write_bytes(box.bench.before_camera("1"))
    seen = cv2.imread(str(file))
    assert seen is not None
    text, *_rest = cv2.QRCodeDetector().detectAndDecode(seen)
    assert text == "EMMA1.abc.def"
    assert SQUARE_CODE == "QR"


def test_what_is_laid_on_the_scale_is_weighed_and_what_is_too_heavy_is_not(
    box: Box, client: FlaskClient
) -> None:
    client.post("/bench/1/load", data={"weight_g": "743"}, headers=HTMX)
    page = client.get("/bench/1/now").text
    assert "745 g" in page
    box.till.weighing.ask("1", GRAPES)
    until(lambda: [line.weight_g for line in standing(box)] == [745], WAIT_S_MAX)
    assert "Take it off the scale" in page
    client.post("/bench/1/load", data={"weight_g": "20000"}, headers=HTMX)
    assert box.bench.scale_shows("1").over
    client.post("/bench/1/unload", headers=HTMX)
    assert client.post("/bench/1/load", data={"weight_g": "heavy"}, headers=HTMX).status_code == 409


def test_the_bag_the_key_the_lamps_and_the_display_play_along(client: FlaskClient, box: Box) -> None:
    until(lambda: "green" in client.get("/bench/1/now?lang=en").text, WAIT_S_MAX)
    act(client, "scan", gtin=EGGS)
    basket_holds(box, EGGS)
    until(
        lambda: "Total" in box.bench.displayed("1")[1] or "Summe" in box.bench.displayed("1")[1], WAIT_S_MAX
    )
    answer = act(client, "bag", weight_g="700")
    assert "It lies in the bagging area." in answer.text
    assert "700 g" in answer.text
    assert "The key is turned" in act(client, "key").text
    until(lambda: any(entry.type == "KeyTurned" for entry in box.journal.read(0)), WAIT_S_MAX)
    assert "turned back" in act(client, "key").text
    assert "is empty" in act(client, "unbag").text
    assert act(client, "bag", weight_g="much").status_code == 409


@pytest.mark.parametrize("kind", ["lanebox", "display", "tower", "gate"])
def test_what_stands_around_a_lane_has_a_plug_too(client: FlaskClient, box: Box, kind: str) -> None:
    assert f'id="toy-{kind}"' in client.get("/bench/1").text
    act(client, "unplug", device=f"{kind}-1")
    until(lambda: box.health.of(f"{kind}-1").state == "lost", WAIT_S_MAX)  # type: ignore[union-attr]
    act(client, "plug", device=f"{kind}-1")
    until(lambda: box.health.of(f"{kind}-1").state == "well", WAIT_S_MAX)  # type: ignore[union-attr]
