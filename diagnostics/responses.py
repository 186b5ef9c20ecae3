"""What was said of a teacher, by herself (self) and by those who saw her teach (observer).

A rating names the level of a whole dimension; an answer belongs to one item of a questionnaire.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import BadData
from diagnostics.irt.models import MISSING, Bank

Source = Literal["self", "observer"]
SOURCES: tuple[Source, ...] = ("self", "observer")


@dataclass(frozen=True, slots=True, order=True)
class Rating:
    """One level given by one rater to one teacher in one dimension."""

    teacher: str
    dimension: str
    source: str
    rater: str
    level: int


Evidence = tuple[tuple[int, ...], tuple[int, ...]]
"""How often each level was given by the teacher herself and by observers, lowest level first."""


def evidence_of(ratings: Iterable[Rating], top: int) -> dict[tuple[str, str], Evidence]:
    """Return (teacher, dimension) -> counts per level; the order of the ratings is lost on purpose.

    Raises
    ------
    ValueError
        If a level or source is none of the framework's, or one rater rates twice.
    """
    seen: set[tuple[str, str, str, str]] = set()
    counts: dict[tuple[str, str], Counter[tuple[str, int]]] = {}
    for rating in ratings:
        who = (rating.teacher, rating.dimension, rating.source, rating.rater)
        if who in seen:
            raise ValueError(f"{rating.rater} rates {rating.teacher} twice in {rating.dimension}")
        if rating.source not in SOURCES or not 1 <= rating.level <= top:
            raise ValueError(f"{rating.teacher}: no rating is {rating.source} {rating.level}")
        seen.add(who)
        counts.setdefault((rating.teacher, rating.dimension), Counter())[
            rating.source, rating.level
        ] += 1
    return {key: _per_level(counter, top) for key, counter in sorted(counts.items())}


def _per_level(counter: Counter[tuple[str, int]], top: int) -> Evidence:
    own, others = (
        tuple(counter[source, level] for level in range(1, top + 1)) for source in SOURCES
    )
    return own, others


@dataclass(frozen=True, slots=True)
class Answer:
    """One item answered about one teacher: by herself, or by a rater who saw her teach.

    `value` counts categories from 0, `at` is when (ISO 8601), `form` the paper or page it stood on
    and `seconds` how long it took, where that is known.
    """

    teacher: str
    item: str
    rater: str
    value: int
    at: str = ""
    form: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers in columns: N teachers, J items, R sets of observations by P raters.

    Parameters
    ----------
    teachers, items, raters
        Ids; teachers and raters in the order of their ids.
    own
        What teachers answer themselves, (N, J); -1 where they do not.
    seconds
        How long each own answer took, (N, J); nan where that is not known.
    seen, teacher_of, rater_of
        What raters answer, (R, J), about whom and by whom, (R,); by teacher, then rater.
    """

    teachers: tuple[str, ...]
    items: tuple[str, ...]
    raters: tuple[str, ...]
    own: NDArray[np.int8]
    seconds: NDArray[np.float64]
    seen: NDArray[np.int8]
    teacher_of: NDArray[np.intp]
    rater_of: NDArray[np.intp]


def answers_of(bank: Bank, rows: Iterable[Answer], teachers: Iterable[str] = ()) -> Answers:
    """Return answers in columns; the order of the rows is lost on purpose.

    Where one rater answered an item about one teacher more than once the last answer holds;
    `diagnostics.quality` tells of those that contradict each other.

    Parameters
    ----------
    bank
        The items, in the order of the columns.
    teachers
        Who has a row even without an answer.

    Raises
    ------
    BadData
        If an item is not in the bank or a value is none of its categories.
    """
    place = {item: j for j, item in enumerate(bank.items)}
    last: dict[tuple[str, str, str], Answer] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.form, row.value)):
        if row.item not in place:
            raise BadData(f"{row.teacher}: no item is {row.item!r}")
        if not 0 <= row.value < bank.categories[place[row.item]]:
            raise BadData(f"{row.teacher}: item {row.item} has no answer {row.value}")
        last[row.teacher, row.rater, row.item] = row
    ids = tuple(sorted({row.teacher for row in last.values()} | set(teachers)))
    sets = sorted({(teacher, rater) for teacher, rater, _ in last if teacher != rater})
    raters = tuple(sorted({rater for _, rater in sets}))
    at_teacher, at_rater = ({name: i for i, name in enumerate(names)} for names in (ids, raters))
    at_set = {pair: r for r, pair in enumerate(sets)}
    own = np.full((len(ids), len(bank)), MISSING, np.int8)
    seconds = np.full(own.shape, np.nan)
    seen = np.full((len(sets), len(bank)), MISSING, np.int8)
    for (teacher, rater, item), row in last.items():
        if teacher != rater:
            seen[at_set[teacher, rater], place[item]] = row.value
            continue
        own[at_teacher[teacher], place[item]] = row.value
        if row.seconds is not None:
            seconds[at_teacher[teacher], place[item]] = row.seconds
    return Answers(
        ids,
        bank.items,
        raters,
        own,
        seconds,
        seen,
        np.array([at_teacher[teacher] for teacher, _ in sets], np.intp),
        np.array([at_rater[rater] for _, rater in sets], np.intp),
    )
