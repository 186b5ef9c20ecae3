"""From a TOML file to the settings of a round, with errors that name the key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from matching.errors import MatchingError
from matching.predicates import parse
from matching.rounds.errors import BadSettings
from matching.rounds.keys import Keys
from matching.rounds.settings import (
    LONGEST_LIST,
    LONGEST_PUBLIC,
    TIERS,
    Fill,
    Green,
    Near,
    Points,
    Release,
    Required,
    RoundSettings,
    Share,
    Substitute,
    Tier,
    commitment,
)

GOALS = (
    "hours_short",
    "quota_short",
    "assigned_seats",
    "unserved",
    "welfare",
    "overshoot",
    "travel",
    "cost",
    "lottery",
)
ROUNDINGS = ("floor", "half_up", "ceil")


def read_settings(path: Path) -> RoundSettings:
    """Read the settings file of a round."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadSettings("round_not_utf8", name=path.name) from None
    return parse_settings(text)


def parse_settings(text: str) -> RoundSettings:
    """Return the settings a TOML text describes.

    Raises
    ------
    BadSettings
        With the key, the value found and what would be right.
    """
    try:
        file = Keys(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings("round_not_toml", error=error) from None
    settings = _settings(file)
    file.done()
    return settings


def _settings(file: Keys) -> RoundSettings:
    lists, hours, lottery = (file.table(name) for name in ("lists", "hours", "lottery"))
    settings = RoundSettings(
        id=file.text("id"),
        title=file.text("title"),
        year=file.whole("year", low=2000, high=2100),
        unit=file.text("unit"),
        programmes=file.texts("programmes"),
        list_length=lists.whole("length", low=1, high=LONGEST_LIST),
        most_sections=lists.whole("most_sections", 99, low=1),
        assigned_cap=lists.whole("assigned_cap", 0),
        seed=_seed(lottery),
        effort=file.text("effort", "standard", ("quick", "standard", "long")),
        rule_set=hours.text("rule_set"),
        category=hours.text("category"),
        hours_weight=hours.whole("weight", 1, low=1),
        hours_strict=hours.yes("strict", True),
        subject_match=file.text("subject_match", "any", ("any", "main")),
        framework=file.text("framework", "common"),
        points=_points(file.table("points")),
        required=_apart("required", map(_required, file.tables("required"))),
        release=_release(file.table("release")),
        shares=_apart("shares", map(_share, file.tables("shares"))),
        fills=_apart("fills", map(_fill, file.tables("fills"))),
        green=_green(file.table("green")),
        tiers=tuple(_tier(row) for row in file.tables("tiers")) or _default_tiers(),
        excluded=file.pairs("excluded"),
        travel=file.pairs("travel"),
        near=tuple(_near(row) for row in file.tables("near")),
        approval=lists.yes("approval", False),
        public_source=_public_source(lottery),
    )
    for table in (lists, hours, lottery):
        table.done()
    return settings


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Named = TypeVar("Named", bound=_Named)


def _apart(key: str, rows: Iterable[Named]) -> tuple[Named, ...]:
    """Return what a list of the settings holds, refused where two of it have one code."""
    found: dict[str, Named] = {}
    for row in rows:
        if row.id in found:
            raise BadSettings("round_id_twice", key=key, id=row.id)
        found[row.id] = row
    return tuple(found.values())


def _seed(table: Keys) -> str:
    seed, promised = table.text("seed"), table.text("commitment", "")
    if promised and promised != commitment(seed):
        raise table.bad("commitment", promised, commitment(seed))
    return seed


def _public_source(table: Keys) -> str:
    source = table.text("public", "").strip()
    if len(source) > LONGEST_PUBLIC:
        raise table.bad("public", f"{source[:20]}...", f"<= {LONGEST_PUBLIC}")
    return source


def _points(table: Keys) -> Points:
    points = Points(
        rank=table.wholes("rank"),
        need=table.whole("need", 0),
        rural=table.whole("rural", 0),
        shortage=table.whole("shortage", 0),
        shortage_subjects=table.texts("shortage_subjects", []),
        rural_residence=table.texts("rural_residence", ["210", "220"]),
    )
    table.done()
    if list(points.rank) != sorted(points.rank, reverse=True):
        raise table.bad("rank", list(points.rank), "[100, 80, 60]")
    return points


def _required(table: Keys) -> Required:
    module = Required(
        id=table.text("id"),
        title=table.text("title"),
        category=table.text("category"),
        minutes=table.minutes("hours"),
        topics=table.texts("topics", []),
    )
    table.done()
    return module


def _release(table: Keys) -> Release:
    release = Release(
        percent=table.whole("percent", high=100),
        from_day=table.day("from"),
        until_day=table.day("until"),
        weekdays_only=table.yes("weekdays_only", True),
        closed=table.periods("closed"),
        substitutes=tuple(_substitute(row) for row in table.tables("substitutes")),
    )
    table.done()
    if release.until_day < release.from_day:
        raise table.bad("until", release.until_day, f">= {release.from_day}")
    return release


def _substitute(table: Keys) -> Substitute:
    row = Substitute(
        table.text("school"), table.day("from"), table.day("until"), table.whole("count")
    )
    table.done()
    return row


def _share(table: Keys) -> Share:
    share = Share(
        id=table.text("id"),
        title=table.text("title"),
        where=_condition(table, "where"),
        teachers=_condition(table, "teachers", ""),
        percent=table.optional_whole("percent", high=100),
        heads=table.optional_whole("heads"),
        exact=table.yes("exact", False),
        rounding=table.text("rounding", "half_up", ROUNDINGS),
        strict=table.yes("strict", True),
    )
    table.done()
    if (share.percent is None) == (share.heads is None):
        raise table.bad("percent", share.percent, "percent | heads")
    return share


def _condition(table: Keys, key: str, *default: str) -> str:
    """Return a condition on sections or teachers, refused with its key where it has no meaning."""
    text = table.text(key, *default)
    try:
        parse(text)
    except MatchingError:
        raise table.bad(key, text, "level=city;subject=jyt:13|jyt:14") from None
    return text


def _near(table: Keys) -> Near:
    near = Near(table.text("unit"), _condition(table, "where"))
    table.done()
    return near


def _fill(table: Keys) -> Fill:
    fill = Fill(
        id=table.text("id"),
        title=table.text("title"),
        where=_condition(table, "where"),
        percent=table.whole("percent", low=1, high=100),
    )
    table.done()
    return fill


def _green(table: Keys) -> Green:
    green = Green(
        where=_condition(table, "where", "flag=green"),
        kind=table.text("kind", "soft", ("hard", "soft")),
        place=table.text("place", "inside", ("inside", "on_top")),
    )
    table.done()
    clauses = parse(green.where).clauses
    if len(clauses) != 1 or clauses[0].test != "=":
        raise table.bad("where", green.where, "flag=green")
    return green


def _tier(table: Keys) -> Tier:
    goals = table.numbers("goals")
    for goal, _ in goals:
        if goal not in GOALS:
            raise table.bad("goals", goal, " | ".join(GOALS))
    tier = Tier(table.text("zh"), table.text("en"), goals)
    table.done()
    return tier


def _default_tiers() -> tuple[Tier, ...]:
    return tuple(Tier(zh, en, tuple(goals.items())) for zh, en, goals in TIERS)
