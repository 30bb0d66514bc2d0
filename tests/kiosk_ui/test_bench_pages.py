"""The bench's pages: what stands on the shelf, what is refused in words, and that it is no dead end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk_ui.bench import acts, shelf
from store_edge.box import Box
from store_edge.demo import load_assortment
from tests.kiosk_ui.bench_shop import EGGS, GRAPES, SHIRT_M, open_counter, screens
from tests.kiosk_ui.kiosk_shop import Clock
from tests.kiosk_ui.kiosk_shop import open_box as open_bare_box

HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with open_counter(tmp_path_factory.mktemp("pages")) as box:
        yield box


@pytest.fixture
def client(box: Box) -> FlaskClient:
    return screens(box).test_client()


def test_a_lane_must_be_chosen_where_there_are_two(client: FlaskClient) -> None:
    text = client.get("/bench").text
    assert 'href="/bench/1"' in text
    assert 'href="/bench/2"' in text


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_whole_bench(client: FlaskClient, language: str) -> None:
    text = client.get(f"/bench/1?lang={language}").text
    assert 'href="/kiosk/1"' in text
    for toy in ("scanner", "camera", "rfid", "terminal", "printer", "lanebox", "display", "tower", "gate"):
        assert f'id="toy-{toy}"' in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text)
    ids = re.findall(r"\sid=\"([^\"]+)\"", text)
    assert len(ids) == len(set(ids))


def test_a_real_device_is_named(client: FlaskClient) -> None:
    text = client.get("/bench/2").text
    assert "scanner-2 is a real device" in text
    assert "No device is emulated on this till." in text
    assert client.post("/bench/2/scan", data={"gtin": EGGS}, headers=HTMX).status_code == 409
    assert client.get("/bench/2/picture.jpg").status_code == 404
    assert client.get("/bench/2/paper/1.svg").status_code == 404


@pytest.mark.parametrize(
    "address", ["/bench/9", "/bench/9/now", "/bench/9/shelf", "/bench/9/hand", "/bench/1/paper/99.svg"]
)
def test_what_there_is_not(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_unknown_act(client: FlaskClient) -> None:
    assert client.post("/bench/1/dance").status_code == 404


@pytest.mark.parametrize(("department", "gtin"), [("groceries", EGGS), ("fashion", SHIRT_M)])
def test_departments(client: FlaskClient, department: str, gtin: str) -> None:
    assert f'id="good-{gtin}"' in client.get(f"/bench/1/shelf?department={department}").text


def test_every_department_fits_on_the_shelf() -> None:
    departments = [article.department for article in load_assortment()]
    assert set(departments) == set(shelf.DEPARTMENTS)
    assert max(departments.count(one) for one in shelf.DEPARTMENTS) <= shelf.GOODS_SHOWN_MAX * 2


def test_the_search_finds_in_both_languages_and_nowhere(client: FlaskClient) -> None:
    for words in ("Eier", "eggs", EGGS):
        assert f'id="good-{EGGS}"' in client.get("/bench/1/shelf", query_string={"search": words}).text
    assert "Nothing on the shelf is called that." in client.get("/bench/1/shelf?search=unicorn").text


@pytest.mark.parametrize("weight", ["0", "-5", "abc", "30001", "9" * 40, "²"])
def test_what_the_scale_does_not_weigh(client: FlaskClient, weight: str) -> None:
    answer = client.get("/bench/1/hand", query_string={"hand": GRAPES, "weight_g": weight})
    assert answer.status_code == 200
    assert "The scale weighs 1 to 30000 grams." in answer.text
    assert 'class="label"' not in answer.text


@pytest.mark.parametrize(
    ("act", "form", "sentence"),
    [
        ("scan", {}, "There is nothing to show yet."),
        ("scan", {"gtin": "0000000000000"}, "There is nothing to show yet."),
        ("scan", {"gtin": GRAPES}, "Weigh them first"),
        ("scan", {"text": "x" * (acts.CODE_CHARS_MAX + 1)}, "too long"),
        ("scan", {"text": "a\r\nb"}, "No scanner could send"),
        ("see", {"text": "🥕" * acts.CODE_CHARS_MAX}, "No label holds"),
        ("lay", {"gtin": EGGS}, "no tag"),
        ("lift", {"epc": "zz"}, "That is no tag."),
        ("card", {"card": "gold"}, "There is no such card."),
        ("card", {"card": "approve"}, "asks for no card"),
        ("stop", {}, "asks for no card"),
        ("unplug", {"device": "toaster-1"}, "no such emulated device"),
        ("plug", {"device": "scanner-2"}, "no such emulated device"),
        ("photo", {}, "Please choose a photo first."),
    ],
)
def test_refused_in_words(client: FlaskClient, act: str, form: dict[str, str], sentence: str) -> None:
    answer = client.post(f"/bench/1/{act}", data=form, headers=HTMX)
    assert answer.status_code == 409
    assert sentence in answer.text.replace("&#39;", "'")


def test_photos_that_are_none(client: FlaskClient) -> None:
    for photo, sentence in [
        (b"not a picture", "no picture"),
        (b"\xff" * (acts.PHOTO_BYTES_MAX + 1), "too large"),
        (b"\xff" * 9 * 1024 * 1024, "too large"),
    ]:
        head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n\r\n'
        answer = client.post(
            "/bench/1/photo",
            data=head + photo + b"\r\n--b--\r\n",
            content_type="multipart/form-data; boundary=b",
            headers=HTMX,
        )
        assert answer.status_code == 409
        assert sentence in answer.text


def test_without_script_the_answer_is_the_page(client: FlaskClient) -> None:
    answer = client.post("/bench/1/clear", data={"hand": EGGS})
    assert answer.status_code == 303
    assert answer.location == f"/bench/1?hand={EGGS}"
    assert "Nothing lies before the camera any more." in client.get(answer.location).text


def test_pieces_never_run_into_those_already_taken(box: Box) -> None:
    first = shelf.next_piece(box, SHIRT_M, ())
    second = shelf.next_piece(box, SHIRT_M, (first,))
    assert first != second
    with box.books.page() as page:
        page.hold_epc(first.hex().upper(), "somebody")
    assert shelf.next_piece(box, SHIRT_M, ()) == second
    with box.books.page() as page:
        page.release_epc(first.hex().upper())


def test_the_last_piece_has_its_limit(box: Box) -> None:
    taken: list[bytes] = []
    for _ in range(shelf.PIECES_MAX):
        taken.append(shelf.next_piece(box, SHIRT_M, taken))
    with pytest.raises(shelf.SoldOut):
        shelf.next_piece(box, SHIRT_M, taken)
    with pytest.raises(LookupError):
        shelf.next_piece(box, EGGS, ())


def test_a_shop_without_devices_says_so(tmp_path: Path) -> None:
    box = open_bare_box(tmp_path, Clock())
    text = screens(box).test_client().get("/bench/1").text
    assert "No device is emulated on this till." in text
    box.stop()


def test_a_shop_with_its_own_goods_says_so(tmp_path: Path) -> None:
    box = open_bare_box(tmp_path, Clock())
    with box.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM articles")
    assert "The demo goods are not in this shop." in screens(box).test_client().get("/bench/1").text
    box.stop()
