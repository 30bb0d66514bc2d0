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
_ANOTHER_WAY = lazy_gettext("Please pay in another way, or ask for help.")
_AS_IT_WAS = lazy_gettext("The basket is as it was.")
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
    "article_recalled": (
        lazy_gettext("The maker has called this article back."),
        lazy_gettext("Please leave it with us; it is not for sale."),
    ),
    "length_needed": (
        lazy_gettext("This is sold by length."),
        lazy_gettext("Please ask us to measure it for you."),
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
        _AS_IT_WAS,
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
    "not_offered_here": (
        lazy_gettext("This till does not take that."),
        _ANOTHER_WAY,
    ),
    "no_card_on_file": (
        lazy_gettext("We have no saved card of yours here."),
        _ANOTHER_WAY,
    ),
    "till_closed": (
        lazy_gettext("This till is closed just now."),
        lazy_gettext("Please use another one, or ask for help."),
    ),
    "offer_gone": (lazy_gettext("This offer is no longer there."), ""),
    "receipt_unknown": (
        lazy_gettext("We do not find this receipt here."),
        lazy_gettext("Please look at its number once more."),
    ),
    "receipt_of_other_store": (
        lazy_gettext("This receipt is from another of our stores."),
        lazy_gettext("What was bought there can be brought back there."),
    ),
    "receipt_needed": (
        lazy_gettext("This can only be brought back with its receipt."),
        lazy_gettext("The digital receipt will do, too."),
    ),
    "not_returnable": (
        lazy_gettext("This cannot be brought back."),
        lazy_gettext("If it does not do what it should, please tell us."),
    ),
    "return_too_late": (
        lazy_gettext("The time for bringing this back has passed."),
        lazy_gettext("If it does not do what it should, please tell us."),
    ),
    "returned_already": (lazy_gettext("This has been brought back already."), ""),
    "amount_not_possible": (lazy_gettext("That amount is not possible."), _AS_IT_WAS),
    "more_than_due": (
        lazy_gettext("That is more than there is to pay."),
        lazy_gettext("Only cash may be more: it gives change."),
    ),
    "no_cash_here": (
        lazy_gettext("This till takes no cash."),
        lazy_gettext("Please pay by card, or at a till with a colleague."),
    ),
    "shop_pays_out": (
        lazy_gettext("We owe you money here, and this till cannot pay it out."),
        lazy_gettext("A colleague is coming."),
    ),
    "shopper_pays": (lazy_gettext("There is nothing to pay out here."), _AS_IT_WAS),
    "money_going_back": (
        lazy_gettext("You are getting money back on your card first."),
        lazy_gettext("A colleague is coming."),
    ),
    "gift_card_unreadable": (
        lazy_gettext("We could not read this gift card."),
        lazy_gettext("Please try again, or type its number."),
    ),
    "gift_card_unknown": (lazy_gettext("This gift card is not from this shop."), _ANOTHER_WAY),
    "gift_card_not_sold": (
        lazy_gettext("Nothing has been put on this gift card yet."),
        _ANOTHER_WAY,
    ),
    "gift_card_sold": (
        lazy_gettext("This gift card is in use already."),
        lazy_gettext("Please take a fresh one."),
    ),
    "gift_card_blocked": (
        lazy_gettext("This gift card is blocked."),
        lazy_gettext("Please ask for help; what is on it is not lost."),
    ),
    "gift_card_expired": (lazy_gettext("The date on this gift card has passed."), _ANOTHER_WAY),
    "gift_card_empty": (lazy_gettext("There is nothing left on this gift card."), _ANOTHER_WAY),
    "gift_card_short": (lazy_gettext("There is less than that on this gift card."), _ANOTHER_WAY),
    "drawer_short": (
        lazy_gettext("There is not enough in the drawer."),
        lazy_gettext("Please put change in first."),
    ),
    "count_first": (
        lazy_gettext("Here the drawer is counted first."),
        lazy_gettext("What should be in it is shown after the count."),
    ),
    "payments_open": (
        lazy_gettext("A basket is being paid for just now."),
        lazy_gettext("Please finish that payment, then close the day."),
    ),
    "day_just_closed": (lazy_gettext("The day was closed in this very moment."), ""),
    "empties_not_taken": (
        lazy_gettext("We cannot take this back."),
        lazy_gettext("There is no deposit on it here. Please ask a colleague if you think there is."),
    ),
    "empties_limit": (
        lazy_gettext("That is more than this till may take back."),
        lazy_gettext("Please bring the rest to a colleague."),
    ),
    "empties_first": (
        lazy_gettext("This is an empty to hand back."),
        lazy_gettext("Please choose “Hand back empties” first."),
    ),
    "voucher_used": (
        lazy_gettext("This voucher has been handed in already."),
        lazy_gettext("Please ask a colleague if you think it has not."),
    ),
    "voucher_not_valid": (
        lazy_gettext("We cannot take this voucher."),
        lazy_gettext("Please show it to a colleague."),
    ),
    "coupon_unknown": (
        lazy_gettext("We do not take this coupon here."),
        lazy_gettext("Everything else is as it was."),
    ),
    "coupon_used": (
        lazy_gettext("This coupon has been handed in already."),
        lazy_gettext("It counts once. Everything else is as it was."),
    ),
    "coupon_used_elsewhere": (
        lazy_gettext("This coupon was already used."),
        lazy_gettext("It counts once in all our stores. Everything else is as it was."),
    ),
    "voucher_used_elsewhere": (
        lazy_gettext("This voucher was already used."),
        lazy_gettext("Please ask a colleague if you think it was not."),
    ),
    "paper_being_checked": (
        lazy_gettext("One moment: we are checking your coupon or voucher."),
        lazy_gettext("Please try again right away."),
    ),
    "coupon_expired": (
        lazy_gettext("This coupon is not valid today."),
        lazy_gettext("Please look at the dates printed on it."),
    ),
    "coupons_full": (
        lazy_gettext("That is as many coupons as one basket can have."),
        lazy_gettext("Please keep the others for the next time."),
    ),
    "coupon_gone": (lazy_gettext("This coupon is no longer in your basket."), ""),
    "no_points_here": (
        lazy_gettext("There are no points to pay with."),
        lazy_gettext("Show your code first, or pay another way."),
    ),
    "points_too_few": (
        lazy_gettext("Those are too few points to pay with."),
        lazy_gettext("They stay yours; please pay another way."),
    ),
    "points_ask_again": (lazy_gettext("Your points have to be looked up again."), _NEW_TOKEN),
    "parking_gone": (
        lazy_gettext("No basket is waiting under this code."),
        lazy_gettext("Please scan your things, or ask for help."),
    ),
    "parking_full": (
        lazy_gettext("No more baskets can be put aside just now."),
        lazy_gettext("Please pay here, or ask for help."),
    ),
    "phones_full": (
        lazy_gettext("So many phones are scanning just now that there is no room for one more."),
        lazy_gettext("Please try again in a few minutes, or use a till."),
    ),
    "phone_gone": (
        lazy_gettext("This visit is over."),
        lazy_gettext("Just start again."),
    ),
    "exit_not_paid": (
        lazy_gettext("This basket is not paid yet."),
        lazy_gettext("Please pay first; then there is a code for the gate."),
    ),
    "exit_unknown": (
        lazy_gettext("The gate does not know this code."),
        lazy_gettext("Please show the newest code on your phone, or ask for help."),
    ),
    "exit_used": (
        lazy_gettext("This code has opened the gate once already."),
        lazy_gettext("If you are still inside, please ask for help."),
    ),
    "exit_over": (
        lazy_gettext("The time of this code is over."),
        lazy_gettext("Your phone shows you a new one."),
    ),
    "exit_elsewhere": (
        lazy_gettext("There is no gate here."),
        lazy_gettext("Please hold the code before the scanner at the exit."),
    ),
    "lane_taken": (
        lazy_gettext("There is a basket on this till already."),
        lazy_gettext("Please pay for it first, or take another till."),
    ),
    "check_waiting": (
        lazy_gettext("A colleague will be right with you."),
        lazy_gettext("After that you can pay. Nothing is lost."),
    ),
    "not_allowed": (lazy_gettext("That is not among your rights."), lazy_gettext("Please ask a colleague.")),
    "second_person_needed": (
        lazy_gettext("This takes two people."),
        lazy_gettext("Please let a colleague who may approve it sign in as well."),
    ),
    "override_reason_missing": (
        lazy_gettext("A price is not changed without a reason."),
        lazy_gettext("Please choose one from the list."),
    ),
    "price_not_possible": (
        lazy_gettext("That price is not possible."),
        lazy_gettext("It must be below the price that was shown."),
    ),
    "age_check_waiting": (
        lazy_gettext("A colleague is on the way for a quick look, because of the age limit."),
        lazy_gettext("You can go on meanwhile; then you can pay."),
    ),
    "not_sold_now": (
        lazy_gettext("We may not sell this at this hour."),
        lazy_gettext("Please leave it with us for now."),
    ),
    "too_many_of_it": (
        lazy_gettext("That is as many of this as one basket may hold."),
        lazy_gettext("So that there is enough for everybody. The basket is as it was."),
    ),
    "tax_free_not_supported": (
        lazy_gettext("We cannot sell tax-free for export."),
        lazy_gettext("The price includes VAT."),
    ),
    "cabin_empty": (
        lazy_gettext("This cabin is free."),
        lazy_gettext("Hang up what you would like to try on."),
    ),
    "garment_gone": (lazy_gettext("This piece is no longer in the cabin."), ""),
    "shopper_unknown": (
        lazy_gettext("We do not know yet for whom to keep it."),
        lazy_gettext("Please sign in with your phone first."),
    ),
    "out_of_stock": (
        lazy_gettext("This one is not in the shop just now."),
        lazy_gettext("Another size or colour may be here."),
    ),
    "requests_full": (
        lazy_gettext("We are bringing you several things already."),
        lazy_gettext("Please wait for one of them first."),
    ),
    "request_over": (lazy_gettext("Nobody waits for this any more."), ""),
    "request_taken": (lazy_gettext("A colleague is going for it already."), ""),
}


def words_for(reason: str) -> Words:
    """Text and hint for one of `checkout.errors.REASONS`. Raises KeyError for any other word."""
    text, hint = _WORDS[reason]
    return Words(str(text), str(hint))


def sentence(refused: Refused) -> str:
    """What to say about a refusal, in the reader's language: one text, with its hint where it has one."""
    words = words_for(refused.reason)
    return f"{words.text} {words.hint}".rstrip()
