"""Ratings as given: by the teacher herself (self) and by those who saw her teach (observer)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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
