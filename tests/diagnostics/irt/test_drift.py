"""From year to year: anchors that moved are named, the others carry the scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.irt.calibration import calibrate
from diagnostics.irt.drift import drift, stocking_lord
from diagnostics.irt.errors import BadAnswers
from tests.diagnostics.irt.published import draw, items

NAMES = [f"q{j}" for j in range(10)]
SLOPES, CUTS = items(10, steps=(-0.8, 0.8))


@pytest.fixture(scope="module")
def before():
    return calibrate(draw(1000, SLOPES[:7], CUTS[:7], seed=1)[0], items=tuple(NAMES[:7]))


def this_year(harder=0.0, seed=4):
    """Items q1 to q9; q3 has become harder, the people 0.4 better."""
    cuts = CUTS.copy()
    cuts[3] += harder
    theta = np.random.default_rng(seed).normal(0.4, 0.9, 800)
    return draw(0, SLOPES[1:], cuts[1:], seed=seed, theta=theta)[0]


def test_an_anchor_that_moved_is_named_and_the_scale_rests_on_the_others(before):
    found = drift(this_year(harder=0.8), before, items=NAMES[1:])
    assert [anchor.item for anchor in found.anchors] == NAMES[1:7]
    assert [anchor.item for anchor in found.anchors if anchor.flagged] == ["q3"]
    moved = found.anchors[2]
    assert moved.notable
    assert moved.signed < -0.15
    assert moved.degrees == 3
    assert found.mean == pytest.approx(0.4, abs=0.12)
    assert found.linked_mean == pytest.approx(found.mean, abs=0.08)
    assert found.linked_sd == pytest.approx(found.sd, abs=0.08)


def test_people_who_got_better_are_no_drift(before):
    found = drift(this_year(), before, items=NAMES[1:])
    assert not any(anchor.flagged for anchor in found.anchors)
    assert found.mean == pytest.approx(0.4, abs=0.12)


def test_a_scale_with_too_few_old_items_is_refused(before):
    answers = draw(300, *items(6, seed=3), seed=2)[0]
    with pytest.raises(BadAnswers) as refusal:
        drift(answers, before, items=["q0", *"abcde"])
    assert refusal.value.code == "drift_few_anchors"
    assert "17 %" in refusal.value.say("en")
    assert "2" in refusal.value.say("en")


def test_an_anchor_with_other_answers_than_last_year_is_not_judged(before):
    answers = this_year()
    answers[:, 0] = np.minimum(answers[:, 0], 1)
    found = drift(answers, before, items=NAMES[1:])
    assert np.isnan(found.anchors[0].p)
    assert not any(anchor.flagged for anchor in found.anchors)
    assert found.mean == pytest.approx(0.4, abs=0.12)


def test_the_transformation_between_scales_is_found(before):
    """The same items on a scale shifted by 0.3 and stretched by 1.2."""
    bank = before.bank
    new = replace(
        bank,
        slopes=bank.slopes * 1.2,
        intercepts=bank.intercepts + 0.3 * bank.slopes[:, None],
    )
    assert stocking_lord(bank, new) == pytest.approx((0.3, 1.2), abs=1e-3)
