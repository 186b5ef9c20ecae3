"""What a framework is made of: dimensions, levels, target rules, and what each part rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from catalog import terms
from diagnostics.messages import Language
from diagnostics.teachers import TaughtSubject, Teacher, career_rules


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing a teacher can grow in, inside an area."""

    code: str
    area: str
    area_en: str
    zh: str
    en: str

    def title(self, lang: Language = "zh") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the scale, with what a teacher at it does."""

    level: int
    zh: str
    en: str


STATUSES = ("sourced", "assumption", "unverified")
"""What a part may rest on: a text that was read, our own choice, or memory alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a framework rests on; only what is `sourced` may be told as a fact."""

    name: str
    status: str
    zh: str
    en: str
    source: str = ""

    def say(self, lang: Language = "zh") -> str:
        """Return what the part rests on, in a sentence."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class TargetRule:
    """Levels that teachers with these attributes should reach."""

    where: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, int]

    def fits(self, attributes: Mapping[str, Collection[str]]) -> bool:
        """Tell whether every attribute asked for has one of the values asked for."""
        return all(
            any(value in wanted for value in attributes.get(name, ()))
            for name, wanted in self.where.items()
        )

    def unknown(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Yield attributes and values of `where` that nobody can have, with those that there are."""
        for name, wanted in self.where.items():
            if name not in ATTRIBUTES:
                yield name, name, ATTRIBUTES
            for value in wanted:
                if value not in (known := _codes(name, value)):
                    yield name, value, known


@dataclass(frozen=True, slots=True)
class Model:
    """The numbers of the measurement model; widths are in levels (see diagnostics.profile)."""

    base_rates: tuple[Fraction, ...]
    self_lean: Fraction
    self_lean_sd: Fraction
    self_noise_sd: Fraction
    observer_severity_sd: Fraction
    observer_noise_sd: Fraction
    minimum_ratings: int
    minimum_observers: int
    minimum_group: int


ATTRIBUTES = ("career", *Teacher("", "", "", "", (TaughtSubject("", main=True),), 0).attributes())
"""What a target rule may ask for."""


def _codes(attribute: str, value: str) -> tuple[str, ...]:
    """Return the codes an attribute may have; any value where there is no list of them."""
    if attribute == "career":
        return tuple(rule.stage for rule in career_rules())
    vocabulary = _VOCABULARIES.get(attribute)
    return tuple(vocabulary.terms) if vocabulary else (value,)


_VOCABULARIES = {
    "stage": terms.STAGES,
    "subject": terms.SUBJECTS,
    "main_subject": terms.SUBJECTS,
    "role": terms.ROLES,
    "tier": terms.TIERS,
}
