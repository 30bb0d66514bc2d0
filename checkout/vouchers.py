"""Vouchers for empties (Leergutbons): what a reverse-vending machine printed, worth its amount once.

Two forms. A plain slip is an EAN-13: prefix, the machine's running number, the amount in minor units, check
digit. GS1 keeps prefix 980 for refund receipts (GS1's list of prefixes) and leaves the other digits open;
for machines that print 20 to 29, the settings say so. Its numbers come again, and nothing in it is secret.
A sealed voucher carries a random id and a code that only who knows the chain's secret could make
(HMAC-SHA256, RFC 2104): no other store has the same one.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from biip.checksums import gs1_standard_check_digit

from checkout.errors import Refused

SEALED_PREFIX = "EMMAP1."
_SEALED = re.compile(r"EMMAP1\.(?P<amount>[1-9]\d{0,5})\.(?P<id>[A-Za-z0-9_-]{8,40})\.(?P<seal>[0-9a-f]{32})")
EAN_DIGITS = 13


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher. `sealed` ones are unique in the whole chain, others in their store."""

    id: str
    amount_minor: int
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class VoucherForms:
    """Which vouchers this shop takes. `prefix` "" takes no plain slips, `secret` b"" no sealed ones."""

    prefix: str = "980"
    amount_digits: int = 4
    amount_minor_max: int = 50_00
    secret: bytes = b""

    def read(self, text: str) -> Voucher | None:
        """What a scanned text is worth; None if it is no voucher at all.

        Raises Refused(voucher_not_valid) for a wrong seal, and for an amount of nothing or above the limit.
        """
        text = text.strip()
        if text.startswith(SEALED_PREFIX):
            voucher = self._unsealed(text)
        elif self.prefix and text.startswith(self.prefix) and _is_ean_13(text):
            voucher = Voucher(text, int(text[-1 - self.amount_digits : -1]))
        else:
            return None
        if not 0 < voucher.amount_minor <= self.amount_minor_max:
            raise Refused("voucher_not_valid")
        return voucher

    def sealed(self, id: str, amount_minor: int) -> str:
        """The text that a machine of ours prints. `id` is random, 8 to 40 letters and digits."""
        body = f"{SEALED_PREFIX}{amount_minor}.{id}"
        assert self.secret, "nobody can seal without a secret"
        return f"{body}.{self._seal(body)}"

    def _unsealed(self, text: str) -> Voucher:
        found = _SEALED.fullmatch(text)
        body = text.rpartition(".")[0]
        if found is None or not self.secret or not hmac.compare_digest(found["seal"], self._seal(body)):
            raise Refused("voucher_not_valid")
        return Voucher(found["id"], int(found["amount"]), sealed=True)

    def _seal(self, body: str) -> str:
        return hmac.digest(self.secret, body.encode(), "sha256").hex()[:32]


def _is_ean_13(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) == EAN_DIGITS
    return digits and gs1_standard_check_digit(text[:-1]) == int(text[-1])
