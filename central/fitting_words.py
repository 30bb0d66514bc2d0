"""What head office understands of what happens in the fitting room; part of `central.words`."""

from __future__ import annotations

from msgspec import Struct

from central.fields import Count, Epc, Gtin, Ref, RefOrNone, Text


class CabinEntered(Struct):
    session: Ref
    cabin: Ref


class CabinLeft(Struct):
    session: Ref
    cabin: Ref
    reason: Text


class GarmentArrived(Struct):
    session: Ref
    cabin: Ref
    gtin: Gtin
    epc: Epc


class GarmentLeft(Struct):
    session: Ref
    cabin: Ref
    gtin: Gtin
    epc: Epc
    reason: Text


class GarmentUnsure(Struct):
    session: Ref
    cabin: Ref
    epc: Epc
    chance_bp: Count


class GarmentLeftBehind(Struct):
    cabin: Ref
    gtin: Gtin
    epc: Epc


class ShopperAtMirror(Struct):
    session: Ref
    visit: Ref


class ShopperLeftMirror(Struct):
    session: Ref
    visit: Ref


class LanguageChosenAtMirror(Struct):
    session: Ref
    language: Text


class LightingChanged(Struct):
    session: Ref
    cabin: Ref
    scene: Text


class LookShown(Struct):
    session: Ref
    gtins: tuple[Gtin, ...]


class GarmentSaved(Struct):
    session: Ref
    visit: Ref
    gtin: Gtin


class GarmentBought(Struct):
    session: Ref
    gtin: Gtin
    basket: Ref


class SizeRequested(Struct):
    request: Ref
    session: Ref
    cabin: Ref
    gtin: Gtin
    wanted_gtin: Gtin


class RequestAccepted(Struct):
    request: Ref
    clerk: Ref


class RequestOnTheWay(Struct):
    request: Ref
    clerk: Ref


class RequestDelivered(Struct):
    request: Ref
    clerk: Ref


class RequestNotThere(Struct):
    request: Ref
    clerk: Ref


class RequestEscalated(Struct):
    request: Ref


class RequestTakenBack(Struct):
    request: Ref


class StaffCalledToCabin(Struct):
    session: RefOrNone
    cabin: Ref


FITTING: tuple[type[Struct], ...] = (
    CabinEntered, CabinLeft, GarmentArrived, GarmentLeft, GarmentUnsure, GarmentLeftBehind,
    ShopperAtMirror, ShopperLeftMirror, LanguageChosenAtMirror, LightingChanged, LookShown,
    GarmentSaved, GarmentBought,
    SizeRequested, RequestAccepted, RequestOnTheWay, RequestDelivered, RequestNotThere,
    RequestEscalated, RequestTakenBack, StaffCalledToCabin,
)  # fmt: skip
