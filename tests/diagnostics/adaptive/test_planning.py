"""Looking one answer ahead asks less, keeps items from too many, and can be learnt in lock-step."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.sessions import answers_of, simulate
from diagnostics.adaptive.ahead import Ahead
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.planning import ask_together, planned
from diagnostics.adaptive.session import Precise
from tests.diagnostics.adaptive.pools import pool, pool_of_traits

POOL, STOP = pool(24, 2), Precise(0.5)
WEIGHTS = np.array([0.5, 1.0, 0, 0, 0, 0, 0, 0, 0])
GUESS = replace(POOL, ahead=Ahead(0.5, WEIGHTS), prices=np.linspace(0, 0.5, 24))


def test_in_lock_step_each_teacher_is_asked_what_she_is_asked_alone():
    truth = np.random.default_rng(3).standard_normal(40)
    together = ask_together(GUESS, STOP, truth, seed=5)
    answers = answers_of(GUESS, truth[:, None], seed=5)
    alone = simulate(GUESS, np.zeros(1), np.eye(1), STOP, answers, seed=5)
    asked = [[answer.item for answer in session.answers] for session in alone]
    for number, items in enumerate(asked):
        steps = [item[who == number] for who, _, _, item in together.steps]
        assert np.concatenate(steps).tolist() == items
    assert together.mean == pytest.approx([s.belief.mean[0] for s in alone], abs=1e-5)


def test_nothing_is_left_to_pay_where_it_is_known_well_enough():
    ahead = GUESS.ahead
    assert ahead.cost(np.zeros(2), np.array([0.25, 0.2])).tolist() == [0, 0]
    assert ahead.cost(np.zeros(1), np.array([0.26]))[0] >= 1
    left = ahead.cost(np.zeros(3), np.array([0.3, 0.5, 1.0]))
    assert (np.diff(left) > 0).all()


def test_what_is_left_after_an_item_is_the_mean_over_its_answers():
    at = np.exp(-(np.linspace(-6, 6, 97) ** 2) / 2)
    at /= at.sum()
    item, grid, left = 7, np.linspace(-6, 6, 97), 0.0
    for chance in np.exp(POOL.log_probability[item]):
        after = at * chance
        mean = after @ grid / after.sum()
        variance = after @ (grid - mean) ** 2 / after.sum()
        left += after.sum() * GUESS.ahead.cost(np.array([mean]), np.array([variance]))[0]
    assert GUESS.ahead.after(POOL, at[None])[0, item] == pytest.approx(left, rel=1e-4)


def test_a_plan_keeps_items_from_too_many():
    """Negative control: looking ahead without prices shows some to almost everybody."""
    plan = planned(POOL, STOP, np.full(24, 0.35), seed=1, teachers=40, rounds=6, betterings=1)
    truth = np.random.default_rng(7).standard_normal(300)
    free = ask_together(plan.priced(np.zeros(24)), STOP, truth, seed=9)
    kept = ask_together(plan, STOP, truth, seed=9)
    assert free.shown.max() > 0.7 * 300
    assert kept.shown.max() < 0.5 * 300
    assert free.counts.mean() <= kept.counts.mean() < 1.5 * free.counts.mean()


def test_only_one_trait_is_looked_ahead_for():
    with pytest.raises(CannotAsk, match="单一能力"):
        replace(pool_of_traits(), ahead=Ahead(0.5, WEIGHTS))
    with pytest.raises(CannotAsk):
        ask_together(POOL, STOP, np.zeros(3), seed=1)
