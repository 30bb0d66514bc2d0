"""What a person can do at the bench: each act reads its form, moves an emulator, and says what was done."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import request
from flask_babel import gettext as _

from checkout.errors import Refused
from checkout.payment import ON_FILE
from kiosk_ui.bench import shelf
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import current_language
from kiosk_ui.sentences import words_for
from store_edge.bench import CARDS
from store_edge.box import Box

CODE_CHARS_MAX = 1_000
PHOTO_BYTES_MAX = 6 * 1024 * 1024
STRAY_TAG = bytes.fromhex("3074257BF7194E4000001A85")
"""The SGTIN-96 that the EPC Tag Data Standard has as its example: no shop of ours sells it."""

DEMO_MANDATE = "mandate-of-the-bench"
"""As if the shopper had left a card with the emulated payment service."""

laying = threading.Lock()
"""Two quick hands must not lay the same piece."""


class NotPossible(Exception):
    """A sentence for the person at the bench; nothing was done."""


def _scan(lane: str) -> str:
    text = _code()
    try:
        heard = the_box().bench.show_code(lane, text)
    except ValueError:
        raise NotPossible(_("No scanner could send such a text.")) from None
    if not heard:
        raise NotPossible(_("The scanner’s cable is out: nobody heard it."))
    return str(_("The scanner read it."))


def _see(lane: str) -> str:
    text = _code()
    try:
        the_box().bench.show_code_to_camera(lane, text)
    except ValueError:
        raise NotPossible(_("No label holds such a text.")) from None
    return str(_("It lies before the camera. Take it away before you show the same once more."))


def _photo(lane: str) -> str:
    file = request.files.get("photo")
    photo = file.stream.read(PHOTO_BYTES_MAX + 1) if file is not None else b""
    if not photo:
        raise NotPossible(_("Please choose a photo first."))
    if len(photo) > PHOTO_BYTES_MAX:
        raise NotPossible(too_large())
    try:
        the_box().bench.show_photo(lane, photo)
    except ValueError:
        raise NotPossible(_("That is no picture that a camera could see.")) from None
    return str(_("The photo lies before the camera."))


def too_large() -> str:
    return str(
        _("This photo is too large. At most %(size)s MB, please.", size=PHOTO_BYTES_MAX // 1024 // 1024)
    )


def _clear(lane: str) -> str:
    the_box().bench.clear_counter(lane)
    return str(_("Nothing lies before the camera any more."))


def _lay(lane: str) -> str:
    bench = the_box().bench
    found = shelf.good(the_box(), request.form.get("gtin", ""), current_language().code)
    if found is None or not found.tagged:
        raise NotPossible(_("This carries no tag: the tray cannot see it."))
    try:
        with laying:
            bench.lay(lane, shelf.next_piece(the_box(), found.gtin, bench.laid(lane)))
    except shelf.SoldOut:
        raise NotPossible(_("There is no further piece of this.")) from None
    except ValueError:
        raise NotPossible(_("The tray is full.")) from None
    return str(_("On the tray: %(name)s", name=found.name))


def _stray(lane: str) -> str:
    """Lay down something with a tag of another shop."""
    try:
        the_box().bench.lay(lane, STRAY_TAG)
    except ValueError:
        raise NotPossible(_("The tray is full.")) from None
    return str(_("On the tray: a tag from another shop."))


def _lift(lane: str) -> str:
    try:
        epc = bytes.fromhex(request.form.get("epc", ""))
    except ValueError:
        raise NotPossible(_("That is no tag.")) from None
    the_box().bench.lift(lane, epc)
    return str(_("Taken off the tray."))


def _card(lane: str) -> str:
    card = request.form.get("card", "")
    if card not in CARDS:
        raise NotPossible(_("There is no such card."))
    if not the_box().bench.card(lane, card):
        raise NotPossible(_("The terminal asks for no card just now. Press “Pay” at the till first."))
    return str(_("The card is in the terminal."))


def _stop(lane: str) -> str:
    if not the_box().bench.press_stop(lane):
        raise NotPossible(_("The terminal asks for no card just now. Press “Pay” at the till first."))
    return str(_("The red key was pressed."))


def _saved_card(lane: str) -> str:
    """The shopper's phone, or a gate, asks for the basket to be charged to the card on file."""
    try:
        the_box().cashier.ask_payment(lane, tender=ON_FILE, mandate=DEMO_MANDATE)
    except Refused as refused:
        raise NotPossible(words_for(refused.reason).text) from None
    return str(_("The payment service was asked to charge the card on file."))


def _charge(lane: str) -> str:
    fate = request.form.get("fate", "")
    if fate not in ("approve", "decline", "silent"):
        raise NotPossible(_("There is no such card."))
    silent = fate == "silent"
    if not the_box().bench.decide_charge(lane, "approve" if silent else fate, silently=silent):
        raise NotPossible(_("No charge waits for its bank just now."))
    return str(_("The bank has decided."))


def _transfer(lane: str) -> str:
    """The shopper's bank app pays the code on the screen: what it says, or a euro more or less."""
    off = {"": 0, "less": -100, "more": 100}.get(request.form.get("off", ""), 0)
    code = shown_code(the_box(), lane)
    if not code:
        raise NotPossible(_("No code is shown just now. Choose to pay by bank at the till first."))
    the_box().bench.transfer(lane, code, off)
    return str(_("The bank app has sent the money."))


def _hush(lane: str) -> str:
    the_box().bench.hush_bank(lane, hushed=True)
    return str(_("The bank takes its time: transfers are on their way."))


def _speak(lane: str) -> str:
    the_box().bench.hush_bank(lane, hushed=False)
    return str(_("All that was on its way has arrived."))


def shown_code(box: Box, lane: str) -> str:
    """What the lane's shopper may scan to pay now; "" for nothing."""
    basket = box.books.basket_on(lane)
    paying = box.payments.open_for(basket.id) if basket is not None else None
    return paying.code if paying is not None else ""


def _paper_out(lane: str) -> str:
    the_box().bench.paper_out(lane)
    return str(_("The printer has no paper any more."))


def _paper_in(lane: str) -> str:
    the_box().bench.paper_in(lane)
    return str(_("A new roll is in the printer."))


def _load(lane: str) -> str:
    """Lay so many grams of something on the scale, or the usual handful."""
    typed = request.form.get("weight_g", "").strip() or str(shelf.USUAL_WEIGHT_G)
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 5):
        raise NotPossible(_("Please say the weight in grams."))
    the_box().bench.load_scale(lane, int(typed))
    return str(_("It lies on the scale."))


def _unload(lane: str) -> str:
    the_box().bench.load_scale(lane, 0)
    return str(_("The scale is empty."))


def _bag(lane: str) -> str:
    """Lay so many grams more into the bagging area, or the usual handful."""
    typed = request.form.get("weight_g", "").strip() or str(shelf.USUAL_WEIGHT_G)
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 5):
        raise NotPossible(_("Please say the weight in grams."))
    the_box().bench.bag(lane, int(typed))
    return str(_("It lies in the bagging area."))


def _unbag(lane: str) -> str:
    the_box().bench.empty_bag(lane)
    return str(_("The bagging area is empty."))


def _turn_key(lane: str) -> str:
    on = not the_box().bench.key_is_on(lane)
    the_box().bench.turn_key(lane, on)
    return str(_("The key is turned: a colleague is at the till.") if on else _("The key is turned back."))


def _tse(lane: str) -> str:
    """Make the signing device well, slow, full or expired."""
    condition = request.form.get("condition", "")
    the_box().bench.make_tse(lane, condition)
    said = {
        "well": _("The signing device is well again. It takes a few seconds to come back."),
        "slow": _("Each signature takes so long now that no receipt waits for it."),
        "full": _("The signing device’s memory is full: it signs nothing any more."),
        "expired": _("The signing device’s certificate has expired: it signs nothing any more."),
    }
    return str(said[condition])


def _unplug(lane: str) -> str:
    device = _device(lane)
    the_box().bench.pull_plug(device)
    return str(_("The plug of %(device)s is pulled.", device=device))


def _plug(lane: str) -> str:
    device = _device(lane)
    the_box().bench.put_plug(device)
    return str(_("The plug of %(device)s is in. It takes a few seconds to come back.", device=device))


def _device(lane: str) -> str:
    """The emulated device of this lane that the form names. Raises LookupError."""
    device = request.form.get("device", "")
    if the_box().bench.devices[device].lane != lane:
        raise LookupError(device)
    return device


def _code() -> str:
    """The code to show: the text itself, or the number of an article that has one to show."""
    text = request.form.get("text", "").strip()
    if not text:
        found = shelf.good(the_box(), request.form.get("gtin", ""), current_language().code)
        if found is None:
            raise NotPossible(_("There is nothing to show yet."))
        if found.loose:
            raise NotPossible(_("Loose goods carry no code. Weigh them first: the scale prints a label."))
        text = found.gtin
    if len(text) > CODE_CHARS_MAX:
        raise NotPossible(_("This text is too long for a code."))
    return text


ACTS: dict[str, Callable[[str], str]] = {
    "scan": _scan,
    "see": _see,
    "photo": _photo,
    "clear": _clear,
    "lay": _lay,
    "stray": _stray,
    "lift": _lift,
    "card": _card,
    "stop": _stop,
    "saved-card": _saved_card,
    "charge": _charge,
    "transfer": _transfer,
    "hush": _hush,
    "speak": _speak,
    "paper-out": _paper_out,
    "paper-in": _paper_in,
    "load": _load,
    "unload": _unload,
    "bag": _bag,
    "unbag": _unbag,
    "key": _turn_key,
    "tse": _tse,
    "unplug": _unplug,
    "plug": _plug,
}
"""Each takes the lane. Raises NotPossible with a sentence, LookupError for a device that is not there."""
