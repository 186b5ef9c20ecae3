"""The friendly builder writes the same tables as files do."""

import doctest

from matching import problem as module
from matching.problem import Problem, rank_points
from tests.matching.factories import D1, best


def test_the_example_in_its_documentation_runs():
    assert doctest.testmod(module).failed == 0


def test_ranks_become_choices_with_points_and_ties():
    built = Problem().section("A", capacity=1).section("B", capacity=1).section("C", capacity=1)
    instance = built.teacher("Li", ranks=["C", "A+B"]).build()
    assert instance["choices"].integers("rank").tolist() == [2, 2, 1]
    assert instance["choices"].integers("points").tolist() == [90, 90, 100]
    assert instance["ties"].text("tie") == ("2", "2")


def test_points_fall_by_ten_and_never_below_ten():
    assert [rank_points(rank) for rank in (1, 2, 10, 40)] == [100, 90, 10, 10]


def test_meetings_attributes_and_dues():
    round_ = Problem().row("requirements", id="zhuanye", where="level=county")
    round_.section("A", capacity=1, minutes=60, meets=[f"{D1} pm"], attributes={"level": "county"})
    round_.teacher("Li", ranks=["A"], due={"zhuanye": 60}, attributes={"years": 7, "role": ["10"]})
    instance = round_.build()
    assert instance.halves_of == (((D1, "pm"),),)
    assert instance.teacher_attributes[0]["years"] == {"7"}
    assert best(instance) == "Li:A"
