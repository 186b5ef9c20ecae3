"""A question is asked once, answered once, and never answered by a worker that was replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from catalog.tables import SectionRow
from matching.rounds import store
from matching.rounds.errors import BadRound
from matching.rounds.life import answers, results
from tests.matching.rounds.life.factories import AFTER, ROUND, call, row
from tests.matching.rounds.life.factories_seats import ask, engine, seeded_round, solve

pytestmark = pytest.mark.usefixtures("dialect")


def found(session, job):
    return answers.answer(answers.question(session, ROUND, job.id))


def test_a_solve_is_asked_for_answered_and_waits_for_a_person():
    with seeded_round() as session:
        job = ask(session)
        assert (row(session).state, job.state, job.number) == ("solving", "running", 1)
        happened = answers.keep_answer(session, engine(), ROUND, job.id, 1, found(session, job))
        (kept,) = results.answers(session, ROUND)
        assert (row(session).state, job.state, job.answer_id) == ("candidate", "done", kept.id)
        assert happened.body["digest"] == kept.digest == kept.body["result"]["digest"]
        assert kept.id == f"{ROUND}/1/1"
        assert kept.snapshot_digest == job.snapshot_digest
        assert store.seats(session, ROUND) == [], "nothing is published before people agree"


def test_the_same_question_has_one_answer():
    """Asked again it goes straight to its answer; asked otherwise it is a new version."""
    with seeded_round() as session:
        first = solve(session)
        row(session).state = "seeded"
        again = ask(session)
        assert (again.state, again.answer_id) == ("done", first.answer_id)
        assert row(session).state == "candidate"
        row(session).state = "seeded"
        other = solve(session, "quick")
        assert other.configuration != first.configuration
        assert [each.version for each in results.answers(session, ROUND)] == [1, 2]


def test_a_replaced_worker_cannot_write():
    with seeded_round() as session:
        job = ask(session)
        answer = found(session, job)
        job.attempt = 2
        with pytest.raises(BadRound, match="第 1 次") as caught:
            answers.keep_answer(session, engine(), ROUND, job.id, 1, answer)
        assert caught.value.code == "life_stale_worker"
        with pytest.raises(BadRound, match="第 1 次"):
            answers.give_up(session, engine(), ROUND, job.id, 1, trouble="gone")
        assert row(session).state == "solving"
        answers.keep_answer(session, engine(), ROUND, job.id, 2, answer)
        with pytest.raises(BadRound):
            answers.keep_answer(session, engine(), ROUND, job.id, 2, answer)
        assert len(results.answers(session, ROUND)) == 1


def test_only_the_engine_answers():
    with seeded_round() as session:
        job = ask(session)
        with pytest.raises(BadRound) as caught:
            answers.keep_answer(session, call(at=AFTER), ROUND, job.id, 1, found(session, job))
        assert caught.value.code == "life_not_yours"


def test_a_clash_is_shown_and_the_round_can_be_asked_again():
    """Strict hours that four short courses cannot give anybody."""
    with seeded_round(hours_strict=True) as session:
        job = solve(session)
        assert (row(session).state, job.state) == ("seeded", "infeasible")
        assert job.witness[0]["code"].startswith("clash_")
        assert results.answers(session, ROUND) == []
        assert ask(session).state == "running"


def test_a_failure_is_kept_with_its_trouble():
    with seeded_round() as session:
        job = ask(session)
        answers.give_up(session, engine(), ROUND, job.id, 1, trouble="out of memory")
        assert (row(session).state, job.state, job.trouble) == ("seeded", "failed", "out of memory")


def test_a_stopped_solve_does_not_stand_for_the_whole_question():
    with seeded_round() as session:
        job = ask(session)
        answer = found(session, job)
        cut = dict(answer.result.settings) | {"stopped_at": "tier 1 root 1"}
        stopped = replace(answer.result, status="stopped", settings=cut)
        answers.keep_answer(session, engine(), ROUND, job.id, 1, replace(answer, result=stopped))
        assert row(session).state == "candidate"
        row(session).state = "seeded"
        assert ask(session).state == "running", "the whole question is still open"


def test_what_happens_to_the_catalogue_after_sealing_changes_no_answer():
    with seeded_round() as session:
        before = found(session, ask(session)).result.digest
        session.get_one(SectionRow, "A").capacity = 0
        session.flush()
        row(session).state = "seeded"
        assert found(session, ask(session)).result.digest == before


def test_an_answer_is_never_overwritten():
    with seeded_round() as session:
        solve(session)
        (kept,) = results.answers(session, ROUND)
        kept.digest = "0" * 64
        with pytest.raises(IntegrityError, match="append-only"):
            session.flush()


@pytest.mark.parametrize("effort", ["", "endless"])
def test_an_effort_that_does_not_exist(effort):
    with seeded_round() as session, pytest.raises(BadRound) as caught:
        answers.ask(session, call(at=AFTER), ROUND, effort)
    assert caught.value.code == "life_no_effort"
