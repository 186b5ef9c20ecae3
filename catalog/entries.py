"""What a menu is made of: what is counted, its lines, and what has been shown to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from catalog.choices import Attributes, Chooser, Item, has, why_not
from catalog.messages import Language, Sentence, say

PARTS = ("need", "history", "text", "policy", "price", "variety")
"""What a score is the sum of."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What is expected of her needs: one value per section, and the gaps they come from.

    `values` go by section id, `gaps` by dimension, both in thousandths of a level; `titles` are the
    dimensions' names as zh/en pairs, `thin` the dimensions with too little evidence. Where she has
    no diagnosis the values rest on general experience alone and the menu says so.
    """

    values: Mapping[str, int]
    gaps: Mapping[str, int]
    titles: Mapping[str, Mapping[str, str]]
    thin: frozenset[str] = frozenset()
    diagnosed: bool = True


@dataclass(frozen=True, slots=True)
class Boost:
    """Points that a policy adds where a teacher and a section have what it names."""

    zh: str
    en: str
    points: int
    teacher: Attributes = field(default_factory=dict)
    section: Attributes = field(default_factory=dict)

    def fits(self, chooser: Chooser, item: Item) -> bool:
        """Tell whether every attribute named has one of the values named."""
        return has(chooser.attributes, self.teacher) and has(item.attributes, self.section)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part says; points.

    `companions` percent of the points learned from what is taken together count, up to
    `most_companions` points either way; a text that is the same as one of hers counts `text` points.
    """

    need: int = 1
    history: int = 80
    most_history: int = 2
    companions: int = 20
    most_companions: int = 200
    text: int = 100
    same_dimension: int = 40
    same_offering: int = 250


class Telling(Protocol):
    """Who can say why a section stands on somebody's menu."""

    def why(self, item: Item, parts: Mapping[str, int]) -> Sentence:
        """Return the strongest thing that speaks for a section."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu; the parts add up to the score."""

    item: Item
    parts: Mapping[str, int]
    telling: Telling = field(compare=False, repr=False)

    @property
    def why(self) -> Sentence:
        """The strongest thing that speaks for the section; what is said is what was counted."""
        return self.telling.why(self.item, self.parts)

    @property
    def score(self) -> int:
        """The sum of the parts."""
        return sum(self.parts.values())

    @property
    def odds(self) -> Sentence:
        """How those fared who asked last time."""
        return self.item.chances()


@dataclass(frozen=True, slots=True)
class Hidden:
    """A section she may not take, with every rule that stands in the way."""

    item: Item
    why_not: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """That a section stood at a place of somebody's menu, for callers to write down.

    What is never shown is rarely asked for, and what is asked for is learned and shown again; who
    keeps these lines can tell the one from the other.
    """

    teacher: str
    place: int
    section: str
    score: int
    price: int


@dataclass(frozen=True, slots=True)
class Menu:
    """What is shown first, what is closed to her; `is_default` where there is no diagnosis."""

    chooser: Chooser
    entries: tuple[Entry, ...]
    closed: tuple[Item, ...]
    eligible: int
    is_default: bool

    @property
    def teacher(self) -> str:
        """Whose menu it is."""
        return self.chooser.teacher

    @property
    def hidden(self) -> tuple[Hidden, ...]:
        """What she may not take, with every rule that stands in the way."""
        return tuple(Hidden(item, tuple(why_not(self.chooser, item))) for item in self.closed)

    def heading(self, lang: Language = "zh") -> str:
        """Return what the menu is, and that more can be found."""
        code = "menu_heading_default" if self.is_default else "menu_heading"
        return say(code, lang, shown=len(self.entries), eligible=self.eligible)

    def shown(self) -> tuple[Shown, ...]:
        """Return what is to be written down of having shown this menu."""
        return tuple(
            Shown(self.teacher, place, entry.item.section, entry.score, entry.item.price)
            for place, entry in enumerate(self.entries, start=1)
        )
