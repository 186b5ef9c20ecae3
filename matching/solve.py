"""The front door: solve an instance; what comes back has passed the referee."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from matching.check import check
from matching.compile import compile_instance
from matching.errors import RefereeRejected, UnsupportedInstance
from matching.goals import unit_and_sense
from matching.instance import Instance
from matching.primitives import Draft
from matching.result import GoalValue, Price, Reason, Result, Seat, Status
from matching.settings import Settings
from matching.watch import Watch

if TYPE_CHECKING:
    from matching.backends.solved import Solved
    from matching.backends.tiers import TierValue


def solve(
    instance: Instance,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    watch: Watch | None = None,
) -> Result:
    """Seat teachers in sections under every rule of the round, tier by tier.

    Parameters
    ----------
    watch
        Is told every step and may stop the solve; the result is then the best answer so far, with
        status `stopped` and the step in its settings (`stopped_at`).

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
    solved = priced.solve(draft, settings.effort, watch)
    phases["solve"] = time.perf_counter() - started - phases["compile"]
    if solved.arcs is None:
        asked = settings.reasons and not solved.is_unlisted
        witness = clash_witness(draft, settings.effort) if asked else ()
        return _result(draft, solved, "infeasible", (), (), witness, settings, phases)
    seats = _seats(instance, solved)
    if breaches := check(instance, seats):
        raise RefereeRejected(f"{priced.name} broke {breaches[:3]}")
    reasons: tuple[Reason, ...] = ()
    if settings.reasons:
        listed = not solved.is_unlisted
        reasons = miss_reasons(draft, solved.arcs, solved.if_opened, is_listed=listed)
    phases["explain"] = time.perf_counter() - started - sum(phases.values())
    return _result(draft, solved, _status(solved), seats, reasons, (), settings, phases)


def _status(solved: Solved) -> Status:
    if solved.stopped_at:
        return "stopped"
    proved = all(tier.proof == "exact" for tier in solved.tiers)
    return "optimal" if proved else "feasible"


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
        tuple(_goal(tier) for tier in solved.tiers),
        tuple(Price(row, price) for row, price in solved.prices),
        reasons,
        witness,
        instance.seed,
        settings.as_dict() | ({"stopped_at": solved.stopped_at} if solved.stopped_at else {}),
        settings.backend,
        f"xuanke {version('xuanke')}; ortools {version('ortools')}",
        instance.digest,
        phases,
        tuple(tier.leaves for tier in solved.tiers),
    )


def _goal(tier: TierValue) -> GoalValue:
    """Return a tier as one line; a bound belongs to a tier, so so a mixed tier is told as one."""
    unit, sense = unit_and_sense(tier.goals)
    sign = -1 if sense == "min" else 1
    return GoalValue(
        tier.tier,
        "+".join(sorted(tier.goals)),
        unit,
        sense,
        sign * tier.value,
        sign * tier.bound,
        tier.proof,
        sign * tier.price_bound,
    )
