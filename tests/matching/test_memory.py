"""How many bytes a teacher of a crowd keeps while everybody is asked, beside the program."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from matching import aside, columns, compile, freed, instance, primitives, table
from matching.backends import offers
from matching.backends.lists import Lists
from matching.backends.local import MOST
from matching.backends.market import Market
from matching.compile import compile_instance
from matching.generate import generate
from matching.lottery import drawn

TEACHERS, AT_MOST, LONG = 27_000, 530, 1 << 17
"""Enough for a million choices; bytes that instance, rows and market keep for each of them; columns of
64 bits a teacher are put aside, as those of 200,000 are."""


def kept_for_each(without: str = "") -> float:
    """Return the traced bytes a teacher that a drawn province keeps once its market stands.

    What is compiled for a crowd is the program's, not a teacher's: one crowd goes before.
    """
    match without:
        case "put aside":
            table.put_aside = lambda column: column
        case "no weights":
            offers._weights = weighed
    aside.LONG = LONG
    crowded()
    tracemalloc.start()
    market = crowded()
    kept, _ = tracemalloc.get_traced_memory()
    assert market.local.teachers == TEACHERS
    return kept / TEACHERS


def crowded() -> Market:
    return Market(compile_instance(generate("province", TEACHERS, 0)))


def alone(without: str = "") -> float:
    """Measure in a process of its own: what thousands of tests left behind is not a teacher's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(kept_for_each, without).result()


def test_a_teacher_with_forty_options_keeps_few_bytes():
    assert alone() < AT_MOST


def weighed(draft, seats: Lists, bodies, at) -> np.ndarray:
    return np.ones(len(seats.values), np.int32)


@pytest.mark.parametrize("without", ["put aside", "no weights"])
def test_what_was_saved_is_noticed_where_it_is_missing(without):
    """Negative control: columns that stay in memory, a weight for every row of every offer."""
    assert alone(without) > AT_MOST


def kept_as_a_crowd(monkeypatch) -> None:
    """Keep every round as very large ones are kept."""
    for module in (columns, table, primitives):
        monkeypatch.setattr(module, "COMPACT_FROM", 1)
    for module in (instance, compile, freed):
        monkeypatch.setattr(module, "MANY", 1)
    monkeypatch.setattr(aside, "LONG", 1)


def said(round_) -> tuple:
    """Return what a round says: its digest, its lottery, and its rows with their limits."""
    draft = compile_instance(round_)
    limits = [
        np.minimum(each, MOST).tolist()
        for row in draft.bundle_rows
        for each in (row.lo, row.hi)
        if each is not None
    ]
    rows = [(row.id, row.lo, row.hi, row.arcs.tolist()) for row in draft.shared_rows]
    turn = drawn(round_.teacher_ids, round_.seed, round_.round_id)
    return round_.digest, turn.tolist(), list(round_.teacher_ids), limits, rows


def test_a_round_kept_as_a_crowd_says_the_same(monkeypatch):
    before = said(generate("province", 300, 2))
    kept_as_a_crowd(monkeypatch)
    round_ = generate("province", 300, 2)
    assert isinstance(round_.teacher_ids, columns.Names)
    assert said(round_) == before
