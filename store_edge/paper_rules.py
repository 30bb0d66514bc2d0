"""What `store.toml` says about deposit, vouchers and coupons, as the rules that the counter keeps.

Raises BadSettings, naming the table with what is wrong and the nearest valid word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from biip.checksums import gs1_standard_check_digit

from checkout.coupons import Coupon, Coupons, euro_amount_minor
from checkout.deposit import GERMANY, DepositKind, DepositKinds, EmptiesLimits, EmptiesRules
from checkout.tax import GERMANY as TAX_CLASSES
from checkout.vouchers import VoucherForms
from store_edge.paper_settings import CouponSettings, DepositSettings
from store_edge.settings import BadSettings, Settings

NUMBER_CHARS_MAX = 64
SECRET_BYTES_MIN = 16
_NOT_SOUND = "it must be 13 digits, and the last one fit the others"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,50}")


def empties_rules(settings: Settings, environ: Mapping[str, str] = os.environ) -> EmptiesRules:
    """What this shop takes back, and how much of it."""
    said = settings.empties
    limits = EmptiesLimits(said.pieces_max, said.minor_max, said.unattended_minor_max)
    prefix, digits = said.voucher_prefix, said.voucher_amount_digits
    if prefix and not (prefix.isdigit() and 2 <= len(prefix) <= 5 and 3 <= digits <= 11 - len(prefix)):
        raise BadSettings(f"empties.voucher_prefix {prefix!r} with {digits} digits makes no 13 digits")
    secret = _secret(said.secret_file, environ)
    return EmptiesRules(
        deposit_kinds(settings), limits, VoucherForms(prefix, digits, said.voucher_minor_max, secret)
    )


def _secret(file: str, environ: Mapping[str, str]) -> bytes:
    text = environ.get("EMMA_VOUCHER_SECRET", "")
    if not text and file:
        try:
            text = Path(file).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise BadSettings("empties.secret_file cannot be read") from None
    secret = text.strip().encode()
    if secret and len(secret) < SECRET_BYTES_MIN:
        raise BadSettings(f"the secret for sealed vouchers is shorter than {SECRET_BYTES_MIN} characters")
    return secret


def deposit_kinds(settings: Settings) -> DepositKinds:
    """The usual kinds with what this shop changed, and its own."""
    kinds = {kind.id: kind for kind in GERMANY}
    for id, said in settings.deposit.items():
        kinds[id] = _kind(id, said, kinds.get(id))
    try:
        return DepositKinds(kinds.values())
    except ValueError as error:
        raise BadSettings(f"deposit: {error}") from None


def _kind(id: str, said: DepositSettings, usual: DepositKind | None) -> DepositKind:
    unsaid = DepositSettings()
    facts = {one.name: getattr(said, one.name) for one in fields(said)}
    changed = {name: value for name, value in facts.items() if value != getattr(unsaid, name)}
    if said.vat not in TAX_CLASSES:
        raise BadSettings(f"deposit.{id}: {_nearest('tax class', said.vat, TAX_CLASSES)}")
    if any(type(many) is not int or many < 1 for many in said.contains.values()):
        raise BadSettings(f"deposit.{id}: contains says how many of each kind, in whole numbers")
    if usual is not None:
        return replace(usual, **changed)
    if not said.gtin or not said.name:
        near = _nearest("usual kind", id, [kind.id for kind in GERMANY])
        raise BadSettings(f"deposit.{id}: a new kind needs a gtin and a name; {near}")
    if not _is_sound(said.gtin):
        raise BadSettings(f"deposit.{id}: gtin {said.gtin!r}: {_NOT_SOUND}")
    return DepositKind(id, **changed)


def coupons_taken(settings: Settings) -> Coupons:
    """The coupons of `store.toml`."""
    numbers: dict[str, str] = {}
    for name, said in settings.coupons.items():
        problem = _what_is_wrong(name, said, settings)
        if not problem and said.number in numbers:
            problem = f"number {said.number!r} is taken by coupons.{numbers[said.number]}"
        if problem:
            raise BadSettings(f"coupons.{name}: {problem}")
        numbers[said.number] = name
    return Coupons(_coupon(name, said) for name, said in settings.coupons.items())


def _coupon(name: str, said: CouponSettings) -> Coupon:
    facts = {one.name: getattr(said, one.name) for one in fields(said) if one.name != "name"}
    coupon = Coupon(name, called=said.name, **facts)
    if coupon.amount_minor or coupon.percent or coupon.promotion:
        return coupon
    return replace(coupon, amount_minor=euro_amount_minor(coupon.number))


def _what_is_wrong(name: str, said: CouponSettings, settings: Settings) -> str:
    """A sentence about a coupon that makes no sense, "" if it does."""
    if not _NAME.fullmatch(name):
        return "a name has letters, digits, '.', '-' and '_' only"
    if not 0 < len(said.number) <= NUMBER_CHARS_MAX or said.number != said.number.strip():
        return f"a number has 1 to {NUMBER_CHARS_MAX} characters, and no space around it"
    if said.number.isdigit() and not _is_sound(said.number):
        return f"number {said.number!r}: {_NOT_SOUND}"
    gives = [bool(said.amount_minor), bool(said.percent), bool(said.promotion)]
    if sum(gives) > 1 or not (any(gives) or (said.number.isdigit() and euro_amount_minor(said.number))):
        return "it needs one of amount_minor, percent and promotion"
    if said.percent > 100:
        return "more than 100 percent"
    if said.promotion and said.promotion not in settings.promotions:
        return _nearest("promotion", said.promotion, settings.promotions)
    if said.first_day and said.last_day and said.first_day > said.last_day:
        return "it ends before it begins"
    return ""


def _is_sound(number: str) -> bool:
    digits = number.isascii() and number.isdigit() and len(number) == 13
    return digits and gs1_standard_check_digit(number[:-1]) == int(number[-1])


def _nearest(what: str, word: str, known: Any) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.0)
    return f"there is no {what} {word!r}" + (f"; did you mean {near[0]!r}?" if near else "")
