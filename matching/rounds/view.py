"""One round as plain data: what every export and the report are written from.

The service fills a `RoundView` from the database, the instance and the results; nothing here knows
where it came from. Seats are kept once, in `RoundView.seats`; whatever can be counted from them
(who sits in a section, who is away on a half-day) is counted in `figures.py`, never stored twice.
Hours are account minutes (1/60 学时), days ISO dates, codes those of `catalog.terms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from catalog.messages import Language
from matching.rounds.errors import BadRound

if TYPE_CHECKING:
    from matching.rounds.learnt import Learnt

Half = Literal["am", "pm"]
SeatKind = Literal["chosen", "assignable", "locked"]


class Spoken(Protocol):
    """A reason that can say itself; `matching.result.Reason` is one."""

    @property
    def code(self) -> str:
        """The code statistics are kept by."""

    def say(self, lang: Language = ..., /) -> str:
        """Return the sentence a teacher reads."""


@dataclass(frozen=True, slots=True, order=True)
class HalfDay:
    """A morning or an afternoon."""

    day: str
    half: Half


@dataclass(frozen=True, slots=True)
class Staff:
    """Who runs a section: 首席专家, 学科班主任, 生活班主任."""

    chief_expert: str = ""
    class_head: str = ""
    life_head: str = ""


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section on offer; `open` says whether it runs after the last round."""

    id: str
    offering_id: str
    title: str
    institution_id: str
    institution_name: str
    level: str
    category: str
    mode: str
    minutes: int
    practice_minutes: int
    meetings: tuple[HalfDay, ...]
    site: str
    capacity: int
    minimum: int
    open: bool
    staff: Staff = Staff()


@dataclass(frozen=True, slots=True)
class SchoolView:
    """One school and how many of its teachers may be away at once.

    Attributes
    ----------
    limits
        Half-day -> most teachers away; a half-day that is missing has no limit (school holidays).
    """

    id: str
    name: str
    unit_id: str
    rural: bool
    staff: int
    limits: Mapping[HalfDay, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Hours of one category for one teacher: due this year and counted so far, this round included.

    `required` is the part of `reached` that came from compulsory modules outside the matching.
    """

    category: str
    due: int
    reached: int
    required: int = 0

    @property
    def short(self) -> int:
        """Account minutes still missing."""
        return max(0, self.due - self.reached)


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One line of a ballot; the sections of a bundle share a rank.

    `reason` says why a choice was missed; a choice that was received has none.
    """

    rank: int
    section_id: str
    got: bool
    reason: Spoken | None = None

    def __post_init__(self) -> None:
        if self.got == (self.reason is not None):
            raise BadRound("round_view_reason", rank=self.rank, section=self.section_id)


@dataclass(frozen=True, slots=True)
class TeacherView:
    """One teacher with her ballot; neither phone nor full id number ever come this far."""

    id: str
    name: str
    id_last4: str
    school_id: str
    stage: str
    subject: str
    hours: tuple[HoursLine, ...]
    choices: tuple[ChoiceView, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatView:
    """One teacher in one section; `rank` is 0 where she had not listed it.

    `reason` names the rule that forced an assigned seat.
    """

    teacher_id: str
    section_id: str
    rank: int
    kind: SeatKind
    round: int
    reason: Spoken | None = None


@dataclass(frozen=True, slots=True)
class LimitView:
    """A quota or a level share with what was reached; `None` means open upwards.

    `counts` is `seats` (人次) or `heads` (人: a teacher counts once).
    """

    id: str
    title: str
    minimum: int
    maximum: int | None
    reached: int
    counts: Literal["seats", "heads"] = "heads"


@dataclass(frozen=True, slots=True)
class MovedView:
    """A teacher who had been counted for a section that did not open, and where she sits now."""

    teacher_id: str
    section_id: str
    now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal as the engine reports it: reached value, proven bound (if any), in `unit`.

    `sense` is `min` for shortages and `max` for welfare. `code` joins the goals of a mixed tier by
    `+`. `price_bound` is the weaker bound that the published prices prove to anybody.
    """

    tier: int
    code: str
    unit: str
    value: int
    bound: int | None
    proof: Literal["prices", "exact", "search", "none"] = "none"
    sense: Literal["min", "max"] = "min"
    price_bound: int | None = None


@dataclass(frozen=True, slots=True)
class SolveView:
    """What one solve says of itself; `round` is 1 or 2."""

    round: int
    status: str
    goals: tuple[GoalView, ...]
    gap: float | None
    digest: str
    instance_digest: str
    seed: str
    version: str
    backend: str
    seats: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way of giving out seats led to, on the same ballots.

    Attributes
    ----------
    order
        The arrival order's seed for a first-come run.
    short, nothing, first
        Teachers below the target hours; without any seat; who received a first choice.
    under_minimum
        Sections with somebody in them but fewer than their minimum.
    ranks
        Rank -> seats received at that rank.
    """

    order: str
    short: int
    nothing: int
    under_minimum: int
    first: int
    ranks: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class AttendanceView:
    """Simulated or real attendance; half-days planned and attended, hours posted, certificates."""

    simulated: bool
    half_days_planned: int
    half_days_attended: int
    minutes_posted: int
    certificates: int


@dataclass(frozen=True)
class RoundView:
    """A round after its last solve.

    Attributes
    ----------
    target_category, target_minutes
        The category the round treats and the yearly target in it ("short of 42 hours").
    solves
        One per round solved, in order; the last one's digest names the result.
    baseline
        First come on the same ballots, one per arrival order; empty if it was not run.
    learnt
        What the diagnosis tells of the teachers as a group, if there is one.
    cancelled
        The same runs after their sections below the minimum were cancelled, in the same order.
    """

    id: str
    title: str
    year: int
    unit_id: str
    unit_name: str
    target_category: str
    target_minutes: int
    solves: tuple[SolveView, ...]
    teachers: tuple[TeacherView, ...]
    sections: tuple[SectionView, ...]
    schools: tuple[SchoolView, ...]
    seats: tuple[SeatView, ...]
    quotas: tuple[LimitView, ...] = ()
    shares: tuple[LimitView, ...] = ()
    moved: tuple[MovedView, ...] = ()
    baseline: tuple[Outcome, ...] = ()
    cancelled: tuple[Outcome, ...] = ()
    attendance: AttendanceView | None = None
    learnt: Learnt | None = None
    synthetic: bool = False

    @property
    def digest(self) -> str:
        """The digest of the last result, printed on every sheet."""
        return self.solves[-1].digest

    @cached_property
    def teacher(self) -> dict[str, TeacherView]:
        """Teachers by id."""
        return {teacher.id: teacher for teacher in self.teachers}

    @cached_property
    def section(self) -> dict[str, SectionView]:
        """Sections by id."""
        return {section.id: section for section in self.sections}

    @cached_property
    def school(self) -> dict[str, SchoolView]:
        """Schools by id."""
        return {school.id: school for school in self.schools}

    @cached_property
    def seats_of(self) -> dict[str, tuple[SeatView, ...]]:
        """Seats of every teacher, first meeting first; a teacher without a seat has ()."""
        found: dict[str, list[SeatView]] = {teacher.id: [] for teacher in self.teachers}
        for seat in sorted(self.seats, key=self._start):
            found[seat.teacher_id].append(seat)
        return {teacher: tuple(seats) for teacher, seats in found.items()}

    @cached_property
    def seated_in(self) -> dict[str, tuple[SeatView, ...]]:
        """Seats of every section by school, then teacher id; an empty section has ()."""
        found: dict[str, list[SeatView]] = {section.id: [] for section in self.sections}
        for seat in sorted(self.seats, key=self._roll):
            found[seat.section_id].append(seat)
        return {section: tuple(seats) for section, seats in found.items()}

    def _start(self, seat: SeatView) -> tuple[str, str, str]:
        meetings = self.section[seat.section_id].meetings
        return (min(meetings).day if meetings else "", seat.section_id, seat.teacher_id)

    def _roll(self, seat: SeatView) -> tuple[str, str]:
        return (self.teacher[seat.teacher_id].school_id, seat.teacher_id)
