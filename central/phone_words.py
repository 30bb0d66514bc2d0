"""What head office understands of shoppers' own phones; part of `central.words`."""

from __future__ import annotations

from msgspec import Struct

from central.fields import Ref, Text


class PhoneJoined(Struct):
    phone: Ref


class PhoneLeft(Struct):
    phone: Ref
    reason: Text


class ExitAllowed(Struct):
    basket: Ref
    until: Text


class ExitUsed(Struct):
    basket: Ref
