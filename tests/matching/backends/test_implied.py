"""What an option needs is looked at before it, and no path is followed that cannot meet its needs."""

from __future__ import annotations

import numpy as np
import pytest

from matching.backends import searching
from matching.backends.implied import can_be_met, needed_first
from matching.backends.kernel import NOTHING, Terms, desk_of
from matching.backends.local import local_of
from matching.backends.passes import costs_of, endless
from tests.matching.factories import draft, problem


@pytest.fixture
def local():
    """Return one teacher's options A to F, held three at a time; A needs D, and D needs F."""
    round_ = problem()
    for place in "ABCDEF":
        round_.section(place, capacity=5, offering=place)
    round_.row("prerequisites", offering="A", requires="D")
    round_.row("prerequisites", offering="D", requires="F")
    round_.teacher("Li", ranks=list("ABCDEF"), most_sections=3)
    return local_of(draft(round_.build()))[0]


def laid_out(local, hopes):
    """Return a desk with all options as candidates in their order."""
    desk = desk_of(local, np.array([0]))
    desk.order[:], desk.net[:], desk.hope[:] = np.arange(6), hopes, hopes
    needed_first(local, desk, 0, 0, 6)
    return desk


def test_what_is_needed_comes_first_and_hopes_still_fall(local):
    desk = laid_out(local, [9, 8, 7, 3, 2, 1])
    assert "".join("ABCDEF"[option] for option in desk.order) == "FDABCE"
    assert desk.hope.tolist() == [9, 9, 9, 8, 7, 2]
    assert desk.net.tolist() == [1, 3, 9, 8, 7, 2]


def test_a_path_ends_where_a_need_can_no_longer_be_met(local):
    desk = laid_out(local, [9, 8, 7, 3, 2, 1])
    met = [can_be_met(local, desk, 0, 0, candidate) for candidate in range(6)]
    assert met == [True, False, False, True, True, True]
    desk.path[0] = 0
    assert can_be_met(local, desk, 0, 1, 1)


def test_the_search_meets_no_bundle_that_lacks_what_it_needs(local, monkeypatch):
    answers = []

    def noted(*asked):
        answers.append(lawful(*asked))
        return answers[-1]

    lawful = searching.is_lawful
    monkeypatch.setattr(searching, "is_lawful", noted)
    search = getattr(searching.search, "py_func", searching.search)
    none, everybody = np.zeros(len(local.strict_lo), np.int64), np.array([0])
    terms = Terms(np.array([9, 8, 7, 3, 2, 1]), none, none, np.zeros(local.rows, np.int64))
    room, desk = endless(local.rows), desk_of(local, everybody)
    costs = costs_of(local, terms, everybody)
    assert search(local, terms, costs, room, desk, 0, 1, 0, -1, NOTHING) == 1
    assert desk.score[0] == 8 + 7 + 2
    assert answers
    assert all(answers)
