"""The code for a SEPA credit transfer, and the reference by which the money is known again.

The code's text follows EPC069-12 ("Quick Response Code: Guidelines to Enable Data Capture for the
Initiation of a SEPA Credit Transfer"), version 002: twelve lines, UTF-8, at most 331 bytes, in a QR code
of error level M. The account is an IBAN (ISO 13616), its check digits and the reference's (ISO 11649) by
ISO 7064, modulo 97-10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hardware.errors import Garbled

CODE_BYTES_MAX = 331
NAME_CHARS_MAX = 70
REMITTANCE_CHARS_MAX = 140
AMOUNT_MINOR_MAX = 99_999_999_999
ID_CHARS_MAX = 20
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_AMOUNT = re.compile(r"EUR(0|[1-9]\d{0,8})(?:\.(\d{1,2}))?", re.ASCII)
_ID = re.compile(rf"[0-9a-z]{{1,{ID_CHARS_MAX}}}", re.ASCII)
_HEAD = re.compile(r"RF\d\d(?=([0-9A-Z]))", re.ASCII)
_IBAN_CHARS = {"DE": 22, "AT": 20, "FR": 27, "NL": 18, "BE": 16}
"""How long an IBAN is, in countries whose shops are likely to have one (ISO 13616 registry)."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who is to get how much, and what to write on it. Raises ValueError for what no bank would take."""

    name: str
    iban: str
    amount_minor: int
    remittance: str
    bic: str = ""

    def __post_init__(self) -> None:
        if not is_iban(self.iban):
            raise ValueError("this is no IBAN")
        if self.bic and not _BIC.fullmatch(self.bic):
            raise ValueError("this is no BIC")
        if not 0 < self.amount_minor <= AMOUNT_MINOR_MAX:
            raise ValueError(f"not an amount: {self.amount_minor}")
        for text, chars_max in ((self.name, NAME_CHARS_MAX), (self.remittance, REMITTANCE_CHARS_MAX)):
            if not 0 < len(text) <= chars_max or not text.isprintable():
                raise ValueError("a name or a remittance is empty, too long or not on one line")


def is_iban(text: str) -> bool:
    """Whether an IBAN without spaces has the right length and check digits."""
    if not _IBAN.fullmatch(text) or len(text) != _IBAN_CHARS.get(text[:2], len(text)):
        return False
    return _modulo_97(text[4:] + text[:4]) == 1


def write_code(transfer: Transfer) -> str:
    """The text of the code. Raises ValueError where it is too long for one."""
    amount = f"EUR{transfer.amount_minor // 100}.{transfer.amount_minor % 100:02}"
    lines = ("BCD", "002", "1", "SCT", transfer.bic, transfer.name, transfer.iban, amount,
             "", "", transfer.remittance)  # fmt: skip
    text = "\n".join(lines)
    if len(text.encode()) > CODE_BYTES_MAX:
        raise ValueError(f"a code holds at most {CODE_BYTES_MAX} bytes")
    return text


def read_code(text: str) -> Transfer:
    """What a bank app reads in a code. Raises Garbled for one that it would refuse."""
    if len(text.encode("utf-8", "replace")) > CODE_BYTES_MAX:
        raise Garbled("a payment code is too long", CODE_BYTES_MAX)
    lines = text.replace("\r\n", "\n").split("\n")
    if not 8 <= len(lines) <= 12 or lines[0] != "BCD" or lines[1] not in ("001", "002") or lines[3] != "SCT":
        raise Garbled("this is no payment code")
    lines += [""] * (12 - len(lines))
    amount = _AMOUNT.fullmatch(lines[7])
    if amount is None or lines[2] != "1" or (lines[1] == "001" and not lines[4]):
        raise Garbled("a payment code lacks what a bank needs")
    minor = int(amount[1]) * 100 + int((amount[2] or "").ljust(2, "0"))
    try:
        return Transfer(lines[5], lines[6], minor, lines[9] or lines[10], lines[4])
    except ValueError as wrong:
        raise Garbled(f"a payment code is wrong: {wrong}") from None


def reference_of(id: str) -> str:
    """The creditor reference (ISO 11649) of a charge: RF, check digits, how long its id is, the id.

    Raises ValueError for an id that is too long or has other signs than a to z and digits.
    """
    if not _ID.fullmatch(id):
        raise ValueError("no reference can be made of such an id")
    body = SIGNS[len(id)] + id.upper()
    return f"RF{98 - _modulo_97(body + 'RF00'):02}{body}"


def ids_in(remittance: str) -> tuple[str, ...]:
    """The ids of our references in what somebody wrote on a transfer, spaces or not; wrong digits are none.

    The id's length stands in the reference, so that what follows it is not taken for a part of it.
    """
    dense = re.sub(r"\s", "", remittance).upper()
    found = []
    for match in _HEAD.finditer(dense):
        body = dense[match.start() + 4 : match.start() + 5 + SIGNS.index(match[1])]
        id = body[1:].lower()
        if _ID.fullmatch(id) and reference_of(id) == f"RF{match[0][2:4]}{body}":
            found.append(id)
    return tuple(dict.fromkeys(found))


def _modulo_97(text: str) -> int:
    """Letters count from A = 10."""
    return int("".join(str(int(sign, 36)) for sign in text)) % 97
