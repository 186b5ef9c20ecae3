"""What is believed of the teachers of a county by all that was said of them.

Whoever has answers to items is diagnosed from these; whoever has ratings of whole dimensions only is
judged by those, and everybody else by the base rates of the framework. All answers of a county are
weighed together, so that observers are compared with each other and the spread of leniency is learnt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from diagnostics.assumed import instrument_of
from diagnostics.diagnosis import profiles_of
from diagnostics.frameworks.items import Questionnaire
from diagnostics.leniency import learn
from diagnostics.own_items import file_now, in_use
from diagnostics.population import ASSUMED, Case, Population
from diagnostics.profile import Profile, profiles
from diagnostics.quality import in_order
from diagnostics.raters import score
from diagnostics.responses import Answer, Rating, answers_of

Told = tuple[str, str, tuple[tuple[str, int], ...]]
"""Teacher, who answered, and the options chosen, (item, option from 1)."""


class Answered(Protocol):
    """What one person answered about one teacher; `diagnostics.tables.ResponseRow` is one."""

    teacher_id: str
    rater: str

    @property
    def options(self) -> Mapping[str, int]:
        """Item -> option chosen, from 1."""


@dataclass(frozen=True, slots=True)
class County:
    """The profiles of a county, with what was learnt of how its people answer.

    Parameters
    ----------
    profiles
        One for each teacher, by number.
    answered
        Teachers who have answers to items, their own or others'.
    population
        The spreads of leniency and severity that were learnt or, from too few, assumed.
    """

    profiles: tuple[Profile, ...]
    answered: frozenset[str] = frozenset()
    population: Population = ASSUMED


def county(
    questions: Questionnaire,
    teachers: Iterable[str],
    ratings: Iterable[Rating] = (),
    answered: Iterable[Answered] = (),
) -> County:
    """Return what is believed of every teacher.

    Answers to items that the questionnaire no longer has are passed over.
    """
    known = {item.code for item in questions.items}
    wanted = set(teachers)
    told = tuple(
        sorted(
            (row.teacher_id, row.rater, options)
            for row in answered
            if row.teacher_id in wanted and (options := tuple(_of(row.options, known)))
        )
    )
    measured = file_now(questions.framework.code)
    kept = _one if len(wanted) == 1 else _many
    found, population = kept(questions, told, measured) if told else ((), ASSUMED)
    by_items = {profile.teacher for profile in found}
    others = wanted - by_items
    by_ratings = profiles(questions.framework, others, (r for r in ratings if r.teacher in others))
    return County(
        tuple(sorted((*found, *by_ratings), key=lambda each: each.teacher)),
        frozenset(by_items),
        population,
    )


def _of(options: Mapping[str, int], known: set[str]) -> Iterator[tuple[str, int]]:
    return ((item, option) for item, option in sorted(options.items()) if item in known)


def _diagnosed(
    questions: Questionnaire, told: Sequence[Told], measured: tuple[Path, int] | None
) -> tuple[tuple[Profile, ...], Population]:
    """Return the profiles of those who have answers.

    `measured` names the file of the county's own items, so that a new one is noticed.
    """
    del measured
    frame = questions.framework
    instrument, known = in_use(instrument_of(questions), frame.code, frame.version)
    items = {item.code: item for item in questions.items}
    rows = (
        Answer(teacher, item, rater, items[item].value(option))
        for teacher, rater, options in told
        for item, option in options
    )
    answers = answers_of(instrument.bank, rows)
    case = Case(instrument, in_order(instrument, answers), known)
    population = learn(case)
    scores = score(replace(case, population=population))
    return profiles_of(frame, instrument, answers, scores), population


_one = lru_cache(maxsize=512)(_diagnosed)
_many = lru_cache(maxsize=4)(_diagnosed)
"""What was asked for lately, by all that was told: of one teacher each, and of whole counties."""
