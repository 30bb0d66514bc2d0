"""Being paid at a staffed till: cash with change, cards, gift cards, points, in parts; or paying out."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from checkout.basket import OPEN, PAYING, Basket
from checkout.payment import ON_FILE, OWED, UNKNOWN, Payment
from kiosk_ui.front_door import the_box
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import key
from kiosk_ui.tablet.pay_words import Says, asks, doubt, goes_back
from kiosk_ui.tablet.sign_in import the_clerk
from kiosk_ui.tablet.till_frame import (
    Answer,
    amount_typed,
    anew,
    basket_to_sell,
    blueprint,
    code_typed,
    due_minor,
    to_till,
)

NOTES_MINOR = (500, 1000, 2000, 5000, 10_000)
SUMS_MAX = 5
"""As many sums are offered by touch; any other is typed."""


@blueprint.get("/pay")
def pay(lane: str) -> Answer:
    """What is due, and how it may be paid or paid out; the till where there is nothing to pay for."""
    box, basket = the_box(), basket_to_sell(lane)
    if basket is None or not basket.standing:
        return anew() if request.headers.get("HX-Request") else to_till(lane)
    held = box.payments.held_for(basket.id)
    on_its_way = box.payments.open_for(basket.id)
    due, on_card = due_minor(basket), box.till.gift_cards.ready(basket)
    return render_template(
        "tablet/pay.html",
        live_topics=f"lane-{lane}",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        due_minor=due,
        held=[(words.tender(part.tender), part.amount_minor) for part in held],
        paying=basket.state == PAYING,
        asking=on_its_way,
        says=_says(on_its_way, held),
        may_stop=on_its_way is not None and on_its_way.state != UNKNOWN,
        on_gift_card=on_card if due > 0 else 0,
        has_drawer=lane in box.settings.cash.lanes,
        has_terminal=box.has_terminal(lane),
        has_points=bool(basket.visit),
        saved_card=_saved_card(basket),
    )


def _says(on_its_way: Payment | None, held: tuple[Payment, ...]) -> Says | None:
    """What is waited for, if anything; what goes on by itself is said before what staff must do."""
    if on_its_way is not None:
        return doubt(on_its_way) if on_its_way.state == UNKNOWN else asks(on_its_way)
    going_back = [goes_back(part) for part in held if part.state == OWED]
    return max(going_back, key=lambda says: says.alone, default=None)


def _saved_card(basket: Basket) -> str:
    """What the customer calls the card left with the provider; "" where none can be charged here."""
    box = the_box()
    card = box.visits.card(basket.visit) if basket.visit else None
    there = card is not None and card.on_file is not None and box.settings.has(ON_FILE, basket.lane)
    return card.on_file.label if there and card and card.on_file else ""


@blueprint.route("/pay/cash", methods=("GET", "POST"))
def cash(lane: str) -> Answer:
    """How much was put on the counter. Less than is due is a part; more gives change."""
    if request.method == "POST":
        return _on(lane, the_box().pay_desk.pay_cash(lane, amount_typed("given"), key(), the_clerk()))
    basket = basket_to_sell(lane)
    if basket is None or (due := due_minor(basket)) <= 0:
        return to_pay(lane)
    return render_template(
        "tablet/cash.html",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        due_minor=due,
        sums=sums_given(due),
    )


@blueprint.route("/pay/gift-card", methods=("GET", "POST"))
def gift_card(lane: str) -> Answer:
    """A card is handed in: what is on it is shown, and nothing taken yet. A payout goes onto it at once."""
    basket = basket_to_sell(lane)
    if basket is None:
        return to_pay(lane)
    if request.method == "POST" and due_minor(basket) < 0:
        return _on(lane, the_box().pay_desk.pay_out_on_gift_card(lane, code_typed(), key(), the_clerk()))
    if request.method == "POST":
        the_box().till.gift_cards.hand_in(lane, code_typed(), key())
        return to_pay(lane)
    return render_template(
        "tablet/pay_gift_card.html",
        lane=lane,
        where=words.place(lane),
        basket=basket,
        due_minor=due_minor(basket),
    )


@blueprint.post("/pay/gift-card/use")
def use_gift_card(lane: str) -> Answer:
    """The customer agrees: all that the card can pay, or a part that was named."""
    desk = the_box().pay_desk
    return _on(lane, desk.pay_gift_card(lane, amount_typed(empty=0), key(), the_clerk()))


@blueprint.post("/pay/gift-card/take-back")
def take_gift_card_back(lane: str) -> Answer:
    """The customer would rather keep what is on it."""
    the_box().till.gift_cards.take_back(lane, key())
    return to_pay(lane)


@blueprint.route("/pay/card", methods=("GET", "POST"))
def card(lane: str) -> Answer:
    """Ask the terminal for all that is due, or for a part that was named."""
    if request.method == "POST":
        return _on(lane, the_box().cashier.ask_payment(lane, key(), amount_typed(empty=0), the_clerk()))
    basket = basket_to_sell(lane)
    if basket is None or (due := due_minor(basket)) <= 0:
        return to_pay(lane)
    return render_template(
        "tablet/card_part.html", lane=lane, where=words.place(lane), basket=basket, due_minor=due
    )


@blueprint.post("/pay/saved-card")
def saved_card(lane: str) -> Answer:
    """Charge the card that the known customer left with the provider."""
    asked = the_box().cashier.ask_payment(lane, key(), clerk=the_clerk(), tender=ON_FILE)
    return _on(lane, asked)


@blueprint.post("/pay/points")
def points(lane: str) -> Answer:
    """As many of the shopper's points as this may cost."""
    return _on(lane, the_box().pay_desk.pay_points(lane, request_key=key(), clerk=the_clerk()))


@blueprint.post("/pay/out")
def pay_out(lane: str) -> Answer:
    """Give a negative total out of the drawer."""
    return _on(lane, the_box().pay_desk.pay_out_cash(lane, key(), the_clerk()))


@blueprint.post("/pay/nothing")
def nothing_due(lane: str) -> Answer:
    """What was taken and what was given are even: the receipt is written."""
    return _on(lane, the_box().cashier.ask_payment(lane, key(), clerk=the_clerk()))


@blueprint.post("/pay/refund")
def refund(lane: str) -> Answer:
    """Put a negative total on the card that the customer holds to the terminal."""
    return _on(lane, the_box().cashier.ask_refund(lane, the_clerk(), key()))


@blueprint.post("/pay/stop")
def stop(lane: str) -> Answer:
    """The shopper would rather not pay at the terminal now."""
    the_box().cashier.stop_payment(lane, key())
    return to_pay(lane)


@blueprint.post("/pay/give-back")
def give_back(lane: str) -> Answer:
    """The sale is given up after a part was paid: every part goes back the way it came."""
    basket = the_box().pay_desk.give_back(lane, key())
    return to_till(lane) if basket is None or basket.state == OPEN else to_pay(lane)


def sums_given(due: int) -> tuple[int, ...]:
    """What is likely to be put on the counter for so much: the exact sum, then what notes make of it."""
    rounded = {-(-due // note) * note for note in NOTES_MINOR}
    return tuple(sorted({due, *rounded})[:SUMS_MAX])


def to_pay(lane: str) -> Answer:
    return redirect(url_for("tablet.till.pay", lane=lane), 303)


def _on(lane: str, basket: Basket) -> Answer:
    """To what is still due, or to the change."""
    return to_pay(lane) if basket.state in (OPEN, PAYING) else to_till(lane)
