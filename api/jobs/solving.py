"""The work itself: one solve from its start to its answer, whichever queue or command runs it.

`begin` counts the attempt, and that number is the token that everything written later must show. It is
counted anew after every crash, so nothing here is remembered between two attempts: the engine gives
the same answer again, and our database keeps it once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from api.errors import DatabaseBusy, UserError
from api.jobs.progress import JobWatch, Superseded, Teller, fence, silent
from api.messages import Language, say
from api.unit_of_work import Command, Done, Office
from matching.rounds.errors import BadRound, RoundError
from matching.rounds.life import results
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.events import Happened
from matching.rounds.life.hold import held
from matching.rounds.life.phases import transition
from matching.rounds.life.tables import JobRow
from matching.rounds.tables import RoundRow
from matching.watch import Watch

if TYPE_CHECKING:
    from sqlalchemy import Engine

MOST_ATTEMPTS = 10
"""A solve that ended its process this often (out of memory, say) is not tried again by itself."""

PAUSES = (1, 2, 4, 8, 15, 30)
"""Seconds between attempts to keep an answer that is there while the database is not."""

_LOG = logging.getLogger("xuanke.jobs")

T = TypeVar("T")


class NoSuchJob(UserError):
    """There is no job of this name."""


class JobEnded(UserError):
    """The job has ended, so nothing can be asked of it any more."""


class Solver(Protocol):
    """What answers a round; `matching.rounds.life.answers` is one."""

    def question(self, session: Session, round_id: str, job_id: str) -> Any:
        """Read everything that decides."""

    def answer(self, question: Any, watch: Watch | None = None) -> Any:
        """Solve; takes long and touches no database."""

    def keep_answer(
        self, session: Session, call: Call, round_id: str, job_id: str, attempt: int, answer: Any
    ) -> Happened:
        """Keep the answer once and end the job."""

    def give_up(
        self,
        session: Session,
        call: Call,
        round_id: str,
        job_id: str,
        attempt: int,
        *,
        trouble: str = "",
    ) -> Happened:
        """End the job without an answer; the round can be solved again."""


def the_engine(job: JobRow) -> Solver:
    """Return what answers a job: a solve of its round, or a dry run."""
    from api.choosing.dry_run import NUMBER, DryRun
    from matching.rounds.life import answers

    return DryRun() if job.number == NUMBER else answers


def solve_job(
    database: Engine, job_id: str, solver: Solver | None = None, tell: Teller = silent
) -> JobRow:
    """Solve what a job asks and keep the answer, or why there is none; return the row at its end.

    A job that has ended already is left as it is.

    Raises
    ------
    NoSuchJob
        If there is no such job.
    Superseded
        If another attempt began meanwhile; nothing of this one is kept.
    """
    office = Office(database)
    job = job_of(office, job_id)
    if job.state in results.LIVE:
        _Attempt(database, office, job_id, solver or the_engine(job)).run(tell)
    return job_of(office, job_id)


def job_of(office: Office, job_id: str) -> JobRow:
    """Return the row of a job.

    Raises
    ------
    NoSuchJob
        If there is none.
    """
    with office.read() as session:
        return _row(session, job_id)


def live_jobs(office: Office) -> dict[str, str]:
    """Return the jobs that wait or run with the moment they were asked for, the oldest first."""
    with office.read() as session:
        rows = session.exec(select(JobRow).where(JobRow.state.in_(results.LIVE))).all()  # type: ignore[attr-defined]
        return {
            row.id: row.asked_at for row in sorted(rows, key=lambda row: (row.asked_at, row.id))
        }


def ask_stop(office: Office, call: Call, job_id: str) -> Done:
    """Ask a solve to end with the best answer it has; it does so after its next step.

    Raises
    ------
    NoSuchJob, JobEnded, BadRound
        See `stopping`.
    """
    return office.do(call, stopping(call, job_id))


def stopping(call: Call, job_id: str) -> Command:
    """Return the command that asks a solve to end.

    Raises
    ------
    NoSuchJob, JobEnded
        If there is nothing to stop.
    BadRound
        If the caller is not one who may ask for a solve of this round.
    """

    def command(session: Session) -> Happened:
        held(session, call, _row(session, job_id).round_id)
        transition("seeded", "solve", call)  # who may ask for a solve may stop it
        row = _row(session, job_id, lock=True)
        if row.state not in results.LIVE:
            raise JobEnded("job_ended", job=job_id)
        row.stop_wanted = True
        session.add(row)
        said = {"job": job_id, "state": row.state}
        return Happened("job.stop_asked", row.round_id, said, said)

    return command


def trouble_of(row: JobRow, lang: Language = "zh") -> str:
    """Return why a job has no answer, in the reader's language; empty if it has one."""
    code, _, detail = row.trouble.partition(" ")
    return say(code, lang, detail=detail) if code else ""


def give_up(office: Office, job_id: str, trouble: str, solver: Solver | None = None) -> None:
    """End a job that cannot be worked on, whoever had it."""
    attempt = _begin(office, job_id)
    _end(office, job_id, attempt, trouble, solver or the_engine(job_of(office, job_id)))


class _Attempt:
    """One attempt at a job."""

    def __init__(self, database: Engine, office: Office, job_id: str, solver: Solver) -> None:
        self._database = database
        self._office = office
        self._job = job_id
        self._solver = solver

    def run(self, tell: Teller) -> None:
        attempt = _begin(self._office, self._job)
        if attempt > MOST_ATTEMPTS:
            _end(self._office, self._job, attempt, "job_crashed", self._solver)
            return
        watch = JobWatch(self._database, self._job, attempt, tell)
        try:
            with self._office.read() as session:
                round_id = _row(session, self._job).round_id
                question = self._solver.question(session, round_id, self._job)
            answer = self._solver.answer(question, watch)
        except (Superseded, DBAPIError, DatabaseBusy):
            raise
        except RoundError as error:
            _end(self._office, self._job, attempt, f"job_impossible {error}", self._solver)
            return
        except Exception as error:  # a defect of the engine ends this job, never the worker
            _LOG.exception("job %s failed", self._job)
            _end(self._office, self._job, attempt, f"job_error {error!r}", self._solver)
            return
        watch.write()
        self._keep(attempt, answer)

    def _keep(self, attempt: int, answer: Any) -> None:
        def command(session: Session, row: JobRow) -> Happened:
            call = _call(self._office, row)
            return self._solver.keep_answer(session, call, row.round_id, self._job, attempt, answer)

        try:
            _patiently(lambda: _fenced(self._office, self._job, attempt, command))
        except BadRound as error:  # the round has moved on, it was voided, say
            _end(self._office, self._job, attempt, f"job_refused {error}", self._solver)


def _end(office: Office, job_id: str, attempt: int, trouble: str, solver: Solver) -> None:
    """Give a job up; if the round has left the solve, only the job ends."""

    def command(session: Session, row: JobRow) -> Happened:
        call = _call(office, row)
        return solver.give_up(session, call, row.round_id, job_id, attempt, trouble=trouble)

    def alone(session: Session, row: JobRow) -> Happened:
        row.state, row.trouble = "failed", trouble
        session.add(row)
        said = {"job": job_id, "attempt": attempt, "trouble": trouble}
        return Happened("job.abandoned", row.round_id, said)

    try:
        _patiently(lambda: _fenced(office, job_id, attempt, command))
    except BadRound:
        _patiently(lambda: _fenced(office, job_id, attempt, alone))


def _begin(office: Office, job_id: str) -> int:
    """Count an attempt; from here on every older one writes no more."""

    def command(session: Session) -> Happened:
        row = _locked(session, job_id)
        if row.state not in results.LIVE:
            raise Superseded(f"{job_id} has ended: {row.state}")
        row.attempt += 1
        row.state = "running"
        row.stage, row.tier, row.tiers, row.seats_filled, row.seconds = "", 0, 0, 0, 0.0
        row.value = row.bound = row.gap = None
        session.add(row)
        said = {"job": job_id, "attempt": row.attempt}
        return Happened("job.started", row.round_id, said, said)

    row = job_of(office, job_id)
    return int(office.do(_call(office, row), command).body["attempt"])


def _fenced(
    office: Office, job_id: str, attempt: int, then: Callable[[Session, JobRow], Happened]
) -> Done:
    """Do something in the name of an attempt, if it still is the one that counts."""

    def command(session: Session) -> Happened:
        _locked(session, job_id)
        return then(session, fence(session, job_id, attempt))

    return _do(office, job_id, command)


def _do(office: Office, job_id: str, command: Command) -> Done:
    return office.do(_call(office, job_of(office, job_id)), command)


def _call(office: Office, row: JobRow) -> Call:
    scope = Scope("engine", row.round_id)
    return Call("engine", scope, office.clock(), request_id=f"{row.id}#{row.attempt}")


def _locked(session: Session, job_id: str) -> JobRow:
    """Return the row of a job, locked after its round, as every verb of a round locks them."""
    round_id = _row(session, job_id).round_id
    session.get(RoundRow, round_id, with_for_update=True)
    return _row(session, job_id, lock=True)


def _row(session: Session, job_id: str, *, lock: bool = False) -> JobRow:
    row = session.get(JobRow, job_id, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise NoSuchJob("job_unknown", job=job_id)
    return row


def _patiently(work: Callable[[], T]) -> T:
    """Do it, again after a pause while the database cannot be reached: an answer is worth waiting."""
    for seconds in PAUSES:
        try:
            return work()
        except (DBAPIError, DatabaseBusy) as error:
            _LOG.warning("the answer could not be kept, again in %s s: %s", seconds, error)
        time.sleep(seconds)
    return work()
