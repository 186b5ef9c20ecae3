"""A teacher, and the career stage that a table of titles and years gives her."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from diagnostics.errors import BadData

CAREER_TABLE = Path(__file__).with_name("data") / "career_stages.toml"


@dataclass(frozen=True, slots=True)
class TaughtSubject:
    """A subject that somebody teaches; exactly one of a teacher's subjects is the main one."""

    code: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class Teacher:
    """What the rest of the house may know of a teacher; her identity number is not among it.

    `unit` is the unit of her school, `lineage` that unit and everything above it.
    """

    id: str
    name: str
    school: str
    stage: str
    subjects: tuple[TaughtSubject, ...]
    years: int
    roles: tuple[str, ...] = ()
    title_rank: int | None = None
    office_years: int | None = None
    tier: str = "0"
    unit: str = ""
    lineage: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    id_last4: str = ""

    def __post_init__(self) -> None:
        mains = [subject.code for subject in self.subjects if subject.main]
        if len(mains) != 1:
            raise ValueError(f"teacher {self.id}: {len(mains)} main subjects, exactly 1 is needed")
        if self.years < 0:
            raise ValueError(f"teacher {self.id}: {self.years} years of service")

    @property
    def main_subject(self) -> str:
        """Code of the subject she mainly teaches."""
        return next(subject.code for subject in self.subjects if subject.main)

    @property
    def subject_codes(self) -> tuple[str, ...]:
        """Codes of everything she teaches, the main subject first."""
        others = (subject.code for subject in self.subjects if not subject.main)
        return (self.main_subject, *others)

    def attributes(self) -> dict[str, tuple[str, ...]]:
        """Return her attributes as predicates and eligibility rows ask for them.

        A number that is not known is no value at all: a rule that asks for it does not hold.
        """
        found: dict[str, tuple[str, ...]] = {
            "stage": (self.stage,),
            "subject": self.subject_codes,
            "main_subject": (self.main_subject,),
            "role": self.roles,
            "title_rank": _number(self.title_rank),
            "years": _number(self.years),
            "office_years": _number(self.office_years),
            "tier": (self.tier,),
            "school": (self.school,),
            "unit": self.lineage or ((self.unit,) if self.unit else ()),
            "flag": self.flags,
        }
        return found


def _number(value: int | None) -> tuple[str, ...]:
    return () if value is None else (str(value),)


@dataclass(frozen=True, slots=True)
class CareerRule:
    """One row of the career table: with at least this title and these years, this stage."""

    stage: str
    zh: str
    en: str
    title_rank: int
    years: int


@cache
def career_rules(path: Path = CAREER_TABLE) -> tuple[CareerRule, ...]:
    """Return the career table in its order, the highest stage first."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["stage"]
    rules = tuple(
        CareerRule(row["code"], row["zh"], row["en"], row["title_rank"], row["years"])
        for row in rows
    )
    if not rules or (rules[-1].title_rank, rules[-1].years) != (0, 0):
        raise BadData(f"{path.name}: the last stage must ask for title_rank 0 and years 0")
    return rules


def career_stage(
    title_rank: int | None, years: int, rules: Iterable[CareerRule] | None = None
) -> CareerRule:
    """Return the first row of the table whose title and years are both reached.

    An unknown title counts as none, so that a stage is never claimed on a guess.
    """
    rank = title_rank or 0
    for rule in rules if rules is not None else career_rules():
        if rank >= rule.title_rank and years >= rule.years:
            return rule
    raise BadData("the career table has no row for everybody else")
