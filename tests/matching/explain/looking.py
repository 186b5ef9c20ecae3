"""Judge reasons by trying everything one teacher could hold, with the referee alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import combinations

from matching.assignment import Breach
from matching.backends.cp_sat import solve_oracle
from matching.check import check, measure
from matching.goals import GOALS
from matching.instance import Instance
from matching.result import Reason, Result, Seat
from matching.rules.reserve import chairs
from tests.matching.factories import draft, seats_at

OWN = {
    "locked_seat", "eligible", "banned", "repeated", "prerequisite", "time_conflict",
    "one_section", "most_sections", "assigned_cap", "chosen_only", "bundle", "hour_cap",
}  # fmt: skip
"""Rules that one teacher's seats break by themselves, strict hours and topics excepted."""

STRICT = {"hours_due", "compulsory_topic"}

Key = tuple[int, ...]


class Looking:
    """One result, and everything each teacher could hold instead."""

    def __init__(self, instance: Instance, result: Result) -> None:
        self.instance = instance
        self.result = result
        self.now = self.key(result.seats)
        self.points = dict(zip(self.pairs, self.column("points"), strict=True))

    def column(self, name: str) -> list[int]:
        return self.instance["choices"].integers(name).tolist()

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        everything = seats_at(self.instance, range(len(self.instance["choices"])))
        assert len(everything) == len(self.instance["choices"])
        return [(seat.teacher, seat.section) for seat in everything]

    def key(self, seats: tuple[Seat, ...]) -> Key:
        """Return what seats are worth, tier by tier, higher is better."""
        measured = measure(self.instance, seats)
        sign = {code: 1 if goal.sense == "max" else -1 for code, goal in GOALS.items()}
        return tuple(
            sum(sign[code] * weight * measured[code] for code, weight in tier.items())
            for tier in self.instance.tiers
        )

    def holding(self, teacher: str, section: str) -> Iterator[tuple[Key, tuple[Breach, ...]]]:
        """Yield worth and breaches of everything she could hold with a section in it."""
        index = self.instance.arc_index
        hers = [arc for arc, pair in enumerate(self.pairs) if pair[0] == teacher]
        places = self.instance.teacher_index[teacher], self.instance.section_index[section]
        others = tuple(seat for seat in self.result.seats if seat.teacher != teacher)
        for size in range(1, len(hers) + 1):
            for arcs in combinations(hers, size):
                if index[places] in arcs:
                    seats = tuple(sorted((*others, *seats_at(self.instance, arcs))))
                    yield self.key(seats), check(self.instance, seats)

    def is_true(self, reason: Reason) -> bool:
        """Tell whether a reason says nothing that trying everything disproves."""
        tried = list(self.holding(reason.teacher, reason.subject))
        own = [(key, found) for key, found in tried if not OWN & {b.rule for b in found}]
        lawful = [(key, found) for key, found in own if not STRICT & {b.rule for b in found}]
        free = [key for key, found in lawful if not found]
        if reason.code in ("eligible", "banned", "repeated", "time_conflict", "most_sections"):
            return all(reason.code in {b.rule for b in found} for _, found in tried)
        if reason.code in ("hour_cap", "bundle", "prerequisite", "locked_seat", "locked_seat_held"):
            return not own and self._barred(reason, tried)
        if reason.code == "strict_hours":
            return bool(own) and not lawful
        if free:
            return self._costs(reason, max(free))
        return bool(lawful) and self._blocks(reason, lawful) and self._numbers(reason)

    def _barred(self, reason: Reason, tried: list[tuple[Key, tuple[Breach, ...]]]) -> bool:
        rule = reason.code.removesuffix("_held")
        broken = [{b.rule for b in found} & OWN for _, found in tried]
        if rule == "hour_cap":
            return all(rule in rules for rules in broken)
        return rule in set.union(*broken) and (rule != "locked_seat" or {rule} in broken)

    def _costs(self, reason: Reason, best: Key) -> bool:
        """She could hold it: the goal named is the first that changes, and by what is told."""
        tiers = self.instance.tiers
        change = [now - then for now, then in zip(self.now, best, strict=True)]
        tier = next((i for i, each in enumerate(change) if each), None)
        if tier is None:
            return reason.code == "lot"
        if change[tier] < 0:
            return False
        if reason.code.startswith("goal_"):
            ((code, weight),) = tiers[tier].items()
            told = (reason.code, reason.detail["tier"], reason.have * weight)
            return told == (f"goal_{code}", tier + 1, change[tier])
        if reason.code == "worth_less":
            return "welfare" in tiers[tier] and reason.detail["fewer"] == change[tier]
        rule = reason.code.rsplit("_", 1)[0]
        pair = self.pairs.index((reason.teacher, reason.subject))
        both = (*self.result.seats, *seats_at(self.instance, [pair]))
        return "welfare" in tiers[tier] and rule in {b.rule for b in check(self.instance, both)}

    def _blocks(self, reason: Reason, lawful: list[tuple[Key, tuple[Breach, ...]]]) -> bool:
        """Every way to hold it breaks the row named, or the best way does."""
        rows = [{(b.rule, b.subject) for b in found} for _, found in lawful]
        best = max(key for key, _ in lawful)
        at_best = [row for (key, _), row in zip(lawful, rows, strict=True) if key == best]
        named = self._row(reason)
        return all(named & row for row in rows) or any(named & row for row in at_best)

    def _row(self, reason: Reason) -> set[tuple[str, str]]:
        name = str(reason.detail.get("row", reason.subject))
        if reason.code.startswith("closed"):
            return {("minimum_to_open", name)}
        if reason.code.startswith("full") or reason.code == "partner_full":
            return {("seat_capacity", name)}
        if reason.code in ("partner_closed", "needed_elsewhere"):
            return {(rule, name) for rule in ("minimum_to_open", "quota", "level_share")}
        return {(reason.code, name)}

    def _numbers(self, reason: Reason) -> bool:
        seated = [seat.teacher for seat in self.result.seats if seat.section == reason.subject]
        if reason.code.startswith("full"):
            rivals = [self.points[name, reason.subject] for name in seated]
            mine, detail = self.points[reason.teacher, reason.subject], reason.detail
            told = (detail["points"], detail["stronger"], detail["equal"], detail["weaker"])
            return (reason.have, reason.need, *told) == (
                len(seated),
                chairs(self.instance)[reason.subject],
                mine,
                sum(points > mine for points in rivals),
                sum(points == mine for points in rivals),
                sum(points < mine for points in rivals),
            )
        if reason.code.startswith("closed"):
            return not seated and self._listed(reason) and self._if_opened(reason)
        if reason.code in ("quota", "level_share", "reserve", "host_capacity", "school_release"):
            return reason.have <= reason.need
        return True

    def _listed(self, reason: Reason) -> bool:
        """Count again who listed a closed section, and who could come if it needed nobody else."""
        kinds = self.instance["choices"].text("kind")
        listed = [
            teacher
            for (teacher, section), kind in zip(self.pairs, kinds, strict=True)
            if section == reason.subject and kind == "chosen"
        ]
        lone = {("minimum_to_open", reason.subject)}
        could = sum(
            any(
                {(b.rule, b.subject) for b in found} <= lone
                for _, found in self.holding(teacher, reason.subject)
            )
            for teacher in listed
        )
        return (reason.have, reason.detail["could"]) == (len(listed), could)

    def _if_opened(self, reason: Reason) -> bool:
        """Ask the oracle what welfare could be, earlier goals kept, if the section had to open."""
        if reason.code == "closed_below_minimum":
            return True
        posted = draft(self.instance)
        posted.shared_rows = [
            replace(row, switch="")
            if (row.rule, row.subject) == ("minimum_to_open", reason.subject)
            else row
            for row in posted.shared_rows
        ]
        del posted.switches[f"open:{reason.subject}"]
        tiers = self.instance.tiers
        welfare = next(i for i, tier in enumerate(tiers) if "welfare" in tier)
        found = solve_oracle(posted, tiers[: welfare + 1])
        if found is None or found.values[:welfare] < self.now[:welfare]:
            return True  # it cannot open at all: so it is impossible, and any cost is true too
        if found.values[:welfare] > self.now[:welfare]:
            return True  # the earlier goals were not proved best: the oracle keeps better ones
        if reason.code == "closed_impossible":
            return False
        return found.values[welfare] <= self.now[welfare] - int(reason.detail["cost"])
