"""How those fared who asked for a section in the last round that was published, kept until the next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from sqlalchemy import select
from sqlmodel import Session

from api.reads.reach import columns
from catalog.odds import Lists, Odds, tallied
from matching.rounds.life import results
from matching.rounds.lists import ballot_lines
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow, SeatRow

MOST_KEPT = 8
_round = columns(RoundRow)
_seat = columns(SeatRow)


class Kept:
    """The odds of a few published answers, which never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Mapping[str, Odds]] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, row: RoundRow) -> Mapping[str, Odds]:
        """Return the odds of a published round."""
        name = (str(session.get_bind().engine.url), row.published)
        with self._lock:
            if name not in self._kept:
                self._kept[name] = _odds(session, row)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[name]


kept = Kept()


def last_time(session: Session, row: RoundRow) -> Mapping[str, Odds]:
    """Return the odds by section: of this round once it is published, else of the one before.

    Before the first round of a unit is published nothing is known, and the mapping is empty.
    """
    before = row if row.published else _before(session, row)
    return kept.of(session, before) if before else {}


def _before(session: Session, row: RoundRow) -> RoundRow | None:
    """Return the last round of a unit whose result everybody has seen."""
    told = select(RoundRow).where(
        _round.unit_id == row.unit_id,
        _round.published != "",
        _round.state != "voided",
        _round.year <= row.year,
    )
    order = (_round.year.desc(), _round.closes_at.desc(), _round.id.desc())
    return session.scalars(told.order_by(*order)).first()


def _odds(session: Session, row: RoundRow) -> Mapping[str, Odds]:
    stored, settings = results.sealed(session, row)
    seats = select(_seat.teacher_id, _seat.section_id).where(_seat.round_id == row.id)
    held = {(teacher, section) for teacher, section in session.execute(seats)}
    return tallied(lists_of(stored, settings, held), sorted(stored.sections))


def lists_of(stored: Stored, settings: RoundSettings, held: set[tuple[str, str]]) -> Lists:
    """Return what counted of everybody's ballot, with her seats."""
    lines = {teacher: ballot_lines(stored, settings, teacher) for teacher in sorted(stored.ballots)}
    wanted = {
        teacher: min(settings.most_sections, ballot.most_sections or settings.most_sections)
        for teacher, ballot in stored.ballots.items()
    }
    ranked = {teacher: [line.sections for line in hers] for teacher, hers in lines.items()}
    return Lists.of(ranked, held, wanted, sorted(stored.sections))
