"""P13: a solve that is killed anywhere is resumed, and answers once, the same."""

import random
import time

from tests.api.jobs.offices import SlowSolver, add_rounds, looking, ten, working

REST = 0.005


def killed(place, kills: int, rounds: int, seed: int, rest: float = REST) -> dict[str, list[str]]:
    """Solve rounds while the worker is killed at random moments; return digests by round."""
    draw = random.Random(seed)
    jobs = add_rounds(place, rounds)
    with looking(place) as eye:
        for number in range(kills):
            name = jobs[number % rounds]
            with working(place, SlowSolver(rest)) as process:
                if eye.job(name).state in ("queued", "running"):
                    eye.until(name, "running", "done", attempt=eye.job(name).attempt + 1)
                time.sleep(draw.uniform(0, 0.8))
                process.kill()
        with working(place, SlowSolver()):
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
