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
        "article_recalled",  # the maker or head office has called this batch back
        "length_needed",  # sold by length, and nobody has measured it
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
        "not_offered_here",  # no provider takes it on this lane
        "no_card_on_file",  # the shopper is not known here, or has left none
        "no_terminal",  # nobody on this lane could take the money
        "till_closed",
        "offer_gone",
        "amount_not_possible",  # no such sum of money
        "more_than_due",  # only cash may be more: it gives change
        "no_cash_here",  # this lane has no drawer
        "shop_pays_out",  # the total is negative: money goes the other way
        "shopper_pays",  # and here it does not
        "money_going_back",  # staff must first give a card's part back
        "gift_card_unreadable",
        "gift_card_unknown",
        "gift_card_not_sold",  # a blank card: nobody has paid for it yet
        "gift_card_sold",
        "gift_card_blocked",
        "gift_card_expired",
        "gift_card_empty",
        "gift_card_short",  # less on it than was asked of it
        "drawer_short",  # more than lies in it
        "count_first",  # whoever counts blindly is not told what should be there
        "payments_open",  # the day cannot be closed in the middle of a payment
        "day_just_closed",
        "no_points_here",  # this shopper has none that we may spend
        "points_too_few",  # fewer than can be spent at once
        "points_ask_again",  # the lease is over: show the code again
        "not_allowed",  # this clerk may not do that
        "empties_not_taken",  # no deposit on it, or a kind that this shop does not take back
        "empties_limit",  # more empties than are taken at once
        "empties_first",  # an empty's own number, scanned as if it were goods
        "voucher_used",  # handed in before, or lying in another basket
        "voucher_used_elsewhere",  # head office says so
        "voucher_not_valid",  # forged, or worth nothing or far too much
        "coupon_unknown",  # a coupon that this shop does not take
        "coupon_used",  # as often as it may be, or already in this basket
        "coupon_used_elsewhere",  # head office says so
        "paper_being_checked",  # head office still has a moment to answer
        "coupon_expired",  # not yet or no longer valid
        "coupons_full",  # more coupons than one basket may have
        "coupon_gone",
        "parking_gone",  # no parked basket has this code, or its time is over
        "parking_full",
        "phones_full",  # as many shoppers' phones as the shop has lanes for
        "phone_gone",  # this phone's visit is over
        "exit_not_paid",
        "exit_unknown",  # no code of ours for the gate
        "exit_used",
        "exit_over",  # its minutes are over
        "exit_elsewhere",  # no gate here
        "lane_taken",  # a basket with something in it is open there already
        "check_waiting",  # a colleague looks at the basket before it is paid
        "second_person_needed",  # above a limit, two people decide
        "receipt_unknown",
        "receipt_of_other_store",
        "receipt_needed",  # nobody can tell what was paid for it
        "not_returnable",  # gift cards, and what the shop sells for good
        "return_too_late",
        "returned_already",
        "override_reason_missing",
        "price_not_possible",  # above the price shown, or below nothing
        "age_check_waiting",  # a colleague has yet to look
        "not_sold_now",  # a sale-time ban
        "too_many_of_it",  # more than one basket may hold
        "tax_free_not_supported",
        "cabin_empty",  # nobody tries anything on there
        "garment_gone",  # it does not hang in the cabin (any more)
        "shopper_unknown",  # only for somebody who has said who they are
        "out_of_stock",
        "requests_full",  # staff bring so much at once
        "request_over",  # delivered, taken back, or its shopper has gone
        "request_taken",  # another colleague goes
    }
)
