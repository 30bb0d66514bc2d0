"""The demo store "Tante Emma": what stands on its shelves before a retailer brings their own catalogue."""

from __future__ import annotations

from store_edge.demo.assortment import DemoArticle, Words, load_assortment
from store_edge.demo.entries import AssortmentError
from store_edge.demo.labels import price_label, tags_of, weight_label
from store_edge.demo.price_list import price_list, price_list_in
from store_edge.demo.stock import demo_stock

__all__ = [
    "AssortmentError",
    "DemoArticle",
    "Words",
    "demo_stock",
    "load_assortment",
    "price_label",
    "price_list",
    "price_list_in",
    "tags_of",
    "weight_label",
]
