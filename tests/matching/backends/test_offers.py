"""Offers are the same however they are found, and what a seat weighs stays exact, however large."""

from __future__ import annotations

import numpy as np
import pytest

from matching.backends import offers
from matching.backends.local import local_of
from matching.compile import compile_instance
from matching.generate import generate
from matching.shards.threads import threads
from tests.matching.factories import draft, problem


def test_a_fee_beyond_32_bits_is_not_cut_off():
    dear, cheap = 3_000_000_001, 1_000_000_000
    round_ = problem().section("A", capacity=9, fee_fen=dear, fund="F")
    round_ = round_.section("B", capacity=9, fee_fen=cheap, fund="F")
    round_ = round_.row("funds", id="F", budget_fen=dear).teacher("Li", ranks=["A", "B"])
    posted = draft(round_.build())
    local, _ = local_of(posted)
    fund = next(i for i, row in enumerate(posted.shared_rows) if row.rule == "budget")
    assert sorted(local.coef[local.row == fund].tolist()) == [cheap, dear]


def test_offers_found_part_by_part_are_numbered_as_they_are_first_met(monkeypatch):
    posted = compile_instance(generate("every-rule", 300, 3))
    whole, _ = local_of(posted)
    monkeypatch.setattr(offers, "AT_ONCE", 500)
    parts, _ = local_of(posted)
    assert len(list(offers._parts(whole.start))) > 5
    for one, other in zip(whole, parts, strict=True):
        assert np.array_equal(one, other)


def test_parts_that_are_not_joined_are_noticed(monkeypatch):
    """Negative control: every part keeps the numbers it gave to its own offers."""
    monkeypatch.setattr(offers._Book, "joined", lambda book, other: np.arange(other.count))
    with pytest.raises((AssertionError, IndexError, ValueError)):
        test_offers_found_part_by_part_are_numbered_as_they_are_first_met(monkeypatch)


def test_only_a_few_parts_wait_to_be_joined_and_they_come_in_order():
    """A pool's own `map` would begin with all of them at once."""
    taken = []

    def parts():
        for number in range(40):
            taken.append(number)
            yield number, number + 1

    found = offers._in_turn(lambda people: (people, len(taken)), parts())
    for number, (people, _) in enumerate(found):
        assert people == (number, number + 1)
        assert len(taken) <= number + threads() + 1
