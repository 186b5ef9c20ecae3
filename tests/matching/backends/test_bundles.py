"""Bundles: exactly the sets of choices that the local rules allow, in one order."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.backends import bundles as module
from matching.backends.bundles import enumerate_bundles, goal_values, strict_shortage
from matching.errors import UnsupportedInstance
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft
from tests.matching.counties import counties
from tests.matching.factories import D1, draft, problem

Held = tuple[int, ...]


def listed(drafted: Draft) -> list[tuple[int, Held]]:
    """Return the bundles as (teacher, choices)."""
    found = enumerate_bundles(drafted)
    rows = zip(found.teacher.tolist(), found.arcs.tolist(), strict=True)
    return [(teacher, tuple(a for a in arcs if a < drafted.arcs)) for teacher, arcs in rows]


def amount(amount_: Amount, held: Held) -> int:
    own = sum(int(amount_.coefs[arc]) for arc in held)
    return min(own + sum(amount(part, held) for part in amount_.parts), amount_.cap)


def allowed(drafted: Draft, teacher: int, held: Held) -> bool:
    """Say the local primitives once more, for one set of choices."""
    section = drafted.arc_section
    must = {a for fixed in drafted.musts.values() for a in np.flatnonzero(fixed).tolist()}
    return (
        not any(mask[arc] for mask in drafted.dropped.values() for arc in held)
        and not any(
            {section[one], section[other]} <= set(group.tolist())
            for groups in drafted.exclusive_groups.values()
            for group in groups
            for one, other in combinations(held, 2)
        )
        and all(
            row.hi is None or row.hi_goal or amount(row.amount, held) <= row.hi[teacher]
            for row in drafted.bundle_rows
        )
        and all(len(set(tie.tolist()) & set(held)) in (0, len(tie)) for _, tie in drafted.ties)
        and all(
            arc not in held or set(any_of.tolist()) & set(held)
            for _, arc, any_of in drafted.implications
        )
        and {a for a in must if drafted.arc_teacher[a] == teacher} <= set(held)
    )


def by_trying(drafted: Draft) -> list[tuple[int, Held]]:
    found = []
    for teacher in range(drafted.teachers):
        mine = np.flatnonzero(drafted.arc_teacher == teacher).tolist()
        subsets = chain.from_iterable(combinations(mine, size) for size in range(len(mine) + 1))
        found += [(teacher, held) for held in subsets if allowed(drafted, teacher, held)]
    return found


@st.composite
def drafts(draw):
    """Draw one or two teachers with up to six sections and lines of every local form."""
    number, names = st.integers, ["Li", "Ma"][: draw(st.integers(1, 2))]
    round_ = problem()
    places = "ABCDEF"[: draw(number(1, 6))]
    for place in places:
        round_.section(place, capacity=9)
    for name in names:
        round_.teacher(name, ranks=draw(st.lists(st.sampled_from(places), unique=True)))
    posted = Draft(round_.build())
    arcs, few = posted.arcs, number(0, 3)
    ints = st.lists(number(0, 3), min_size=arcs, max_size=arcs).map(np.array)
    flags = st.lists(st.booleans(), min_size=arcs, max_size=arcs).map(lambda x: np.array(x, bool))
    for _ in range(draw(few)):
        group = st.lists(number(0, len(places) - 1), min_size=1, max_size=4)
        posted.exclusive("clash", draw(st.lists(group, max_size=2)))
    for rule in range(draw(few)):
        parts = (Amount(draw(ints), draw(number(0, 4))),) * draw(number(0, 1))
        hi = np.array([draw(number(0, 7)) for _ in names])
        total = Amount(draw(ints), draw(number(3, 20)), parts)
        goal = draw(st.sampled_from([None, None, "some"]))
        posted.bundle_row(BundleRow(f"r{rule}", "", total, hi=hi, hi_goal=goal))
    if arcs and draw(st.booleans()):
        posted.drop("dropped", draw(flags) & draw(flags))
    if arcs and draw(st.booleans()):
        posted.must("must", draw(flags) & draw(flags) & draw(flags))
    for teacher in range(len(names)):
        mine = np.flatnonzero(posted.arc_teacher == teacher).tolist()
        if len(mine) > 1 and draw(st.booleans()):
            some = st.lists(st.sampled_from(mine), unique=True)
            posted.tie("tie", np.array(sorted(draw(some.filter(lambda x: len(x) > 1)))))
            posted.imply("before", draw(st.sampled_from(mine)), np.array(draw(some), np.int64))
    return posted


@settings(derandomize=True, deadline=None, max_examples=150)
@given(drafts())
def test_every_bundle_is_listed_and_nothing_else(posted):
    """And in one order: by teacher, then size, then choices."""
    assert listed(posted) == sorted(by_trying(posted), key=lambda x: (x[0], len(x[1]), x[1]))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(counties())
def test_every_bundle_of_a_county_is_listed(county):
    """And what bundles are worth, and by how much they miss strict minima, is summed rightly."""
    posted = draft(Instance.from_rows(*county))
    assert listed(posted) == sorted(by_trying(posted), key=lambda x: (x[0], len(x[1]), x[1]))
    found = enumerate_bundles(posted)
    rows = zip(listed(posted), strict_shortage(posted, found).tolist(), strict=True)
    for (teacher, held), missing in rows:
        strict = (row for row in posted.bundle_rows if row.lo is not None and not row.lo_goal)
        assert missing == sum(max(0, row.lo[teacher] - amount(row.amount, held)) for row in strict)
    for goal in ("welfare", "hours_short", "overshoot", "unserved"):
        values = goal_values(posted, found, goal).tolist()
        for (teacher, held), value in zip(listed(posted), values, strict=True):
            points = posted.values.get(goal, np.zeros(posted.arcs, np.int64))
            assert value == int(points[list(held)].sum()) - priced(posted, teacher, held, goal)


def priced(posted: Draft, teacher: int, held: Held, goal: str) -> int:
    total = 0
    for row in posted.bundle_rows:
        if row.lo is not None and row.lo_goal == goal:
            total += row.weight * max(0, int(row.lo[teacher]) - amount(row.amount, held))
        if row.hi is not None and row.hi_goal == goal:
            total += row.weight * max(0, amount(row.amount, held) - int(row.hi[teacher]))
    return total


def test_a_part_of_a_bundle_may_be_impossible_alone():
    """A and B are tied: both or none, although each step on the way is neither."""
    round_ = problem().section("A", capacity=1).section("B", capacity=1)
    assert listed(draft(round_.teacher("Li", ranks=["A+B"]).build())) == [(0, ()), (0, (0, 1))]


@pytest.mark.parametrize("count", [62, 63, 64, 126, 127, 130])
def test_more_choices_than_one_word_of_the_bit_set_holds(count):
    """All meet at once but the first and the last: nothing, each one, and that pair."""
    round_ = problem()
    names = [f"{i:03}" for i in range(count)]
    for i, name in enumerate(names):
        half = f"{D1} pm" if i == count - 1 else f"{D1} am"
        round_.section(name, capacity=1, meets=[half] if i else [])
    for i in range(1, count - 1):
        round_.row("excluded", offering_a=names[i], offering_b=names[-1])
        round_.row("excluded", offering_a=names[i], offering_b=names[0])
    posted = draft(round_.teacher("Li", ranks=names).build())
    found = [held for _, held in listed(posted)]
    assert found == [(), *((i,) for i in range(count)), (0, count - 1)]


@pytest.mark.parametrize("most", [15, 16])
def test_too_many_bundles_are_refused_with_their_number(monkeypatch, most):
    """Four free choices have 1 + 4 + 6 + 4 + 1 = 16 bundles."""
    monkeypatch.setattr(module, "MOST_BUNDLES", most)
    round_ = problem().teacher("Li", ranks=list("ABCD"))
    for name in "ABCD":
        round_.section(name, capacity=1)
    posted = draft(round_.build())
    if most == 16:
        assert len(enumerate_bundles(posted)) == 16
        return
    with pytest.raises(UnsupportedInstance, match=r"more than 15 bundles .* alone has 1\)"):
        enumerate_bundles(posted)


def test_a_step_too_wide_is_refused_before_it_is_made(monkeypatch):
    """After 1 + 30 bundles the next step would look at 435 pairs: more than 40 times 10."""
    monkeypatch.setattr(module, "MOST_BUNDLES", 10)
    names = [f"{i:02}" for i in range(30)]
    round_ = problem().teacher("Li", ranks=names)
    for name in names:
        round_.section(name, capacity=1)
    with pytest.raises(UnsupportedInstance, match="alone has 435"):
        enumerate_bundles(draft(round_.build()))


def test_nobody_at_all_has_no_bundle():
    found = enumerate_bundles(draft(problem().build()))
    assert (len(found), found.start.tolist()) == (0, [0])
