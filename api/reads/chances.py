"""What the last round that was published tells of the next: odds and prices, kept until the next.

Codes are given anew every year, so what is compared is the course: its title and institution. A
section of the same course and code is told of itself, another one of the same course by all of its
sections, and of a new course nothing is known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from threading import Lock

from sqlalchemy import bindparam, select
from sqlmodel import Session

from api.reads.reach import columns
from catalog.choices import Item
from catalog.odds import Lists, Odds, of_course, tallied
from matching.rounds.errors import BadRound
from matching.rounds.life import results
from matching.rounds.lists import ballot_lines
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow, SeatRow

MOST_KEPT = 8
FIRST_CHOICE = 400
"""Points of a menu for as much as a first choice is worth in a round.

Two standard deviations of what sections are worth to one teacher (195 points in the pilot), at which
menus did best of those tried in drawn counties (docs/decisions/0040).
"""

PRICED = "seat_capacity"
"""The rule whose price is that of a seat in a section."""

_round = columns(RoundRow)
_seat = columns(SeatRow)
_LAST = (
    select(RoundRow)
    .where(
        _round.unit_id == bindparam("unit"),
        _round.published != "",
        _round.state != "voided",
        _round.year <= bindparam("year"),
    )
    .order_by(_round.year.desc(), _round.closes_at.desc(), _round.id.desc())
    .limit(1)
)


@dataclass(frozen=True, eq=False)
class LastTime:
    """What became of those who asked, and what a seat was worth; empty before a first round.

    Parameters
    ----------
    round_id, title
        Which round it was.
    odds, prices
        By section; prices in thousandths of a point of the round.
    courses
        Title and institution -> the sections of that course.
    scale
        Points of a menu for a thousandth of a point of the round.
    """

    round_id: str = ""
    title: str = ""
    odds: Mapping[str, Odds] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)
    courses: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    scale: Fraction = Fraction(0)

    def of(self, item: Item, institution: str) -> Item:
        """Return a section with its odds and its price, or those of its course."""
        same = self.courses.get((item.title, institution), ())
        if not same:
            return item
        if item.section in same:
            price = self.prices.get(item.section, 0)
            return replace(item, odds=self.odds[item.section], price=self._points(price))
        price = sum(self.prices.get(section, 0) for section in same) // len(same)
        odds = of_course([self.odds[section] for section in same])
        return replace(item, odds=odds, price=self._points(price))

    def _points(self, price: int) -> int:
        return round(price * self.scale)


class Kept:
    """What a few published answers tell, which never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], LastTime] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, row: RoundRow) -> LastTime:
        """Return what a published round tells."""
        name = (str(session.get_bind().engine.url), row.published)
        with self._lock:
            if name not in self._kept:
                self._kept[name] = _told(session, row)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[name]


kept = Kept()


def last_round(session: Session, settings: RoundSettings) -> RoundRow | None:
    """Return the round that tells of another one: itself once it is published, else the one before.

    None before the first round of a unit is published.
    """
    own = session.get(RoundRow, settings.id)
    if own is not None and own.published:
        return own
    of = {"unit": settings.unit, "year": settings.year}
    return session.scalars(_LAST, of).first()


def last_time(session: Session, row: RoundRow | None) -> LastTime:
    """Return what a round that was published tells; nothing without one."""
    return kept.of(session, row) if row else LastTime()


def _told(session: Session, row: RoundRow) -> LastTime:
    stored, settings = results.sealed(session, row)
    seats = select(_seat.teacher_id, _seat.section_id).where(_seat.round_id == row.id)
    held = {(teacher, section) for teacher, section in session.execute(seats)}
    odds = tallied(lists_of(stored, settings, held), sorted(stored.sections))
    first_choice = 1000 * max(settings.points.of_rank(1), 1)
    scale = Fraction(FIRST_CHOICE, first_choice)
    return LastTime(row.id, row.title, odds, _prices(session, row), _courses(stored), scale)


def _prices(session: Session, row: RoundRow) -> Mapping[str, int]:
    """Return the prices of seats in the first of a round's two solves, which had all the demand."""
    try:
        answer = results.published_first(session, row)
    except BadRound:
        answer = results.published(session, row)
    named = ((*str(name).split(":", 1), price) for name, price in answer.body["result"]["prices"])
    return {section: max(price, 0) for rule, section, price in named if rule == PRICED}


def _courses(stored: Stored) -> Mapping[tuple[str, str], Sequence[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for id_, section in sorted(stored.sections.items()):
        offering = stored.offerings[section.offering_id]
        found.setdefault((offering.title, offering.institution_id), []).append(id_)
    return found


def lists_of(stored: Stored, settings: RoundSettings, held: set[tuple[str, str]]) -> Lists:
    """Return what counted of everybody's ballot, with her seats."""
    lines = {teacher: ballot_lines(stored, settings, teacher) for teacher in sorted(stored.ballots)}
    wanted = {
        teacher: min(settings.most_sections, ballot.most_sections or settings.most_sections)
        for teacher, ballot in stored.ballots.items()
    }
    ranked = {teacher: [line.sections for line in hers] for teacher, hers in lines.items()}
    return Lists.of(ranked, held, wanted, sorted(stored.sections))
