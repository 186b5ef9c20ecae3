"""Fair items: a planted difference is found, and nothing else is called unfair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.irt.dif import dif, false_alarms
from diagnostics.irt.errors import BadAnswers
from tests.diagnostics.irt.published import draw, items


def world(seed=0, planted=0.0, size=400, count=7, steps=(-0.8, 0.8)):
    """Return answers of town and village; the village is 0.4 weaker, item 3 harder for it."""
    slopes, cuts = items(count, seed=2, steps=steps)
    random = np.random.default_rng(seed)
    town, _ = draw(0, slopes, cuts, seed=seed + 100, theta=random.normal(size=size))
    harder = cuts.copy()
    harder[3] += planted
    theta = random.normal(-0.4, 1.1, size)
    village, _ = draw(0, slopes, harder, seed=seed + 200, theta=theta)
    return np.concatenate([town, village]), ["town"] * size + ["village"] * size


def test_a_planted_difference_is_flagged_and_no_other_item():
    answers, groups = world(planted=0.8)
    found = dif(answers, groups, variable="residence")
    assert [item.item for item in found.items if item.flagged] == ["i4"]
    item = found.items[3]
    assert item.degrees == 3
    assert item.notable
    assert item.signed < -0.2, "the village scores lower at equal ability"
    assert found.sizes == (400, 400)
    assert found.means == pytest.approx([0, -0.4], abs=0.15)


def test_groups_that_only_differ_in_ability_raise_few_alarms():
    """21 tests at the 5 % level expect one hit; more than 5 come once in 500 worlds."""
    p = [
        item.p
        for seed in range(3)
        for item in dif(*world(seed + 10, size=300, steps=(0.0,)), "2pl").items
    ]
    assert sum(value < 0.05 for value in p) <= 5
    assert 0.3 < np.mean(p) < 0.7


def test_three_groups_are_compared_at_once_and_unknown_ones_stay_out():
    """The smallest of three groups finds item 4 harder; 50 persons tell no group."""
    slopes, cuts = items(6, seed=2, steps=(0.0,))
    theta = np.random.default_rng(3).normal(size=950)
    answers, harder = (draw(0, slopes, cuts + by, seed=4, theta=theta)[0] for by in (0, 1.2))
    answers[700:900, 3] = harder[700:900, 3]
    groups = ["a"] * 400 + ["b"] * 300 + ["c"] * 200 + [""] * 50
    found = dif(answers, groups, "2pl")
    assert (found.groups, found.sizes) == (("a", "b", "c"), (400, 300, 200))
    assert [item.item for item in found.items if item.flagged] == ["i4"]
    assert found.items[3].degrees == 4


def test_categories_that_one_group_never_chose_do_not_stop_the_test():
    answers, groups = world(size=300, count=7, steps=(-0.5, 1.2))
    answers[300:, 5] = np.minimum(answers[300:, 5], 1)
    answers[300:, 6] = 0
    found = dif(answers, groups)
    assert found.items[5].degrees == 2
    assert np.isnan(found.items[6].p), "one kind of answer in a group cannot be compared"
    assert not found.items[6].flagged
    assert [item.item for item in found.items if item.flagged] in ([], ["i6"])


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        (["a"] * 300, "dif_one_group"),
        (["a"] * 299, "dif_groups_shape"),
        (["a"] * 250 + ["b"] * 49 + [""], "dif_group_small"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(groups, code):
    answers = draw(300, *items(4), seed=1)[0]
    with pytest.raises(BadAnswers) as refusal:
        dif(answers, groups, variable="residence")
    assert refusal.value.code == code
    if code == "dif_group_small":
        assert "b (49)" in refusal.value.say("en")
        assert "residence" in refusal.value.say("en")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_keeps_the_order_and_never_helps(p):
    p = np.array(p)
    adjusted = false_alarms(p)
    assert (adjusted >= p - 1e-15).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    assert (adjusted <= np.minimum(1, len(p) * p) + 1e-12).all()


def test_nobody_tested_stays_unknown():
    assert np.isnan(false_alarms(np.array([np.nan, 0.01]))[0])
    assert false_alarms(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.04, 0.04])
