"""What a teacher may choose: sections as plain data, why not, and a search over all she may take.

Sections and teachers come as plain data, so that rounds, pages and tests can fill them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from catalog.messages import Sentence, say
from catalog.odds import Odds, odds_sentence
from catalog.terms import RESIDENCES, ROLES, STAGES, SUBJECTS, TIERS, TITLE_RANKS, Vocabulary

Attributes = Mapping[str, Collection[str]]
SortKey = Literal["id", "title", "day", "price", "hours", "odds"]

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

    `price` is what the matching asks for a seat (0 where it is not known), `odds` what became of
    those who asked for it last time; `days` are ISO days. `text` is what a course says of itself.
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
    text: str = ""
    odds: Odds | None = None

    def chances(self) -> Sentence:
        """Return what is known of getting in, with the counts; where nothing is known, that."""
        return odds_sentence(self.odds)


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


def has(attributes: Attributes, wanted: Attributes) -> bool:
    """Tell whether every attribute wanted has one of the values wanted."""
    return all(set(values) & set(attributes.get(name, ())) for name, values in wanted.items())


def shared_topics(chooser: Chooser, item: Item) -> tuple[str, ...]:
    """Return the topics of a section that she has learned about before."""
    return tuple(sorted(chooser.topics & set(item.attributes.get("topic", ()))))


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
        "attribute": attribute_word(ask.attribute),
        "need": tuple(value_word(ask.attribute, value) for value in ask.values),
        "have": tuple(value_word(ask.attribute, value) for value in sorted(have))
        or _both("menu_nothing"),
    }
    return Sentence(f"menu_not_{ask.test}", values)


def _both(code: str) -> Mapping[str, str]:
    return {"zh": say(code, "zh"), "en": say(code, "en")}


def attribute_word(attribute: str) -> Mapping[str, str]:
    """Return the zh/en word of what a rule may ask for."""
    return _both(f"menu_attribute_{attribute}")


def value_word(attribute: str, value: str) -> Mapping[str, str]:
    """Return the zh/en word of a value; one outside the vocabularies stands for itself."""
    words = _WORDS.get(attribute)
    if attribute == "rural" and value in ("yes", "no"):
        return _both(f"menu_{value}")
    if words is None:
        return {"zh": value, "en": value}
    return {"zh": words.word(value, "zh"), "en": words.word(value, "en")}


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
        return found and starts and ends and has(item.attributes, self.attributes)


def find(
    chooser: Chooser,
    items: Sequence[Item],
    wanted: Filter | None = None,
    by: SortKey = "id",
) -> tuple[Item, ...]:
    """Return every section she may take that is looked for, on the menu or not, in order."""
    wanted = wanted or Filter()
    open_to_her = (item for item in items if not any(why_not(chooser, item)))
    return tuple(sorted((item for item in open_to_her if wanted.lets(item)), key=_KEYS[by]))


_KEYS: Mapping[SortKey, Callable[[Item], tuple[Any, ...]]] = {
    "id": lambda item: (item.section,),
    "title": lambda item: (item.title, item.section),
    "day": lambda item: (min(item.days, default="9999"), item.section),
    "price": lambda item: (item.price, item.section),
    "hours": lambda item: (-item.minutes, item.section),
    "odds": lambda item: (-item.odds.per_mille if item.odds else 0, item.section),
}
