"""Several dimensions: correlations without bias, borrowing that is exact, priors that fade."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.correlated import correlate, likelihoods, moved, regress
from diagnostics.irt.errors import CannotMeasure
from diagnostics.irt.models import Bank
from diagnostics.irt.quadrature import even
from diagnostics.irt.several import profiles
from tests.diagnostics.irt.published import draw, items

D = 3
NAMES = ("x", "y", "z")


def world(size, count, rho, seed=0, effect=0.0):
    """Return banks, answers, abilities and a covariate of D dimensions correlated rho."""
    random = np.random.default_rng([seed, count])
    group = random.normal(size=(size, 1))
    total = np.full((D, D), rho) + (1 - rho) * np.eye(D)
    theta = effect * group + random.multivariate_normal(np.zeros(D), total - effect**2, size)
    banks, answers = [], []
    for d in range(D):
        slopes, steps = items(count, 10 * seed + d)
        banks.append(
            Bank(
                tuple(f"{d}{j}" for j in range(count)),
                "grm",
                slopes,
                -slopes[:, None] * steps,
                np.full(count, 4),
            )
        )
        answers.append(draw(size, slopes, steps, seed=d, theta=theta[:, d])[0])
    return tuple(banks), tuple(answers), theta, group


def test_correlations_are_not_too_low():
    """Laplace-EM gave 0.675 for 0.70 with three items a dimension."""
    banks, answers, _, _ = world(8000, 3, 0.7)
    found = correlate(NAMES, banks, answers)
    assert found.correlations[np.triu_indices(D, 1)] == pytest.approx(0.7, abs=0.03)
    assert found.correlations[np.triu_indices(D, 1)].mean() == pytest.approx(0.7, abs=0.015)
    assert (found.mended, found.weights) == (False, None)


def test_two_dimensions_are_scored_as_on_the_full_grid():
    banks, answers, _, _ = world(40, 2, 0.8)
    model = correlate(NAMES[:2], banks[:2], answers[:2])
    found = profiles(model, answers[:2])
    grid = even(121)
    x, y = np.meshgrid(grid.nodes, grid.nodes, indexing="ij")
    rho = model.correlations[0, 1]
    prior = -(x * x - 2 * rho * x * y + y * y) / (2 * (1 - rho * rho))
    curves = [likelihoods(b, a, grid.nodes) for b, a in zip(banks, answers, strict=False)]
    for person in range(40):
        logs = prior + curves[0][person][:, None] + curves[1][person]
        mass = np.exp(logs - logs.max())
        mass /= mass.sum()
        for d, axis in enumerate((x, y)):
            mean = (mass * axis).sum()
            spread = np.sqrt((mass * (axis - mean) ** 2).sum())
            assert found.expected[person, d] == pytest.approx(mean, abs=0.01)
            assert found.sd[person, d] == pytest.approx(spread, abs=0.01)


def test_borrowing_makes_few_items_go_further_and_stays_honest():
    banks, answers, theta, _ = world(3000, 2, 0.8)
    model = correlate(NAMES, banks, answers)
    alone = [
        profiles(correlate(("x",), banks[d : d + 1], answers[d : d + 1]), answers[d : d + 1])
        for d in range(D)
    ]
    together = profiles(model, answers, cuts=([-0.8, 0, 0.8],) * D)
    rmse = np.sqrt(np.mean((together.expected - theta) ** 2))
    apart = np.sqrt(
        np.mean([(one.expected[:, 0] - theta[:, d]) ** 2 for d, one in enumerate(alone)])
    )
    assert rmse < 0.87 * apart
    assert 0.935 < (np.abs(together.expected - theta) < 1.96 * together.sd).mean() < 0.965
    assert together.levels[0].sum(1) == pytest.approx(1, abs=1e-6)


def test_a_dimension_without_answers_lives_on_the_others_and_says_so():
    banks, answers, _, _ = world(400, 4, 0.8)
    without = (answers[0], answers[1], np.full_like(answers[2], -1))
    without[0][0] = without[1][0] = -1
    found = profiles(correlate(NAMES, banks, answers), without)
    assert found.borrowed[1:].tolist() == [[False, False, True]] * 399
    assert found.silent.tolist() == [True] + [False] * 399
    assert np.corrcoef(found.expected[1:, 2], found.expected[1:, 0])[0, 1] > 0.8
    assert (found.sd[1:, 2] > found.sd[1:, 0]).all()
    assert np.isnan(found.shown()[0]).all()
    assert np.isfinite(found.shown()[1:]).all()


def test_what_covariates_tell_is_found_and_fades_with_answers():
    banks, answers, theta, group = world(4000, 5, 0.7, effect=0.5)
    model = correlate(NAMES, banks, answers, group)
    assert model.weights == pytest.approx(np.full((1, D), 0.5), abs=0.05)
    assert model.spreads == pytest.approx(np.full(D, np.sqrt(0.75)), abs=0.05)
    assert model.correlations[0, 1] == pytest.approx(0.45 / 0.75, abs=0.05)
    assert model.neutral[0, 1] == pytest.approx(0.7, abs=0.04)
    weight = []
    for count in (0, 1, 5):
        part = tuple(np.where(np.arange(5) < count, own, -1).astype(np.int8) for own in answers)
        with_, without = profiles(model, part, group), profiles(model, part)
        weight.append(np.abs(with_.expected - without.expected).mean())
        covered = np.abs(with_.expected - theta) < 1.96 * with_.sd
        assert 0.93 < covered.mean() < 0.97
    assert weight[0] > 1.5 * weight[1] > 3 * weight[2]


def test_what_is_expected_of_a_group_is_never_shown_as_ability():
    banks, answers, _, group = world(300, 2, 0.7, effect=0.5)
    model = correlate(NAMES, banks, answers, group)
    with pytest.raises(CannotMeasure) as refusal:
        profiles(model, answers, group).shown()
    assert refusal.value.code == "prior_is_no_ability"
    assert np.isfinite(profiles(model, answers).shown()).all()


def test_shifted_curves_are_those_at_the_shifted_abilities():
    banks, answers, _, _ = world(50, 4, 0.7)
    grid = even()
    mean = np.linspace(-1, 1, 50)
    near = moved(likelihoods(banks[0], answers[0], grid.nodes), mean, 0.9, grid)
    for person in (0, 17, 49):
        exact = likelihoods(banks[0], answers[0][[person]], mean[person] + 0.9 * grid.nodes)
        assert near[person, 10:-10] == pytest.approx(exact[0, 10:-10], abs=2e-4)


def test_without_effects_none_are_found():
    banks, answers, _, group = world(3000, 5, 0.7)
    curves = likelihoods(banks[0], answers[0], even().nodes)
    effect, spread = regress(curves, group, even())
    assert effect[0] == pytest.approx(0, abs=0.06)
    assert spread == pytest.approx(1, abs=0.05)


def test_pairs_that_contradict_each_other_are_mended():
    """x = y and y = z, but x = -z, from three groups of people with two dimensions each."""
    banks, _, _, _ = world(10, 6, 0.7)
    shared = np.random.default_rng(5).normal(size=600)
    answers = []
    for d in range(D):
        theta = shared * (-1 if d == 2 else 1)
        theta[200:400] *= -1 if d == 2 else 1
        slopes = banks[d].slopes
        steps = -banks[d].intercepts / slopes[:, None]
        own, _ = draw(600, slopes, steps, seed=d, theta=theta)
        answers.append(own)
    answers[2][:200] = -1  # x and y agree
    answers[0][200:400] = -1  # y and z agree
    answers[1][400:] = -1  # x and z are opposites
    found = correlate(NAMES, banks, tuple(answers))
    assert found.mended
    assert np.linalg.eigvalsh(found.correlations).min() > 0
