"""Large rounds: filled block by block, with true bounds, and nearly as good as the oracle."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from matching import files, verify
from matching.backends import large, priced, schedule
from matching.backends.blocks import blocks_of
from matching.backends.cp_sat import solve_oracle
from matching.backends.openings import Searched
from matching.check import check, measure
from matching.compile import compile_instance
from matching.instance import Instance
from matching.settings import Settings
from matching.solve import solve
from matching.watch import StopAt, Watch
from tests.matching.backends.drafted import master_of
from tests.matching.counties import counties
from tests.matching.zones import zones


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    """Blocks of 20 teachers, whatever the size of the round."""
    small = {name: replace(each, block=20) for name, each in schedule.LARGE_SCHEDULES.items()}
    monkeypatch.setattr(schedule, "LARGE", 0)
    monkeypatch.setattr(schedule, "LARGE_SCHEDULES", small)


def test_blocks_are_found_from_the_rows_alone():
    """Those who looked beyond their zone are still of it."""
    instance = zones()
    blocks = blocks_of(master_of(instance), 20)
    assert len(blocks) == 3
    named = [name[0] for name in instance.teacher_ids]
    assert len(set(zip(named, blocks.of.tolist(), strict=True))) == 3
    assert (blocks.home < 0).sum() == 3, "two wide sections and the share are at home nowhere"


def test_a_round_in_which_all_share_everything_is_one_block():
    instance = zones(count=1, teachers=60)
    blocks = blocks_of(master_of(instance), 20)
    assert np.bincount(blocks.of).tolist() == [60]


@pytest.mark.parametrize("strict", [0, 1])
def test_three_zones_are_nearly_as_good_as_can_be(monkeypatch, strict):
    """Beside the search over the whole round, which leaves no gap of more than 1 %."""
    instance = zones(strict=strict)
    result = solve(instance)
    assert check(instance, result.seats) == ()
    measured = measure(instance, result.seats)
    monkeypatch.setattr(schedule, "LARGE", 10**6)
    whole = solve(instance, Settings(effort="quick"))
    for goal, best in zip(result.goals, whole.goals, strict=True):
        assert measured[goal.code] == goal.value
        if goal.sense == "min":
            assert goal.value == best.bound, goal.code
        else:
            assert 0.98 * best.bound <= goal.value <= min(goal.bound, best.bound)


def test_the_openings_of_the_whole_round_are_searched(monkeypatch, tmp_path):
    """Negative control: where a round is too large for it, prices and tolls leave a gap."""
    tight = zones(teachers=12, places=5, least=4)
    result = solve(tight)
    goal, leaves = result.goals[-1], result.certificate[-1]
    assert goal.value == goal.bound < goal.price_bound
    assert len(leaves) > 1
    files.write_instance(tight, tmp_path)
    files.write_result(result, tmp_path)
    assert [check.code for check in verify.verify(tmp_path) if check.problems] == []
    monkeypatch.setattr(large, "SEARCHED", 0)
    assert solve(tight).goals[-1].gap > 0


def test_a_search_that_proves_nothing_leaves_one_case(monkeypatch):
    monkeypatch.setattr(large, "search", lambda _, __, root, *___: Searched((root, root), 3))
    assert {len(leaves) for leaves in solve(zones()).certificate} == {1}


def test_other_openings_are_worth_asking_for(monkeypatch):
    """Negative control: without a sweep the sections stay as the first dive left them."""
    monkeypatch.setattr(large, "SEARCHED", 0)
    tight = zones(teachers=12, places=5, least=4)
    whole = solve(tight).goals[-1].value
    none = {name: replace(each, sweeps=0) for name, each in schedule.LARGE_SCHEDULES.items()}
    schedule.LARGE_SCHEDULES.update(none)
    assert solve(tight).goals[-1].value < whole


def test_tolls_prove_more_than_prices(monkeypatch, tmp_path):
    """Negative control: without them the bound is that of the prices."""
    monkeypatch.setattr(large, "SEARCHED", 0)
    tight = zones(teachers=12, places=5, least=4)
    result = solve(tight)
    goal, (leaf,) = result.goals[-1], result.certificate[-1]
    assert goal.value <= goal.bound < goal.price_bound
    assert leaf.tolls
    files.write_instance(tight, tmp_path)
    files.write_result(result, tmp_path)
    assert [check.code for check in verify.verify(tmp_path) if check.problems] == []
    monkeypatch.setattr(priced, "reproved", lambda draft, tiers, gap: tiers)
    assert solve(tight).goals[-1].bound == goal.price_bound


def test_a_large_round_can_be_stopped_at_any_step():
    class Listener(Watch):
        def __init__(self):
            self.steps = []

        def tell(self, progress):
            self.steps.append(progress.step)

    listener, quick = Listener(), Settings(effort="quick")
    whole = solve(zones(), quick, listener)
    assert solve(zones(), quick).digest == whole.digest
    for step in listener.steps[1::4]:
        once, twice = (solve(zones(), quick, StopAt(step)) for _ in range(2))
        assert (once.status, once.settings["stopped_at"]) == ("stopped", step)
        assert once.digest == twice.digest
        assert check(zones(), once.seats) == ()


@pytest.mark.parametrize("effort", schedule.LARGE_SCHEDULES)
@settings(derandomize=True, deadline=None, max_examples=15)
@given(counties())
def test_bounds_are_true_on_any_county(effort, county):
    """Also where blocks are tiny, rows are odd and minima cannot be met."""
    instance = Instance.from_rows(*county)
    truth = solve_oracle(compile_instance(instance), instance.tiers)
    found = priced.solve(compile_instance(instance), effort)
    if truth is None:
        assert found.arcs is None
        return
    assert found.arcs is not None
    for tier, best in zip(found.tiers, truth.values, strict=True):
        assert tier.value <= best <= tier.bound
        if tier.value < best:
            break
