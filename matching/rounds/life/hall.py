"""The numbered seats of one round, for the length of one command.

Whoever takes or frees a seat holds the round until the commit (on SQLite there is one writer in any
case), so what is read here stays true until it is written. Only the rows that a command touches are
read, and every changed row is told in the event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from matching.rounds.life import store
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
            self._hers[teacher_id] = self._places(col(PlaceRow.teacher_id) == teacher_id)
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
        return self._places(col(PlaceRow.section_id) == section_id)

    def taken(self) -> list[PlaceRow]:
        """Return every seat that somebody has."""
        return self._places(col(PlaceRow.teacher_id).is_not(None))

    def due(self, until: str) -> list[PlaceRow]:
        """Return the offers that have expired at a moment."""
        return self._places(col(PlaceRow.state) == "offered", col(PlaceRow.expires_at) <= until)

    def _places(self, *conditions: Any) -> list[PlaceRow]:
        mine = select(PlaceRow).where(PlaceRow.round_id == self.row.id, *conditions)
        order = (col(PlaceRow.section_id), col(PlaceRow.number))
        fresh = mine.order_by(*order).execution_options(populate_existing=True)
        self.session.flush()
        return list(self.session.exec(fresh))

    def held_by(self, teachers: Collection[str]) -> dict[str, list[str]]:
        """Return the sections in which teachers have seats."""
        found: dict[str, list[str]] = {teacher: [] for teacher in teachers}
        for part in _chunks(teachers):
            pairs = select(PlaceRow.teacher_id, PlaceRow.section_id).where(
                PlaceRow.round_id == self.row.id, col(PlaceRow.teacher_id).in_(part)
            )
            for teacher, section in self.session.exec(pairs):
                found[str(teacher)].append(section)
        return found

    def free(self) -> dict[str, int]:
        """Return the sections with free seats, and how many."""
        counted = (
            select(PlaceRow.section_id, func.count())
            .where(PlaceRow.round_id == self.row.id, PlaceRow.state == "free")
            .group_by(col(PlaceRow.section_id))
        )
        return {section: count for section, count in self.session.exec(counted)}

    def used(self, limits: Collection[str]) -> dict[str, int]:
        """Return how much of some shared limits is used."""
        found: dict[str, int] = {}
        for part in _chunks(limits):
            mine = select(LimitRow.row, LimitRow.used).where(
                LimitRow.round_id == self.row.id, col(LimitRow.row).in_(part)
            )
            found.update({row: used for row, used in self.session.exec(mine)})
        return found

    def waiting_in(self, sections: Collection[str]) -> list[tuple[str, str, int]]:
        """Return who waits for sections: (teacher, section, rank), in the published order."""
        found: list[tuple[str, str, int]] = []
        for part in _chunks(sections):
            mine = select(WaitingRow.teacher_id, WaitingRow.section_id, WaitingRow.rank).where(
                WaitingRow.round_id == self.row.id,
                WaitingRow.state == "waiting",
                col(WaitingRow.section_id).in_(part),
            )
            found += [
                (teacher, section, rank) for teacher, section, rank in self.session.exec(mine)
            ]
        number = self.standing.number
        return sorted(found, key=lambda each: (each[2], number(each[0]), each[1]))

    def waits_of(self, teacher_id: str, sections: Collection[str] = ()) -> list[WaitingRow]:
        """Return a teacher's places in the waiting lists (of some sections), by section."""
        mine = select(WaitingRow).where(
            WaitingRow.round_id == self.row.id, WaitingRow.teacher_id == teacher_id
        )
        if sections:
            mine = mine.where(col(WaitingRow.section_id).in_(sections))
        return list(self.session.exec(mine.order_by(col(WaitingRow.section_id))))

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
        free = self._places(PlaceRow.state == "free", col(PlaceRow.section_id).in_(sections))
        first: dict[str, PlaceRow] = {}
        for place in free:
            first.setdefault(place.section_id, place)
        return [first[section] for section in sections]

    def use(self, changes: Mapping[str, int]) -> None:
        """Count a change in the use of shared limits."""
        for part in _chunks(changes):
            mine = select(LimitRow).where(
                LimitRow.round_id == self.row.id, col(LimitRow.row).in_(part)
            )
            for limit in self.session.exec(mine.order_by(col(LimitRow.row))):
                limit.used += changes[limit.row]
                self.changing(limit)


def hall_of(session: Session, call: Call, round_id: str, *states: str) -> Hall:
    """Return the seats of a round, held until the commit."""
    row = store.round_to_move(session, round_id)
    require_state(row, *states)
    return Hall(session, call, row)


def _chunks(wanted: Collection[str]) -> Iterable[list[str]]:
    ordered = sorted(wanted)
    return (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))


def _name(row: SQLModel) -> tuple[str, tuple[Any, ...]]:
    return str(row.__tablename__), tuple(key_of(row))
