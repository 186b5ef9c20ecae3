"""Groups on one scale, and last year's scale kept."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.groups import calibrate_groups
from tests.diagnostics.irt.published import draw, items


def two_groups(size=1500, mean=0.5, sd=1.3, count=8):
    random = np.random.default_rng(0)
    theta = np.concatenate([random.normal(size=size), random.normal(mean, sd, size)])
    answers, _ = draw(0, *items(count), seed=1, theta=theta)
    return answers, np.repeat([0, 1], size), theta


def test_how_groups_differ_is_found():
    answers, groups, theta = two_groups()
    found = calibrate_groups(answers, groups)
    assert found.means == pytest.approx([0, 0.5], abs=0.1)
    assert found.sds == pytest.approx([1, 1.3], abs=0.1)
    assert np.isnan(found.mean_errors[0])
    assert abs(found.means[1] - 0.5) < 3 * found.mean_errors[1]
    people = found.abilities()
    assert 0.93 < (np.abs(people.eap - theta) < 1.96 * people.sd).mean() < 0.97
    assert people.eap[1500:].mean() == pytest.approx(theta[1500:].mean(), abs=0.1)


def test_one_group_is_a_plain_calibration():
    answers, _ = draw(400, *items(5), seed=2)
    alone = calibrate(answers, "gpcm")
    found = calibrate_groups(answers, np.zeros(400, int), "gpcm")
    assert found.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-7)
    assert found.bank.slopes == pytest.approx(alone.bank.slopes, abs=1e-4)
    assert found.abilities().eap == pytest.approx(alone.abilities().eap, abs=1e-4)


def test_groups_that_are_told_apart_are_likelier():
    """The likelihood ratio of two against one group is what a test of differences uses."""
    answers, groups, _ = two_groups(600)
    apart = calibrate_groups(answers, groups)
    assert apart.log_likelihood > calibrate(answers, "grm").log_likelihood + 10


def test_the_gradient_of_means_and_spreads_is_exact():
    answers, groups, _ = two_groups(60, count=3)
    marginal = calibrate_groups(answers, groups, "gpcm").top.marginal
    x = calibrate_groups(answers, groups, "gpcm").top.x + 0.03
    _, gradient = marginal.rise(x, 0.0)
    for i in (-2, -1):
        step = np.zeros(len(x))
        step[i] = 1e-5
        change = (marginal.value(x + step) - marginal.value(x - step)) / 2e-5
        assert gradient[i] == pytest.approx(change, abs=1e-4)


def test_anchors_keep_last_years_scale():
    """This year's teachers are 0.4 better; five of ten items are new.

    Calibrated alone, this year would have mean 0 and the progress would be lost.
    """
    slopes, steps = items(15)
    last, _ = draw(2000, slopes[:10], steps[:10], seed=1)
    before = calibrate(last, "grm", items=tuple(f"q{j}" for j in range(10)))
    theta = np.random.default_rng(3).normal(0.4, 0.9, 1500)
    now, _ = draw(0, slopes[5:], steps[5:], seed=4, theta=theta)
    names = [f"q{j}" for j in range(5, 15)]
    found = calibrate_groups(now, np.zeros(1500, int), items=names, anchors=before)
    assert found.means[0] == pytest.approx(0.4, abs=0.1)
    assert found.sds[0] == pytest.approx(0.9, abs=0.1)
    assert found.bank.slopes[:5].tolist() == before.bank.slopes[5:].tolist()
    assert np.isnan(found.slope_errors[:5]).all()
    assert found.bank.slopes[5:] == pytest.approx(slopes[10:], abs=0.35)
    alone = calibrate(now, "grm").abilities().eap.mean()
    assert alone == pytest.approx(0, abs=0.02)
    assert found.abilities().eap.mean() == pytest.approx(theta.mean(), abs=0.1)


def test_an_anchor_keeps_categories_that_nobody_chose_this_year():
    slopes, steps = items(6)
    last, _ = draw(800, slopes, steps, seed=1)
    before = calibrate(last + 1, "grm")
    now, _ = draw(400, slopes, steps, seed=2)
    found = calibrate_groups(np.maximum(now, 1) + 1, np.zeros(400, int), anchors=before)
    assert found.answers.values == ((1, 2, 3, 4),) * 6
    assert found.bank.slopes.tolist() == before.bank.slopes.tolist()


@pytest.mark.parametrize("groups", [[0, 1], [0, 2, 2, 2], [-1, 0, 0, 0]])
def test_groups_that_do_not_fit_are_refused(groups):
    answers = [[0, 1, 0], [1, 0, 1], [1, 1, 0], [0, 0, 1]]
    with pytest.raises(BadAnswers) as refusal:
        calibrate_groups(answers, groups)
    assert refusal.value.code == "groups_shape"


def test_without_a_common_item_nothing_is_tied():
    before = calibrate(draw(300, *items(4), seed=1)[0], "grm")
    now = draw(300, *items(4), seed=2)[0]
    with pytest.raises(BadAnswers) as refusal:
        calibrate_groups(now, np.zeros(300, int), items=list("abcd"), anchors=before)
    assert refusal.value.code == "no_anchor"
