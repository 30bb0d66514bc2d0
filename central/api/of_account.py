"""What every address below `/accounts/{account}` does alike: say no properly, and show an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import sqlalchemy as sa

from central.api import bodies
from central.api.problems import No
from central.api.route import Call
from central.clock import from_ms
from central.profiles import consent
from central.profiles.card import card_of
from central.profiles.consent import Answer
from central.profiles.profile import AccountErased, AccountUnknown, read_profile
from central.profiles.seal import PersonKey

Given = TypeVar("Given")
NO_ACCOUNT = ("account-unknown", "account-erased")
_ACCOUNT = re.compile(r"[0-9a-f]{32}")


def of_account(answer: Callable[[Call], Given]) -> Callable[[Call], Given]:
    """Say no properly where the account of the path is not there."""

    @wraps(answer)
    def checked(call: Call) -> Given:
        if not _ACCOUNT.fullmatch(call.where["account"]):
            raise No("account-unknown")
        try:
            return answer(call)
        except AccountUnknown as error:
            raise No("account-unknown") from error
        except AccountErased as error:
            raise No("account-erased") from error

    return checked


def account_shown(connection: sa.Connection, key: PersonKey) -> bodies.Account:
    """What is stored about a customer."""
    profile = read_profile(connection, key)
    agreed = consent.granted(connection, key.account)
    card = card_of(connection, key)
    return bodies.Account(
        profile.account,
        profile.nickname,
        profile.language,
        from_ms(profile.created_ms),
        bodies.Consents(**{purpose: purpose in agreed for purpose in consent.PURPOSES}),
        [proof_shown(answer) for answer in consent.answers(connection, key.account)],
        profile.restricted_ms is not None,
        card.label if card else None,
    )


def proof_shown(answer: Answer) -> bodies.ConsentProof:
    """One answer with its proof."""
    at = from_ms(answer.at_ms)
    return bodies.ConsentProof(
        answer.purpose, answer.granted, answer.text_version, answer.place, at, answer.channel
    )
