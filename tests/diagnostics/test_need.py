import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from catalog.menus import Item
from diagnostics import need
from diagnostics.errors import BadData
from diagnostics.framework import framework
from diagnostics.need import (
    OWN_WORDS,
    gap,
    gaps,
    largest_move,
    menu_needs,
    need_matrix,
    seated,
    swing,
)
from diagnostics.profile import Estimate, posterior, profiles
from diagnostics.responses import Rating
from tests.diagnostics.test_teachers import teacher

COMMON = framework()
LARGEST_MOVE = 561
"""Thousandths of a level by which one level more in a self rating can move a need; the figure is
printed in diagnostics/need.py and found below over every case with up to two observers."""


@dataclass(frozen=True)
class Section:
    dimensions: tuple[str, ...]


def certain(level, dimension="XK2"):
    """A distribution that sits on one level."""
    return Estimate(dimension, tuple(int(k == level) for k in range(1, 5)), 1, 1, False)


def test_a_gap_is_the_expected_distance_below_the_target():
    """Half at 1, half at 3, target 3: E = (2 + 0) / 2 = 1, variance = (4 + 0) / 2 - 1 = 1."""
    found = gap(Estimate("XK2", (1, 0, 1, 0), 1, 1, False), 3)
    assert (found.expected, found.variance, found.sd, found.below) == (
        1000,
        1,
        1000,
        Fraction(1, 2),
    )


@pytest.mark.parametrize(("level", "missing"), [(1, 2000), (2, 1000), (3, 0), (4, 0)])
def test_above_the_target_there_is_no_need(level, missing):
    assert gap(certain(level), 3).expected == missing
    assert gap(certain(level), 3).sd == 0


def test_the_widest_gap_comes_first():
    (profile,) = profiles(
        COMMON, ["T1"], [Rating("T1", "FZ1", "observer", f"O{i}", 1) for i in (1, 2)]
    )
    first = gaps(profile, COMMON.targets_for(teacher()))[0]
    assert first.dimension == "FZ1"
    assert "目标3级，依据2次评价" in first.say(COMMON)


def test_a_gap_without_ratings_says_so():
    (profile,) = profiles(COMMON, ["T1"], [])
    sentence = gaps(profile, COMMON.targets_for(teacher()))[0].say(COMMON)
    assert "尚无评价" in sentence
    assert sentence.endswith("证据不足，仅供参考。")


def matrix(*sections, ratings=()):
    found = profiles(COMMON, ["T1"], ratings)
    targets = [COMMON.targets_for(teacher())] * len(found)
    return need_matrix(found, targets, sections)


def test_a_section_is_worth_the_mean_of_its_gaps():
    """Base rates, target 3: .15 * 2 + .40 * 1 = .700; target 2: .15 * 1 = .150; mean .425."""
    values, sds = matrix(Section(("XK1",)), Section(("XK5",)), Section(("XK1", "XK5")), Section(()))
    assert values.tolist() == [[700, 150, 425, 0]]
    # variances: .15 * 4 + .40 - .49 = .51 and .15 - .0225 = .1275; mean of two: sqrt(.6375) / 2
    assert sds.tolist() == [[714, 357, 399, 0]]


def test_naming_every_dimension_is_worth_no_more_than_the_widest_gap():
    everything = Section(tuple(d.code for d in COMMON.dimensions))
    values, _ = matrix(everything, *(Section((d.code,)) for d in COMMON.dimensions))
    assert values[0, 0] <= values[0, 1:].max()


def test_an_unknown_dimension_is_an_error_not_a_zero():
    with pytest.raises(BadData, match="ZZ9"):
        matrix(Section(("ZZ9",)))


def test_no_teachers_no_rows():
    assert need_matrix([], [], [Section(("XK1",))])[0].shape == (0, 1)


def counts(levels):
    return tuple(levels.count(level) for level in range(1, 5))


def expected(own, observers, target):
    weights = posterior(COMMON.model, (counts([own]), counts(list(observers))))
    return gap(Estimate("XK2", weights, 1, len(observers), False), target).expected


def test_one_level_more_in_a_self_rating_moves_a_need_by_a_bounded_amount():
    """Talking oneself up lowers the need, and never by more than the printed figure."""
    moves = [
        expected(own, observers, target) - expected(own + 1, observers, target)
        for n in range(5)
        for observers in combinations_with_replacement(range(1, 5), n)
        for target in range(1, 5)
        for own in range(1, 4)
    ]
    assert min(moves) >= 0
    assert max(moves) == LARGEST_MOVE == largest_move(COMMON.model) == swing(COMMON.model)
    assert f"{LARGEST_MOVE / 1000} levels" in (need.__doc__ or "")


def test_a_model_that_believes_own_words_more_swings_more():
    trusting = dataclasses.replace(COMMON.model, self_lean_sd=Fraction(1, 5))
    assert swing(trusting) > LARGEST_MOVE


def test_own_words_move_what_a_seat_counts_by_a_bounded_amount_and_never_backwards():
    """Every gap of three levels against every outside gap, in steps of .02 levels."""
    for outside in range(0, 3001, 20):
        counted = [seated(full, outside) for full in range(0, 3001, 20)]
        assert all(abs(one - outside) <= OWN_WORDS for one in counted)
        assert counted == sorted(counted)
        assert seated(outside, outside) == outside
    assert seated(1040, 1000) == 1040  # little is counted in full


def test_a_menu_is_told_needs_by_section_and_whether_there_is_a_diagnosis():
    items = [Item("A", "A", "a", dimensions=("XK1",)), Item("B", "B", "b", dimensions=("XK5",))]
    targets = COMMON.targets_for(teacher())
    (blank,) = profiles(COMMON, ["T1"], [])
    told = menu_needs(COMMON, blank, targets, items)
    assert (told.values, told.diagnosed) == ({"A": 700, "B": 150}, False)
    (rated,) = profiles(COMMON, ["T1"], [Rating("T1", "XK1", "self", "T1", 4)])
    told = menu_needs(COMMON, rated, targets, items)
    assert told.diagnosed
    assert told.values["A"] == told.gaps["XK1"] < 700
    assert "XK1" in told.thin
