from fractions import Fraction

import numpy as np
import pytest

from catalog.choices import Chooser, find
from catalog.odds import Lists, Odds, as_of_last_time, odds_sentence, shrunk, tallied
from tests.catalog.menus import item


def lists(lines, wanted):
    """Lines are (teacher, section, rank, seated)."""
    teacher, section, rank, seated = np.array(lines).T
    return Lists(teacher, section, rank, seated.astype(bool), np.array(wanted))


def test_who_got_something_better_says_nothing_of_the_odds():
    """All ask for section 1: 0 holds her first choice, 1 holds section 1, 2 went without."""
    asked = [(0, 0, 1, 1), (0, 1, 2, 0), (1, 1, 1, 1), (2, 0, 1, 0), (2, 1, 2, 0)]
    found = tallied(lists(asked, [1, 1, 1]), ["A", "B", "C"])
    assert (found["B"].asked, found["B"].seated, found["B"].better) == (3, 1, 1)
    assert (found["A"].asked, found["A"].seated, found["A"].better) == (2, 1, 0)
    assert (found["C"].asked, found["C"].per_mille) == (0, 500)


def test_lists_by_name_are_the_same():
    """Line 2 of Li ties two sections; what is not on offer any more is left out."""
    ranked = {"Li": [["A"], ["B", "C"]], "Wang": [["B"], ["GONE"]]}
    found = Lists.of(ranked, {("Li", "A"), ("Wang", "B")}, {"Li": 1}, ["A", "B", "C"])
    told = tallied(found, ["A", "B", "C"])
    assert [(odds.asked, odds.seated, odds.better) for odds in told.values()] == [
        (1, 1, 0),
        (2, 1, 1),
        (1, 0, 1),
    ]
    assert tallied(Lists.of({}, (), {}, ["A"]), ["A"])["A"].asked == 0


def test_who_wants_two_is_not_served_by_one_better_choice():
    asked = [(0, 0, 1, 1), (0, 1, 2, 0)]
    assert tallied(lists(asked, [2]), ["A", "B"])["B"].better == 0
    assert tallied(lists(asked, [1]), ["A", "B"])["B"].better == 1


def test_what_is_tied_at_one_rank_is_not_better():
    asked = [(0, 0, 1, 1), (0, 1, 1, 0)]
    assert tallied(lists(asked, [1]), ["A", "B"])["B"].better == 0


def test_two_of_two_is_not_certain():
    """Of 300 elsewhere 150 got in; two of two lie between a half and one, 95 of 100 near .95."""
    chances = shrunk(np.array([2, 95, 60, 20, 35]), np.array([2, 100, 100, 50, 50]))
    assert 500 < chances[0] < 950
    assert chances[1] == pytest.approx(950, abs=30)


@pytest.mark.parametrize(("seated", "chance"), [([0, 0], 0), ([4, 9], 1000)])
def test_all_or_nobody_got_in(seated, chance):
    assert shrunk(np.array(seated), np.array([4, 9])).tolist() == [chance, chance]


def test_chances_are_calibrated_where_sections_are_small():
    """Sections of 1 to 30 askers: the shrunk chances miss the truth by less than plain shares."""
    rng = np.random.default_rng(5)
    truth, tried = rng.beta(4, 2, 400), rng.integers(1, 31, 400)
    seated = rng.binomial(tried, truth)
    missed = ((shrunk(seated, tried) / 1000 - truth) ** 2).mean()
    assert missed < 0.5 * ((seated / tried - truth) ** 2).mean()


def test_the_sentence_has_the_counts():
    told = odds_sentence(Odds(120, 40, 60, 672)).say()
    assert told.startswith("上次有120人填报：录取40人，另有60人已录满更靠前的志愿。")
    assert "每10人中估计约有7人" in told
    assert odds_sentence(Odds(120, 40, 60, 672, "dry_run")).say().startswith("试算中有120人")
    assert odds_sentence(Odds(4, 4, 0, 900)).say().startswith("上次填报本班次的不足5人")
    assert odds_sentence(None).say() == "本班次没有上次的录取情况可供参考。"


def test_a_price_of_last_time_is_points_and_closes_nothing():
    """1,500 thousandths of an engine's point at 40 points each are 60."""
    items = as_of_last_time(
        [item("A"), item("NEW")],
        {"A": 1500, "GONE": 9},
        Fraction(40, 1000),
        {"A": Odds(9, 3, 0, 400)},
    )
    assert [one.price for one in items] == [60, 0]
    assert items[1].odds is None
    someone = Chooser("T1", {})
    assert find(someone, items, by="odds") == items
    assert len(find(someone, items)) == 2
