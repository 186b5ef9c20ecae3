"""One true sentence why a section stands on a menu: the strongest of what was counted for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.choices import Chooser, Item, attribute_word, shared_topics, value_word
from catalog.entries import Needs
from catalog.messages import Sentence

if TYPE_CHECKING:
    from catalog.board import Board

SPEAKING = ("need", "policy", "history", "text")
"""Parts that can speak for a section; of equal ones the first is told."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why the sections of one teacher's menu stand there."""

    board: Board
    chooser: Chooser
    needs: Needs | None

    def why(self, item: Item, parts: Mapping[str, int]) -> Sentence:
        """Return the strongest thing that speaks for a section."""
        strongest = max(SPEAKING, key=parts.__getitem__)
        if parts[strongest] <= 0:
            return Sentence("menu_why_fits")
        if strongest == "need" and self.needs is not None:
            return _need(item, self.needs)
        if strongest == "policy":
            return self._policy(item)
        if strongest == "text":
            return self._text(item)
        return self._history(item)

    def _policy(self, item: Item) -> Sentence:
        fitting = (boost for boost in self.board.boosts if boost.fits(self.chooser, item))
        boost = max(fitting, key=lambda boost: boost.points)
        return Sentence("menu_why_policy", {"policy": {"zh": boost.zh, "en": boost.en}})

    def _text(self, item: Item) -> Sentence:
        offering, near = self.board.nearest(self.chooser, item)
        values = {"offering": self._title(offering), "percent": (near + 5) // 10}
        return Sentence("menu_why_text", values)

    def _history(self, item: Item) -> Sentence:
        topics, companions = self.board.history(self.chooser, item)
        if topics >= companions or self.board.companions is None:
            return Sentence("menu_why_history", {"topics": shared_topics(self.chooser, item)})
        rows = self.board.companions.rows(self.chooser.completed, self.chooser.attributes)
        strongest = self.board.companions.strongest(rows, item.offering)
        if strongest is None:
            return Sentence("menu_why_companions")
        name, alone, both = strongest
        counts = {"alone": alone, "both": both}
        if name in self.chooser.completed:
            return Sentence("menu_why_companion", counts | {"offering": self._title(name)})
        return _side(name, counts)

    def _title(self, offering: str) -> str:
        return self.board.titles.get(offering, offering)


def _need(item: Item, needs: Needs) -> Sentence:
    widest = min(item.dimensions, key=lambda code: (-needs.gaps[code], code))
    code = "menu_why_need"
    if not needs.diagnosed:
        code = "menu_why_need_in_general"
    elif widest in needs.thin:
        code = "menu_why_need_thin"
    gap = f"{needs.gaps[widest] / 1000:.2f}"
    return Sentence(code, {"dimension": needs.titles[widest], "gap": gap})


def _side(name: str, counts: Mapping[str, int]) -> Sentence:
    """Return what teachers who share an attribute took; everybody shares one without a name."""
    attribute, _, value = name.partition("=")
    if not value:
        return Sentence("menu_why_everybody", counts)
    values = {"attribute": attribute_word(attribute), "value": value_word(attribute, value)}
    return Sentence("menu_why_alike", {**counts, **values})
