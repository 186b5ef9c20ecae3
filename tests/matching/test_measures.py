"""Figures people ask for afterwards, each with its arithmetic."""

import pytest

from matching.measures import (
    Group,
    gini,
    groups,
    rank_profile,
    satisfaction,
    wasted_seats,
    worst_off,
)
from tests.matching.factories import problem, seats

RURAL = {"rural": "rural=yes", "town": "rural=no"}


def county():
    """Two sections at most for each; Chen ranked nothing."""
    round_ = problem().section("A", capacity=2).section("B", capacity=3).section("C", capacity=9)
    for name, ranks, rural in (
        ("Li", ["A", "B", "C"], "yes"),
        ("Wang", ["A", "B"], "no"),
        ("Zhou", ["C"], "no"),
        ("Chen", [], "no"),
    ):
        round_.teacher(name, ranks=ranks, most_sections=2, attributes={"rural": rural})
    return round_.build()


def held(text: str):
    return seats(county(), text)


def test_rank_profile_takes_the_best_rank_of_each():
    assert rank_profile(county(), held("Li:B Li:C Wang:A Wang:B")) == {0: 1, 1: 1, 2: 1}


def test_satisfaction_is_the_share_of_her_own_best():
    # Li could have 100 + 90 and has 90 + 80; Wang has 100 of 190; Zhou nothing of 100.
    assert satisfaction(county(), held("Li:B Li:C Wang:A")) == {
        "Li": 1000 * 170 // 190,
        "Wang": 1000 * 100 // 190,
        "Zhou": 0,
    }


def test_worst_off_is_a_percentile():
    some = held("Li:B Li:C Wang:A")
    assert worst_off(county(), some) == 0
    assert worst_off(county(), some, 50) == 1000 * 100 // 190
    assert worst_off(problem().build(), ()) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [([5, 5, 5], 0.0), ([0, 0, 12], 2 / 3), ([1, 3], 0.25), ([0, 0], 0.0), ([], 0.0)],
)
def test_gini(values, expected):
    assert gini(values) == pytest.approx(expected)


def test_groups_side_by_side():
    assert groups(county(), held("Li:B Li:C Wang:A"), RURAL) == {
        "rural": Group(1, 0, 0, 1000 * 170 // 190),
        "town": Group(2, 1, 1, 1000 * 100 // 190 // 2),
    }


def test_waste_is_an_empty_seat_somebody_ranked():
    # A has one seat left and Wang wanted it; B does not run; C has 8 left, and Zhou wanted one.
    assert wasted_seats(county(), held("Li:A Li:C")) == {"A": 1, "C": 1}
    assert wasted_seats(county(), held("Li:A Wang:A")) == {}
