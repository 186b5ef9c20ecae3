"""Weights of 1 and of 10^9: sums are exact on both paths, or refused by name before anything is solved."""

from __future__ import annotations

import json

import numpy as np
import pytest

from matching import files
from matching.__main__ import main
from matching.backends.market import Market
from matching.compile import compile_instance
from matching.exactness import EXACT, TooLargeNumbers
from matching.solve import solve
from tests.matching.factories import problem
from tests.matching.judging import PATHS, judged, take

BILLION = 10**9


def six(points=100, minutes=60, fee=0, budget=0, shares=1, hours=1, tiers=1):
    """Six people want three sections of three seats; hours are due, a share and a budget bind."""
    round_ = problem({"hours_short": tiers}, {"quota_short": tiers}, {"welfare": tiers})
    for name in "ABC":
        round_.section(name, capacity=3, minutes=minutes, fee_fen=fee, fund="F")
    round_.row("requirements", id="all", weight=hours)
    round_.row("shares", id="s", minimum=7, weight=shares)
    if budget:
        round_.row("funds", id="F", budget_fen=budget)
    for number in range(6):
        name = f"T{number}"
        round_.teacher(name, due={"all": 3 * minutes})
        for place, section in enumerate("ABC"):
            worth = points - place * (points // 10) - number * (points > 10)
            round_.row("choices", teacher=name, section=section, rank=place + 1, points=worth)
    return round_.build()


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    take(request.param, monkeypatch)
    return request.param


@pytest.mark.parametrize(
    ("numbers", "welfare"),
    [
        ({"points": 1}, 9),
        ({"points": BILLION}, 9 * (BILLION - BILLION // 10)),
        ({"tiers": BILLION}, None),
        ({"hours": BILLION}, None),
        ({"shares": BILLION}, None),
        ({"points": BILLION, "hours": BILLION, "shares": BILLION}, None),
        ({"fee": 1 << 40, "budget": 5 * (1 << 40) + 1}, None),
        ({"minutes": 1 << 29}, None),
    ],
    ids=str,
)
def test_large_numbers_are_added_up_exactly(path, numbers, welfare, tmp_path):
    result = judged(six(**numbers), tmp_path)
    assert result.seats
    if welfare is not None:
        assert abs(result.goals[2].value - welfare) <= 30


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ({"points": 10**12}, "welfare x 1"),
        ({"points": 1 << 60}, "welfare x 1"),
        ({"points": BILLION, "tiers": BILLION}, "welfare x 1000000000"),
        ({"minutes": BILLION}, "hours_due all"),
        ({"minutes": 1 << 31}, "hours_due all"),
    ],
    ids=str,
)
def test_what_is_too_large_is_refused_by_name(path, numbers, named):
    with pytest.raises(TooLargeNumbers, match=named) as refused:
        solve(six(**numbers))
    assert named in refused.value.say("zh")


def test_the_command_says_so_in_the_readers_language(tmp_path, capsys):
    files.write_instance(six(points=10**12), tmp_path)
    assert main(["solve", str(tmp_path)]) == 2
    assert "“welfare x 1”的数值过大" in capsys.readouterr().err


def test_checked_goals_count_their_weight(tmp_path, capsys):
    """A tier of one goal with weight 1000 was called misstated: told in weighted points."""
    round_, out = six(tiers=1000), str(tmp_path / "out")
    files.write_instance(round_, tmp_path / "in")
    assert main(["solve", str(tmp_path / "in"), "--out", out]) == 0
    assert main(["--lang", "en", "check", str(tmp_path / "in"), out]) == 0
    goals = tmp_path / "out" / "goals.json"
    assert json.loads(goals.read_text(encoding="utf-8"))[0]["value"] % 1000 == 0


def test_whatever_prices_are_tried_all_that_is_paid_adds_up_exactly():
    """Prices of 2^62 are cut to what 64 bits can pay: the same sum as in Python's own numbers."""
    market = Market(compile_instance(six(fee=BILLION, budget=10**15)))
    purpose = market.purpose({"welfare": 1})
    prices = market.legal(purpose, np.full(market.local.rows, 1 << 62))
    limits = np.where(prices > 0, market.hi, market.lo).tolist()
    paid = sum(price * limit for price, limit in zip(prices.tolist(), limits, strict=True))
    assert 0 < market.paid(purpose, prices) == paid <= EXACT
    beyond = np.full(market.local.rows, 1 << 62)
    exact = sum((1 << 62) * limit for limit in market.hi.tolist())
    assert market.paid(purpose, beyond) != exact, "the negative control: it wraps round"
