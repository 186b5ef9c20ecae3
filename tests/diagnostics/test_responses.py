import numpy as np
import pytest

from diagnostics.errors import BadData
from diagnostics.irt.models import Bank
from diagnostics.responses import Answer, answers_of

BANK = Bank(
    ("A", "B"),
    "grm",
    np.array([1.0, 1.0]),
    np.array([[0.5, -0.5], [0.0, np.nan]]),
    np.array([3, 2], np.intp),
)


def test_own_answers_and_those_of_others_stand_apart():
    rows = [
        Answer("T2", "A", "T2", 2, seconds=4.0),
        Answer("T1", "B", "O1", 1),
        Answer("T2", "B", "O1", 0),
    ]
    found = answers_of(BANK, rows, ["T3"])
    assert found.teachers == ("T1", "T2", "T3")
    assert found.raters == ("O1",)
    assert found.own.tolist() == [[-1, -1], [2, -1], [-1, -1]]
    assert found.seconds[1, 0] == 4.0
    assert found.seen.tolist() == [[-1, 1], [-1, 0]]
    assert (found.teacher_of.tolist(), found.rater_of.tolist()) == ([0, 1], [0, 0])


def test_the_last_of_two_answers_holds_in_whatever_order_they_come():
    rows = [
        Answer("T1", "A", "T1", 0, at="2026-05-02"),
        Answer("T1", "A", "T1", 2, at="2026-05-01"),
    ]
    for given in (rows, rows[::-1]):
        assert answers_of(BANK, given).own.tolist() == [[0, -1]]


@pytest.mark.parametrize(("item", "value"), [("C", 0), ("A", 3), ("A", -1), ("B", 2)])
def test_what_the_bank_does_not_know_is_refused(item, value):
    with pytest.raises(BadData, match=item):
        answers_of(BANK, [Answer("T1", item, "T1", value)])
