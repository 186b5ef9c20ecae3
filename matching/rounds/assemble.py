"""From stored rows and settings to the instance that the engine solves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnostics.credit.integrity import bans_for_instance
from diagnostics.teachers import Teacher
from matching.instance import Instance
from matching.predicates import parse
from matching.result import Seat
from matching.rounds.attributes import IMPLIED, Attributes, halves
from matching.rounds.by_hand import NOTHING, ByHand
from matching.rounds.eligibility import Ask, first_unmet
from matching.rounds.facts import Facts
from matching.rounds.hours import requirement_rows
from matching.rounds.limits import (
    Rows,
    fill_rows,
    quota_rows,
    release_rows,
    reserve_rows,
    share_rows,
)
from matching.rounds.lists import Line
from matching.rounds.points import Worth, is_shortage, worth
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored

Gain = Callable[[str, str], int]
"""(teacher, offering) -> expected gain in thousandths of the largest possible."""


@dataclass(frozen=True)
class Assembly:
    """An instance with what it was made from and the parts of what every seat is worth."""

    instance: Instance
    worths: tuple[Worth, ...]
    facts: Facts


def no_gain(teacher: str, offering: str) -> int:
    """Return no gain for anybody: a round without diagnosis."""
    return 0


def assemble(
    stored: Stored,
    settings: RoundSettings,
    *,
    last: bool,
    locks: Sequence[Seat] = (),
    gain: Gain = no_gain,
    by_hand: ByHand = NOTHING,
) -> Assembly:
    """Return the instance of one solve.

    Parameters
    ----------
    last
        Whether this is the last round: only there level shares and category minima are strict.
    locks
        Seats given earlier; they stay.
    gain
        What a teacher is expected to gain from a course.
    by_hand
        Seats that people have locked (they need not be on anybody's list) or forbidden.
    """
    facts = Facts(stored, settings)
    builder = _Builder(facts, gain, by_hand)
    worths = tuple(builder.worths())
    rows = builder.rows(worths, last=last) | {"locks": _locks(locks, by_hand)}
    return Assembly(Instance.from_rows(_meta(settings), rows), worths, facts)


def _meta(settings: RoundSettings) -> dict[str, object]:
    return {
        "format": 1,
        "round": settings.id,
        "title": settings.title,
        "seed": settings.seed,
        "tiers": [
            {"goals": dict(tier.goals), "title": {"zh": tier.zh, "en": tier.en}}
            for tier in settings.tiers
        ],
        "allow_assigned": settings.assigned_cap > 0,
        "language": "zh",
        "scale": {"minutes_per_hour": 60, "fen_per_yuan": 100},
    }


def _locks(seats: Iterable[Seat], by_hand: ByHand) -> Rows:
    """Return one lock per seat: an earlier round's, or one that was locked by hand."""
    reasons = dict.fromkeys(by_hand.pairs, "by hand")
    reasons |= {(seat.teacher, seat.section): "round 1" for seat in seats}
    return [
        {"teacher": teacher, "section": section, "reason": reason}
        for (teacher, section), reason in reasons.items()
    ]


class _Builder:
    """The tables of an instance, one method each."""

    def __init__(self, facts: Facts, gain: Gain, by_hand: ByHand) -> None:
        self.facts = facts
        self.gain = gain
        self.by_hand = by_hand

    def worths(self) -> Iterator[Worth]:
        """Yield every candidate seat: what teachers listed, and what might be assigned to them."""
        for id_, attributes in self.facts.people.items():
            ranks = {s: line.rank for line in self._lines(id_) for s in line.sections}
            for section, wanted in self.facts.asks.items():
                if (id_, section) in self.by_hand.barred:
                    continue
                listed = section in ranks or (id_, section) in self.by_hand.pairs
                if listed or self._assignable(section, wanted, attributes):
                    yield self._worth(id_, section, ranks.get(section, 0))

    def _lines(self, teacher: str) -> list[Line]:
        return self.by_hand.left(teacher, self.facts.ballots[teacher])

    def rows(
        self, worths: Iterable[Worth], *, last: bool
    ) -> dict[str, Sequence[Mapping[str, object]]]:
        """Return all tables but the locks."""
        stored, settings = self.facts.stored, self.facts.settings
        sections = stored.sections.values()
        return {
            "teachers": [self._teacher(teacher) for teacher in stored.teachers.values()],
            "attributes": _attribute_rows("teacher", self.facts.people),
            "sections": [self._section(id_) for id_ in stored.sections],
            "section_attributes": _attribute_rows("section", self.facts.courses),
            "meetings": [
                {"section": section.id, "day": day, "half": half}
                for section in sections
                for day, half in halves(section)
            ],
            "eligibility": [
                ask.row(id_) for id_, wanted in self.facts.asks.items() for ask in wanted
            ],
            "choices": [_choice(row) for row in worths],
            "ties": self._ties(),
            "bans": bans_for_instance(stored.bans),
            "completed": self._completed(),
            "prerequisites": self._prerequisites(),
            "excluded": [{"offering_a": a, "offering_b": b} for a, b in settings.excluded],
            "travel": [{"site_a": a, "site_b": b} for a, b in settings.travel],
            "requirements": requirement_rows(settings, self.facts.dues, last=last),
            "due": [
                {"teacher": teacher, "requirement": requirement, "minutes": minutes}
                for (teacher, requirement), minutes in self.facts.dues.due.items()
            ],
            "quotas": [*quota_rows(stored, settings.green), *self._fills()],
            "shares": share_rows(settings.shares, self.facts.people.values(), strict=last),
            "reserves": reserve_rows(stored, settings.green),
            "releases": release_rows(settings.release, stored.schools.values(), sections),
            "funds": [
                {"id": row.id, "budget_fen": row.budget_fen}
                for row in stored.programmes.values()
                if row.budget_fen is not None
            ],
        }

    def _assignable(self, section: str, wanted: Iterable[Ask], attributes: Attributes) -> bool:
        settings = self.facts.settings
        near = [each.where for each in settings.near if each.unit in attributes["unit"]]
        course = self.facts.courses[section]
        return (
            settings.assigned_cap > 0
            and (not near or any(parse(where).holds(course) for where in near))
            and first_unmet(wanted, attributes) is None
        )

    def _worth(self, teacher: str, section: str, rank: int) -> Worth:
        offering = self.facts.stored.offerings[self.facts.stored.sections[section].offering_id]
        return worth(
            self.facts.settings.points,
            teacher,
            section,
            rank,
            gain=self.gain(teacher, offering.id),
            rural="yes" in self.facts.people[teacher]["rural"],
            shortage=is_shortage(self.facts.settings.points, offering),
        )

    def _teacher(self, teacher: Teacher) -> dict[str, object]:
        ballot = self.facts.stored.ballots.get(teacher.id)
        most = self.facts.settings.most_sections
        if ballot is not None and not ballot.returned and ballot.most_sections is not None:
            most = min(most, ballot.most_sections)
        cap = self.facts.settings.assigned_cap
        return {
            "id": teacher.id,
            "school": teacher.school,
            "most_sections": most,
            "assigned_cap": cap,
        }

    def _section(self, id_: str) -> dict[str, object]:
        section = self.facts.stored.sections[id_]
        offering = self.facts.stored.offerings[section.offering_id]
        capacity, minimum = self.facts.sizes[id_]
        budget = self.facts.stored.programmes[offering.programme_id].budget_fen
        return {
            "id": id_,
            "offering": offering.id,
            "title": offering.title,
            "capacity": capacity,
            "minimum": minimum,
            "minutes": offering.minutes,
            "fee_fen": section.fee_fen,
            "fund": "" if budget is None else offering.programme_id,
            "site": section.site,
        }

    def _fills(self) -> Rows:
        seats = {id_: capacity for id_, (capacity, _) in self.facts.sizes.items()}
        return fill_rows(self.facts.settings.fills, seats, self.facts.courses)

    def _ties(self) -> Rows:
        return [
            {"teacher": id_, "tie": str(line.rank), "section": section}
            for id_ in self.facts.ballots
            for line in self._lines(id_)
            if len(line.sections) > 1
            for section in line.sections
        ]

    def _prerequisites(self) -> Rows:
        return [
            {"offering": offering.id, "requires": other}
            for offering in self.facts.stored.offerings.values()
            for other in sorted(set(offering.prerequisites))
        ]

    def _completed(self) -> Rows:
        """Return courses with hours left in the ledger, where this round asks for them."""
        asked = {
            other for row in self.facts.stored.offerings.values() for other in row.prerequisites
        }
        asked |= set(self.facts.stored.offerings)
        rows: Rows = []
        for id_, lines in self.facts.stored.ledger.items():
            left: dict[str, int] = {}
            for line in lines:
                if line.offering_id in asked:
                    left[line.offering_id] = left.get(line.offering_id, 0) + line.minutes
            rows += [{"teacher": id_, "offering": course} for course in left if left[course] > 0]
        return rows


def _attribute_rows(owner: str, attributes: Mapping[str, Attributes]) -> Rows:
    return [
        {owner: id_, "attribute": name, "value": value}
        for id_, found in attributes.items()
        for name, values in found.items()
        if name not in IMPLIED
        for value in sorted(values)
        if value
    ]


def _choice(row: Worth) -> dict[str, object]:
    return {
        "teacher": row.teacher,
        "section": row.section,
        "rank": row.rank,
        "kind": "chosen" if row.rank else "assignable",
        "points": row.total,
    }
