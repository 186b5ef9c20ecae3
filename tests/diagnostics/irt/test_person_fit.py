"""Person fit: honest persons are flagged as often as said, careless ones far more often."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.person_fit import FEWEST, modes, person_fit
from tests.diagnostics.irt.published import draw, items


@pytest.fixture(scope="module")
def mixed():
    """1,500 persons answer 15 items; the last 100 answer at random."""
    answers, _ = draw(1500, *items(15), seed=1)
    answers[1400:] = np.random.default_rng(5).integers(0, 4, (100, 15))
    return calibrate(answers)


def test_random_answers_are_flagged_and_honest_ones_about_as_often_as_said(mixed):
    fit = person_fit(mixed)
    assert fit.flagged[1400:].mean() > 0.45
    assert 0.01 < fit.flagged[:1400].mean() < 0.08
    assert len(fit.flagged) == 1500, "flagged, never dropped"


def test_the_correction_comes_nearer_to_a_standard_normal():
    found = calibrate(draw(1500, *items(10), seed=3)[0])
    fit = person_fit(found)
    assert fit.lz_star.std() == pytest.approx(1, abs=0.12)
    assert abs(fit.lz_star.std() - 1) < abs(fit.lz.std() - 1) - 0.05
    assert abs(fit.lz_star.mean()) < abs(fit.lz.mean()) - 0.05


def test_of_few_answers_nothing_is_said():
    answers, _ = draw(600, *items(8), seed=2)
    answers[:50, FEWEST - 1 :] = -1
    answers[50:60] = -1
    fit = person_fit(calibrate(answers))
    assert not fit.judged[:60].any()
    assert not fit.flagged[:60].any()
    assert fit.judged[60:].all()


def test_modes_are_where_the_posterior_is_flat(mixed):
    rows = mixed.answers.rows[:20]
    theta = modes(mixed.bank, rows, np.zeros(20), 0.0, 1.0)
    from diagnostics.irt.models import log_probabilities

    def height(at):
        logs = log_probabilities(mixed.bank, at)
        own = [logs[np.arange(15), rows[m], m].sum() for m in range(20)]
        return np.array(own) - at * at / 2

    for away in (-1e-3, 1e-3):
        assert (height(theta) >= height(theta + away)).all()
