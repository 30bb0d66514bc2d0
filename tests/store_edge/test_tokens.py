"""One-time tokens, checked without the network: good ones give their id, all others a reason."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from store_edge.tokens import CLOCK_SLACK_S, TOKEN_CHARS_MAX, TokenGate
from tests.conftest import answer_or_reason, refuses

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
EXP = int(NOW.timestamp())
JTI = "0123456789abcdef0123456789abcdef"
OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
GATE = TokenGate(lambda: {"k1": OFFICE.public_key().public_bytes_raw(), "bad": b"short"}, lambda: NOW)


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def token(signer=OFFICE, prefix="EMMA1", payload=None, **changed):
    facts = {"jti": JTI, "exp": EXP + 300, "kid": "k1"} | changed
    raw = json.dumps(facts).encode() if payload is None else payload
    signed = f"{prefix}.{base64url(raw)}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def test_a_good_token_gives_its_id():
    assert GATE(token()) == JTI


def test_facts_that_head_office_may_add_one_day_do_no_harm():
    assert GATE(token(new="fact")) == JTI


@pytest.mark.parametrize(
    ("exp", "good"), [(EXP, True), (EXP - CLOCK_SLACK_S, True), (EXP - CLOCK_SLACK_S - 1, False)]
)
def test_a_token_ends_with_a_little_slack_for_the_clock(exp, good):
    if good:
        assert GATE(token(exp=exp)) == JTI
    else:
        refuses("token_expired", lambda: GATE(token(exp=exp)))


@pytest.mark.parametrize(
    "forged",
    [
        token(signer=STRANGER),
        token(kid="k2"),
        token(kid="bad"),
        token(prefix="EMMA2").replace("EMMA2", "EMMA1"),
        token(exp=EXP - 9999, signer=STRANGER),
        token().rpartition(".")[0] + "." + base64url(b"\0" * 64),
        token().rpartition(".")[0] + ".",
        token().rpartition(".")[0] + "." + base64url(b"\0" * 10),
        "EMMÄ1." + token().partition(".")[2],
    ],
)
def test_a_token_that_head_office_did_not_sign_is_forged(forged):
    refuses("token_forged", lambda: GATE(forged))


def test_a_token_with_a_changed_fact_is_forged():
    _, _, signature = token().split(".")
    later = json.dumps({"jti": JTI, "exp": EXP + 99_999, "kid": "k1"}).encode()
    refuses("token_forged", lambda: GATE(f"EMMA1.{base64url(later)}.{signature}"))


@pytest.mark.parametrize(
    "garbage",
    [
        "EMMA1.",
        "EMMA1.a.b.c",
        "EMMA1.!!!.AAAA",
        "EMMA1.AAAA.!!!",
        "EMMA1.Ä.Ö",
        token(payload=b"no json"),
        token(payload=b"[]"),
        token(payload=b"\xff"),
        token(jti=5),
        token(exp="soon"),
        token(exp=None),
        token(new="x" * TOKEN_CHARS_MAX),
    ],
)
def test_what_is_no_token_is_unreadable(garbage):
    refuses("token_unreadable", lambda: GATE(garbage))


def test_keys_that_head_office_published_meanwhile_count_at_once():
    keys = {}
    gate = TokenGate(lambda: keys, lambda: NOW)
    refuses("token_forged", lambda: gate(token()))
    keys["k1"] = OFFICE.public_key().public_bytes_raw()
    assert gate(token()) == JTI


@given(st.one_of(st.text(), st.text().map("EMMA1.{}".format), st.text().map("EMMA1.e30.{}".format)))
@example("\ud800.\ud800.\ud800")
def test_any_text_is_refused_in_words(text):
    shopper, reason = answer_or_reason(lambda: GATE(text))
    assert shopper is None
    assert reason in {"token_unreadable", "token_forged"}


@given(st.integers(0, len(token()) - 1), st.characters(codec="ascii"))
def test_one_changed_character_never_makes_another_shopper(place, character):
    good = token()
    changed = good[:place] + character + good[place + 1 :]
    shopper, reason = answer_or_reason(lambda: GATE(changed))
    assert shopper == JTI or reason in {"token_unreadable", "token_forged"}
