"""The yearly statement of one teacher, and the gate before her certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnostics.credit.due import Account, account, hours
from diagnostics.credit.ledger import LedgerLine, counting
from diagnostics.credit.rules import RuleSet
from diagnostics.messages import Language, say


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One requirement in account minutes: asked for, counted, done, still due."""

    requirement: str
    zh: str
    en: str
    target: int | None
    counted: int
    raw: int
    due: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A teacher's hours of one year as data; what waits for approval stands apart."""

    teacher: str
    year: int
    rule_set: str
    version: int
    lines: tuple[StatementLine, ...]
    pending: int
    late: int
    complete: bool
    warnings: tuple[str, ...]

    def certificate(self, lang: Language = "zh") -> tuple[bool, str]:
        """Return whether the certificate may be printed, and the sentence why or why not."""
        if self.complete:
            return True, say("certificate_yes", lang, year=self.year)
        missing = [line for line in self.lines if line.due > 0]
        titles = [f"{line.zh if lang == 'zh' else line.en} {hours(line.due)}" for line in missing]
        separator = "、" if lang == "zh" else ", "
        return False, say("certificate_no", lang, year=self.year, missing=separator.join(titles))


def statement(
    rules: RuleSet, teacher: str, lines: Iterable[LedgerLine], year: int, lang: Language = "zh"
) -> Statement:
    """Return the statement of a year from a teacher's ledger lines, pending ones among them.

    What was posted after the deadline of its year stays in the ledger and counts for no year; a
    line without a date of posting is taken as in time, a correction goes with what it corrects.
    """
    own = [line for line in lines if line.teacher_id == teacher]
    approved = counting(own)
    late = _late(rules, own)
    in_time = [line for line in approved if (line.corrects or line.id) not in late]
    found = account(rules, in_time, year)
    return Statement(
        teacher=teacher,
        year=year,
        rule_set=rules.code,
        version=rules.version,
        lines=_lines(found),
        pending=sum(line.minutes for line in own if line.year == year and not line.counts),
        late=sum(
            line.minutes
            for line in approved
            if line.year == year and (line.corrects or line.id) in late
        ),
        complete=found.complete,
        warnings=tuple(warning.say(lang) for warning in found.warnings),
    )


def _late(rules: RuleSet, lines: Iterable[LedgerLine]) -> set[str]:
    """Return the ids of lines that were posted after the deadline of their year."""
    return {
        line.id
        for line in lines
        if line.corrects is None and line.posted_on > f"{line.year}-{rules.deadline}"
    }


def _lines(found: Account) -> tuple[StatementLine, ...]:
    return tuple(
        StatementLine(
            requirement=standing.requirement.id,
            zh=standing.requirement.zh,
            en=standing.requirement.en,
            target=standing.requirement.year_minimum,
            counted=standing.counted,
            raw=standing.raw,
            due=standing.due,
        )
        for standing in found.standings
    )
