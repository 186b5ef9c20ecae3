"""A session asks evenly, never twice, ends when it may, and goes on where it was left."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.pool import Pool, one_trait
from diagnostics.adaptive.session import Precise, Session
from tests.diagnostics.adaptive.pools import bank, correlated, pool, pool_of_traits

POOL = pool()
STOP = Precise(0.3, 12)


def session(asked=POOL, stop=STOP, teacher="T1", **more):
    mean, covariance = np.zeros(asked.traits), correlated(asked.traits)
    return Session(asked, mean, covariance, stop, seed="2026", teacher=teacher, **more)


def play(going, answers):
    for category in answers:
        if going.next_item is None:
            break
        going.answer(going.next_item, category)
    return going


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12), st.integers(0, 11))
def test_it_is_resumed_by_its_answers(categories, left):
    whole = play(session(), categories)
    again = play(session(answers=whole.answers[:left]), categories[left:])
    assert again.answers == whole.answers
    assert again.ended == whole.ended
    assert (again.belief.mean == whole.belief.mean).all()


def test_items_measured_anew_midway_keep_what_was_answered():
    """Negative control: by the same measures nothing departs, and the same item comes next."""
    whole = play(session(), [1, 2, 3, 0, 2])
    assert not session(answers=whole.answers).departed
    weaker = replace(POOL.bank, slopes=POOL.bank.slopes[::-1] * 0.6)
    other = session(replace(POOL, bank=weaker), answers=whole.answers)
    assert other.departed
    assert other.answers == whole.answers
    assert other.next_item not in {answer.item for answer in whole.answers}
    assert other.belief.covariance[0, 0] > whole.belief.covariance[0, 0]


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_areas_are_asked_evenly_and_no_item_twice(categories):
    done = play(session(), categories)
    items = [answer.item for answer in done.answers]
    counts = np.bincount(POOL.area_of[items], minlength=3)
    assert len(set(items)) == len(items)
    assert counts.max() - counts.min() <= 1


def test_it_ends_when_everything_is_known_well_enough():
    done = play(session(stop=Precise(0.45, 30)), [2] * 30)
    assert done.ended == "stop_precise"
    assert done.belief.covariance[0, 0] <= 0.45**2
    before = play(session(stop=Precise(0.45, 30)), [2] * (len(done.answers) - 1))
    assert before.ended is None


def test_it_ends_at_the_most_items_and_when_none_is_left():
    assert play(session(stop=Precise(0.01, 5)), [1] * 30).ended == "stop_longest"
    done = play(session(stop=Precise(0.01, 99)), [1] * 30)
    assert done.ended == "stop_no_items"
    assert len(done.answers) == 30


def test_better_known_traits_are_asked_as_often_but_later():
    """Of areas asked equally often, the one where most is to be learnt comes first."""
    asked = pool_of_traits(traits=2)
    known = Session(
        asked, np.zeros(2), np.diag([0.05, 1.0]), Precise(0.01, 4), seed="1", teacher="T1"
    )
    assert known.next_item is not None
    assert asked.area_of[known.next_item] == 1


def test_a_dear_item_is_left_to_others():
    free = session().next_item
    dear = np.zeros(len(POOL.bank))
    dear[free] = 10.0
    assert session(POOL.priced(dear)).next_item != free


def test_teachers_differ_and_each_is_the_same_again():
    first = {session(teacher=f"T{n}").next_item for n in range(40)}
    assert len(first) > 1
    assert session(teacher="T7").next_item == session(teacher="T7").next_item


def test_an_answer_to_something_else_is_refused_and_changes_nothing():
    going = session()
    asked = going.next_item
    other = (asked + 1) % 30
    with pytest.raises(CannotAsk, match=f"Q{asked}"):
        going.answer(other, 1)
    with pytest.raises(CannotAsk, match="0 至 3"):
        going.answer(asked, 4)
    assert going.next_item == asked
    assert going.answers == []


def test_a_double_click_is_refused():
    going = session()
    asked = going.next_item
    going.answer(asked, 1)
    with pytest.raises(CannotAsk):
        going.answer(asked, 1)
    assert len(going.answers) == 1


def test_parts_that_do_not_fit_the_bank_are_refused():
    few = bank(4)
    with pytest.raises(CannotAsk, match="4"):
        one_trait(few, [0, 0, 0])
    with pytest.raises(CannotAsk):
        one_trait(few, [0, 0, 0, 0]).priced(np.zeros(3))
    none = np.zeros(4, np.intp)
    with pytest.raises(CannotAsk):
        Pool(few, np.ones((1, 1)), none, none + 2, np.ones((1, 1)))
