"""Kinds of identifier: what proves that one is somebody's, how it is spelled, how many one person may have.

What an identifier says is never kept, only a keyed hash of it (HMAC-SHA-256, cut to 128 bits): the same
value finds the same node, and without head office's key a list of all telephone numbers finds none.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

ACCOUNT = "account"
VALUE_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """`each_max`: with more of them than that, none counts until a person has looked.

    A `passive` kind is left behind without being asked for, so it leads to somebody only with their consent
    to `journey`. A link to it is forgotten after `keep_d` days (0: it stays until it is revoked).
    """

    proofs: frozenset[str]
    each_max: int
    passive: bool = False
    keep_d: int = 0


def _kind(*proofs: str, each_max: int, passive: bool = False, keep_d: int = 0) -> Kind:
    return Kind(frozenset(proofs), each_max, passive, keep_d)


BOTH_KEYS = "both_keys"
BY_STAFF = "by_staff"

KINDS: dict[str, Kind] = {
    ACCOUNT: _kind(BOTH_KEYS, BY_STAFF, each_max=8),
    "app": _kind("signed_in", each_max=20, passive=True, keep_d=400),
    "cookie": _kind("signed_in", each_max=200, passive=True, keep_d=180),
    "device": _kind("signed_in", each_max=20, passive=True, keep_d=400),
    "email": _kind("code_confirmed", BY_STAFF, each_max=10),
    "loyalty_card": _kind("card_shown", BY_STAFF, each_max=10),
    "order_number": _kind("ordered", BY_STAFF, each_max=1_000),
    "passkey": _kind("signed_in", each_max=20),
    "payment_token": _kind("paid", each_max=20, passive=True, keep_d=400),
    "phone": _kind("code_confirmed", BY_STAFF, each_max=10),
}
PROOFS = frozenset[str]().union(*(kind.proofs for kind in KINDS.values()))
"""`both_keys`: the sign-in keys of two accounts; `card_shown`: card and code at one visit; and so on."""


class IdentifierWrong(Exception):
    """The value is no identifier of its kind; the message says why without the value."""


def node_of(kind: str, value: str, secret: bytes) -> str:
    """The node of an identifier: `kind:<32 hex digits>`. Raises `IdentifierWrong`."""
    told = _spelled(kind, value)
    return f"{kind}:{hmac.digest(secret, f'{kind}:{told}'.encode(), 'sha256')[:16].hex()}"


def account_node(key_id: str) -> str:
    """The node of an account, by its person's key id."""
    return f"{ACCOUNT}:{key_id}"


def key_id_of(node: str) -> str:
    """The key id in an account's node."""
    return node.partition(":")[2]


def kind_of(node: str) -> str:
    """The kind of identifier that a node is."""
    return node.partition(":")[0]


def is_account(node: str) -> bool:
    """Whether a node is an account."""
    return kind_of(node) == ACCOUNT


_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,185}")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164


def _spelled(kind: str, value: str) -> str:
    """One spelling for what people write in several."""
    if len(value) > VALUE_CHARS_MAX:
        raise IdentifierWrong("too long")
    match kind:
        case "email":
            told = value.strip().casefold()
            if not _EMAIL.fullmatch(told):
                raise IdentifierWrong("an e-mail address has a name, an @ and a domain")
        case "phone":
            told = re.sub(r"[\s()/.-]", "", value)
            told = "+" + told[2:] if told.startswith("00") else told
            if not _PHONE.fullmatch(told):
                raise IdentifierWrong("a telephone number begins with + and the country's number")
        case "loyalty_card" | "order_number":
            told = re.sub(r"\s", "", value).upper()
        case _:
            told = value.strip()
    if not told:
        raise IdentifierWrong("empty")
    return told
