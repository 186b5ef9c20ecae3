"""The tables of an instance: their columns, keys and references, in one place.

`docs/format.md` explains every table with an example. Hours are account minutes (1/60 学时), money
is fen, days are ISO dates, halves are `am` and `pm`; a blank limit means no limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

UNLIMITED = 1 << 60
"""What a blank limit becomes: larger than any sum an instance can hold."""

Kind = Literal["text", "integer", "day", "half", "flag", "condition", "reference"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, what a blank becomes, the legal words, and the table it points into."""

    name: str
    kind: Kind = "text"
    default: str | int | None = None
    words: tuple[str, ...] = ()
    table: str = ""


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: its columns and the columns that make a row unique."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


def _text(name: str, default: str | None = None, *words: str) -> Column:
    return Column(name, "text", default, words)


def _integer(name: str, default: int | None = None) -> Column:
    return Column(name, "integer", default)


def _reference(name: str, table: str) -> Column:
    return Column(name, "reference", None, (), table)


def _condition(name: str) -> Column:
    return Column(name, "condition", "")


def _flag(name: str, default: int) -> Column:
    return Column(name, "flag", default)


_TEACHER = _reference("teacher", "teachers")
_SECTION = _reference("section", "sections")
_DAY = Column("day", "day")
_HALF = Column("half", "half")
_WEIGHT = _integer("weight", 1)
_ID = _text("id")
_TITLE = _text("title", "")

TABLES: tuple[TableSchema, ...] = (
    TableSchema(
        "teachers",
        ("id",),
        (_ID, _text("school", ""), _integer("most_sections", 99), _integer("assigned_cap", 0)),
    ),
    TableSchema(
        "attributes",
        ("teacher", "attribute", "value"),
        (_TEACHER, _text("attribute"), _text("value")),
    ),
    TableSchema(
        "sections",
        ("id",),
        (
            _ID,
            _text("offering"),
            _TITLE,
            _integer("capacity"),
            _integer("minimum", 0),
            _integer("minutes", 0),
            _integer("fee_fen", 0),
            _text("fund", ""),
            _text("site", ""),
        ),
    ),
    TableSchema(
        "section_attributes",
        ("section", "attribute", "value"),
        (_SECTION, _text("attribute"), _text("value")),
    ),
    TableSchema("meetings", ("section", "day", "half"), (_SECTION, _DAY, _HALF)),
    TableSchema(
        "eligibility",
        ("section", "attribute", "test", "values"),
        (
            _SECTION,
            _text("attribute"),
            _text("test", None, "in", "not_in", "ge", "le"),
            _text("values"),
        ),
    ),
    TableSchema(
        "choices",
        ("teacher", "section"),
        (
            _TEACHER,
            _SECTION,
            _integer("rank", 0),
            _text("kind", "chosen", "chosen", "assignable"),
            _integer("points", 0),
        ),
    ),
    TableSchema("ties", ("teacher", "tie", "section"), (_TEACHER, _text("tie"), _SECTION)),
    TableSchema(
        "bans",
        ("teacher", "from_day", "until_day", "where"),
        (_TEACHER, Column("from_day", "day"), Column("until_day", "day"), _condition("where")),
    ),
    TableSchema("completed", ("teacher", "offering"), (_TEACHER, _text("offering"))),
    TableSchema("prerequisites", ("offering", "requires"), (_text("offering"), _text("requires"))),
    TableSchema(
        "excluded", ("offering_a", "offering_b"), (_text("offering_a"), _text("offering_b"))
    ),
    TableSchema("busy", ("teacher", "day", "half"), (_TEACHER, _DAY, _HALF)),
    TableSchema("travel", ("site_a", "site_b"), (_text("site_a"), _text("site_b"))),
    TableSchema(
        "requirements",
        ("id",),
        (
            _ID,
            _text("parent", ""),
            _TITLE,
            _condition("where"),
            _WEIGHT,
            _flag("strict", 0),
            _integer("cap", UNLIMITED),
        ),
    ),
    TableSchema(
        "due",
        ("teacher", "requirement"),
        (_TEACHER, _reference("requirement", "requirements"), _integer("minutes")),
    ),
    TableSchema(
        "caps",
        ("id",),
        (
            _ID,
            _TITLE,
            _condition("where"),
            _condition("teachers_where"),
            _integer("limit"),
            _text("unit", "minutes", "minutes", "sections"),
        ),
    ),
    TableSchema(
        "topics",
        ("topic",),
        (_text("topic"), _condition("teachers_where"), _WEIGHT, _flag("strict", 0)),
    ),
    TableSchema(
        "quotas",
        ("id",),
        (
            _ID,
            _TITLE,
            _condition("sections_where"),
            _condition("teachers_where"),
            _integer("minimum", 0),
            _integer("maximum", UNLIMITED),
            _text("counts", "seats", "seats", "heads"),
            _flag("strict", 0),
            _WEIGHT,
        ),
    ),
    TableSchema(
        "shares",
        ("id",),
        (
            _ID,
            _TITLE,
            _condition("sections_where"),
            _condition("teachers_where"),
            _integer("minimum", 0),
            _integer("maximum", UNLIMITED),
            _flag("strict", 0),
            _WEIGHT,
        ),
    ),
    TableSchema(
        "reserves",
        ("id",),
        (
            _ID,
            _TITLE,
            _condition("sections_where"),
            _condition("group_where"),
            _integer("seats"),
            _text("kind", "soft", "hard", "soft"),
            _text("place", "inside", "inside", "on_top"),
            _WEIGHT,
        ),
    ),
    TableSchema(
        "releases",
        ("id",),
        (_ID, _text("school"), _DAY, _HALF, _integer("most_away"), _condition("subject_where")),
    ),
    TableSchema("funds", ("id",), (_ID, _integer("budget_fen"))),
    TableSchema("hosts", ("id",), (_ID, _condition("sections_where"), _DAY, _integer("capacity"))),
    TableSchema(
        "teams",
        ("id",),
        (
            _ID,
            _text("rule", None, "all_or_none", "one_of_each", "keep_together"),
            _condition("sections_where"),
            _condition("teachers_where"),
            _text("group_attribute", ""),
            _WEIGHT,
        ),
    ),
    TableSchema("locks", ("teacher", "section"), (_TEACHER, _SECTION, _text("reason", ""))),
)

BY_NAME = {table.name: table for table in TABLES}
