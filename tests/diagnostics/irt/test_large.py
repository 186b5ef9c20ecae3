"""Very many persons: a sample is drawn by strata, and everybody is scored as if calibrated whole."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.large import calibrate_many, sample
from tests.diagnostics.irt.published import draw, items


def test_each_stratum_is_in_the_sample_as_it_is_among_all():
    strata = np.repeat(["town", "village", "island"], [7000, 2900, 100])
    chosen = sample(10_000, 1000, strata, seed=4)
    assert len(set(chosen.tolist())) == 1000
    counts = dict(zip(*np.unique(strata[chosen], return_counts=True), strict=True))
    assert counts == pytest.approx({"town": 700, "village": 290, "island": 10}, abs=1)


def test_few_persons_are_all_taken():
    assert sample(50, 1000).tolist() == list(range(50))


def test_another_seed_draws_other_persons():
    assert set(sample(5000, 500, seed=1)) != set(sample(5000, 500, seed=2))
    assert sample(5000, 500, seed=1).tolist() == sample(5000, 500, seed=1).tolist()


def test_abilities_from_a_sample_are_nearly_those_of_all():
    answers, theta = draw(6000, *items(10), seed=1)
    found, people = calibrate_many(answers + 1, most=2000)
    assert len(found.answers.persons) == 2000
    whole = calibrate(answers, "grm").abilities()
    assert np.abs(people.eap - whole.eap).mean() < 0.04
    assert (np.abs(people.eap - theta) < 1.96 * people.sd).mean() == pytest.approx(0.95, abs=0.015)


def test_a_value_that_only_others_gave_goes_to_the_nearest():
    answers, _ = draw(2000, *items(5), seed=1)
    answers[answers == 3] = 2
    others = sample(2000, 1000)
    out = np.setdiff1d(np.arange(2000), others)
    answers[out[0]] = 3
    _, people = calibrate_many(answers, most=1000)
    answers[out[0]] = 2
    _, again = calibrate_many(answers, most=1000)
    assert people.eap[out[0]] == again.eap[out[0]]
