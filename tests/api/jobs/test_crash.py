"""P13: a solve that is killed anywhere is resumed, and answers once, the same."""

import random
import time

import pytest

from tests.api.jobs.offices import SlowSolver, add_rounds, looking, ten, working

SLOW = SlowSolver(rest=0.005)


def killed(
    place, kills: int, rounds: int, seed: int, solver: SlowSolver = SLOW
) -> dict[str, list[str]]:
    """Solve rounds while the worker is killed at random moments; return digests by round."""
    draw = random.Random(seed)
    jobs = add_rounds(place, rounds)
    with looking(place) as eye:
        for number in range(kills):
            name = jobs[number % rounds]
            with working(place, solver) as process:
                if eye.job(name).state in ("queued", "running"):
                    eye.until(name, "running", "done", attempt=eye.job(name).attempt + 1)
                time.sleep(draw.uniform(0, 2.0 if solver.large else 0.8))
                process.kill()
        with working(place, solver):
            ends = [eye.until(name, "done", "failed") for name in jobs]
        assert [row.state for row in ends] == ["done"] * rounds
        assert sum(row.attempt for row in ends) > rounds, "no kill hit a solve"
        found = {f"R{number}": [] for number in range(1, rounds + 1)}
        for answer in eye.answers():
            found[answer.round_id].append(answer.digest)
        return found


def test_a_worker_killed_at_random_moments_answers_once_and_the_same(place):
    found = killed(place, kills=10, rounds=3, seed=13)
    expected = SlowSolver().answer(ten()).digest
    assert found == {name: [expected] for name in found}


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True], ids=["ten", "sixty"])
def test_fifty_kills_change_nothing_either(place, large):
    solver = SlowSolver(rest=0.005, large=large)
    found = killed(place, kills=50, rounds=12, seed=50 + large, solver=solver)
    expected = solver.answer(solver.question(None, "", "")).digest
    assert found == {name: [expected] for name in found}
