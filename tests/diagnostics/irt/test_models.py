"""Items with ordered answers: probabilities, their slopes and information."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.irt.errors import CannotMeasure
from diagnostics.irt.models import (
    Bank,
    expected_answers,
    information,
    log_probabilities,
    probabilities,
    score_slopes,
)

THETA = np.linspace(-4, 4, 9)


def bank_of(model="grm", slopes=(1.5, 0.8), intercepts=((1.0, -0.5), (0.3, np.nan))):
    table = np.array(intercepts, float)
    return Bank(
        tuple(f"i{j}" for j in range(len(slopes))),
        model,
        np.array(slopes, float),
        table,
        1 + np.isfinite(table).sum(1),
    )


@st.composite
def banks(draw):
    model = draw(st.sampled_from(["grm", "gpcm"]))
    slopes, rows = [], []
    for _ in range(draw(st.integers(1, 4))):
        slopes.append(draw(st.floats(-3, 3)))
        steps = draw(st.lists(st.floats(0.01, 4), min_size=1, max_size=4))
        row = draw(st.floats(-5, 5)) - np.cumsum(steps)
        rows.append(np.pad(row, (0, 4 - len(row)), constant_values=np.nan))
    return bank_of(model, slopes, rows)


def test_graded_answers_are_differences_of_logistic_curves():
    """a = 1.5, d = (1, -0.5): P(X = 1 | 0) = s(1) - s(-0.5)."""
    chances = probabilities(bank_of(), [0.0])
    assert chances[0, 1, 0] == pytest.approx(0.7310585786 - 0.3775406688)
    assert chances[1, :, 0] == pytest.approx([0.4255574832, 0.5744425168, 0])


def test_partial_credit_is_mirts_slope_intercept_form():
    """a = 1, d = (0.5, -0.2), theta = 1: weights e^0, e^1.5, e^1.8."""
    weights = np.exp([0, 1.5, 1.8])
    chances = probabilities(bank_of("gpcm", [1.0], [[0.5, -0.2]]), [1.0])
    assert chances[0, :, 0] == pytest.approx(weights / weights.sum())


def test_with_two_categories_both_models_are_the_two_parameter_logistic():
    two = {"slopes": [1.3, 0.6], "intercepts": [[0.4], [-1.1]]}
    assert log_probabilities(bank_of("grm", **two), THETA) == pytest.approx(
        log_probabilities(bank_of("gpcm", **two), THETA)
    )


@given(banks())
def test_chances_add_up_to_one_and_padding_has_none(bank):
    logs = log_probabilities(bank, THETA)
    assert np.exp(logs).sum(1) == pytest.approx(1)
    outside = np.arange(bank.width) >= bank.categories[:, None]
    assert (logs[outside] == -np.inf).all()
    assert np.isfinite(logs[~outside]).all()


@given(banks())
def test_slopes_are_the_differences_of_the_logarithms(bank):
    h = 1e-5
    rises = probabilities(bank, THETA) > 1e-8
    with np.errstate(invalid="ignore"):
        change = (log_probabilities(bank, THETA + h) - log_probabilities(bank, THETA - h)) / (2 * h)
    assert score_slopes(bank, THETA)[rises] == pytest.approx(change[rises], abs=1e-5)


@given(banks())
def test_scores_have_mean_zero_and_information_is_their_variance(bank):
    chances, slopes = probabilities(bank, THETA), score_slopes(bank, THETA)
    assert (chances * slopes).sum(1) == pytest.approx(0, abs=1e-9)
    assert information(bank, THETA) == pytest.approx((chances * slopes**2).sum(1))
    assert (information(bank, THETA) >= 0).all()


def test_far_from_an_item_nothing_underflows():
    """Differences of logistic curves are 0 at theta = -60, their logarithms are not."""
    logs = log_probabilities(bank_of(), [-60.0, 60.0])
    assert np.isfinite(logs[0]).all()
    assert logs[0, 2, 0] == pytest.approx(1.5 * -60 - 0.5)


def test_expected_answers_rise_with_ability():
    curves = expected_answers(bank_of(), THETA)
    assert (np.diff(curves, axis=1) > 0).all()
    assert curves[0, -1] < 2


def test_some_items_can_be_taken_out_of_a_bank():
    small = bank_of().take([1])
    assert (small.items, small.width, small.intercepts.shape) == (("i1",), 2, (1, 1))
    assert log_probabilities(small, THETA)[0] == pytest.approx(
        log_probabilities(bank_of(), THETA)[1, :2]
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"intercepts": [[-0.5, 1.0], [0.3, np.nan]]}, "bank_order"),
        ({"slopes": [np.nan, 1]}, "bank_not_finite"),
        ({"intercepts": [[1.0, -0.5]]}, "bank_shape"),
    ],
)
def test_a_bank_that_makes_no_sense_is_refused(wrong, code):
    with pytest.raises(CannotMeasure) as refusal:
        bank_of(**wrong)
    assert refusal.value.code == code
    assert refusal.value.say("en") != refusal.value.say("zh")


def test_a_falling_order_is_asked_of_graded_items_only():
    assert len(bank_of("gpcm", intercepts=[[-0.5, 1.0], [0.3, np.nan]])) == 2
