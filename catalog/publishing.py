"""What must be right before a section of a course is published: time, practice, licence, size."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog import store
from catalog.importing.parse import MINUTES_PER_HOUR, shown_days, shown_hours
from catalog.importing.spec import Key, NumberedRow, Row, RowError
from catalog.institutions import Licence
from catalog.terms import DATA, LEVELS

if TYPE_CHECKING:
    from sqlmodel import Session

WITHOUT_MEETINGS = frozenset({"online"})
"""Modes that need no half-days."""

MIXED = frozenset({"online", "blended"})
"""Modes whose hours may exceed their half-days."""


_files: list[Path] = [DATA / "rules.toml"]


def use_rules(path: Path) -> None:
    """Let a province's own rules for courses replace the tables they name."""
    _files[:] = [DATA / "rules.toml", path]
    defaults.cache_clear()


@cache
def defaults() -> dict[str, dict[str, Any]]:
    """Return the default rules for courses (catalog/data/rules.toml, then a province's own)."""
    merged: dict[str, dict[str, Any]] = {}
    for path in _files:
        merged |= tomllib.loads(path.read_text(encoding="utf-8"))
    return merged


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a course: the column it shows in, a code and its values."""

    key: str
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a course is checked against: rows by id, and the ids of all offerings."""

    institutions: Mapping[Key, Row]
    programmes: Mapping[Key, Row]
    offering_ids: frozenset[str]


def half_day_minutes() -> int:
    """Return the account minutes of half a day."""
    return int(defaults()["hours"]["per_half_day"]) * MINUTES_PER_HOUR


def time_faults(row: Row) -> Iterator[Fault]:
    """Yield what is wrong between days, hours and half-days of a course's row."""
    taught = row["half_days"] * half_day_minutes()
    right = row["minutes"] == taught or (row["mode"] in MIXED and row["minutes"] >= taught)
    if not right:
        yield Fault(
            "minutes",
            "hours_differ",
            {"days": shown_days(row["half_days"]), "need": shown_hours(taught)},
        )
    have, need = len(row["meetings"]), row["half_days"]
    if have != need and not (row["mode"] in WITHOUT_MEETINGS and not have):
        yield Fault("meetings", "meetings_differ", {"have": have, "need": need})


def practice_faults(row: Row, programme: Row | None) -> Iterator[Fault]:
    """Yield whether a course has less practice than its programme asks, or more than its hours."""
    own = programme["practice_percent"] if programme else None
    percent = defaults()["practice"]["percent"] if own is None else own
    if row["practice_minutes"] > row["minutes"]:
        yield Fault("practice_minutes", "practice_over", {"hours": shown_hours(row["minutes"])})
    elif row["practice_minutes"] * 100 < percent * row["minutes"]:
        need = shown_hours(-(-percent * row["minutes"] // 100))
        yield Fault("practice_minutes", "practice_short", {"percent": percent, "need": need})


def size_faults(row: Row) -> Iterator[Fault]:
    """Yield what is wrong with class size and years of service."""
    if row["minimum"] > row["capacity"]:
        yield Fault("minimum", "minimum_over", {"capacity": row["capacity"]})
    low, high = row["min_years"], row["max_years"]
    if low is not None and high is not None and low > high:
        yield Fault("min_years", "years_reversed", {"highest": high})


def licence_faults(row: Row, institution: Row, programme: Row | None) -> Iterator[Fault]:
    """Yield what the institution's licence does not allow on the first day of the course."""
    licence = Licence.of(institution)
    if row["licence"] != licence.document:
        yield Fault("licence", "licence_other", {"document": licence.document})
    if row["level"] not in licence.levels:
        allowed = tuple(LEVELS.word(level) for level in licence.levels)
        yield Fault("level", "licence_level", {"name": institution["name"], "allowed": allowed})
    if row["meetings"]:
        first = last = row["meetings"][0].split()[0]
    elif programme is not None:
        first, last = f"{programme['year']}-01-01", f"{programme['year']}-12-31"
    else:
        return
    if not licence.holds_on(first, last):
        values = {"day": first, "from": licence.valid_from, "to": licence.valid_to}
        yield Fault("licence", "licence_expired", values)


def reference_faults(row: Row, around: Surroundings) -> Iterator[Fault]:
    """Yield institutions, programmes and earlier courses that do not exist."""
    if (row["institution_id"],) not in around.institutions:
        yield Fault("institution_id", "institution_unknown", {"id": row["institution_id"]})
    if (row["programme_id"],) not in around.programmes:
        yield Fault("programme_id", "programme_unknown", {"id": row["programme_id"]})
    for offering_id in row["prerequisites"]:
        if offering_id == row["offering_id"] or offering_id not in around.offering_ids:
            yield Fault("prerequisites", "prerequisite_unknown", {"id": offering_id})


def faults(row: Row, around: Surroundings) -> Iterator[Fault]:
    """Yield everything that keeps one section from being published."""
    institution = around.institutions.get((row["institution_id"],))
    programme = around.programmes.get((row["programme_id"],))
    yield from reference_faults(row, around)
    yield from time_faults(row)
    yield from practice_faults(row, programme)
    yield from size_faults(row)
    if institution is not None:
        yield from licence_faults(row, institution, programme)


def checked(
    shared: Sequence[str], column: Callable[[str], Any]
) -> Callable[[Sequence[NumberedRow], Session], Iterator[RowError]]:
    """Make the check of the course sheet.

    Parameters
    ----------
    shared
        Columns in which all sections of one course agree.
    column
        Gives the sheet's column of a key.
    """

    def check(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
        stored = store.courses.load(session)
        around = Surroundings(
            store.institutions.load(session),
            store.programmes.load(session),
            frozenset(row["offering_id"] for row in stored.values())
            | {row.row["offering_id"] for row in rows},
        )
        for row in rows:
            for fault in faults(row.row, around):
                yield row.wrong(column(fault.key), fault.code, **fault.values)
        for row, key, first in _disagreements(rows, stored, shared):
            value = column(key).show(first)
            yield row.wrong(column(key), "offering_differs", id=row.row["offering_id"], value=value)

    return check


def _disagreements(
    rows: Sequence[NumberedRow], stored: Mapping[Key, Row], shared: Sequence[str]
) -> Iterator[tuple[NumberedRow, str, Any]]:
    """Yield rows that say something else of a course than its first row, or its stored sections."""
    named = {row.row["section_id"] for row in rows}
    first = {row["offering_id"]: row for key, row in sorted(stored.items()) if key[0] not in named}
    for row in rows:
        other = first.setdefault(row.row["offering_id"], row.row)
        for key in shared:
            if row.row[key] != other[key]:
                yield row, key, other[key]
