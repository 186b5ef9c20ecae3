import numpy as np
import pytest

from diagnostics.irt.models import Bank, log_probabilities
from diagnostics.laplace import blurred, shape_of
from diagnostics.population import Case, Population
from diagnostics.raters import score
from diagnostics.simulate import Recipe, world
from tests.diagnostics.grid import blurred_logs, chances_of_levels


def bank(model="grm"):
    """Two items, of which the second has three categories."""
    intercepts = np.array([[1.5, 0.2, -1.0], [0.7, -0.9, np.nan]])
    return Bank(("A", "B"), model, np.array([1.3, 0.8]), intercepts, np.array([4, 3], np.intp))


@pytest.mark.parametrize("model", ["grm", "gpcm"])
@pytest.mark.parametrize("answers", [(0, 0), (3, 2), (1, 1), (2, -1)])
def test_derivatives_are_those_of_the_log_chance(model, answers):
    """Differences of log P over a small step give the next derivative each."""
    items = bank(model)
    shape = shape_of(model, items.slopes, items.intercepts, np.array([answers], np.int8))
    step, at = 1e-4, 0.37

    def four(z):
        points = np.full((1, 2), z)
        slope, bend = shape(points, False)
        again, third, fourth = shape(points, True)
        assert again == pytest.approx(bend)
        return np.stack([slope[0], -bend[0], third[0], fourth[0]])

    low, high = (log_probabilities(bank(model), z)[:, :, 0] for z in (at - step, at + step))
    for item, value in enumerate(answers):
        if value < 0:
            assert (four(at)[:, item] == 0).all()
        else:
            slope = (high[item, value] - low[item, value]) / (2 * step)
            assert four(at)[0, item] == pytest.approx(slope, abs=1e-6)
    rises = (four(at + step) - four(at - step)) / (2 * step)
    assert rises[:3] == pytest.approx(four(at)[1:], abs=1e-5)


def test_noise_in_reading_flattens_a_curve():
    flat = blurred(bank().take([0]), np.array([0.6]))
    at = np.linspace(-3, 3, 13)
    averaged = blurred_logs(bank().take([0]), at, 0.6)
    assert np.exp(log_probabilities(flat, at)) == pytest.approx(np.exp(averaged), abs=0.01)
    assert np.abs(np.exp(log_probabilities(bank().take([0]), at)) - np.exp(averaged)).max() > 0.02


MIXED = Recipe(teachers=300, items=6, vignettes=2, observers=1)


def test_the_fast_posterior_is_close_to_the_exact_one():
    """Where it is worst, with six items, the mean is off by .07 SD and the SD by a fifteenth."""
    drawn = world(MIXED, 3)
    known = Population(leniency_sds=(0.6,))
    found = score(Case(drawn.instrument, drawn.answers, known))
    chances, mean, sd = chances_of_levels(drawn)
    assert np.abs(found.mean[:, 0] / 1000 - mean).max() < 0.07
    assert np.abs(found.mean[:, 0] / 1000 - mean).mean() < 0.01
    assert np.abs(found.sd[:, 0] / 1000 / sd - 1).max() < 0.07
    assert np.abs(found.levels[:, 0] / 1000 - chances).mean() < 0.01


def test_the_control_without_leniency_is_far_from_it():
    drawn = world(MIXED, 3)
    naive = score(Case(drawn.instrument, drawn.answers, Population(leniency_sds=(0.0,))))
    _, mean, _ = chances_of_levels(drawn)
    assert np.abs(naive.mean[:, 0] / 1000 - mean).mean() > 0.1
