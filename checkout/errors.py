"""How the counter says no."""

from __future__ import annotations


class Refused(Exception):
    """The shop cannot do what was asked; the basket is as it was.

    `reason` is one of `REASONS`; the screens hold a sentence in every language
    for each. `facts` fill that sentence's gaps (an article's GTIN, a limit).
    """

    def __init__(self, reason: str, **facts: object) -> None:
        assert reason in REASONS, reason
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


REASONS = frozenset(
    {
        "code_unknown",  # a sound code that no article of this store has
        "code_unreadable",  # check digit wrong, too long, or no code of ours
        "label_damaged",  # a weight or price label whose inner check digit fails
        "tag_unknown",  # an EPC that is no article of this store
        "tag_in_other_basket",
        "tag_sold",
        "article_expired",
        "basket_full",
        "basket_empty",
        "basket_being_paid",
        "line_gone",
        "quantity_not_possible",
        "nothing_to_cancel",
        "token_unreadable",
        "token_forged",
        "token_expired",
        "token_used",
        "shopper_already_known",
        "payment_not_open",
        "no_terminal",  # nobody on this lane could take the money
        "till_closed",
        "offer_gone",
    }
)
