"""The problem in columns: joined by id at the door, checked, frozen.

One row is a teacher, a section, a candidate seat (`choices`) or a line of a rule. Rows may come in
any order; an instance sorts them, so that no result can depend on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from matching.arcs import ArcIndex
from matching.columns import Mask, Numbers, Words
from matching.coverage import Coverage, Masks
from matching.errors import BadInstance
from matching.freed import MANY, give_back
from matching.schema import BY_NAME, TABLES, UNLIMITED, Column
from matching.table import WHOLE, Cells, Gathering, Ints, RawRow, Table

__all__ = ["DEFAULT_TIERS", "Instance", "Ints", "Mask", "RawRow", "Table", "Words"]

DEFAULT_TIERS: tuple[Mapping[str, int], ...] = (
    {"hours_short": 1},
    {"quota_short": 1},
    {"assigned_seats": 1},
    {"unserved": 1},
    {"welfare": 1},
    {"overshoot": 1},
    {"lottery": 1},
)


@dataclass(frozen=True)
class Instance:
    """A round to be solved: meta data and tables (see `matching.schema` and docs/format.md)."""

    meta: Mapping[str, Any]
    tables: Mapping[str, Table]

    @classmethod
    def from_rows(cls, meta: Mapping[str, Any], rows: Mapping[str, Iterable[RawRow]]) -> Instance:
        """Check rows and join them by id.

        Parameters
        ----------
        meta
            `round`, `seed`, `tiers` and further settings of `instance.json`.
        rows
            Table name -> rows as dictionaries; values may be text or whole numbers.

        Raises
        ------
        BadInstance
            If a table, column, word or id is unknown, a key stands twice or a number is none; the
            message names table, row and value.
        """
        _refuse_unknown(rows)
        return cls.gathered(meta, lambda table: table.add_rows(list(rows.get(table.name, ()))))

    @classmethod
    def from_columns(
        cls, meta: Mapping[str, Any], columns: Mapping[str, Mapping[str, Cells]]
    ) -> Instance:
        """Check columns and join them by id, without a dictionary per row.

        Parameters
        ----------
        columns
            Table name -> column name -> cells: a list, an array of whole numbers, or `Words`. A
            column left out takes its default.

        Raises
        ------
        BadInstance
            As `from_rows`.
        """
        _refuse_unknown(columns)
        return cls.gathered(meta, lambda table: table.add(columns.get(table.name, {})))

    @classmethod
    def gathered(cls, meta: Mapping[str, Any], fill: Callable[[Gathering], None]) -> Instance:
        """Check one table after the other while `fill` adds the parts of each.

        Raises
        ------
        BadInstance
            As `from_rows`.
        """
        tables: dict[str, Table] = {}
        for schema in TABLES:
            gathering = Gathering(schema, tables)
            fill(gathering)
            tables[schema.name] = gathering.table()
        instance = cls(dict(meta), tables)
        _check_whole(instance)
        if len(tables["choices"]) >= MANY:
            for name, table in tables.items():
                table.put_aside(*ASKED_AGAIN.get(name, ()))
        give_back(len(tables["choices"]))
        return instance

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]

    @property
    def teacher_ids(self) -> Sequence[str]:
        """Ids of the teachers in canonical order."""
        return self["teachers"].text("id")

    @property
    def section_ids(self) -> Sequence[str]:
        """Ids of the sections in canonical order."""
        return self["sections"].text("id")

    @cached_property
    def teacher_index(self) -> dict[str, int]:
        """Position of each teacher id."""
        return {name: i for i, name in enumerate(self.teacher_ids)}

    @cached_property
    def section_index(self) -> dict[str, int]:
        """Position of each section id."""
        return {name: i for i, name in enumerate(self.section_ids)}

    @cached_property
    def first_arc(self) -> Ints:
        """Where the choices of every teacher begin, and where the last one's end."""
        return self["choices"].edges("teacher", len(self["teachers"]))

    def arcs_at(self, teachers: Numbers, sections: Numbers) -> Ints:
        """Return the position in `choices` of each (teacher, section), -1 where there is none."""
        chosen = self["choices"].numbers("section")
        low, high = self.first_arc[teachers], self.first_arc[teachers + 1]
        end = high.copy()
        while (low < high).any():
            middle = (low + high) // 2
            is_before = (low < high) & (chosen[np.minimum(middle, len(chosen) - 1)] < sections)
            low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, middle)
        found = low < end
        found[found] = chosen[low[found]] == sections[found]
        return np.where(found, low, -1)

    @cached_property
    def arc_index(self) -> Mapping[tuple[int, int], int]:
        """Position in `choices` of each (teacher, section)."""
        choices = self["choices"]
        if len(choices) >= MANY:
            return ArcIndex(self.first_arc, choices.numbers("section"))
        pairs = zip(
            choices.integers("teacher").tolist(), choices.integers("section").tolist(), strict=True
        )
        return {pair: i for i, pair in enumerate(pairs)}

    @cached_property
    def teacher_attributes(self) -> tuple[dict[str, set[str]], ...]:
        """Attribute values of every teacher; `id` and `school` are implied."""
        teachers = self["teachers"]
        found: tuple[dict[str, set[str]], ...] = tuple(
            {"id": {name}, "school": {school}}
            for name, school in zip(teachers.text("id"), teachers.text("school"), strict=True)
        )
        _collect(found, self["attributes"], "teacher")
        return found

    @cached_property
    def section_attributes(self) -> tuple[dict[str, set[str]], ...]:
        """Attribute values of every section; `section`, `offering` and `fund` are implied."""
        sections = self["sections"]
        columns = (sections.text("id"), sections.text("offering"), sections.text("fund"))
        found: tuple[dict[str, set[str]], ...] = tuple(
            {"section": {name}, "offering": {offering}, "fund": {fund}}
            for name, offering, fund in zip(*columns, strict=True)
        )
        _collect(found, self["section_attributes"], "section")
        return found

    def teachers_where(self, condition: str) -> Mask:
        """Return which teachers a condition covers."""
        return self._teacher_masks(condition)

    def teachers_at(self, condition: str) -> Numbers:
        """Return the positions of the teachers a condition covers, in order."""
        return self._teacher_masks.places(condition)

    def sections_where(self, condition: str) -> Mask:
        """Return which sections a condition covers."""
        return self._section_masks(condition)

    def teacher_profiles(self, attribute: str) -> tuple[Numbers, tuple[frozenset[str], ...]]:
        """Return the different sets of values of an attribute, and which set each teacher has."""
        return self._teacher_masks.profiles(attribute)

    @cached_property
    def _teacher_masks(self) -> Masks:
        teachers = self["teachers"]
        implied = {"id": teachers.words("id"), "school": teachers.words("school")}
        return Masks(len(teachers), implied, _named(self["attributes"], "teacher"))

    @cached_property
    def _section_masks(self) -> Masks:
        sections = self["sections"]
        named = {"section": "id", "offering": "offering", "fund": "fund"}
        implied = {name: sections.words(column) for name, column in named.items()}
        return Masks(len(sections), implied, _named(self["section_attributes"], "section"))

    @cached_property
    def teachers_covered(self) -> Coverage:
        """Ids of the teachers a condition covers (the referee's look-up)."""
        return Coverage(self.teacher_ids, self.teacher_attributes)

    @cached_property
    def sections_covered(self) -> Coverage:
        """Ids of the sections a condition covers (the referee's look-up)."""
        return Coverage(self.section_ids, self.section_attributes)

    @cached_property
    def halves_of(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """(day, half) meetings of every section, in order."""
        found: list[list[tuple[str, str]]] = [[] for _ in self.section_ids]
        meetings = self["meetings"]
        for section, day, half in zip(
            meetings.integers("section").tolist(),
            meetings.text("day"),
            meetings.text("half"),
            strict=True,
        ):
            found[section].append((day, half))
        return tuple(tuple(halves) for halves in found)

    @cached_property
    def meeting_times(self) -> tuple[tuple[tuple[str, str], ...], Mask]:
        """Different half-days in order, and which section meets when: shape (sections, half-days)."""
        meetings = self["meetings"]
        days, halves = meetings.words("day"), meetings.words("half")
        keys = days.codes.astype(np.int64) * len(halves.words) + halves.codes
        found, place = np.unique(keys, return_inverse=True)
        meets = np.zeros((len(self["sections"]), len(found)), bool)
        meets[meetings.numbers("section"), place] = True
        times = (divmod(key, len(halves.words)) for key in found.tolist())
        return tuple((days.words[day], halves.words[half]) for day, half in times), meets

    def forget(self) -> None:
        """Let go of what was worked out for conditions; who asks again has it worked out again."""
        for name in ("_teacher_masks", "_section_masks"):
            self.__dict__.pop(name, None)

    def meets_on(self, day: str) -> Mask:
        """Return which sections meet on a day."""
        times, meets = self.meeting_times
        return np.asarray(meets[:, [each == day for each, _ in times]].any(axis=1))

    @property
    def tiers(self) -> tuple[Mapping[str, int], ...]:
        """Goal code -> weight for every tier, most important first."""
        return tuple(tier["goals"] for tier in self.meta["tiers"])

    @property
    def seed(self) -> str:
        """The published seed of the lottery."""
        return str(self.meta.get("seed", "0"))

    @property
    def round_id(self) -> str:
        """The id of the round, part of every lottery number."""
        return str(self.meta.get("round", ""))

    def raw_rows(self, name: str) -> Iterator[tuple[str, ...]]:
        """Yield a table as text cells with ids, as it is written to a file."""
        table = self[name]
        for start in range(0, len(table), _AT_ONCE):
            rows = slice(start, min(start + _AT_ONCE, len(table)))
            columns = [self._cells(table, column, rows) for column in table.schema.columns]
            yield from zip(*columns, strict=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical content: no times, no host, no order of rows."""
        hasher = hashlib.sha256()
        hasher.update(json.dumps(self.meta, ensure_ascii=False, sort_keys=True).encode())
        for schema in TABLES:
            head = f"\n{schema.name}\t"
            lines = map("\t".join, self.raw_rows(schema.name))
            while part := list(islice(lines, _AT_ONCE)):
                hasher.update((head + head.join(part)).encode())
        return hasher.hexdigest()

    def _cells(self, table: Table, column: Column, rows: slice) -> list[str]:
        """Return the text of some cells of a column, as it is written to a file."""
        if column.kind not in WHOLE:
            return table.words(column.name).cells(rows)
        numbers = table.part(column.name, rows).tolist()
        if column.kind == "reference":
            low, high = min(numbers, default=0), max(numbers, default=-1)
            ids = self[column.table].words("id").words[low : high + 1]
            return [ids[place - low] for place in numbers]
        if column.default == UNLIMITED:
            return ["" if number == UNLIMITED else str(number) for number in numbers]
        return list(map(str, numbers))


_AT_ONCE = 1 << 16
"""Rows that are written out together."""

ASKED_AGAIN = {"choices": ("points", "teacher")}
"""Columns that every step of a solve looks at: they are not put aside."""


def _refuse_unknown(tables: Iterable[str]) -> None:
    if unknown := sorted(set(tables) - set(BY_NAME)):
        raise BadInstance(f"unknown table {unknown[0]!r}; tables are {', '.join(BY_NAME)}")


def _named(table: Table, owner: str) -> tuple[Numbers, Words, Words]:
    return table.numbers(owner), table.words("attribute"), table.words("value")


def _collect(found: Sequence[dict[str, set[str]]], table: Table, owner: str) -> None:
    columns = (table.integers(owner).tolist(), table.text("attribute"), table.text("value"))
    for position, attribute, value in zip(*columns, strict=True):
        found[position].setdefault(attribute, set()).add(value)


def _check_whole(instance: Instance) -> None:
    """Check what one row alone cannot tell."""
    sections = instance["sections"]
    capacity, minimum = sections.integers("capacity"), sections.integers("minimum")
    wrong = (minimum < 0) | (minimum > np.maximum(capacity, 0)) | (capacity < 0)
    for place in np.flatnonzero(wrong).tolist():
        raise BadInstance(
            f"section {instance.section_ids[place]}: minimum {minimum[place]} is outside "
            f"0..{capacity[place]}, its capacity"
        )
    _check_tree(instance["requirements"])
    for table in ("quotas", "shares"):
        _check_limits(instance[table])
    _check_on_top(instance)
    for table in ("locks", "ties"):
        teachers, places = (instance[table].numbers(name) for name in ("teacher", "section"))
        for row in np.flatnonzero(instance.arcs_at(teachers, places) < 0).tolist():
            raise BadInstance(
                f"teacher {instance.teacher_ids[teachers[row]]} is locked or tied to section "
                f"{instance.section_ids[places[row]]}, which is not among her choices"
            )


def _check_tree(requirements: Table) -> None:
    parents = dict(zip(requirements.text("id"), requirements.text("parent"), strict=True))
    for name, parent in parents.items():
        if parent and parent not in parents:
            raise BadInstance(f"requirement {name}: its parent {parent!r} is not in the table")
        line = [name]
        while parent and parent not in line:
            line.append(parent)
            parent = parents.get(parent, "")
        if parent:
            raise BadInstance(f"requirement {parent} is among its own parents: {line}")


def _check_on_top(instance: Instance) -> None:
    owner: dict[str, str] = {}
    for row in instance["reserves"].rows():
        if row["place"] != "on_top":
            continue
        for name in sorted(instance.sections_covered(row["sections_where"])):
            if name in owner:
                raise BadInstance(
                    f"reserves {owner[name]} and {row['id']} both add seats on top of section "
                    f"{name}: make them one reserve"
                )
            owner[name] = row["id"]


def _check_limits(table: Table) -> None:
    minimum, maximum = table.integers("minimum"), table.integers("maximum")
    for place in np.flatnonzero((minimum < 0) | (minimum > maximum)).tolist():
        raise BadInstance(
            f"{table.schema.name} {table.text('id')[place]}: minimum {minimum[place]} is outside "
            f"0..{maximum[place]}, its maximum"
        )
