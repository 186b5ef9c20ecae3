"""Cases of openings: what tolls leave between answer and bound, and how few cases prove it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching import files, verify
from matching.backends import cases, priced, unlisted
from matching.backends.cases import Search, searched
from matching.backends.columns import columns_of
from matching.backends.cp_sat import solve_oracle
from matching.backends.links import Links
from matching.backends.market import Market
from matching.backends.objective import FREE, NO, PRICE_SCALE, YES
from matching.backends.recover import Seating
from matching.backends.tolls import Posted
from matching.certificate import from_plain, plain
from matching.compile import compile_instance
from matching.generate import generate
from matching.settings import Settings
from matching.solve import solve
from tests.matching.factories import draft, problem


def pairs(*pairs_of_points):
    """Everybody lists two evenings that open with two people each and take no more than two."""
    county = problem()
    county.row("sections", id="A", offering="A", capacity=2, minimum=2)
    county.row("sections", id="B", offering="B", capacity=2, minimum=2)
    for number, (one, other) in enumerate(pairs_of_points):
        county.row("teachers", id=f"T{number}", most_sections=1)
        county.row("choices", teacher=f"T{number}", section="A", rank=1, points=one)
        county.row("choices", teacher=f"T{number}", section="B", rank=2, points=other)
    return county.build()


def search_of(instance, worth=-1):
    """Return a search whose bundles are only that everybody holds nothing."""
    market = Market(draft(instance))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    nothing = np.full((len(market.everybody), 2), -1, np.int32)
    columns = columns_of(market, purpose, market.everybody, market.everybody, nothing)
    return Search(market, purpose, columns, PRICE_SCALE, worth)


def never():
    return False


def unseated(purpose, posted):
    """Leave what a case opens as it is: only bounds are wanted."""
    return -1


def test_three_people_fill_one_of_two_evenings():
    """By prices one and a half evenings open, for 180 points; two of them in A have 120."""
    search = search_of(pairs((60, 50), (60, 50), (60, 50)))
    prices = Posted(np.zeros(search.market.local.rows, np.int64))
    (root,) = search.leaves(prices, 1, unseated, never)
    assert root.bound == 170 * PRICE_SCALE
    leaves = search.leaves(prices, 30, unseated, never)
    assert leaves[0].bound == 120 * PRICE_SCALE
    assert search.settled(leaves[0]).decided.tolist() == [YES, NO]


def one_eager_pair():
    """Two want A, which opens with three; the third would rather be in B."""
    county = problem()
    county.row("sections", id="A", offering="A", capacity=4, minimum=3)
    county.row("sections", id="B", offering="B", capacity=2, minimum=1)
    for number, points in enumerate((40, 40, 1)):
        county.row("teachers", id=f"T{number}", most_sections=1)
        county.row("choices", teacher=f"T{number}", section="A", rank=2, points=points)
    county.row("choices", teacher="T2", section="B", rank=1, points=100)
    return county.build()


def test_nobody_sits_more_surely_than_her_section_opens(monkeypatch):
    """Negative control: without links two thirds of A open for the two who want it."""
    search = search_of(one_eager_pair())
    posted = Posted(np.zeros(search.market.local.rows, np.int64))
    case = search.priced(search.purpose.decided, posted)
    assert case.bound // PRICE_SCALE == 100
    assert len(case.posted.tolls.amount) == 2
    monkeypatch.setattr(Links, "find", lambda *found: False)
    search = search_of(one_eager_pair())
    assert search.priced(search.purpose.decided, posted).bound == 180 * PRICE_SCALE


def test_the_bundles_of_all_cases_make_an_answer(monkeypatch):
    search = search_of(pairs((60, 50), (60, 50), (60, 50)))
    search.leaves(Posted(np.zeros(search.market.local.rows, np.int64)), 30, unseated, never)
    held = search.chosen(10)
    assert Seating(search.market, search.purpose, held).worth == 120 * PRICE_SCALE
    monkeypatch.setattr(cases, "MANY", 1)
    assert search.chosen(10) is None


def test_the_leaves_cover_every_case_and_the_proof_has_no_more_of_them():
    search = search_of(pairs((60, 50), (60, 50), (60, 50)))
    leaves = search.leaves(
        Posted(np.zeros(search.market.local.rows, np.int64)), 30, unseated, never
    )
    proof = search.proof(leaves)
    assert len(tuple(search.root.cover(search.root.case.bound))) == 1 < len(proof) <= len(leaves)
    for found in (leaves, proof):
        told = [
            {name: answer == YES for name, answer in enumerate(case.decided) if answer != FREE}
            for case in found
        ]
        assert verify.uncovered(told, {}) is None
        assert max(case.bound for case in found) == leaves[0].bound


def test_cases_that_cannot_be_better_are_left_as_they_are():
    search = search_of(pairs((60, 50), (60, 50), (60, 50)), worth=170 * PRICE_SCALE)
    assert (
        len(
            search.leaves(Posted(np.zeros(search.market.local.rows, np.int64)), 30, unseated, never)
        )
        == 1
    )


def test_a_search_can_be_stopped():
    search = search_of(pairs((60, 50), (60, 50), (60, 50)))
    prices = Posted(np.zeros(search.market.local.rows, np.int64))
    assert len(search.leaves(prices, 30, unseated, lambda: True)) == 1


def test_a_search_begins_with_what_everybody_holds():
    market = Market(draft(pairs((60, 50), (60, 50), (60, 50))))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    seating = Seating(market, purpose)
    posted = Posted(np.zeros(market.local.rows, np.int64))
    search, leaves = searched(seating, posted, PRICE_SCALE, 30, unseated, never)
    assert leaves[0].bound == 120 * PRICE_SCALE
    assert (search.columns.held < 0).all(axis=1).sum() == 3


PLAIN = Settings(reasons=False)


@pytest.fixture(scope="module")
def proved():
    """A county whose sections open with some people or not at all, and its result."""
    county = generate("county-minima", 200, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(priced, "is_listable", lambda frame: False)
        return county, solve(county, PLAIN)


def problems_of(folder, county, result):
    """Return the checks that find something wrong with a result."""
    files.write_instance(county, folder)
    files.write_result(result, folder)
    return [check.code for check in verify.verify(folder) if check.problems]


def test_a_county_with_minima_is_proved_best(proved, monkeypatch, tmp_path):
    """Negative control: without cases tolls leave a gap."""
    county, result = proved
    assert result.status == "optimal"
    assert len(result.certificate[-1]) > 1
    assert problems_of(tmp_path, county, result) == []
    monkeypatch.setattr(unlisted, "SEARCHED", 0)
    found = unlisted.solve_unlisted(compile_instance(county), "standard")
    assert found.tiers[-1].bound > result.goals[-1].bound


def test_a_minimum_weighs_more_than_the_chain_of_moves_that_fills_it(monkeypatch):
    """Negative control: at four of the dearest options one person short is cheaper than she is."""
    county, quick = generate("county-minima", 500, 4), Settings(effort="quick", reasons=False)
    assert solve(county, quick).status == "optimal"
    monkeypatch.setattr("matching.backends.market.FORBID", 4)
    (tier,) = solve(county, quick).goals
    assert tier.value < tier.bound


def test_verify_refuses_cases_that_do_not_cover_all(proved, tmp_path):
    county, result = proved
    told = plain(result.certificate)
    told[-1] = sorted(told[-1], key=lambda leaf: leaf["bound"])[1:]
    forged = replace(result, certificate=from_plain(told))
    assert "certificate" in problems_of(tmp_path, county, forged)


def test_rounds_without_openings_are_not_searched(monkeypatch):
    monkeypatch.setattr(unlisted, "searched", None)
    found = unlisted.solve_unlisted(compile_instance(generate("county", 60, 0)), "quick")
    assert found.tiers


def test_ten_teachers_who_fill_few_of_forty_sections_get_the_best_answer(monkeypatch):
    """Negative control: with few linear programs a case its bound stays too high."""
    county = generate("county-minima", 10, 1)
    compiled = compile_instance(county)
    truth = solve_oracle(compiled, county.tiers)
    (found,) = unlisted.solve_unlisted(compiled, "standard").tiers
    assert (found.value, found.bound) == (truth.values[0], truth.values[0])
    monkeypatch.setattr(cases, "ROUNDS", 8)
    (found,) = unlisted.solve_unlisted(compiled, "standard").tiers
    assert found.bound > truth.values[0]
