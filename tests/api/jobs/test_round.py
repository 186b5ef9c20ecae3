"""A sealed round is solved by a worker with the real engine, and answers what it must."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from api.jobs import queue, solve_now
from matching.rounds.life import answers, results
from matching.watch import Watch
from tests.api.jobs.offices import Resting, looking, working
from tests.matching.rounds.life.factories import AFTER, ROUND, call
from tests.matching.rounds.life.factories_seats import seeded_round

pytestmark = pytest.mark.usefixtures("dialect")


class Slow:
    """The real engine, resting after each step."""

    question = staticmethod(answers.question)
    keep_answer = staticmethod(answers.keep_answer)
    give_up = staticmethod(answers.give_up)

    @staticmethod
    def answer(question, watch=None):
        return answers.answer(question, Resting(watch or Watch(), 0.2))


@contextmanager
def asked(**changes):
    """Give the place of a round that waits for its solve, its job, and an eye."""
    with seeded_round(**changes) as session:
        answers.ask(session, call(at=AFTER), ROUND)
        (job,) = [job.id for job in results.jobs(session, ROUND)]
        session.commit()
        url = session.get_bind().url
        is_file = url.drivername.startswith("sqlite")
        place = Path(url.database) if is_file else url.render_as_string(hide_password=False)
        session.close()
        with looking(place) as eye:
            yield place, job, eye
            if not is_file:
                with eye.engine.begin() as connection:
                    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {queue.SCHEMA} CASCADE")


def test_a_round_whose_worker_was_killed_has_the_answer_of_one_that_was_not():
    with asked() as (place, job, eye):
        with eye.office.read() as session:
            expected = answers.answer(answers.question(session, ROUND, job)).result.digest
        with working(place, Slow()):
            eye.until(job, "running")
        with working(place, None):
            row = eye.until(job, "done", "failed")
        assert (row.state, row.attempt, eye.round(ROUND).state) == ("done", 2, "candidate")
        assert [answer.digest for answer in eye.answers()] == [expected]
        assert row.answer_id == eye.answers()[0].id


def test_settings_that_clash_end_the_job_with_their_witness():
    with asked(hours_strict=True) as (place, job, eye):
        row = solve_now(place, eye.engine, job)
        assert (row.state, eye.round(ROUND).state, eye.answers()) == ("infeasible", "seeded", [])
        assert row.witness
