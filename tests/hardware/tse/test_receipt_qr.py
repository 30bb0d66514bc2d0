"""Receipts' QR codes: those that others' TSEs signed, ours on every curve, and all that is not right."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given
from hypothesis import strategies as st

from hardware.tse.algorithms import ALGORITHMS, CURVES, coordinate_bytes, point_of
from hardware.tse.log_message import TIME_FORMATS, TransactionLog
from hardware.tse.receipt_qr import FIELDS, verify

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).resolve().parents[4] / "shared")
SAMPLES = SHARED / "data" / "fiscal" / "tse_receipt_qr.json"
START = 6
NOT_SIGNED = "the signature does not fit what the code says"


def signed(
    curve: ec.EllipticCurve,
    algorithm: str = "ecdsa-plain-SHA256",
    time_format: str = "unixTime",
    *,
    plain: bool = True,
    bare_key: bool = True,
    own_hash: bool = False,
    **more: str,
) -> str:
    """A code as a TSE with a key of that curve would give it; the same one every time."""
    key = ec.derive_private_key(20261122, curve)
    point = point_of(key.public_key())
    digest = ALGORITHMS[algorithm].digest
    serial = hashlib.new(digest.name.replace("-", "_") if own_hash else "sha256", point).digest()
    at = dt.datetime(2026, 11, 22, 9, 30, 5, tzinfo=dt.UTC)
    facts = {
        "process_type": "Kassenbeleg-V1",
        "process_data": "Beleg^1.19_2.00_0.00_0.00_0.00^3.19:Bar",
    } | more
    log = TransactionLog("till-1", **facts, transaction=4711, serial=serial, algorithm=algorithm, counter=130,
                         at=at, time_format=time_format)  # fmt: skip
    signature = key.sign(log.signed_bytes(), ec.ECDSA(digest, deterministic_signing=True))
    if plain:
        half = coordinate_bytes(curve)
        signature = b"".join(part.to_bytes(half, "big") for part in utils.decode_dss_signature(signature))
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    ended, began = "2026-11-22T09:30:05.000Z", "2026-11-22T09:29:00.000Z"
    return ";".join(
        (
            "V0", log.client, log.process_type, log.process_data, "4711", "130", began, ended, algorithm,
            time_format, _base64(signature), _base64(point if bare_key else spki),
        )
    )  # fmt: skip


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def tampered(code: str, field: int, character: int) -> str:
    """The code with one character of one field turned into another of its kind."""
    parts = code.split(";")
    text = parts[field]
    at = character % len(text)
    old = text[at]
    new = {"Z": "Y", "9": "0", ".": ","}.get(old) or chr(ord(old) + 1)
    parts[field] = text[:at] + new + text[at + 1 :]
    return ";".join(parts)


def samples() -> list[str]:
    if not SAMPLES.exists():
        pytest.skip(f"{SAMPLES.name} is not here: ../shared comes only with the workshop")
    return [sample["qr"] for sample in json.loads(SAMPLES.read_text())]


def test_what_the_tses_of_others_signed_is_right():
    assert [(verify(code).valid, verify(code).remarks) for code in samples()] == [(True, ())] * len(samples())


def test_no_character_of_what_others_signed_can_be_changed():
    for code in samples():
        parts = code.split(";")
        for field in range(FIELDS):
            for character in range(len(parts[field])):
                changed = tampered(code, field, character)
                if field == START and changed.split(";")[START] < parts[START]:
                    continue  # an earlier start is not covered by the signature that ends a transaction
                if not verify(changed).valid:
                    continue
                # What is left is a start between the true one and the end.
                assert field == START, changed
                assert parts[START] < changed.split(";")[START] <= parts[START + 1]


def test_fields_of_two_receipts_do_not_mix():
    codes = [code.split(";") for code in samples()]
    for mine in codes:
        for other in codes:
            for field in range(FIELDS):
                if mine[field] != other[field] and field != START:
                    mixed = [*mine[:field], other[field], *mine[field + 1 :]]
                    assert not verify(";".join(mixed)).valid, (field, mixed)


@pytest.mark.parametrize("bare_key", [True, False], ids=["point", "spki"])
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "der"])
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_every_curve_in_every_encoding(curve: ec.EllipticCurve, plain: bool, bare_key: bool):
    code = signed(curve, plain=plain, bare_key=bare_key)
    assert verify(code).valid
    assert verify(code.replace("3.19:Bar", "3.19:Unbar")).reason == NOT_SIGNED


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("time_format", TIME_FORMATS)
def test_every_algorithm_and_form_of_time(algorithm: str, time_format: str):
    code = signed(ec.BrainpoolP384R1(), algorithm, time_format)
    assert verify(code).valid
    others = [one for one in TIME_FORMATS if {one, time_format} != {"utcTime", "utcTimeWithSeconds"}]
    for other in others:
        read_otherwise = verify(code.replace(time_format, other)).valid
        assert read_otherwise == (other == time_format or {other, time_format} == MEAN_THE_SAME)


MEAN_THE_SAME = {"generalizedTime", "generalizedTimeWithMilliseconds"}
"""A whole second looks the same in both."""


def test_a_serial_number_made_with_the_hash_it_signs_with():
    assert verify(signed(ec.SECP384R1(), "ecdsa-plain-SHA384", own_hash=True)).valid


def test_the_casing_of_the_process_type_is_what_was_signed():
    code = signed(ec.SECP256R1(), process_type="kassenbeleg-V1")
    assert verify(code) == replace(verify(code), valid=True, remarks=())
    assert verify(code.replace("kassenbeleg", "Kassenbeleg")).reason == NOT_SIGNED


@pytest.mark.parametrize(
    "amounts",
    [
        "Beleg^1.19_2.00_0.00_0.00^3.19:Bar",
        "Beleg^1,19_2.00_0.00_0.00_0.00^3.19:Bar",
        "Beleg^1.19_2.0_0.00_0.00_0.00^3.19:Bar",
        "Beleg^01.19_2.00_0.00_0.00_0.00^3.19:Bar",
        "Beleg^1.19_2.00_0.00_0.00_0.00^3.19:Karte",
        "Beleg^1.19_2.00_0.00_0.00_0.00^3.19:Bar_",
        "Beleg",
    ],
)
def test_a_right_signature_over_amounts_of_the_wrong_form_is_remarked_on(amounts: str):
    verdict = verify(signed(ec.SECP256R1(), process_data=amounts))
    assert verdict.valid
    assert verdict.remarks == ("the amounts do not have the form of Kassenbeleg-V1",)


def test_amounts_that_do_not_add_up_are_remarked_on():
    (remark,) = verify(signed(ec.SECP256R1(), process_data="Beleg^1.19_2.00_0.00_0.00_0.00^3.20:Bar")).remarks
    assert remark == "the sums by tax rate are 3.19, the payments 3.20"


@pytest.mark.parametrize(
    "amounts",
    [
        "Beleg^-1.19_0.00_0.00_0.00_0.00^-1.19:Bar",
        "AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^",
        "Beleg^3.19_0.00_0.00_0.00_0.00^1.00:Bar_2.19:Unbar",
        "Beleg^3.19_0.00_0.00_0.00_0.00^3.50:Bar:CHF",
    ],
)
def test_amounts_of_the_right_form_are_not_remarked_on(amounts: str):
    assert verify(signed(ec.SECP256R1(), process_data=amounts)).remarks == ()


GOOD = signed(ec.SECP256R1())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("V0;", "V1;", "version 'V1' is not known"),
        ("SHA256", "SHA1", "is not known"),
        ("unixTime", "sunTime", "time format 'sunTime' is not known"),
        (";4711;", ";04711;", "the transaction number '04711' is no number"),
        (";130;", ";-130;", "the signature counter '-130' is no number"),
        (";130;", f";{2**64};", "is no number"),
        ("09:30:05.000Z", "09:30:05Z", "is no time like"),
        ("09:30:05.000Z", "25:30:05.000Z", "is no moment of any day"),
        ("09:30:05.000Z", "09:30:05.250Z", "which unixTime cannot hold"),
        ("09:29:00.000Z", "09:31:00.000Z", "it ended before it started"),
        ("==", "", "is not base64"),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, reason: str):
    verdict = verify(GOOD.replace(old, new))
    assert not verdict.valid
    assert reason in verdict.reason


@pytest.mark.parametrize("year", ["1926", "3026"])
def test_a_year_of_another_century_is_no_year(year: str):
    code = signed(ec.SECP256R1(), time_format="utcTime").replace("2026-", f"{year}-")
    assert "is no moment that utcTime can hold" in verify(code).reason


def test_a_point_that_lies_on_no_curve_is_no_key():
    point = b"\x04" + bytes(range(64))
    verdict = verify(f"{GOOD.rpartition(';')[0]};{_base64(point)}")
    assert verdict.reason.startswith("the public key is neither")


def test_a_key_of_a_curve_that_no_tse_has_is_refused():
    key = ec.derive_private_key(5, ec.SECP256K1()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert "another curve" in verify(f"{GOOD.rpartition(';')[0]};{_base64(spki)}").reason


@given(st.text(max_size=400))
def test_any_text_gets_a_verdict(text: str):
    assert not verify(text).valid


@given(st.lists(st.text(alphabet=st.characters(exclude_characters=";")), min_size=FIELDS, max_size=FIELDS))
def test_any_twelve_fields_get_a_verdict(fields: list[str]):
    assert not verify(";".join(["V0", *fields[1:]])).valid


@given(st.integers(0, len(GOOD) - 1))
def test_every_beginning_of_a_code_is_no_code(length: int):
    assert not verify(GOOD[:length]).valid


def test_a_code_has_a_longest_length():
    assert verify("V0;" + "a" * 10_000).reason == "longer than 10000 characters"
