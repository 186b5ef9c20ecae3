"""What a careful reader would ask to be changed in items; hints, not errors.

A framework that has hints can be used; the ones that we ship have none (a test keeps that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from diagnostics.frameworks.items import Item, Questionnaire
from diagnostics.messages import Language, say

LENGTHS = {
    "self": (8, 40), "vignette": (40, 110), "observer": (8, 50), "evidence": (8, 50), "test": (8, 60),
}  # fmt: skip
"""Characters that a stem of a kind may have."""

TWINS = 0.5
"""Share of common pairs of characters from which two stems count as the same."""

LEAST_ITEMS, LEAST_VIGNETTES = 8, 3
"""How many self items and vignettes a dimension should at least have."""

_ABSOLUTE = re.compile(
    "总是|从不|从来|所有|完全|任何|绝对|永远|一定|必须|百分之百|毫不|每一个|时刻"
)
_DOUBLE = re.compile("并且|以及|(?<!不)同时|而且|并(?!非|不)|、.*、.*、|又.*又|既.*又")
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to look at again: where, and what it is about."""

    code: str
    place: str
    found: str = ""

    def say(self, lang: Language = "zh") -> str:
        """Return the hint in a sentence."""
        return say(self.code, lang, place=self.place, found=self.found)


def hints(questions: Questionnaire) -> tuple[Hint, ...]:
    """Return everything that should be looked at again, in the order of the checks."""
    return tuple(hint for check in CHECKS for hint in check(questions))


def _stages(item: Item) -> list[str]:
    """Return the stages for which an item reads differently; the empty one stands for the others."""
    return ["", *sorted(item.stem.by_stage)]


def _texts(questions: Questionnaire) -> Iterator[tuple[Item, str]]:
    for item in questions.items:
        for stage in _stages(item):
            yield item, item.stem.at(stage)


def _number(questions: Questionnaire) -> Iterator[Hint]:
    for dimension in questions.framework.dimensions:
        items = len(list(questions.of("self", dimension=dimension.code)))
        vignettes = len(list(questions.of("vignette", dimension=dimension.code)))
        if items < LEAST_ITEMS:
            yield Hint("lint_few_items", dimension.code, f"{items} < {LEAST_ITEMS}")
        if vignettes < LEAST_VIGNETTES and questions.descriptors:
            yield Hint("lint_few_vignettes", dimension.code, f"{vignettes} < {LEAST_VIGNETTES}")


def _length(questions: Questionnaire) -> Iterator[Hint]:
    for item, text in _texts(questions):
        low, high = LENGTHS[item.kind]
        if not low <= len(text) <= high:
            yield Hint("lint_length", item.code, f"{len(text)} ({low}–{high})")


def _absolute(questions: Questionnaire) -> Iterator[Hint]:
    for item, text in _texts(questions):
        if item.kind != "test" and (found := _ABSOLUTE.search(text)):
            yield Hint("lint_absolute", item.code, found[0])


def _double(questions: Questionnaire) -> Iterator[Hint]:
    for item, text in _texts(questions):
        if item.kind == "self" and (found := _DOUBLE.search(text)):
            yield Hint("lint_double", item.code, found[0])


def _languages(questions: Questionnaire) -> Iterator[Hint]:
    for item in questions.items:
        for stage in _stages(item):
            if not _CHINESE.search(item.stem.at(stage)):
                yield Hint("lint_chinese", item.code, item.stem.at(stage))
            if _CHINESE.search(item.stem.at(stage, "en")):
                yield Hint("lint_english", item.code, item.stem.at(stage, "en"))


def _options(questions: Questionnaire) -> Iterator[Hint]:
    for item in questions.items:
        texts = [option.at() for option in item.scale.options]
        if len(set(texts)) < len(texts):
            yield Hint("lint_options", item.code, item.scale.code)


def _spacing(questions: Questionnaire) -> Iterator[Hint]:
    for dimension in questions.framework.dimensions:
        places = sorted(
            item.expected
            for item in questions.of("vignette", dimension=dimension.code)
            if item.expected is not None
        )
        if len({high - low for low, high in pairwise(places)}) > 1:
            yield Hint("lint_spacing", dimension.code, ", ".join(map(str, places)))


def _twins(questions: Questionnaire) -> Iterator[Hint]:
    stages = sorted({stage for item in questions.items for stage in _stages(item)})
    seen = set()
    for stage in stages:
        pairs = [(item, _bigrams(item.stem.at(stage))) for item in questions.items]
        for (one, a), (other, b) in combinations(pairs, 2):
            same = len(a & b) / max(1, len(a | b))
            if one.kind == other.kind and same >= TWINS and (one.code, other.code) not in seen:
                seen.add((one.code, other.code))
                yield Hint("lint_twins", one.code, f"{other.code} ({same:.2f})")


def _bigrams(text: str) -> set[str]:
    plain = "".join(re.findall(r"\w", text))
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


CHECKS: tuple[Callable[[Questionnaire], Iterator[Hint]], ...] = (
    _number, _length, _absolute, _double, _languages, _options, _spacing, _twins,
)  # fmt: skip
