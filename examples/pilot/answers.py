"""How the county answers the questionnaire: a world whose truth is known.

A teacher shows in a self item her ability and her leniency, in a vignette her leniency alone; who
saw her teach shows her ability and a severity of his own. Items part levels where the framework has
its cuts, each item a little elsewhere and each with a slope of its own: the diagnosis, which takes
all items of a kind as equal, does not know that. (The same world as `diagnostics.simulate` draws, by
a chance that is the same on every machine.)
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnostics.assumed import instrument_of
from diagnostics.frameworks.forms import FORMS, Form, form_of, forms
from diagnostics.frameworks.items import Item, Questionnaire
from examples.pilot import county as c
from examples.pilot.chance import Chance
from examples.pilot.people import Teacher

ANSWERED_SHARE, OBSERVED_SHARE = 0.85, 0.30
OVERSTATED, LENIENCY_SD, LENIENCY_WITH_ABILITY = 0.25, 0.6, -0.2
SEVERITY_SD, READING_SD, SEEING_SD = 0.5, 0.3, 0.4
SLOPE_SD, PLACE_SD = 0.2, 0.15
"""By how much an item's slope (logarithm) and its place differ from what is assumed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person answered about one teacher: item -> option, from 1."""

    teacher: str
    rater: str
    day: str
    options: dict[str, int]


@dataclass(frozen=True, slots=True)
class Curve:
    """One item as it truly is: its slope and the abilities at which one answer gives way to the next."""

    slope: float
    places: tuple[float, ...]

    def answer(self, shown: float, chance: Chance) -> int:
        """Return the option, from 1, that somebody chooses to whom so much is shown."""
        share = min(max(chance.share(), 1e-12), 1 - 1e-12)
        return 1 + bisect(self.places, shown - math.log(share / (1 - share)) / self.slope)


def answered(people: Sequence[Teacher], questions: Questionnaire, seed: int) -> list[Answered]:
    """Return what five teachers in six answer on a short form, and what observers saw of some."""
    curves = _curves(questions, seed)
    stages = {teacher.school.stage for teacher in people}
    papers = {stage: forms(questions, stage, str(seed)) for stage in sorted(stages)}
    colleagues: dict[str, list[Teacher]] = {}
    for teacher in people:
        colleagues.setdefault(teacher.school.id, []).append(teacher)
    out: list[Answered] = []
    for teacher in people:
        chance = Chance(seed, "answers", teacher.id)
        if not chance.yes(ANSWERED_SHARE):
            continue
        form = papers[teacher.school.stage][form_of(teacher.id, str(seed), FORMS)]
        out.append(_own(teacher, form, curves, chance))
        if chance.yes(OBSERVED_SHARE):
            others = [t for t in colleagues[teacher.school.id] if t.years >= 8 and t is not teacher]
            items = list(questions.of("observer", stage=teacher.school.stage))
            out.append(_seen(teacher, chance.one_of(others), items, curves, chance))
    return out


def levels(people: Sequence[Teacher], questions: Questionnaire) -> Iterator[tuple[str, ...]]:
    """Yield a header, then each teacher's number and her true level in every dimension."""
    instrument = instrument_of(questions)
    yield "teacher", *instrument.dimensions
    for teacher in people:
        yield (
            teacher.id,
            *(
                str(1 + bisect(list(cuts), teacher.ability[dimension]))
                for dimension, cuts in zip(instrument.dimensions, instrument.cuts, strict=True)
            ),
        )


def _curves(questions: Questionnaire, seed: int) -> dict[str, Curve]:
    """Return every item around what is assumed of it; a vignette lies where it was meant to."""
    bank = instrument_of(questions).bank
    found = {}
    for code, slope, row in zip(bank.items, bank.slopes, bank.intercepts, strict=True):
        chance = Chance(seed, "item", code)
        shift = PLACE_SD * chance.normal()
        places = tuple(float(-each / slope) + shift for each in row if not math.isnan(each))
        found[code] = Curve(float(slope) * math.exp(SLOPE_SD * chance.normal()), places)
    return found


def _own(teacher: Teacher, form: Form, curves: dict[str, Curve], chance: Chance) -> Answered:
    lean = leniency(teacher)
    options = {}
    for item in form.items:
        shown = lean
        if item.kind == "vignette":
            shown += READING_SD * chance.normal()
        else:
            shown += teacher.ability[item.dimension]
        options[item.code] = _turned(item, curves[item.code].answer(shown, chance))
    return Answered(teacher.id, teacher.id, _day(chance), options)


def leniency(teacher: Teacher) -> float:
    """Return by how much a teacher overstates, in SDs of ability."""
    along = sum(teacher.ability.values()) / len(teacher.ability)
    free = LENIENCY_SD * math.sqrt(1 - LENIENCY_WITH_ABILITY**2)
    return OVERSTATED + LENIENCY_SD * LENIENCY_WITH_ABILITY * along + free * teacher.leniency


def _seen(
    teacher: Teacher,
    rater: Teacher,
    items: Sequence[Item],
    curves: dict[str, Curve],
    chance: Chance,
) -> Answered:
    options = {}
    for item in items:
        shown = teacher.ability[item.dimension] + SEVERITY_SD * rater.leniency
        shown += SEEING_SD * chance.normal()
        options[item.code] = _turned(item, curves[item.code].answer(shown, chance))
    return Answered(teacher.id, rater.id, _day(chance), options)


def _turned(item: Item, option: int) -> int:
    """Return the option as it stands on the page, where a reversed item begins at the other end."""
    return len(item.scale.options) + 1 - option if item.reversed else option


def _day(chance: Chance) -> str:
    return f"{c.YEAR}-05-{10 + chance.below(18):02d}"
