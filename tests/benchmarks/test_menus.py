"""Menus in a small crowded county, histories and their peers, under the product's own functions."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import menus, questions
from benchmarks.crowded import NOTHING, bound_of, dry_run, gini, prices_of, seated, world
from benchmarks.histories import drawn, recall_and_gain, tables


@pytest.fixture(scope="module")
def county():
    return world(160, 40, 3)


@pytest.fixture(scope="module")
def bound(county):
    return bound_of(dry_run(county.truth, county.capacity))


def welfare(county, bound, prices):
    shown, _ = menus.shown(county, prices, 10)
    return menus.figures(county, bound, menus.ranked(county, shown), shown)


def test_menus_less_the_price_come_near_the_bound_and_those_by_utility_do_not(county, bound):
    """The negative control: what everybody likes is on everybody's menu, and most go short."""
    prices = prices_of(dry_run(county.estimate, county.capacity))
    priced, crowded = welfare(county, bound, prices), welfare(county, bound, {})
    assert priced["welfare_over_bound"] >= 0.9
    assert priced["none_percent"] <= 1
    assert priced["exposure_gini"] <= 0.35 < crowded["exposure_gini"]
    assert crowded["welfare_over_bound"] < 0.9
    assert crowded["all_three_percent"] < priced["all_three_percent"]


def test_a_list_holds_each_section_once_in_her_order(county):
    known = np.tile([5, 7, 5, 9, 7, 1, 2, 3, 4, 5, 6, 8], (160, 1))
    lists = menus.ranked(county, known)
    for row, line in enumerate(lists):
        kept = line[line != NOTHING]
        assert sorted(kept) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
        worth = county.truth[row, kept]
        assert (worth[1:] <= worth[:-1]).all()


def test_seats_stay_within_capacity_and_lists(county):
    lists = np.argsort(-county.truth, axis=1)[:, :4]
    lists[::2, 3] = NOTHING
    held = seated(lists, county.capacity)
    assert not held[::2, 3].any()
    assert (held.sum(axis=1) <= 3).all()
    assert (np.bincount(lists[held], minlength=40) <= county.capacity).all()


def test_gini_of_equal_shares_is_0_and_of_one_share_near_1():
    assert gini(np.ones(50)) == pytest.approx(0)
    assert gini(np.eye(50)[0]) == pytest.approx(0.98)


def test_recall_and_gain_by_hand():
    """One hidden course at place 2 of what was not seen: recall 1, gain 1 / log2(3)."""
    scores = np.array([[9.0, 8.0, 7.0, *range(-1, -20, -1)]])
    seen, hidden = np.zeros(scores.shape, bool), np.zeros(scores.shape, bool)
    seen[0, 0], hidden[0, 2] = True, True
    assert recall_and_gain(scores, seen, hidden) == pytest.approx([1, 1 / np.log2(3)])


@pytest.mark.parametrize("kind", ["tracks", "factors"])
def test_histories_have_one_course_and_more(kind):
    found = drawn(kind, 200, 60, 0)
    count = found.taken.sum(axis=1)
    assert count.min() >= 1
    assert 2.5 < count.mean() < 3.5


def test_what_is_learned_is_ahead_of_popularity_and_factors():
    told = {name.split(", tracks, ")[-1]: row for name, row in tables(1_000, 80, 300)}
    ours = told["EASE and RP3beta, stage and subject"]
    peers = ("popularity", "PureSVD, best of 3", "implicit ALS, best of 4")
    assert ours["recall"] > 1.2 * max(told[name]["recall"] for name in peers)
    assert ours["cold_recall"] > 1.3 * told["popularity"]["cold_recall"]


def test_ten_questions_raise_the_mean_and_answers_turned_round_do_not():
    """A county of 30 before 20 sections; the negative control answers with the other section."""
    found = questions.taste(30, 20, 0)
    wrong = replace(found, sign=-1.0)

    def mean(of):
        worth = questions.after(of, 10, questions.chosen)
        return questions.shares(found, questions.handed_in(found, worth), 0).mean()

    before = questions.after(found, 0, questions.chosen)
    none = questions.shares(found, questions.handed_in(found, before), 0).mean()
    assert mean(found) > none > mean(wrong)
