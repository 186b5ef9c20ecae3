"""One table of an instance: its rows checked cell by cell, in canonical order, by column."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.errors import BadInstance
from matching.predicates import parse
from matching.schema import UNLIMITED, Column, TableSchema

Ints = NDArray[np.int64]
RawRow = Mapping[str, Any]


class Table:
    """The checked rows of one table, by column, in canonical order.

    Reference columns hold positions in the table they point into; whole numbers are int64.
    """

    def __init__(self, schema: TableSchema, columns: Mapping[str, Any], length: int) -> None:
        self.schema = schema
        self._columns = columns
        self._length = length

    def __len__(self) -> int:
        return self._length

    def text(self, name: str) -> tuple[str, ...]:
        """Return a column of words, days, halves or conditions."""
        column: tuple[str, ...] = self._columns[name]
        return column

    def integers(self, name: str) -> Ints:
        """Return a column of whole numbers, flags or positions."""
        column: Ints = self._columns[name]
        return column

    def rows(self) -> Iterable[dict[str, Any]]:
        """Yield the rows as dictionaries (references as positions)."""
        names = [column.name for column in self.schema.columns]
        lists = [
            column.tolist() if isinstance(column, np.ndarray) else column
            for column in (self._columns[name] for name in names)
        ]
        for values in zip(*lists, strict=True):
            yield dict(zip(names, values, strict=True))


def checked_table(schema: TableSchema, rows: list[RawRow], done: Mapping[str, Table]) -> Table:
    """Check rows and join them to the tables already done.

    Raises
    ------
    BadInstance
        If a column, word or id is unknown, a key stands twice or a number is none.
    """
    names = {column.name for column in schema.columns}
    for row in rows:
        if unknown := sorted(set(row) - names):
            raise BadInstance(
                f"table {schema.name}: unknown column {unknown[0]!r}; columns are "
                f"{', '.join(column.name for column in schema.columns)}"
            )
    positions = {
        column.table: {name: i for i, name in enumerate(done[column.table].text("id"))}
        for column in schema.columns
        if column.kind == "reference"
    }
    values = [_checked(schema, row, positions) for row in rows]
    key_at = [i for i, column in enumerate(schema.columns) if column.name in schema.key]
    values.sort(key=lambda row: tuple(row[i] for i in key_at))
    _refuse_twice(schema, values, key_at, done)
    columns: dict[str, Any] = {}
    for i, column in enumerate(schema.columns):
        cells = [row[i] for row in values]
        whole = column.kind in ("integer", "flag", "reference")
        columns[column.name] = np.array(cells, dtype=np.int64) if whole else tuple(cells)
    return Table(schema, columns, len(values))


def _checked(
    schema: TableSchema, row: RawRow, positions: Mapping[str, Mapping[str, int]]
) -> tuple[Any, ...]:
    """Check one row; a row from a file knows its place, and the message begins with it."""
    try:
        return tuple(_value(schema, column, row, positions) for column in schema.columns)
    except BadInstance as error:
        if place := getattr(row, "place", ""):
            raise BadInstance(f"{place}: {error}") from None
        raise


def _refuse_twice(
    schema: TableSchema, values: list[tuple[Any, ...]], key_at: list[int], done: Mapping[str, Table]
) -> None:
    for before, after in itertools.pairwise(values):
        if all(before[i] == after[i] for i in key_at):
            names = [
                done[column.table].text("id")[after[i]]
                if (column := schema.columns[i]).kind == "reference"
                else after[i]
                for i in key_at
            ]
            raise BadInstance(f"table {schema.name}: {', '.join(map(str, names))} stands twice")


def _value(
    schema: TableSchema, column: Column, row: RawRow, positions: Mapping[str, Mapping[str, int]]
) -> str | int:
    cell = row.get(column.name)
    if cell is None or cell == "":
        if column.default is None:
            raise BadInstance(f"table {schema.name}: {column.name} is missing in {dict(row)}")
        return column.default
    if column.kind in ("integer", "flag"):
        return _whole(schema, column, cell, row)
    text = str(cell)
    if column.kind == "reference":
        if text not in positions[column.table]:
            raise BadInstance(
                f"table {schema.name}: {column.name} {text!r} is not in table {column.table} "
                f"(row {dict(row)})"
            )
        return positions[column.table][text]
    _check_text(schema, column, text)
    return text


def _whole(schema: TableSchema, column: Column, cell: Any, row: RawRow) -> int:
    try:
        number = int(str(cell)) if not isinstance(cell, int) else int(cell)
    except ValueError:
        raise BadInstance(
            f"table {schema.name}: {column.name} {cell!r} is not a whole number (row {dict(row)})"
        ) from None
    if column.kind == "flag" and number not in (0, 1):
        raise BadInstance(f"table {schema.name}: {column.name} must be 0 or 1, not {cell!r}")
    if not -UNLIMITED <= number <= UNLIMITED:
        raise BadInstance(f"table {schema.name}: {column.name} {cell!r} is beyond 2^60")
    return number


def _check_text(schema: TableSchema, column: Column, text: str) -> None:
    if column.words and text not in column.words:
        raise BadInstance(
            f"table {schema.name}: {column.name} {text!r} is none of {', '.join(column.words)}"
        )
    if column.kind == "half" and text not in ("am", "pm"):
        raise BadInstance(f"table {schema.name}: half {text!r} is neither am nor pm")
    if column.kind == "condition":
        parse(text)
    if column.kind == "day":
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            raise BadInstance(
                f"table {schema.name}: {column.name} {text!r} is not a date like 2026-08-03"
            ) from None
