"""A tiny county with a round in any state: six teachers at two schools, four sections.

    with opened_round() as session:
        handing.hand_in(session, call("teacher", "T1"), ROUND, "T1", ["A", "B"], None, 0)

T1 to T4 teach at P1, T5 and T6 at P2. A and B meet on the same days, C later, D is online; K is for
kindergartens, where nobody here teaches.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, SQLModel

from matching.rounds.life import drafting, moves, sealing
from matching.rounds.life.calls import Call, Role, Scope
from matching.rounds.settings import RoundSettings
from matching.rounds.tables import RoundRow
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.factories import COUNTY, course, database, days, school, teacher

ROUND = "r1"
SECRET = "0123456789abcdef" * 4
TEACHERS = ("T1", "T2", "T3", "T4", "T5", "T6")
SECTIONS = ("A", "B", "C", "D")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

DRAFTED = datetime(2026, 5, 20, 1, tzinfo=UTC)
OPENS = datetime(2026, 6, 1, 0, tzinfo=UTC)
CLOSES = OPENS + 10 * DAY
DURING = OPENS + 3 * DAY
AFTER = CLOSES + HOUR


def call(role: Role = "county", id: str = "", at: datetime = DURING, **more: str) -> Call:
    """Return a call; the county, the clock and the engine know who they are."""
    known = {"county": COUNTY, "auditor": COUNTY, "clock": "clock", "engine": "engine"}
    who = id or known[role]
    return Call(more.pop("actor", who), Scope(role, who), at, **more)


def two(at: datetime = DURING, reason: str = "雷击停电") -> Call:
    """Return a call of two administrators who have said why."""
    return call(at=at, reason=reason, second="第二人", actor="管理员")


def settings(**changes: object) -> RoundSettings:
    return rounds.settings(**{"id": ROUND, "title": "小县选学", "seed": "", **changes})


def county(*more: SQLModel) -> list[SQLModel]:
    """Return the rows of the county."""
    people = [teacher(id, "P1" if id <= "T4" else "P2") for id in TEACHERS]
    august = days("2026-08-03", 2)
    return rounds.county(
        school("P2"),
        *people,
        *course("A", august, capacity=2),
        *course("B", august, capacity=2),
        *course("C", days("2026-08-10", 2), capacity=3),
        *course("D", [], capacity=3, minutes=480, mode="online"),
        *course("K", days("2026-08-17", 2), stages=["1"]),
        *more,
    )


@contextmanager
def empty_county(*more: SQLModel):
    """Open a database with the county and no round."""
    with database(*county(*more)) as session:
        yield session


def draft(session: Session, **changes: object) -> RoundRow:
    drafting.draft(session, call(at=DRAFTED), settings(**changes), SECRET)
    return row(session)


def announce(session: Session, **changes: object) -> RoundRow:
    draft(session, **changes)
    moves.announce(session, call(at=DRAFTED), ROUND, OPENS, CLOSES)
    return row(session)


def open_(session: Session, **changes: object) -> RoundRow:
    announce(session, **changes)
    moves.open_(session, call(at=OPENS), ROUND)
    return row(session)


def close(session: Session) -> RoundRow:
    moves.close(session, call(at=AFTER), ROUND)
    return row(session)


def seal(session: Session) -> RoundRow:
    """Close an open round and seal it."""
    close(session)
    sealing.seal(session, call(at=AFTER), ROUND)
    return row(session)


@contextmanager
def opened_round(*more: SQLModel, **changes: object):
    """Open a database with the county and an open round."""
    with empty_county(*more) as session:
        open_(session, **changes)
        yield session


def row(session: Session) -> RoundRow:
    """Return the round as it is."""
    return session.get_one(RoundRow, ROUND)
