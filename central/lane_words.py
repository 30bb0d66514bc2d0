"""What head office understands of a lane's key and gate; part of `central.words`."""

from __future__ import annotations

from msgspec import Struct

from central.fields import Ref, Text


class KeyTurned(Struct):
    on: bool


class GateAsked(Struct):
    clerk: Ref


class GateOpened(Struct):
    reason: Text
    about: Ref
