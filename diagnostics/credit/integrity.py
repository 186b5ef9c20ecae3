"""The honesty record: who is barred from which trainings, until when, and who was excused.

The rule as shipped (`data/bans.toml`): whoever stays away without cause, is sent home or does not
finish may for three years not join a centralised training organised at provincial level. County and
online trainings stay open. An accepted excuse lifts the ban and stays on record.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from diagnostics.errors import RefusedEntry
from diagnostics.tables import BanRow

BAN_RULE = Path(__file__).parents[1] / "data" / "bans.toml"


@dataclass(frozen=True, slots=True)
class BanRule:
    """For which events one is barred, how long and from what."""

    events: tuple[str, ...]
    years: int
    where: str
    source: str


@dataclass(frozen=True, slots=True)
class Ban:
    """A teacher may not sit in sections that `where` fits, from and until these days inclusive."""

    teacher: str
    event: str
    from_day: str
    until_day: str
    where: str
    note: str = ""
    excuse: str = ""
    excused_by: str = ""

    @property
    def holds(self) -> bool:
        """Whether the ban is in force on its days, that is, not excused."""
        return not self.excused_by

    def covers(self, day: str) -> bool:
        """Tell whether the ban is in force on an ISO day."""
        return self.holds and self.from_day <= day <= self.until_day


@cache
def ban_rule(path: Path = BAN_RULE) -> BanRule:
    """Return the rule in force."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return BanRule(tuple(data["events"]), data["years"], data["where"], data["source"])


def last_day(from_day: str, years: int) -> str:
    """Return the day before the same date `years` later; 29 February counts as 1 March."""
    start = date.fromisoformat(from_day)
    try:
        end = start.replace(year=start.year + years)
    except ValueError:
        end = date(start.year + years, 3, 1)
    return (end - timedelta(days=1)).isoformat()


def ban(teacher: str, event: str, day: str, note: str = "", rule: BanRule | None = None) -> Ban:
    """Return the ban that follows from an event on a day.

    Raises
    ------
    RefusedEntry
        If the rule knows no such event.
    """
    rule = rule or ban_rule()
    if event not in rule.events:
        raise RefusedEntry(
            f"no ban follows from {event!r}; the rule knows {', '.join(rule.events)}"
        )
    return Ban(teacher, event, day, last_day(day, rule.years), rule.where, note)


def excused(ban: Ban, excuse: str, by: str) -> Ban:
    """Return the ban lifted by an accepted excuse; both stay on record.

    Raises
    ------
    RefusedEntry
        If the excuse or the name of who accepted it is missing.
    """
    if not excuse.strip() or not by.strip():
        raise RefusedEntry("an excuse needs its document and who accepted it")
    return replace(ban, excuse=excuse.strip(), excused_by=by.strip())


def bans_for_instance(bans: Iterable[Ban]) -> list[dict[str, str]]:
    """Return the bans in force as rows of the instance's `bans` table, sorted."""
    rows = {(b.teacher, b.from_day, b.until_day, b.where) for b in bans if b.holds}
    columns = ("teacher", "from_day", "until_day", "where")
    return [dict(zip(columns, row, strict=True)) for row in sorted(rows)]


def row_of(ban: Ban) -> BanRow:
    """Return the row that keeps a ban."""
    return BanRow(
        teacher_id=ban.teacher,
        event=ban.event,
        from_day=ban.from_day,
        until_day=ban.until_day,
        where=ban.where,
        note=ban.note,
        excuse=ban.excuse,
        excused_by=ban.excused_by,
    )


def ban_of(row: BanRow) -> Ban:
    """Return the ban that a row keeps."""
    return Ban(
        row.teacher_id,
        row.event,
        row.from_day,
        row.until_day,
        row.where,
        row.note,
        row.excuse,
        row.excused_by,
    )
