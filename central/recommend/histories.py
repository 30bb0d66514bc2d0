"""Shopping histories out of a file: a shopper a line, as JSON, plain or packed with gzip.

    {"u": 17, "h": [["milk", "bread"], ["milk"]], "f": ["milk", "butter"]}

`h` holds the baskets, oldest first, `f` the basket that came next (it may be missing where nobody knows it).
An item is whatever number or word the retailer uses. Other keys are left alone.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

Item = int | str
Basket = tuple[Item, ...]

_GZIP = b"\x1f\x8b"


class BadHistories(Exception):
    """A file of histories that cannot be used; `str()` names the file, the line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """One shopper: `past` baskets, oldest first, and the one that `came_next` (empty: not known).

    No basket in `past` is empty, and none holds an item twice.
    """

    name: Item
    past: tuple[Basket, ...]
    came_next: Basket = ()


class _Line(msgspec.Struct):
    u: Item
    h: list[list[Item]]
    f: list[Item] = []


def read_histories(path: Path) -> list[Shopper]:
    """Every shopper of a file. Raises `BadHistories`, also where there is nobody in it."""
    decoder = msgspec.json.Decoder(_Line)
    shoppers = []
    for number, text in _lines(path):
        try:
            line = decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadHistories(f"{path}, line {number}: {error}") from error
        past = tuple(_once(basket) for basket in line.h if basket)
        shoppers.append(Shopper(line.u, past, _once(line.f)))
    if not shoppers:
        raise BadHistories(f"{path} holds no shoppers")
    return shoppers


def _once(basket: list[Item]) -> Basket:
    return tuple(dict.fromkeys(basket))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise BadHistories(f"{path}: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise BadHistories(f"{path} breaks off after line {number}: {error}") from error
