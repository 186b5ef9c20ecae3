"""Every number that exports and report print, counted once from the seats.

Sheets, page and workbook take their figures from here, so that they cannot disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median

from matching.rounds.tallies import (
    AreaFigure,
    Demand,
    Figures,
    HoursFigure,
    RankFigure,
    SchoolFigure,
    SectionFigure,
    Spread,
    WorstFigure,
)
from matching.rounds.view import (
    ChoiceView,
    HalfDay,
    Outcome,
    RoundView,
    SchoolView,
    SeatView,
    TeacherView,
)

WORST = 10


def figures(view: RoundView) -> Figures:
    """Count everything that is printed anywhere about the round."""
    chosen = [seat for seat in view.seats if seat.kind != "assignable"]
    minutes = _chosen_minutes(view)
    return Figures(
        teachers=len(view.teachers),
        served=len({seat.teacher_id for seat in view.seats}),
        seats=len(view.seats),
        chosen=len(chosen),
        assigned=len(view.seats) - len(chosen),
        final=_outcome(view, view.seats),
        first_round=_outcome(view, [seat for seat in view.seats if seat.round == 1]),
        baseline=_spreads(view.baseline),
        cancelled=_spreads(view.cancelled),
        baseline_ranks=_median_ranks(view.baseline),
        ranks=_ranks(view),
        hours=tuple(_hours(view, category) for category in _categories(view)),
        sections=_sections(view),
        schools=tuple(_school(view, view.school[id_]) for id_ in sorted(view.school)),
        areas=tuple(_area(view, rural, minutes) for rural in (False, True)),
        demand=_demand(view),
        worst=_worst(view),
        chosen_minutes=tuple(sorted(minutes.values())),
        gini=_gini(sorted(minutes.values())),
    )


def short_minutes(view: RoundView, teacher: TeacherView) -> int:
    """Return what the teacher still lacks in the category that the round treats."""
    return sum(line.short for line in teacher.hours if line.category == view.target_category)


def _outcome(view: RoundView, seats: Iterable[SeatView]) -> Outcome:
    """Count an outcome the way first come is counted, from some of the seats."""
    seats = tuple(seats)
    taken = Counter(seat.section_id for seat in seats)
    return Outcome(
        order="",
        short=sum(_short_with(view, seats).values()),
        nothing=len(view.teachers) - len({seat.teacher_id for seat in seats}),
        under_minimum=sum(taken[id_] < view.section[id_].minimum for id_ in taken),
        first=len({seat.teacher_id for seat in seats if seat.rank == 1}),
        ranks=dict(sorted(Counter(seat.rank for seat in seats if seat.rank).items())),
    )


def _short_with(view: RoundView, seats: Iterable[SeatView]) -> dict[str, bool]:
    """Return for every teacher whether she would be short if only `seats` were hers."""
    kept = {(seat.teacher_id, seat.section_id) for seat in seats}
    lost: Counter[str] = Counter()
    for seat in view.seats:
        section = view.section[seat.section_id]
        if (seat.teacher_id, section.id) not in kept and section.category == view.target_category:
            lost[seat.teacher_id] += section.minutes
    return {
        teacher.id: any(
            line.reached - lost[teacher.id] < line.due
            for line in teacher.hours
            if line.category == view.target_category
        )
        for teacher in view.teachers
    }


def _spreads(runs: tuple[Outcome, ...]) -> dict[str, Spread]:
    if not runs:
        return {}
    found = {}
    for name in ("short", "nothing", "under_minimum", "first"):
        values = [getattr(run, name) for run in runs]
        found[name] = Spread(median(values), min(values), max(values))
    return found


def _median_ranks(runs: tuple[Outcome, ...]) -> dict[int, float]:
    ranks = sorted({rank for run in runs for rank in run.ranks})
    return {rank: median([run.ranks.get(rank, 0) for run in runs]) for rank in ranks}


def _ranks(view: RoundView) -> tuple[RankFigure, ...]:
    longest = max((choice.rank for t in view.teachers for choice in t.choices), default=0)
    count = Counter((seat.rank, seat.round) for seat in view.seats if seat.kind != "assignable")
    return tuple(RankFigure(rank, count[rank, 1], count[rank, 2]) for rank in range(1, longest + 1))


def _categories(view: RoundView) -> list[str]:
    """Return the categories in the order teachers carry them, the treated one first."""
    found = dict.fromkeys(line.category for t in view.teachers for line in t.hours)
    return sorted(found, key=lambda category: category != view.target_category)


def _hours(view: RoundView, category: str) -> HoursFigure:
    lines = [line for t in view.teachers for line in t.hours if line.category == category]
    here = [seat for seat in view.seats if view.section[seat.section_id].category == category]
    assigned = sum(view.section[s.section_id].minutes for s in here if s.kind == "assignable")
    chosen = sum(view.section[s.section_id].minutes for s in here) - assigned
    required = sum(line.required for line in lines)
    return HoursFigure(
        category=category,
        due=len(lines),
        met=sum(line.short == 0 for line in lines),
        owed=sum(line.due for line in lines),
        short=sum(line.short for line in lines),
        required=required,
        chosen=chosen,
        assigned=assigned,
        other=max(0, sum(line.reached for line in lines) - required - chosen - assigned),
    )


def _sections(view: RoundView) -> tuple[SectionFigure, ...]:
    wanted: dict[str, dict[str, int]] = {id_: {} for id_ in view.section}
    for teacher in view.teachers:
        counted = (choice for choice in teacher.choices if not is_returned(choice))
        for choice in sorted(counted, key=lambda choice: choice.rank):
            wanted[choice.section_id].setdefault(teacher.id, choice.rank)
    return tuple(_section(view, id_, wanted[id_]) for id_ in sorted(wanted))


def is_returned(choice: ChoiceView) -> bool:
    """Tell whether a choice stands on a ballot that the school sent back: it did not count."""
    return choice.reason is not None and choice.reason.code == "round_returned"


def _section(view: RoundView, id_: str, wanted: Mapping[str, int]) -> SectionFigure:
    """Count one section; `wanted` holds the best rank at which each teacher lists it."""
    seated = {seat.teacher_id for seat in view.seated_in[id_]}
    return SectionFigure(
        section_id=id_,
        applied=len(wanted),
        first=sum(rank == 1 for rank in wanted.values()),
        seated=len(seated),
        assigned=sum(seat.kind == "assignable" for seat in view.seated_in[id_]),
        unmet=len(wanted.keys() - seated),
    )


def _school(view: RoundView, school: SchoolView) -> SchoolFigure:
    mine = [teacher for teacher in view.teachers if teacher.school_id == school.id]
    away = away_of(view, school.id)
    limited = {when: away[when] for when in school.limits if when in away}
    peak = max(limited, key=lambda when: (limited[when], when), default=None)
    return SchoolFigure(
        school_id=school.id,
        teachers=len(mine),
        served=sum(bool(view.seats_of[teacher.id]) for teacher in mine),
        short=sum(short_minutes(view, teacher) > 0 for teacher in mine),
        away=away,
        peak=limited[peak] if peak else 0,
        limit=school.limits[peak] if peak else min(school.limits.values(), default=None),
    )


def away_of(view: RoundView, school_id: str) -> dict[HalfDay, int]:
    """Return how many teachers of a school are away, half-day by half-day."""
    return {when: len(people) for when, people in absentees(view, school_id).items()}


def absentees(view: RoundView, school_id: str) -> dict[HalfDay, list[str]]:
    """Return who of a school is away, half-day by half-day, teacher ids sorted."""
    found: dict[HalfDay, set[str]] = {}
    for teacher in view.teachers:
        if teacher.school_id != school_id:
            continue
        for seat in view.seats_of[teacher.id]:
            for when in view.section[seat.section_id].meetings:
                found.setdefault(when, set()).add(teacher.id)
    return {when: sorted(found[when]) for when in sorted(found)}


def _area(view: RoundView, rural: bool, minutes: Mapping[str, int]) -> AreaFigure:
    mine = [t for t in view.teachers if view.school[t.school_id].rural == rural]
    return AreaFigure(
        rural=rural,
        teachers=len(mine),
        served=sum(bool(view.seats_of[t.id]) for t in mine),
        first=sum(any(seat.rank == 1 for seat in view.seats_of[t.id]) for t in mine),
        chosen_minutes=sum(minutes[t.id] for t in mine),
        short=sum(short_minutes(view, t) > 0 for t in mine),
    )


def _demand(view: RoundView) -> tuple[Demand, ...]:
    applied: dict[tuple[str, str], set[str]] = {}
    first: dict[tuple[str, str], set[str]] = {}
    seated: dict[tuple[str, str], set[str]] = {}
    for teacher in view.teachers:
        for choice in teacher.choices:
            key = (view.section[choice.section_id].institution_id, teacher.subject)
            applied.setdefault(key, set()).add(teacher.id)
            if choice.rank == 1:
                first.setdefault(key, set()).add(teacher.id)
        for seat in view.seats_of[teacher.id]:
            key = (view.section[seat.section_id].institution_id, teacher.subject)
            seated.setdefault(key, set()).add(teacher.id)
    nobody: set[str] = set()
    return tuple(
        Demand(
            *key,
            len(applied.get(key, nobody)),
            len(first.get(key, nobody)),
            len(seated.get(key, nobody)),
            len(applied.get(key, nobody) - seated.get(key, nobody)),
        )
        for key in sorted(applied.keys() | seated.keys())
    )


def _worst(view: RoundView) -> tuple[WorstFigure, ...]:
    """Return the teachers served worst: most hours short, then fewest and lowest choices."""
    lines = []
    for teacher in view.teachers:
        seats = view.seats_of[teacher.id]
        chosen = [seat.rank for seat in seats if seat.kind != "assignable"]
        lines.append(
            WorstFigure(
                teacher.id,
                short_minutes(view, teacher),
                min((rank for rank in chosen if rank), default=0),
                len(chosen),
                len(seats) - len(chosen),
            )
        )
    return tuple(sorted(lines, key=_misery)[:WORST])


def _misery(line: WorstFigure) -> tuple[int, bool, int, str]:
    return (-line.short, line.best_rank != 0, -line.best_rank, line.teacher_id)


def _chosen_minutes(view: RoundView) -> dict[str, int]:
    """Return the minutes of every teacher that come from her own choices."""
    return {
        teacher.id: sum(
            view.section[seat.section_id].minutes
            for seat in view.seats_of[teacher.id]
            if seat.kind != "assignable"
        )
        for teacher in view.teachers
    }


def _gini(values: list[int]) -> float:
    """Return the Gini coefficient of sorted values: 0 all alike, towards 1 very uneven."""
    total, count = sum(values), len(values)
    if not total:
        return 0.0
    weighted = sum(place * value for place, value in enumerate(values, 1))
    return 2 * weighted / (count * total) - (count + 1) / count
