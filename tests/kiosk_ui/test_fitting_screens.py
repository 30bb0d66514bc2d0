"""The mirror's and the phone's pages: what they show, what they do, what they forget."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from checkout.errors import Refused
from checkout.staff import Clerk
from kiosk_ui.fitting.remote_key import session_of, token_for
from kiosk_ui.fitting.views import blueprint
from store_edge.box import Box
from store_edge.demo import counted, load_assortment, tags_of
from store_edge.device_settings import DeviceSettings, ZoneSettings
from tests.kiosk_ui.kiosk_shop import Clock, make_app, open_box

GOODS = {article.gtin: article for article in load_assortment()}
TEE_S, TEE_M, TEE_XL = "9521234301103", "9521234301110", "9521234301134"
JEANS = "9521234303008"
READER = DeviceSettings(
    "rfid.llrp", lane="", zones={name: ZoneSettings("cabin", (at,)) for at, name in ((1, "c1"), (2, "c2"))}
)
HTMX = {"HX-Request": "true"}
CLERK = Clerk("anna", frozenset({"serve"}))


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    box = open_box(tmp_path, clock, devices={"fitting": READER})
    box.stock.take_over(counted())
    yield box
    box.stop()


@pytest.fixture
def client(box: Box) -> FlaskClient:
    app = make_app(box)
    app.secret_key = b"only for this test"
    app.register_blueprint(blueprint)
    return app.test_client()


def hang(box: Box, cabin: str, *gtins: str) -> None:
    box.fitting_room.arrive(cabin, [tags_of(GOODS[gtin])[0] for gtin in gtins])


def phone_of(box: Box, cabin: str) -> str:
    session = box.fittings.in_cabin(cabin)
    assert session is not None
    return f"/mirror/{token_for(session, b'only for this test')}"


def look(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    return answer.text


def test_an_empty_cabin_shows_no_garment_and_no_code(client: FlaskClient) -> None:
    page = look(client, "/fitting/c1")
    assert 'data-scene="idle"' in page
    assert "qr__code" not in page
    assert client.get("/fitting/nowhere").status_code == 404


def test_a_garment_is_shown_with_all_that_is_known(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    page = look(client, "/fitting/c1?lang=en")
    for words in (
        "T-Shirt, Bio-Baumwolle",
        "Ecru",
        "100 % Baumwolle (bio)",
        "Waschen bei 40 °C",
        "M bringen",
    ):
        assert words in page
    assert "4,6 von 5 Sternen, 212 Bewertungen" in page
    assert "Altona: 2" in page  # XL is not here
    assert f"bring-{TEE_XL}" not in page
    assert "Dazu passt" in page
    assert "Für jeden Tag" in page


def test_only_what_is_new_is_sent(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    first = client.get("/fitting/c1/now", headers=HTMX)
    seen = re.search(r'name="seen" value="(\w+)"', first.text)
    assert seen is not None
    assert client.get(f"/fitting/c1/now?seen={seen[1]}", headers=HTMX).status_code == 204
    hang(box, "c1", JEANS)
    assert client.get(f"/fitting/c1/now?seen={seen[1]}", headers=HTMX).status_code == 200


def test_a_wish_goes_to_staff_and_its_steps_come_back(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    answer = client.post("/fitting/c1/bring", data={"gtin": TEE_S, "wanted": TEE_M}, headers=HTMX)
    assert "Wir haben darum gebeten." in answer.text
    (request,) = box.fittings.requests()
    assert request.position == "Tisch 1, vorn"
    for act, said in (
        (box.fitting_room.requests.accept, "holt es für Sie"),
        (box.fitting_room.requests.on_the_way, "ist unterwegs zu Ihnen"),
        (box.fitting_room.requests.deliver, "Es ist da, an Ihrer Kabine."),
    ):
        act(request.id, CLERK)
        assert said in client.get("/fitting/c1/now", headers=HTMX).text


def test_how_long_it_usually_takes_is_told_once_it_is_known(
    client: FlaskClient, box: Box, clock: Clock
) -> None:
    hang(box, "c1", TEE_S)
    for _ in range(3):
        request = box.fitting_room.requests.ask("c1", TEE_S, TEE_M)
        clock.pass_s(170)
        box.fitting_room.requests.deliver(request.id, CLERK)
    box.fitting_room.requests.ask("c1", TEE_S, TEE_M)
    assert "Meist dauert es 3 Minuten." in look(client, "/fitting/c1")


def test_the_phone_shows_and_does_the_same(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    phone = phone_of(box, "c1")
    assert "T-Shirt, Bio-Baumwolle" in look(client, phone)
    assert client.post(f"{phone}/language", data={"language": "en"}).status_code == 303
    assert "Organic cotton T-shirt" in look(client, "/fitting/c1")
    client.post(f"{phone}/light", data={"scene": "evening"}, headers=HTMX)
    assert 'data-light="evening"' in look(client, "/fitting/c1")
    client.post(f"{phone}/call", headers=HTMX)
    assert [task.kind for task in box.tasks.waiting()] == ["cabin_help"]


def test_what_the_phone_chooses_is_what_the_glass_shows_until_something_comes(
    client: FlaskClient, box: Box, clock: Clock
) -> None:
    hang(box, "c1", TEE_S)
    clock.pass_s(5)
    hang(box, "c1", JEANS)
    newest = re.compile(r'id="piece-name">([^<]*)<')
    assert newest.findall(look(client, "/fitting/c1")) == ["Jeans, gerade"]
    clock.pass_s(5)
    client.post(f"{phone_of(box, 'c1')}/show", data={"gtins": TEE_S}, headers=HTMX)
    assert newest.findall(look(client, "/fitting/c1")) == ["T-Shirt, Bio-Baumwolle"]
    clock.pass_s(5)
    hang(box, "c1", "9521234311003")
    assert newest.findall(look(client, "/fitting/c1")) == ["Lammwollschal"]


@pytest.mark.parametrize("how", ["ended", "left", "guessed"])
def test_a_phone_without_a_stay_learns_nothing(client: FlaskClient, box: Box, how: str) -> None:
    hang(box, "c1", TEE_S)
    phone = phone_of(box, "c1")
    if how == "ended":
        box.fitting_room.end("c1")
    elif how == "left":  # the last garment went, and nobody knows who comes next
        box.fitting_room.leave("c1", [tags_of(GOODS[TEE_S])[0]])
    else:
        phone = f"{phone[:-1]}{'A' if phone[-1] != 'A' else 'B'}"
    for answer in (
        client.get(phone),
        client.get(f"{phone}/now", headers=HTMX),
        client.post(f"{phone}/buy", data={"gtin": TEE_S}, headers=HTMX),
    ):
        assert answer.status_code == 410
        assert "T-Shirt" not in answer.text
    assert client.get(f"{phone}/now", headers=HTMX).headers["HX-Refresh"] == "true"


def test_each_stay_has_a_token_of_its_own(box: Box) -> None:
    hang(box, "c1", TEE_S)
    hang(box, "c2", JEANS)
    sessions = box.fittings.all()
    tokens = {token_for(session, b"secret") for session in sessions}
    assert len(tokens) == 2
    assert {len(token) for token in tokens} == {24}
    for session in sessions:
        assert session_of(token_for(session, b"secret"), sessions, b"secret") == session
        assert session_of(token_for(session, b"another"), sessions, b"secret") is None
    assert session_of("ü", sessions, b"secret") is None


def test_buying_lies_in_the_cabin_s_basket_and_goes_to_a_till_by_code(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    phone = phone_of(box, "c1")
    assert "Das nehmen Sie mit:" in client.post(f"{phone}/buy", data={"gtin": TEE_S}, headers=HTMX).text
    answer = client.post(f"{phone}/pay", headers=HTMX)
    assert "qr__code" in answer.text
    assert box.books.basket_on("c1") is None
    ((parked, basket),) = box.books.parked_baskets()
    box.parking.resume("1", parked.code)
    assert basket.total_minor == 1990


def test_a_refusal_is_a_sentence_and_changes_nothing(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    answer = client.post("/fitting/c1/bring", data={"gtin": TEE_S, "wanted": TEE_XL}, headers=HTMX)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert not box.fittings.requests()
    assert client.post("/fitting/c1/dance").status_code == 404
    with pytest.raises(Refused):
        box.fitting_room.save("c1", TEE_S)


def test_only_the_phone_may_say_who_somebody_is(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    assert client.post("/fitting/c1/identify", data={"code": "x"}).status_code == 404
    answer = client.post(f"{phone_of(box, 'c1')}/identify", data={"code": "x"}, headers=HTMX)
    assert answer.status_code == 409


def test_what_may_be_next_door_is_asked(client: FlaskClient, box: Box) -> None:
    hang(box, "c1", TEE_S)
    tag = tags_of(GOODS[JEANS])[0]
    box.fitting_room.unsure("c1", tag, 6000)
    assert "Gehört das Ihnen?" in look(client, "/fitting/c1")
    answer = client.post("/fitting/c1/mine", data={"epc": tag.hex().upper()}, headers=HTMX)
    assert "Gehört das Ihnen?" not in answer.text
    assert "Jeans, gerade" in answer.text
