"""Prices and odds before anybody has asked: who is led apart, and what moves no price."""

import numpy as np
import pytest

from matching.rounds.dry_run import QUICK, Expected, foretold, market, market_prices, wanted
from matching.rounds.errors import BadRound
from matching.rounds.facts import Facts
from matching.rounds.store import load
from matching.solve import solve
from matching.watch import Watch
from tests.matching.rounds.factories import county, course, database, days, settings, teacher

SECTIONS = ("C1", "C2", "C3")
NAMES = tuple(f"T{n}" for n in range(6))
POINTS = np.array([[900, 500 - 40 * n, 100] for n in range(6)])


RULES = settings(list_length=2, most_sections=2)


def stored(rules=RULES, capacity=2, **more):
    rows = [
        *(teacher(name) for name in NAMES),
        *course("C1", days("2026-08-03", 1), capacity=capacity, **more),
        *course("C2", days("2026-08-10", 1), capacity=6, **more),
        *course("C3", days("2026-08-10", 1), capacity=6, **more),
    ]
    with database(*county(*rows)) as session:
        return load(session, rules), rules


def wish(points=POINTS, closed=(), most=1):
    is_open = np.ones(points.shape, np.bool_)
    for at in closed:
        is_open[at] = False
    return Expected(NAMES, SECTIONS, points, is_open, np.full(len(NAMES), most))


@pytest.fixture(scope="module")
def facts():
    return Facts(*stored())


def test_a_section_that_many_want_has_the_price_of_who_would_give_it_up_next(facts):
    """Two seats in C1 go to whom C2 serves worst; the third of them would pay 520 more for it."""
    prices = market_prices(facts, wish())
    assert 520_000 <= prices["C1"] <= 560_000
    assert not prices.get("C2", 0)
    assert not market_prices(Facts(*stored(capacity=6)), wish())  # negative control: seats for all


def test_prices_rest_on_what_sections_are_worth_to_her_beside_each_other(facts):
    more = POINTS + 1_000 * np.arange(len(NAMES))[:, None]
    assert market_prices(facts, wish(more)) == market_prices(facts, wish())


def test_two_sections_at_one_time_are_not_both_wanted(facts):
    """C2 and C3 meet on one day: with two wanted each, nobody takes them together."""
    found = {}
    for seat in solve(market(facts, wish(most=2)), QUICK).seats:
        found.setdefault(seat.teacher, set()).add(seat.section)
    assert max(map(len, found.values())) == 2
    assert not any({"C2", "C3"} <= sections for sections in found.values())


def test_ballots_hold_what_a_menu_shows_first_and_nothing_closed():
    told = foretold(*stored(), wish(closed=[(0, 0), (1, slice(None))]))
    assert told.odds["C1"].asked == 4  # T0 may not take it, T1 may take nothing
    assert (told.odds["C1"].seated, told.odds["C1"].source) == (2, "dry_run")
    assert told.odds["C2"].seated == 3  # T0 and those for whom C1 had no seat


def test_settings_that_clash_and_a_stop_are_told_and_tell_nothing(facts):
    class Stop(Watch):
        def stopped(self):
            return True

    with pytest.raises(BadRound, match="试算被停止"):
        market_prices(facts, wish(), Stop())


def test_as_many_are_wanted_as_the_hours_due_take():
    by_hours = Facts(*stored(settings(most_sections=6), minutes=240))
    due = by_hours.dues.due[NAMES[0], by_hours.dues.asked[0].id]
    assert wanted(by_hours)[NAMES[0]] == min(6, -(-due // 240)) > 1
    other = Facts(*stored(settings(most_sections=6), category="gongxu"))
    assert set(wanted(other).values()) == {6}
