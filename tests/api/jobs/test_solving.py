"""One job from its start to its end, without a queue: tokens, progress, stop, trouble."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from api.jobs import progress, solving
from api.jobs.progress import JobWatch, Superseded
from api.jobs.solving import JobEnded, NoSuchJob, ask_stop, solve_job, trouble_of
from matching.rounds.errors import BadRound
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.tables import JobRow
from matching.rounds.tables import RoundRow
from matching.solve import solve
from matching.watch import Progress, StopAt
from tests.api.jobs.offices import NOW, SlowSolver, county_call, ten
from tests.matching.sixty import QUICK

STEP = Progress("node", 2, 7, 11, 5, 4, 0.2)


class Interrupted(SlowSolver):
    """Lets `between` happen after the solve and before the answer is kept."""

    def __init__(self, between, **more) -> None:
        super().__init__(**more)
        self.between = between

    def answer(self, question, watch=None):
        found = super().answer(question, watch)
        self.between()
        return found


def test_a_solve_counts_its_attempt_and_keeps_its_answer(eye, job):
    row = solve_job(eye.engine, job, SlowSolver())
    (answer,) = eye.answers()
    assert (row.state, row.attempt, row.answer_id) == ("done", 1, answer.id)
    assert answer.digest == solve(ten(), QUICK).digest
    assert (row.tier, row.seats_filled, row.seconds > 0) == (row.tiers, 18, True)


def test_a_job_that_has_ended_is_left_as_it_is(eye, job):
    solve_job(eye.engine, job, SlowSolver())
    assert solve_job(eye.engine, job, SlowSolver(fails="not asked")).attempt == 1
    assert len(eye.answers()) == 1
    with pytest.raises(NoSuchJob):
        solve_job(eye.engine, "none", SlowSolver())


def test_a_stale_worker_keeps_nothing(eye, job):
    """While it was away another attempt began, and ended."""
    late = Interrupted(lambda: solve_job(eye.engine, job, SlowSolver()))
    with pytest.raises(Superseded):
        solve_job(eye.engine, job, late)
    (answer,) = eye.answers()
    assert (answer.configuration, eye.job(job).attempt) == ("2", 2)


def test_the_fence_alone_keeps_a_stale_worker_out(eye, job, monkeypatch):
    """Negative control: without the check of the token its answer stands beside the other."""
    late = Interrupted(lambda: solve_job(eye.engine, job, SlowSolver()), checks=False)
    for module in (solving, progress):
        monkeypatch.setattr(module, "fence", lambda session, job, _: session.get_one(JobRow, job))
    solve_job(eye.engine, job, late)
    assert sorted(answer.configuration for answer in eye.answers()) == ["1", "2"]


def test_a_stale_worker_ends_at_its_next_row_of_progress(eye, job):
    solving._begin(eye.office, job)
    watch = JobWatch(eye.engine, job, 1)
    watch.tell(STEP)
    solving._begin(eye.office, job)
    with pytest.raises(Superseded):
        watch.write()
    assert (eye.job(job).attempt, eye.job(job).seats_filled) == (2, 0)


def test_progress_is_written_at_most_twice_a_second_and_all_of_it(eye, job, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    told = []
    attempt = solving._begin(eye.office, job)
    watch = JobWatch(eye.engine, job, attempt, lambda step, seconds: told.append(seconds))
    for tick in range(21):
        now[0] = 100 + tick / 10
        watch.tell(STEP)
    assert told == [0.0, 0.5, 1.0, 1.5, 2.0]
    row = eye.job(job)
    shown = (row.stage, row.tier, row.tiers, row.seats_filled, row.value, row.bound, row.gap)
    assert shown == ("node", 2, 7, 11, 5, 4, 0.2)
    assert row.seconds == 2.0


@pytest.mark.parametrize(("gap", "shown"), [(None, None), (0.0, 0.0), (1.0, 1.0), (947520.0, None)])
def test_a_gap_of_a_goal_that_counts_in_other_units_is_not_told(eye, job, gap, shown):
    attempt = solving._begin(eye.office, job)
    JobWatch(eye.engine, job, attempt).tell(replace(STEP, gap=gap))
    assert (eye.job(job).seats_filled, eye.job(job).gap) == (11, shown)


def test_progress_that_cannot_be_written_stops_nothing(eye, job, monkeypatch):
    """Somebody else holds the database for longer than a writer waits."""
    from api.database import open_database

    attempt = solving._begin(eye.office, job)
    monkeypatch.setattr("api.postgres.LOCK_MILLISECONDS", 20)
    hasty = open_database(eye.place, busy_milliseconds=20)
    watch = JobWatch(hasty, job, attempt)
    with hasty.begin() as other:
        other.exec_driver_sql(f"UPDATE job SET trouble = trouble WHERE id = '{job}'")
        watch.tell(STEP)
    assert eye.job(job).seats_filled == 0
    watch.tell(STEP)
    assert eye.job(job).seats_filled == 11
    hasty.dispose()


def test_a_stop_keeps_the_best_so_far_and_says_where(eye, job):
    """The same answer again when only that step is named, so a stopped solve can be checked."""
    ask_stop(eye.office, county_call(), job)
    row = solve_job(eye.engine, job, SlowSolver())
    (answer,) = eye.answers()
    assert (row.state, answer.status) == ("done", "stopped")
    again = solve(ten(), QUICK, StopAt(answer.body["stopped_at"]))
    assert again.digest == answer.digest
    assert again.digest != solve(ten(), QUICK).digest


def test_nobody_stops_what_has_ended_or_is_not_theirs(eye, job):
    for stranger in (Scope("county", "441200-other"), Scope("auditor", "441226")):
        with pytest.raises(BadRound):
            ask_stop(eye.office, Call("x", stranger, NOW), job)
    with pytest.raises(NoSuchJob):
        ask_stop(eye.office, county_call(), "none")
    solve_job(eye.engine, job, SlowSolver())
    with pytest.raises(JobEnded):
        ask_stop(eye.office, county_call(), job)


def test_an_engine_that_fails_ends_the_job_and_frees_the_round(eye, job):
    row = solve_job(eye.engine, job, SlowSolver(fails="tier 3"))
    assert (row.state, eye.round("R1").state, eye.answers()) == ("failed", "seeded", [])
    assert "tier 3" in trouble_of(row)
    assert "engine failed" in trouble_of(row, "en")


def test_a_job_that_ended_its_process_too_often_is_not_tried_again(eye, job):
    with Session(eye.engine) as session, session.begin():
        session.get_one(JobRow, job).attempt = solving.MOST_ATTEMPTS
    row = solve_job(eye.engine, job, SlowSolver())
    assert (row.state, row.trouble) == ("failed", "job_crashed")
    assert "内存" in trouble_of(row)


def test_a_round_that_was_voided_meanwhile_takes_no_answer(eye, job):
    def void():
        with Session(eye.engine) as session, session.begin():
            session.get_one(RoundRow, "R1").state = "voided"

    row = solve_job(eye.engine, job, Interrupted(void))
    assert (row.state, eye.round("R1").state, eye.answers()) == ("failed", "voided", [])
    assert "变动" in trouble_of(row)


def test_an_answer_waits_for_a_database_that_is_away(eye, job, monkeypatch):
    """The commit fails twice; a solve of an hour is not thrown away for that."""
    from api.errors import DatabaseBusy

    rests, refused = [], iter([True, True])
    kept = SlowSolver.keep_answer

    def keep(self, *said):
        if next(refused, False):
            raise DatabaseBusy("db_locked")
        return kept(self, *said)

    monkeypatch.setattr(SlowSolver, "keep_answer", keep)
    monkeypatch.setattr(solving.time, "sleep", rests.append)
    assert solve_job(eye.engine, job, SlowSolver()).state == "done"
    assert [seconds for seconds in rests if seconds] == [1, 2]


def test_every_change_of_state_is_in_the_log(eye, job):
    from sqlmodel import select

    from api.tables import EventRow

    ask_stop(eye.office, county_call(), job)
    solve_job(eye.engine, job, SlowSolver())
    with eye.office.read() as session:
        lines = session.exec(select(EventRow).order_by(EventRow.seq)).all()
    assert [line.kind for line in lines] == ["job.stop_asked", "job.started", "round.answered"]
    assert [line.actor for line in lines] == ["officer", "engine", "engine"]
