"""What the shop says when it cannot do what was asked: short, with a way on, never blame.

One text and one hint for every reason in `checkout.errors.REASONS`, in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext

from checkout.errors import Refused


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, and what to do about it ("" where there is nothing to do)."""

    text: str
    hint: str = ""


_NEW_TOKEN = lazy_gettext("Please show a new code from your account.")
_WORDS = {
    "code_unknown": (
        lazy_gettext("We do not know this article yet."),
        lazy_gettext("Please put it aside, or ask for help."),
    ),
    "code_unreadable": (
        lazy_gettext("We did not catch that."),
        lazy_gettext("Please turn the code towards the glass."),
    ),
    "label_damaged": (
        lazy_gettext("This needs a readable label from the scale."),
        lazy_gettext("Please weigh it, then scan the label."),
    ),
    "tag_unknown": (
        lazy_gettext("One of the tags is not from this shop."),
        lazy_gettext("Nothing was charged for it."),
    ),
    "tag_in_other_basket": (
        lazy_gettext("One piece lies in another basket already."),
        lazy_gettext("Please leave it out, or ask for help."),
    ),
    "tag_sold": (
        lazy_gettext("One piece has been paid for already."),
        lazy_gettext("Nothing was charged for it."),
    ),
    "article_expired": (
        lazy_gettext("The date on this article has passed."),
        lazy_gettext("Please take a fresh one and leave this one with us."),
    ),
    "basket_full": (
        lazy_gettext("This basket is full."),
        lazy_gettext("Please pay, then go on with a new one."),
    ),
    "basket_empty": (
        lazy_gettext("Your basket is still empty."),
        lazy_gettext("Put your things down, or scan the first one."),
    ),
    "basket_being_paid": (
        lazy_gettext("Your basket is being paid for just now."),
        lazy_gettext("To change something, please stop the payment first."),
    ),
    "line_gone": (
        lazy_gettext("This line is no longer there."),
        lazy_gettext("The basket shows how it is now."),
    ),
    "quantity_not_possible": (
        lazy_gettext("That number of pieces is not possible."),
        lazy_gettext("The basket is as it was."),
    ),
    "nothing_to_cancel": (lazy_gettext("There is nothing to cancel."), ""),
    "token_unreadable": (lazy_gettext("We could not read this code."), _NEW_TOKEN),
    "token_forged": (lazy_gettext("This code is not valid here."), _NEW_TOKEN),
    "token_expired": (lazy_gettext("This code has run out."), _NEW_TOKEN),
    "token_used": (lazy_gettext("This code was used before."), _NEW_TOKEN),
    "shopper_already_known": (lazy_gettext("You are signed in already."), ""),
    "payment_not_open": (lazy_gettext("This payment is finished already."), ""),
    "no_terminal": (
        lazy_gettext("This till takes no cards."),
        lazy_gettext("Please use another one, or ask for help."),
    ),
    "till_closed": (
        lazy_gettext("This till is closed just now."),
        lazy_gettext("Please use another one, or ask for help."),
    ),
    "offer_gone": (lazy_gettext("This offer is no longer there."), ""),
}


def words_for(reason: str) -> Words:
    """Text and hint for one of `checkout.errors.REASONS`. Raises KeyError for any other word."""
    text, hint = _WORDS[reason]
    return Words(str(text), str(hint))


def sentence(refused: Refused) -> str:
    """What to say about a refusal, in the reader's language: one text, with its hint where it has one."""
    words = words_for(refused.reason)
    return f"{words.text} {words.hint}".rstrip()
