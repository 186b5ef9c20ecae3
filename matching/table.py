"""One table of an instance: its rows checked cell by cell, in canonical order, by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.aside import put_aside
from matching.columns import (
    COMPACT_FROM,
    Mask,
    Names,
    Numbers,
    Runs,
    Words,
    first_twice,
    kept,
    order_by,
    smallest,
)
from matching.errors import BadInstance
from matching.predicates import parse
from matching.schema import UNLIMITED, Column, TableSchema

Ints = NDArray[np.int64]
RawRow = Mapping[str, Any]
Cells = Sequence[Any] | Numbers | Words
"""One column as it comes: cells, an array of whole numbers, or numbered words."""

WHOLE = ("integer", "flag", "reference")
"""Kinds of columns that are kept as numbers; the others are text."""


class Table:
    """The checked rows of one table, by column, in canonical order.

    Reference columns hold positions in the table they point into.
    """

    def __init__(
        self, schema: TableSchema, columns: Mapping[str, Numbers | Words | Runs], length: int
    ) -> None:
        self.schema = schema
        self._columns = dict(columns)
        self._length = length
        self._texts: dict[str, Sequence[str]] = {}

    def put_aside(self, *but: str) -> None:
        """Keep long columns in files, all but some that are asked for again and again."""
        for name, column in {**self._columns}.items():
            if isinstance(column, Words):
                self._columns[name] = Words(put_aside(column.codes), Names.of(column.words))
            elif name not in but and isinstance(column, Runs):
                self._columns[name] = Runs(put_aside(column.edges))
            elif not isinstance(column, Runs) and name not in but:
                self._columns[name] = put_aside(column)

    def __len__(self) -> int:
        return self._length

    def words(self, name: str) -> Words:
        """Return a column of words, days, halves or conditions, each different word once."""
        column = self._columns[name]
        assert isinstance(column, Words), name
        return column

    def text(self, name: str) -> Sequence[str]:
        """Return a column of words, days, halves or conditions, written out."""
        if name in self._texts:
            return self._texts[name]
        words = self.words(name)
        text = words.words if words.is_plain else tuple(words.cells())
        if self._length < COMPACT_FROM or name in self.schema.key:
            self._texts[name] = text
        return text

    def numbers(self, name: str) -> Numbers:
        """Return a column of whole numbers, flags or positions in the type it is kept in.

        Very long columns are kept in few bytes: sums and products of them need a wider type.
        """
        column = self._columns[name]
        assert not isinstance(column, Words), name
        return column.numbers() if isinstance(column, Runs) else column

    def part(self, name: str, rows: slice) -> Numbers:
        """Return some consecutive rows of `numbers`."""
        column = self._columns[name]
        return column.numbers(rows) if isinstance(column, Runs) else self.numbers(name)[rows]

    def edges(self, name: str, count: int) -> Ints:
        """Return where each of the numbers up to `count` begins in a column that is in order."""
        column = self._columns[name]
        if isinstance(column, Runs):
            return column.edges
        return Runs.of(self.numbers(name), count).edges

    def integers(self, name: str) -> Ints:
        """Return a column of whole numbers, flags or positions, 64 bits wide."""
        return self.numbers(name).astype(np.int64, copy=False)

    def rows(self) -> Iterable[dict[str, Any]]:
        """Yield the rows as dictionaries (references as positions)."""
        names = [column.name for column in self.schema.columns]
        lists = [
            column.cells() if isinstance(column, Words) else self.numbers(name).tolist()
            for name, column in ((name, self._columns[name]) for name in names)
        ]
        for values in zip(*lists, strict=True):
            yield dict(zip(names, values, strict=True))


def _unknown(schema: TableSchema, column: str) -> BadInstance:
    known = ", ".join(each.name for each in schema.columns)
    return BadInstance(f"table {schema.name}: unknown column {column!r}; columns are {known}")


class StandsTwice(BadInstance):
    """A key stands twice in a table."""

    def __init__(self, table: str, key: tuple[str, ...]) -> None:
        super().__init__(f"table {table}: {', '.join(key)} stands twice")
        self.table = table
        self.key = key


class Gathering:
    """A table in the making: parts are checked, joined by id and kept as arrays as they come."""

    def __init__(self, schema: TableSchema, done: Mapping[str, Table]) -> None:
        self.name = schema.name
        self._schema = schema
        self._done = done
        self._known: dict[str, dict[str, int]] = {}
        self._parts: dict[str, list[Numbers | Words]] = {each.name: [] for each in schema.columns}

    def add_rows(self, rows: Sequence[RawRow]) -> None:
        """Check rows given as dictionaries and keep them.

        Raises
        ------
        BadInstance
            As `add`.
        """
        names = [column.name for column in self._schema.columns]
        for row in rows:
            if unknown := sorted(set(row).difference(names)):
                raise _unknown(self._schema, unknown[0])
        self.add({name: [row.get(name) for row in rows] for name in names}, lambda i: rows[i])

    def add(
        self, columns: Mapping[str, Cells], row_at: Callable[[int], RawRow] | None = None
    ) -> None:
        """Check a part and keep it; what is wrong is told with the row, as `row_at` gives it.

        Raises
        ------
        BadInstance
            If a column, word or id is unknown, a number is none or columns differ in length.
        """
        length = self._length(columns)
        bad = np.zeros(length, bool)
        for column in self._schema.columns:
            if column.name in columns:
                part, wrong = self._encoded(column, columns[column.name])
            else:
                part, wrong = self._encoded(column, [""])
                part, wrong = _repeated(part, length), np.repeat(wrong, length)
            bad |= wrong
            self._parts[column.name].append(part)
        if bad.any():
            self._explain((row_at or _row_of(columns))(int(np.argmax(bad))))

    def _length(self, columns: Mapping[str, Cells]) -> int:
        known = {column.name for column in self._schema.columns}
        if unknown := sorted(set(columns) - known):
            raise _unknown(self._schema, unknown[0])
        lengths = {name: len(cells) for name, cells in columns.items()}
        if len(set(lengths.values())) > 1:
            raise BadInstance(
                f"table {self._schema.name}: columns are of different length: {lengths}"
            )
        return next(iter(lengths.values()), 0)

    def _encoded(self, column: Column, cells: Cells) -> tuple[Numbers | Words, Mask]:
        """Return a part of a column as it is kept, and which rows are wrong."""
        if column.kind in ("integer", "flag"):
            return _whole_numbers(column, cells)
        words = cells if isinstance(cells, Words) else Words.of(cells)
        if column.kind == "reference":
            place = self._places(column.table, words.words)
            found = words.codes if place is None else place[words.codes]
            return found, found < 0
        if column.default is not None:
            blank = str(column.default)
            words = Words(words.codes, tuple(word or blank for word in words.words))
        return words, ~words.where(lambda word: self._is_fine(column, word))

    def _places(self, table: str, words: Sequence[str]) -> Numbers | None:
        """Return where words stand in a table (-1: nowhere); None where each is its own number."""
        if words == self._done[table].words("id").words:
            return None
        positions = self._positions(table)
        place = [positions.get(word, -1) for word in words]
        return smallest(np.array(place or [-1], np.int64))

    def _positions(self, table: str) -> Mapping[str, int]:
        if table not in self._known:
            ids = self._done[table].words("id").words
            self._known[table] = {name: i for i, name in enumerate(ids)}
        return self._known[table]

    def _is_fine(self, column: Column, word: str) -> bool:
        try:
            _cell(self._schema, column, {column.name: word}, {})
        except BadInstance:
            return False
        return True

    def _explain(self, row: RawRow) -> None:
        """Raise what is wrong with a row; one from a file knows its place, told first."""
        try:
            for column in self._schema.columns:
                known = self._positions(column.table) if column.kind == "reference" else {}
                _cell(self._schema, column, row, known)
        except BadInstance as error:
            if place := getattr(row, "place", ""):
                raise BadInstance(f"{place}: {error}") from None
            raise

    def table(self) -> Table:
        """Return the table in canonical order.

        Raises
        ------
        BadInstance
            If a key stands twice.
        """
        if not all(self._parts.values()):
            self.add({})
        columns: dict[str, Numbers | Words] = {}
        for column in self._schema.columns:
            columns[column.name] = _together(self._parts.pop(column.name))
        keys = [_sortable(columns[name]) for name in self._schema.key]
        order = order_by(keys)
        if order is not None:
            keys = [key[order] for key in keys]
            for name, values in columns.items():
                columns[name] = values.take(order) if isinstance(values, Words) else values[order]
        length = len(keys[0])
        table = Table(self._schema, self._shorter(columns, length), length)
        if (twice := first_twice(keys)) is not None:
            raise StandsTwice(self._schema.name, self._name(table, twice))
        return table

    def _shorter(
        self, columns: Mapping[str, Numbers | Words], length: int
    ) -> Mapping[str, Numbers | Words | Runs]:
        """Return columns in canonical order; of a long one that sorts the rows the edges are kept."""
        first = next(each for each in self._schema.columns if each.name == self._schema.key[0])
        column = columns[first.name]
        if length < COMPACT_FROM or first.kind != "reference" or isinstance(column, Words):
            return columns
        return {**columns, first.name: Runs.of(column, len(self._done[first.table]))}

    def _name(self, table: Table, place: int) -> tuple[str, ...]:
        """Return the key of a row in words."""
        names: list[str] = []
        for column in self._schema.columns:
            if column.name in self._schema.key and column.kind == "reference":
                position = int(table.numbers(column.name)[place])
                names.append(self._done[column.table].words("id").words[position])
            elif column.name in self._schema.key:
                names.append(table.text(column.name)[place])
        return tuple(names)


def _row_of(columns: Mapping[str, Cells]) -> Callable[[int], RawRow]:
    def cell(cells: Cells, place: int) -> Any:
        if isinstance(cells, Words):
            return cells.words[cells.codes[place]]
        return cells[place].item() if isinstance(cells, np.ndarray) else cells[place]

    return lambda place: {name: cell(cells, place) for name, cells in columns.items()}


def _repeated(part: Numbers | Words, length: int) -> Numbers | Words:
    if isinstance(part, Words):
        return Words(np.repeat(part.codes, length), part.words)
    return np.repeat(part, length)


def _together(parts: list[Numbers | Words]) -> Numbers | Words:
    """Join the parts of a column; words get their numbers in order."""
    words = [part for part in parts if isinstance(part, Words)]
    if words:
        return (words[0] if len(words) == 1 else Words.joined(words)).sorted()
    numbers = [part for part in parts if not isinstance(part, Words)]
    return kept(numbers[0] if len(numbers) == 1 else np.concatenate(numbers))


def _sortable(column: Numbers | Words) -> Numbers:
    return column.codes if isinstance(column, Words) else column


def _whole_numbers(column: Column, cells: Cells) -> tuple[Numbers, Mask]:
    """Return cells as whole numbers, and which of them are none or out of range."""
    if isinstance(cells, np.ndarray) and np.issubdtype(cells.dtype, np.integer):
        found, wrong = cells, np.zeros(len(cells), bool)
    else:
        text = cells.cells() if isinstance(cells, Words) else list(cells)
        found, wrong = _read_numbers(text, column.default)
    if column.kind == "flag":
        return smallest(found), wrong | (found < 0) | (found > 1)
    return smallest(found), wrong | (found < -UNLIMITED) | (found > UNLIMITED)


def _read_numbers(cells: list[Any], blank: str | int | None) -> tuple[Numbers, Mask]:
    if set(map(type, cells)) == {str}:
        words = Words.of(cells)
        numbers, wrong = _read_numbers_one_by_one(list(words.words), blank)
        return numbers[words.codes], wrong[words.codes]
    return _read_numbers_one_by_one(cells, blank)


def _read_numbers_one_by_one(cells: list[Any], blank: str | int | None) -> tuple[Numbers, Mask]:
    found, wrong = np.zeros(len(cells), np.int64), np.zeros(len(cells), bool)
    for place, cell in enumerate(cells):
        try:
            found[place] = _number(blank if cell is None or cell == "" else cell)
        except (TypeError, ValueError, OverflowError):
            wrong[place] = True
    return found, wrong


def _number(cell: Any) -> int:
    return int(cell) if isinstance(cell, int) else int(str(cell))


def _cell(schema: TableSchema, column: Column, row: RawRow, known: Mapping[str, int]) -> None:
    """Raise what is wrong with one cell, with its column and value."""
    cell = row.get(column.name)
    if cell is None or cell == "":
        if column.default is None:
            raise BadInstance(f"table {schema.name}: {column.name} is missing in {dict(row)}")
    elif column.kind in ("integer", "flag"):
        _check_number(schema, column, cell, row)
    elif column.kind != "reference":
        _check_text(schema, column, str(cell))
    elif str(cell) not in known:
        raise BadInstance(
            f"table {schema.name}: {column.name} {str(cell)!r} is not in table {column.table} "
            f"(row {dict(row)})"
        )


def _check_number(schema: TableSchema, column: Column, cell: Any, row: RawRow) -> None:
    try:
        number = _number(cell)
    except ValueError:
        raise BadInstance(
            f"table {schema.name}: {column.name} {cell!r} is not a whole number (row {dict(row)})"
        ) from None
    if column.kind == "flag" and number not in (0, 1):
        raise BadInstance(f"table {schema.name}: {column.name} must be 0 or 1, not {cell!r}")
    if not -UNLIMITED <= number <= UNLIMITED:
        raise BadInstance(f"table {schema.name}: {column.name} {cell!r} is beyond 2^60")


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
