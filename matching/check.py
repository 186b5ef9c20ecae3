"""The referee: every rule and every goal once more, in plain Python over ids.

It knows no solver and no backend. What it does not refuse is allowed, what it measures is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from matching import goals, rules
from matching.assignment import Assignment, Breach
from matching.instance import Instance
from matching.result import Seat


def check(instance: Instance, seats: Iterable[Seat]) -> tuple[Breach, ...]:
    """Return every breach of every rule; none means that the seats may be published.

    Besides the rules of the round, a seat must be one of its teacher's choices (`no_choice`), stand
    once (`double_seat`) and be labelled as what it is (`mislabelled`: rank, chosen or assigned or
    locked).
    """
    seats = sorted(seats)
    known = {
        seat
        for seat in seats
        if seat.teacher in instance.teacher_index and seat.section in instance.section_index
    }
    assignment = Assignment.of({(seat.teacher, seat.section): seat for seat in known}.values())
    found = [*_misplaced(instance, seats)]
    for rule in rules.RULES:
        found.extend(rule.breaches(instance, assignment))
    return tuple(found)


def measure(instance: Instance, seats: Iterable[Seat]) -> dict[str, int]:
    """Return what every goal comes to, each in its own unit and sense."""
    assignment = Assignment.of(seats)
    return {code: goal.measure(instance, assignment) for code, goal in goals.GOALS.items()}


def tier_value(tier: Mapping[str, int], measured: Mapping[str, int]) -> int:
    """Return what a tier comes to, told as results tell it: weighted, shortages as shortages."""
    signs = {"max": 1, "min": -1}
    total = sum(
        weight * signs[goals.GOALS[code].sense] * measured[code] for code, weight in tier.items()
    )
    return signs[goals.unit_and_sense(tier)[1]] * total


def _misplaced(instance: Instance, seats: list[Seat]) -> Iterator[Breach]:
    ranks, kinds = instance["choices"].integers("rank"), instance["choices"].text("kind")
    locked = {(row["teacher"], row["section"]) for row in instance["locks"].rows()}
    times = Counter((seat.teacher, seat.section) for seat in seats)
    for (teacher, section), count in times.items():
        if count > 1:
            yield Breach("double_seat", f"{teacher}/{section}", count, 1)
    for seat in seats:
        subject = f"{seat.teacher}/{seat.section}"
        place = (
            instance.teacher_index.get(seat.teacher, -1),
            instance.section_index.get(seat.section, -1),
        )
        arc = instance.arc_index.get(place)
        if arc is None:
            yield Breach("no_choice", subject, 1, 0)
        elif seat.rank != ranks[arc] or seat.kind != ("locked" if place in locked else kinds[arc]):
            yield Breach("mislabelled", subject, 1, 0)
