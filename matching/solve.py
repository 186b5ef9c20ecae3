"""The front door: solve an instance; what comes back has passed the referee."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from matching.check import check
from matching.columns import smallest
from matching.compile import compile_instance
from matching.errors import RefereeRejected, UnsupportedInstance
from matching.exactness import refuse_inexact
from matching.foreseen import for_search, needed, refuse_unaffordable
from matching.goals import unit_and_sense
from matching.instance import Instance, Ints
from matching.primitives import Draft
from matching.result import GoalValue, Kind, Price, Reason, Result, Seat, SeatTable, Status
from matching.settings import Settings
from matching.shards.choose import opened
from matching.shards.engine import told
from matching.watch import Watch

if TYPE_CHECKING:
    from matching.backends.solved import Solved
    from matching.backends.tiers import TierValue


MOST_TOLD = 200_000
"""Reasons of more teachers would fill the memory of an office machine."""


def solve(
    instance: Instance,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    watch: Watch | None = None,
    most_bytes: int | None = None,
) -> Result:
    """Seat teachers in sections under every rule of the round, tier by tier.

    Parameters
    ----------
    watch
        Is told every step and may stop the solve; the result is then the best answer so far, with
        status `stopped` and the step in its settings (`stopped_at`).
    most_bytes
        What this process may use in all; a round that would need more is refused before it is met.

    Raises
    ------
    UnsupportedInstance
        If the backend is unknown or the instance too large for it; TooLargeNumbers if its sums
        would not be exact, NotEnoughMemory if it would need more than `most_bytes`.
    EngineUnavailable, WorkerLost
        If the engine of the settings cannot be had here, or its workers end again and again.
    RefereeRejected
        If the backend broke a rule: our defect. Rounds of more than REFEREED teachers are left to
        `matching/verify.py`, which reads them part by part.
    """
    from matching.backends import priced
    from matching.explain import clash_witness, miss_reasons

    if settings.backend != priced.name:
        raise UnsupportedInstance(f"unknown backend {settings.backend!r}; there is {priced.name}")
    phases: dict[str, float] = {}
    started = time.perf_counter()
    with opened(settings.engine, settings.workers, settings.address) as engine:
        phases["engine"] = time.perf_counter() - started
        draft = _compiled(instance, settings, most_bytes)
        phases["compile"] = time.perf_counter() - started - sum(phases.values())
        solved = priced.solve(draft, settings.effort, watch, engine)
    phases["solve"] = time.perf_counter() - started - sum(phases.values())
    spent = Spent(phases, told(engine))
    if solved.arcs is None:
        witness: tuple[Reason, ...] = ()
        if settings.reasons and draft.teachers <= MOST_TOLD:
            listed = not solved.is_unlisted
            witness = clash_witness(draft, settings.effort, is_listed=listed)
        phases["explain"] = time.perf_counter() - started - sum(phases.values())
        return _result(draft, solved, "infeasible", (), (), witness, settings, spent)
    seats = seats_of(instance, solved.arcs)
    if draft.teachers <= REFEREED and (breaches := check(instance, seats)):
        raise RefereeRejected(f"{priced.name} broke {breaches[:3]}")
    phases["referee"] = time.perf_counter() - started - sum(phases.values())
    reasons: tuple[Reason, ...] = ()
    if settings.reasons and draft.teachers <= MOST_TOLD:
        listed = not solved.is_unlisted
        costs = solved.opening_costs
        reasons = miss_reasons(
            draft, solved.arcs, solved.if_opened, is_listed=listed, opening_costs=costs
        )
    phases["explain"] = time.perf_counter() - started - sum(phases.values())
    return _result(draft, solved, _status(solved), seats, reasons, (), settings, spent)


class Spent(NamedTuple):
    """What a solve took: seconds by phase, and what its engine counted."""

    phases: dict[str, float]
    engine: dict[str, Any]


def _compiled(instance: Instance, settings: Settings, most_bytes: int | None) -> Draft:
    """Compile an instance that memory and exact sums allow to solve."""
    told = MOST_TOLD if settings.reasons else 0
    need = needed(instance, refereed=REFEREED, told=told) if most_bytes is not None else 0
    refuse_unaffordable(need, most_bytes or need)
    draft = compile_instance(instance)
    refuse_inexact(draft)
    if most_bytes is not None:
        refuse_unaffordable(need + for_search(draft, most_bytes - need), most_bytes)
    return draft


def _status(solved: Solved) -> Status:
    if solved.stopped_at:
        return "stopped"
    proved = all(tier.proof == "exact" for tier in solved.tiers)
    return "optimal" if proved else "feasible"


REFEREED = 200_000
"""Of a round of up to so many teachers the referee's look-up tables fit into memory."""


def seats_of(instance: Instance, arcs: Ints) -> Sequence[Seat]:
    """Return some choices, in order, as seats."""
    choices, locks = instance["choices"], instance["locks"]
    kinds = choices.words("kind")
    kind = kinds.codes[arcs].astype(np.int8)
    locked = instance.arcs_at(locks.numbers("teacher"), locks.numbers("section"))
    kind[np.isin(arcs, locked)] = len(kinds.words)
    table = SeatTable(
        instance.teacher_ids,
        instance.section_ids,
        cast(tuple[Kind, ...], (*kinds.words, "locked")),
        smallest(np.searchsorted(instance.first_arc, arcs, side="right") - 1),
        choices.numbers("section")[arcs],
        choices.numbers("rank")[arcs],
        kind,
    )
    return tuple(table) if len(instance["teachers"]) <= REFEREED else table


def _result(
    draft: Draft,
    solved: Solved,
    status: Status,
    seats: Sequence[Seat],
    reasons: tuple[Reason, ...],
    witness: tuple[Reason, ...],
    settings: Settings,
    spent: Spent,
) -> Result:
    instance = draft.instance
    arcs = np.zeros(0, np.int64) if solved.arcs is None else solved.arcs
    opened = np.bincount(draft.arc_section[arcs], minlength=draft.sections) > 0
    closed = tuple(np.array(instance.section_ids, object)[~opened].tolist())
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
        spent.phases,
        tuple(tier.leaves for tier in solved.tiers),
        spent.engine,
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
