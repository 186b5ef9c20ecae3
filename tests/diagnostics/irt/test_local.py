"""Q3: two items that say the same are named, others are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.local import dependence
from tests.diagnostics.irt.published import draw, items

NAMES = tuple("abcdefgh")


def asked(twins=False):
    answers, _ = draw(800, *items(8), seed=4)
    if twins:
        copied = np.random.default_rng(1).random(800) < 0.4
        answers[copied, 5] = answers[copied, 3]
    return answers


def test_twins_are_named_and_nobody_else():
    found = dependence(calibrate(asked(twins=True), items=NAMES))
    assert [(pair.first, pair.second) for pair in found.pairs] == [("d", "f")]
    assert found.pairs[0].q3 > found.cut


def test_items_that_share_only_the_ability_are_not_named():
    found = dependence(calibrate(asked(), items=NAMES))
    assert found.pairs == ()
    assert -0.25 < found.average < 0
    assert np.isnan(np.diag(found.q3)).all()


def test_of_pairs_that_hardly_anybody_answered_nothing_is_said():
    answers = asked(twins=True)
    answers[:400, 3] = -1
    answers[400:, 5] = -1
    found = dependence(calibrate(answers, items=NAMES))
    assert np.isnan(found.q3[3, 5])
    assert found.pairs == ()


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(8)))
def test_the_order_of_persons_and_items_does_not_matter(order):
    answers = asked(twins=True)[:300]
    plain = dependence(calibrate(answers, "rasch", items=NAMES))
    names = tuple(NAMES[j] for j in order)
    turned = dependence(calibrate(answers[::-1, order], "rasch", items=names))
    assert turned.q3 == pytest.approx(plain.q3[np.ix_(order, order)], abs=1e-4, nan_ok=True)
    assert turned.q3 == pytest.approx(turned.q3.T, abs=1e-12, nan_ok=True)
