"""Linear and integer programs, handed over as arrays in one go: OR-Tools, and SciPy where they are large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.errors import SolverFailed
from matching.instance import Mask

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Program:
    """Maximise `objective @ x` with `row_lo <= matrix @ x <= row_hi` and `lower <= x <= upper`."""

    objective: Floats
    lower: Floats
    upper: Floats
    integer: Mask
    matrix: sparse.csr_array
    row_lo: Floats
    row_hi: Floats


@dataclass(frozen=True)
class Answer:
    """A solver's answer; `bound` is its own proof of what no solution can exceed.

    `duals` holds the price of every row of a linear program and nothing for an integer one.
    """

    x: Floats
    value: float
    bound: float
    duals: Floats


LARGE = 3_000
"""From so many rows on an interior point method is faster than the simplex method: 2.3 instead of 11.6
seconds with 6,200 rows and 12,400 columns, 0.9 instead of 2.7 with 3,100 and 7,400. With 655 rows and
6,100 columns it takes twice as long."""


def solve_lp(program: Program) -> Answer | None:
    """Solve a linear program; None when it finds no optimum.

    No optimum means infeasible or numerically stuck; either way nothing is claimed, since every
    bound comes from whole-number prices. Answers are corners of what is feasible.
    """
    if len(program.row_lo) >= LARGE:
        return _from_inside(program)
    return _by_corners(program) or _by_corners_scaled(program)


def _by_corners_scaled(program: Program) -> Answer | None:
    """Solve a linear program whose objective is scaled to 1: GLOP may get stuck where it is in millions.

    The scale is a power of two, so that nothing is rounded.
    """
    largest = float(np.abs(program.objective).max(initial=1))
    scale = 2.0 ** np.ceil(np.log2(largest))
    answer = _by_corners(replace(program, objective=program.objective / scale))
    if answer is None:
        return None
    value = answer.value * scale
    return Answer(answer.x, value, value, answer.duals * scale)


def _by_corners(program: Program) -> Answer | None:
    """Solve a linear program with GLOP.

    The array interface of OR-Tools' model builder is used: handing answers over through MathOpt's
    objects takes four times as long as solving.
    """
    from ortools.linear_solver.python import model_builder_helper as builder

    model: Any = builder.ModelBuilderHelper()
    model.fill_model_from_sparse_data(
        program.lower,
        program.upper,
        program.objective,
        program.row_lo,
        program.row_hi,
        program.matrix.astype(np.float64),
    )
    model.set_maximize(True)
    solver = builder.ModelSolverHelper("glop")
    solver.solve(model)
    if solver.status() != builder.SolveStatus.OPTIMAL:
        return None
    value = solver.objective_value()
    duals = np.asarray(solver.dual_values())
    return Answer(np.asarray(solver.variable_values()), value, value, duals)


def _from_inside(program: Program) -> Answer | None:
    """Solve a linear program with the interior point method of HiGHS, which then goes to a corner."""
    from scipy.optimize import linprog

    matrix = program.matrix.astype(np.float64)
    is_equal = program.row_lo == program.row_hi
    most = np.flatnonzero(~is_equal & np.isfinite(program.row_hi))
    least = np.flatnonzero(~is_equal & np.isfinite(program.row_lo))
    equal = np.flatnonzero(is_equal)
    answer = linprog(
        -program.objective,
        sparse.vstack([matrix[most], -matrix[least]], format="csc"),
        np.concatenate([program.row_hi[most], -program.row_lo[least]]),
        matrix[equal],
        program.row_lo[equal],
        np.column_stack([program.lower, program.upper]),
        method="highs-ipm",
    )
    if answer.status != 0:
        return None
    duals = np.zeros(len(is_equal))
    duals[equal] = -answer.eqlin.marginals
    duals[most] = -answer.ineqlin.marginals[: len(most)]
    duals[least] += answer.ineqlin.marginals[len(most) :]
    return Answer(answer.x, -answer.fun, -answer.fun, duals)


def solve_mip(program: Program, nodes: int, gap: float) -> Answer | None:
    """Solve an integer program with HiGHS within a number of nodes; None when it finds nothing.

    `nodes` and `gap` are the only limits, so that no clock decides a result. No solution to start
    from is handed over: HiGHS 1.x behind MathOpt refuses some feasible ones with an internal error.

    Raises
    ------
    SolverFailed
        If the solver stopped for another reason than its limits.
    """
    from ortools.math_opt.python import mathopt
    from ortools.math_opt.solvers import highs_pb2

    options = highs_pb2.HighsOptionsProto()
    options.int_options["threads"] = 1
    options.int_options["mip_max_nodes"] = nodes
    parameters = mathopt.SolveParameters(relative_gap_tolerance=gap, highs=options)
    model = mathopt.Model.from_model_proto(proto_of(program))
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    reason = result.termination.reason
    if reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return None
    if not result.has_primal_feasible_solution():
        if reason == mathopt.TerminationReason.NO_SOLUTION_FOUND:
            return None
        raise SolverFailed(f"HiGHS stopped without a solution: {result.termination}")
    bound = result.termination.objective_bounds.dual_bound
    x = np.array(result.variable_values(list(model.variables())))
    return Answer(x, result.objective_value(), bound, np.zeros(0))


def proto_of(program: Program) -> Any:
    """Return a program in the words of MathOpt."""
    from ortools.math_opt import model_pb2

    columns, rows = len(program.objective), len(program.row_lo)
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend(program.lower.tolist())
    proto.variables.upper_bounds.extend(program.upper.tolist())
    proto.variables.integers.extend(program.integer.tolist())
    proto.objective.maximize = True
    nonzero = np.flatnonzero(program.objective)
    proto.objective.linear_coefficients.ids.extend(nonzero.tolist())
    proto.objective.linear_coefficients.values.extend(program.objective[nonzero].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(program.row_lo.tolist())
    proto.linear_constraints.upper_bounds.extend(program.row_hi.tolist())
    matrix = program.matrix
    matrix.sort_indices()
    row_of = np.repeat(np.arange(rows), np.diff(matrix.indptr))
    proto.linear_constraint_matrix.row_ids.extend(row_of.tolist())
    proto.linear_constraint_matrix.column_ids.extend(matrix.indices.tolist())
    proto.linear_constraint_matrix.coefficients.extend(matrix.data.astype(float).tolist())
    return proto
