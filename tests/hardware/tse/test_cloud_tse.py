"""The cloud TSE over real TLS: whatever breaks on the way, nothing is signed twice and nothing is guessed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import Signed
from hardware.tse.cloud import codec
from hardware.tse.cloud.driver import CloudTse
from hardware.tse.cloud.emulator import CloudTseEmulator
from hardware.web.https import parse_service, read_credentials

RECEIPT, PAID = "Kassenbeleg-V1", "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Unbar"
TILL = "demo-1"


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[CloudTseEmulator]:
    with CloudTseEmulator(books=tmp_path / "tse") as running:
        yield running


@pytest.fixture
def tse(emulator: CloudTseEmulator) -> Iterator[CloudTse]:
    driver = CloudTse(emulator.address, answer_s=2.0, try_s=0.5)
    driver.open()
    yield driver
    driver.close()


def sell(tse: CloudTse) -> Signed:
    return tse.finish(TILL, tse.start(TILL).transaction, RECEIPT, PAID)


# Whom we speak to


def test_an_expired_certificate_is_nobody_to_speak_to(emulator: CloudTseEmulator, tse: CloudTse) -> None:
    emulator.web.expire_certificate()
    with pytest.raises(Unreachable, match="cannot be trusted: certificate has expired"):
        tse.check()
    emulator.web.renew_certificate()
    assert sell(tse).transaction == 1


def test_another_authority_and_another_name_are_not_trusted(emulator: CloudTseEmulator) -> None:
    with CloudTseEmulator() as other:
        theirs = parse_service(other.address).ca_file
        ours = parse_service(emulator.address).ca_file
        with pytest.raises(Unreachable, match="cannot be trusted"):
            CloudTse(emulator.address.replace(ours, theirs), answer_s=0.3).open()
    with pytest.raises(Unreachable, match="cannot be trusted"):
        CloudTse(emulator.address.replace("127.0.0.1", "localhost"), answer_s=0.3).open()
    assert emulator.web.asked == [], "not even our key was told"


def test_a_name_that_nobody_knows_or_nobody_resolves_is_out_of_reach_in_time(
    emulator: CloudTseEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = CloudTse(emulator.address.replace("127.0.0.1", "tse.invalid"), answer_s=0.5)
    with pytest.raises(Unreachable, match="is not known"):
        elsewhere.open()
    hang = threading.Event()

    def resolver(*_: object, **__: object) -> None:
        hang.wait(20)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    began_s = time.monotonic()
    with pytest.raises(Unreachable, match="not resolved in time"):
        elsewhere.open()
    assert time.monotonic() - began_s < 5.0
    hang.set()


def test_a_wrong_key_is_refused_and_never_repeated_in_words(emulator: CloudTseEmulator) -> None:
    service = parse_service(emulator.address)
    (key, secret) = read_credentials(service, "api_key", "api_secret")
    Path(service.credentials_file).write_text(f'api_key = "{key}"\napi_secret = "wrong"\n', "utf-8")
    with pytest.raises(Busy, match="does not take our key") as refused:
        CloudTse(emulator.address).open()
    assert key not in str(refused.value)
    assert secret not in str(refused.value)
    Path(service.credentials_file).write_text('api_key = "x"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="does not say api_secret"):
        CloudTse(emulator.address)


# Tokens, and a service that asks for patience


def test_a_token_that_ends_in_the_middle_of_a_sale_is_fetched_anew(
    emulator: CloudTseEmulator, tse: CloudTse
) -> None:
    started = tse.start(TILL)
    emulator.expire_tokens()
    assert tse.finish(TILL, started.transaction, RECEIPT, PAID).transaction == started.transaction
    assert emulator.web.asked.count("auth") == 2
    assert emulator.counter == 2


def test_a_token_is_not_used_up_to_its_last_moment(emulator: CloudTseEmulator) -> None:
    now_s = [0.0]
    tse = CloudTse(emulator.address, clock=lambda: now_s[0])
    tse.open()
    now_s[0] = 3590.0
    tse.check()
    now_s[0] = 3596.0
    tse.check()
    assert emulator.web.asked == ["auth", "describe", "describe", "auth", "describe"]


def test_a_service_that_asks_us_to_wait_is_waited_for_within_our_limit(
    emulator: CloudTseEmulator, tse: CloudTse
) -> None:
    tse.start(TILL)
    emulator.web.refuse(429, retry_after_s=1)
    began_s = time.monotonic()
    tse.start(TILL)
    assert time.monotonic() - began_s >= 1.0
    emulator.web.refuse(429, retry_after_s=60)
    began_s = time.monotonic()
    with pytest.raises(Busy, match="asks us to wait"):
        tse.start(TILL)
    assert time.monotonic() - began_s < 1.0, "nobody waits for what cannot come in time"
    assert emulator.counter == 2


def test_trouble_over_there_is_tried_again_and_stays_a_doubt_if_it_lasts(
    emulator: CloudTseEmulator, tse: CloudTse
) -> None:
    tse.start(TILL)
    emulator.web.refuse(503, 500, 502)
    tse.start(TILL)
    assert emulator.counter == 2
    emulator.web.refuse(*[503] * 20)
    with pytest.raises(OutcomeUnknown, match="503"):
        tse.start(TILL)
    with pytest.raises(Unreachable, match="503"):
        tse.check()
    emulator.web.refuse()
    assert len(tse.open_transactions(TILL)) == 2


# A line that dies at any byte


@pytest.mark.parametrize("kind", ["start", "finish"])
def test_a_line_that_dies_at_any_byte_never_signs_twice(
    emulator: CloudTseEmulator, tse: CloudTse, kind: str
) -> None:
    tse.start(TILL)
    for count, byte_count in enumerate(range(0, 1150, 50), start=1):
        emulator.web.die_at(kind, byte_count)
        signed = sell(tse)
        assert emulator.counter == 1 + 2 * count, f"cut at byte {byte_count}"
        assert emulator.finished[-1] == signed
    assert len(emulator.open_of(TILL)) == 1


def test_an_answer_that_comes_too_late_is_asked_for_again_and_is_the_same(
    emulator: CloudTseEmulator, tse: CloudTse
) -> None:
    started = tse.start(TILL)
    emulator.web.lose_answers("finish", 1)
    signed = tse.finish(TILL, started.transaction, RECEIPT, PAID)
    assert emulator.finished == [signed]
    assert emulator.counter == 2


def test_more_open_transactions_than_one_page_holds_are_all_listed(
    emulator: CloudTseEmulator, tse: CloudTse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "PAGE_MAX", 2)
    began = [tse.start(TILL) for _ in range(5)]
    assert tse.open_transactions(TILL) == tuple(began)


def test_a_unit_that_lost_its_power_knows_what_it_signed(tmp_path: Path) -> None:
    with CloudTseEmulator(books=tmp_path / "tse") as emulator:
        tse = CloudTse(emulator.address)
        facts = tse.open()
        signed, started = sell(tse), tse.start(TILL)
    with CloudTseEmulator(books=tmp_path / "tse") as again:
        tse = CloudTse(again.address)
        assert tse.open().public_key == facts.public_key
        assert tse.recall(TILL, signed.transaction) == signed
        assert tse.open_transactions(TILL) == (started,)
        assert tse.finish(TILL, started.transaction, RECEIPT, PAID).counter == signed.counter + 2


# Words that are none


GOOD = codec.encode(
    codec.Transaction("t", 7, codec.FINISHED, 2, TILL, 10, codec.Signature("AA==", 9), 11,
                      codec.Schema(codec.Raw(RECEIPT, "AA==")))
)  # fmt: skip


def read(body: bytes) -> Signed:
    return codec.signed_of(codec.decode(body, codec.Transaction))


def test_every_prefix_and_every_flipped_bit_is_garbled_or_another_message() -> None:
    whole = read(GOOD)
    for end in range(len(GOOD)):
        with pytest.raises(Garbled):
            read(GOOD[:end])
    for place in range(len(GOOD)):
        for bit in range(8):
            bad = GOOD[:place] + bytes([GOOD[place] ^ 1 << bit]) + GOOD[place + 1 :]
            try:
                found = read(bad)
            except Garbled:
                continue
            assert isinstance(found, type(whole))


@given(st.binary(max_size=200))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_noise_is_garbled(noise: bytes) -> None:
    for kind in (codec.Leave, codec.Tss, codec.Transaction, codec.Transactions):
        with pytest.raises(Garbled):
            codec.decode(noise, kind)


class Says:
    """A line that says the same to everything, once."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def settimeout(self, within_s: float) -> None: ...

    def sendall(self, data: bytes) -> None: ...

    def recv(self, count: int) -> bytes:
        data, self.left = self.left[:7], self.left[7:]
        return data

    def close(self) -> None: ...


def says(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 50,
        says(b"{}"),
        says(b'{"access_token":"a\\nb","access_token_expires_in":9}'),
        says(b"[" * 5000),
        says(b"x" * 2_000_000),
    ],
)
def test_whoever_babbles_is_a_fault_and_nothing_else(emulator: CloudTseEmulator, noise: bytes) -> None:
    tse = CloudTse(emulator.address, answer_s=0.5, open_line=lambda *_: Says(noise))
    with pytest.raises(DeviceFault):
        tse.open()


@pytest.mark.parametrize(
    "wrong", ["https://x/api", "https://x/tss/1?verify=no", "https:///tss/1", "https://x/tss/1"]
)
def test_an_impossible_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"address|credentials|cloud TSE"):
        CloudTse(wrong)
