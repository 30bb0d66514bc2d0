"""The code for a bank transfer: written as others write it, read as a bank app does, refused where it is."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from segno import helpers

from hardware.errors import Garbled
from hardware.transfer.epc import (
    AMOUNT_MINOR_MAX,
    CODE_BYTES_MAX,
    Transfer,
    ids_in,
    is_iban,
    read_code,
    reference_of,
    write_code,
)

IBAN = "DE02120300000000202051"
# Published by banks and standards as examples, one a country.
IBANS = (
    IBAN, "DE89370400440532013000", "GB29NWBK60161331926819", "BE68539007547034", "BE72000000001616",
    "FR1420041010050500013M02606", "CH9300762011623852957", "NL91ABNA0417164300", "AT611904300234573201",
)  # fmt: skip
IDS = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)
PLAIN = settings(max_examples=60, derandomize=True, deadline=None)


@PLAIN
@given(
    amount_minor=st.integers(1, AMOUNT_MINOR_MAX),
    name=st.text("abc äß&-./", min_size=1, max_size=70).map(str.strip).filter(bool),
    bic=st.sampled_from(("", "BYLADEM1001", "DEUTDEFF")),
    id=IDS,
)
@example(amount_minor=1, name="Bäckerei Müller & Söhne", bic="", id="5e1f00d5e1f00d01")
def test_it_is_byte_for_byte_what_segno_writes(amount_minor: int, name: str, bic: str, id: str) -> None:
    """segno (`helpers.make_epc_qr`) is somebody else's reading of EPC069-12; it leaves out needless cents."""
    ours = write_code(Transfer(name, IBAN, amount_minor, reference_of(id), bic))
    theirs = helpers._make_epc_qr_data(
        name, IBAN, amount_minor / 100, text=reference_of(id), bic=bic or None, encoding="utf-8"
    )
    ours_lines, their_lines = ours.split("\n"), theirs.decode("utf-8").split("\n")
    assert ours_lines[:7] + ours_lines[8:] == their_lines[:7] + their_lines[8:11]
    assert float(ours_lines[7][3:]) == float(their_lines[7][3:])
    assert read_code(ours) == Transfer(name, IBAN, amount_minor, reference_of(id), bic)


def test_the_published_example_is_read() -> None:
    """The Belgian Red Cross, as the guidelines' example has gone round since 2013."""
    lines = ("BCD", "001", "1", "SCT", "BPOTBEB1", "Red Cross", "BE72000000001616", "EUR1", "CHAR", "",
             "Urgency fund", "Sample EPC QR code")  # fmt: skip
    found = Transfer("Red Cross", "BE72000000001616", 100, "Urgency fund", "BPOTBEB1")
    assert read_code("\n".join(lines)) == found
    assert read_code("\r\n".join(lines)) == found


@pytest.mark.parametrize("iban", IBANS)
def test_published_ibans_are_good_and_any_wrong_or_swapped_sign_is_not(iban: str) -> None:
    assert is_iban(iban)
    assert not is_iban(iban[:-1])
    for place in range(len(iban)):
        # A letter counts as two digits, so that it may pass for a digit: the standard does not promise more.
        for sign in "0123456789" if iban[place].isdigit() else "ABMYZ":
            wrong = iban[:place] + sign + iban[place + 1 :]
            assert is_iban(wrong) == (wrong == iban), wrong
        swapped = iban[:place] + iban[place + 1 : place + 2] + iban[place] + iban[place + 2 :]
        if place > 3 and swapped != iban:
            assert not is_iban(swapped)


@pytest.mark.parametrize("wrong", ["", "DE", IBAN.lower(), f"{IBAN} ", "DE02 1203 0000", IBAN + "0"])
def test_what_is_no_iban_is_none(wrong: str) -> None:
    assert not is_iban(wrong)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"iban": "DE02120300000000202052"}, "IBAN"),
        ({"bic": "BYLA"}, "BIC"),
        ({"amount_minor": 0}, "amount"),
        ({"amount_minor": AMOUNT_MINOR_MAX + 1}, "amount"),
        ({"name": ""}, "empty"),
        ({"name": "x" * 71}, "too long"),
        ({"name": "two\nlines"}, "one line"),
        ({"remittance": "x" * 141}, "too long"),
    ],
)
def test_what_no_bank_would_take_is_refused(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Transfer(**{"name": "Tante Emma", "iban": IBAN, "amount_minor": 1, "remittance": "x", **wrong})  # type: ignore[arg-type]


def test_a_code_is_never_longer_than_the_guidelines_allow() -> None:
    longest = Transfer("n" * 70, IBAN, AMOUNT_MINOR_MAX, "r" * 140, "BYLADEM1001")
    assert len(write_code(longest).encode()) <= CODE_BYTES_MAX
    with pytest.raises(ValueError, match="331"):
        write_code(Transfer("ä" * 70, IBAN, 1, "ö" * 140))


@PLAIN
@given(id=IDS, before=st.text(max_size=20), after=st.text(max_size=20), spaces=st.lists(st.integers(0, 25)))
def test_a_reference_is_found_however_people_write_it(
    id: str, before: str, after: str, spaces: list[int]
) -> None:
    written = reference_of(id).lower()
    for place in spaces:
        written = f"{written[:place]} {written[place:]}"
    before = before.upper().replace("R", "").replace("F", "")
    assert ids_in(f"{before}{written}{after}")[:1] == (id,)


@PLAIN
@given(id=IDS, place=st.integers(0, 24), sign=st.sampled_from("0123456789ABCXYZ"))
def test_a_reference_with_one_wrong_sign_is_nobody_s(id: str, place: int, sign: str) -> None:
    right = reference_of(id)
    wrong = right[:place] + sign + right[place + 1 :]
    if wrong != right and place < len(right):
        assert id not in ids_in(wrong)


def test_references_are_as_the_standard_checks_them() -> None:
    """ISO 11649: the check digits come last, letters count from ten, and the whole leaves 1 modulo 97."""
    for id in ("0", "5e1f00d5e1f00d01", "z" * 20):
        reference = reference_of(id)
        assert len(reference) <= 25
        digits = "".join(str(int(sign, 36)) for sign in reference[4:] + reference[:4])
        assert int(digits) % 97 == 1
    for wrong in ("", "x" * 21, "UPPER", "with space", "ä"):
        with pytest.raises(ValueError, match="reference"):
            reference_of(wrong)


GOOD = write_code(Transfer("Tante Emma", IBAN, 1586, reference_of("5e1f00d5e1f00d01"), "BYLADEM1001"))


def test_every_prefix_and_every_flipped_bit_is_garbled_or_another_transfer() -> None:
    raw = GOOD.encode()
    for end in range(len(raw)):
        _readable(raw[:end])
    for place in range(len(raw)):
        for bit in range(8):
            _readable(raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :])


def _readable(raw: bytes) -> None:
    try:
        read_code(raw.decode("utf-8", "surrogateescape"))
    except Garbled:
        return


@PLAIN
@given(st.text(max_size=400))
def test_noise_is_garbled(noise: str) -> None:
    with pytest.raises(Garbled):
        read_code(noise)
