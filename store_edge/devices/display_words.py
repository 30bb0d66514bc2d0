"""The few words on a customer display: a language a row, at most twenty characters each."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "welcome": "Willkommen",
        "total": "Summe",
        "to_pay": "Zu zahlen",
        "paid": "Bezahlt",
        "thanks": "Danke!",
    },
    "en": {
        "welcome": "Welcome",
        "total": "Total",
        "to_pay": "To pay",
        "paid": "Paid",
        "thanks": "Thank you!",
    },
}
