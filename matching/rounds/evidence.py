"""What is looked at when a finished round is checked against its promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlmodel import Session

from diagnostics import store as diagnosed
from diagnostics.credit.ledger import LedgerLine
from diagnostics.credit.rules import Requirement, rule_set
from diagnostics.credit.statements import statement
from matching.predicates import parse
from matching.rounds import store
from matching.rounds.attendance import Mark
from matching.rounds.errors import BadRound
from matching.rounds.facts import Facts
from matching.rounds.hours import requirement_where
from matching.rounds.settings import RoundSettings, Share
from matching.rounds.tables import ReasonRow, SeatRow

if TYPE_CHECKING:
    from matching.rounds.learnt import Learnt

Booked = tuple[str, str, int, tuple[str, ...]]
"""Teacher, category, account minutes and topics of hours she has or will have."""


@dataclass(frozen=True, slots=True)
class ZeroRelease:
    """What was answered when no school lets anybody go: status, schools named, seats given."""

    status: str
    schools: tuple[str, ...]
    seats: int


@dataclass(frozen=True)
class Evidence:
    """Rows of the database and what was decided on them; nothing the engine says of itself.

    Attributes
    ----------
    facts
        Stored rows and settings as they were before hours of the round were posted.
    seats, reasons
        Seats of all rounds and the reasons of the last one, as stored.
    closed
        Sections that the last result says do not open.
    marks, ledger, certificates
        Attendance, the ledger after posting, and who was told that her certificate may be printed.
    repeats
        Pairs of digests: of the stored results, and of the same rounds solved once more.
    zero
        The answer under a release cap of 0 %.
    learnt
        How many hours meet diagnosed need, and how many do under first come.
    """

    facts: Facts
    seats: tuple[SeatRow, ...]
    reasons: tuple[ReasonRow, ...]
    closed: frozenset[str]
    marks: tuple[Mark, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    certificates: frozenset[str] = frozenset()
    repeats: tuple[tuple[str, str], ...] = ()
    zero: ZeroRelease | None = None
    learnt: Learnt | None = None

    @cached_property
    def held(self) -> Mapping[str, tuple[str, ...]]:
        """Teacher -> her sections; a teacher without a seat has ()."""
        found: dict[str, list[str]] = {id_: [] for id_ in self.facts.stored.teachers}
        for seat in self.seats:
            found[seat.teacher_id].append(seat.section_id)
        return {id_: tuple(sorted(sections)) for id_, sections in found.items()}

    @cached_property
    def seated(self) -> Mapping[str, tuple[str, ...]]:
        """Section -> its teachers; an empty section has ()."""
        found: dict[str, list[str]] = {id_: [] for id_ in self.facts.stored.sections}
        for seat in self.seats:
            found[seat.section_id].append(seat.teacher_id)
        return {id_: tuple(sorted(teachers)) for id_, teachers in found.items()}

    @cached_property
    def minima(self) -> tuple[Requirement, ...]:
        """The yearly minima by category."""
        rules = rule_set(self.facts.settings.rule_set)
        return tuple(r for r in rules.requirements if "category" in r.where and r.year_minimum)

    @cached_property
    def inner_minima(self) -> tuple[Requirement, ...]:
        """Minima inside a category, such as 2 学时 of ethics."""
        rules = rule_set(self.facts.settings.rule_set)
        return tuple(r for r in rules.requirements if r.inside and r.year_minimum)

    @cached_property
    def shares(self) -> tuple[tuple[Share, int, int], ...]:
        """Every level share with the distinct teachers it has and those it asks for."""
        people, courses = self.facts.people, self.facts.courses
        found = []
        for share in self.facts.settings.shares:
            covered, condition = parse(share.teachers), parse(share.where)
            mine = {id_ for id_ in people if covered.holds(people[id_])}
            heads = {
                seat.teacher_id
                for seat in self.seats
                if seat.teacher_id in mine and condition.holds(courses[seat.section_id])
            }
            found.append((share, len(heads), share.minimum(len(mine))))
        return tuple(found)

    @property
    def shares_met(self) -> bool:
        """Whether every level share has as many teachers as it asks for, exact ones no more."""
        return all(
            heads == wanted if share.exact else heads >= wanted
            for share, heads, wanted in self.shares
        )

    @property
    def strict_shares_met(self) -> bool:
        """Whether the level shares that must be met have as many teachers as they ask for."""
        return all(heads >= wanted for share, heads, wanted in self.shares if share.strict)

    @property
    def dues_met(self) -> bool:
        """Whether the seats give every teacher the hours she owes in the category of the round."""
        dues, earned = self.facts.dues, Counter[tuple[str, str]]()
        for seat in self.seats:
            attributes = self.facts.courses[seat.section_id]
            offering = self.facts.stored.offerings[next(iter(attributes["offering"]))]
            for node in dues.asked:
                if parse(requirement_where(dues, node)).holds(attributes):
                    earned[seat.teacher_id, node.id] += offering.minutes
        return all(earned[key] >= minutes for key, minutes in dues.due.items())

    def planned(self) -> Iterable[Booked]:
        """Yield this year's hours with every seat counted whole: required, earned before, seats."""
        settings, stored = self.facts.settings, self.facts.stored
        for teacher in stored.teachers:
            before = stored.ledger[teacher]
            for module in settings.required:
                if not any(_is_module(line, module.id) for line in before):
                    yield teacher, module.category, module.minutes, module.topics
            for line in before:
                if line.year == settings.year:
                    yield teacher, line.category, line.minutes, line.topics
        for seat in self.seats:
            offering = stored.offerings[stored.sections[seat.section_id].offering_id]
            yield seat.teacher_id, offering.category, offering.minutes, tuple(offering.topics)

    def posted(self) -> Iterable[Booked]:
        """Yield this year's hours as the ledger has them."""
        for line in self.ledger:
            if line.counts and line.year == self.facts.settings.year:
                yield line.teacher_id, line.category, line.minutes, line.topics

    def short(self, hours: Iterable[Booked]) -> dict[str, list[str]]:
        """Return teacher -> requirements that these hours do not meet (nobody who meets all)."""
        by_category: dict[tuple[str, str], int] = {}
        by_topic: dict[tuple[str, str], int] = {}
        for teacher, category, minutes, topics in hours:
            by_category[teacher, category] = by_category.get((teacher, category), 0) + minutes
            for topic in topics:
                by_topic[teacher, topic] = by_topic.get((teacher, topic), 0) + minutes
        found: dict[str, list[str]] = {}
        for node, key, table in self._asked(by_category, by_topic):
            for teacher in self.facts.stored.teachers:
                have = sum(table.get((teacher, value), 0) for value in node.where[key])
                if have < (node.year_minimum or 0):
                    found.setdefault(teacher, []).append(node.id)
        return found

    def _asked(
        self, by_category: Mapping[tuple[str, str], int], by_topic: Mapping[tuple[str, str], int]
    ) -> Iterable[tuple[Requirement, str, Mapping[tuple[str, str], int]]]:
        for node in self.minima:
            yield node, "category", by_category
        for node in self.inner_minima:
            if "topic" in node.where:
                yield node, "topic", by_topic


def gather(
    session: Session,
    settings: RoundSettings,
    *,
    marks: tuple[Mark, ...] = (),
    repeats: tuple[tuple[str, str], ...] = (),
    zero: ZeroRelease | None = None,
) -> Evidence:
    """Return the evidence of a stored round, its ledger and certificates read anew.

    Raises
    ------
    BadRound
        If the round has no result yet.
    """
    results = store.results(session, settings.id)
    if not results:
        raise BadRound("round_no_result", id=settings.id)
    facts = Facts(store.load(session, settings), settings)
    lines = diagnosed.ledger_lines(session, set(facts.stored.teachers))
    last = results[-1]
    return Evidence(
        facts=facts,
        seats=tuple(store.seats(session, settings.id)),
        reasons=tuple(r for r in store.reasons(session, settings.id) if r.number == last.number),
        closed=frozenset(last.closed),
        marks=marks,
        ledger=lines,
        certificates=_certified(settings, lines),
        repeats=repeats,
        zero=zero,
    )


def _certified(settings: RoundSettings, lines: Iterable[LedgerLine]) -> frozenset[str]:
    """Return the teachers whose statement lets the certificate be printed."""
    rules = rule_set(settings.rule_set)
    by_teacher: dict[str, list[LedgerLine]] = {}
    for line in lines:
        by_teacher.setdefault(line.teacher_id, []).append(line)
    return frozenset(
        teacher
        for teacher, own in by_teacher.items()
        if statement(rules, teacher, own, settings.year).complete
    )


def _is_module(line: LedgerLine, module: str) -> bool:
    return line.origin == "required" and line.evidence.split(" ")[0] == module
