"""No reason is untrue: on random counties each is held against everything its teacher could do."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from matching.instance import Instance
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.explain.looking import Looking
from tests.matching.explain.stories import MISSES


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties())
def test_no_reason_on_a_random_county_is_untrue(county):
    instance = Instance.from_rows(*county)
    result = solve(instance)
    if result.status != "infeasible":
        looking = Looking(instance, result)
        for reason in result.reasons:
            assert looking.is_true(reason), reason


@pytest.mark.parametrize("code", [code for code in MISSES if code != "goal_several"])
def test_no_reason_of_a_story_is_untrue_and_no_other_story_fits_it(code):
    """Negative control: told with the code of another family, each would be found untrue."""
    round_, teacher, section, *_ = MISSES[code]
    instance = round_.build()
    result = solve(instance)
    looking = Looking(instance, result)
    (told,) = (r for r in result.reasons if (r.teacher, r.subject) == (teacher, section))
    assert looking.is_true(told)
    others = {"eligible", "quota", "strict_hours", "lot"} - {told.code}
    if told.code in ("lot", "locked_seat"):
        others.discard("lot")
    for other in sorted(others):
        assert not looking.is_true(replace(told, code=other, detail={"row": "nothing"})), other


def test_a_reason_with_wrong_numbers_is_found_out():
    for code, wrong in (
        ("full", {"have": 2}),
        ("closed_below_minimum", {"have": 2}),
        ("goal_cost", {"have": 71}),
    ):
        round_, teacher, section, *_ = MISSES[code]
        instance = round_.build()
        result = solve(instance)
        (told,) = (r for r in result.reasons if (r.teacher, r.subject) == (teacher, section))
        assert not Looking(instance, result).is_true(replace(told, **wrong))
