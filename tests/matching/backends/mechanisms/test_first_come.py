"""First come: whoever arrives first takes from the top of her list, and nobody looks ahead."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.backends.mechanisms.first_come import arrivals, first_come
from matching.check import check
from matching.compile import compile_instance
from matching.instance import Instance
from matching.primitives import Amount, BundleRow, Draft, SharedRow
from tests.matching.counties import counties

META = {"round": "r", "seed": "s", "tiers": [{"goals": {"welfare": 1}}]}


def draft_of(lists, ties=()):
    """Return a draft without rules: every letter of a list is a section, in rank order."""
    rows = {
        "teachers": [{"id": teacher} for teacher in lists],
        "sections": [
            {"id": name, "offering": name, "capacity": 9}
            for name in sorted(set("".join(lists.values())))
        ],
        "choices": [
            {"teacher": teacher, "section": section, "rank": rank}
            for teacher, sections in lists.items()
            for rank, section in enumerate(sections, start=1)
        ],
        "ties": [{"teacher": t, "tie": "1", "section": s} for t, s in ties],
    }
    return Draft(Instance.from_rows(META, rows))


def arc(draft, teacher, section):
    instance = draft.instance
    return instance.arc_index[instance.teacher_index[teacher], instance.section_index[section]]


def pool_of(draft, sections):
    """Return everybody's choices of some sections."""
    return draft.pool(np.array([draft.instance.section_index[name] for name in sections]))


def got(draft, order="0"):
    return {f"{seat.teacher}:{seat.section}{seat.rank}" for seat in first_come(draft, order)}


def test_without_rules_everybody_takes_her_whole_list():
    assert got(draft_of({"t1": "ba", "t2": "a"})) == {"t1:b1", "t1:a2", "t2:a1"}


def test_the_last_seat_goes_to_whoever_arrives_first():
    draft = draft_of({"t1": "a", "t2": "a"})
    draft.row(SharedRow("seats", "a", pool_of(draft, "a"), hi=1))
    winners = {frozenset(got(draft, str(order))) for order in range(20)}
    assert winners == {frozenset({"t1:a1"}), frozenset({"t2:a1"})}


def test_a_clash_skips_to_the_next_choice():
    draft = draft_of({"t1": "abc"})
    draft.exclusive("clash", [(0, 1)])
    assert got(draft) == {"t1:a1", "t1:c3"}


def test_she_stops_when_her_hours_are_met():
    """a and b are 10 each, 15 are due: the third choice is left to others."""
    draft = draft_of({"t1": "abc"})
    amount = Amount(np.array([10, 10, 10]))
    draft.bundle_row(BundleRow("due", "h", amount, lo=np.array([15]), lo_goal="hours_short"))
    assert got(draft) == {"t1:a1", "t1:b2"}


def test_a_strict_limit_of_her_own_holds():
    draft = draft_of({"t1": "abc"})
    draft.bundle_row(BundleRow("most", "n", Amount(np.ones(3, np.int64)), hi=np.array([1])))
    assert got(draft) == {"t1:a1"}


def test_a_dropped_choice_is_refused():
    draft = draft_of({"t1": "ab"})
    draft.drop("banned", np.array([True, False]))
    assert got(draft) == {"t1:b2"}


def test_heads_count_once():
    """One head is allowed at the level of a and b: t1 may hold both, t2 neither."""
    draft = draft_of({"t1": "ab"})
    draft.row(SharedRow("level", "x", pool_of(draft, "ab"), hi=1, heads=True))
    assert got(draft) == {"t1:a1", "t1:b2"}
    both = draft_of({"t1": "ab", "t2": "ab"})
    both.row(SharedRow("level", "x", pool_of(both, "ab"), hi=1, heads=True))
    assert len(got(both)) == 2


def test_a_bundle_comes_whole_or_not_at_all():
    draft = draft_of({"t1": "abc"}, ties=[("t1", "a"), ("t1", "b")])
    draft.tie("bundle", np.array([0, 1]))
    draft.row(SharedRow("seats", "b", pool_of(draft, "b"), hi=0))
    assert got(draft) == {"t1:c3"}


def test_a_prerequisite_must_be_held_first():
    draft = draft_of({"t1": "ab"})
    draft.imply("prerequisite", arc(draft, "t1", "a"), np.array([arc(draft, "t1", "b")]))
    assert got(draft) == {"t1:b2"}


def test_the_order_of_arrival_depends_on_the_seed_alone():
    names = [f"t{i}" for i in range(9)]
    assert arrivals(names, "1") == arrivals(names, "1") != arrivals(names, "2")
    backwards = names[::-1]
    assert [backwards[i] for i in arrivals(backwards, "1")] == [
        names[i] for i in arrivals(names, "1")
    ]


def test_she_goes_down_her_list_when_no_hours_are_due():
    """That every list deserves a seat (goal unserved) is no reason to stop at the first."""
    draft = draft_of({"t1": "abc"})
    row = BundleRow("one", "x", Amount(np.ones(3, np.int64)), lo=np.array([1]), lo_goal="unserved")
    draft.bundle_row(row)
    assert got(draft) == {"t1:a1", "t1:b2", "t1:c3"}


def test_locked_seats_are_taken_before_the_desk_opens():
    draft = draft_of({"t1": "a", "t2": "a"})
    draft.row(SharedRow("seats", "a", pool_of(draft, "a"), hi=1))
    draft.must("locked", np.array([False, True]))
    for order in range(5):
        (seat,) = first_come(draft, str(order))
        assert (seat.teacher, seat.kind) == ("t2", "locked")


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties(), st.integers(0, 3))
def test_whatever_it_gives_out_breaks_no_upper_limit(county, order):
    """Minima (of sections, quotas, shares, hours, teams) may be missed: nobody looks ahead."""
    instance = Instance.from_rows(county[0], county[1] | {"locks": []})
    seats = first_come(compile_instance(instance), str(order))
    for breach in check(instance, seats):
        assert breach.rule in ("minimum_to_open", "team") or breach.found < breach.allowed, breach
