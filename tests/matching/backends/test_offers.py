"""What a seat weighs in a shared row stays exact, however large."""

from __future__ import annotations

from matching.backends.local import local_of
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
