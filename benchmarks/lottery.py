"""What the lottery decides: whose bundle is another one with another seed, over twenty seeds.

`python -m benchmarks.lottery [--add]`. Where every tier is proved optimal and one answer alone is best,
no seed changes anything; among answers of one value, and where something is left unproved, the lot
decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks import rows
from matching.generate import generate
from matching.instance import Instance
from matching.result import GoalValue, Result
from matching.settings import Effort, Settings
from matching.solve import solve

SEEDS = 20
ROUNDS: tuple[tuple[str, int, str, Effort], ...] = (
    ("county", 100, "merged", "standard"),
    ("county", 500, "merged", "standard"),
    ("county", 500, "hours-first", "standard"),
    ("county", 2_000, "merged", "standard"),
    ("ties", 500, "merged", "standard"),
)


def reseeded(instance: Instance, seed: str) -> Instance:
    """Return the same round with another lottery."""
    return replace(instance, meta={**instance.meta, "seed": seed})


def answers(instance: Instance, effort: Effort, seeds: int = SEEDS) -> list[Result]:
    """Solve a round with some seeds of the lottery."""
    settings = Settings(effort=effort, reasons=False)
    return [solve(reseeded(instance, str(seed)), settings) for seed in range(seeds)]


def held_by(result: Result) -> dict[str, set[str]]:
    """Return everybody's sections."""
    found: dict[str, set[str]] = {}
    for seat in result.seats:
        found.setdefault(seat.teacher, set()).add(seat.section)
    return found


def changed(results: Sequence[Result]) -> dict[str, float]:
    """Return how many teachers hold another bundle than with the first seed, and how far values lie."""
    held = [held_by(result) for result in results]
    people = set().union(*held)
    others = [{name for name in people if each.get(name) != held[0].get(name)} for each in held[1:]]
    goals = [_welfare(result) for result in results]
    values = [goal.value for goal in goals]
    return {
        "seeds": len(results),
        "proved_optimal": sum(result.status == "optimal" for result in results),
        "changed_mean": sum(map(len, others)) / max(1, len(others)),
        "changed_most": max(map(len, others), default=0),
        "changed_ever": len(set().union(*others)) if others else 0,
        "values_apart": max(values) - min(values),
        "worst_gap_percent": 100 * max(goal.gap or 0.0 for goal in goals),
    }


def _welfare(result: Result) -> GoalValue:
    return next(goal for goal in result.goals if "welfare" in goal.code)


def tables() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield one row for each round."""
    for kind, teachers, tiers, effort in ROUNDS:
        figures = changed(answers(generate(kind, teachers, 1, tiers), effort))
        name = f"lottery: {kind} {teachers:,}, {tiers}, {effort}, {SEEDS} seeds"
        yield name, {"teachers": teachers, **figures}


if __name__ == "__main__":
    rows.main("lottery", __doc__, tables)
