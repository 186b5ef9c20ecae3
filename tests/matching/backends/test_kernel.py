"""The search finds exactly what a plain enumeration finds, at prices alone and in what is left."""

from __future__ import annotations

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
from tests.matching.factories import draft


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
    none = np.zeros(local.rows, np.int64)
    teachers = np.arange(local.teachers)
    near = near_of(local, terms, teachers, room=Room(usage, none, hi, none, True))
    best, _ = near.best()
    for teacher in teachers.tolist():
        allowed = NOTHING
        for place in range(bundles.of(teacher).start, bundles.of(teacher).stop):
            arcs = bundles.arcs[place]
            theirs = local.choices(np.arange(local.options))
            mine = np.flatnonzero(np.isin(theirs, arcs[arcs < posted.arcs]))[None]
            used = usage_of(local, mine.astype(np.int32))
            if not ((used > 0) & (usage + used > hi)).any():
                allowed = max(allowed, int(worth[place]))
        assert best[teacher] == allowed
