"""Filling the read model of a round from the database, for exports and the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast

from sqlmodel import Session

from catalog.tables import SectionRow
from diagnostics.credit.rules import rule_set
from matching.predicates import parse
from matching.result import Reason, Seat
from matching.rounds import store
from matching.rounds.assemble import assemble
from matching.rounds.attendance import Mark
from matching.rounds.attributes import halves
from matching.rounds.compare import ORDERS, FirstCome, first_come
from matching.rounds.errors import BadRound
from matching.rounds.evidence import Evidence
from matching.rounds.facts import Facts
from matching.rounds.learnt import Truth, learnt
from matching.rounds.limits import in_term, most_away, quota_covers, quota_id, quota_title
from matching.rounds.reasons import RoundReason, reason_of
from matching.rounds.references import require_known
from matching.rounds.settings import RoundSettings
from matching.rounds.tables import ReasonRow, ResultRow, SeatRow
from matching.rounds.view import (
    AttendanceView,
    ChoiceView,
    GoalView,
    HalfDay,
    HoursLine,
    LimitView,
    MovedView,
    RoundView,
    SchoolView,
    SeatView,
    SectionView,
    SolveView,
    Staff,
    TeacherView,
)


def round_view(
    session: Session,
    settings: RoundSettings,
    *,
    orders: int = ORDERS,
    attendance: AttendanceView | None = None,
    synthetic: bool = False,
    truth: Truth | None = None,
) -> RoundView:
    """Return a finished round as plain data.

    Parameters
    ----------
    orders
        Arrival orders of first come to stand beside it; 0 leaves the comparison out.
    attendance
        What came of it, if that is known.
    synthetic
        Whether the people are made up; every sheet says so.
    truth
        The true levels of people who are made up.

    Raises
    ------
    BadRound
        If the round has no result yet, or sheets no longer hold what it seated.
    """
    results = store.results(session, settings.id)
    if not results:
        raise BadRound("round_no_result", id=settings.id)
    stored = store.load(session, settings)
    require_known(stored, settings)
    answers = Answers(
        facts=Facts(stored, settings),
        results=tuple(results),
        seats=tuple(store.seats(session, settings.id)),
        reasons=tuple(store.reasons(session, settings.id)),
    )
    if any(row.teacher_id not in stored.teachers for row in answers.seats) or any(
        row.section_id not in stored.sections for row in answers.seats
    ):
        raise BadRound("round_changed", id=settings.id)
    view = _Filler(answers).view()
    runs = baseline(answers.facts, orders) if orders else ()
    return replace(
        view,
        baseline=tuple(run.kept for run in runs),
        cancelled=tuple(run.cancelled for run in runs),
        attendance=attendance,
        learnt=learnt(stored, settings, answers.taken, runs, truth),
        synthetic=synthetic,
    )


def baseline(facts: Facts, orders: int = ORDERS) -> tuple[FirstCome, ...]:
    """Return first come on the same ballots, one run per arrival order."""
    instance = assemble(facts.stored, facts.settings, last=False).instance
    return first_come(instance, facts.dues.asked[0].id, orders)


def attendance_view(
    marks: Iterable[Mark], minutes: int, certificates: int, *, simulated: bool = True
) -> AttendanceView:
    """Return attendance in figures, from its marks and the account minutes posted for it."""
    given = tuple(marks)
    return AttendanceView(
        simulated=simulated,
        half_days_planned=sum(len(mark.planned) for mark in given),
        half_days_attended=sum(len(mark.attended) for mark in given),
        minutes_posted=minutes,
        certificates=certificates,
    )


@dataclass(frozen=True)
class Answers:
    """The stored answers of a round beside what they were made from."""

    facts: Facts
    results: tuple[ResultRow, ...]
    seats: tuple[SeatRow, ...]
    reasons: tuple[ReasonRow, ...]

    @property
    def taken(self) -> list[Seat]:
        """The seats as the engine gave them out."""
        return [Seat(row.teacher_id, row.section_id, row.rank) for row in self.seats]

    @property
    def last(self) -> ResultRow:
        """The result of the last solve."""
        return self.results[-1]


class _Filler:
    """One method per part of the view."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.facts = answers.facts
        self.stored = answers.facts.stored
        self.settings = answers.facts.settings
        self.closed = frozenset(answers.last.closed)
        self.evidence = Evidence(self.facts, answers.seats, answers.reasons, self.closed)
        last = (row for row in answers.reasons if row.number == answers.last.number)
        self.reasons = {(row.teacher_id, row.subject): reason_of(row) for row in last}

    def view(self) -> RoundView:
        node = self.facts.dues.asked[0]
        return RoundView(
            id=self.settings.id,
            title=self.settings.title,
            year=self.settings.year,
            unit_id=self.settings.unit,
            unit_name=self.stored.units[self.settings.unit].name,
            target_category=self.settings.category,
            target_minutes=node.year_minimum or 0,
            solves=tuple(self._solve(row) for row in self.answers.results),
            teachers=tuple(self._teachers()),
            sections=tuple(self._section(row) for row in self.stored.sections.values()),
            schools=tuple(self._schools()),
            seats=tuple(self._seat(row) for row in self.answers.seats),
            quotas=tuple(self._quotas()),
            shares=tuple(self._shares()),
            moved=tuple(self._moved()),
        )

    def _solve(self, row: ResultRow) -> SolveView:
        return SolveView(
            round=row.number,
            status=row.status,
            goals=tuple(_goal(goal) for goal in row.goals),
            gap=row.gap,
            digest=row.digest,
            instance_digest=row.instance_digest,
            seed=row.seed,
            version=row.version,
            backend=row.backend,
            seats=sum(seat.number <= row.number for seat in self.answers.seats),
        )

    def _teachers(self) -> Iterator[TeacherView]:
        hours = self._hours()
        for id_, teacher in self.stored.teachers.items():
            yield TeacherView(
                id=id_,
                name=teacher.name,
                id_last4=teacher.id_last4,
                school_id=teacher.school,
                stage=teacher.stage,
                subject=teacher.main_subject,
                hours=hours[id_],
                choices=tuple(self._choices(id_)),
            )

    def _choices(self, teacher: str) -> Iterator[ChoiceView]:
        held = set(self.evidence.held[teacher])
        for line in self.facts.ballots[teacher]:
            for section in line.sections:
                got = section in held
                missed = None if got else self._reason(teacher, section)
                yield ChoiceView(line.rank, section, got, missed)
        for line in self.facts.returned[teacher]:
            for section in line.sections:
                if section not in held:
                    returned = RoundReason("round_returned", teacher, section)
                    yield ChoiceView(line.rank, section, False, returned)

    def _reason(self, teacher: str, section: str) -> Reason | RoundReason:
        """Return why a choice was missed; a choice written after the solve has no reason."""
        if (teacher, section) not in self.reasons:
            raise BadRound("round_changed", id=self.settings.id)
        return self.reasons[teacher, section]

    def _hours(self) -> dict[str, tuple[HoursLine, ...]]:
        reached: dict[tuple[str, str], int] = {}
        for teacher, category, minutes, _ in self.evidence.planned():
            reached[teacher, category] = reached.get((teacher, category), 0) + minutes
        required = self.settings.required_minutes
        return {
            teacher: tuple(
                HoursLine(
                    category=category,
                    due=node.year_minimum or 0,
                    reached=reached.get((teacher, category), 0),
                    required=required.get(category, 0),
                )
                for node in rule_set(self.settings.rule_set).requirements
                if node.year_minimum and not node.inside
                for category in node.where.get("category", ())
            )
            for teacher in self.stored.teachers
        }

    def _section(self, row: SectionRow) -> SectionView:
        offering = self.stored.offerings[row.offering_id]
        capacity, minimum = self.facts.sizes[row.id]
        return SectionView(
            id=row.id,
            offering_id=offering.id,
            title=offering.title,
            institution_id=offering.institution_id,
            institution_name=self.stored.institutions[offering.institution_id].name,
            level=offering.level,
            category=offering.category,
            mode=offering.mode,
            minutes=offering.minutes,
            practice_minutes=offering.practice_minutes,
            meetings=tuple(_half_days(row)),
            site=row.site,
            capacity=capacity,
            minimum=minimum,
            open=row.id not in self.closed,
            staff=Staff(row.chief_expert, row.class_head, row.life_head),
        )

    def _schools(self) -> Iterator[SchoolView]:
        release, rural = self.settings.release, self.settings.points.rural_residence
        meetings = {half for row in self.stored.sections.values() for half in _half_days(row)}
        term = sorted(half for half in meetings if in_term(release, half.day))
        for school in self.stored.schools.values():
            yield SchoolView(
                id=school.id,
                name=school.name,
                unit_id=school.unit_id,
                rural=school.residence in rural,
                staff=school.staff,
                limits={half: most_away(release, school, half.day) for half in term},
            )

    def _seat(self, row: SeatRow) -> SeatView:
        forced = row.kind == "assignable"
        return SeatView(
            teacher_id=row.teacher_id,
            section_id=row.section_id,
            rank=row.rank,
            kind=cast(Literal["chosen", "assignable", "locked"], row.kind),
            round=row.number,
            reason=self.reasons[row.teacher_id, row.section_id] if forced else None,
        )

    def _quotas(self) -> Iterator[LimitView]:
        for quota in self.stored.quotas:
            where, who = f"programme={quota.programme_id}", quota_covers(quota)
            title = quota_title(quota, self.stored)
            yield LimitView(
                id=quota_id(quota),
                title=title,
                minimum=quota.min_seats,
                maximum=quota.max_seats,
                reached=self._seats(where, who),
                counts="seats",
            )
        for fill in self.settings.fills:
            mine = [s for s, a in self.facts.courses.items() if parse(fill.where).holds(a)]
            offered = sum(self.facts.sizes[section][0] for section in mine)
            minimum, reached = fill.minimum(offered), self._seats(fill.where, "")
            yield LimitView(fill.id, fill.title, minimum, offered, reached, "seats")

    def _seats(self, where: str, who: str) -> int:
        sections, people = self.facts.courses, self.facts.people
        return sum(
            parse(where).holds(sections[seat.section_id])
            and parse(who).holds(people[seat.teacher_id])
            for seat in self.answers.seats
        )

    def _shares(self) -> Iterator[LimitView]:
        for share, heads, wanted in self.evidence.shares:
            most = wanted if share.exact else None
            yield LimitView(share.id, share.title, wanted, most, heads)

    def _moved(self) -> Iterator[MovedView]:
        for teacher, lines in self.facts.ballots.items():
            for line in lines:
                for section in line.sections:
                    if section in self.closed:
                        yield MovedView(teacher, section, self.evidence.held[teacher])


def _goal(goal: Mapping[str, Any]) -> GoalView:
    return GoalView(**{field.name: goal[field.name] for field in fields(GoalView)})


def _half_days(row: SectionRow) -> list[HalfDay]:
    return [HalfDay(day, cast(Literal["am", "pm"], half)) for day, half in halves(row)]
