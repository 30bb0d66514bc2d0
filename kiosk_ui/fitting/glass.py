"""What a cabin's mirror and the phone show now: a function of the stay and of what was last chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from checkout.catalogue import Article
from checkout.shopper import VisitCard
from kiosk_ui.fitting.said import MirrorBoard
from kiosk_ui.fitting.wording import (
    GarmentWords,
    LookWords,
    RequestWords,
    SuggestionWords,
    Wording,
)
from mirror.session import FittingSession
from store_edge.box import Box

SUGGESTIONS_SHOWN_MAX = 4


@dataclass(frozen=True)  # no slots: what it is asked often is worked out once
class Glass:
    """One cabin's mirror. Without a `session` it is only glass; `hanging` counts what was left there."""

    box: Box
    board: MirrorBoard
    cabin: str
    language: str
    session: FittingSession | None

    @property
    def live_topics(self) -> str:
        return f"lane-{self.cabin}"

    @property
    def name(self) -> str:
        """The scene: idle, empty (for a moment) or open."""
        if self.session is None:
            return "idle"
        return "open" if self.session.garments else "empty"

    @cached_property
    def hanging(self) -> int:
        return sum(one.cabin == self.cabin for one in self.box.fittings.forsaken())

    @cached_property
    def card(self) -> VisitCard | None:
        """What is known of the shopper, once head office has answered."""
        visit = self.session.visit if self.session else ""
        return self.box.visits.card(visit) if visit else None

    @property
    def greeting(self) -> str:
        return self.card.greeting if self.card and self.card.personal else ""

    @cached_property
    def garments(self) -> tuple[GarmentWords, ...]:
        """What hangs here, each article once, the newest first."""
        return tuple(self._words.garment(article, whole=False) for article in self._hanging)

    @cached_property
    def one(self) -> GarmentWords | None:
        """The garment that is shown in full."""
        return self._words.garment(self._chosen) if self._chosen else None

    @cached_property
    def questions(self) -> tuple[tuple[str, GarmentWords], ...]:
        """Tags that may be here or next door."""
        asked = self.session.questions if self.session else ()
        found = [(one.epc, self.box.shelves.article(one.gtin)) for one in asked]
        return tuple((epc, self._words.garment(article, whole=False)) for epc, article in found if article)

    @cached_property
    def goes_with(self) -> tuple[SuggestionWords, ...]:
        if self._chosen is None:
            return ()
        found = self.box.styling.goes_with(self._chosen, self._hanging)
        return tuple(map(self._words.suggestion, found[:SUGGESTIONS_SHOWN_MAX]))

    @cached_property
    def looks(self) -> tuple[LookWords, ...]:
        worn = [article for article in reversed(self._hanging) if article != self._chosen]
        own = [*worn, self._chosen] if self._chosen else worn
        return tuple(map(self._words.look, self.box.styling.looks(own)))

    @cached_property
    def shown_look(self) -> LookWords | None:
        """The look that somebody chose to see in full."""
        chosen = " ".join(self._shown)
        return next((look for look in self.looks if look.gtins == chosen), None)

    @cached_property
    def requests(self) -> tuple[RequestWords, ...]:
        if self.session is None or not self.session.requests:
            return ()
        return self._words.requests(self.box.clock(), self.board.usual_minutes())

    @cached_property
    def bought_minor(self) -> int:
        """What lies in the cabin's basket."""
        basket = self.box.books.basket_on(self.cabin)
        return basket.total_minor if basket is not None and basket.state == "open" else 0

    @cached_property
    def _words(self) -> Wording:
        assert self.session is not None
        return Wording(self.box, self.session, self.language, self.card)

    @cached_property
    def _hanging(self) -> tuple[Article, ...]:
        """The articles here, the newest first."""
        garments = self.session.garments if self.session else ()
        newest = sorted(garments, key=lambda one: (one.since, one.epc), reverse=True)
        found = [self.box.shelves.article(gtin) for gtin in dict.fromkeys(one.gtin for one in newest)]
        return tuple(article for article in found if article is not None)

    @cached_property
    def _shown(self) -> tuple[str, ...]:
        """What was chosen, unless something came since: then that is looked at."""
        shown = self.board.shown(self.session.id) if self.session else None
        newest = max((one.since for one in self.session.garments), default="") if self.session else ""
        return shown.gtins if shown is not None and shown.at >= newest else ()

    @cached_property
    def _chosen(self) -> Article | None:
        """The chosen garment, else the newest."""
        chosen = [article for article in self._hanging if article.gtin in self._shown]
        return next(iter([*chosen, *self._hanging]), None)
