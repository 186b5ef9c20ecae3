"""Rounds that wait for a solve, a solver that takes its time, and workers that can be killed."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from api.database import open_database
from api.jobs import solving, worker
from api.jobs.solving import Solver
from api.unit_of_work import Office
from matching.instance import Instance
from matching.rounds.errors import BadRound
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.events import Happened
from matching.rounds.life.tables import AnswerRow, JobRow
from matching.rounds.tables import RoundRow
from matching.solve import solve
from matching.watch import Watch
from tests.matching import sixty
from tests.matching.rounds.factories import COUNTY, units

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
PATIENCE = 120.0

FACTORY = multiprocessing.get_context("forkserver")
FACTORY.set_forkserver_preload(
    ["dbos", "psycopg", "scipy.optimize", "matching.backends.priced", "matching.explain", __name__]
)
"""What a worker needs is imported once; each worker is a fresh process all the same."""


TEACHERS = 10


def ten() -> Instance:
    """Return a round that is solved in half a second and some forty steps."""
    tables = sixty.rows()
    names = {line["id"] for line in tables["teachers"][:TEACHERS]}
    for table, column in (("teachers", "id"), ("choices", "teacher"), ("due", "teacher")):
        tables[table] = [line for line in tables[table] if line[column] in names]
    tables["sections"] = [line | {"minimum": 2, "capacity": 3} for line in tables["sections"]]
    del tables["shares"]
    return Instance.from_rows(sixty.META, tables)


def county_call(at: datetime = NOW) -> Call:
    return Call("officer", Scope("county", COUNTY), at)


@dataclass
class SlowSolver:
    """Solves a round of ten (or sixty), resting after each step, and keeps its digest.

    `checks` off makes it trust whoever writes; `fails` makes it raise.
    """

    rest: float = 0.0
    large: bool = False
    checks: bool = True
    fails: str = ""

    def question(self, session: Session, round_id: str, job_id: str) -> Instance:
        return sixty.shuffled(0) if self.large else ten()

    def answer(self, question: Instance, watch: Watch | None = None):
        if self.fails:
            raise ValueError(self.fails)
        return solve(question, sixty.QUICK, Resting(watch or Watch(), self.rest))

    def keep_answer(self, session, call, round_id, job_id, attempt, answer) -> Happened:
        round_, job = self._mine(session, round_id, job_id, attempt)
        number = len(session.exec(select(AnswerRow)).all()) + 1
        row = AnswerRow(
            id=f"{round_id}/1/{number}",
            round_id=round_id,
            number=1,
            version=number,
            snapshot_digest=job.snapshot_digest,
            configuration=str(attempt),  # so that nothing but the fence forbids a second answer
            digest=answer.digest,
            status=answer.status,
            job_id=job_id,
            body=dict(answer.settings),
        )
        job.state, job.answer_id, round_.state = "done", row.id, "candidate"
        session.add_all([row, job, round_])
        return Happened("round.answered", round_id, {"digest": row.digest})

    def give_up(self, session, call, round_id, job_id, attempt, *, trouble="") -> Happened:
        round_, job = self._mine(session, round_id, job_id, attempt)
        job.state, job.trouble, round_.state = "failed", trouble, "seeded"
        session.add_all([job, round_])
        return Happened("round.unanswered", round_id, {"trouble": trouble})

    def _mine(self, session, round_id, job_id, attempt):
        round_, job = session.get_one(RoundRow, round_id), session.get_one(JobRow, job_id)
        if self.checks and (job.attempt != attempt or round_.state != "solving"):
            raise BadRound("life_stale_worker", job=job_id, attempt=attempt)
        return round_, job


QUICKLY = SlowSolver()


class Resting(Watch):
    """Passes on what it hears, and rests."""

    def __init__(self, inner: Watch, rest: float) -> None:
        self._inner, self._rest = inner, rest

    def tell(self, progress) -> None:
        self._inner.tell(progress)
        time.sleep(self._rest)

    def stopped(self) -> bool:
        return self._inner.stopped()


def add_rounds(target: str | Path, count: int = 1) -> list[str]:
    """Store rounds that are being solved, each with a job that waits; return the jobs."""
    engine = open_database(target)
    with Session(engine) as session, session.begin():
        for unit in units():
            session.merge(unit)
            session.flush()
        session.add_all([_round(number) for number in range(1, count + 1)])
        session.flush()
        jobs = [_job(number) for number in range(1, count + 1)]
        session.add_all(jobs)
        names = [job.id for job in jobs]
    engine.dispose()
    return names


def _round(number: int) -> RoundRow:
    return RoundRow(
        id=f"R{number}",
        title="暑期",
        year=2026,
        unit_id=COUNTY,
        list_length=5,
        seed_commitment="",
        settings={},
        state="solving",
    )


def _job(number: int) -> JobRow:
    return JobRow(
        id=f"R{number}.0001",
        round_id=f"R{number}",
        number=1,
        snapshot_digest="S",
        configuration="C",
        asked_at=f"2026-06-01T08:00:00.{number:06d}Z",
    )


@contextmanager
def looking(target: str | Path):
    """Give what a page sees: `job(name)`, `round(id)`, `answers()`, and the office behind them."""
    engine = open_database(target)
    try:
        yield Eye(target, engine)
    finally:
        engine.dispose()


class Eye:
    """What a page sees, whoever works."""

    def __init__(self, place, engine) -> None:
        self.place = place
        self.engine = engine
        self.office = Office(engine)

    def job(self, name: str) -> JobRow:
        with self.office.read() as session:
            return session.get_one(JobRow, name)

    def round(self, id: str) -> RoundRow:
        with self.office.read() as session:
            return session.get_one(RoundRow, id)

    def answers(self) -> list[AnswerRow]:
        with self.office.read() as session:
            return sorted(session.exec(select(AnswerRow)).all(), key=lambda row: row.id)

    def until(self, name: str, *states: str, attempt: int = 0) -> JobRow:
        """Wait until a job is in a state, and at an attempt at least."""
        end = time.monotonic() + PATIENCE
        while (row := self.job(name)).state not in states or row.attempt < attempt:
            assert time.monotonic() < end, row
            time.sleep(0.02)
        return row


@contextmanager
def working(target: str | Path, solver: Solver | None = QUICKLY, **more):
    """Run a worker in a process of its own, with the real engine if `solver` is None.

    It is killed at the end.
    """
    process = FACTORY.Process(target=work, args=(target, solver, more), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def work(target: str | Path, solver: Solver | None, more: dict) -> None:
    """Be a worker that looks around more often than a real one."""
    worker.TICK_SECONDS = 0.05
    worker.TAKE_OVER_SECONDS = 0.5
    worker.queue.POLL_SECONDS = 0.05
    solving.MOST_ATTEMPTS = 1000  # a test kills one more often than an office loses its power
    worker.run(target, solver=solver, **more)
