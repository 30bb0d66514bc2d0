"""What is stuck on the goods: RFID tags in garments, and the scale's labels on fruit and vegetables.

The demo bench prints them and lays them down; the till reads them with its own decoder.

A scale's label is a restricted circulation number for Germany (GS1 Germany, "Globale Artikelnummer in der
Anwendung"; GS1 General Specifications, section 2.1.11):

    28  4101  7  01250  5
    |   |     |  |      check digit of the whole number (section 7.9.1)
    |   |     |  five digits: grams after 28, cents after 22
    |   |     inner check digit over these five digits (section 7.9.4)
    |   four digits: the article's PLU
    28 weight, 22 price; the numbers of the shop itself (29 and 23 are those with a nationwide number)
"""

from __future__ import annotations

from biip.checksums import gs1_price_weight_check_digit, gs1_standard_check_digit

from store_edge.demo.assortment import COMPANY_PREFIX, DemoArticle

MEASURE_MAX = 99_999

_WEIGHT_PREFIX = "28"
_PRICE_PREFIX = "22"

# GS1 EPC Tag Data Standard 2.x, SGTIN-96 coding table and SGTIN partition table (as data: GS1 Tag Data
# Translation 2.0, SGTIN-96.xml): a company prefix of seven digits is partition 5 with 24 bits, and leaves
# 20 bits for indicator digit and item reference. All demo articles share one prefix, hence one partition.
_HEADER_SGTIN_96 = 0x30
_FILTER_POINT_OF_SALE = 1
_PARTITION = 5
_SERIAL_BITS = 38
_ITEM_BITS = 20
_COMPANY_BITS = 24


def tags_of(article: DemoArticle) -> tuple[bytes, ...]:
    """The EPCs (12 bytes each, SGTIN-96) of the article's tagged pieces, serial numbers from 1."""
    item = int(article.gtin[len(COMPANY_PREFIX) : -1])  # indicator digit 0 before it: a piece, not a case
    fields = ((_FILTER_POINT_OF_SALE, 3), (_PARTITION, 3), (int(COMPANY_PREFIX), _COMPANY_BITS))
    epc = _HEADER_SGTIN_96
    for value, bits in (*fields, (item, _ITEM_BITS)):
        epc = epc << bits | value
    return tuple((epc << _SERIAL_BITS | serial).to_bytes(12) for serial in range(1, article.tags + 1))


def weight_label(article: DemoArticle, weight_g: int) -> str:
    """The 13 digits a scale prints for `weight_g` grams of a loose article (1 to 99999).

    Raises ValueError for an article that is not sold by weight, or a weight that does not fit.
    """
    return _label(_WEIGHT_PREFIX, article, weight_g)


def price_label(article: DemoArticle, price_minor: int) -> str:
    """The 13 digits a counter prints for a portion that costs `price_minor` cents (1 to 99999).

    Raises ValueError for an article that is not sold by weight, or a price that does not fit.
    """
    return _label(_PRICE_PREFIX, article, price_minor)


def _label(prefix: str, article: DemoArticle, measure: int) -> str:
    if article.plu is None:
        raise ValueError(f"article {article.gtin} is not sold by weight")
    if not 0 < measure <= MEASURE_MAX:
        raise ValueError(f"a label holds 1 to {MEASURE_MAX}, not {measure}")
    value = f"{measure:05d}"
    payload = f"{prefix}{article.plu}{gs1_price_weight_check_digit(value)}{value}"
    return f"{payload}{gs1_standard_check_digit(payload)}"
