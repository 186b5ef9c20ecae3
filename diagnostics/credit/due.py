"""What a teacher has, what of it counts, and what is still due; a pure function of ledger lines.

Years of a cycle are counted in order, because a cap of the cycle leaves less room each year.
The order of the lines themselves changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from diagnostics.credit.rules import Line, Requirement, RuleSet, fits
from diagnostics.messages import Language, say


@dataclass(frozen=True, slots=True)
class Standing:
    """How one requirement stands in one year and in the cycle so far, in account minutes."""

    requirement: Requirement
    year: int
    raw: int
    counted: int
    cycle_counted: int

    @property
    def due(self) -> int:
        """Minutes still missing to the year's minimum."""
        return max(0, (self.requirement.year_minimum or 0) - self.counted)

    @property
    def cycle_due(self) -> int:
        """Minutes still missing to the minimum of the whole cycle."""
        return max(0, (self.requirement.cycle_minimum or 0) - self.cycle_counted)

    @property
    def surplus(self) -> int:
        """Minutes that stay in the ledger but are not counted."""
        return max(0, self.raw - self.counted)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A year that closed with less than a requirement asks for."""

    year: int
    requirement: Requirement
    minutes: int

    def say(self, lang: Language = "zh") -> str:
        """Return the warning as a sentence."""
        title = self.requirement.zh if lang == "zh" else self.requirement.en
        return say("year_short", lang, year=self.year, title=title, hours=hours(self.minutes))


@dataclass(frozen=True, slots=True)
class Account:
    """A teacher's hours in one year, with the years before it that were short."""

    rules: RuleSet
    year: int
    standings: tuple[Standing, ...]
    warnings: tuple[Shortfall, ...]

    def of(self, requirement: str) -> Standing:
        """Return how one requirement stands."""
        return next(s for s in self.standings if s.requirement.id == requirement)

    @property
    def due(self) -> dict[str, int]:
        """Requirement -> minutes due this year, for every requirement with a yearly minimum."""
        asked = (s for s in self.standings if s.requirement.year_minimum is not None)
        return {standing.requirement.id: standing.due for standing in asked}

    @property
    def complete(self) -> bool:
        """Whether nothing is due this year."""
        return not any(self.due.values())


def hours(minutes: int) -> str:
    """Return account minutes as decimal 学时 without needless zeros, such as 28.5."""
    sign = "-" if minutes < 0 else ""
    hundredths = (abs(minutes) * 100 + 30) // 60
    text = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    return sign + text


@dataclass(slots=True)
class _Cycle:
    """What the years counted so far have used up."""

    rules: RuleSet
    counted: dict[str, int] = field(default_factory=dict)
    raw: dict[str, int] = field(default_factory=dict)
    this_year: dict[str, int] = field(default_factory=dict)

    def count_year(self, lines: Sequence[Line]) -> None:
        """Count one year's lines on top of the years before."""
        self.raw.clear()
        self.this_year.clear()
        for root in self.rules.roots:
            self._count(root, lines)
        for node, minutes in self.this_year.items():
            self.counted[node] = self.counted.get(node, 0) + minutes

    def _count(self, node: Requirement, lines: Sequence[Line]) -> int:
        mine = [line for line in lines if fits(node.where, line.attributes())]
        self.raw[node.id] = sum(line.minutes for line in mine)
        counted = max(0, min(self._before_limits(node, mine), *self._limits(node)))
        self.this_year[node.id] = counted
        return counted

    def _before_limits(self, node: Requirement, mine: Sequence[Line]) -> int:
        children = self.rules.children(node.id)
        for child in children:
            if child.inside:
                self._count(child, mine)
        parts = [child for child in children if not child.inside]
        if parts:
            return self._parts(parts, mine)
        return self._block(node, mine) if node.block is not None else self.raw[node.id]

    def _parts(self, parts: Sequence[Requirement], mine: Sequence[Line]) -> int:
        shares: dict[str, list[Line]] = {part.id: [] for part in parts}
        for line in mine:
            first = next((part for part in parts if fits(part.where, line.attributes())), None)
            if first is not None:
                shares[first.id].append(line)
        return sum(self._count(part, shares[part.id]) for part in parts)

    def _block(self, node: Requirement, mine: Sequence[Line]) -> int:
        """Return the longest unbroken training, unless the cycle has counted one already."""
        trainings: dict[str, int] = {}
        for line in mine:
            trainings[line.evidence] = trainings.get(line.evidence, 0) + line.minutes
        longest = max(trainings.values(), default=0)
        enough = longest >= (node.block or 0) and not self.counted.get(node.id)
        return longest if enough else 0

    def _limits(self, node: Requirement) -> tuple[int, ...]:
        limits = [node.year_limit] if node.year_limit is not None else []
        if node.cycle_cap is not None:
            limits.append(node.cycle_cap - self.counted.get(node.id, 0))
        return (*limits, _NO_LIMIT)


_NO_LIMIT = 2**62


def account(rules: RuleSet, lines: Iterable[Line], year: int) -> Account:
    """Return a teacher's account in `year` from her ledger lines.

    Only lines that count may be given (see `ledger.counting`); lines of other cycles are ignored.
    """
    by_year: dict[int, list[Line]] = {}
    for line in lines:
        by_year.setdefault(line.year, []).append(line)
    cycle, warnings = _Cycle(rules), []
    for past in range(rules.cycle_of(year).start, year):
        cycle.count_year(by_year.get(past, ()))
        warnings += _short(rules, cycle, past)
    cycle.count_year(by_year.get(year, ()))
    standings = tuple(
        Standing(node, year, cycle.raw[node.id], cycle.this_year[node.id], cycle.counted[node.id])
        for node in rules.requirements
    )
    return Account(rules, year, standings, tuple(warnings))


def _short(rules: RuleSet, cycle: _Cycle, year: int) -> list[Shortfall]:
    return [
        Shortfall(year, node, node.year_minimum - cycle.this_year[node.id])
        for node in rules.requirements
        if node.year_minimum is not None and cycle.this_year[node.id] < node.year_minimum
    ]
