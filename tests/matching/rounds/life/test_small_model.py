"""Two teachers, two seats: every order in which anything can be done, each through the real commands.

States are visited breadth first until none is left, a state being the rows of seats, waiting lists and
limits, the round, the moment (three of them) and what was ever given up. In every state every invariant
must hold. Commands are confirm, decline, stop waiting, expire, settle and cancelling A; six counties of
41 to 347 states. Transfers, marks and a third teacher are not in it; `machine_seats.py` draws those.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import create_engine, event
from sqlmodel import Session, select

from api.migrations import tables
from matching.rounds.errors import BadRound
from matching.rounds.life import hall, places, refill
from matching.rounds.life.standings import standing_of
from matching.rounds.life.tables import LimitRow, PlaceRow, WaitingRow
from matching.rounds.tables import RoundRow
from tests.matching.rounds.factories import ballot, county, course, school, teacher
from tests.matching.rounds.life.big_hall import NOW, ROUND, call, confirming
from tests.matching.rounds.life.invariants import broken, has_met

TEACHERS, SECTIONS = ("T1", "T2"), ("A", "B")
ROWS = (PlaceRow, WaitingRow, LimitRow)
TIMES = tuple(NOW + timedelta(days=days) for days in (0, 8, 15))
"""Before the first offers expire, after it, and after the confirm window."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class State:
    """All that decides what can happen next."""

    rows: tuple[tuple[tuple[str, object], ...], ...]
    phase: str
    time: int
    given_up: frozenset[Pair]


def case(kind: str):
    """Return a county in which both want both."""
    one_day = {"A": ["2026-09-07 AM"], "B": ["2026-09-07 AM"]}
    two_days = {"A": ["2026-09-07 AM"], "B": ["2026-09-08 AM"]}
    meets = one_day if kind == "one may go" else two_days
    if kind == "one has met":
        meets = {"A": ["2026-08-10 AM"], "B": ["2026-09-08 AM"]}
    lists = {"T1": ["A", "B"], "T2": ["A", "B"]}
    if kind == "bundle":
        lists = {"T1": ["A+B"], "T2": ["A", "B"]}
    if kind == "crosswise":
        lists = {"T1": ["A", "B"], "T2": ["B", "A"]}
    most = 1 if kind in ("one each", "one has met") else 2
    return county(
        school("P1", release_max=1 if kind == "one may go" else None),
        *(teacher(id) for id in TEACHERS),
        *(row for s in SECTIONS for row in course(s, meets[s], capacity=1)),
        *(ballot(id, *lists[id], most_sections=most) for id in TEACHERS),
    )


class World:
    """One database that is put into a state, and what a command makes of it."""

    def __init__(self, kind: str) -> None:
        engine = create_engine("sqlite://")

        @event.listens_for(engine, "connect")
        def prepare(connection, _):
            connection.isolation_level = None  # we say BEGIN ourselves, so that savepoints hold

        @event.listens_for(engine, "begin")
        def begin(connection):
            connection.exec_driver_sql("BEGIN")

        tables().create_all(engine)
        self.session = Session(engine)
        confirming(self.session, case(kind))
        self.session.commit()
        row = self.session.get_one(RoundRow, ROUND)
        self.standing = standing_of(self.session, row)
        self.window = row.confirm_until

    def state(self, time: int, given_up: frozenset[Pair]) -> State:
        self.session.flush()
        found = []
        for table in ROWS:
            kept = self.session.exec(select(table)).all()
            found += [(("table", table.__tablename__), *row.model_dump().items()) for row in kept]
        phase = self.session.get_one(RoundRow, ROUND).state
        return State(tuple(sorted(found, key=repr)), phase, time, given_up)

    @contextmanager
    def undoing(self):
        """Run a command and undo it."""
        point = self.session.begin_nested()
        try:
            yield
        finally:
            self.session.expunge_all()
            point.rollback()

    def put(self, state: State) -> None:
        """Make the database what a state says."""
        by_name = {table.__tablename__: table for table in ROWS}
        self.session.rollback()
        self.session.expunge_all()
        for table in ROWS:
            self.session.execute(table.__table__.delete())
        for (_, name), *columns in state.rows:
            self.session.add(by_name[name](**dict(columns)))
        self.session.get_one(RoundRow, ROUND).state = state.phase
        self.session.commit()


def commands(state: State):
    """Yield every command that is not refused for want of a seat or of a place in the list."""
    now, held, queue = TIMES[state.time], seats(state), waiting(state)
    for who, section in product(TEACHERS, SECTIONS):
        me = call("teacher", who, now)
        pair = (who, section)
        if held.get(pair) == "offered":
            yield f"confirm {pair}", lambda s, c=me, p=pair: places.confirm_seat(s, c, ROUND, *p)
        if pair in held:
            yield f"decline {pair}", lambda s, c=me, p=pair: places.decline(s, c, ROUND, *p)
        if pair in queue:
            yield f"stop {pair}", lambda s, c=me, p=pair: places.stop_waiting(s, c, ROUND, *p)
    if "offered" in held.values():
        yield "expire", lambda s: places.expire(s, call("clock", "clock", now), ROUND)
    yield "settle", lambda s: places.settle(s, call(at=now), ROUND)
    why = call(at=now, reason="取消")
    yield "cancel A", lambda s: places.cancel_section(s, why, ROUND, "A")


def rows_of(state: State, table: str):
    return [dict(columns) for (_, name), *columns in state.rows if name == table]


def seats(state: State) -> dict[Pair, str]:
    found = rows_of(state, "place")
    return {(r["teacher_id"], r["section_id"]): r["state"] for r in found if r["teacher_id"]}


def waiting(state: State) -> set[Pair]:
    found = rows_of(state, "waiting")
    return {(r["teacher_id"], r["section_id"]) for r in found if r["state"] == "waiting"}


def wrong_step(world: World, before: State, after: State, name: str):
    """Yield what may not happen between two states (I7): who comes in, when, and in which order."""
    new = seats(after).keys() - seats(before).keys()
    given_up = before.given_up | {pair for pair in seats(before) if name == f"decline {pair}"}
    for pair in given_up & seats(after).keys():
        yield f"{pair} is back"
    for pair in new:
        if has_met(world.session, pair[1], TIMES[before.time]):
            yield f"{pair} came after the first meeting"
    late = TIMES[before.time].strftime("%Y-%m-%dT%H:%M:%S") >= world.window[:19]
    if late and any(seats(after)[pair] == "offered" for pair in new):
        yield "an offer after the window"
    if name.startswith("cancel"):
        return
    position = {
        (r["teacher_id"], r["section_id"]): r["position"] for r in rows_of(after, "waiting")
    }
    for who, section in new:
        for other, where in waiting(after):
            if where == section and position[other, where] < position[who, section]:
                held = {id: [s for t, s in seats(after) if t == id] for id in TEACHERS}
                group = world.standing.group(who, section)
                held[who] = [s for s in held[who] if s not in group]
                free = dict.fromkeys(SECTIONS, 1)
                for names in held.values():
                    for each in names:
                        free[each] -= 1
                theirs = world.standing.group(other, where)
                used = world.standing.usage(held)
                if world.standing.may(other, theirs, held[other], used, free) is None:
                    yield f"{who} got {section} before {other}"


def explore(kind: str, most: int = 20_000):
    """Visit every state; return how many states and steps there are, and everything wrong."""
    world = World(kind)
    first = world.state(0, frozenset())
    seen, queue, steps = {first}, deque([first]), 0
    wrong = [(each, "at the start") for each in broken(world.session, ROUND, TIMES[0])]
    while queue and not wrong:
        state = queue.popleft()
        if state.time + 1 < len(TIMES):
            later = State(state.rows, state.phase, state.time + 1, state.given_up)
            if later not in seen:
                seen.add(later)
                queue.append(later)
        world.put(state)
        for name, command in commands(state):
            with world.undoing():
                try:
                    command(world.session)
                except BadRound:
                    continue
                steps += 1
                after = world.state(state.time, state.given_up)
                gone = seats(state).keys() - seats(after).keys()
                after = State(after.rows, after.phase, after.time, state.given_up | gone)
                wrong += [(each, name) for each in wrong_step(world, state, after, name)]
                if after not in seen:
                    now = TIMES[state.time]
                    wrong += [(each, name) for each in broken(world.session, ROUND, now)]
                    seen.add(after)
                    queue.append(after)
        assert len(seen) < most
    return len(seen), steps, wrong


@pytest.mark.parametrize(
    "kind", ["one may go", "bundle", "one has met", "one each", "crosswise", "two each"]
)
def test_every_state_that_can_be_reached_is_sound(kind):
    states, steps, wrong = explore(kind)
    assert wrong == []
    assert states > 20
    assert steps > states / 2


def test_forgetting_to_refill_is_found(monkeypatch):
    """Negative control: a seat stays free while somebody waits for it."""
    monkeypatch.setattr(places, "refill", lambda hall: [])
    *_, wrong = explore("one each")
    assert any("in vain" in each for each, _ in wrong)


def test_offering_what_has_met_is_found(monkeypatch):
    """Negative control: a section is offered on although it has met."""
    monkeypatch.setattr(hall.Hall, "begun", lambda *_: set())
    *_, wrong = explore("one has met")
    assert any("after the first meeting" in each for each, _ in wrong)


def test_letting_the_silent_wait_on_is_found(monkeypatch):
    """Negative control: who gave a seat up stays on the list and gets it again."""
    release = refill.release

    def forgetful(hall, who, sections):
        freed = release(hall, who, sections)
        for wait in hall.waits_of(who, sections) if sections else ():
            wait.state = "waiting"
        hall.session.flush()
        return freed

    monkeypatch.setattr(places, "release", forgetful)
    *_, wrong = explore("one may go")
    assert any("is back" in each for each, _ in wrong)
