"""Leaves as they are published: multipliers written out, bounds that anybody finds again."""

from __future__ import annotations

import pytest

from matching import files, verify
from matching.certificate import Leaf
from matching.problem import Problem
from matching.settings import Settings
from matching.solve import solve
from tests.matching.factories import problem

QUICK = Settings(effort="quick", reasons=False)


def torn() -> Problem:
    """A brings Li her hour and 10 points, B 25 points and no hour; she takes one section."""
    round_ = problem({"hours_short": 1}, {"welfare": 1})
    round_.section("A", capacity=1, minutes=60).section("B", capacity=1)
    round_.row("requirements", id="all").teacher("Li", due={"all": 60}, most_sections=1)
    for rank, (section, points) in enumerate((("A", 10), ("B", 25)), start=1):
        round_.row("choices", teacher="Li", section=section, rank=rank, points=points)
    return round_


def test_a_multiplier_is_just_so_large_that_nobody_leaves_her_best():
    """25 points less 60 minutes at a quarter of a point each: no more than A's 10."""
    result = solve(torn().build(), QUICK)
    assert [seat.section for seat in result.seats] == ["A"]
    (leaf,) = result.certificate[1]
    assert leaf.floors == (250,)
    assert leaf.bound == 10


def told(leaf: Leaf, bound: int, floor: int) -> verify.Leaf:
    none = verify.Counter()
    return verify.Leaf(
        "2/1", {}, dict(leaf.prices), [floor], bound, none, [], frozenset(), {}, none, none, {}
    )


@pytest.mark.parametrize(("floor", "bound"), [(250, 10), (249, 10), (200, 13), (0, 25)])
def test_a_smaller_multiplier_proves_less(floor, bound, tmp_path):
    """Negative control: 200 thousandths leave 13 points to whoever gives up her hour."""
    files.write_instance(torn().build(), tmp_path)
    result = solve(torn().build(), QUICK)
    case = verify.Case(verify.Instance.at(tmp_path), [("Li", "A", 1, "chosen")])
    leaf = told(result.certificate[1][0], bound, floor)
    claim = verify.Claim(leaf, 2, {"welfare": 1}, (({"hours_short": 1}, 0),))
    assert verify.Certificate(case, [claim]).exact(0) // verify.PRICE_SCALE == bound


def test_what_cannot_be_done_is_proved_so(tmp_path):
    """Two people need the only chair: one hour is missing whatever happens."""
    round_ = problem().section("A", capacity=1, minutes=60).row("requirements", id="all", strict=1)
    for name in ("Li", "Ma"):
        round_.teacher(name, ranks=["A"], due={"all": 60})
    result = solve(round_.build(), QUICK)
    assert result.status == "infeasible"
    (goal,) = result.goals
    assert goal.bound == -60
    files.write_instance(round_.build(), tmp_path)
    files.write_result(result, tmp_path)
    checks = {check.code: check for check in verify.verify(tmp_path)}
    assert not any(check.problems for check in checks.values())
    assert checks["certificate"].left_out == ""
