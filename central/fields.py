"""What a field of an event may hold: kinds of text and number, each with its limits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

_END = r"(?!\n)"  # Python's $ would let one line feed through
Ref = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$" + _END)]
RefOrNone = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$" + _END)]
Jti = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$" + _END)]
Gtin = Annotated[str, Meta(pattern=r"^[0-9]{8,14}$" + _END)]
Epc = Annotated[str, Meta(max_length=128, pattern=r"^[0-9A-F]*$" + _END)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" + _END)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$" + _END)]
Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
LineKind = Literal["goods", "empties", "returned", "voucher"]
Times = Annotated[int, Meta(ge=0, le=1000)]
Percent = Annotated[int, Meta(ge=1, le=100)]
