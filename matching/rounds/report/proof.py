"""What the result is, what is proved about it, and how anybody can check it."""

from __future__ import annotations

from math import ceil

from matching.rounds.exports.sheet import Cell
from matching.rounds.report.desk import Desk, Part, Table
from matching.rounds.view import GoalView, SolveView
from matching.rounds.words import number

SHOWN_DIGEST = 12


def result_part(desk: Desk) -> Part:
    """Return what this result is: proof in plain sentences, then digest, seed, version."""
    rows: list[tuple[Cell, ...]] = []
    for solve in desk.view.solves:
        rows += [
            (desk.say("round_number", round=solve.round), desk.say(f"field_{name}"), str(value))
            for name, value in (
                ("status", desk.say(f"status_{solve.status}")),
                ("digest", solve.digest),
                ("instance", solve.instance_digest),
                ("seed", solve.seed),
                ("version", solve.version),
                ("backend", solve.backend),
                ("seats", solve.seats),
            )
        ]
    return Part(
        id="result",
        title=desk.say("result_title"),
        sentences=tuple(_proof(desk, solve) for solve in desk.view.solves),
        table=Table(
            desk.say("result_table"),
            desk.heads("round", "field", "value"),
            tuple(rows),
            (12, 18, 70),
        ),
        notes=(desk.say("result_digest", digest=desk.view.digest[:SHOWN_DIGEST]),),
    )


def missing_seats(solve: SolveView) -> int | None:
    """Return how many average seats' worth of points a better answer could add at most."""
    welfare = next((goal for goal in solve.goals if goal.code == "welfare"), None)
    if welfare is None or welfare.bound is None or welfare.value <= 0:
        return None
    return -(-(welfare.bound - welfare.value) * solve.seats // welfare.value)


def _proof(desk: Desk, solve: SolveView) -> str:
    """Say what the bound proves; where nothing is proved, say that."""
    missing = missing_seats(solve)
    if missing is None:
        return desk.say("proof_none", round=solve.round)
    under = desk.say("under_goals" if solve.round == 1 else "under_seats")
    if missing == 0:
        return desk.say("proof_exact", round=solve.round, under=under)
    gap = f"{ceil(10_000 * (solve.gap or 0)) / 100:g}"
    told = {"seats": missing, "all": solve.seats, "gap": gap}
    return desk.say("proof_gap", round=solve.round, under=under, **told)


def goals_part(desk: Desk) -> Part:
    """Return the goals in their order with value, bound and what proves it."""
    rows = tuple(
        (
            desk.say("round_number", round=solve.round),
            goal.tier,
            goal_title(desk, goal),
            amount(desk, goal, goal.value),
            _bound(desk, goal, goal.bound),
            _bound(desk, goal, goal.price_bound),
            _distance(desk, goal),
            desk.say(f"proof_by_{goal.proof}"),
        )
        for solve in desk.view.solves
        for goal in solve.goals
    )
    heads = desk.heads(
        "round", "tier", "goal", "reached", "bound", "price_bound", "distance", "proof"
    )
    return Part(
        id="goals",
        title=desk.say("goals_title"),
        sentences=(desk.say("goals_line"),),
        table=Table(desk.say("goals_title"), heads, rows, (9, 7, 30, 16, 16, 16, 14, 24)),
        plain=True,
    )


def goal_title(desk: Desk, goal: GoalView) -> str:
    """Return what a goal is called; a tier of several goals names them all."""
    return " + ".join(desk.say(f"goal_{code}") for code in goal.code.split("+"))


def _bound(desk: Desk, goal: GoalView, bound: int | None) -> str:
    return desk.say("no_bound") if bound is None else amount(desk, goal, bound)


def amount(desk: Desk, goal: GoalView, value: int) -> str:
    """Return a goal's value in its unit: minutes as hours, fen as yuan."""
    shown = {"minutes": 60, "weighted_minutes": 60, "fen": 100}
    divided = value / shown.get(goal.unit, 1)
    return desk.say(f"amount_{goal.unit}", value=number(round(divided, 1)))


def _distance(desk: Desk, goal: GoalView) -> str:
    if goal.bound is None:
        return "–"
    return amount(desk, goal, abs(goal.bound - goal.value))


def recheck_part(desk: Desk) -> Part:
    """Return how anybody entitled to the files checks this result."""
    last = desk.view.solves[-1]
    return Part(
        id="recheck",
        title=desk.say("recheck_title"),
        sentences=(
            desk.say("recheck_solve", version=last.version, digest=last.digest),
            desk.say("recheck_check"),
            desk.say("recheck_sheets"),
        ),
    )
