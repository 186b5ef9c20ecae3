"""The search finds exactly what a plain enumeration finds, at prices alone and in what is left."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.backends.bundles import Bundles, enumerate_bundles
from matching.backends.kernel import NOTHING, Room, Terms
from matching.backends.local import Local, local_of
from matching.backends.passes import near_of, usage_of, worths_of
from matching.instance import Instance, Ints
from matching.primitives import BundleRow, Draft
from tests.matching.counties import counties
from tests.matching.factories import draft, problem


def terms_at_random(local: Local, rows: tuple[BundleRow, ...], seed: int, scale: int = 20) -> Terms:
    """Draw what options, units short or over, and shared rows are worth."""
    rng = np.random.default_rng(seed)
    lo = [0 if row.lo_goal is None else int(rng.integers(0, 3)) for row in rows]
    hi = [0 if row.hi_goal is None else int(rng.integers(0, 3)) for row in rows]
    return Terms(
        rng.integers(-scale, 3 * scale, local.options),
        np.array(lo, np.int64),
        np.array(hi, np.int64),
        rng.integers(-scale, scale, local.rows),
    )


def every_bundle(posted: Draft, rows: tuple[BundleRow, ...], terms: Terms) -> tuple[Bundles, Ints]:
    """Return all bundles that keep strict minima, and what each is worth."""
    bundles = enumerate_bundles(posted)
    alive = np.ones(posted.arcs, bool)
    for dropped in posted.dropped.values():
        alive &= ~dropped
    per_arc = np.zeros(posted.arcs, np.int64)
    per_arc[alive] = terms.value
    worth = bundles.total(per_arc)
    for place, row in enumerate(posted.shared_rows):
        coefs = np.zeros(posted.arcs, np.int64)
        np.add.at(coefs, row.arcs, row.weights)
        used = bundles.total(coefs)
        worth = worth - terms.price[place] * ((used > 0) if row.heads else used)
    lawful = np.ones(len(bundles), bool)
    for place, each in enumerate(rows):
        amount = bundles.amount(each.amount)
        if each.lo is not None:
            lo = each.lo[bundles.teacher]
            worth = worth + terms.lo_weight[place] * np.minimum(amount, lo)
            lawful &= (each.lo_goal is not None) | (amount >= lo)
        if each.hi is not None:
            over = np.maximum(amount - each.hi[bundles.teacher], 0)
            worth = worth - terms.hi_weight[place] * over
    kept = bundles.keep(lawful)
    return kept, worth[lawful]


@settings(max_examples=150, deadline=None)
@given(counties(), st.integers(0, 1 << 30))
def test_the_best_bundle_is_that_of_a_plain_enumeration(county, seed):
    posted = draft(Instance.from_rows(*county))
    local, rows = local_of(posted)
    terms = terms_at_random(local, rows, seed)
    bundles, worth = every_bundle(posted, rows, terms)
    teachers = np.arange(local.teachers)
    best, held = near_of(local, terms, teachers).best()
    for teacher in teachers.tolist():
        assert best[teacher] == worth[bundles.of(teacher)].max(initial=NOTHING)
    there = np.flatnonzero(best > NOTHING)
    assert worths_of(local, terms, there, held[there]).tolist() == best[there].tolist()


@settings(max_examples=100, deadline=None)
@given(counties(), st.integers(0, 1 << 30))
def test_the_near_bundles_are_those_of_a_plain_enumeration(county, seed):
    posted = draft(Instance.from_rows(*county))
    local, rows = local_of(posted)
    terms = terms_at_random(local, rows, seed)
    bundles, worth = every_bundle(posted, rows, terms)
    near = near_of(local, terms, np.arange(local.teachers), most=4, within=25)
    for teacher in range(local.teachers):
        mine = np.sort(worth[bundles.of(teacher)])[::-1]
        wanted = mine[mine >= mine.max(initial=NOTHING) - 25][:4]
        assert near.worth[teacher, : near.found[teacher]].tolist() == wanted.tolist()


@settings(max_examples=100, deadline=None)
@given(counties(), st.integers(0, 1 << 30))
def test_a_wanted_option_is_held_or_nothing_is_found(county, seed):
    posted = draft(Instance.from_rows(*county))
    local, rows = local_of(posted)
    terms = terms_at_random(local, rows, seed)
    bundles, worth = every_bundle(posted, rows, terms)
    options = np.arange(local.options)
    near = near_of(local, terms, local.teacher, wanted=options)
    best, _ = near.best()
    for option in options.tolist():
        holds = (bundles.arcs == local.choices(options)[option]).any(axis=1)
        assert best[option] == worth[holds].max(initial=NOTHING)


@settings(max_examples=100, deadline=None)
@given(counties(), st.integers(0, 1 << 30))
def test_what_is_left_is_never_overdrawn_and_always_used_well(county, seed):
    posted = draft(Instance.from_rows(*county))
    local, rows = local_of(posted)
    terms = terms_at_random(local, rows, seed)
    bundles, worth = every_bundle(posted, rows, terms)
    rng = np.random.default_rng(seed)
    hi = np.array([min(row.hi, 9) for row in posted.shared_rows], np.int64)
    usage = rng.integers(0, hi + 2) if len(hi) else hi
    lo, weight = rng.integers(0, hi + 1), rng.integers(0, 40, local.rows)
    teachers = np.arange(local.teachers)
    room = Room(usage, lo, hi, weight, True)
    best, held = near_of(local, terms, teachers, room=room).best()
    for teacher in teachers.tolist():
        allowed = NOTHING
        for place in range(bundles.of(teacher).start, bundles.of(teacher).stop):
            arcs = bundles.arcs[place]
            theirs = local.choices(np.arange(local.options))
            mine = np.flatnonzero(np.isin(theirs, arcs[arcs < posted.arcs]))[None]
            used = usage_of(local, mine.astype(np.int32))
            if not ((used > 0) & (usage + used > hi)).any():
                mended = np.minimum(usage + used, lo) - np.minimum(usage, lo)
                allowed = max(allowed, int(worth[place] + weight @ mended))
        assert best[teacher] == allowed
    there = np.flatnonzero(best > NOTHING)
    again = worths_of(local, terms, there, held[there], room=room)
    assert again.tolist() == best[there].tolist()


def test_two_seats_that_would_mend_the_same_shortage_mend_it_once():
    ethics = {"sections_where": "topic=ethics", "minimum": 1, "counts": "seats"}
    round_ = problem().row("quotas", id="q", **ethics)
    for place in "ABCD":
        topic = {"topic": "ethics"} if place in "AB" else {}
        round_.section(place, capacity=5, attributes=topic)
    round_.teacher("Li", ranks=["A", "B", "C", "D"], most_sections=2)
    posted = draft(round_.build())
    local, _ = local_of(posted)
    none, each = np.zeros(len(local.strict_lo), np.int64), np.arange(local.rows)
    lo = np.array([row.lo for row in posted.shared_rows], np.int64)
    assert lo.sum() == 1
    terms = Terms(np.array([4, 4, 6, 6]), none, none, 0 * each)
    room = Room(0 * each, lo, 0 * each + 9, 0 * each + 5, True)
    everybody = np.arange(local.teachers)
    best, held = near_of(local, terms, everybody, room=room).best()
    assert best.tolist() == [4 + 6 + 5]
    assert set(held[0].tolist()) in ({0, 2}, {0, 3}, {1, 2}, {1, 3})
    both = worths_of(local, terms, everybody, np.array([[0, 1]], np.int32), room=room)
    assert both.tolist() == [4 + 4 + 5]


MOST_TRIED = 2_000, 1_500
"""Seats that 80 people try where hours alone count; 5,429 if none is passed over. And seats that 40
people try where everybody is to have one seat; 2,041 if that counts for each of hers."""


def test_a_search_leaves_what_can_no_longer_pay():
    counting = [sys.executable, "-m", "tests.matching.backends.counting"]
    told = subprocess.run(counting, capture_output=True, check=True, text=True)
    hours, everything = map(int, told.stdout.split())
    assert 80 < hours <= MOST_TRIED[0]
    assert 40 < everything <= MOST_TRIED[1]


def test_one_seat_is_taken_for_what_it_mends_though_none_is_worth_its_price():
    round_ = problem()
    for place in "ABC":
        round_.section(place, capacity=5)
    round_.teacher("Li", ranks=["A", "B", "C"], most_sections=3)
    local, rows = local_of(draft(round_.build()))
    place = [row.rule for row in rows].index("unserved")
    assert local.once[place]
    weight = np.zeros(len(rows), np.int64)
    weight[place] = 10
    terms = Terms(np.array([-5, -3, -4]), weight, 0 * weight, np.zeros(local.rows, np.int64))
    best, held = near_of(local, terms, np.arange(local.teachers)).best()
    assert best.tolist() == [10 - 3]
    assert held[0].tolist() == [1, -1, -1]
