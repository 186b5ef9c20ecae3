"""Signs that answers were not given with care: they are told, and every answer is kept.

A flag says what was seen, with its figure and the figure from which it is told. It decides nothing
and is shown beside the profile. One thing follows by itself, because the model asks for it: of
vignettes that a reader puts in the wrong order nothing is learnt about how lenient she is
(`in_order`), so they are left out there and stay on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.instrument import Instrument
from diagnostics.irt.models import MISSING
from diagnostics.messages import Language, say
from diagnostics.responses import Answer, Answers

Values = NDArray[np.int8]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a flag is raised.

    Parameters
    ----------
    same
        Equal answers in a row, in the order of the questionnaire.
    seconds
        A median time for an answer below which nobody has read the item.
    timed
        Answers with a known time that such a median needs.
    reversed_pairs
        Pairs of vignettes in one dimension of which the better was rated lower.
    """

    same: int = 12
    seconds: float = 2.0
    timed: int = 5
    reversed_pairs: int = 1


LIMITS = Limits()


@dataclass(frozen=True, slots=True, order=True)
class Flag:
    """One sign, about what `rater` answered about `teacher`; `subject` is a dimension or an item."""

    teacher: str
    rater: str
    code: str
    subject: str
    have: float
    limit: float

    def say(self, lang: Language = "zh") -> str:
        """Return what was seen as a sentence with its figures."""
        return say(
            self.code,
            lang,
            rater=self.rater,
            subject=self.subject,
            have=f"{self.have:g}",
            limit=f"{self.limit:g}",
        )


def flags(
    instrument: Instrument, answers: Answers, rows: Iterable[Answer], limits: Limits = LIMITS
) -> tuple[Flag, ...]:
    """Return every flag, by teacher and rater.

    Parameters
    ----------
    answers
        The answers in columns.
    rows
        The same answers one by one, with those that were given again.
    """
    found = [
        *_straight(answers, limits),
        *_fast(answers, limits),
        *_reversed(instrument, answers, limits),
        *_contradicting(instrument, rows),
    ]
    return tuple(sorted(found))


def _straight(answers: Answers, limits: Limits) -> Iterator[Flag]:
    for teacher, run in zip(answers.teachers, longest_runs(answers.own), strict=True):
        if run >= limits.same:
            yield Flag(teacher, teacher, "flag_same_answer", "", float(run), limits.same)
    pairs = zip(answers.teacher_of, answers.rater_of, longest_runs(answers.seen), strict=True)
    for teacher, rater, run in pairs:
        if run >= limits.same:
            names = answers.teachers[teacher], answers.raters[rater]
            yield Flag(*names, "flag_same_answer", "", float(run), limits.same)


def longest_runs(values: Values) -> NDArray[np.intp]:
    """Return the longest run of equal answers in each row; items left out do not break it."""
    longest = np.zeros(len(values), np.intp)
    run, last = longest.copy(), np.full(len(values), MISSING)
    for column in values[:, (values != MISSING).any(axis=0)].T:
        given = column != MISSING
        run = np.where(given, np.where(column == last, run + 1, 1), run)
        last = np.where(given, column, last)
        longest = np.maximum(longest, run)
    return longest


def _fast(answers: Answers, limits: Limits) -> Iterator[Flag]:
    for teacher, row in zip(answers.teachers, answers.seconds, strict=True):
        times = row[np.isfinite(row)]
        if len(times) >= limits.timed and (median := float(np.median(times))) < limits.seconds:
            yield Flag(teacher, teacher, "flag_too_fast", "", round(median, 1), limits.seconds)


@lru_cache(maxsize=32)
def _pairs(instrument: Instrument) -> tuple[Places, Places, Places]:
    """Return dimension, worse and better vignette of every pair in a dimension, (pairs,) each."""
    vignettes = np.flatnonzero(instrument.are("vignette"))
    by_place = sorted(vignettes.tolist(), key=lambda j: (instrument.places[j], j))
    pairs = sorted(
        (int(instrument.dimension_of[worse]), worse, better)
        for worse, better in combinations(by_place, 2)
        if instrument.dimension_of[worse] == instrument.dimension_of[better]
        and instrument.places[worse] < instrument.places[better]
    )
    dimension, worse, better = np.array(pairs, np.intp).reshape(-1, 3).T
    return dimension, worse, better


def _turned(instrument: Instrument, answers: Answers) -> NDArray[np.bool_]:
    """Tell which pairs of vignettes a teacher put in the wrong order, (N, pairs)."""
    _, worse, better = _pairs(instrument)
    low, high = answers.own[:, better], answers.own[:, worse]
    return np.asarray((low != MISSING) & (high != MISSING) & (low < high))


def _reversed(instrument: Instrument, answers: Answers, limits: Limits) -> Iterator[Flag]:
    about = np.eye(len(instrument.dimensions), dtype=np.intp)[_pairs(instrument)[0]]
    counts = _turned(instrument, answers) @ about
    for i, d in zip(*np.nonzero(counts >= limits.reversed_pairs), strict=True):
        teacher, subject = answers.teachers[i], instrument.dimensions[d]
        have, limit = float(counts[i, d]), float(limits.reversed_pairs)
        yield Flag(teacher, teacher, "flag_vignettes_reversed", subject, have, limit)


def in_order(instrument: Instrument, answers: Answers) -> Answers:
    """Return the answers without the vignettes that a teacher put in the wrong order."""
    own = answers.own.copy()
    _, worse, better = _pairs(instrument)
    teacher, pair = np.nonzero(_turned(instrument, answers))
    own[teacher, worse[pair]] = own[teacher, better[pair]] = MISSING
    return replace(answers, own=own)


def _contradicting(instrument: Instrument, rows: Iterable[Answer]) -> Iterator[Flag]:
    """Yield items answered again by half of the scale or more apart."""
    categories = dict(zip(instrument.bank.items, instrument.bank.categories, strict=True))
    given: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        given.setdefault((row.teacher, row.rater, row.item), []).append(row.value)
    for (teacher, rater, item), values in given.items():
        limit = -(-int(categories[item]) // 2)
        if (apart := _apart(values)) >= limit:
            yield Flag(teacher, rater, "flag_contradicts", item, apart, limit)


def _apart(values: Sequence[int]) -> int:
    return max(values) - min(values)
