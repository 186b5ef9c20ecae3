"""Where bundles cannot be listed the reasons are searched for: the same ones, and as true."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings

from matching.backends import asking
from matching.backends.unlisted import solve_unlisted
from matching.errors import RefereeRejected, SolverFailed
from matching.explain import miss_reasons
from matching.generate import generate
from matching.generate.shape import KINDS
from matching.instance import Instance, Ints
from matching.primitives import Draft
from matching.result import Reason, Seat
from matching.settings import Settings
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.explain.looking import Looking
from tests.matching.explain.stories import MISSES
from tests.matching.factories import draft, problem, seats_at
from tests.matching.test_alone import improvable


def arcs_of(instance: Instance, seats: tuple[Seat, ...]) -> Ints:
    pairs = (
        (instance.teacher_index[seat.teacher], instance.section_index[seat.section])
        for seat in seats
    )
    return np.sort(np.array([instance.arc_index[pair] for pair in pairs], np.int64))


def told_both_ways(posted: Draft, arcs: Ints) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    searched = miss_reasons(posted, arcs, {}, is_listed=False)
    return miss_reasons(posted, arcs, {}), searched


def small(monkeypatch: pytest.MonkeyPatch, kind: str, teachers: int, tiers: str) -> Instance:
    """Return a round of a shipped kind with lists so short that all bundles can be listed."""
    shape = replace(KINDS[kind], options=14, ranked=(6, 10), bundle=3)
    monkeypatch.setitem(KINDS, kind, shape)
    return generate(kind, teachers, 1, tiers)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counties())
def test_searched_reasons_are_those_of_the_list(county):
    instance = Instance.from_rows(*county)
    result = solve(instance, Settings(reasons=False))
    if result.status != "infeasible":
        listed, searched = told_both_ways(draft(instance), arcs_of(instance, result.seats))
        assert searched == listed


@pytest.mark.parametrize("code", MISSES)
def test_every_story_is_told_alike(code):
    instance = MISSES[code][0].build()
    result = solve(instance, Settings(reasons=False))
    listed, searched = told_both_ways(draft(instance), arcs_of(instance, result.seats))
    assert searched == listed


@pytest.mark.parametrize("tiers", ["merged", "hours-first"])
@pytest.mark.parametrize("kind", ["county-minima", "thin", "every-rule"])
def test_every_kind_of_round_is_told_alike(monkeypatch, kind, tiers):
    instance = small(monkeypatch, kind, 30, tiers)
    posted = draft(instance)
    solved = solve_unlisted(posted, "quick")
    listed, searched = told_both_ways(posted, solved.arcs)
    assert searched == listed
    assert len(searched) > 30


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties())
def test_no_searched_reason_is_untrue_and_nobody_could_be_better_off_alone(county):
    instance = Instance.from_rows(*county)
    posted = draft(instance)
    try:
        solved = solve_unlisted(posted, "quick")
    except SolverFailed:
        return
    if solved.arcs is None:
        return
    seats = seats_at(instance, solved.arcs.tolist())
    looking = Looking(instance, SimpleNamespace(seats=seats))
    for reason in miss_reasons(posted, solved.arcs, {}, is_listed=False):
        assert looking.is_true(reason), reason
    assert improvable(instance, looking) == []


def test_a_round_too_large_to_list_tells_everybody_her_reasons():
    instance = generate("county", 60, 1)
    result = solve(instance, Settings(effort="quick"))
    given_ = {(seat.teacher, seat.section) for seat in result.seats}
    missed = {
        (instance.teacher_ids[row["teacher"]], instance.section_ids[row["section"]])
        for row in instance["choices"].rows()
        if row["kind"] == "chosen"
    } - given_
    assert sorted((each.teacher, each.subject) for each in result.reasons) == sorted(missed)
    assert all(each.say(lang) for each in result.reasons for lang in ("zh", "en"))
    assert result.phases["explain"] > 0


def test_threads_and_parts_change_no_reason(monkeypatch):
    posted = draft(generate("county", 60, 1))
    arcs = solve_unlisted(posted, "quick").arcs
    whole = miss_reasons(posted, arcs, {}, is_listed=False)
    monkeypatch.setattr("matching.backends.passes.PART", 7)
    assert miss_reasons(posted, arcs, {}, is_listed=False) == whole


def test_seats_that_could_be_better_are_refused():
    """Negative control: the empty assignment of a round with a free seat."""
    posted = draft(problem().section("A", capacity=1).teacher("Li", ranks=["A"]).build())
    with pytest.raises(RefereeRejected, match="Li could be improved alone"):
        miss_reasons(posted, posted.arc_section[:0], {}, is_listed=False)


@pytest.mark.parametrize(
    ("code", "field", "value"),
    [("full", "hi", 2), ("quota", "hi", 9), ("goal_hours_short", "lo_weight", 0)],
)
def test_a_search_that_misreads_a_limit_or_a_price_is_found_out(monkeypatch, code, field, value):
    """Negative control: one wrong number in what is searched, and the two ways differ."""

    def wrong(made):
        def make(*arguments):
            right = made(*arguments)
            if field not in right._fields:
                return right
            return right._replace(**{field: np.full_like(getattr(right, field), value)})

        return make

    instance = MISSES[code][0].build()
    arcs = arcs_of(instance, solve(instance, Settings(reasons=False)).seats)
    monkeypatch.setattr(asking, "limits_of", wrong(asking.limits_of))
    monkeypatch.setattr(asking, "stakes_of", wrong(asking.stakes_of))
    try:
        listed, searched = told_both_ways(draft(instance), arcs)
    except RefereeRejected:
        return
    assert searched != listed


def test_a_seat_kept_together_with_nobody_is_no_broken_rule():
    """Li and Ma would earn points together; alone each may sit there or not, and is told so."""
    round_ = problem().section("A", capacity=9)
    for name, points in (("Li", -5), ("Ma", -5)):
        round_.teacher(name, school="one")
        round_.row("choices", teacher=name, section="A", rank=1, points=points)
    round_.row("teams", id="t", rule="keep_together", group_attribute="school", weight=1)
    instance = round_.build()
    listed, searched = told_both_ways(draft(instance), np.zeros(0, np.int64))
    assert [(each.code, each.detail["fewer"]) for each in listed] == [("worth_less", 5)] * 2
    assert searched == listed


def test_reasons_are_left_out_where_they_would_fill_the_memory(monkeypatch):
    monkeypatch.setattr("matching.solve.MOST_TOLD", 1)
    result = solve(MISSES["full"][0].build())
    assert len(result.seats) == 1
    assert result.reasons == ()
