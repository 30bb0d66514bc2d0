"""Draws a scene: the whole screen, or only the parts that changed.

Templates are rendered directly, without Flask's context processors: a fragment for one scanned thing is the
most frequent page of the store, and costs the same at line 1 and at line 300.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from jinja2 import Environment

from checkout.errors import Refused
from checkout.payment import CARD, ON_FILE, OWED, TRANSFER, Payment, sum_of
from checkout.phone_lane import serves
from checkout.pricing import points_times
from checkout.receipt import Points
from kiosk_ui import format as formats
from kiosk_ui.i18n import Language, found_languages
from kiosk_ui.kiosk.loose import loose_goods, on_the_scale, why_not_weighed
from kiosk_ui.kiosk.provider_words import (
    back_hint,
    enquired_words,
    on_file_words,
    transfer_words,
    unknown_words,
)
from kiosk_ui.kiosk.scene import Scene, Shown
from kiosk_ui.kiosk.terminal_words import TerminalWords, terminal_words
from kiosk_ui.kiosk.wording import Wording
from kiosk_ui.qr import qr_svg
from kiosk_ui.sentences import Words, words_for
from store_edge.box import Box
from store_edge.devices.health import LOST

_LANGUAGES = tuple(Language.of(code) for code in found_languages())


def page_facts(scene: Scene, box: Box, refused: Refused | None = None) -> dict[str, Any]:
    """What the page's template needs: the screen's facts, and what the page listens to."""
    return {
        **screen_facts(scene, box, refused),
        "live_topics": f"lane-{scene.lane}",
        "fresh": scene.name == "attract",
    }


def whole_screen(environment: Environment, scene: Scene, box: Box, refused: Refused | None) -> str:
    """Everything within the page's frame."""
    template = environment.get_template("kiosk/screen.html")
    return template.render(screen_facts(scene, box, refused))


def changed_parts(
    environment: Environment, scene: Scene, box: Box, shown: Shown, refused: Refused | None
) -> str:
    """Out-of-band parts for a page that shows an older version of this very basket."""
    facts = _common(scene, box, refused)
    if scene.name != "open":
        facts.update(_paid(scene, box) if scene.name == "paid" else paying_facts(scene, facts["words"]))
        return environment.get_template(f"kiosk/{scene.name}_changed.html").render(facts)
    words: Wording = facts["words"]
    older, new = scene.changed_since(shown)
    facts["older"], facts["new"] = words.lines(older), words.lines(new)
    facts["help_changed"] = scene.said.changed != shown.said
    facts["panel_changed"] = scene.panel != shown.panel
    facts["gone_changed"] = scene.shown.gone != shown.gone
    facts["changed"] = {part for part in ("empties", "eat_in", "age") if scene.also_changed(part, shown)}
    facts["drawn"] = {
        part
        for part in ("coupons", "saved_card", "points", "gift_card")
        if part in scene.also or part in shown.also
    }
    return environment.get_template("kiosk/changed.html").render(facts)


def screen_facts(scene: Scene, box: Box, refused: Refused | None) -> dict[str, Any]:
    """All that the screen's template may ask for."""
    facts = _common(scene, box, refused)
    if scene.basket is not None and scene.name == "open":
        facts["lines"] = facts["words"].lines(scene.basket.lines)
    if scene.name == "paying":
        facts.update(paying_facts(scene, facts["words"]))
    if scene.parked is not None:
        facts.update(_parked(scene))
    if scene.receipt is not None:
        facts.update(_paid(scene, box))
    if scene.name == "attract" and box.settings.phone.offered:
        facts["phone_code"] = qr_svg(f"{box.public_address or request.host_url.rstrip('/')}/phone")
    return facts


def _common(scene: Scene, box: Box, refused: Refused | None) -> dict[str, Any]:
    shop, limits = box.settings.shop, box.settings.limits
    words = wording_on(scene, box)
    line = scene.last_line if scene.name == "open" else None
    basket = scene.basket
    return {
        "scene": scene,
        "base": f"/kiosk/{scene.lane}",
        "shop_name": shop.name,
        "limits": limits,
        "all_languages": _LANGUAGES,
        "words": words,
        "basket": basket,
        "total_minor": basket.total_minor if basket else 0,
        "notice": notice_on(scene, refused),
        "card": words.card(line) if line else None,
        "visit_card": scene.card,
        "asks_serving": shop.eat_in,
        "by_bank": pays_by_bank(box, scene.lane),
        "saved_card": _saved_card(scene, box),
        "by_card": box.has_terminal(scene.lane),
        "has_scale": box.settings.has("scale", scene.lane),
        "weighing": on_the_scale(box, words, scene.said.weighing, basket) if scene.name == "open" else None,
        "coupons": words.coupons(basket) if basket else (),
        "kinds": words.kinds(box.till.empties.rules.kinds) if "empties" in scene.also else (),
        "told_points": _told_points(scene, box),
        "spendable": box.purse.spendable(scene.card, scene.due_minor),
        "tier": words.tier(scene.card),
        "gift": gift_card_on(scene, box),
    }


@dataclass(frozen=True, slots=True)
class GiftCardReady:
    """A gift card that lies ready: what is on it, would be paid by it, stays on it, and is left to pay."""

    on_it_minor: int
    pays_minor: int
    stays_minor: int
    rest_minor: int


def gift_card_on(scene: Scene, box: Box) -> GiftCardReady | None:
    on_it_minor = box.till.gift_cards.ready(scene.basket) if scene.basket and scene.name != "paid" else 0
    if on_it_minor <= 0:
        return None
    due_minor = max(0, scene.due_minor)
    pays_minor = min(on_it_minor, due_minor)
    return GiftCardReady(on_it_minor, pays_minor, on_it_minor - pays_minor, due_minor - pays_minor)


def pays_by_bank(box: Box, lane: str) -> bool:
    """Whether this lane offers to pay by bank, and the bank is not away just now."""
    return has_provider(box, TRANSFER, lane)


def has_provider(box: Box, tender: str, lane: str) -> bool:
    """Whether this lane offers to pay by such a provider, and that is not away just now."""
    found = box.health.all()
    there = [one for one in found if serves(one.lane, lane) and one.driver.startswith(f"{tender}.")]
    return any(one.state != LOST for one in there)


def _saved_card(scene: Scene, box: Box) -> str:
    """What the shopper calls the card that can pay now what is due; "" without one."""
    card = scene.card.on_file if scene.card else None
    is_due = scene.due_minor > 0 and not {"empties", "age"} & set(scene.also)
    return card.label if card and is_due and has_provider(box, ON_FILE, scene.lane) else ""


def _told_points(scene: Scene, box: Box) -> Points | None:
    if scene.basket is None or scene.card is None:
        return None
    return box.purse.told(scene.card, scene.basket, points_times(scene.basket, box.books.promotions))


def goods_to_weigh(environment: Environment, scene: Scene, box: Box, search: str) -> str:
    """The pictures of what can be weighed."""
    group = scene.basket.circumstances.customer_group if scene.basket else ""
    goods = loose_goods(box, wording_on(scene, box), search, scene.language, group)
    return environment.get_template("kiosk/loose.html").render(goods=goods, base=f"/kiosk/{scene.lane}")


def wording_on(scene: Scene, box: Box) -> Wording:
    return Wording(
        box.shelves,
        scene.language,
        box.settings.shop.currency,
        scene.card,
        box.settings.running,
        box.wall_clock(),
        box.books.coupons,
        box.charged,
    )


def notice_on(scene: Scene, refused: Refused | None) -> Words | None:
    """What to say: a refusal of this very tap first, then the last one of the lane."""
    if refused is not None:
        return words_for(refused.reason)
    notice = scene.said.notice
    if notice is None:
        return None
    if notice.kind == "looked":  # whatever the colleague was asked is not the shopper's to hear
        return Words(_("Thank you for waiting."), _("You can go on, and pay."))
    if notice.kind == "age":
        return Words(
            _("Something with an age limit stays with us this time."),
            _("All the rest is yours to take along."),
        )
    if notice.kind == "not_refunded":
        return Words(_("The money could not go to the card."), _("A colleague pays it out in another way."))
    if notice.kind == "unweighed":
        return why_not_weighed(notice.reason)
    return words_for(notice.reason) if notice.kind == "refused" else _why_not_paid(notice.reason)


def _why_not_paid(reason: str) -> Words:
    """`reason` of PaymentDeclined, in words."""
    again = _("Nothing was charged. You can try again, or use another card.")
    texts = {
        "card": (_("The card was not accepted."), again),
        "shopper": (_("The payment was stopped."), _("Nothing was charged.")),
        "terminal": (
            _("The card terminal is not ready just now."),
            _("Nothing was charged. Please try again in a moment, or ask for help."),
        ),
        "provider": (
            _("This way of paying is not possible just now."),
            _("Nothing was charged. Please pay in another way, or ask for help."),
        ),
        "late": (
            _("Your money did not arrive in time."),
            _("If you have sent it, you get it back. Please pay in another way, or ask for help."),
        ),
        "staff": (_("A colleague ended the payment."), _("Nothing was charged.")),
    }
    return Words(*texts.get(reason, (_("The payment did not go through."), again)))


def paying_facts(scene: Scene, words: Wording) -> dict[str, Any]:
    payment = scene.payment
    going_back = [part for part in scene.held if part.state == OWED]
    tender = payment.tender if payment is not None else CARD
    unknown = scene.said.unknown or (payment is not None and payment.state == "unknown")
    code = payment.code if payment is not None and not (unknown or scene.said.stop_asked) else ""
    return {
        "code": qr_svg(code, exactly=True) if code else "",
        "doubt": unknown_words(tender),
        "amount_minor": abs(payment.amount_minor if payment else scene.due_minor),
        "refunding": payment is not None and payment.goes_out,
        "undoing": any(part.back_asked_at or part.tender == ON_FILE for part in going_back),
        "back_hint": back_hint(going_back),
        "asking": payment is not None,
        "going_back": bool(going_back),
        "back_minor": sum_of(going_back),
        "unknown": unknown,
        "says": _says(scene, words, payment),
        "may_stop": not (unknown or scene.said.stop_asked) and (bool(code) or not scene.said.enquired),
        "paid_minor": sum_of(scene.held),
    }


def _says(scene: Scene, words: Wording, payment: Payment | None) -> TerminalWords:
    """What the shopper does or waits for now."""
    if scene.said.stop_asked:
        return TerminalWords(_("The payment is being stopped"), _("One moment, please."), True)
    tender = payment.tender if payment is not None else CARD
    if tender == TRANSFER and payment is not None and payment.code:
        got_minor = min(scene.said.received_minor, payment.amount_minor)
        rest_minor = payment.amount_minor - got_minor
        return transfer_words(words.money(got_minor) if got_minor else "", words.money(rest_minor))
    if scene.said.enquired:
        return enquired_words(tender)
    if tender == ON_FILE:
        return on_file_words()
    if tender == TRANSFER:
        return TerminalWords(_("One moment, please"), _("Your code is being made."), True)
    return terminal_words(scene.said.terminal_status)


def _parked(scene: Scene) -> dict[str, Any]:
    """The code to go on with at another till, and the time until which the basket waits there."""
    assert scene.parked is not None
    until = formats.clock(dt.datetime.fromisoformat(scene.parked.until))
    return {"qr": qr_svg(scene.parked.code), "until": until}


def _paid(scene: Scene, box: Box) -> dict[str, Any]:
    assert scene.receipt is not None
    address = box.receipt_address(scene.receipt) or f"{request.host_url}r/{scene.receipt.link}"
    here = any(
        d.driver.startswith("printer.") and d.lane == scene.lane for d in box.settings.devices.values()
    )
    printed = scene.said.printed if scene.said.receipt == scene.receipt.number else ""
    return {
        "receipt": scene.receipt,
        "receipt_link": f"/r/{scene.receipt.link}",
        "qr": qr_svg(address),
        "paper": printed or ("coming" if here else "none"),
    }
