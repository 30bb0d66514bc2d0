"""What lies in the demo shop's stock, and where: made up, but always the same."""

from __future__ import annotations

from collections.abc import Iterable

from checkout.catalogue import Article

PIECES = (3, 1, 4, 0, 2)
"""Of the first article so many, of the next one so many: some are sold out."""
STANDS = {"fashion": "Ständer", "cosmetics": "Regal K", "household": "Regal H"}


def demo_stock(articles: Iterable[Article]) -> tuple[dict[str, int], dict[str, str]]:
    """(pieces, position) of all that is sold by the piece outside the food departments, by GTIN."""
    pieces: dict[str, int] = {}
    positions: dict[str, str] = {}
    styles: dict[str, int] = {}
    for number, article in enumerate(sorted(articles, key=lambda article: article.gtin)):
        if article.department not in STANDS or article.unit != "piece":
            continue
        stand = styles.setdefault(article.style or article.gtin, len(styles) + 1)
        pieces[article.gtin] = PIECES[number % len(PIECES)]
        positions[article.gtin] = f"{STANDS[article.department]} {stand}"
    return pieces, positions
