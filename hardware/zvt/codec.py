"""ZVT messages over any line: bytes to meaning and back, without I/O.

Documents: PA00P015, "ECR-Interface, ZVT-Protocol: Commands, Bitmaps, Error Messages"; chapters are found
there by the control field. `orders` are what the shop says, `reports` what the terminal says.
"""

from __future__ import annotations

from hardware.zvt.framing import Apdu, frame
from hardware.zvt.message import Message
from hardware.zvt.orders import ORDERS, StatusEnquiry
from hardware.zvt.reports import REPORTS, Completion, Negative, TerminalStatus, Unsupported, tells_version

_KINDS: dict[bytes, type[Message]] = {kind.CONTROL: kind for kind in (*ORDERS, *REPORTS)}
REFUSAL = 0x84


def encode(message: Message) -> bytes:
    """One message as it goes over TCP. Raises ValueError for values that do not fit their fields."""
    control = bytes([REFUSAL, message.code]) if isinstance(message, Negative) else message.CONTROL
    if not control:
        raise ValueError(f"{type(message).__name__} is only ever heard")
    return frame(control, message.body())


def decode(apdu: Apdu, *, answers: type[Message] | None = None) -> Message:
    """What one framed message means. `answers` is the command it ends, which tells Completions apart.

    Raises Garbled with the offset within the message.
    """
    at = apdu.data_at
    if apdu.control[0] == REFUSAL:
        return Negative.with_fields(apdu.data, at, code=apdu.control[1])
    kind = _KINDS.get(apdu.control)
    if kind is None:
        return Unsupported(apdu.control)
    if kind is Completion and (answers is StatusEnquiry or tells_version(apdu.data)):
        kind = TerminalStatus
    return kind.read(apdu.data, at)
