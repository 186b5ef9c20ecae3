"""M2* and C2: mirt's figures, a null that is uniform, and questionnaires that measure two things."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.models import probabilities
from diagnostics.irt.overall_fit import _covariance, _curves, _parts, overall_fit
from tests.diagnostics.irt.published import LSAT7, draw, items, persons


def test_lsat7_has_the_figures_of_mirt():
    fit = overall_fit(calibrate(persons(LSAT7), "2pl"))
    assert (fit.kind, fit.degrees, fit.persons) == ("M2*", 5, 1000)
    assert fit.statistic == pytest.approx(11.938, abs=1e-3)
    assert (fit.p, fit.rmsea, fit.srmsr) == pytest.approx((0.0356, 0.0373, 0.0320), abs=1e-4)
    assert fit.rmsea_low < fit.rmsea < fit.rmsea_high


@pytest.mark.parametrize("kind", ["M2*", "C2"])
def test_the_covariance_is_that_over_all_answer_patterns(kind):
    found = calibrate(draw(300, [1.2, 0.8, 1.5], [[-0.5, 0.6], [0.1], [-0.8, 0.7]], seed=1)[0])
    parts, (chances, weights) = _parts(found.bank, kind), _curves(found)
    middle, square = np.zeros(len(parts)), np.zeros((len(parts), len(parts)))
    for pattern in itertools.product(range(3), range(2), range(3)):
        row = np.array(pattern)
        share = np.prod([chances[j, k] for j, k in enumerate(pattern)], axis=0) @ weights
        first = [parts.value[at, row[j]] for at, j in enumerate(parts.owner)]
        every = np.append(first, row[parts.pairs[0]] * row[parts.pairs[1]])
        middle += share * every
        square += share * np.outer(every, every)
    assert _covariance(parts, chances, weights) == pytest.approx(square - np.outer(middle, middle))


@pytest.mark.parametrize(("model", "count", "steps"), [("2pl", 6, (0.0,)), ("grm", 8, (-0.8, 0.8))])
def test_p_is_uniform_when_the_model_is_true(model, count, steps):
    p = [
        overall_fit(calibrate(draw(500, *items(count, seed, steps), seed=1000 + seed)[0], model)).p
        for seed in range(6)
    ]
    assert 0.25 < np.mean(p) < 0.75
    assert 0.03 < min(p) < 0.35


def test_two_abilities_in_one_questionnaire_are_found():
    slopes, steps = items(8, 3)
    half = draw(500, slopes[:4], steps[:4], seed=1)[0], draw(500, slopes[4:], steps[4:], seed=2)[0]
    fit = overall_fit(calibrate(np.hstack(half)))
    assert fit.p < 1e-6
    assert fit.rmsea_low > 0.05
    assert fit.srmsr > 0.1


def test_few_items_of_many_categories_are_judged_by_c2_and_missing_answers_left_out():
    answers = draw(400, *items(5), seed=3)[0].copy()
    answers[:30, 2] = -1
    fit = overall_fit(calibrate(answers))
    assert (fit.kind, fit.degrees, fit.persons) == ("C2", 5, 370)
    assert overall_fit(calibrate(answers), "M2*") is None


def test_nothing_is_said_of_three_items_or_few_persons():
    assert overall_fit(calibrate(persons(LSAT7)[:, :3], "2pl")) is None
    assert overall_fit(calibrate(draw(90, *items(6), seed=1)[0], "rasch")) is None


def test_rasch_counts_its_variance():
    found = calibrate(persons(LSAT7), "rasch")
    assert overall_fit(found).degrees == 15 - 6
    assert probabilities(found.bank, 0.0).shape == (5, 2, 1)
