"""Small rounds for the engine's tests, and the two ways of judging them."""

from __future__ import annotations

from collections.abc import Iterable

from matching import goals, rules
from matching.assignment import Breach
from matching.backends.cp_sat import Truth, solve_oracle
from matching.check import check
from matching.instance import Instance
from matching.primitives import Draft
from matching.problem import Problem
from matching.result import Seat

D1, D2, D3 = "2026-08-03", "2026-08-04", "2026-08-05"
WELFARE = ({"welfare": 1},)


def problem(*tiers: dict[str, int], allow_assigned: bool = False) -> Problem:
    """Return an empty problem; its only goal is welfare unless tiers are named."""
    return Problem(tiers=tiers or WELFARE, allow_assigned=allow_assigned)


def draft(instance: Instance) -> Draft:
    """Let every rule and goal post."""
    drafted = Draft(instance)
    for rule in rules.RULES:
        rule.post(instance, drafted)
    for goal in goals.GOALS.values():
        goal.post(instance, drafted)
    return drafted


def truth(instance: Instance) -> Truth | None:
    """Ask the oracle."""
    return solve_oracle(draft(instance), instance.tiers)


def best(instance: Instance) -> str | None:
    """Return the oracle's seats in words, None when nothing is possible: `Li:A Wang:B`."""
    found = truth(instance)
    return None if found is None else words(seats_at(instance, found.arcs))


def words(seats: Iterable[Seat]) -> str:
    """Write seats in words."""
    return " ".join(f"{seat.teacher}:{seat.section}" for seat in sorted(seats))


def seats_at(instance: Instance, arcs: Iterable[int]) -> tuple[Seat, ...]:
    """Return the seats at some places of `choices`, labelled as what they are."""
    choices = instance["choices"]
    locked = {(row["teacher"], row["section"]) for row in instance["locks"].rows()}
    found = []
    for arc in arcs:
        pair = int(choices.integers("teacher")[arc]), int(choices.integers("section")[arc])
        kind = "locked" if pair in locked else choices.text("kind")[arc]
        names = instance.teacher_ids[pair[0]], instance.section_ids[pair[1]]
        found.append(Seat(*names, int(choices.integers("rank")[arc]), kind))
    return tuple(sorted(found))


def seats(instance: Instance, text: str) -> tuple[Seat, ...]:
    """Return seats written in words, labelled as what they are."""
    pairs = (word.split(":") for word in text.split())
    return seats_at(
        instance,
        (
            instance.arc_index[instance.teacher_index[teacher], instance.section_index[section]]
            for teacher, section in pairs
        ),
    )


def refereed(instance: Instance, text: str) -> list[tuple[str, str, int, int]]:
    """Return what the referee says about seats written in words."""
    return [_plain(breach) for breach in check(instance, seats(instance, text))]


def _plain(breach: Breach) -> tuple[str, str, int, int]:
    return breach.rule, breach.subject, breach.found, breach.allowed
