"""What a draft keeps of what rules post: groups of which nobody holds two."""

import numpy as np
import pytest

from matching import aside
from matching.primitives import Amount, BundleRow, Draft
from tests.matching.factories import problem


@pytest.fixture
def posted():
    round_ = problem()
    for name in "ABCD":
        round_.section(name, capacity=1)
    return Draft(round_.build())


def kept(draft, rule="clash"):
    return [group.tolist() for group in draft.exclusive_groups[rule]]


def test_groups_stand_once_and_in_order_however_they_come(posted):
    posted.exclusive("clash", [(3, 1), [2, 0, 1], (1, 3, 3), [2], []])
    posted.exclusive("clash", [(0, 1)])
    assert kept(posted) == [[0, 1], [0, 1, 2], [1, 3]]


def test_sections_exclude_each_other_within_a_group_only(posted):
    """B is in both groups, D with B alone; nobody excludes itself."""
    posted.exclusive("clash", [(0, 1, 2), (1, 3)])
    everybody = np.arange(4)
    found = [posted.excludes("clash", section, everybody).tolist() for section in range(4)]
    assert found == [[0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 0]]
    assert posted.clash(np.array([2, 0]))
    assert not posted.clash(np.array([0, 3, 3]))


def test_a_group_posted_after_a_question_is_heard(posted):
    posted.exclusive("clash", [(0, 1)])
    assert not posted.clash(np.array([2, 3]))
    posted.exclusive("clash", [(2, 3)])
    assert posted.clash(np.array([2, 3]))


def test_a_pool_may_end_with_the_128th_teacher():
    """Places are kept in few bytes; the one after 127 does not fit into eight bits."""
    round_ = problem()
    round_.row("sections", id="A", offering="A", capacity=200)
    for number in range(130):
        round_.row("teachers", id=f"T{number:03}", most_sections=1)
        round_.row("choices", teacher=f"T{number:03}", section="A", rank=1, points=1)
    draft = Draft(round_.build())
    assert draft.pool(np.array([0]), np.arange(100, 128)).arcs.tolist() == list(range(100, 128))


def test_limits_of_very_many_teachers_lie_aside(posted, monkeypatch):
    row = BundleRow("cap", "", Amount(np.ones(0, np.int64)), hi=np.arange(9), lo=np.zeros(9, int))
    posted.bundle_row(row)
    monkeypatch.setattr(aside, "LONG", 1)
    posted.bundle_row(row)
    for kept, is_aside in zip(posted.bundle_rows, (False, True), strict=True):
        assert [limit.flags.writeable for limit in (kept.lo, kept.hi)] == [not is_aside] * 2
        assert (kept.lo.tolist(), kept.hi.tolist()) == ([0] * 9, list(range(9)))
