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
from hardware.zvt.codec import decode, encode
from hardware.zvt.codes import RESULT_CODES, sentence
from hardware.zvt.fields import (
    ALL_RECEIPTS,
    FIELDS,
    bcd,
    build_field,
    ll_length,
    parse_fields,
    printable,
    read_bcd,
)
from hardware.zvt.framing import APDU_DATA_BYTES_MAX, PENDING_BYTES_MAX, Apdu, ApduBuffer, frame
from hardware.zvt.masks import blotted, card_number, card_number_bytes
from hardware.zvt.message import Message
from hardware.zvt.orders import (
    ORDERS,
    Authorisation,
    Diagnosis,
    DisplayText,
    EcrAbort,
    EndOfDay,
    Initialisation,
    LogOff,
    PartialReversal,
    ReadCard,
    Refund,
    Registration,
    RepeatReceipt,
    Reservation,
    Reversal,
    SelectLanguage,
    SetTerminalId,
    StatusEnquiry,
)
from hardware.zvt.reports import (
    REPORTS,
    Abort,
    Completion,
    IntermediateStatus,
    Negative,
    Positive,
    PrintLine,
    PrintTextBlock,
    SetTimeAndDate,
    StatusInformation,
    TerminalStatus,
    Unsupported,
    read_totals,
)
from hardware.zvt.serial_framing import SerialBuffer, wrap
from hardware.zvt.tlv import DEPTH_MAX, Tlv, build_tlv, parse_tlv

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
    "06C00F0F1910FC0206081F1501D01F600107": ReadCard(
        15, card_type=0x10, dialog_control=2, tlv=(Tlv(0x1F15, b"\xd0"), Tlv(0x1F60, b"\x07"))
    ),
    "065003123456": EndOfDay("123456"),
}
MASK_BYTES = frozenset(b"*") | frozenset(
    high << 4 | low for high in range(16) for low in range(16) if 0xE in (high, low)
)
"""What stands for the digits of a card after decoding: `E` among digits, `*` in text."""

FULL = StatusInformation(
    0,
    1234,
    17,
    978,
    18,
    None,
    "101530",
    "1121",
    "52500009",
    card_type=5,
    card_name="girocard\0",
    text="danke",
)
MESSAGES: tuple[Message, ...] = (
    *MEANINGS.values(),
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
    PrintTextBlock(
        tlv=(Tlv(0x1F07, b"\x02"), Tlv(0x25, (Tlv(0x07, b"BELEG"), Tlv(0x07, b""), Tlv(0x09, b"\xff"))))
    ),
    IntermediateStatus(0x17, 0),
    IntermediateStatus(0x0A, 6),
    IntermediateStatus(0x0A, 2, (Tlv(0x24, (Tlv(0x07, b"Bitte Karte"),)),)),
    Abort(0xB8, receipt_number=ALL_RECEIPTS),
    Abort(0x6F, 978),
    TerminalStatus(0, "2.14.15"),
    Reversal("000000", 17),
    Refund("000000", 500, 978),
    Reservation(2500, 978, 0x40, trace_number=7),
    PartialReversal(ALL_RECEIPTS, payment_type=0x40),
    EndOfDay("000000"),
    Diagnosis(tlv=(Tlv(0x1B, b"\x02"),)),
    Initialisation("000000"),
    LogOff(),
    DisplayText.of(("Guten Tag", "Bitte warten"), 5),
    SelectLanguage(1),
    SetTerminalId("000000", "52500009"),
    SetTimeAndDate("261121", "101530"),
    StatusInformation(0, rest=((0x88, b"\0\4\x70"), (0xF9, 2))),
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
    frames = json.loads(VECTORS.read_text())["tcp_apdu"]
    assert len(frames) >= 16
    for row in frames:
        data = bytes.fromhex(row["hex"])
        apdu = one_apdu(data)
        assert bytes(apdu) == data
        if "extended length" in row["meaning"].lower() and apdu.extended:
            continue  # a vector for the length alone: its one data byte is no field
        comes_back(data)
        if row["hex"] in MEANINGS:
            assert decode(apdu) == MEANINGS[row["hex"]]


@pytest.mark.skipif(not VECTORS.exists(), reason=f"no shared test data at {VECTORS}")
def test_serial_frames_of_others_are_ours_byte_for_byte() -> None:
    frames = json.loads(VECTORS.read_text())["serial"]
    assert len(frames) >= 3
    for row in frames:
        data = bytes.fromhex(row["hex"])
        buffer = SerialBuffer()
        buffer.feed(data)
        apdu = buffer.next()
        assert isinstance(apdu, bytes)
        assert wrap(apdu) == data
        comes_back(apdu)


def comes_back(data: bytes) -> None:
    """Decoded and encoded again it is the same, but for marks where a card's digits stood."""
    meaning = decode(one_apdu(data))
    assert not isinstance(meaning, Unsupported)
    again = encode(meaning)
    assert len(again) == len(data)
    assert all(new == old or new in MASK_BYTES for new, old in zip(again, data, strict=True))
    assert decode(one_apdu(again)) == meaning


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
        ("040f0306021f", 6),  # nothing behind half a tag
        ("040f0006021f81", 7),  # half a tag
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
    hidden = {
        0x22: bytes.fromhex(number + "f"),
        0x23: bytes.fromhex(number + "d29122010000f"),
        0x2D: b"B" + number.encode() + b"^MEIER/ERIKA",
        0x0E: bytes.fromhex("2912"),
        0x3A: bytes.fromhex("123f"),
    }
    raw = b""
    for field_number, content in hidden.items():
        length = b"" if FIELDS[field_number].size > 0 else ll_length(len(content), 2)
        raw += bytes([field_number]) + length + content
    chip = bytes([0x5A, 10]) + hidden[0x22] + bytes([0x1F, 0x10, 1, 1])
    status = decode(one_apdu(frame(b"\x04\x0f", FULL.body() + raw + bytes([6, len(chip)]) + chip)))
    assert isinstance(status, StatusInformation)
    assert status.card_number == "***************2345"
    assert status.tlv == (Tlv(0x5A, b"\xee" * 10), Tlv(0x1F10, b"\x01"))
    assert status.amount_minor == FULL.amount_minor
    for kept in (repr(status), repr(status.tlv), encode(status).hex(), encode(status).decode("cp437")):
        assert number[:8] not in kept
        assert "MEIER" not in kept
        assert "2912" not in kept
    text = f"Karte {number} oder 6799 1234 5678 9012 345, Beleg 4711"
    line = decode(one_apdu(encode(PrintLine(0, text))))
    shown = decode(one_apdu(encode(StatusInformation(0, text=text, card_name=number))))
    said = "Karte ***************2345 oder **** **** **** **** 345, Beleg 4711"
    assert line == PrintLine(0, said)
    assert shown == StatusInformation(0, text=said, card_name="***************2345")


@given(st.binary(max_size=20))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_what_was_blotted_out_once_stays_as_it_is(content: bytes) -> None:
    once = card_number(content)
    assert card_number(card_number_bytes(once)) == once
    assert len(card_number_bytes(once)) == len(content)
    assert sum(char != "*" for char in once) <= 4
    assert card_number(bytes.fromhex("5966666666666666d20021220100")) == "*" * 28


def test_what_a_terminal_masked_itself_stays_as_it_is() -> None:
    data = bytes.fromhex("040f0b22f0f8eeeeeeeeeeee4771")
    status = decode(one_apdu(data))
    assert status == StatusInformation(card_number="************4771")
    assert encode(status) == data
    assert (
        blotted("EEEEEEEEEEEE4771 ############4771 GEN.NR.:611804")
        == "EEEEEEEEEEEE4771 ############4771 GEN.NR.:611804"
    )
    assert printable("Debit Mastercard\0") == "Debit Mastercard"


def test_a_password_does_not_show() -> None:
    for message in (Registration("123456", 0x3E), RepeatReceipt("123456"), StatusEnquiry("123456")):
        assert "123456" not in repr(message)


def test_a_completion_means_what_it_ends() -> None:
    bare, versioned = Apdu(b"\x06\x0f", b"\xdc"), Apdu(b"\x06\x0f", b"\xf0\xf0\xf3abc\xdc\x06\x00")
    assert decode(bare, answers=StatusEnquiry) == TerminalStatus(0xDC)
    assert decode(versioned, answers=StatusEnquiry) == TerminalStatus(0xDC, "abc", ())
    assert decode(versioned) == TerminalStatus(0xDC, "abc", ())
    for data in (b"", b"\xf0\xf0\xf9ab", b"\x00\x99"):
        with pytest.raises(Garbled):
            decode(Apdu(b"\x06\x0f", data), answers=StatusEnquiry)


def test_an_abort_for_the_currency_may_name_the_right_one() -> None:
    assert decode(one_apdu(bytes.fromhex("061e036f0978"))) == Abort(0x6F, 978)


def test_what_we_do_not_speak_is_recognised_and_never_said() -> None:
    assert decode(one_apdu(bytes.fromhex("041003aa0101"))) == Unsupported(b"\x04\x10")
    with pytest.raises(ValueError, match="only ever heard"):
        encode(Unsupported(b"\x04\x10"))


@given(st.integers(0, 999_999))
@settings(deadline=None, derandomize=True)
def test_digits_come_back(number: int) -> None:
    assert read_bcd(bcd(number, 3)) == number


def test_values_that_do_not_fit_are_refused() -> None:
    for bad in (lambda: bcd(1_000_000, 3), lambda: bcd(-1, 3), lambda: build_field(0x27, 256)):
        with pytest.raises(ValueError, match="byte"):
            bad()
    with pytest.raises(ValueError, match="at most 99"):
        build_field(0x8B, "x" * 100)
    with pytest.raises(ValueError, match="cannot say"):
        build_field(0x27, "12")
    with pytest.raises(ValueError, match="shows 8 lines"):
        DisplayText.of(("x",) * 9)


def test_tlv_of_every_length_comes_back() -> None:
    rng = random.Random(7)
    for size in (0, 1, 100, 127, 128, 200, 255, 256, 5000):
        tags = (
            Tlv(0x1F8110, rng.randbytes(size)),
            Tlv(0x2F, (Tlv(0x1F12, b"\x02"), Tlv(0x60, (Tlv(0x43, b"a"),)))),
        )
        assert parse_fields(build_field(0x06, tags) + b"\x27\x00") == {0x06: tags, 0x27: 0}
        assert parse_tlv(build_tlv(tags)) == tags


def test_tags_within_tags_have_an_end() -> None:
    data = b""
    for _ in range(DEPTH_MAX + 1):
        data = bytes([0x60, len(data)]) + data
    with pytest.raises(Garbled, match="too deep"):
        parse_tlv(data)


def test_every_message_has_a_control_field_of_its_own() -> None:
    controls = [kind.CONTROL for kind in (*ORDERS, *REPORTS)]
    assert len(set(controls)) == len(controls) >= 29


def test_every_field_comes_back() -> None:
    rng = random.Random(11)
    for number, shape in FIELDS.items():
        content = bytes.fromhex("".join(str(rng.randrange(10)) for _ in range(2 * max(shape.size, 6))))
        content = content[: shape.size] if shape.size > 0 else b"" if shape.size == -4 else content
        length = {-2: b"\xf0\xf6", -3: b"\xf0\xf0\xf6", -4: b"\x00"}.get(shape.size, b"")
        data = bytes([number]) + length + content
        value = parse_fields(data)[number]
        again = build_field(number, value)
        assert len(again) == len(data)
        assert parse_fields(again)[number] == value


def test_the_day_s_totals() -> None:
    mastercard = bytes([2]) + bcd(958, 6)
    data = bytes.fromhex("02330234") + bytes(14) + mastercard + bytes(28)
    first, last, brands = read_totals(data)
    assert (first, last) == (233, 234)
    assert [(it.brand, it.count, it.amount_minor) for it in brands] == [("Mastercard", 2, 958)]
    with pytest.raises(Garbled):
        read_totals(data[:-1])


def test_every_result_code_is_a_sentence() -> None:
    sentences = {code: sentence(code) for code in range(256)}
    assert all(words.endswith(".") and words[0].isupper() for words in sentences.values())
    assert len(RESULT_CODES) == 80
    assert "bank" in sentences[0x05]
    assert sentences[0xB4] != sentences[0xB5]
    assert "(01)" not in sentences[0x01]
    assert "does not have (63)" not in sentences[0x63]
    assert "(69)" in sentences[0x69]
