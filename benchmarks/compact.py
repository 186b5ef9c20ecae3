"""The straight way on the same instance: the compact model, one variable per choice, in CP-SAT.

Welfare alone under all hard rules, with the shortages of earlier tiers weighted far above it; a
fixed amount of deterministic time, so that two runs agree. The peer of `pilot.run`.
"""

from __future__ import annotations

import time


def run(problem, units: float) -> dict[str, float]:
    """Return the gap CP-SAT itself reports after `units` of deterministic time on one worker."""
    from ortools.sat.python import cp_model

    from matching.backends.cp_sat import CompactModel
    from matching.compile import compile_instance

    model = CompactModel(compile_instance(problem))
    weights = {"hours_short": 5, "quota_short": 10_000, "assigned_seats": 2_000, "unserved": 5_000}
    merged = sum(weight * model.goal(code) for code, weight in weights.items())
    model.cp.maximize(merged + model.goal("welfare"))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = units
    started = time.perf_counter()
    status = solver.solve(model.cp)
    seconds = time.perf_counter() - started
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {"value": float("nan"), "bound": solver.best_objective_bound, "seconds": seconds}
    value, bound = solver.objective_value, solver.best_objective_bound
    return {
        "value": value,
        "bound": bound,
        "gap_percent": 100 * (bound - value) / abs(bound),
        "seconds": seconds,
    }
