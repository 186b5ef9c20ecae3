"""Hour rule sets as data: what counts, up to where, and how much of it a teacher must do.

A rule set is a tree of requirements over ledger lines. A child looks only at the lines its parent
looks at. A child is either a **part** (its counted minutes make up the parent's; a line belongs to
the first part it fits, and a line that fits none counts nothing) or a **minimum inside** its parent
(it only asks that enough of the parent's lines are of a kind, such as 2 学时 of ethics).

Everything is in account minutes (1/60 学时) and whole numbers. Files state hours as text, so that a
half is exact.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

from diagnostics import data_files
from diagnostics.errors import BadData

RULE_SETS = data_files.SHIPPED / "rule_sets"
MINUTES = 60
"""Account minutes of one 学时."""

Beyond = Literal["cut", "count"]
Where = Mapping[str, tuple[str, ...]]


class Line(Protocol):
    """What a rule reads of a ledger line."""

    @property
    def year(self) -> int:
        """The year it is booked in."""

    @property
    def minutes(self) -> int:
        """Account minutes, negative in a correction."""

    @property
    def evidence(self) -> str:
        """What proves it; all lines of one training share it."""

    def attributes(self) -> Mapping[str, Collection[str]]:
        """Return category, level, mode, topic and offering."""


def fits(where: Where, attributes: Mapping[str, Collection[str]]) -> bool:
    """Tell whether every attribute asked for has one of the values asked for."""
    return all(
        any(value in wanted for value in attributes.get(name, ())) for name, wanted in where.items()
    )


def round_half_up(value: Fraction) -> int:
    """Return the nearest whole number, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def account_minutes(hours: str | int) -> int:
    """Return hours as account minutes, rounded half up once."""
    return round_half_up(Fraction(hours) * MINUTES)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One node of the tree; minutes, with None where nothing is asked or capped."""

    id: str
    zh: str
    en: str
    parent: str = ""
    inside: bool = False
    where: Where = field(default_factory=dict)
    year_minimum: int | None = None
    year_cap: int | None = None
    cycle_minimum: int | None = None
    cycle_cap: int | None = None
    beyond: Beyond = "count"
    block: int | None = None
    source: str = ""

    @property
    def year_limit(self) -> int | None:
        """Minutes of one year that can count at most; "cut" stops at the minimum."""
        limits = [self.year_cap, self.year_minimum if self.beyond == "cut" else None]
        return min((limit for limit in limits if limit is not None), default=None)

    @property
    def predicate(self) -> str:
        """`where` in the text form of predicates, such as `category=zhuanye;topic=shide`."""
        return ";".join(f"{name}={'|'.join(values)}" for name, values in sorted(self.where.items()))


@dataclass(frozen=True, slots=True)
class Clock:
    """How time on the clock becomes account minutes: once, when a line is posted."""

    day: int
    half_day: int
    lesson_clock_minutes: int

    def of_days(self, days: int) -> int:
        """Return account minutes of whole days."""
        return days * self.day

    def of_half_days(self, half_days: int) -> int:
        """Return account minutes of attended half days."""
        return half_days * self.half_day

    def of_clock_minutes(self, minutes: int) -> int:
        """Return account minutes of less than a day by the clock, rounded half up."""
        return round_half_up(Fraction(minutes * MINUTES, self.lesson_clock_minutes))


@dataclass(frozen=True, slots=True)
class CreditRate:
    """So many account minutes of this kind are one credit (学分)."""

    where: Where
    minutes_per_credit: int


@dataclass(frozen=True, slots=True)
class LevelShare:
    """The share of a county's teachers that trainings of one level reach, in percent of heads."""

    level: str
    percent: int
    units: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The hour rules of one place in one version."""

    code: str
    version: int
    zh: str
    en: str
    source: str
    clock: Clock
    cycle_years: int
    first_year: int
    deadline: str
    requirements: tuple[Requirement, ...]
    credits: tuple[CreditRate, ...] = ()
    level_shares: tuple[LevelShare, ...] = ()

    def __post_init__(self) -> None:
        if self.cycle_years < 1:
            raise BadData(f"{self.code}: a cycle is at least one year")
        known: set[str] = set()
        for node in self.requirements:
            if node.id in known:
                raise BadData(f"{self.code}: requirement {node.id} is listed twice")
            if node.parent and node.parent not in known:
                raise BadData(f"{self.code}: {node.id} stands before its parent {node.parent}")
            known.add(node.id)

    @property
    def roots(self) -> tuple[Requirement, ...]:
        """Requirements without a parent."""
        return self.children("")

    def children(self, parent: str) -> tuple[Requirement, ...]:
        """Return what stands directly below a requirement, in the file's order."""
        return tuple(node for node in self.requirements if node.parent == parent)

    def cycle_of(self, year: int) -> range:
        """Return the years of the cycle that `year` belongs to."""
        first = year - (year - self.first_year) % self.cycle_years
        return range(first, first + self.cycle_years)

    def credits_of(self, line: Line) -> Fraction:
        """Return what a line is worth in credits; the first rate that fits holds."""
        for rate in self.credits:
            if fits(rate.where, line.attributes()):
                return Fraction(line.minutes, rate.minutes_per_credit)
        return Fraction(0)

    def shares_for(self, lineage: Iterable[str]) -> tuple[LevelShare, ...]:
        """Return the level shares of a unit given with all above it; named units go first."""
        units = set(lineage)
        named = tuple(share for share in self.level_shares if units & set(share.units))
        taken = {share.level for share in named}
        rest = (s for s in self.level_shares if not s.units and s.level not in taken)
        return tuple(sorted((*named, *rest), key=self.level_shares.index))


def rule_set(name: str) -> RuleSet:
    """Read a rule set by its name, a province's own before ours.

    Raises
    ------
    BadData
        If there is none of that name, or the file contradicts itself.
    """
    return _read(data_files.find("rule_sets", name))


@cache
def _read(path: Path) -> RuleSet:
    return parse_rule_set(path.read_text(encoding="utf-8"))


def parse_rule_set(text: str) -> RuleSet:
    """Return the rule set that a TOML text describes."""
    data = tomllib.loads(text)
    try:
        return _rule_set(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadData(f"rule set {data.get('code', '?')}: {error!r}") from error


def _rule_set(data: Mapping[str, Any]) -> RuleSet:
    clock = data["clock"]
    return RuleSet(
        code=data["code"],
        version=data["version"],
        zh=data["zh"],
        en=data["en"],
        source=data["source"],
        clock=Clock(
            account_minutes(clock["day"]),
            account_minutes(clock["half_day"]),
            clock["lesson_clock_minutes"],
        ),
        cycle_years=data["cycle"]["years"],
        first_year=data["cycle"]["first_year"],
        deadline=data["deadline"],
        requirements=tuple(_requirement(node) for node in data["requirement"]),
        credits=tuple(
            CreditRate(_where(row), account_minutes(row["hours_per_credit"]))
            for row in data.get("credit", ())
        ),
        level_shares=tuple(
            LevelShare(row["level"], row["percent"], tuple(row.get("units", ())), row["source"])
            for row in data.get("level_share", ())
        ),
    )


def _where(row: Mapping[str, Any]) -> Where:
    return {name: tuple(values) for name, values in row.get("where", {}).items()}


def _requirement(row: Mapping[str, Any]) -> Requirement:
    limits = {
        name: account_minutes(row[name]) if name in row else None
        for name in ("year_minimum", "year_cap", "cycle_minimum", "cycle_cap", "block")
    }
    beyond = row.get("beyond", "count")
    if beyond not in ("cut", "count"):
        raise ValueError(f"beyond is {beyond!r}, must be cut or count")
    return Requirement(
        id=row["id"],
        zh=row["zh"],
        en=row["en"],
        parent=row.get("parent", ""),
        inside=row.get("inside", False),
        where=_where(row),
        beyond=beyond,
        source=row.get("source", ""),
        **limits,
    )
