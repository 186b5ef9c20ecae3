"""Where bundles cannot be listed a clash is proved by prices: what is told does clash."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from matching.backends import priced
from matching.backends.cp_sat import solve_oracle
from matching.backends.market import Market
from matching.explain import clash_witness
from matching.generate import generate
from matching.instance import Instance
from matching.primitives import SharedRow
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.explain.test_clash import STORIES, is_irreducible, with_settings
from tests.matching.factories import draft

BEYOND_PRICES = ("one seat and a minimum", "a team")
"""Prices see half a section open, and half a team; only a search over switches proves these."""


def by_prices(instance: Instance):
    return clash_witness(draft(instance), "standard", is_listed=False)


@pytest.mark.parametrize("name", sorted(STORIES.keys() - set(BEYOND_PRICES)))
def test_prices_tell_the_clash_that_the_list_tells(name):
    instance = STORIES[name][0].build()
    assert by_prices(instance) == solve(instance).witness


@pytest.mark.parametrize("name", BEYOND_PRICES)
def test_what_prices_cannot_prove_they_do_not_tell(name):
    assert by_prices(STORIES[name][0].build()) == ()


@pytest.mark.parametrize("name", ["hours", "no leave"])
def test_prices_are_whole_numbers_even_where_no_row_has_one(name, monkeypatch):
    """Used to be fractions without shared rows, for which the whole search was compiled once more."""
    asked, ask = [], Market.ask
    monkeypatch.setattr(
        Market,
        "ask",
        lambda self, of, prices, *tries: (
            asked.append(prices.dtype) or ask(self, of, prices, *tries)
        ),
    )
    assert by_prices(STORIES[name][0].build())
    assert set(asked) == {np.dtype(np.int64)}


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties())
def test_what_prices_tell_of_a_random_county_does_clash(county):
    instance = Instance.from_rows(*county)
    told = list(by_prices(instance))
    if [reason.code for reason in told] == ["clash_locked_seat"]:
        assert is_irreducible(instance, told)
    elif told:
        assert solve_oracle(with_settings(instance, told), ()) is None


def test_a_round_that_can_be_met_has_no_clash():
    assert by_prices(generate("county", 60, 1)) == ()


def test_one_seat_too_many_is_asked_of_a_county():
    """Of a round too large to list: heads for every seat of one section, and one more."""
    posted = draft(generate("county", 300, 1))
    seats = posted.instance["sections"].integers("capacity")
    wanted = np.array([len(arcs) for arcs in posted.arcs_in]) - seats
    section = int(np.argmax(wanted))
    least = int(seats[section]) + 1
    pool = posted.pool(np.array([section]))
    posted.row(SharedRow("budget", "x", pool, lo=least, heads=True))
    first, second = clash_witness(posted, "quick", is_listed=False)
    assert (first.code, first.have, first.need) == ("clash_budget", least - 1, least)
    assert (second.code, second.detail["names"]) == (
        "clash_seat_capacity",
        posted.instance.section_ids[section],
    )


def test_an_infeasible_round_without_a_list_tells_its_clash(monkeypatch):
    monkeypatch.setattr(priced, "is_listable", lambda frame: False)
    round_, told = STORIES["no leave"]
    result = solve(round_.build())
    assert result.status == "infeasible"
    assert {(r.code, r.subject, r.have, r.need) for r in result.witness} == told
