"""What a round that was published tells of the next, or a dry run of itself: odds and prices.

Codes are given anew every year, so what is compared is the course: its title and institution. A
section of the same course and code is told of itself, another one of the same course by all of its
sections, and of a new course nothing is known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from threading import Lock

from sqlalchemy import bindparam, select
from sqlmodel import Session

from api.choosing.tables import DryRunRow
from api.reads import reach
from api.reads.reach import columns
from catalog.choices import Item
from catalog.odds import Odds, of_course, tallied
from catalog.prepared import Prepared, connection_of
from catalog.tables import SectionRow
from matching.rounds.dry_run import prices_of_seats
from matching.rounds.errors import BadRound
from matching.rounds.life import results
from matching.rounds.lists import lists_of
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow, SeatRow

MOST_KEPT = 8
FIRST_CHOICE = 400
"""Points of a menu for as much as a first choice is worth in a round.

Two standard deviations of what sections are worth to one teacher (195 points in the pilot), at which
menus did best of those tried in drawn counties (docs/decisions/0040).
"""

_round = columns(RoundRow)
_seat = columns(SeatRow)
_OWN = Prepared(select(_round.id, _round.published).where(_round.id == bindparam("round")))
_LAST = Prepared(
    select(_round.id, _round.published)
    .where(
        _round.unit_id == bindparam("unit"),
        _round.published != "",
        _round.state != "voided",
        _round.year <= bindparam("year"),
    )
    .order_by(_round.year.desc(), _round.closes_at.desc(), _round.id.desc())
    .limit(1)
)
_made = columns(DryRunRow)
_MADE = Prepared(select(_made.job_id).where(_made.round_id == bindparam("round")))
_section = columns(SectionRow)
_COURSES = (
    select(_section.id, reach.offering.title, reach.offering.institution_id)
    .join(reach.offering.id.table, reach.offering.id == _section.offering_id)
    .order_by(_section.id)
)


@dataclass(frozen=True, eq=False)
class LastTime:
    """What became of those who asked, and what a seat was worth; empty where nothing tells.

    Parameters
    ----------
    round_id, title
        Which round it was.
    odds, prices
        By section; prices in thousandths of a point of the round, or of a menu in a dry run.
    courses
        Title and institution -> the sections of that course.
    scale
        Points of a menu for a thousandth of these points.
    day
        When a dry run was made; empty for a result.
    """

    round_id: str = ""
    title: str = ""
    odds: Mapping[str, Odds] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)
    courses: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    scale: Fraction = Fraction(0)
    day: str = ""

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

    def of(self, session: Session, round_id: str, published: str) -> LastTime:
        """Return what a round tells by its published answer."""
        name = (str(session.get_bind().engine.url), published)
        with self._lock:
            if name not in self._kept:
                self._kept[name] = _told(session, session.get_one(RoundRow, round_id))
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[name]


kept = Kept()


def teller(session: Session, settings: RoundSettings) -> tuple[str, Callable[[], LastTime]]:
    """Return the name of what tells of a round, and what reads it.

    That is its own result once there is one, else its dry run, else the result of the round before;
    nothing before the first round of a unit is published.
    """
    connection = connection_of(session)
    own = _OWN.first(connection, {"round": settings.id})
    if own is not None and own.published:
        return own.published, partial(kept.of, session, *own)
    made = _MADE.first(connection, {"round": settings.id})
    if made is not None:
        return made.job_id, partial(_foretold, session, settings.id)
    before = _LAST.first(connection, {"unit": settings.unit, "year": settings.year})
    return (before.published, partial(kept.of, session, *before)) if before else ("", LastTime)


def _foretold(session: Session, round_id: str) -> LastTime:
    """Return what a dry run tells; its prices are points of a menu as they are."""
    row = session.get_one(DryRunRow, round_id)
    title = session.get_one(RoundRow, round_id).title
    odds = {
        str(id_): Odds(asked, seated, better, per_mille, "dry_run")
        for id_, _, asked, seated, better, per_mille in row.sections
    }
    prices = {str(id_): int(price) for id_, price, *_ in row.sections}
    courses: dict[tuple[str, str], list[str]] = {}
    for id_, *course in session.execute(_COURSES):
        if id_ in odds:
            courses.setdefault((course[0], course[1]), []).append(id_)
    return LastTime(round_id, title, odds, prices, courses, Fraction(1, 1000), row.at[:10])


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
    return prices_of_seats(answer.body["result"]["prices"])


def _courses(stored: Stored) -> Mapping[tuple[str, str], Sequence[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for id_, section in sorted(stored.sections.items()):
        offering = stored.offerings[section.offering_id]
        found.setdefault((offering.title, offering.institution_id), []).append(id_)
    return found
