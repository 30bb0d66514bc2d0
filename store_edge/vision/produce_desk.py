"""Loose produce at one store's scales: what may lie there, out of what the store sells, and what it learns.

A look ends with three articles for the shopper to choose from, or with one where it is sure. What the shopper
then chooses is remembered as one more look at that article, so the store's eyes follow its harvest. Pictures
are dropped after their look. Where there is no usable model the shopper chooses by hand, as before.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from store_edge.vision.priors import Habit, prior
from store_edge.vision.produce import Floats, Picture, ProduceEye
from store_edge.vision.registry import BadModel, checked_bytes, find_model
from store_edge.vision.taught import NotTaught, load_taught

MODEL = "produce"
TAUGHT = "taught.json"
LESSONS_MIN = 1
LESSONS_MAX = 20
"""Photos in one lesson; five are enough."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may lie on the scale, likeliest first, as the store's own articles; one look long."""

    gtins: tuple[str, ...]
    sure: bool
    embedding: Floats


@dataclass(frozen=True, slots=True)
class Range:
    """What the store sells loose. `articles`: of a model's label; `habits`: of an article's GTIN."""

    articles: Mapping[str, str]
    habits: Mapping[str, Habit]


class ProduceDesk:
    """Safe for the threads of several lanes. `home` holds the store's registry and what it taught.

    `month` tells the time of year, 1 to 12. Raises BadModel or NotTaught where the store must be told.
    """

    def __init__(self, home: Path, sold: Range, month: Callable[[], int]) -> None:
        model = find_model(MODEL, home)
        self._eye = ProduceEye(checked_bytes(model))
        self._file = home / TAUGHT
        self._taught = load_taught(self._file, model.sha256.lower())
        self._sold, self._month = sold, month
        self._one_at_a_time = threading.Lock()

    def suggest(self, picture: Picture, weight_g: float | None = None) -> Suggestion:
        """What a picture (BGR) of goods on the scale shows. ValueError for no picture."""
        with self._one_at_a_time:
            embedding, likeness = self._eye.embed(picture)
            leaning = prior(self._sold.habits, weight_g, self._month())
            look = self._eye.judge(embedding, likeness, self._taught, leaning, self._sold.articles)
        return Suggestion(tuple(guess.key for guess in look.guesses), look.sure, embedding)

    def teach(self, gtin: str, pictures: Sequence[Picture]) -> None:
        """A new article, or a known one better. Raises NotTaught; ValueError for no picture."""
        if not LESSONS_MIN <= len(pictures) <= LESSONS_MAX:
            raise NotTaught(f"a lesson has {LESSONS_MIN} to {LESSONS_MAX} photos; five are enough")
        with self._one_at_a_time:
            embeddings = [self._eye.embed(picture)[0] for picture in pictures]
            self._learn(gtin, embeddings)

    def chosen(self, suggestion: Suggestion, gtin: str) -> None:
        """The shopper said what it was. Learnt from only where the store's eyes were wrong or unsure."""
        if suggestion.sure and suggestion.gtins[0] == gtin:
            return
        with self._one_at_a_time:
            self._learn(gtin, [suggestion.embedding])

    def forget(self, gtin: str) -> None:
        """An article that is sold no more, or was taught wrongly."""
        with self._one_at_a_time:
            self._taught.forget(gtin)
            self._taught.save(self._file)

    def _learn(self, gtin: str, embeddings: Sequence[Floats]) -> None:
        for embedding in embeddings:
            self._taught.teach(gtin, embedding)
        self._taught.save(self._file)


def open_desk(home: Path, sold: Range, month: Callable[[], int]) -> ProduceDesk | None:
    """The desk, or None, with the reason in the log, where the shop must sell without it."""
    try:
        return ProduceDesk(home, sold, month)
    except (BadModel, NotTaught) as error:
        log.warning("loose produce is not named from pictures reason=%s", error)
        return None
