"""What a customer may allow, in the very words that they agree to; the words have a version.

Change a word here or in a translation, and VERSION must change with it (a test holds the words' digest):
head office keeps with each answer which words it was given to (GDPR Art. 7(1)).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

VERSION = "account-3"
PURPOSES = ("history", "personalisation", "loyalty", "journey")
PRIVACY_CONTROL_COVERS = "journey"
"""The purpose that a browser's Global Privacy Control says no to."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One switch: its name at head office, its label, and what it does."""

    name: str
    label: str
    text: str


def purposes() -> tuple[Purpose, ...]:
    """Every purpose in the reader's language."""
    return (
        Purpose(
            "history",
            _("Remember what I buy"),
            _(
                "We look at the receipts where you showed your code: you find them in your account, and we "
                "count what you usually take. Off: we look at none of them."
            ),
        ),
        Purpose(
            "personalisation",
            _("Make it personal"),
            _(
                "When you show your code, we greet you by your nickname. If we may also remember what you "
                "buy, we show what you usually take and make you one offer, with its reason. Off: you are a "
                "guest like everybody else."
            ),
        ),
        Purpose(
            "loyalty",
            _("Collect points"),
            _(
                "For every full euro on a receipt where you showed your code you get a point, and points pay "
                "at the till. For that we count those receipts, and use them for nothing else. Off: we count "
                "none, and your points rest until you switch it on again; they expire all the same."
            ),
        ),
        Purpose(
            "journey",
            _("Put together what is mine"),
            _(
                "We keep what you do in different places together as one journey: on a device where you are "
                "signed in, and in the shop before you have shown your code. It needs “Remember what I buy”. "
                "Off: each visit begins with your code, and no device leads to you."
            ),
        ),
    )


def text_version(language: str) -> str:
    """The version of the words as they were read: "account-1.de"."""
    return f"{VERSION}.{language}"
