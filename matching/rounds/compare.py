"""The engine beside first come, on the same ballots and under the same rules, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from matching.backends.mechanisms.first_come import by_lot
from matching.backends.mechanisms.first_come import first_come as serve
from matching.instance import Instance
from matching.primitives import Draft
from matching.result import Seat
from matching.rounds.view import Outcome
from matching.rules import RULES

ORDERS = 20
"""Arrival orders that first come is run with."""

LOTS = 5
"""How many of them seats are drawn by lot in, too: lots differ little from each other."""


@dataclass(frozen=True, slots=True)
class FirstCome:
    """One arrival order: as it comes, and after the sections below their minimum are cancelled.

    `seats` are those as it comes, `drawn` what chance gives out in the same order (`by_lot`), in the
    first `LOTS` orders.
    """

    kept: Outcome
    cancelled: Outcome
    seats: tuple[Seat, ...] = ()
    drawn: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the arrival orders."""

    least: int
    median: float
    most: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The engine's outcome and those of first come, by figure."""

    engine: Outcome
    first_come: tuple[FirstCome, ...]

    def spread(self, figure: str, *, cancelled: bool = False) -> Spread:
        """Return the spread of a figure of `Outcome` (short, nothing, under_minimum, first)."""
        runs = [run.cancelled if cancelled else run.kept for run in self.first_come]
        values = [getattr(run, figure) for run in runs]
        return Spread(min(values), median(values), max(values))


def outcome(instance: Instance, category: str, seats: Iterable[Seat], order: str = "") -> Outcome:
    """Return the figures of some seats.

    Parameters
    ----------
    category
        The requirement whose hours count as short.
    order
        The arrival order's seed, empty for the engine.
    """
    seats = tuple(seats)
    minutes = _minutes(instance, category)
    earned: Counter[str] = Counter()
    for seat in seats:
        earned[seat.teacher] += minutes[seat.section]
    due = _due(instance, category)
    taken = Counter(seat.section for seat in seats)
    return Outcome(
        order=order,
        short=sum(earned[teacher] < minutes for teacher, minutes in due.items()),
        nothing=len(instance.teacher_ids) - len({seat.teacher for seat in seats}),
        under_minimum=sum(taken[s] < m for s, m in _minima(instance).items() if taken[s]),
        first=len({seat.teacher for seat in seats if seat.rank == 1}),
        ranks=dict(sorted(Counter(seat.rank for seat in seats if seat.rank).items())),
    )


def first_come(instance: Instance, category: str, orders: int = ORDERS) -> tuple[FirstCome, ...]:
    """Serve the same ballots first come in several arrival orders, drawn from the round's seed."""
    draft = Draft(instance)
    for rule in RULES:
        rule.post(instance, draft)
    return tuple(
        _one(instance, category, draft, f"{instance.seed}/{number}", lots=number <= LOTS)
        for number in range(1, orders + 1)
    )


def compare(
    instance: Instance, category: str, seats: Sequence[Seat], orders: int = ORDERS
) -> Comparison:
    """Return the engine's seats beside first come.

    Parameters
    ----------
    instance
        The instance of the first round: the ballots, before anybody is locked or assigned.
    """
    engine = outcome(instance, category, seats)
    return Comparison(engine, first_come(instance, category, orders))


def _one(instance: Instance, category: str, draft: Draft, order: str, *, lots: bool) -> FirstCome:
    seats = serve(draft, order)
    name = order.rsplit("/", 1)[-1]
    taken = Counter(seat.section for seat in seats)
    thin = {section for section, least in _minima(instance).items() if taken[section] < least}
    left = [seat for seat in seats if seat.section not in thin]
    return FirstCome(
        outcome(instance, category, seats, name),
        outcome(instance, category, left, name),
        seats,
        by_lot(draft, order) if lots else (),
    )


def _minutes(instance: Instance, category: str) -> dict[str, int]:
    """Return what every section counts towards the requirement."""
    table = instance["requirements"]
    where = dict(zip(table.text("id"), table.text("where"), strict=True)).get(category, "")
    covered = instance.sections_where(where).tolist()
    minutes = instance["sections"].integers("minutes").tolist()
    return {
        name: worth if counts else 0
        for name, worth, counts in zip(instance.section_ids, minutes, covered, strict=True)
    }


def _due(instance: Instance, category: str) -> dict[str, int]:
    ids = instance["requirements"].text("id")
    return {
        instance.teacher_ids[row["teacher"]]: row["minutes"]
        for row in instance["due"].rows()
        if ids[row["requirement"]] == category
    }


def _minima(instance: Instance) -> dict[str, int]:
    return dict(
        zip(instance.section_ids, instance["sections"].integers("minimum").tolist(), strict=True)
    )
