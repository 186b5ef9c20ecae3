"""How much is estimated from how many persons, and what happens where a fit fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.irt.ladder import measure, plain_bank, rung_for
from diagnostics.irt.models import expected_answers, probabilities
from tests.diagnostics.irt.published import draw, items

NAMES = ("a", "b", "c", "d", "e", "f")
LEVELS = [(1, 2, 3, 4)] * 6


def answers_of(size, seed=0):
    found, theta = draw(size, *items(6, seed), seed=seed)
    return found + 1, theta


@pytest.mark.parametrize(
    ("persons", "rung"),
    [
        (0, "expert"),
        (199, "expert"),
        (200, "partial_credit"),
        (499, "partial_credit"),
        (500, "graded"),
        (9_999, "graded"),
        (10_000, "graded_many"),
    ],
)
def test_each_rung_begins_where_it_is_said(persons, rung):
    assert rung_for(persons) == rung


def test_persons_without_answers_do_not_count():
    answers, _ = answers_of(150)
    silent = np.full((400, 6), -1)
    assert measure(np.vstack([answers, silent]), NAMES, LEVELS).rung == "expert"


def test_plain_items_cut_the_population_into_equal_parts():
    """With 2 categories the step is at 0; with 4 the curves cross at the quartiles."""
    bank = plain_bank(("a", "b"), (2, 4))
    assert bank.intercepts[0, 0] == pytest.approx(0)
    chances = probabilities(bank, [-0.6744898, 0.0, 0.6744898])[1]
    assert chances[0, 0] == pytest.approx(chances[1, 0])
    assert chances[2, 2] == pytest.approx(chances[3, 2])


def test_without_answers_items_are_uncalibrated_and_weigh_the_same():
    found = measure(np.empty((0, 6)), NAMES, LEVELS)
    assert not found.calibrated
    people = found.abilities([[4, 1, 2, 2, 2, 2], [2, 2, 2, 2, 1, 4], [-1] * 6])
    assert people.eap[0] == pytest.approx(people.eap[1])
    assert people.silent.tolist() == [False, False, True]


def test_what_experts_think_yields_to_answers_bit_by_bit():
    """The expert thinks all items far too hard; 20 answers move them less than 190."""
    expert = plain_bank(NAMES, (4,) * 6)
    hard = replace(expert, intercepts=expert.intercepts - 3.0 * np.arange(1, 4))
    assert measure(np.empty((0, 6)), NAMES, LEVELS, hard).bank is hard
    far = []
    for size in (20, 190):
        found = measure(answers_of(size)[0], NAMES, LEVELS, hard)
        assert (found.rung, found.calibrated) == ("expert", False)
        far.append((found.bank.intercepts - hard.intercepts)[:, 0].mean())
    assert 0.1 < far[0] < far[1] / 2


def test_abilities_of_all_rungs_are_on_one_scale_and_honest():
    for size in (150, 300, 600):
        answers, theta = draw(size, *items(10, size), seed=size)
        people = measure(answers, [f"i{j}" for j in range(10)], [range(4)] * 10).abilities(answers)
        assert people.eap.std() == pytest.approx(0.9, abs=0.12)
        assert (np.abs(people.eap - theta) < 1.96 * people.sd).mean() > 0.88


def test_from_200_on_steps_come_from_answers_and_rare_categories_stay():
    """Nobody chose 4 of item a: its last step is what was thought of it before."""
    answers, theta = answers_of(240)
    answers[:, 0] = np.minimum(answers[:, 0], 3)
    found = measure(answers, NAMES, LEVELS)
    assert (found.rung, found.calibrated) == ("partial_credit", True)
    assert found.bank.slopes.std() == 0
    assert found.values == tuple(LEVELS)
    assert np.isfinite(found.bank.intercepts).all()
    high = expected_answers(found.bank, [2.0])[:, 0]
    assert high[0] < high[1:].min()
    eap = found.abilities(answers).eap
    assert np.corrcoef(eap, theta)[0, 1] > 0.8


def test_the_prior_holds_where_answers_are_few_and_yields_where_they_are_many():
    few, many = (measure(answers_of(size)[0], NAMES, LEVELS) for size in (200, 499))
    errors = [np.nanmean(found.calibration.intercept_errors) for found in (few, many)]
    assert errors[1] < errors[0]
    assert few.calibration.converged


def test_from_500_on_slopes_differ():
    found = measure(answers_of(500)[0], NAMES, LEVELS)
    assert found.rung == "graded"
    assert found.bank.slopes.std() > 0.1


def test_a_rung_that_fails_is_left_and_it_is_said_why():
    """An item that everybody answers alike cannot be graded; partial credit with a prior can."""
    answers, _ = answers_of(600)
    answers[:, 2] = 3
    found = measure(answers, NAMES, LEVELS)
    assert found.rung == "partial_credit"
    assert found.refused.code == "answers_constant"
    assert "c" in found.refused.say("en")


def test_values_never_seen_before_go_to_the_nearest():
    answers, _ = answers_of(500)
    answers[answers == 1] = 2
    found = measure(answers, NAMES, LEVELS)
    assert found.values[0] == (2, 3, 4)
    low = found.abilities([[1] * 6, [2] * 6])
    assert low.eap[0] == low.eap[1]
