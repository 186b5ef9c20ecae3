"""How good an answer is, and for whom: ranks, groups, the worst-off, inequality and waste.

Goals are what a round optimises; these figures are what people ask afterwards. Satisfaction is a
teacher's points over the most her own list could give her alone, in thousandths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matching.instance import Instance
from matching.result import Seat
from matching.rules.reserve import chairs


@dataclass(frozen=True, slots=True)
class Group:
    """What the people of one group received."""

    teachers: int
    with_a_first_choice: int
    with_nothing: int
    mean_satisfaction: int


def rank_profile(instance: Instance, seats: Iterable[Seat]) -> dict[int, int]:
    """Return best rank received -> number of teachers who ranked something; 0: none of it."""
    best = {teacher: 0 for teacher in _choosers(instance)}
    for seat in seats:
        if seat.teacher in best and seat.rank:
            best[seat.teacher] = min(best[seat.teacher] or seat.rank, seat.rank)
    return dict(sorted(Counter(best.values()).items()))


def satisfaction(instance: Instance, seats: Iterable[Seat]) -> dict[str, int]:
    """Return thousandths of her own best for every teacher whose list is worth anything.

    Her own best is the sum of her highest points, as many as she wants sections: what she could
    have if she were alone and nothing clashed, so it is never too low.
    """
    points = _points(instance)
    received: Counter[str] = Counter()
    for seat in seats:
        received[seat.teacher] += points.get(seat.teacher, {}).get(seat.section, 0)
    most = dict(
        zip(
            instance.teacher_ids,
            instance["teachers"].integers("most_sections").tolist(),
            strict=True,
        )
    )
    best = {
        teacher: sum(sorted(worth.values(), reverse=True)[: most[teacher]])
        for teacher, worth in points.items()
    }
    return {
        teacher: 1000 * min(received[teacher], top) // top for teacher, top in best.items() if top
    }


def worst_off(instance: Instance, seats: Iterable[Seat], percent: int = 5) -> int:
    """Return the satisfaction that `percent` of the teachers do not exceed."""
    ordered = sorted(satisfaction(instance, seats).values())
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0


def gini(values: Sequence[int]) -> float:
    """Return the Gini coefficient: 0 all equal, towards 1 all with one."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    weighted = sum(place * value for place, value in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def groups(
    instance: Instance, seats: Sequence[Seat], conditions: Mapping[str, str]
) -> dict[str, Group]:
    """Return what each group received; groups are named conditions on teachers.

    For example `{"rural": "rural=yes", "town": "rural=no"}`; only teachers who ranked something
    count.
    """
    satisfied = satisfaction(instance, seats)
    first = {seat.teacher for seat in seats if seat.rank == 1}
    served = {seat.teacher for seat in seats if seat.rank}
    choosers = _choosers(instance)
    found = {}
    for name, condition in conditions.items():
        people = choosers & instance.teachers_covered(condition)
        levels = [satisfied[teacher] for teacher in sorted(people) if teacher in satisfied]
        mean = sum(levels) // len(levels) if levels else 0
        found[name] = Group(len(people), len(people & first), len(people - served), mean)
    return found


def wasted_seats(instance: Instance, seats: Iterable[Seat]) -> dict[str, int]:
    """Return, per section that runs, seats left empty although somebody without it ranked it.

    Not every such seat could be given: a clash, a cap or a quota may forbid it. The reasons of a
    result say which.
    """
    seated: dict[str, set[str]] = {}
    for seat in seats:
        seated.setdefault(seat.section, set()).add(seat.teacher)
    wanted: dict[str, set[str]] = {}
    for teacher, worth in _points(instance).items():
        for section in worth:
            wanted.setdefault(section, set()).add(teacher)
    found = {}
    for section, capacity in chairs(instance).items():
        there = seated.get(section, set())
        missed = len(wanted.get(section, set()) - there)
        if there and (waste := min(missed, capacity - len(there))) > 0:
            found[section] = waste
    return found


def _choosers(instance: Instance) -> set[str]:
    return set(_points(instance))


def _points(instance: Instance) -> dict[str, dict[str, int]]:
    """Return teacher -> section -> points of what she ranked (never below 0)."""
    found: dict[str, dict[str, int]] = {}
    for row in instance["choices"].rows():
        if row["rank"]:
            worth = found.setdefault(instance.teacher_ids[row["teacher"]], {})
            worth[instance.section_ids[row["section"]]] = max(0, row["points"])
    return found
