"""One frozen tree of settings with a default for everything; `store.toml` and `EMMA_*` change it.

An unknown key refuses to start and names the nearest known one. Secrets come
from the environment or from a file, never from `store.toml`.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints


class BadSettings(Exception):
    """A sentence about what is wrong in the settings, naming the file and the key."""


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


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """One device: what drives it, where it is, and which lane it serves.

    `emulated = true` starts the driver's own emulator in this process and
    connects to that instead of `address`.
    """

    driver: str
    address: str = ""
    lane: str = "1"
    emulated: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


DEMO_DEVICES = {
    "scanner-1": DeviceSettings("scanner.serial", emulated=True),
    "camera-1": DeviceSettings("camera.opencv", emulated=True),
    "tray-1": DeviceSettings("rfid.llrp", emulated=True),
    "terminal-1": DeviceSettings("terminal.zvt", emulated=True),
    "printer-1": DeviceSettings("printer.escpos", emulated=True),
}


@dataclass(frozen=True, slots=True)
class PromotionSettings:
    """A promotion that runs in this store: its kind (entry point), its terms, its name by language."""

    kind: str
    terms: Mapping[str, Any]
    name: Mapping[str, Any] = field(default_factory=dict)


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
class LimitSettings:
    """How long and how much: every wait and every queue that a retailer may want to change."""

    payment_s: float = 120.0
    """After this the terminal's silence is an unknown outcome."""
    offer_s: float = 1.5
    """How long head office may take to say who this is; the sale does not wait for it."""
    receipt_shown_s: float = 20.0
    idle_warning_s: float = 60.0
    idle_cancel_s: float = 90.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a store's box needs to know."""

    home: Path = Path(".emma")
    database: str = ""
    """SQLAlchemy address; empty means `store.db` in the home folder."""
    lanes: tuple[str, ...] = ("1",)
    demo: bool = True
    """Fill an empty store with the demo assortment and a demo customer."""
    price_list: str = ""
    """A file of articles, written as the demo store's are; each start puts them on the shelves."""
    shop: ShopSettings = ShopSettings()
    devices: Mapping[str, DeviceSettings] = field(default_factory=lambda: dict(DEMO_DEVICES))
    promotions: Mapping[str, PromotionSettings] = field(default_factory=dict)
    head_office: HeadOfficeSettings = HeadOfficeSettings()
    front_door: FrontDoorSettings = FrontDoorSettings()
    limits: LimitSettings = LimitSettings()

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'store.db'}"

    def has_terminal(self, lane: str) -> bool:
        """True if a payment terminal serves the lane."""
        return any(d.lane == lane and d.driver.startswith("terminal.") for d in self.devices.values())


def load_settings(
    file: Path | None = None, *, environ: Mapping[str, str] = os.environ, **overrides: object
) -> Settings:
    """Defaults, then `store.toml`, then `EMMA_HOME` and `EMMA_DATABASE`, then the command line's words.

    Raises BadSettings.
    """
    tree: dict[str, Any] = {}
    where = "the command line"
    if file is not None:
        where = str(file)
        try:
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadSettings(f"{file}: cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSettings(f"{file}: {error}") from None
    for key, name in (("home", "EMMA_HOME"), ("database", "EMMA_DATABASE")):
        if environ.get(name):
            tree[key] = environ[name]
    tree.update({key: value for key, value in overrides.items() if value is not None})
    settings: Settings = _build(Settings, tree, where, "")
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
    elif hint in (str, bool) and isinstance(value, hint):
        return value
    raise BadSettings(f"{where}: {path} is {value!r}; that is not what belongs there")


_TABLES: Mapping[Any, type[Any]] = {
    Mapping[str, DeviceSettings]: DeviceSettings,
    Mapping[str, PromotionSettings]: PromotionSettings,
}
"""Settings that are tables of tables: `[devices.scanner-1]`."""


def _unknown(key: str, known: Mapping[str, object], where: str, path: str) -> str:
    nearest = get_close_matches(key, known, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; known are {', '.join(sorted(known))}"
    return f"{where}: there is no setting {path}{key!s}{hint}"
