"""The peers solve the same round: the compact model's optimum is the oracle's, the flow's as well;
price-and-branch comes near it."""

import pytest

from benchmarks import flows, peers
from benchmarks.compact_model import program_of
from benchmarks.price_and_branch import price_and_branch
from matching.backends.cp_sat import solve_oracle
from matching.compile import compile_instance
from matching.generate import KINDS, generate
from matching.generate.shape import Shape

SMALL = Shape(options=4, ranked=(3, 4), bundle=2, fewest_sections=8, seats=(2, 6))


@pytest.fixture
def small(monkeypatch):
    for kind in KINDS:
        monkeypatch.setitem(KINDS, kind, SMALL)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["county", "every-rule"])
def test_the_compact_model_has_the_optimum_of_the_oracle(small, kind, seed):
    """Every rule of `every-rule` is in the rows, or a peer would seem better than it is."""
    instance = generate(kind, 14, seed)
    draft = compile_instance(instance)
    truth = solve_oracle(draft, instance.tiers)
    program = program_of(draft, instance.tiers[0])
    assert truth is not None
    for peer in (peers.scip, peers.highs, peers.cp_sat):
        found = peer(program, 60)
        assert found.value == pytest.approx(truth.values[0])
        assert found.bound == pytest.approx(truth.values[0], rel=1e-4)


@pytest.mark.parametrize("kind", flows.KINDS)
def test_min_cost_flow_has_the_optimum_of_the_oracle(small, kind):
    instance = flows.plain(kind, 20, 1)
    truth = solve_oracle(compile_instance(instance), instance.tiers)
    assert truth is not None
    assert flows.optimum(instance) == truth.values[0] > 0


@pytest.mark.parametrize("seed", range(2))
def test_price_and_branch_comes_near_the_optimum_of_the_oracle(small, seed):
    """With all the time it wants: its bound holds, and its answer is one."""
    instance = generate("county", 14, seed)
    draft = compile_instance(instance)
    truth = solve_oracle(draft, instance.tiers)
    found, bundles = price_and_branch(draft, instance.tiers[0], 30)
    assert truth is not None
    assert found.value <= truth.values[0] <= found.bound
    assert found.value == pytest.approx(truth.values[0], rel=0.02)
    assert bundles >= 14
