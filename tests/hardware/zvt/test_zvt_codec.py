"""ZVT words: vectors from real dialogues, round trips, and bytes that are none."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.zvt.codec import (
    Abort,
    Authorisation,
    Completion,
    EcrAbort,
    EndOfDay,
    IntermediateStatus,
    Message,
    Negative,
    Positive,
    PrintLine,
    PrintTextBlock,
    ReadCard,
    Registration,
    RepeatReceipt,
    StatusEnquiry,
    StatusInformation,
    TerminalStatus,
    Unsupported,
    decode,
    encode,
)
from hardware.zvt.fields import bcd, build_field, parse_fields, read_bcd, read_text
from hardware.zvt.framing import APDU_DATA_BYTES_MAX, PENDING_BYTES_MAX, Apdu, ApduBuffer, frame

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / ".." / "shared")
VECTORS = SHARED / "data" / "zvt" / "zvt_frames.json"

DECLINED = StatusInformation(0x6C, terminal_id="28004869", text="Abbruch durch Kunde")
MEANINGS: dict[str, Message] = {
    "06010704000000001000": Authorisation(1000),
    "06010904000000003300020A": Authorisation(3300, statuses_max=10),
    "800000": Positive(),
    "848300": Negative(0x83),
    "849C00": Negative(0x9C),
    "849D0704000000002200": Negative(0x9D, amount_minor=2200),
    "846600": Negative(0x66),
    "040F022700": StatusInformation(0x00),
    "060F00": Completion(),
    "061E0105": Abort(0x05),
    "061E0164": Abort(0x64),
    "040F1E276C29280048693CF0F1F941626272756368206475726368204B756E6465": DECLINED,
    "060006123456DE0978": Registration("123456", 0xDE, 978),
    "06C00F0F1910FC0206081F1501D01F600107": ReadCard(15, card_type=0x10, dialog_control=2),
    "065003123456": EndOfDay("123456"),
}
HEARD_ONLY = (ReadCard,)
"""Their TLV container is dropped, so they cannot be written back."""

FULL = StatusInformation(
    0, 1234, 17, 978, 18, "101530", "1121", "52500009", card_type=5, card_name="girocard", text="danke"
)
MESSAGES: tuple[Message, ...] = (
    *(meaning for meaning in MEANINGS.values() if not isinstance(meaning, HEARD_ONLY)),
    FULL,
    Authorisation(999_999_999_999, 978, payment_type=0x40),
    Registration("000000", 0x3E, None, service_byte=0),
    Registration("000000", 0x3E, 978, service_byte=1),
    StatusEnquiry("000000"),
    RepeatReceipt("000000", service_byte=3),
    EcrAbort(),
    IntermediateStatus(0x0A),
    Completion(0, "52500009", 978, result_code=0),
    PrintLine(0x40, "Vielen Dank"),
    PrintTextBlock(),
)


def one_apdu(data: bytes) -> Apdu:
    buffer = ApduBuffer()
    buffer.feed(data)
    apdu = buffer.next_apdu()
    assert apdu is not None
    assert buffer.next_apdu() is None
    assert buffer.pending == 0
    return apdu


def read(data: bytes) -> list[Message]:
    """All messages in `data`. Raises Garbled."""
    buffer, messages = ApduBuffer(), []
    buffer.feed(data)
    while (apdu := buffer.next_apdu()) is not None:
        messages.append(decode(apdu))
    return messages


@pytest.mark.skipif(not VECTORS.exists(), reason=f"no shared test data at {VECTORS}")
def test_frames_of_real_dialogues_have_their_meaning_both_ways() -> None:
    frames = [frame_["hex"] for frame_ in json.loads(VECTORS.read_text())["tcp_apdu"]]
    assert len(frames) >= 16
    for text in frames:
        data = bytes.fromhex(text)
        if text == "040FFF01006C":  # a vector for the length alone: its one data byte is no field
            assert one_apdu(data) == Apdu(b"\x04\x0f", b"\x6c")
            continue
        meaning = decode(one_apdu(data))
        assert meaning == MEANINGS[text]
        if not isinstance(meaning, HEARD_ONLY):
            assert encode(meaning) == data


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_messages_come_back(message: Message) -> None:
    assert decode(one_apdu(encode(message))) == message


@given(st.permutations(MESSAGES), st.lists(st.integers(1, 9), max_size=80))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_messages_come_back_however_they_are_cut(messages: list[Message], cuts: list[int]) -> None:
    stream = b"".join(encode(message) for message in messages)
    buffer, found = ApduBuffer(), []
    for size in [*cuts, len(stream)]:
        buffer.feed(stream[:size])
        stream = stream[size:]
        while (apdu := buffer.next_apdu()) is not None:
            found.append(decode(apdu))
    assert found == list(messages)


def test_every_beginning_of_a_message_waits_for_the_rest() -> None:
    for message in MESSAGES:
        data = encode(message)
        for size in range(len(data)):
            assert read(data[:size]) == []


def test_every_flipped_bit_is_a_message_or_garbled() -> None:
    for message in MESSAGES:
        data = encode(message)
        for bit in range(8 * len(data)):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            readable(bytes(flipped))


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_are_messages_or_garbled(data: bytes) -> None:
    readable(data)


@given(st.sampled_from(MESSAGES), st.binary(max_size=40))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_data_block_is_a_message_or_garbled(message: Message, body: bytes) -> None:
    readable(frame(message.CONTROL or b"\x84\x9c", body))


def readable(data: bytes) -> None:
    """`data` reads as messages, or Garbled names a byte in it or just behind it."""
    offset = 0
    try:
        read(data)
    except Garbled as fault:
        offset = fault.offset
    assert 0 <= offset <= len(data) + 2


def test_lengths_beyond_one_byte_are_low_byte_first() -> None:
    data = frame(b"\x06\xd1", bytes(300))
    assert data[:5] == bytes.fromhex("06d1ff2c01")
    assert one_apdu(data).data == bytes(300)
    with pytest.raises(ValueError, match="65535"):
        frame(b"\x06\xd1", bytes(70_000))


def test_what_is_too_long_or_no_zvt_is_refused_at_once() -> None:
    for start, offset in (
        (b"\x15", 0),
        (b"\x04\x0f\xff" + (APDU_DATA_BYTES_MAX + 1).to_bytes(2, "little"), 2),
    ):
        buffer = ApduBuffer()
        buffer.feed(start)
        with pytest.raises(Garbled) as caught:
            buffer.next_apdu()
        assert caught.value.offset == offset
    with pytest.raises(Garbled):
        ApduBuffer().feed(bytes(PENDING_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        ("040f0327009900", 5),  # no such field
        ("040f04270027 00", 5),  # a field twice
        ("040f0204 00", 5),  # amount too short
        ("040f07040000000a0000", 7),  # no digit
        ("040f032ef0f1", 6),  # half an LLL-VAR length
        ("040f048bf0ff41", 5),  # no LL-VAR digit
        ("040f0306021f", 6),  # half a tag
        ("040f020685", 4),  # no BER length
        ("04ff00", 3),
        ("061e00", 3),
        ("06010149", 4),
        ("0600021234", 5),
    ],
)
def test_garbled_names_the_byte(data: str, offset: int) -> None:
    frame_bytes = bytearray.fromhex(data)
    frame_bytes[2] = len(frame_bytes) - 3
    with pytest.raises(Garbled) as caught:
        read(bytes(frame_bytes))
    assert caught.value.offset == offset


def test_card_numbers_end_in_the_codec() -> None:
    number = "6799123456789012345"
    secret = build_field(0x22, bytes.fromhex(number + "f")) + build_field(0x0E, bytes.fromhex("2912"))
    secret += build_field(0x23, bytes.fromhex(number + "d29122010000f")) + build_field(
        0x06, b"\x1f\x10\x01\x01"
    )
    status = decode(one_apdu(frame(b"\x04\x0f", FULL.body() + secret)))
    assert status == FULL
    text = f"Karte {number} oder 6799 1234 5678 9012 345, Beleg 4711"
    line = decode(one_apdu(encode(PrintLine(0, text))))
    shown = decode(one_apdu(encode(StatusInformation(0, text=text, card_name=number))))
    assert line == PrintLine(0, "Karte **** oder ****, Beleg 4711")
    assert shown == StatusInformation(0, text="Karte **** oder ****, Beleg 4711", card_name="****")
    assert read_text(b"EEEEEEEEEEEE1234 x" + b"\x00") == "**** x"


def test_a_password_does_not_show() -> None:
    for message in (Registration("123456", 0x3E), RepeatReceipt("123456"), StatusEnquiry("123456")):
        assert "123456" not in repr(message)


def test_a_completion_means_what_it_ends() -> None:
    bare, versioned = Apdu(b"\x06\x0f", b"\xdc"), Apdu(b"\x06\x0f", b"\xf0\xf0\xf3abc\xdc\x06\x00")
    assert decode(bare, answers=StatusEnquiry) == TerminalStatus(0xDC)
    assert decode(versioned, answers=StatusEnquiry) == TerminalStatus(0xDC)
    for data in (b"", b"\xf0\xf0\xf9ab", b"\x00\x99"):
        with pytest.raises(Garbled):
            decode(Apdu(b"\x06\x0f", data), answers=StatusEnquiry)


def test_an_abort_for_the_currency_may_name_the_right_one() -> None:
    assert decode(one_apdu(bytes.fromhex("061e036f0978"))) == Abort(0x6F)


def test_what_we_do_not_speak_is_recognised_and_never_said() -> None:
    assert decode(one_apdu(bytes.fromhex("040103aa0101"))) == Unsupported(b"\x04\x01")
    with pytest.raises(ValueError, match="only ever heard"):
        encode(Unsupported(b"\x04\x01"))


@given(st.integers(0, 999_999))
@settings(deadline=None, derandomize=True)
def test_digits_come_back(number: int) -> None:
    assert read_bcd(bcd(number, 3)) == number


def test_values_that_do_not_fit_are_refused() -> None:
    for bad in (lambda: bcd(1_000_000, 3), lambda: bcd(-1, 3), lambda: build_field(0x27, b"12")):
        with pytest.raises(ValueError, match="byte"):
            bad()
    with pytest.raises(ValueError, match="at most 99"):
        build_field(0x8B, bytes(100))


def test_tlv_of_every_length_is_stepped_over() -> None:
    rng = random.Random(7)
    for size in (0, 1, 100, 127, 128, 200, 255, 256, 5000):
        inner = b"" if not size else b"\x1f\x81\x10" + ber(size) + rng.randbytes(size)
        fields = build_field(0x06, inner) + build_field(0x27, b"\x00")
        assert parse_fields(fields) == {0x27: b"\x00"}


def ber(size: int) -> bytes:
    return build_field(0x06, bytes(size))[1:][: -size or None]
