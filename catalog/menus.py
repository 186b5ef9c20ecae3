"""A recommended menu: at most twenty sections a teacher may take, each with its score and why.

A menu is never a fence: `find` searches all she may take, and what she may not take is listed with
every rule that stands in the way. A score is the sum of its parts, all whole points (a thousandth
of a level of expected need is one point): need, history and policy speak for a section, its price
and sameness with what the menu shows already against it. Equal scores go by section id.

Sections and teachers come as plain data, so that rounds, pages and tests can fill them alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from catalog.messages import Language, say, worded
from catalog.terms import RESIDENCES, ROLES, STAGES, SUBJECTS, TIERS, TITLE_RANKS, Vocabulary

LONGEST = 20
"""Sections that a menu shows at most."""

Attributes = Mapping[str, Collection[str]]
SortKey = Literal["id", "title", "day", "price", "hours"]

_WORDS: Mapping[str, Vocabulary] = {
    "stage": STAGES,
    "subject": SUBJECTS,
    "main_subject": SUBJECTS,
    "role": ROLES,
    "tier": TIERS,
    "title_rank": TITLE_RANKS,
    "residence": RESIDENCES,
}


class Ask(Protocol):
    """One thing a section asks of its teachers: an attribute, a test and the values it wants."""

    @property
    def attribute(self) -> str:
        """Name of the attribute."""

    @property
    def test(self) -> str:
        """One of in, not_in, ge, le."""

    @property
    def values(self) -> Sequence[str]:
        """What is wanted."""

    def holds(self, attributes: Attributes) -> bool:
        """Tell whether a teacher with these attributes meets it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A section with what its course says, as a menu looks at it.

    `price` is what the matching asks for a seat (0 where it is not known); `days` are ISO days.
    """

    section: str
    offering: str
    title: str
    minutes: int = 0
    dimensions: tuple[str, ...] = ()
    attributes: Attributes = field(default_factory=dict)
    asks: tuple[Ask, ...] = ()
    prerequisites: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    site: str = ""
    price: int = 0


@dataclass(frozen=True, slots=True)
class Chooser:
    """A teacher as a menu looks at her.

    `completed` are offerings she has done, `topics` what they were about; `barred` maps a section to
    the last day of a ban that keeps her out of it.
    """

    teacher: str
    attributes: Attributes
    completed: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    barred: Mapping[str, str] = field(default_factory=dict)


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
        return _has(chooser.attributes, self.teacher) and _has(item.attributes, self.section)


def _has(attributes: Attributes, wanted: Attributes) -> bool:
    return all(set(values) & set(attributes.get(name, ())) for name, values in wanted.items())


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part says; points."""

    need: int = 1
    history: int = 80
    most_history: int = 2
    same_dimension: int = 40
    same_offering: int = 250


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message with its values, said in either language."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence."""
        return say(self.code, lang, **worded(self.values, lang))


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


def why_not(chooser: Chooser, item: Item) -> Iterator[Sentence]:
    """Yield every rule that keeps a teacher out of a section; nothing where she may take it."""
    for ask in item.asks:
        if not ask.holds(chooser.attributes):
            yield _unmet(ask, chooser.attributes.get(ask.attribute, ()))
    if item.offering in chooser.completed:
        yield Sentence("menu_not_repeated", {"offering": item.offering})
    missing = tuple(sorted(set(item.prerequisites) - chooser.completed))
    if missing:
        yield Sentence("menu_not_prerequisite", {"need": missing})
    if item.section in chooser.barred:
        yield Sentence("menu_not_barred", {"until": chooser.barred[item.section]})


def _unmet(ask: Ask, have: Collection[str]) -> Sentence:
    values = {
        "attribute": _both(f"menu_attribute_{ask.attribute}"),
        "need": tuple(_word(ask.attribute, value) for value in ask.values),
        "have": tuple(_word(ask.attribute, value) for value in sorted(have))
        or _both("menu_nothing"),
    }
    return Sentence(f"menu_not_{ask.test}", values)


def _both(code: str) -> Mapping[str, str]:
    return {"zh": say(code, "zh"), "en": say(code, "en")}


def _word(attribute: str, value: str) -> Mapping[str, str]:
    words = _WORDS.get(attribute)
    if attribute == "rural" and value in ("yes", "no"):
        return _both(f"menu_{value}")
    if words is None:
        return {"zh": value, "en": value}
    return {"zh": words.word(value, "zh"), "en": words.word(value, "en")}


def _parts(
    chooser: Chooser,
    item: Item,
    needs: Needs | None,
    boosts: Sequence[Boost],
    weights: Weights,
) -> dict[str, int]:
    need = needs.values[item.section] if needs else 0
    shared = min(len(_shared_topics(chooser, item)), weights.most_history)
    return {
        "need": weights.need * need,
        "history": weights.history * shared,
        "policy": sum(boost.points for boost in boosts if boost.fits(chooser, item)),
        "price": -item.price,
        "variety": 0,
    }


def _shared_topics(chooser: Chooser, item: Item) -> tuple[str, ...]:
    return tuple(sorted(chooser.topics & set(item.attributes.get("topic", ()))))


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
    return Sentence("menu_why_history", {"topics": _shared_topics(chooser, item)})


def _why_need(item: Item, needs: Needs) -> Sentence:
    widest = min(item.dimensions, key=lambda code: (-needs.gaps[code], code))
    code = "menu_why_need"
    if not needs.diagnosed:
        code = "menu_why_need_in_general"
    elif widest in needs.thin:
        code = "menu_why_need_thin"
    gap = f"{needs.gaps[widest] / 1000:.2f}"
    return Sentence(code, {"dimension": needs.titles[widest], "gap": gap})


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for among all she may take; an empty value asks for nothing."""

    text: str = ""
    attributes: Attributes = field(default_factory=dict)
    first_day: str = ""
    last_day: str = ""
    site: str = ""

    def lets(self, item: Item) -> bool:
        """Tell whether a section is looked for; a section without days fits any dates."""
        words = f"{item.section} {item.offering} {item.title}".lower()
        starts = not self.first_day or not item.days or min(item.days) >= self.first_day
        ends = not self.last_day or not item.days or max(item.days) <= self.last_day
        found = self.text.lower() in words and self.site in item.site
        return found and starts and ends and _has(item.attributes, self.attributes)


def find(
    chooser: Chooser,
    items: Sequence[Item],
    wanted: Filter | None = None,
    by: SortKey = "id",
) -> tuple[Item, ...]:
    """Return every section she may take that is looked for, on the menu or not, in order."""
    wanted = wanted or Filter()
    keys = {
        "id": lambda item: (item.section,),
        "title": lambda item: (item.title, item.section),
        "day": lambda item: (min(item.days, default="9999"), item.section),
        "price": lambda item: (item.price, item.section),
        "hours": lambda item: (-item.minutes, item.section),
    }
    open_to_her, _ = _split(chooser, items)
    return tuple(sorted((item for item in open_to_her if wanted.lets(item)), key=keys[by]))
