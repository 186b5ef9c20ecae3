"""A round brought once to every stage after its seal, and put there again for each run.

Four teachers at two schools, four sections. A and B meet in the same half-day, C on the next day, D is
online and needs two people. P1 lets one teacher go at a time, the county pays for five of six seats,
nobody takes more than two sections, and T3 wants B and D together or neither. So something binds
whatever happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Engine, Select, and_, select
from sqlmodel import Session, SQLModel

from api import log
from matching.rounds.life import (
    answers,
    drafting,
    handing,
    marking,
    moves,
    places,
    publishing,
    sealing,
)
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened
from matching.rounds.life.tables import JobRow, PlaceRow
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.life import factories
from tests.matching.rounds.life.answered import answered
from tests.matching.rounds.life.factories import (
    AFTER,
    CLOSES,
    DAY,
    DRAFTED,
    DURING,
    HOUR,
    OPENS,
    ROUND,
    SECRET,
    call,
    two,
)
from tests.matching.rounds.life.factories_seats import FINAL, PUBLISHED, engine

SCHOOL_OF = {"T1": "P1", "T2": "P1", "T3": "P2", "T4": "P2"}
CAPACITY = {"A": 1, "B": 1, "C": 2, "D": 2}
HALF_OF = {"A": "2026-09-08 AM", "B": "2026-09-08 AM", "C": "2026-09-09 AM"}
RELEASED_AT_ONCE = {"P1": 1, "P2": 2}
SEATS_PAID = 5
MOST_SECTIONS = 2
BALLOTS = {"T1": ["A", "D"], "T2": ["A", "B", "C"], "T3": ["B+D", "A"], "T4": ["C", "A", "D"]}
MINUTES = 240
"""A half-day, and the whole of the online course, in account minutes."""

Table = dict[tuple[Any, ...], dict[str, Any]]
Dump = dict[str, Table]


def county() -> list[SQLModel]:
    """Return the rows of the county."""
    courses = []
    for id, seats in CAPACITY.items():
        online = {} if id in HALF_OF else {"mode": "online", "minutes": MINUTES, "minimum": 2}
        courses += rounds.course(id, [HALF_OF[id]] if id in HALF_OF else [], seats, **online)
    return rounds.county(
        *(rounds.school(id, release_max=most) for id, most in RELEASED_AT_ONCE.items()),
        *(rounds.teacher(id, school) for id, school in SCHOOL_OF.items()),
        *courses,
        rounds.quota(max_seats=SEATS_PAID),
    )


def do(session: Session, call: Call, command: Callable, *said: Any, **more: Any) -> list[Happened]:
    """Do something and write it into the log, as the office does, but for the commit."""
    happened = command(session, call, ROUND, *said, **more)
    found = list(happened) if isinstance(happened, tuple) else [happened]
    session.flush()
    head = log.locked_head(session)
    for one in found:
        head = log.append(session, call, one, head)
    return found


def dump(session: Session, *names: str) -> Dump:
    """Return the rows of some tables (of all) by table and primary key."""
    return {name: _rows(session, name) for name in names or SQLModel.metadata.tables}


def _rows(session: Session, name: str) -> Table:
    columns, keys, question = _question(name)
    found = session.connection().execute(question)
    return {
        tuple(row[place] for place in keys): dict(zip(columns, row, strict=True)) for row in found
    }


@cache
def _question(name: str) -> tuple[tuple[str, ...], tuple[int, ...], Select[Any]]:
    """Return the columns of a table, where its key is among them, and how to read it."""
    table = SQLModel.metadata.tables[name]
    columns = tuple(table.columns.keys())
    return columns, tuple(columns.index(key.name) for key in table.primary_key), select(table)


@dataclass(frozen=True)
class Stage:
    """What makes a round that is sealed and nothing else one of a later stage."""

    now: datetime
    new: dict[str, list[dict[str, Any]]]
    changed: dict[str, Table]

    def put(self, session: Session) -> None:
        """Bring the round there, in a transaction that is undone at the end of a run."""
        connection, tables = session.connection(), SQLModel.metadata
        for table in tables.sorted_tables:
            if rows := self.new.get(table.name):
                connection.execute(table.insert(), rows)
            for key, row in self.changed.get(table.name, {}).items():
                mine = [column == part for column, part in zip(table.primary_key, key, strict=True)]
                connection.execute(table.update().where(and_(*mine)).values(row))


def prepare(engine: Engine) -> dict[str, Stage]:
    """Store a county with its sealed round; return the stages that it can be put at."""
    with Session(engine) as session:
        rounds.add(session, *county())
        for moment, command, *said in _until_sealed():
            do(session, moment, command, *said)
        session.commit()
        start = dump(session)
        stages = {"seeded": Stage(AFTER, {}, {})}
        for name, now, steps in _stages(session):
            for who, command, *said in steps:
                do(session, who, command, *said)
            stages[name] = _between(start, dump(session), now)
        session.rollback()
    return stages


def _until_sealed():
    rules = {"hours_strict": False, "assigned_cap": 0, "most_sections": MOST_SECTIONS}

    def draft(session, call, _):
        return drafting.draft(session, call, factories.settings(**rules), SECRET)

    yield call(at=DRAFTED), draft
    yield call(at=DRAFTED), moves.announce, OPENS, CLOSES
    yield call(at=OPENS), moves.open_
    for id, lines in BALLOTS.items():
        yield call("teacher", id, DURING), handing.hand_in, id, lines, None, 0
    yield call(at=AFTER), moves.close
    yield call(at=AFTER), sealing.seal
    yield call(at=AFTER), sealing.reveal


def _stages(session: Session):
    """Yield the stages in order: name, moment, and the steps from the one before."""
    monday = FINAL + 2 * DAY
    over, taught = monday + 21 * DAY, monday.replace(month=9, day=10)
    yield "candidate", AFTER, [(call(at=AFTER), answers.ask), (engine(), solved)]
    published = [(call(at=PUBLISHED), publishing.accept), (two(PUBLISHED), publishing.publish)]
    yield "notice", PUBLISHED, published
    yield "final", FINAL, [(call(at=FINAL), publishing.finalise)]
    yield "confirming", monday, [(call(at=monday), places.open_confirming)]
    yield "running", taught, _confirmed(session, monday, over)


def _confirmed(session, monday, over):
    for place in session.execute(select(PlaceRow)).scalars().all():
        if place.state == "offered":  # a bundle is confirmed as a whole
            her = call("teacher", place.teacher_id, monday + HOUR)
            yield her, places.confirm_seat, place.teacher_id, place.section_id
    yield call(at=over), places.settle
    yield call(at=over), marking.start


def solved(session: Session, call: Call, round_id: str) -> Happened:
    """Solve the one job there is."""
    job = session.execute(select(JobRow)).scalars().one()
    job.state, job.attempt = "running", 1
    found = answered(session, job)
    return answers.keep_answer(session, call, round_id, job.id, job.attempt, found)


def _between(start: Dump, end: Dump, now: datetime) -> Stage:
    new: dict[str, list[dict[str, Any]]] = {}
    changed: dict[str, Table] = {}
    for name, rows in end.items():
        known = start[name]
        new[name] = [row for key, row in rows.items() if key not in known]
        changed[name] = {k: row for k, row in rows.items() if k in known and known[k] != row}
    return Stage(now, new, changed)
