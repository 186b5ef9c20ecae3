"""S-X2: mirt's published figures, and that it finds an item that does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.irt.answers import prepare
from diagnostics.irt.calibration import calibrate
from diagnostics.irt.item_fit import expected_shares, item_fit
from diagnostics.irt.sparse import Table, joined
from tests.diagnostics.irt.published import LSAT7, draw, items, persons


def fit_of(found):
    return item_fit(found.bank, found.answers, found.grid, found.mean, found.sd)


def test_lsat7_has_the_published_figures():
    """R mirt: 4.749, 14.451, 1.270, 5.237, 0.941, each with 2 degrees of freedom."""
    fits = fit_of(calibrate(persons(LSAT7), "2pl"))
    assert [fit.statistic for fit in fits] == pytest.approx(
        [4.7494, 14.4511, 1.2704, 5.2374, 0.9411], abs=4e-3
    )
    assert [fit.degrees for fit in fits] == [2] * 5
    assert fits[1].p == pytest.approx(0.00073, abs=1e-5)


def test_expected_shares_add_up_to_one_and_know_what_cannot_be():
    found = calibrate(draw(500, *items(4), seed=1)[0], "grm")
    for shares in expected_shares(found.bank, found.grid, 0, 1):
        assert np.nansum(shares, axis=1) == pytest.approx(1)
        assert np.isnan(shares[0]).tolist() == [False, False, True, True]  # sum 1: no 2, no 3


def test_statistics_of_fitting_items_look_like_chi_square():
    fits = [
        f
        for seed in range(6)
        for f in fit_of(calibrate(draw(1500, *items(6, seed), seed=seed)[0], "grm"))
    ]
    p = np.array([fit.p for fit in fits])
    assert 0.3 < p.mean() < 0.7
    assert (p < 0.05).mean() < 0.2
    assert all(fit.degrees > 5 for fit in fits)


def test_an_item_that_turns_round_is_found():
    """Item 3 is answered high by the middle and low by the best."""
    answers, theta = draw(1500, *items(7), seed=1)
    answers[:, 3] = np.where(np.abs(theta) < 0.8, 3, 0)
    answers[::5, 3] = draw(1500, *items(7), seed=2)[0][::5, 3]
    fits = fit_of(calibrate(answers, "gpcm"))
    assert fits[3].p < 1e-6
    assert np.median([fit.p for fit in fits]) > fits[3].p


def test_only_persons_who_answered_everything_count():
    answers = persons(LSAT7)
    found = calibrate(answers, "2pl")
    more = prepare(np.vstack([answers, [[1, -1, 0, 1, 1]] * 50]))
    again = item_fit(found.bank, more, found.grid)
    assert [f.statistic for f in again] == [f.statistic for f in fit_of(found)]


def test_nobody_answered_everything():
    found = calibrate(persons(LSAT7), "2pl")
    one_missing = found.answers.rows.copy()
    one_missing[:, 0] = np.where(np.arange(32) % 2 == 0, -1, one_missing[:, 0])
    one_missing[:, 1] = np.where(np.arange(32) % 2 == 1, -1, one_missing[:, 1])
    fits = item_fit(found.bank, prepare(one_missing), found.grid)
    assert all(np.isnan(fit.statistic) and fit.degrees == 0 for fit in fits)


def test_sparse_cells_are_joined_to_the_smaller_neighbour():
    """5.0 0.4 3.0 -> the 0.4 goes to 3.0; the observed go with it; cells move left."""
    expected = np.array([[5.0, 0.4, 3.0], [5.0, 5.0, 5.0]])
    observed = np.array([[6.0, 1.0, 2.0], [4.0, 6.0, 5.0]])
    found = joined(Table(observed, expected))
    assert found.expected[0].tolist()[:2] == pytest.approx([5.0, 3.4])
    assert np.isnan(found.expected[0, 2])
    assert found.observed[0].tolist() == [6.0, 3.0, 0.0]


def test_impossible_ends_go_to_the_nearest_score_that_has_all_answers():
    nan = np.nan
    expected = np.array([[2.0, 2, nan], [4, 4, 4], [5, 5, 5], [nan, 3, 3]])
    found = joined(Table(np.nan_to_num(expected), expected))
    assert found.expected.tolist() == [[6, 6, 4], [5, 8, 8]]


def test_two_few_scores_leave_nothing_to_compare():
    assert joined(Table(np.ones((2, 3)), np.array([[1.0, np.nan, 1], [1, 1, 1]]))) is None
