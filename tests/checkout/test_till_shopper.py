"""The shopper who says who they are: one visit, one token, one offer, and nothing left afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkout import events
from checkout.basket import Reduction
from checkout.shopper import Membership, PersonalOffer, VisitCard
from tests.conftest import refuses


def identify(shop, token="anna", lane="1", **more):
    return shop.till.scan(lane, f"EMMA1.{token}", how="camera", **more)


def card(shop, percent=20):
    offer = PersonalOffer("offer-7", shop.wine.gtin, percent, {"de": "Weil Sie ihn mögen"})
    return VisitCard(personal=True, greeting="Anna", offer=offer)


def welcomed(shop, percent=20):
    """Wine and milk in the basket of a shopper who has an offer on wine."""
    shop.scan(shop.wine)
    shop.scan(shop.milk)
    visit = identify(shop).visit
    shop.till.visits.welcome(visit, "1", card(shop, percent))
    return visit


def card_kept(shop, visit):
    with shop.books.page() as page:
        return page.visit_card(visit)


def test_a_token_opens_a_visit_and_only_its_id_is_announced(shop):
    basket = identify(shop)
    assert basket.visit
    assert basket == shop.basket()
    assert shop.heard() == [
        events.BasketOpened(basket.id),
        events.ShopperIdentified(basket.id, basket.visit, "anna"),
    ]


def test_goods_scanned_before_the_token_stay(shop):
    shop.scan(shop.milk)
    assert identify(shop).total_minor == shop.milk.price_minor


def test_a_token_is_good_for_one_visit(shop):
    identify(shop)
    shop.till.cancel("1")
    refuses("token_used", lambda: identify(shop))
    refuses("token_used", lambda: identify(shop, lane="2"))
    assert shop.basket("2") is None


def test_a_second_shopper_cannot_join_a_basket(shop):
    before = identify(shop)
    refuses("shopper_already_known", lambda: identify(shop, "berta"))
    refuses("shopper_already_known", lambda: identify(shop))
    assert shop.basket() == before
    assert identify(shop, "berta", lane="2").visit  # the refused token was not used up


def test_a_repeated_request_to_identify_is_carried_out_once(shop):
    first = identify(shop, request_key="a")
    assert identify(shop, request_key="a") == first
    assert len(shop.heard(events.ShopperIdentified)) == 1
    shop.till.cancel("1")
    refuses("basket_empty", lambda: identify(shop, request_key="a"))


def test_identifying_while_being_paid_is_refused_and_keeps_the_token(shop):
    shop.scan(shop.milk)
    sent = shop.ask_and_send()
    refuses("basket_being_paid", lambda: identify(shop))
    shop.cashier.declined(sent.id, "card")
    assert identify(shop).visit


def test_a_welcomed_shopper_gets_the_offer_on_what_lies_there_and_what_comes(shop):
    visit = welcomed(shop)
    assert [line.discount_minor for line in shop.basket().lines] == [100, 0]  # 20 % of 4.99 are 99.8
    assert shop.basket().lines[0].reductions == (Reduction("offer-7", 100),)
    assert shop.scan(shop.wine).lines[2].discount_minor == 100
    assert shop.till.change_quantity("1", 1, 2).lines[0].discount_minor == 200
    assert shop.heard(events.ShopperWelcomed) == [events.ShopperWelcomed(shop.basket().id, visit, True)]


def test_an_announced_line_tells_the_price_with_the_offer(shop):
    shop.till.visits.welcome(identify(shop).visit, "1", card(shop))
    shop.scan(shop.wine)
    (added,) = shop.heard(events.LineAdded)
    assert (added.unit_price_minor, added.total_minor) == (499, 399)


def test_a_voided_line_loses_its_offer(shop):
    welcomed(shop)
    line = shop.till.void("1", 1).lines[0]
    assert (line.reductions, line.total_minor) == ((), 0)


def test_an_offer_tapped_away_is_gone_and_prices_are_as_before(shop):
    visit = welcomed(shop)
    basket = shop.till.visits.decline_offer("1", request_key="a")
    assert basket.total_minor == shop.wine.price_minor + shop.milk.price_minor == shop.basket().total_minor
    assert shop.heard(events.OfferDeclined) == [events.OfferDeclined(basket.id, visit, "offer-7")]
    assert shop.till.visits.decline_offer("1", request_key="a") == basket
    refuses("offer_gone", lambda: shop.till.visits.decline_offer("1"))
    assert card_kept(shop, visit).greeting == "Anna"


def test_what_was_taken_back_meanwhile_is_gone_and_prices_are_as_before(shop):
    visit = welcomed(shop)
    before_minor = shop.wine.price_minor + shop.milk.price_minor
    assert shop.basket().total_minor < before_minor
    shop.till.visits.hear_again(visit, "1", VisitCard())
    assert shop.basket().total_minor == before_minor
    assert card_kept(shop, visit) == VisitCard()
    assert shop.heard()[-1] == events.ShopperWelcomed(shop.basket().id, visit, False)


def test_hearing_the_same_again_or_more_changes_nothing(shop):
    visit = welcomed(shop)
    shop.till.visits.decline_offer("1")
    before, heard = shop.basket(), shop.heard()
    more = replace(card(shop), membership=Membership(100, 50))
    for fresh in (card(shop), more, card(shop, percent=90)):
        shop.till.visits.hear_again(visit, "1", fresh)
    shop.till.visits.hear_again("another visit", "1", VisitCard())
    shop.till.visits.hear_again(visit, "2", VisitCard())
    assert (shop.basket(), shop.heard()) == (before, heard)
    assert card_kept(shop, visit).offer is None


def test_an_offer_that_was_not_this_shopper_s_goes_and_paid_points_stay(shop):
    paid = VisitCard(True, "Anna", membership=Membership(100, 50, spent=20), offer=card(shop).offer)
    other = replace(card(shop), offer=PersonalOffer("offer-8", shop.milk.gtin, 5, {}))
    assert paid.still(other) == replace(paid, offer=None)
    assert replace(paid, membership=Membership(100, 50)).still(other).membership is None


def test_a_stranger_has_no_offer_to_decline(shop):
    shop.scan(shop.milk)
    refuses("offer_gone", lambda: shop.till.visits.decline_offer("1"))
    identify(shop)
    refuses("offer_gone", lambda: shop.till.visits.decline_offer("1"))  # head office has not answered yet


def test_a_dismissed_shopper_is_a_stranger_who_keeps_the_goods(shop):
    visit = welcomed(shop)
    shop.till.visits.dismiss("1")
    assert shop.basket().visit == ""
    assert shop.basket().total_minor == shop.wine.price_minor + shop.milk.price_minor
    assert card_kept(shop, visit) is None
    assert shop.heard(events.ShopperDismissed) == [
        events.ShopperDismissed(shop.basket().id, visit, "shopper")
    ]


def test_a_late_dismissal_of_another_visit_changes_nothing(shop):
    welcomed(shop)
    before = shop.basket()
    shop.till.visits.dismiss("1", "token_used", visit="someone else's")
    assert shop.basket() == before
    assert shop.heard(events.ShopperDismissed) == []


def test_dismissing_nobody_is_nothing(shop):
    shop.till.visits.dismiss("1")
    before = shop.scan(shop.milk)
    shop.till.visits.dismiss("1")
    assert shop.basket() == before
    assert shop.heard(events.ShopperDismissed) == []


def test_dismissed_while_paying_the_sale_is_a_strangers_at_the_price_that_was_asked(shop):
    welcomed(shop)
    asked = shop.ask_and_send()
    shop.till.visits.dismiss("1", "shopper")
    shop.till.visits.dismiss("1", "shopper")
    shop.cashier.taken(asked.id, 8, "girocard", "answer")
    (sale,) = shop.heard(events.SaleCompleted)
    assert (sale.visit, sale.total_minor) == ("", asked.amount_minor)
    assert len(shop.heard(events.ShopperDismissed)) == 1


def test_dismissed_while_paying_the_offer_is_gone_when_the_card_is_declined(shop):
    welcomed(shop)
    asked = shop.ask_and_send()
    shop.till.visits.dismiss("1")
    shop.cashier.declined(asked.id, "card")
    assert shop.basket().total_minor == shop.wine.price_minor + shop.milk.price_minor


def test_an_answer_that_comes_while_paying_counts_when_the_card_is_declined(shop):
    shop.scan(shop.wine)
    visit = identify(shop).visit
    asked = shop.ask_and_send()
    shop.till.visits.welcome(visit, "1", card(shop))
    assert shop.basket().total_minor == asked.amount_minor == 499
    shop.cashier.declined(asked.id, "card")
    assert shop.basket().total_minor == 399


def test_nobody_is_dismissed_after_the_sale(shop):
    visit = welcomed(shop)
    shop.pay()
    shop.till.visits.dismiss("1", "left")
    assert shop.heard(events.ShopperDismissed) == []
    assert shop.heard(events.SaleCompleted)[0].visit == visit


@pytest.mark.parametrize("end", [lambda shop: shop.pay(), lambda shop: shop.till.cancel("1")])
def test_nothing_personal_stays_when_the_visit_is_over(shop, end):
    visit = welcomed(shop)
    end(shop)
    assert card_kept(shop, visit) is None


@pytest.mark.parametrize("end", [lambda shop: shop.pay(), lambda shop: shop.till.cancel("1")])
def test_an_answer_that_comes_after_the_visit_is_forgotten(shop, end):
    shop.scan(shop.milk)
    visit = identify(shop).visit
    end(shop)
    before = shop.basket()
    shop.till.visits.welcome(visit, "1", card(shop))
    assert shop.basket() == before
    assert card_kept(shop, visit) is None
    assert shop.heard(events.ShopperWelcomed) == []


def test_an_answer_for_the_last_shopper_does_not_price_the_next_ones_basket(shop):
    shop.scan(shop.milk)
    visit = identify(shop).visit
    shop.till.cancel("1")
    fresh = shop.scan(shop.wine)
    shop.till.visits.welcome(visit, "1", card(shop))
    assert shop.basket() == fresh


def test_without_consent_the_welcome_brings_no_offer(shop):
    shop.scan(shop.wine)
    visit = identify(shop).visit
    shop.till.visits.welcome(visit, "1", VisitCard())
    assert shop.basket().total_minor == shop.wine.price_minor
    assert shop.heard(events.ShopperWelcomed)[0].personal is False


def test_an_offer_of_everything_makes_the_sale_free(shop):
    shop.scan(shop.wine)
    visit = identify(shop).visit
    shop.till.visits.welcome(visit, "1", card(shop, percent=100))
    paid = shop.cashier.ask_payment("1")
    assert (paid.state, paid.total_minor) == ("paid", 0)


def test_an_offer_on_a_new_price_takes_its_share_of_the_shown_one(shop):
    visit = welcomed(shop)
    shop.put_on_the_shelf(replace(shop.wine, price_minor=1000))
    shop.till.visits.welcome(visit, "1", card(shop, percent=50))
    assert shop.basket().lines[0].total_minor == 249
