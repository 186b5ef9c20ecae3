"""A recommended menu: at most twenty sections a teacher may take, each with its score and why.

A menu is never a fence: `find` searches all she may take, and what she may not take is listed with
every rule that stands in the way. A score is the sum of its parts, all whole points (a thousandth
of a level of expected need is one point): need, history and policy speak for a section, its price
and sameness with what the menu shows already against it. Equal scores go by section id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.choices import (
    Attributes,
    Chooser,
    Filter,
    Item,
    Sentence,
    find,
    has,
    shared_topics,
    why_not,
)
from catalog.messages import Language, say

__all__ = [
    "Boost",
    "Chooser",
    "Entry",
    "Filter",
    "Hidden",
    "Item",
    "Menu",
    "Needs",
    "Weights",
    "find",
    "recommend",
    "why_not",
]

LONGEST = 20
"""Sections that a menu shows at most."""


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
    """How much each part says; points."""

    need: int = 1
    history: int = 80
    most_history: int = 2
    same_dimension: int = 40
    same_offering: int = 250


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu; the parts add up to the score."""

    item: Item
    parts: Mapping[str, int]
    why: Sentence

    @property
    def score(self) -> int:
        """The sum of the parts."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Hidden:
    """A section she may not take, with every rule that stands in the way."""

    item: Item
    why_not: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """What is shown first, what is hidden and why; `is_default` where there is no diagnosis."""

    teacher: str
    entries: tuple[Entry, ...]
    hidden: tuple[Hidden, ...]
    eligible: int
    is_default: bool

    def heading(self, lang: Language = "zh") -> str:
        """Return what the menu is, and that more can be found."""
        code = "menu_heading_default" if self.is_default else "menu_heading"
        return say(code, lang, shown=len(self.entries), eligible=self.eligible)


def recommend(
    chooser: Chooser,
    items: Sequence[Item],
    needs: Needs | None = None,
    boosts: Sequence[Boost] = (),
    weights: Weights | None = None,
    longest: int = LONGEST,
) -> Menu:
    """Return a teacher's menu of at most `longest` sections, the best first."""
    weights = weights or Weights()
    open_to_her, hidden = _split(chooser, items)
    known = [(item, _parts(chooser, item, needs, boosts, weights)) for item in open_to_her]
    entries = tuple(
        Entry(item, parts, _why(chooser, item, parts, needs, boosts))
        for item, parts in _varied(known, weights, longest)
    )
    is_default = needs is None or not needs.diagnosed
    return Menu(chooser.teacher, entries, hidden, len(open_to_her), is_default)


def _split(chooser: Chooser, items: Sequence[Item]) -> tuple[list[Item], tuple[Hidden, ...]]:
    open_to_her, hidden = [], []
    for item in sorted(items, key=lambda item: item.section):
        reasons = tuple(why_not(chooser, item))
        if reasons:
            hidden.append(Hidden(item, reasons))
        else:
            open_to_her.append(item)
    return open_to_her, tuple(hidden)


def _parts(
    chooser: Chooser,
    item: Item,
    needs: Needs | None,
    boosts: Sequence[Boost],
    weights: Weights,
) -> dict[str, int]:
    need = needs.values[item.section] if needs else 0
    shared = min(len(shared_topics(chooser, item)), weights.most_history)
    return {
        "need": weights.need * need,
        "history": weights.history * shared,
        "policy": sum(boost.points for boost in boosts if boost.fits(chooser, item)),
        "price": -item.price,
        "variety": 0,
    }


def _varied(
    known: Sequence[tuple[Item, dict[str, int]]], weights: Weights, longest: int
) -> Iterator[tuple[Item, dict[str, int]]]:
    """Yield the best item, then the best of what is least alike to those before, and so on."""
    left = {item.section: (item, parts) for item, parts in known}
    dimensions: Counter[str] = Counter()
    offerings: Counter[str] = Counter()

    def varied(item: Item, parts: dict[str, int]) -> dict[str, int]:
        alike = sum(dimensions[code] for code in item.dimensions)
        again = offerings[item.offering]
        return parts | {"variety": -weights.same_dimension * alike - weights.same_offering * again}

    for _ in range(min(longest, len(known))):
        scored = ((item, varied(item, parts)) for item, parts in left.values())
        item, parts = min(scored, key=lambda pair: (-sum(pair[1].values()), pair[0].section))
        del left[item.section]
        dimensions.update(item.dimensions)
        offerings[item.offering] += 1
        yield item, parts


def _why(
    chooser: Chooser,
    item: Item,
    parts: Mapping[str, int],
    needs: Needs | None,
    boosts: Sequence[Boost],
) -> Sentence:
    """Return the strongest thing that speaks for a section; what is said is what was counted."""
    strongest = max(("need", "policy", "history"), key=lambda name: parts[name])
    if parts[strongest] <= 0:
        return Sentence("menu_why_fits")
    if strongest == "need" and needs is not None:
        return _why_need(item, needs)
    if strongest == "policy":
        boost = max((b for b in boosts if b.fits(chooser, item)), key=lambda b: b.points)
        return Sentence("menu_why_policy", {"policy": {"zh": boost.zh, "en": boost.en}})
    return Sentence("menu_why_history", {"topics": shared_topics(chooser, item)})


def _why_need(item: Item, needs: Needs) -> Sentence:
    widest = min(item.dimensions, key=lambda code: (-needs.gaps[code], code))
    code = "menu_why_need"
    if not needs.diagnosed:
        code = "menu_why_need_in_general"
    elif widest in needs.thin:
        code = "menu_why_need_thin"
    gap = f"{needs.gaps[widest] / 1000:.2f}"
    return Sentence(code, {"dimension": needs.titles[widest], "gap": gap})
