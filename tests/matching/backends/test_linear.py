"""Programs handed over as arrays: answers and prices that can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from matching.backends import linear
from matching.backends.linear import Program, solve_lp, solve_mip

INF = np.inf


@pytest.fixture(params=[linear.LARGE, 0], ids=["corners", "inside"])
def _method(request, monkeypatch):
    """Programs are small here; the second time they are solved as large ones are."""
    monkeypatch.setattr(linear, "LARGE", request.param)


either = pytest.mark.usefixtures("_method")


def program(integer: bool = False) -> Program:
    """3a + 2b with a + b <= 4 and a <= 2.5: 10.5 at (2.5, 1.5), or 10 in whole numbers."""
    return Program(
        np.array([3.0, 2.0]),
        np.zeros(2),
        np.array([2.5, INF]),
        np.full(2, integer),
        sparse.csr_array(np.array([[1.0, 1.0]])),
        np.array([-INF]),
        np.array([4.0]),
    )


@either
def test_a_linear_program_by_hand():
    """One more unit of the row would bring 2, what b is worth."""
    answer = solve_lp(program())
    assert answer.x.tolist() == pytest.approx([2.5, 1.5])
    assert (answer.value, answer.bound) == pytest.approx((10.5, 10.5))
    assert answer.duals.tolist() == pytest.approx([2.0])


@either
def test_every_kind_of_row_has_its_price():
    """4a + 3b + 2c + d with a + b + c + d = 10, a <= 3, b - c <= 1, d >= 2, a + d <= 4: a 2, b 3.5, c 2.5.

    One more of the sum is halved between b and c, 2.5; one more that b may be ahead brings 0.5; d has
    to be 2 and costs what a would bring instead; one more for both brings a, which leaves b and c one less.
    """
    rows = np.array([[1, 1, 1, 1], [0, 1, -1, 0], [0, 0, 0, 1], [1, 0, 0, 1]], float)
    lo, hi = np.array([10, -INF, 2, -INF]), np.array([10, 1, INF, 4])
    upper = np.array([3, INF, INF, INF])
    every = Program(
        np.array([4.0, 3, 2, 1]),
        np.zeros(4),
        upper,
        np.zeros(4, bool),
        sparse.csr_array(rows),
        lo,
        hi,
    )
    answer = solve_lp(every)
    assert answer.x.tolist() == pytest.approx([2, 3.5, 2.5, 2])
    assert answer.value == pytest.approx(25.5)
    assert answer.duals.tolist() == pytest.approx([2.5, 0.5, -3, 1.5])


def test_large_programs_go_the_other_way(monkeypatch):
    monkeypatch.setattr(linear, "_from_inside", lambda _: "inside")
    monkeypatch.setattr(linear, "_by_corners", lambda _: "corners")
    assert solve_lp(program()) == "corners"
    monkeypatch.setattr(linear, "LARGE", 1)
    assert solve_lp(program()) == "inside"


def test_where_the_simplex_method_gets_stuck_the_objective_is_scaled(monkeypatch):
    """A stand-in gets stuck at numbers above 1, as GLOP does at millions; the prices stay the same."""
    real = linear._by_corners

    def stuck(asked):
        return real(asked) if np.abs(asked.objective).max() <= 1 else None

    told = real(program())
    monkeypatch.setattr(linear, "_by_corners", stuck)
    answer = solve_lp(program())
    assert (answer.value, answer.bound) == (told.value, told.bound)
    assert answer.duals.tolist() == told.duals.tolist()
    monkeypatch.setattr(linear, "_by_corners", lambda asked: None)
    assert solve_lp(program()) is None


def test_an_integer_program_by_hand():
    answer = solve_mip(program(integer=True), 100, 0.0)
    assert answer.x.tolist() == pytest.approx([2, 2])
    assert (answer.value, answer.bound) == pytest.approx((10, 10))


@either
@pytest.mark.parametrize("solver", [solve_lp, lambda each: solve_mip(each, 100, 0.0)])
def test_an_impossible_program_has_no_answer(solver):
    """2.5 and 1 at most do not add up to 9."""
    too_much = {"row_lo": np.array([9.0]), "row_hi": np.array([INF]), "upper": np.array([2.5, 1])}
    assert solver(replace(program(integer=True), **too_much)) is None


def test_a_linear_program_without_an_optimum_is_never_an_answer(monkeypatch):
    """GLOP stuck in its numbers claims nothing; bounds come from prices alone."""
    from ortools.linear_solver.python import model_builder_helper as builder

    monkeypatch.setattr(builder.ModelSolverHelper, "status", lambda _: builder.SolveStatus.ABNORMAL)
    assert solve_lp(program()) is None


def test_no_solution_within_the_nodes_is_none_or_one_with_a_true_bound():
    """A knapsack of 30 with odd weights; 1 node is not enough to settle it."""
    random = np.random.default_rng(3)
    weights = 2 * random.integers(10, 99, 30) + 1
    hard = Program(
        weights.astype(float),
        np.zeros(30),
        np.ones(30),
        np.ones(30, bool),
        sparse.csr_array(weights[None, :].astype(float)),
        np.array([-INF]),
        np.array([float(weights.sum() // 2)]),
    )
    answer = solve_mip(hard, 1, 0.0)
    assert answer is None or answer.value <= answer.bound <= weights.sum() // 2
