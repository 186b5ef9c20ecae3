"""Straight ways to solve a round, each with a wall-clock limit (they are the peers; we have none)."""

from __future__ import annotations

import datetime as dt
import math
import time
from dataclasses import dataclass

import numpy as np

from matching.backends.linear import Program, proto_of


@dataclass(frozen=True)
class Found:
    """What a peer reached: value and its own bound (None: nothing), and the seconds it took."""

    value: float | None
    bound: float | None
    seconds: float


def cp_sat(program: Program, seconds: float, workers: int = 2) -> Found:
    """Let CP-SAT solve the program; rows `sum <= 1` are handed over as at-most-one."""
    from ortools.sat.python import cp_model

    started = time.perf_counter()
    model = cp_model.CpModel()
    proto = model.proto
    for low, high in zip(program.lower.tolist(), program.upper.tolist(), strict=True):
        proto.variables.add().domain.extend([int(low), int(min(high, 1 << 40))])
    matrix, limits = (
        program.matrix,
        zip(program.row_lo.tolist(), program.row_hi.tolist(), strict=True),
    )
    for row, (low, high) in enumerate(limits):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns, coefs = matrix.indices[part].tolist(), matrix.data[part]
        if high == 1 and low == -math.inf and (coefs == 1).all() and program.integer[columns].all():
            proto.constraints.add().at_most_one.literals.extend(columns)
            continue
        linear = proto.constraints.add().linear
        linear.vars.extend(columns)
        linear.coeffs.extend(coefs.astype(int).tolist())
        ends = [
            -(1 << 50) if low == -math.inf else int(low),
            1 << 50 if high == math.inf else int(high),
        ]
        linear.domain.extend(ends)
    used = np.flatnonzero(program.objective)
    proto.objective.vars.extend(used.tolist())
    proto.objective.coeffs.extend((-program.objective[used]).astype(int).tolist())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = 1
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.perf_counter() - started))
    status = solver.solve(model)
    spent = time.perf_counter() - started
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(None, None, spent)  # what it calls a bound before an answer is none
    return Found(-solver.objective_value, -solver.best_objective_bound, spent)


def scip(program: Program, seconds: float) -> Found:
    """Let SCIP solve the program."""
    return _math_opt(program, seconds, "GSCIP")


def highs(program: Program, seconds: float) -> Found:
    """Let HiGHS solve the program."""
    return _math_opt(program, seconds, "HIGHS")


def _math_opt(program: Program, seconds: float, solver: str) -> Found:
    from ortools.math_opt.python import mathopt

    started = time.perf_counter()
    model = mathopt.Model.from_model_proto(proto_of(program))
    left = max(0.1, seconds - (time.perf_counter() - started))
    result = mathopt.solve(
        model,
        mathopt.SolverType[solver],
        params=mathopt.SolveParameters(
            time_limit=dt.timedelta(seconds=left), relative_gap_tolerance=0.0
        ),
    )
    spent = time.perf_counter() - started
    bound = result.termination.objective_bounds.dual_bound
    bound = bound if math.isfinite(bound) else None
    if not result.has_primal_feasible_solution():
        return Found(None, bound, spent)
    return Found(result.objective_value(), bound, spent)
