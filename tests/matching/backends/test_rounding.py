"""A bound is rounded down to what values are multiples of, and verify works the same out itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from matching import files, verify
from matching.backends import unlisted
from matching.backends.rounding import rounded, step_of
from matching.bench import of_nothing
from matching.check import measure
from matching.compile import compile_instance
from matching.errors import SolverFailed
from matching.generate import generate
from matching.instance import Instance
from matching.settings import Settings
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.factories import draft, problem

QUICK = Settings(effort="quick", reasons=False)


def rough_county(minutes=480, first=100):
    """Two people who want Maths: points in tens, hours in full."""
    county = problem({"welfare": 3, "hours_short": 1})
    county.section("Maths", capacity=1, minutes=minutes).section("Art", capacity=1, minutes=480)
    for name, most in (("Li", first), ("Ma", 80)):
        county.teacher(name, due={"all": 960})
        county.row("choices", teacher=name, section="Maths", rank=1, points=most)
        county.row("choices", teacher=name, section="Art", rank=2, points=70)
    return county.row("requirements", id="all", weight=2).build()


def test_what_points_and_minutes_have_in_common():
    posted = draft(rough_county())
    assert step_of(posted, {"welfare": 3}) == 30
    assert step_of(posted, {"hours_short": 1}) == 960
    assert step_of(posted, {"welfare": 3, "hours_short": 1}) == 30
    assert step_of(draft(rough_county(minutes=45)), {"hours_short": 1}) == 30
    assert step_of(posted, {"quota_short": 1}) == 1


def test_rounding_goes_down_on_both_sides_of_nothing():
    assert [rounded(bound, 30) for bound in (59, 60, -1, -30)] == [30, 60, -30, -30]


@settings(max_examples=30, deadline=None)
@given(counties())
def test_every_value_is_a_multiple_and_verify_knows_it(county):
    instance = Instance.from_rows(*county)
    posted = draft(instance)
    try:
        result = solve(instance, QUICK)
    except SolverFailed:
        return
    steps = [step_of(posted, goals) for goals in instance.tiers]
    if result.status != "infeasible":
        for goal, step in zip(result.goals, steps, strict=True):
            assert goal.value % step == 0
    nothing = measure(instance, ())
    for goals, step in zip(instance.tiers, steps, strict=True):
        assert sum(weight * nothing[goal] for goal, weight in goals.items()) % step == 0


@pytest.mark.parametrize("kind", ["county", "thin", "every-rule"])
def test_verify_finds_the_same_step_from_the_files(kind, tmp_path):
    instance = generate(kind, 40, 1)
    files.write_instance(instance, tmp_path)
    (goals,) = instance.tiers
    tables = verify.Instance.at(tmp_path)
    assert step_of(compile_instance(instance), goals) == verify.tier_steps(tables, [dict(goals)])[0]
    assert of_nothing(instance, goals) % step_of(compile_instance(instance), goals) == 0


def test_a_bound_is_rounded_as_far_as_values_go_and_no_further(tmp_path, monkeypatch):
    """The leaf may state whole points, or the highest value below; any less is refused."""
    monkeypatch.setattr(unlisted, "BRANCHES", 0)
    instance = generate("county", 100, 0)
    result = solve(instance, QUICK)
    step = step_of(compile_instance(instance), instance.tiers[0])
    (leaf,) = result.certificate[0]
    assert step == 30
    assert leaf.bound % step == 0
    files.write_instance(instance, tmp_path)
    files.write_result(result, tmp_path)
    assert refused(tmp_path, leaf.bound) == set()
    assert refused(tmp_path, rounded(leaf.bound, 7 * step)) == {"certificate"}
    assert refused(tmp_path, leaf.bound - step) == {"certificate"}
    assert refused(tmp_path, leaf.bound + step) == {"certificate"}


def test_odd_points_of_one_wish_forbid_the_rounding(tmp_path):
    """The step is worked out from the tables, not taken from the engine."""
    for first, step in ((100, 30), (101, 3)):
        files.write_instance(rough_county(first=first), tmp_path / str(first))
        tables = verify.Instance.at(tmp_path / str(first))
        assert verify.tier_steps(tables, [{"welfare": 3}]) == [step]


def refused(folder, bound):
    """Return the checks that fail once the leaf and the goal state a bound."""
    path = folder / "certificate.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if ",bound," not in line]
    path.write_text("\n".join([*kept, f"1,1,bound,,{bound}"]) + "\n", encoding="utf-8")
    shelf = verify.Shelf(folder)
    goals = shelf.json("goals.json")
    goals[0] |= {"bound": bound, "proof": "exact" if bound == goals[0]["value"] else "prices"}
    goals[0]["price_bound"] = max(bound, goals[0]["price_bound"])
    (folder / "goals.json").write_text(json.dumps(goals), encoding="utf-8")
    head = shelf.json("result.json")
    head["status"] = "optimal" if goals[0]["proof"] == "exact" else "feasible"
    shelf = verify.Shelf(folder)
    head["files"] = {name: shelf.digest(name, text=True) for name in head["files"]}
    (folder / "result.json").write_text(json.dumps(head), encoding="utf-8")
    return {check.code for check in verify.verify(folder) if check.problems}
