"""Compiling: every rule and goal posts once, and only the tightest of equal limits is kept."""

import pytest
from hypothesis import given, settings

from matching.backends.cp_sat import solve_oracle
from matching.compile import compile_instance
from matching.errors import BadInstance
from matching.generate import generate
from matching.instance import Instance
from tests.matching.counties import counties
from tests.matching.factories import D1, D2, draft, problem


def released(*limits: tuple[str, str, int]):
    """A meets on two days; school one has limits on some half-days of them."""
    meets = [f"{day} {half}" for day in (D1, D2) for half in ("am", "pm")]
    round_ = problem().section("A", capacity=9, meets=meets)
    for name in ("Li", "Ma", "Wu"):
        round_.teacher(name, ranks=["A"], school="one")
    for number, (day, half, most) in enumerate(limits):
        line = {"school": "one", "day": day, "half": half, "most_away": most}
        round_.row("releases", id=f"l{number}", **line)
    return round_.build()


def kept(instance: Instance) -> dict[str, int]:
    rows = compile_instance(instance).shared_rows
    return {row.id: row.hi for row in rows if row.rule == "school_release"}


def test_of_limits_on_the_same_people_the_lowest_is_kept():
    """Four half-days, limits 3, 2, 2 and 5: one row of 2 remains, the first of its equals."""
    limits = ((D1, "am", 3), (D1, "pm", 2), (D2, "am", 2), (D2, "pm", 5))
    assert kept(released(*limits)) == {"school_release:l1": 2}


def test_limits_on_other_people_are_all_kept():
    """Negative control: B meets in the afternoon only, so the afternoon concerns more choices."""
    meets = [f"{D1} am", f"{D1} pm"]
    round_ = problem().section("A", capacity=9, meets=meets)
    round_.section("B", capacity=9, meets=meets[1:]).teacher("Li", ranks=["A", "B"], school="one")
    for half, most in (("am", 1), ("pm", 2)):
        line = {"school": "one", "day": D1, "half": half, "most_away": most}
        round_.row("releases", id=half, **line)
    assert kept(round_.build()) == {"school_release:am": 1, "school_release:pm": 2}


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties())
def test_nothing_that_matters_is_left_out(county):
    instance = Instance.from_rows(*county)
    full = solve_oracle(draft(instance), instance.tiers)
    compiled = solve_oracle(compile_instance(instance), instance.tiers)
    assert (full is None) == (compiled is None)
    assert full is None or full.values == compiled.values


def test_only_goals_of_the_tiers_post():
    round_ = problem({"welfare": 1}).section("A", capacity=1, fee_fen=5).teacher("Li", ranks=["A"])
    assert list(compile_instance(round_.build()).values) == ["welfare"]
    assert compile_instance(problem({"cost": 1}, {"welfare": 1}).build()).values.keys() == {
        "cost",
        "welfare",
    }


def test_a_goal_nobody_knows_is_refused_with_those_that_are():
    with pytest.raises(BadInstance, match=r"unknown goal 'glory' in tiers; goals are hours_short"):
        compile_instance(problem({"glory": 1}).build())


def test_compiling_asks_columns_and_builds_nothing_per_teacher_or_choice():
    """No dictionary of a teacher's attributes and no look-up of pairs: they cost gigabytes at 10^6."""
    instance = generate("every-rule", 300, 1)
    compile_instance(instance)
    assert not {"teacher_attributes", "arc_index", "teachers_covered"} & set(vars(instance))
