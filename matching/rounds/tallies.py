"""The numbers of a round by what they are counted over: sections, schools, ranks, areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.rounds.view import HalfDay, Outcome


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range over first-come runs."""

    median: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class RankFigure:
    """Seats received at one rank, round 1 and round 2 apart."""

    rank: int
    first_round: int
    second_round: int


@dataclass(frozen=True, slots=True)
class HoursFigure:
    """One category of hours over all teachers.

    `met` of `due` teachers reached what was due, `owed` minutes in all; `short` is the sum of
    minutes still missing, `required`, `chosen` and `assigned` say where the counted minutes came from.
    """

    category: str
    due: int
    met: int
    owed: int
    short: int
    required: int
    chosen: int
    assigned: int
    other: int


@dataclass(frozen=True, slots=True)
class SectionFigure:
    """Demand and seats of one section; `unmet` is applied and not seated."""

    section_id: str
    applied: int
    first: int
    seated: int
    assigned: int
    unmet: int


@dataclass(frozen=True, slots=True)
class SchoolFigure:
    """Teachers of one school and how many are away on each half-day.

    `peak` is the largest number away on a half-day that has a limit, `limit` the limit there.
    """

    school_id: str
    teachers: int
    served: int
    short: int
    away: Mapping[HalfDay, int]
    peak: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class AreaFigure:
    """Rural or town teachers: served, first choices, chosen minutes, short."""

    rural: bool
    teachers: int
    served: int
    first: int
    chosen_minutes: int
    short: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One institution and one subject: teachers who applied, got a seat there, or did not."""

    institution_id: str
    subject: str
    applied: int
    first: int
    seated: int
    unmet: int


@dataclass(frozen=True, slots=True)
class WorstFigure:
    """One of the teachers served worst: minutes short, best rank received (0 = none), seats."""

    teacher_id: str
    short: int
    best_rank: int
    chosen: int
    assigned: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers of a round; see the parts."""

    teachers: int
    served: int
    seats: int
    chosen: int
    assigned: int
    final: Outcome
    first_round: Outcome
    baseline: Mapping[str, Spread]
    cancelled: Mapping[str, Spread]
    baseline_ranks: Mapping[int, float]
    ranks: tuple[RankFigure, ...]
    hours: tuple[HoursFigure, ...]
    sections: tuple[SectionFigure, ...]
    schools: tuple[SchoolFigure, ...]
    areas: tuple[AreaFigure, ...]
    demand: tuple[Demand, ...]
    worst: tuple[WorstFigure, ...]
    chosen_minutes: tuple[int, ...]
    gini: float
