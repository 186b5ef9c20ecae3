"""The numbered seats of one round, for the length of one command.

Whoever takes or frees a seat holds the round until the commit (on SQLite there is one writer in any
case), so what is read here stays true until it is written. Only the rows that a command touches are
read, and every changed row is told in the event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, SQLModel, col, select

from catalog.tables import SectionRow
from matching.rounds.life import membership, store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.events import key_of, rows
from matching.rounds.life.hold import require_state
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import LimitRow, PlaceRow, WaitingRow
from matching.rounds.life.workdays import end_of_working_day
from matching.rounds.tables import RoundRow
from matching.waitlist import Standing

OFFER_DAYS = 5
"""Working days an offer stands; it never stands longer than the confirm window."""

CHUNK = 500


_ROUND: Any = bindparam("round_id")
_SEATS = (
    select(PlaceRow)
    .where(PlaceRow.round_id == _ROUND)
    .order_by(col(PlaceRow.section_id), col(PlaceRow.number))
    .execution_options(populate_existing=True)
)
_HERS = _SEATS.where(PlaceRow.teacher_id == bindparam("teacher"))
_IN = _SEATS.where(PlaceRow.section_id == bindparam("section"))
_TAKEN = _SEATS.where(col(PlaceRow.teacher_id).is_not(None))
_DUE = _SEATS.where(PlaceRow.state == "offered", col(PlaceRow.expires_at) <= bindparam("until"))
_FREE = _SEATS.where(
    PlaceRow.state == "free", col(PlaceRow.section_id).in_(bindparam("sections", expanding=True))
)
_COUNTED = (
    select(PlaceRow.section_id, func.count())
    .where(PlaceRow.round_id == _ROUND, PlaceRow.state == "free")
    .group_by(col(PlaceRow.section_id))
)
_HELD = select(PlaceRow.teacher_id, PlaceRow.section_id).where(
    PlaceRow.round_id == _ROUND,
    col(PlaceRow.teacher_id).in_(bindparam("teachers", expanding=True)),
)
_LIMITS = (
    select(LimitRow)
    .where(LimitRow.round_id == _ROUND, col(LimitRow.row).in_(bindparam("limits", expanding=True)))
    .order_by(col(LimitRow.row))
)
_USED = select(LimitRow.row, LimitRow.used).where(
    LimitRow.round_id == _ROUND, col(LimitRow.row).in_(bindparam("limits", expanding=True))
)
_QUEUE = select(WaitingRow.teacher_id, WaitingRow.section_id, WaitingRow.rank).where(
    WaitingRow.round_id == _ROUND,
    WaitingRow.state == "waiting",
    col(WaitingRow.section_id).in_(bindparam("sections", expanding=True)),
)
_MEETINGS = select(SectionRow.id, SectionRow.meetings).where(
    col(SectionRow.id).in_(bindparam("sections", expanding=True))
)
_WAITS = (
    select(WaitingRow)
    .where(WaitingRow.round_id == _ROUND, WaitingRow.teacher_id == bindparam("teacher"))
    .order_by(col(WaitingRow.section_id))
)


class Hall:
    """Places, waiting lists and shared limits of a round that is held until the commit."""

    def __init__(self, session: Session, call: Call, row: RoundRow) -> None:
        self.session = session
        self.call = call
        self.row = row
        self._changed: dict[tuple[str, tuple[Any, ...]], SQLModel] = {}
        self._deleted: list[SQLModel] = []
        self._hers: dict[str, list[PlaceRow]] = {}

    @cached_property
    def standing(self) -> Standing:
        """The rules by which free seats are given."""
        return standing_of(self.session, self.row)

    @property
    def is_open(self) -> bool:
        """Whether offers may still be made: the confirm window runs."""
        return self.row.state == "confirming" and stamp(self.call.now) < self.row.confirm_until

    @cached_property
    def expiry(self) -> str:
        """Until when an offer made now stands."""
        closed = settings_of(self.row).release.closed
        end = end_of_working_day(self.call.now, OFFER_DAYS, closed)
        return min(stamp(end), self.row.confirm_until)

    def changes(self) -> list[dict[str, Any]]:
        """Return the changed rows as the event tells them."""
        self.session.flush()
        gone = {_name(row) for row in self._deleted}
        kept = [row for name, row in self._changed.items() if name not in gone]
        return rows(*kept, deleted=self._deleted)

    def changing(self, *changed: SQLModel) -> None:
        """Note rows whose last values are to be told."""
        for row in changed:
            self._changed[_name(row)] = row

    def add(self, new: Iterable[SQLModel]) -> None:
        """Write new rows."""
        added = list(new)
        self.session.add_all(added)
        self.changing(*added)
        self.session.flush()

    def delete(self, row: SQLModel) -> None:
        """Delete a row."""
        self._deleted.append(row)
        self.session.delete(row)

    def places_of(self, teacher_id: str) -> list[PlaceRow]:
        """Return the seats a teacher has been offered or has confirmed, by section."""
        if teacher_id not in self._hers:
            self._hers[teacher_id] = self._places(_HERS, teacher=teacher_id)
        return self._hers[teacher_id]

    def give(self, teacher_id: str, place: PlaceRow) -> None:
        """Put a teacher on a free seat."""
        hers = [*self.places_of(teacher_id), place]
        place.teacher_id = teacher_id
        self._hers[teacher_id] = sorted(hers, key=lambda each: each.section_id)
        self.changing(place)

    def take(self, teacher_id: str, place: PlaceRow) -> None:
        """Take a seat back from a teacher."""
        self._hers[teacher_id] = [each for each in self.places_of(teacher_id) if each is not place]
        place.state, place.teacher_id, place.origin = "free", None, ""
        place.rank, place.expires_at = 0, ""
        self.changing(place)

    def places_in(self, section_id: str) -> list[PlaceRow]:
        """Return all seats of a section."""
        return self._places(_IN, section=section_id)

    def taken(self) -> list[PlaceRow]:
        """Return every seat that somebody has."""
        return self._places(_TAKEN)

    def due(self, until: str) -> list[PlaceRow]:
        """Return the offers that have expired at a moment."""
        return self._places(_DUE, until=until)

    def _places(self, question: Any, **said: object) -> list[PlaceRow]:
        self.session.flush()
        return list(self.session.exec(question, params={"round_id": self.row.id, **said}))

    def _asked(self, question: Any, **said: Collection[str]) -> Iterator[Any]:
        """Ask about many names, some at a time."""
        ((name, wanted),) = said.items()
        ordered = sorted(wanted)
        for start in range(0, len(ordered), CHUNK):
            part = {"round_id": self.row.id, name: ordered[start : start + CHUNK]}
            yield from self.session.exec(question, params=part)

    def held_by(self, teachers: Collection[str]) -> dict[str, list[str]]:
        """Return the sections in which teachers have seats."""
        found: dict[str, list[str]] = {teacher: [] for teacher in teachers}
        for teacher, section in self._asked(_HELD, teachers=teachers):
            found[teacher].append(section)
        return found

    def free(self) -> dict[str, int]:
        """Return the sections with free seats, and how many."""
        self.session.flush()
        counted = self.session.exec(_COUNTED, params={"round_id": self.row.id})
        return {section: count for section, count in counted}

    def begun(self, sections: Collection[str]) -> set[str]:
        """Return those of some sections that have met: nobody comes into them unless by hand."""
        found = self._asked(_MEETINGS, sections=sections)
        return {name for name, meetings in found if membership.begun(meetings, self.call.now)}

    def used(self, limits: Collection[str]) -> dict[str, int]:
        """Return how much of some shared limits is used."""
        return {row: used for row, used in self._asked(_USED, limits=limits)}

    def waiting_in(self, sections: Collection[str]) -> list[tuple[str, str, int]]:
        """Return who waits for sections: (teacher, section, rank), in the published order."""
        number = self.standing.number
        found = [tuple(each) for each in self._asked(_QUEUE, sections=sections)]
        return sorted(found, key=lambda each: (each[2], number(each[0]), each[1]))

    def waits_of(self, teacher_id: str, sections: Collection[str] = ()) -> list[WaitingRow]:
        """Return a teacher's places in the waiting lists (of some sections), by section."""
        said = {"round_id": self.row.id, "teacher": teacher_id}
        hers = self.session.exec(_WAITS, params=said)
        return [wait for wait in hers if not sections or wait.section_id in sections]

    def close_waiting(self, section_id: str) -> None:
        """End a waiting list: nobody waits any more for a section that is cancelled."""
        mine = select(WaitingRow).where(
            WaitingRow.round_id == self.row.id,
            WaitingRow.section_id == section_id,
            WaitingRow.state == "waiting",
        )
        for wait in self.session.exec(mine.order_by(col(WaitingRow.position))):
            wait.state = "out"
            self.changing(wait)
        self.session.flush()

    def free_places(self, sections: Collection[str]) -> list[PlaceRow]:
        """Return the first free seat of each of some sections."""
        free = self._places(_FREE, sections=sorted(sections))
        first: dict[str, PlaceRow] = {}
        for place in free:
            first.setdefault(place.section_id, place)
        return [first[section] for section in sections]

    def use(self, changes: Mapping[str, int]) -> None:
        """Count a change in the use of shared limits."""
        for limit in self._asked(_LIMITS, limits=changes) if changes else ():
            limit.used += changes[limit.row]
            self.changing(limit)


def hall_of(session: Session, call: Call, round_id: str, *states: str) -> Hall:
    """Return the seats of a round, held until the commit."""
    row = store.round_to_move(session, round_id)
    require_state(row, *states)
    return Hall(session, call, row)


def _name(row: SQLModel) -> tuple[str, tuple[Any, ...]]:
    return str(row.__tablename__), tuple(key_of(row))
