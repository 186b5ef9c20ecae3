"""What is asked is what may change the menu, and only while that is worth the time."""

import math

import numpy as np
import pytest

from diagnostics.adaptive.belief import Belief
from diagnostics.adaptive.focus import MenuFocus, below
from diagnostics.adaptive.session import Session
from tests.diagnostics.adaptive.pools import correlated, pool_of_traits

POOL = pool_of_traits()
CUTS = np.tile([-0.8, 0.0, 0.8], (3, 1))
MINUTES = np.full(30, 0.15)


def focus(**more):
    settings = {"length": 1, "price": 0.02, "longest": 20} | more
    return MenuFocus(np.array([3, 3, 3]), CUTS, settings.pop("minutes", MINUTES), **settings)


def chosen(rule, mean, covariance, items=30, asked=()):
    belief = Belief(POOL, np.array(mean), np.array(covariance))
    return rule.choose(belief, np.arange(items), np.zeros(30), asked)


def play(rule, mean=(0.0, 0.0, 0.0), rho=0.7, **more):
    start = np.array(mean), correlated(rho=rho)
    going = Session(POOL, *start, rule, seed="1", teacher="T1", **more)
    while going.next_item is not None:
        going.answer(going.next_item, going.next_item % 4)
    return going


def test_the_table_is_the_normal_distribution():
    at = np.linspace(-7, 7, 999)
    exact = [0.5 + 0.5 * math.erf(each / math.sqrt(2)) for each in at]
    assert below(at) == pytest.approx(exact, abs=0.0021)


def test_gaps_are_levels_lacked_in_expectation():
    """At 0, known well, levels 1 and 2 are reached half the time: 3 is lacked by one half."""
    rule = MenuFocus(np.array([3, 1, 4]), CUTS, MINUTES)
    found = rule.gaps(np.zeros(3), np.full(3, 0.01))
    assert found == pytest.approx([0.5, 0.0, 1.5], abs=0.01)


def test_the_dimension_that_could_matter_is_asked():
    """Two vie for the one place; the third is surely fine. Negative control: now it is not."""
    doubt = np.diag([0.3, 0.3, 0.3])
    item, _ = chosen(focus(), (-0.8, -0.8, 3.0), doubt)
    assert POOL.area_of[item] != 2
    item, _ = chosen(focus(), (3.0, -0.8, -0.8), doubt)
    assert POOL.area_of[item] != 0


def test_it_ends_where_nothing_could_change_the_menu():
    sure = 0.02 * np.eye(3)
    assert chosen(focus(), (-2.0, 1.0, 1.0), sure) == (None, "stop_menu")
    assert chosen(focus(), (-0.3, -0.3, 1.0), 20 * sure)[1] is None


def test_a_minute_that_is_dear_ends_it_earlier():
    cheap, dear = (len(play(focus(price=price)).answers) for price in (0.0, 0.3))
    assert dear < cheap


def test_items_that_take_long_are_left():
    """The same item in 0.15 minutes is asked, in 15 it is not worth it."""
    assert chosen(focus(), (0.0, 0.0, 0.0), np.eye(3))[1] is None
    slow = focus(minutes=100 * MINUTES)
    assert chosen(slow, (0.0, 0.0, 0.0), np.eye(3)) == (None, "stop_menu")


def test_each_group_is_asked_before_the_end():
    """Negative control: without that an area that cannot matter is never asked."""
    groups = POOL.area_of

    def areas(rule):
        done = play(rule, (-0.5, -0.5, 3.0), 0.0)
        return set(groups[[answer.item for answer in done.answers]].tolist()), done.ended

    assert areas(focus()) == ({0, 1}, "stop_menu")
    assert areas(focus(price=9.0, group_of=groups, least=1)) == ({0, 1, 2}, "stop_menu")
    assert areas(focus(longest=3, group_of=groups, least=1)) == ({0, 1, 2}, "stop_longest")


def test_it_ends_at_the_most_items_and_when_none_is_left():
    assert len(play(focus(price=-1.0, longest=5)).answers) == 5
    done = play(focus(price=-1.0, longest=99))
    assert (len(done.answers), done.ended) == (30, "stop_no_items")


def test_it_is_resumed_by_its_answers():
    whole = play(focus(price=0.0))
    again = play(focus(price=0.0), answers=whole.answers[:3])
    assert again.answers == whole.answers
    assert (again.belief.mean == whole.belief.mean).all()
