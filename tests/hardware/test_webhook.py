"""Signed notices: the standard's own example, and everybody who should be turned away."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hardware.web import hooks
from hardware.web.hooks import HookDoor
from hardware.web.webhook import SEEN_MAX, TOLERANCE_S, Doorkeeper, NotGood, key_of, signed

# The example that the standard's own libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT_S, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
KEY = key_of(SECRET)


def told(**other: str) -> dict[str, str]:
    return {**signed(KEY, ID, AT_S, BODY), **{name.replace("_", "-"): value for name, value in other.items()}}


def test_the_standards_example_is_signed_as_others_sign_it() -> None:
    assert signed(KEY, ID, AT_S, BODY)["webhook-signature"] == SIGNATURE
    assert Doorkeeper(KEY).admit(told(), BODY, AT_S)


def test_one_good_signature_among_several_is_enough() -> None:
    others = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,MzJsNDg="
    assert Doorkeeper(KEY).admit(told(webhook_signature=f"{others} {SIGNATURE}"), BODY, AT_S)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        told(webhook_signature=""),
        told(webhook_signature="v1,"),
        told(webhook_signature=SIGNATURE.removeprefix("v1,")),
        told(webhook_signature="v2" + SIGNATURE[2:]),
        told(webhook_signature="v1,ä"),
        told(webhook_id="another"),
        told(webhook_timestamp=str(AT_S + 1)),
        told(webhook_timestamp="soon"),
        told(webhook_timestamp="9" * 40),
    ],
)
def test_whoever_does_not_know_the_key_is_turned_away(headers: dict[str, str]) -> None:
    with pytest.raises(NotGood):
        Doorkeeper(KEY).admit(headers, BODY, AT_S)


def test_another_body_another_key_and_every_flipped_bit_are_turned_away() -> None:
    for place in range(len(BODY)):
        for bit in range(8):
            with pytest.raises(NotGood):
                Doorkeeper(KEY).admit(told(), BODY[:place] + bytes([BODY[place] ^ 1 << bit]), AT_S)
    with pytest.raises(NotGood):
        Doorkeeper(key_of("whsec_c29tZWJvZHkgZWxzZQ==")).admit(told(), BODY, AT_S)
    with pytest.raises(ValueError, match="whsec_"):
        key_of("whsec_no base64")


def test_a_notice_is_good_for_a_while_and_heard_once() -> None:
    keeper = Doorkeeper(KEY)
    for late_s in (-TOLERANCE_S - 1, TOLERANCE_S + 1):
        with pytest.raises(NotGood, match="too old"):
            keeper.admit(told(), BODY, AT_S + late_s)
    assert keeper.admit(told(), BODY, AT_S + TOLERANCE_S)
    assert not keeper.admit(told(), BODY, AT_S)


def test_what_was_heard_is_remembered_for_so_many_and_no_more() -> None:
    keeper = Doorkeeper(KEY)
    for number in range(SEEN_MAX + 10):
        assert keeper.admit(signed(KEY, str(number), AT_S, b""), b"", AT_S)
    assert len(keeper._seen) == SEEN_MAX


# The door


@pytest.fixture
def door() -> Iterator[HookDoor]:
    found = HookDoor(KEY, "test-door", lambda: AT_S)
    yield found
    found.close()


def knock(address: str, headers: dict[str, str], body: bytes = BODY, method: str = "POST") -> int:
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        line.request(method, parts.path, body, headers)
        return line.getresponse().status
    finally:
        line.close()


def test_the_door_hears_what_is_good_once_and_thanks_twice(door: HookDoor) -> None:
    address = door.open()
    assert [knock(address, told()) for _ in range(2)] == [204, 204]
    assert door.fetch() == ((ID, BODY),)
    assert door.fetch() == ()
    assert knock(address, told(webhook_signature="v1,AAAA")) == 401
    assert door.turned_away == 1
    assert knock(address, told(), method="PUT") == 404
    assert knock(address + "/other", told()) == 404


def test_a_full_house_asks_to_come_again(door: HookDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    door._waiting.maxsize = 1
    address = door.open()
    assert knock(address, signed(KEY, "1", AT_S, BODY)) == 204
    assert knock(address, signed(KEY, "2", AT_S, BODY)) == 503
    assert len(door.fetch()) == 1
    assert knock(address, signed(KEY, "2", AT_S, BODY)) == 204
    assert [name for name, _ in door.fetch()] == ["2"]


def test_whoever_babbles_or_says_nothing_is_hung_up_on(
    door: HookDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "TALK_S_MAX", 0.1)
    parts = urlsplit(door.open())
    for noise in (
        b"",
        b"\x16\x03\x01hello\r\n\r\n",
        b"POST /notices HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n",
    ):
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
            line.sendall(noise)
            line.settimeout(5)
            assert line.recv(100) == b""
    assert door.fetch() == ()
