"""One frozen tree of settings with a default for everything; `store.toml` and `EMMA_*` change it.

An unknown key refuses to start and names the nearest known one. Secrets come
from the environment or from a file, never from `store.toml`.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from checkout.phone_lane import PHONE, serves, till_of
from checkout.promotions import WrongTerms, build
from checkout.promotions.written import line_of
from checkout.returns import FAULT_DAYS_MIN
from store_edge.demo_devices import DEMO_DEVICES as DEMO_DEVICES
from store_edge.device_settings import CABIN, ZoneSettings, check_zones
from store_edge.device_settings import BadSettings as BadSettings
from store_edge.device_settings import DeviceSettings as DeviceSettings
from store_edge.paper_settings import CouponSettings, DepositSettings, EmptiesSettings
from store_edge.phone_settings import PhoneSettings


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """Who sells, as receipts must say it."""

    id: str = "demo"
    name: str = "Tante Emma"
    address: tuple[str, ...] = ("Marktplatz 1", "12345 Musterstadt")
    tax_number: str = "DE000000000"
    currency: str = "EUR"
    language: str = "de"
    timezone: str = "Europe/Berlin"
    eat_in: bool = False
    """The shop has tables: the kiosk asks whether it is eaten here."""
    weighed_departments: tuple[str, ...] = ("produce",)
    """Where the goods stand that shoppers may weigh themselves, on lanes with a scale."""


TILL_SERIAL_CHARS_MAX = 30
"""A signing device takes no longer name of a client."""
DEMO_PROMOTIONS = Path(__file__).parent / "demo" / "promotions.toml"


@dataclass(frozen=True, slots=True)
class PromotionSettings:
    """A promotion that runs in this store: its kind (entry point), its terms, its name by language."""

    kind: str
    terms: Mapping[str, Any]
    name: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BanSettings:
    """Groups or departments that are not sold from `since` to `until`, over midnight if need be."""

    groups: tuple[str, ...]
    since: dt.time
    until: dt.time


@dataclass(frozen=True, slots=True)
class FiscalSettings:
    """What the tax office must be told and nobody can measure (AO § 146a (4))."""

    tills_since: dt.date | None = None
    """When the tills were bought, hired or lent."""
    tills_in_use_since: dt.date | None = None
    """When they first sold, if that was another day."""
    tills_until: dt.date | None = None
    tills_ended_for: str = ""
    """Why they are out of use."""
    till_maker: str = ""
    till_model: str = ""
    tse_certification: str = ""
    """The TSE's certificate, such as BSI-K-TR-0000-2026."""
    tse_kind: str = ""
    """What it looks like: usb, sd-card, micro-sd-card, cloud, or other."""


@dataclass(frozen=True, slots=True)
class HeadOfficeSettings:
    """`url` empty means: head office lives in this process."""

    url: str = ""
    key_file: str = ""
    """The file with this store's key for head office; `EMMA_HEAD_OFFICE_KEY` goes before it."""

    def key(self, environ: Mapping[str, str] = os.environ) -> str:
        """This store's key for head office. Raises BadSettings where there is none."""
        if environ.get("EMMA_HEAD_OFFICE_KEY"):
            return environ["EMMA_HEAD_OFFICE_KEY"].strip()
        try:
            return Path(self.key_file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise BadSettings(
                "head office needs this store's key: set EMMA_HEAD_OFFICE_KEY or head_office.key_file "
                "(head office makes one with `emma key store NAME`)"
            ) from None


@dataclass(frozen=True, slots=True)
class FrontDoorSettings:
    """How the shop is called in a browser."""

    hosts: tuple[str, ...] = ()
    """Names besides localhost, the shop's own address and any address in numbers."""


@dataclass(frozen=True, slots=True)
class CashSettings:
    """Where cash is taken, and how it is counted."""

    lanes: tuple[str, ...] = ()
    """Lanes with a drawer and somebody at it; kiosks have none."""
    round_to_5_cents: bool = False
    """Not in Germany; the rounding then stands on the receipt."""
    blind_count: bool = False
    """Whoever counts is told only afterwards what should be there."""
    day_begins: str = "00:00"
    """When the business day begins: in a shop that says "04:00", a sale at one at night is yesterday's."""


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How long and how much: every wait and every queue that a retailer may want to change."""

    payment_s: float = 120.0
    """After this the terminal's silence is an unknown outcome."""
    transfer_s: float = 300.0
    """So long a shopper has to pay by bank, from the moment the code is shown."""
    offer_s: float = 1.5
    """How long head office may take to say who this is; the sale does not wait for it."""
    paper_s: float = 1.5
    """How long head office may take to say whether a coupon or voucher was used; so long nobody pays."""
    weighing_s: float = 30.0
    """How long goods that were chosen may take to lie still on the scale."""
    receipt_shown_s: float = 20.0
    cabin_empty_s: float = 60.0
    """So long a cabin may stand empty before its session ends: a garment is being swapped."""
    cabin_idle_s: float = 1800.0
    """So long nobody may do anything in a cabin where garments hang."""
    left_behind_s: float = 120.0
    """So long garments may be carried out after a session was ended; then staff are told."""
    request_s: float = 120.0
    """So long a request from a cabin may wait for a colleague to take it."""
    idle_warning_s: float = 60.0
    idle_cancel_s: float = 90.0
    staff_idle_s: float = 900.0
    """After so long without a touch a clerk is signed out of the tablet."""
    signing_s: float = 3.0
    """So long a receipt waits for its signature; then it says that the signing device is out."""
    gate_s: float = 10.0
    """How long a gate stays open for whoever has paid."""


@dataclass(frozen=True, slots=True)
class LossSettings:
    """Which baskets are scanned again before they are paid."""

    spot_check_lanes: tuple[str, ...] = (PHONE,)
    """Lanes on which shoppers scan by themselves and are checked now and then; "phone" means all phones."""
    spot_check_share_max: float = 0.05
    """At most this share of baskets is checked."""
    spot_check_random_share: float = 0.01
    """This share is checked by chance alone, whatever the basket."""
    sought_groups: tuple[str, ...] = ()
    """Groups of articles that are stolen more often than others."""
    empty_bag_tells: bool = False
    """Goods that never reached the bagging area are a question, too: in a shop where all must lie there."""

    def __post_init__(self) -> None:
        if not self.spot_check_random_share <= self.spot_check_share_max <= 1:
            raise BadSettings("loss: spot_check_random_share must not be more than spot_check_share_max")


@dataclass(frozen=True, slots=True)
class ParkingSettings:
    """Baskets that are put aside."""

    kept_s: float = 4 * 3600.0
    left_baskets: bool = False
    """Whether a basket whose shopper walked away is parked rather than given up."""


@dataclass(frozen=True, slots=True)
class ReturnSettings:
    """What the shop takes back; what is faulty comes back in any case, that is the law."""

    goodwill_days: int = 30
    """How long goods may come back that nothing is wrong with; 0 for on the same day only."""
    fault_days: int = FAULT_DAYS_MIN
    alone_minor_max: int = 100_00
    """Above this a second colleague must look on."""
    alone_without_receipt_minor_max: int = 30_00
    without_receipt: bool = True
    """Whether anything comes back without its receipt."""
    excluded_groups: tuple[str, ...] = ()
    """Groups or departments that come back only when they are faulty."""

    def __post_init__(self) -> None:
        if self.fault_days < FAULT_DAYS_MIN:
            raise BadSettings(f"returns: fault_days must be {FAULT_DAYS_MIN} or more: the law says two years")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a store's box needs to know."""

    home: Path = Path(".emma")
    file: Path | None = None
    """Where these settings were read; nothing that can be written there."""
    database: str = ""
    """SQLAlchemy address; empty means `store.db` in the home folder."""
    lanes: tuple[str, ...] = ("1",)
    demo: bool = True
    """Fill an empty store with the demo assortment and a demo customer."""
    price_list: str = ""
    """A file of articles, written as the demo store's are; each start puts them on the shelves."""
    points: str = ""
    """A file with the rules of the points programme, the same as head office's; empty is the ordinary one."""
    shop: ShopSettings = ShopSettings()
    devices: Mapping[str, DeviceSettings] = field(default_factory=lambda: dict(DEMO_DEVICES))
    styling: str = ""
    """A file with the stylist's rules (`mirror/rules.py`); empty is the demo shop's, or none."""
    rfid_parameters: str = ""
    """A file that `emma rfid calibrate` wrote for this site; empty is what ships, from the simulator."""
    promotions: Mapping[str, PromotionSettings] = field(default_factory=dict)
    bans: Mapping[str, BanSettings] = field(default_factory=dict)
    coupons: Mapping[str, CouponSettings] = field(default_factory=dict)
    deposit: Mapping[str, DepositSettings] = field(default_factory=dict)
    empties: EmptiesSettings = field(default_factory=EmptiesSettings)
    head_office: HeadOfficeSettings = HeadOfficeSettings()
    front_door: FrontDoorSettings = FrontDoorSettings()
    fiscal: FiscalSettings = FiscalSettings()
    limits: LimitSettings = LimitSettings()
    cash: CashSettings = CashSettings()
    loss: LossSettings = LossSettings()
    parking: ParkingSettings = ParkingSettings()
    returns: ReturnSettings = ReturnSettings()
    phone: PhoneSettings = field(default_factory=PhoneSettings)

    def __post_init__(self) -> None:
        check_zones(self.devices, self.lanes)

    @property
    def cabins(self) -> tuple[str, ...]:
        """The fitting cabins: each is a lane with a mirror instead of a till."""
        zones = (item for device in self.devices.values() for item in device.zones.items())
        return tuple(sorted({name for name, zone in zones if zone.kind == CABIN}))

    @property
    def running(self) -> Mapping[str, PromotionSettings]:
        """The promotions by id; the demo shop has some of its own."""
        return {**_demo_promotions(), **self.promotions} if self.demo else self.promotions

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'store.db'}"

    def has(self, kind: str, lane: str) -> bool:
        """True if a device of a kind, such as "terminal" or "scale", serves the lane."""
        return any(serves(d.lane, lane) and d.driver.startswith(f"{kind}.") for d in self.devices.values())

    @property
    def tills(self) -> tuple[str, ...]:
        """What the tax office and the signing device know as tills: the lanes, and one for all phones."""
        return (*self.lanes, PHONE) if self.phone.offered else self.lanes

    @property
    def signing_device(self) -> str:
        """The name of the signing device (TSE) for all lanes; "" for a store without one."""
        return next((name for name, d in self.devices.items() if d.driver.startswith("tse.")), "")

    def till_serial(self, lane: str) -> str:
        """The serial number of a lane's till, as the signing device and the tax office know it."""
        return re.sub(r"[^A-Za-z0-9.-]", "-", f"{self.shop.id}-{till_of(lane)}")[-TILL_SERIAL_CHARS_MAX:]


@cache
def _demo_promotions() -> Mapping[str, PromotionSettings]:
    settings = load_settings(DEMO_PROMOTIONS, environ={})
    return settings.promotions


def load_settings(
    file: Path | None = None, *, environ: Mapping[str, str] = os.environ, **overrides: object
) -> Settings:
    """Defaults, then `store.toml`, then `EMMA_HOME` and `EMMA_DATABASE`, then the command line's words.

    Raises BadSettings.
    """
    tree: dict[str, Any] = {}
    text, where = "", "the command line"
    if file is not None:
        where = str(file)
        try:
            text = file.read_text(encoding="utf-8")
            tree = tomllib.loads(text)
        except OSError as error:
            raise BadSettings(f"{file}: cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f"{file}: {error}") from None
    for key, name in (("home", "EMMA_HOME"), ("database", "EMMA_DATABASE")):
        if environ.get(name):
            tree[key] = environ[name]
    tree.update({key: value for key, value in overrides.items() if value is not None})
    settings: Settings = replace(_build(Settings, tree, where, ""), file=file)
    for name, promotion in settings.promotions.items():
        try:
            build(promotion.kind, name, promotion.terms)
        except WrongTerms as error:
            line = line_of(text, name, error.key)
            raise BadSettings(f"{where}{line}: promotions.{name}.{error.key}: {error}") from None
    return settings


def _build(kind: type[Any], tree: Mapping[str, Any], where: str, path: str) -> Any:
    known = {f.name: f for f in fields(kind)}
    hints = get_type_hints(kind)
    values = {}
    for key, value in tree.items():
        if key not in known:
            raise BadSettings(_unknown(key, known, where, path))
        values[key] = _value(hints[key], value, where, f"{path}{key}")
    try:
        return kind(**values)
    except TypeError:
        missing = ", ".join(name for name in known if name not in tree)
        raise BadSettings(f"{where}: {path.rstrip('.')} needs {missing.split(', ')[0]}") from None


def _value(hint: Any, value: Any, where: str, path: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, hint):
            return value
        if isinstance(value, Mapping):
            return _build(hint, value, where, f"{path}.")
    elif hint is Path and isinstance(value, str | Path):
        return Path(value)
    elif hint == tuple[str, ...] and isinstance(value, list | tuple):
        if all(isinstance(part, str) for part in value):
            return tuple(value)
    elif hint == tuple[int, ...] and isinstance(value, list | tuple):
        if all(type(part) is int and part >= 0 for part in value):
            return tuple(value)
    elif hint in _TABLES and isinstance(value, Mapping):
        return {name: _value(_TABLES[hint], one, where, f"{path}.{name}") for name, one in value.items()}
    elif hint == Mapping[str, Any] and isinstance(value, Mapping):
        return dict(value)
    elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 < value < math.inf:
            raise BadSettings(
                f"{where}: {path} is {value!r}; it must be more than nothing and less than for ever"
            )
        return float(value)
    elif _is_plain(hint, value):
        return value
    raise BadSettings(f"{where}: {path} is {value!r}; that is not what belongs there")


def _is_plain(hint: Any, value: Any) -> bool:
    """Text, yes or no, a time of day, a count of at least nothing, or a day."""
    if hint is int:
        return type(value) is int and value >= 0
    if hint == dt.date | None:
        return type(value) is dt.date
    return hint in (str, bool, dt.time) and isinstance(value, hint)


_TABLES: Mapping[Any, type[Any]] = {
    Mapping[str, DeviceSettings]: DeviceSettings,
    Mapping[str, PromotionSettings]: PromotionSettings,
    Mapping[str, BanSettings]: BanSettings,
    Mapping[str, CouponSettings]: CouponSettings,
    Mapping[str, DepositSettings]: DepositSettings,
    Mapping[str, ZoneSettings]: ZoneSettings,
}
"""Settings that are tables of tables: `[devices.scanner-1]`."""


def _unknown(key: str, known: Mapping[str, object], where: str, path: str) -> str:
    nearest = get_close_matches(key, known, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; known are {', '.join(sorted(known))}"
    return f"{where}: there is no setting {path}{key!s}{hint}"
