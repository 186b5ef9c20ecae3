"""How many bytes a teacher of a crowd keeps while everybody is asked, beside the program."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from matching import table
from matching.backends import offers
from matching.backends.lists import Lists
from matching.backends.market import Market
from matching.compile import compile_instance
from matching.generate import generate

TEACHERS, AT_MOST = 27_000, 690
"""Enough for a million choices; bytes that instance, rows and market keep for each of them."""


def kept_for_each() -> float:
    """Return the traced bytes a teacher that a drawn province keeps once its market stands."""
    Market(compile_instance(generate("province", 50, 0)))
    tracemalloc.start()
    market = Market(compile_instance(generate("province", TEACHERS, 0)))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert market.local.teachers == TEACHERS
    return kept / TEACHERS


def test_a_teacher_with_forty_options_keeps_few_bytes():
    assert kept_for_each() < AT_MOST


def weighed(draft, seats: Lists, bodies, at) -> np.ndarray:
    return np.ones(len(seats.values), np.int32)


@pytest.mark.parametrize(
    ("where", "name", "wrong"),
    [(table, "put_aside", lambda column: column), (offers, "_weights", weighed)],
)
def test_what_was_saved_is_noticed_where_it_is_missing(where, name, wrong, monkeypatch):
    """Negative control: columns that stay in memory, a weight for every row of every offer."""
    monkeypatch.setattr(where, name, wrong)
    assert kept_for_each() > AT_MOST
