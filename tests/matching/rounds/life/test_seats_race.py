"""P3: many at once confirm, decline, expire and stop waiting; no seat too many, none left in vain.

The short story runs with the others; `slow` runs 100,000 operations on each database.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import Session, select

from api.database import session as writing
from api.errors import DatabaseBusy
from api.unit_of_work import Office
from matching.rounds.errors import BadRound
from matching.rounds.life import places
from matching.rounds.life import store as life_store
from matching.rounds.life.hall import Hall
from matching.rounds.life.tables import LimitRow, PlaceRow, WaitingRow
from tests.matching.rounds.life.big_hall import NOW, ROUND, big_county, call, confirming
from tests.matching.rounds.life.invariants import broken, taken

THREADS, PATIENCE = 16, 20
DAY = timedelta(days=1)


class Crowd:
    """Threads that press buttons for everybody, and one that looks on."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.seed = seed
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.looks = 0
        self._lock = threading.Lock()
        self._done = threading.Event()

    def run(self, operations: int, threads: int = THREADS) -> None:
        """Do so many operations, shared out among threads, while somebody looks."""
        each = operations // threads
        workers = [threading.Thread(target=self._press, args=(i, each)) for i in range(threads)]
        watcher = threading.Thread(target=self._look)
        for thread in (watcher, *workers):
            thread.start()
        for thread in workers:
            thread.join()
        self._done.set()
        watcher.join()

    def _press(self, number: int, operations: int) -> None:
        chance = random.Random(self.seed * 1000 + number)
        for turn in range(operations):
            if turn % 10 == 0:
                seats, waits = self._seen()
            now = NOW + 9 * DAY * turn / operations
            name, command = _next(chance, seats, waits, now)
            try:
                name = self._asked(command) or name
            except Exception as error:
                self.wrong.append(repr(error))
                return
            with self._lock:
                self.did[name] += 1

    def _asked(self, command) -> str:
        """Press a button, again while the database is busy; return the code of a refusal."""
        for patience in range(PATIENCE, -1, -1):
            try:
                self.office.do(call(), command)
            except BadRound as refusal:
                return refusal.code
            except DatabaseBusy:
                if not patience:
                    raise
                continue
            return ""
        raise AssertionError("patience is counted down to nothing")

    def _seen(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return who has a seat and who waits; by the time a button is pressed it may be wrong."""
        with self.office.read() as session:
            seats = session.exec(
                select(PlaceRow.teacher_id, PlaceRow.section_id).where(PlaceRow.state != "free")
            )
            waits = select(WaitingRow.teacher_id, WaitingRow.section_id)
            waiting = session.exec(waits.where(WaitingRow.state == "waiting"))
            return list(seats), list(waiting)

    def _look(self) -> None:
        while not self._done.wait(1.5):
            with self.office.read() as session:
                self.wrong += broken(session, ROUND, NOW)
            self.looks += 1


def _next(chance: random.Random, seats, waits, now):
    """Choose one thing for somebody to do: its name, and the command."""
    kind = chance.choices(("confirm", "decline", "stop", "expire"), (50, 35, 12, 3))[0]
    who, section = chance.choice((waits if kind == "stop" else seats) or [("T0000", "C000")])
    me = call("teacher", who, now)
    if kind == "confirm":
        return kind, lambda s: places.confirm_seat(s, me, ROUND, who, section)
    if kind == "decline":
        return kind, lambda s: places.decline(s, me, ROUND, who, section, "family")
    if kind == "stop":
        return kind, lambda s: places.stop_waiting(s, me, ROUND, who, section)
    return kind, lambda s: places.expire(s, call("clock", "clock", now), ROUND)


def race(engine, operations, *, teachers=240, sections=40, seats=8, seed=1, threads=THREADS):
    with writing(engine) as session:
        confirming(session, big_county(teachers, sections, seats, seed))
        assert broken(session, ROUND, NOW) == []
    with Office(engine, serving=True) as office:
        crowd = Crowd(office, seed)
        crowd.run(operations, threads)
        with office.read() as session:
            crowd.wrong += broken(session, ROUND, NOW)
            seated = Counter(place.section_id for place in taken(session, ROUND))
    assert crowd.wrong == []
    assert all(count <= seats for count in seated.values())
    return crowd


def test_many_at_once_give_no_seat_twice_and_leave_none_in_vain(engine):
    crowd = race(engine, 800, teachers=160, sections=28)
    assert sum(crowd.did.values()) == 800
    assert crowd.did["confirm"] > 100
    assert crowd.did["decline"] > 100
    assert crowd.looks >= 1


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_a_hundred_thousand_at_once(engine, part):
    """20 counties of 5,000 operations by 8 to 32 threads, which leaves few seats untouched."""
    threads = (8, 16, 24, 32)[part % 4]
    crowd = race(engine, 5_000, teachers=400, sections=60, seats=8, seed=part, threads=threads)
    assert sum(crowd.did.values()) >= 5_000 - threads


def count_then_insert(engine, who: str, both: threading.Barrier) -> None:
    """Take a seat as it is done again and again elsewhere: look whether one is free, then take it."""
    with Session(engine) as session:
        mine = select(PlaceRow).where(
            PlaceRow.section_id == "C000", PlaceRow.teacher_id.is_not(None)
        )
        full = len(session.exec(mine).all()) >= 1
        both.wait(timeout=20)
        if not full:
            seat = {"number": int(who[1:]), "teacher_id": who, "state": "confirmed"}
            session.add(PlaceRow(round_id=ROUND, section_id="C000", **seat))
        both.wait(timeout=20)
        session.commit()


def test_counting_first_and_taking_then_oversells(engine):
    """Negative control: without numbered seats two people get the only one, on both databases."""
    with writing(engine) as session:
        confirming(session, big_county(12, 6, 1, 1))
        session.execute(text("DELETE FROM place WHERE section_id = 'C000'"))
    unguarded = engine
    if engine.dialect.name == "sqlite":  # the driver's own way of beginning: at the first write
        unguarded = create_engine(engine.url)
    both = threading.Barrier(2)
    workers = [
        threading.Thread(target=count_then_insert, args=(unguarded, who, both))
        for who in ("T0001", "T0002")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with writing(engine) as session:
        (seated,) = session.execute(
            text("SELECT count(*) FROM place WHERE section_id = 'C000'")
        ).one()
        assert seated == 2, "one seat, two people"
        assert any("C000" in each for each in broken(session, ROUND, NOW))
    unguarded.dispose()


def test_without_holding_the_round_limits_are_miscounted(engine, monkeypatch):
    """Negative control: the commands themselves, but two of them run through each other."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer; its guard is the lock of the file")
    with writing(engine) as session:
        confirming(session, big_county(48, 12, 2, 3))
        session.execute(text("UPDATE waiting SET state = 'out'"))
        shared = select(LimitRow).where(LimitRow.used >= 2).order_by(LimitRow.row)
        limit = session.exec(shared).first()
        assert limit is not None, "the story needs a limit that two people use"
        users = [p for p in taken(session, ROUND) if limit.row in touched(session, p)][:2]
        pair = [(place.teacher_id, place.section_id) for place in users]
    both = threading.Barrier(2)
    monkeypatch.setattr(life_store, "round_to_move", life_store.round_to_read)
    use, read = Hall.use, []  # a session reads rows that nobody holds anew

    def slow_use(hall, changes):
        read.append(hall.session.exec(select(LimitRow).where(LimitRow.round_id == ROUND)).all())
        both.wait(timeout=20)
        use(hall, changes)

    monkeypatch.setattr(Hall, "use", slow_use)
    wrong: list[str] = []

    def give_up(who, section):
        try:
            with writing(engine) as session:
                places.decline(session, call("teacher", who), ROUND, who, section)
        except Exception as error:
            wrong.append(repr(error))

    workers = [threading.Thread(target=give_up, args=each) for each in pair]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []
    with writing(engine) as session:
        assert any("counted" in each for each in broken(session, ROUND, NOW))


def touched(session, place):
    from matching.rounds.life.standings import standing_of
    from matching.rounds.tables import RoundRow

    standing = standing_of(session, session.get_one(RoundRow, ROUND))
    return standing.touched(place.teacher_id, [place.section_id])
