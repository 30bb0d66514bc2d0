"""Draws a scene: the whole screen, or only the parts that changed.

Templates are rendered directly, without Flask's context processors: a fragment for one scanned thing is the
most frequent page of the store, and costs the same at line 1 and at line 300.
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from jinja2 import Environment

from checkout.errors import Refused
from kiosk_ui.i18n import Language, found_languages
from kiosk_ui.kiosk.scene import Scene, Shown
from kiosk_ui.kiosk.terminal_words import TerminalWords, terminal_words
from kiosk_ui.kiosk.wording import Wording
from kiosk_ui.qr import qr_svg
from kiosk_ui.sentences import Words, words_for
from store_edge.box import Box

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
    words: Wording = facts["words"]
    older, new = scene.changed_since(shown)
    facts["older"], facts["new"] = words.lines(older), words.lines(new)
    facts["help_changed"] = scene.said.changed != shown.said
    facts["panel_changed"] = scene.panel != shown.panel
    facts["gone_changed"] = scene.shown.gone != shown.gone
    return environment.get_template("kiosk/changed.html").render(facts)


def screen_facts(scene: Scene, box: Box, refused: Refused | None) -> dict[str, Any]:
    """All that the screen's template may ask for."""
    facts = _common(scene, box, refused)
    if scene.basket is not None and scene.name == "open":
        facts["lines"] = facts["words"].lines(scene.basket.lines)
    if scene.name == "paying":
        facts.update(_paying(scene))
    if scene.receipt is not None:
        facts.update(_paid(scene, box))
    return facts


def _common(scene: Scene, box: Box, refused: Refused | None) -> dict[str, Any]:
    shop, limits = box.settings.shop, box.settings.limits
    words = Wording(box.shelves, scene.language, shop.currency, scene.card, box.settings.promotions)
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
        "notice": _notice(scene, refused),
        "card": words.card(line) if line else None,
        "visit_card": scene.card,
    }


def _notice(scene: Scene, refused: Refused | None) -> Words | None:
    """What to say: a refusal of this very tap first, then the last one of the lane."""
    if refused is not None:
        return words_for(refused.reason)
    notice = scene.said.notice
    if notice is None:
        return None
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
        "staff": (_("A colleague ended the payment."), _("Nothing was charged.")),
    }
    return Words(*texts.get(reason, (_("The payment did not go through."), again)))


def _paying(scene: Scene) -> dict[str, Any]:
    payment = scene.payment
    unknown = scene.said.unknown or (payment is not None and payment.state == "unknown")
    says = terminal_words(scene.said.terminal_status)
    if scene.said.stop_asked:
        says = TerminalWords(_("The payment is being stopped"), _("One moment, please."), True)
    if scene.said.enquired:
        says = TerminalWords(
            _("Please wait, we are asking the terminal"),
            _("Its answer did not reach us. This may take a little; please do not pay again."),
            True,
        )
    return {
        "amount_minor": payment.amount_minor if payment else scene.basket.total_minor if scene.basket else 0,
        "unknown": unknown,
        "says": says,
        "may_stop": not (unknown or scene.said.stop_asked or scene.said.enquired),
    }


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
