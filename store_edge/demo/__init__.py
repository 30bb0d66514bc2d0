"""The demo store "Tante Emma": what stands on its shelves before a retailer brings their own catalogue."""

from __future__ import annotations

from store_edge.demo.assortment import DemoArticle, load_assortment
from store_edge.demo.entries import AssortmentError, Words
from store_edge.demo.labels import price_label, tags_of, weight_label
from store_edge.demo.price_list import counted, price_list, price_list_in

__all__ = [
    "AssortmentError",
    "DemoArticle",
    "Words",
    "counted",
    "load_assortment",
    "price_label",
    "price_list",
    "price_list_in",
    "tags_of",
    "weight_label",
]
