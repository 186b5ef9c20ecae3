"""Whether a list can reach the hours a teacher still needs: a warning, never a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from diagnostics import hers
from diagnostics.credit.ledger import counting
from matching.rounds.attributes import halves
from matching.rounds.ballots import Book, sections_of
from matching.rounds.hours import Dues, dues, with_required
from matching.rounds.life.checking import Checked
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.entries import Person
from matching.rounds.life.shared import once
from matching.rounds.settings import RoundSettings
from matching.rounds.store import is_of_round
from matching.rounds.tables import RoundRow


@dataclass(frozen=True, slots=True)
class Short:
    """The account minutes a teacher needs, and the most that her list could give her."""

    due: int
    reach: int


def shortfall(session: Session, row: RoundRow, person: Person, ballot: Checked) -> Short | None:
    """Return by how much a list falls short of what is due, None if it can reach it."""
    what = (row.id, str(row.version))
    settings = once(session, ("settings", *what), lambda: settings_of(row))
    asked = once(session, ("dues", *what), lambda: dues(settings, {"": []}))
    due = _due(session, settings, asked, person)
    most = min(settings.most_sections, ballot.most_sections or settings.most_sections)
    reach = _reach(_options(ballot.lines, ballot.book, settings.category), most, due)
    return Short(due, reach) if reach < due else None


def _due(session: Session, settings: RoundSettings, asked: Dues, person: Person) -> int:
    """Return what a teacher owes, given what somebody owes who has nothing in the ledger yet."""
    main = asked.asked[0].id
    if not person.booked:
        return asked.due.get(("", main), 0)
    counts = counting(hers.ledger(session, person.teacher.id))
    earlier = [line for line in counts if not is_of_round(line, settings.id)]
    return with_required(settings, asked.rules, person.teacher.id, earlier).of(main).due


@dataclass(frozen=True, slots=True)
class _Option:
    """One line of a list: what it gives, how many sections it is, and when they meet."""

    minutes: int
    sections: int
    halves: frozenset[tuple[str, str]]


def _options(lines: Sequence[str], book: Book, category: str) -> list[_Option]:
    found = []
    for line in lines:
        courses = [book.courses[id_] for id_ in sections_of(line)]
        offerings = [course.offering for course in courses]
        minutes = sum(each.minutes for each in offerings if each.category == category)
        times = frozenset(half for course in courses for half in halves(course.section))
        found.append(_Option(minutes, len(courses), times))
    return sorted(found, key=lambda option: -option.minutes)


def _reach(options: Sequence[_Option], most: int, enough: int) -> int:
    """Return the most minutes that options without clashes give, or the first that are enough."""
    if not options or enough <= 0:
        return 0
    first, rest, best = options[0], options[1:], 0
    if first.sections <= most:
        free = [option for option in rest if not option.halves & first.halves]
        best = first.minutes + _reach(free, most - first.sections, enough - first.minutes)
    if best >= enough:
        return best
    return max(best, _reach(rest, most, enough))
