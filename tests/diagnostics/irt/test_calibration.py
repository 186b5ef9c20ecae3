"""Calibration: published figures, exact gradients, and fits that must not be believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.irt.answers import prepare
from diagnostics.irt.calibration import _turned, calibrate, shape_of
from diagnostics.irt.coding import Coding
from diagnostics.irt.errors import BadAnswers, NotConverged
from diagnostics.irt.information import errors_of
from diagnostics.irt.likelihood import Marginal, Population
from diagnostics.irt.maximum import maximise
from diagnostics.irt.models import log_probabilities
from diagnostics.irt.quadrature import even, gauss_hermite
from diagnostics.irt.start import first_guess
from tests.diagnostics.irt.published import LSAT6, LSAT7, draw, items, persons


def marginal_of(matrix, model, grid=None):
    answers = prepare(matrix)
    shape = shape_of(answers, model)
    population = Population(Coding(answers.rows, answers.categories), answers.counts)
    table = first_guess(answers, shape.model)
    full = shape.fixed.copy()
    full[: table.size] = table.ravel()
    x = np.zeros(shape.free)
    x[shape.place[shape.place >= 0]] = full[shape.place >= 0]
    return Marginal(shape, (population,), grid or even()), x


@pytest.mark.parametrize(
    ("frequencies", "value", "slopes", "intercepts", "errors"),
    [
        (
            LSAT6,
            -2466.653378,
            [0.82566, 0.72274, 0.89087, 0.68837, 0.65686],
            [2.77323, 0.99020, 0.24915, 1.28476, 2.05327],
            [0.25811, 0.18668, 0.23276, 0.18514, 0.20991],
        ),
        (
            LSAT7,
            -2658.805114,
            [0.98755, 1.08084, 1.70748, 0.76499, 0.73567],
            [1.85586, 0.80797, 1.80521, 0.48600, 1.85446],
            [0.17719, 0.16876, 0.32108, 0.13412, 0.15113],
        ),
    ],
    ids=["LSAT6", "LSAT7"],
)
def test_published_fits_are_reached(frequencies, value, slopes, intercepts, errors):
    """The log-likelihoods are R mirt's; the parameters agree with its published ones."""
    found = calibrate(persons(frequencies), "2pl")
    assert found.log_likelihood >= value - 1e-6
    assert found.log_likelihood == pytest.approx(value, abs=1e-5)
    assert found.bank.slopes == pytest.approx(slopes, abs=1e-4)
    assert found.bank.intercepts[:, 0] == pytest.approx(intercepts, abs=1e-4)
    assert found.slope_errors == pytest.approx(errors, abs=1e-4)
    assert found.errors.method == "oakes"


def test_rasch_has_slopes_of_one_and_a_free_variance():
    """R mirt, itemtype Rasch, on LSAT6: d 2.73, 0.999, 0.24, 1.306, 2.099; variance 0.57."""
    found = calibrate(persons(LSAT6), "rasch")
    assert (found.bank.slopes == 1).all()
    assert np.isnan(found.slope_errors).all()
    assert found.bank.intercepts[:, 0] == pytest.approx([2.73, 0.999, 0.24, 1.306, 2.099], abs=6e-4)
    assert found.sd**2 == pytest.approx(0.57, abs=6e-4)
    low = found.abilities().eap.min()
    assert found.sd * -3 < low < -0.5


def test_nodes_of_rasch_lie_between_minus_six_and_six():
    """As in mirt, where the population's variance is a little above 1 (LSAT 7: 1.0227)."""
    found = calibrate(persons(LSAT7), "rasch")
    assert found.sd**2 == pytest.approx(1.0227, abs=1e-3)
    assert found.sd * found.grid.nodes[[0, -1]] == pytest.approx([-6, 6], abs=1e-6)
    assert found.log_likelihood == pytest.approx(-2664.900891, abs=1e-5)


def test_a_wide_rasch_population_is_the_one_on_mirts_nodes():
    """61 nodes from -6 to 6 whose weights follow the variance: no change of it is worth more."""
    answers, _ = draw(300, [2.0] * 4, [[-0.8, 0.1, 0.9]] * 4, seed=2)
    found = calibrate(answers, "rasch")
    assert 1.2 < found.sd < 1.8
    theta, rows = np.linspace(-6, 6, 61), found.answers.rows

    def value(sd):
        logs = log_probabilities(found.bank, theta)
        given = np.exp(sum(logs[j, rows[:, j]] for j in range(4)))
        weights = np.exp(-((theta / sd) ** 2) / 2)
        return float(found.answers.counts @ np.log(given @ weights / weights.sum()))

    assert found.log_likelihood == pytest.approx(value(found.sd), abs=1e-8)
    rise = (value(found.sd + 1e-4) - value(found.sd - 1e-4)) / 2e-4
    assert rise == pytest.approx(0, abs=1e-3)


def test_the_sum_of_slopes_is_positive_wherever_the_climb_began():
    answers, _ = draw(400, [1.5, 1.2, -0.9, 1.1], [[-0.5, 0.4]] * 4, seed=6)
    found = calibrate(answers)
    assert np.sign(found.bank.slopes).tolist() == [1, 1, -1, 1]
    marginal, begin = marginal_of(answers, "grm")
    begin[::3] *= -np.sign(begin[::3].sum())
    top = maximise(marginal, marginal, begin)
    assert top.x[::3].sum() < 0
    assert _turned(top)[::3] == pytest.approx(found.bank.slopes, abs=1e-4)


def test_with_two_categories_all_free_models_are_one():
    values = {m: calibrate(persons(LSAT7), m).log_likelihood for m in ("2pl", "grm", "gpcm")}
    assert max(values.values()) - min(values.values()) < 1e-9


@pytest.mark.parametrize("model", ["grm", "gpcm", "rasch"])
def test_the_gradient_is_that_of_the_likelihood(model):
    """Against central differences, missing answers and items of 2 to 4 categories included."""
    answers, _ = draw(80, [1.2, 0.7, -0.9], [[-0.5, 0.2, 1], [0.0], [-1, 0.5]], seed=3)
    answers[::7, 1] = -1
    marginal, x = marginal_of(answers, model)
    x += np.random.default_rng(0).normal(0, 0.05, len(x))
    _, gradient = marginal.rise(x, 0.0)
    h = 1e-5
    for i in range(len(x)):
        step = np.eye(len(x))[i] * h
        change = (marginal.value(x + step) - marginal.value(x - step)) / (2 * h)
        assert gradient[i] == pytest.approx(change, abs=1e-4)


@pytest.mark.parametrize("model", ["grm", "rasch"])
def test_the_scores_of_the_persons_add_up_to_the_gradient(model):
    answers, _ = draw(60, [1.2, 0.7, 0.9], [[-0.5, 0.2], [0.0], [-1, 0.5]], seed=4)
    marginal, x = marginal_of(answers, model)
    alone = [
        Marginal(
            marginal.shape,
            (Population(Coding(row[None], prepare(answers).categories), np.ones(1)),),
            marginal.grid,
        )
        for row in prepare(answers).rows
    ]
    scores = np.array([one.rise(x, 0.0)[1] for one in alone])
    counts = prepare(answers).counts
    expected = scores.T @ (scores * counts[:, None])
    assert marginal.cross_product(x) == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_missing_answers_say_nothing():
    """A person without answers changes no figure; she gets the prior and a flag."""
    whole = persons(LSAT7)
    more = np.vstack([whole, np.full((3, 5), -1, np.int8)])
    with_silent, without = calibrate(more, "2pl"), calibrate(whole, "2pl")
    assert with_silent.log_likelihood == pytest.approx(without.log_likelihood, abs=1e-8)
    people = with_silent.abilities()
    assert people.silent.tolist() == [False] * 1000 + [True] * 3
    assert people.eap[-3:] == pytest.approx(0)
    assert people.sd[-3:] == pytest.approx(1, abs=1e-6)


def test_neither_the_order_of_the_persons_nor_the_seed_matters():
    whole = persons(LSAT6)
    mixed = whole[np.random.default_rng(1).permutation(1000)]
    assert calibrate(mixed, "2pl", seed=5).log_likelihood == calibrate(whole, "2pl").log_likelihood


def test_a_category_nobody_chose_is_closed_up_and_remembered():
    answers, _ = draw(300, [1.2, 1.0, 0.9], [[-0.5, 0.2, 1]] * 3, seed=2)
    spread = np.array([1, 2, 4, 5])[answers]
    found = calibrate(spread, "grm")
    assert found.answers.values == ((1, 2, 4, 5),) * 3
    assert found.log_likelihood == calibrate(answers, "grm").log_likelihood


def test_reversed_items_get_negative_slopes_and_the_sum_stays_positive():
    answers, theta = draw(500, [1.2, 1.5, 0.9, 1.1], [[-0.5, 0.2]] * 4, seed=2)
    answers[:, 1] = 2 - answers[:, 1]
    found = calibrate(answers, "grm")
    assert found.bank.slopes[1] < -0.5
    assert found.bank.slopes.sum() > 0
    assert np.corrcoef(found.abilities().eap, theta)[0, 1] > 0.7


def test_intercepts_stay_in_order_where_a_category_is_rare():
    answers, _ = draw(400, [2.5, 2.0, 1.5, 1.0], [[-0.5, -0.45, 1.0]] * 4, seed=9)
    found = calibrate(answers, "grm")
    assert (np.diff(found.bank.intercepts) < 0).all()


def test_21_gauss_hermite_nodes_at_40_items_are_not_believed():
    """Others call this fit converged, with slopes off by 0.1; the nodes are wider than a posterior."""
    answers, _ = draw(1500, *items(40), seed=1)
    with pytest.raises(NotConverged) as refusal:
        calibrate(answers, "grm", grid=gauss_hermite(21))
    assert refusal.value.code == "nodes_too_few"
    assert float(refusal.value.values["moved"]) > 1
    assert "61" in refusal.value.say("en") or "nodes" in refusal.value.say("en")


def test_nodes_are_no_wider_apart_than_the_narrowest_posterior():
    answers, _ = draw(600, *items(60), seed=1)
    found = calibrate(answers, "rasch")
    assert found.grid.gap <= found.abilities().sd.min() / found.sd
    assert len(found.grid) > 61
    assert found.moved < 1e-3


def test_two_copies_of_an_item_run_away_and_are_named():
    answers, _ = draw(300, [1.0, 1.0, 1.0], [[0.0]] * 3, seed=5)
    copied = np.column_stack([answers, answers[:, 0]])
    with pytest.raises(NotConverged) as refusal:
        calibrate(copied, "2pl", items=("a", "b", "c", "a again"))
    assert refusal.value.code in ("slope_runs_away", "not_identified", "not_at_maximum")
    assert refusal.value.say("en") != refusal.value.say("zh")


@pytest.mark.parametrize(
    ("matrix", "model", "code"),
    [
        ([[0, 1, 1], [1, 1, 0]], "2pl", "answers_constant"),
        ([[0, -1, 1], [1, -1, 0]], "2pl", "answers_constant"),
        ([[0, 1], [1, 0]], "2pl", "too_few_items"),
        ([[0, 1, 2], [1, 0, 1], [0, 0, 0]], "2pl", "not_two_categories"),
        ([[0.5, 1, 1]], "grm", "answers_shape"),
        ([[0, 1, 1], [1, 0, 0]], "3pl", "unknown_model"),
    ],
)
def test_answers_that_cannot_be_calibrated_are_refused(matrix, model, code):
    with pytest.raises(BadAnswers) as refusal:
        calibrate(np.array(matrix), model)
    assert refusal.value.code == code
    if code == "answers_constant":
        assert "i2" in refusal.value.say("zh")


def test_cross_product_and_observed_information_agree_in_large_samples():
    answers, _ = draw(20_000, *items(4), seed=2)
    found = calibrate(answers, "grm")
    marginal, _ = marginal_of(answers, "grm")
    x = marginal.shape
    free = np.concatenate(
        [np.column_stack([found.bank.slopes, found.bank.intercepts]).ravel(), [0, 1]]
    )[x.place >= 0]
    other = errors_of(marginal, free, "cross_product")
    assert found.errors.method == "oakes"
    assert other.standard == pytest.approx(found.errors.standard, rel=0.06)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["grm", "gpcm"]))
def test_a_fit_is_a_maximum(seed, model):
    """No parameter can be moved by a thousandth for a higher likelihood."""
    answers, _ = draw(250, *items(4, seed), seed=seed)
    try:
        found = calibrate(answers, model)
    except NotConverged:
        return
    marginal, _ = marginal_of(answers, model)
    table = np.column_stack([found.bank.slopes, found.bank.intercepts]).ravel()
    x = np.concatenate([table, [0, 1]])[marginal.shape.place >= 0]
    best = marginal.value(x)
    assert best == pytest.approx(found.log_likelihood, abs=1e-6)
    for i in range(len(x)):
        for h in (-1e-3, 1e-3):
            assert marginal.value(x + np.eye(len(x))[i] * h) < best + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 20, 40, 80, 120])
@pytest.mark.parametrize("model", ["grm", "gpcm"])
def test_nodes_are_enough_for_five_to_a_hundred_and_twenty_items(model, count):
    """Twice and four times the nodes move the log-likelihood by less than a thousandth."""
    answers, theta = draw(12_000, *items(count), seed=count)
    found = calibrate(answers, model)
    marginal, _ = marginal_of(answers, model, found.grid)
    table = np.column_stack([found.bank.slopes, found.bank.intercepts]).ravel()
    x = np.concatenate([table, [0, 1]])[marginal.shape.place >= 0]
    finer = [replace(marginal, grid=even(k * (len(found.grid) - 1) + 1)).value(x) for k in (2, 4)]
    assert finer == pytest.approx([found.log_likelihood] * 2, abs=1e-3)
    people = found.abilities()
    assert found.grid.gap <= people.sd.min()
    inside = np.abs(people.eap - theta) < 1.96 * people.sd
    assert 0.93 < inside.mean() < 0.97
