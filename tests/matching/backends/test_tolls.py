"""Tolls: the bound falls by the smaller of closing and filling a section, and stays a bound."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import files, verify
from matching.backends import local, priced
from matching.backends.ascent import Steps, ascend
from matching.backends.market import Market
from matching.backends.objective import NO, PRICE_SCALE, YES
from matching.backends.tolls import Posted, _terms_of, hopeless, settled, shut
from matching.certificate import from_plain, plain
from matching.generate import generate
from matching.solve import solve
from tests.matching.factories import draft, problem


def evening(*points, minimum=3):
    """People with points for an evening course that opens with so many; a morning is worth 10."""
    county = problem()
    county.row("sections", id="evening", offering="E", capacity=5, minimum=minimum)
    county.row("sections", id="morning", offering="M", capacity=9)
    for number, each in enumerate(points):
        county.row("teachers", id=f"T{number}", most_sections=1)
        county.row("choices", teacher=f"T{number}", section="evening", rank=1, points=each)
        county.row("choices", teacher=f"T{number}", section="morning", rank=2, points=10)
    return county.build()


def bounds(instance):
    """Return the bounds by prices of nothing alone and with tolls, and what tolls say of opening."""
    market = Market(draft(instance))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    nothing = market.legal(purpose, np.zeros(market.local.rows, np.int64))
    posted = settled(market, purpose, nothing, ())
    (answer,) = posted.openings(market, purpose).tolist()
    both = Posted(nothing).bound(market, purpose), posted.bound(market, purpose)
    return [each // PRICE_SCALE for each in both], answer


def test_two_who_pay_for_a_third_open_a_section():
    assert bounds(evening(50, 40, 4)) == ([100, 94], YES)


def test_two_who_cannot_pay_for_a_third_lose_it():
    assert bounds(evening(14, 13, 1)) == ([37, 30], NO)


def test_nobody_pays_where_too_few_could_come():
    assert bounds(evening(50, 40)) == ([90, 20], NO)


def test_a_section_with_enough_people_needs_no_tolls():
    market = Market(draft(evening(50, 40, 30)))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    posted = settled(market, purpose, np.zeros(market.local.rows, np.int64), ())
    assert len(posted.tolls.row) == 0


def test_prices_pay_nobody_to_open_what_nobody_decided_to_open():
    """A price below 0 costs nothing where the switch may stay off, so it would prove nothing."""
    market = Market(draft(evening(50, 40, 4)))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    row = next(i for i, each in enumerate(market.draft.shared_rows) if each.switch)
    start = np.zeros(market.local.rows, np.int64)
    start[row] = -30 * PRICE_SCALE
    steps = Steps(40, 0.13, 1e-3)
    assert ascend(market, purpose, steps, start)[row] > -30 * PRICE_SCALE
    forced = purpose.decide(np.array([0]), YES)
    assert market.ask(forced, ascend(market, forced, steps)).bound < 95 * PRICE_SCALE


def test_what_keeping_together_is_worth_counts_only_where_people_serve_it():
    """The bonus of a school nobody of which lists anything together is not in the bound."""
    county = problem()
    county.row("sections", id="A", offering="A", capacity=4)
    county.row("teams", id="keep", rule="keep_together", group_attribute="school", weight=60)
    for number in range(3):
        county.row("teachers", id=f"T{number}", school="one", most_sections=1)
    county.row("choices", teacher="T0", section="A", rank=1, points=10)
    market = Market(draft(county.build()))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    assert len(market.switches) == 1
    bound = market.ask(purpose, ascend(market, purpose, Steps(1, 0.1, 0.1))).bound
    assert bound < 60 * PRICE_SCALE
    steps = Steps(60, 0.13, 1e-3)
    nothing = np.zeros(market.local.rows, np.int64)
    assert market.ask(purpose, nothing).bound >= 70 * PRICE_SCALE
    assert market.ask(purpose, ascend(market, purpose, steps, nothing)).bound < 60 * PRICE_SCALE


@pytest.mark.parametrize(("points", "cost"), [((14, 13, 1), 2), ((14, 3, 1), 12)])
def test_the_closed_section_says_what_opening_it_would_cost(monkeypatch, points, cost):
    """Three in the morning are worth 30; in the evening as many points as they gave it."""
    monkeypatch.setattr(priced, "is_listable", lambda frame: False)
    result = solve(evening(*points))
    assert sum(points) == 30 - cost
    told = {reason.detail["cost"] for reason in result.reasons if reason.code == "closed_costly"}
    assert (result.closed, told) == (("evening",), {cost})


@given(st.lists(st.integers(-50, 50), max_size=7), st.integers(2, 5), st.integers(0, 3))
def test_one_section_by_itself_is_priced_exactly(gains, lo, more):
    most = max(
        (sum(chosen) for held in range(lo, lo + more + 1) for chosen in combinations(gains, held)),
        default=0,
    )
    subsidy, price = _terms_of(np.array(gains, np.int64), lo, lo + more)
    tolls = sum(max(0, each + subsidy) for each in gains) if subsidy else 0
    left = 0 if subsidy else sum(max(0, each - price) for each in gains)
    back = price * (lo + more if price > 0 else lo)
    assert left + max(0, back + tolls) == max(0, most)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Publish an answer in which nobody sits in the evening; return what verify says to its tolls."""
    monkeypatch.setattr(priced, "is_listable", lambda frame: False)
    result = solve(evening(14, 13, 1))
    ((leaf,),) = result.certificate
    files.write_instance(evening(14, 13, 1), tmp_path)

    def told(change):
        certificate = ((replace(leaf, tolls=change(leaf.tolls)),),)
        files.write_result(replace(result, certificate=certificate), tmp_path)
        checks = verify.verify(tmp_path)
        return [problem for check in checks for problem in check.problems]

    return told


def test_tolls_are_published_and_rechecked(published, tmp_path):
    seen = []
    assert published(lambda tolls: seen.extend(tolls) or tolls) == []
    assert {(row, section) for row, _, section, _ in seen} == {
        ("minimum_to_open:evening", "evening")
    }
    (leaves,) = files.read_result(tmp_path).certificate
    assert list(leaves[0].tolls) == seen
    assert from_plain(json.loads(json.dumps(plain((leaves,))))) == (leaves,)


@pytest.mark.parametrize(
    "forged",
    [
        lambda tolls: (),
        lambda tolls: tolls[1:],
        lambda tolls: ((*tolls[0][:3], tolls[0][3] + 5_000), *tolls[1:]),
        lambda tolls: ((*tolls[0][:3], -1_000), *tolls[1:]),
        lambda tolls: (*tolls, ("seat_capacity:morning", "T0", "morning", 9_000)),
        lambda tolls: (*tolls, ("minimum_to_open:evening", "T0", "morning", 9_000)),
        lambda tolls: (*tolls, ("minimum_to_open:Z", "T0", "morning", 9_000)),
    ],
    ids=["none", "one less", "more", "below nothing", "no switch", "another seat", "no such row"],
)
def test_a_forged_toll_is_found(published, forged):
    assert published(forged)


def overlapping(minimum):
    """Three people who each want three evenings that open with so many."""
    county = problem()
    for section in "ABC":
        county.row("sections", id=section, offering=section, capacity=5, minimum=minimum)
    for number in range(3):
        county.row("teachers", id=f"T{number}", most_sections=1)
        for rank, section in enumerate("ABC", 1):
            county.row(
                "choices", teacher=f"T{number}", section=section, rank=rank, points=60 - rank
            )
    return county.build()


@pytest.mark.parametrize(("minimum", "rows", "bound"), [(4, 3, 0), (3, 0, 3 * 59)])
def test_what_too_few_could_fill_is_shut_at_once(minimum, rows, bound):
    """Negative control: with a minimum of three all evenings may open, and nothing is shut."""
    market = Market(draft(overlapping(minimum)))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    nothing = Posted(np.zeros(market.local.rows, np.int64))
    never = hopeless(market, purpose)
    assert len(never) == rows
    assert shut(market, purpose, nothing, never).bound(market, purpose) == bound * PRICE_SCALE


def test_what_would_not_be_added_up_exactly_is_not_shut():
    market = Market(draft(overlapping(4)))
    market.dearest = np.ones_like(market.dearest)
    assert not len(hopeless(market, market.purpose({"welfare": PRICE_SCALE})))


def test_options_are_counted_part_by_part(monkeypatch):
    """Negative control: counted at once they take eight bytes each."""
    market = Market(draft(generate("county-minima", 1_000, 0)))
    purpose = market.purpose({"welfare": PRICE_SCALE})
    rows, most = hopeless(market, purpose).tolist(), {}
    assert rows
    for part in (1 << 20, 1_000):
        monkeypatch.setattr(local, "AT_ONCE", part)
        tracemalloc.start()
        assert hopeless(market, purpose).tolist() == rows
        most[part] = tracemalloc.get_traced_memory()[1] / market.local.options
        tracemalloc.stop()
    assert most[1_000] < 6 < 8 < most[1 << 20]


def test_a_round_in_which_nothing_can_open_is_proved_empty(monkeypatch, tmp_path):
    county = overlapping(4)
    monkeypatch.setattr(priced, "is_listable", lambda frame: False)
    result = solve(county)
    assert (result.status, result.seats, result.goals[-1].bound) == ("optimal", (), 0)
    files.write_instance(county, tmp_path)
    files.write_result(result, tmp_path)
    assert not [check for check in verify.verify(tmp_path) if check.problems]
