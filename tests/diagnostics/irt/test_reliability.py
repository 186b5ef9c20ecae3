"""Reliability: what is promised, what is reached, and what it means against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.reliability import reliability
from tests.diagnostics.irt.published import LSAT7, draw, items, persons


def test_it_is_the_squared_correlation_with_the_true_abilities():
    answers, theta = draw(2000, *items(10), seed=1)
    found = calibrate(answers)
    told = reliability(found)
    reached = np.corrcoef(found.abilities().eap, theta)[0, 1] ** 2
    assert told.empirical == pytest.approx(reached, abs=0.03)
    assert told.marginal == pytest.approx(told.empirical, abs=0.04)
    assert told.persons == 2000


def test_five_short_items_tell_little():
    """Chance alone must not look reliable: LSAT 7 has a coefficient alpha of 0.45."""
    assert 0.35 < reliability(calibrate(persons(LSAT7), "2pl")).empirical < 0.55


def test_missing_answers_lower_what_is_reached_and_silent_persons_do_not_count():
    answers, _ = draw(1500, *items(10), seed=2)
    whole = reliability(calibrate(answers))
    answers[np.random.default_rng(0).random(answers.shape) < 0.5] = -1
    answers[:100] = -1
    half = reliability(calibrate(answers))
    assert half.empirical < whole.empirical - 0.05
    assert half.marginal > half.empirical + 0.05
    assert half.persons <= 1400
