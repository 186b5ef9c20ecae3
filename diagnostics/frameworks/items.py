"""The questions of a framework: items of five kinds, their scales, and what levels look like.

Whatever is put to a teacher may be worded otherwise for a stage (a kindergarten has no homework):
by a row of `wordings.csv` for an item, or by a word in braces that `words.csv` gives for each stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from diagnostics.errors import BadData
from diagnostics.framework import Framework
from diagnostics.instrument import Kind
from diagnostics.messages import Language, say


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in both languages, with other words for some stages."""

    zh: str
    en: str
    by_stage: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def at(self, stage: str = "", lang: Language = "zh") -> str:
        """Return the text as it is put to teachers of a stage."""
        zh, en = self.by_stage.get(stage, (self.zh, self.en))
        return zh if lang == "zh" else en


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers to choose from, lowest first, and the question that leads to them."""

    code: str
    prompt: Wording
    options: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be answered about one dimension.

    Parameters
    ----------
    stages
        The stages it is put to; empty for all.
    reversed
        Whether the last option speaks for the lowest level.
    expected
        The level that a vignette stands for; between two levels where it sits on their border.
    answer
        The right option of a test, from 1.
    status, source
        What the item rests on (see `diagnostics.framework.Part`).
    """

    code: str
    dimension: str
    kind: Kind
    scale: Scale
    stem: Wording
    stages: tuple[str, ...] = ()
    reversed: bool = False
    expected: Fraction | None = None
    answer: int | None = None
    status: str = "assumption"
    source: str = ""

    @property
    def categories(self) -> int:
        """How many different values `value` can have."""
        return 2 if self.kind == "test" else len(self.scale.options)

    def fits(self, stage: str) -> bool:
        """Tell whether it is put to teachers of a stage."""
        return not self.stages or stage in self.stages

    def value(self, option: int) -> int:
        """Return what an option, from 1, counts in a matrix of answers: 0 is the lowest.

        Raises
        ------
        BadData
            If there is no such option.
        """
        if not 1 <= option <= len(self.scale.options):
            raise BadData(f"{self.code}: option {option} is none of 1..{len(self.scale.options)}")
        if self.kind == "test":
            return int(option == self.answer)
        return len(self.scale.options) - option if self.reversed else option - 1


@dataclass(frozen=True, slots=True, eq=False)
class Questionnaire:
    """A framework with its items and with what each level looks like in each dimension."""

    framework: Framework
    items: tuple[Item, ...]
    descriptors: Mapping[tuple[str, int], Wording]

    def item(self, code: str) -> Item:
        """Return an item by its code.

        Raises
        ------
        BadData
            If there is none.
        """
        for item in self.items:
            if item.code == code:
                return item
        raise BadData(f"framework {self.framework.code}: no item {code!r}")

    def of(self, *kinds: Kind, dimension: str = "", stage: str = "") -> Iterator[Item]:
        """Yield the items of some kinds (all without), of a dimension and for a stage, if named."""
        for item in self.items:
            if (
                (not kinds or item.kind in kinds)
                and dimension in ("", item.dimension)
                and (not stage or item.fits(stage))
            ):
                yield item

    def uncalibrated(self, answers: Mapping[str, int]) -> tuple[str, ...]:
        """Return the items with fewer answers than the framework asks for.

        Parameters
        ----------
        answers
            How often each item was answered; an item that is not named was never answered.
        """
        needed = self.framework.answers_needed
        return tuple(item.code for item in self.items if answers.get(item.code, 0) < needed)

    def caution(self, answers: Mapping[str, int], lang: Language = "zh") -> str:
        """Return what to say beside every figure while items are uncalibrated; else nothing."""
        if not (items := self.uncalibrated(answers)):
            return ""
        return say(
            "uncalibrated",
            lang,
            items=len(items),
            of=len(self.items),
            needed=self.framework.answers_needed,
        )
