"""The front door: solve an instance; what comes back has passed the referee."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from matching.check import check
from matching.compile import compile_instance
from matching.errors import RefereeRejected, UnsupportedInstance
from matching.goals import GOALS
from matching.instance import Instance
from matching.primitives import Draft
from matching.result import GoalValue, Price, Reason, Result, Seat, Status
from matching.settings import Settings

if TYPE_CHECKING:
    from matching.backends.priced import Solved
    from matching.backends.tiers import TierValue


def solve(instance: Instance, settings: Settings = Settings()) -> Result:  # noqa: B008 (frozen)
    """Seat teachers in sections under every rule of the round, tier by tier.

    Raises
    ------
    UnsupportedInstance
        If the backend is unknown or the instance too large for it.
    RefereeRejected
        If the backend broke a rule, or one teacher alone could be improved: our defect.
    """
    from matching.backends import priced
    from matching.explain import clash_witness, miss_reasons

    if settings.backend != priced.name:
        raise UnsupportedInstance(f"unknown backend {settings.backend!r}; there is {priced.name}")
    phases: dict[str, float] = {}
    started = time.perf_counter()
    draft = compile_instance(instance)
    phases["compile"] = time.perf_counter() - started
    solved = priced.solve(draft, settings.effort)
    phases["solve"] = time.perf_counter() - started - phases["compile"]
    if solved.arcs is None:
        witness = clash_witness(draft, settings.effort) if settings.reasons else ()
        return _result(draft, solved, "infeasible", (), (), witness, settings, phases)
    seats = _seats(instance, solved)
    if breaches := check(instance, seats):
        raise RefereeRejected(f"{priced.name} broke {breaches[:3]}")
    reasons = miss_reasons(draft, solved.arcs, solved.if_opened) if settings.reasons else ()
    phases["explain"] = time.perf_counter() - started - sum(phases.values())
    proved = all(tier.proof == "exact" for tier in solved.tiers)
    status: Status = "optimal" if proved else "feasible"
    return _result(draft, solved, status, seats, reasons, (), settings, phases)


def _seats(instance: Instance, solved: Solved) -> tuple[Seat, ...]:
    choices = instance["choices"]
    locks = {(row["teacher"], row["section"]) for row in instance["locks"].rows()}
    seats = []
    for arc in () if solved.arcs is None else solved.arcs.tolist():
        teacher = int(choices.integers("teacher")[arc])
        section = int(choices.integers("section")[arc])
        kind: Any = "locked" if (teacher, section) in locks else choices.text("kind")[arc]
        rank = int(choices.integers("rank")[arc])
        seats.append(Seat(instance.teacher_ids[teacher], instance.section_ids[section], rank, kind))
    return tuple(sorted(seats))


def _result(
    draft: Draft,
    solved: Solved,
    status: Status,
    seats: tuple[Seat, ...],
    reasons: tuple[Reason, ...],
    witness: tuple[Reason, ...],
    settings: Settings,
    phases: dict[str, float],
) -> Result:
    instance = draft.instance
    opened = {seat.section for seat in seats}
    closed = tuple(name for name in instance.section_ids if name not in opened)
    return Result(
        status,
        seats,
        closed if status != "infeasible" else (),
        tuple(goal for tier in solved.tiers for goal in _goals(tier)),
        tuple(Price(row, price) for row, price in solved.prices),
        reasons,
        witness,
        instance.seed,
        settings.as_dict(),
        settings.backend,
        f"xuanke {version('xuanke')}; ortools {version('ortools')}",
        instance.digest,
        phases,
    )


def _goals(tier: TierValue) -> list[GoalValue]:
    """Return a tier as its goals; a bound belongs to a tier, so a mixed tier states one line."""
    code = "+".join(sorted(tier.goals))
    known = GOALS.get(code)
    unit, sense = (known.unit, known.sense) if known else ("points", "max")
    sign = -1 if sense == "min" else 1
    price_bound = sign * tier.price_bound
    bound = sign * tier.bound
    return [
        GoalValue(tier.tier, code, unit, sense, sign * tier.value, bound, tier.proof, price_bound)
    ]
