"""Linear and integer programs through OR-Tools' MathOpt, built from arrays in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.errors import SolverFailed
from matching.instance import Mask

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Program:
    """Maximise `objective @ x` with `row_lo <= matrix @ x <= row_hi` and `lower <= x <= upper`."""

    objective: Floats
    lower: Floats
    upper: Floats
    integer: Mask
    matrix: csr_array
    row_lo: Floats
    row_hi: Floats


@dataclass(frozen=True)
class Answer:
    """A solver's answer; `bound` is its own proof of what no solution can exceed."""

    x: Floats
    value: float
    bound: float
    duals: Floats
    optimal: bool


def solve_lp(program: Program) -> Answer | None:
    """Solve a linear program with GLOP; None when it is infeasible.

    Raises
    ------
    SolverFailed
        If GLOP stops for any other reason.
    """
    from ortools.math_opt.python import mathopt

    return _solve(program, mathopt.SolverType.GLOP, mathopt.SolveParameters())


def solve_mip(
    program: Program, nodes: int, gap: float, hint: Floats | None = None
) -> Answer | None:
    """Solve an integer program with HiGHS within a number of nodes; None when it is infeasible.

    `nodes` and `gap` are the only limits, so that no clock decides a result. `hint` is a feasible
    solution to start from.

    Raises
    ------
    SolverFailed
        If no solution was found within the nodes, or the solver stopped for another reason.
    """
    from ortools.math_opt.python import mathopt
    from ortools.math_opt.solvers import highs_pb2

    options = highs_pb2.HighsOptionsProto()
    options.int_options["threads"] = 1
    options.int_options["mip_max_nodes"] = nodes
    parameters = mathopt.SolveParameters(relative_gap_tolerance=gap, highs=options)
    return _solve(program, mathopt.SolverType.HIGHS, parameters, hint)


def _solve(
    program: Program, solver: Any, parameters: Any, hint: Floats | None = None
) -> Answer | None:
    from ortools.math_opt.python import mathopt

    model = mathopt.Model.from_model_proto(_proto(program))
    columns, rows = list(model.variables()), list(model.linear_constraints())
    extra = mathopt.ModelSolveParameters()
    if hint is not None:
        values = dict(zip(columns, hint.tolist(), strict=True))
        extra.solution_hints.append(mathopt.SolutionHint(variable_values=values))
    result = mathopt.solve(model, solver, params=parameters, model_params=extra)
    reason = result.termination.reason
    if reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return None
    if not result.has_primal_feasible_solution():
        raise SolverFailed(f"{solver.name} stopped without a solution: {result.termination}")
    duals = result.dual_values(rows) if result.has_dual_feasible_solution() else [0.0] * len(rows)
    return Answer(
        np.array(result.variable_values(columns)),
        result.objective_value(),
        result.termination.objective_bounds.dual_bound,
        np.array(duals),
        reason == mathopt.TerminationReason.OPTIMAL,
    )


def _proto(program: Program) -> Any:
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
