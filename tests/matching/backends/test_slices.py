"""However a round is cut, everybody is asked the same and the sums are the same."""

from __future__ import annotations

import dataclasses
import os
import signal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.backends import slices
from matching.backends.market import Market
from matching.backends.passes import asked_of, near_of
from matching.backends.unlisted import solve_unlisted
from matching.compile import compile_instance
from matching.errors import WorkerLost
from matching.generate import generate
from matching.instance import Instance
from matching.settings import Settings
from matching.shards import choose, processes
from matching.shards.engine import Here
from matching.shards.processes import Processes
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.factories import draft

COUNTY = generate("county", 600, 1)
QUICK = Settings(effort="quick", reasons=False)


def whole_and_cut(posted, shards, numbers, prices):
    """Ask everybody at random prices, in the whole and in slices."""
    market = Market(posted, Here(shards))
    purpose = market.purpose({"welfare": 1000, "hours_short": 3})
    lot = np.arange(market.local.teachers)[::-1].copy()
    purpose = dataclasses.replace(purpose, lot=lot, lean=max(1, purpose.unit // 2000))
    price = market.legal(purpose, prices(market.local.rows) * max(1, purpose.unit // 10))
    terms = purpose.terms(price)
    return market, terms, purpose, price


def assert_alike(posted, shards, prices):
    market, terms, purpose, price = whole_and_cut(posted, shards, None, prices)
    worth, usage = asked_of(market.local, terms)
    cut_worth, cut_usage = market.slices.asked(terms, market.local.strict_lo)
    assert cut_worth == worth
    assert cut_usage.tolist() == usage.tolist()
    found = near_of(market.local, terms, market.everybody, 3, purpose.unit)
    cut = market.near(purpose, price, 3, purpose.unit)
    held = np.arange(3)[None, :] < found.found[:, None]
    assert cut.found.tolist() == found.found.tolist()
    assert (cut.worth == found.worth)[held].all()
    assert cut.held[held].tolist() == found.held[held].tolist()


@settings(max_examples=40, deadline=None)
@given(counties(), st.integers(2, 6), st.integers(0, 1000))
def test_any_county_in_any_number_of_slices(county, shards, seed):
    """Ties, needs, locked seats, strict minima; with more slices than teachers too."""
    numbers = np.random.default_rng(seed)
    posted = draft(Instance.from_rows(*county))
    assert_alike(posted, shards, lambda rows: numbers.integers(-5, 6, rows))


@pytest.mark.parametrize("kind", ["every-rule", "county-minima", "long"])
def test_drawn_rounds_in_slices(kind):
    numbers = np.random.default_rng(1)
    posted = compile_instance(generate(kind, 60, 1))
    for shards in (2, 3, 60, 70):
        assert_alike(posted, shards, lambda rows: numbers.integers(0, 5, rows))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("_less", lambda options, first: np.minimum(options, 0)),
        ("_moved", lambda held, first, size: held[:, :, :size]),
    ],
)
def test_a_slice_that_counts_from_the_wrong_end_is_noticed(name, wrong, monkeypatch):
    """Negative control: options that are not counted from the slice's first one, as far as they exist."""
    monkeypatch.setattr(slices, name, wrong)
    with pytest.raises((AssertionError, IndexError, ValueError)):
        test_drawn_rounds_in_slices("every-rule")


def test_slices_hold_about_as_many_options_and_only_rows_of_their_own():
    market = Market(compile_instance(COUNTY), Here(4))
    market.slices.asked(
        market.purpose({"welfare": 1}).terms(np.zeros(market.local.rows, np.int64)),
        market.local.strict_lo,
    )
    parts = market.slices._slices
    assert [one.teachers.stop == two.teachers.start for one, two in pairwise(parts)] == [True] * 3
    options = [each.options.stop - each.options.start for each in parts]
    assert sum(options) == market.local.options
    assert max(options) - min(options) <= 2 * 60
    assert all(len(each.rows) < market.local.rows for each in parts)


def test_values_go_out_once_for_each_purpose():
    engine = Here(2)
    market = Market(compile_instance(COUNTY), engine)
    purpose = market.purpose({"welfare": 1})
    price = np.zeros(market.local.rows, np.int64)
    for step in range(3):
        market.ask(purpose, price + step)
    assert engine.account.maps == 3
    assert engine._next == 3
    market.ask(market.purpose({"welfare": 2}), price)
    assert engine._next == 4


def test_a_part_of_the_market_goes_to_the_workers_while_there_is_enough_for_each(monkeypatch):
    """And what was laid out for it is gone afterwards."""
    asked, whole = [], solve_unlisted(compile_instance(COUNTY), "quick")
    engine = Processes(2)
    monkeypatch.setattr(slices, "ENOUGH", 20)
    again = slices.Slices.again
    monkeypatch.setattr(
        slices.Slices, "again", lambda *given: asked.append(again(*given)) or asked[-1]
    )
    try:
        cut = solve_unlisted(compile_instance(COUNTY), "quick", engine=engine)
        assert len(list(engine.folder.iterdir())) == 3 * 2
    finally:
        engine.close()
    assert {each._engine is engine for each in asked} == {True, False}
    assert cut.arcs.tolist() == whole.arcs.tolist()
    assert cut.tiers == whole.tiers


@pytest.mark.parametrize(
    ("kind", "tiers", "effort"),
    [
        ("county-minima", "merged", "standard"),
        ("every-rule", "hours-first", "quick"),
        ("thin", "hours-first", "standard"),
    ],
)
def test_openings_tolls_and_several_tiers_are_the_same_in_slices(kind, tiers, effort):
    """What is asked on the way has other values, lots and switches each time."""
    posted = compile_instance(generate(kind, 40, 2, tiers))
    whole = solve_unlisted(posted, effort)
    cut = solve_unlisted(posted, effort, engine=Here(3))
    assert cut.arcs.tolist() == whole.arcs.tolist()
    assert cut.tiers == whole.tiers
    assert cut.prices == whole.prices


@pytest.fixture(scope="module")
def by_threads():
    return solve(COUNTY, QUICK)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_processes_give_the_same_digest(workers, by_threads):
    settings = dataclasses.replace(QUICK, engine="processes", workers=workers)
    result = solve(COUNTY, settings)
    assert result.digest == by_threads.digest
    assert result.certificate == by_threads.certificate
    told = result.engine
    assert (told["name"], told["shards"], told["resent"]) == ("processes", workers, 0)
    assert told["maps"] == by_threads.engine["maps"] > 40


class Killing(Processes):
    """Kills the worker of its second shard while it works on the thirtieth step."""

    def _ready(self, waiting):
        if self.account.maps == 30 and not self.account.resent and not self.killed:
            self.killed = self.pids[1]
            os.kill(self.killed, signal.SIGKILL)
        return super()._ready(waiting)

    killed = 0


def test_a_worker_killed_in_the_middle_of_the_steps_changes_nothing(by_threads, monkeypatch):
    engine = Killing(2)
    monkeypatch.setattr(choose, "_made", lambda *_: engine)
    result = solve(COUNTY, QUICK)
    assert engine.killed
    assert result.digest == by_threads.digest
    assert result.engine["resent"] == 3
    assert result.engine["maps"] == by_threads.engine["maps"]


def test_if_nobody_took_its_place_there_would_be_no_answer(monkeypatch):
    """Negative control of the story above."""
    monkeypatch.setattr(choose, "_made", lambda *_: Killing(2))
    monkeypatch.setattr(processes, "ATTEMPTS", 1)
    with pytest.raises(WorkerLost):
        solve(COUNTY, QUICK)


def test_the_engine_is_told_but_belongs_to_no_digest(by_threads):
    settings = dataclasses.replace(QUICK, engine="processes", workers=7, address="somewhere")
    assert settings.as_dict() == QUICK.as_dict()
    assert by_threads.engine["name"] == "threads"
    assert dataclasses.replace(by_threads, engine={}).digest == by_threads.digest


@pytest.mark.parametrize("shards", [2, 3, 7])
def test_one_in_eight_is_the_same_one_however_a_round_is_cut(shards):
    prices = np.random.default_rng(1).integers(0, 9, size=100_000)
    market, terms, *_ = whole_and_cut(compile_instance(COUNTY), shards, None, lambda n: prices[:n])
    worth, usage = asked_of(market.local, terms, 0, 8)
    cut_worth, cut_usage = market.slices.asked(terms, market.local.strict_lo, 8)
    assert (cut_worth, cut_usage.tolist()) == (worth, usage.tolist())
    some = np.arange(0, market.local.teachers, 8)
    best, _ = near_of(market.local, terms, some).best()
    assert worth == best.sum()


def test_the_same_question_is_asked_once():
    engine = Here(2)
    market = Market(compile_instance(COUNTY), engine)
    price = np.zeros(market.local.rows, np.int64)
    first = market.ask(market.purpose({"welfare": 1}), price)
    again = market.ask(market.purpose({"welfare": 1}), price.copy())
    assert (first.bound, engine.account.maps) == (again.bound, 1)
    market.ask(market.purpose({"welfare": 1}), price + 1)
    market.ask(market.purpose({"welfare": 2}), price + 1)
    assert engine.account.maps == 3
