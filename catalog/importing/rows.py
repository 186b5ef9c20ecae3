"""From the grid of a file to parsed rows and everything that is wrong with its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import FileRefused
from catalog.importing.cells import cell_text, raw_text
from catalog.importing.header import Header, find_header, header_errors, header_warnings
from catalog.importing.parse import BadCell, fold
from catalog.importing.reader import Book, Grid, read_book
from catalog.importing.scan import SheetScan, cell_name
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind

_TOTAL = re.compile(r"(.{0,12}(合计|总计|小计|共计)|(sub|grand)?total|sum)[:：]?", re.IGNORECASE)
_NOTE = re.compile(r"(注|备注|说明|填表|制表|审核|填报|联系人|联系电话|负责人|经办|单位\(盖章\)).*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One sheet as understood: its good rows, and every complaint about the others.

    `skipped` tells rows that were left out on purpose (合计 rows, notes), `warnings` columns that
    mean nothing here. `broken` are the keys of wrong rows, as far as they can be read: those rows are
    wrong, not missing.
    """

    kind: SheetKind
    file_name: str
    digest: str
    sheet: str
    rows: tuple[NumberedRow, ...]
    errors: tuple[RowError, ...]
    warnings: tuple[RowError, ...]
    skipped: tuple[RowError, ...]
    broken: frozenset[Key] = frozenset()


def read_sheet(source: Path | Book, kind: SheetKind) -> Parsed:
    """Read a file as a kind of sheet; one pass tells everything that is wrong with its cells.

    Raises
    ------
    FileRefused
        If the file as a whole is refused (see `catalog.importing.reader.read_book`).
    """
    book = read_book(source) if isinstance(source, Path) else source
    grid, header = _choose(book, kind)
    body = _Body(kind, grid, header)
    wrong_header = tuple(header_errors(grid, kind, header))
    rows = body.parse()
    return Parsed(
        kind,
        book.file_name,
        book.digest,
        grid.name,
        () if wrong_header else tuple(body.without_twins(rows)),
        (*wrong_header, *sorted(body.errors, key=lambda error: error.row)),
        tuple(header_warnings(grid, kind, header)),
        tuple(body.skipped),
        frozenset(body.broken),
    )


def _choose(book: Book, kind: SheetKind) -> tuple[Grid, Header]:
    """Return the sheet of the file that is meant: the one whose header names most columns."""
    found = [(grid, header) for grid in book.grids if (header := find_header(grid, kind))]
    if not found:
        headers = tuple(column.zh for column in kind.columns if column.required)
        raise FileRefused("header_none", title=_both(kind), headers=headers)
    most = max(len(header.places) for _, header in found)
    best = [(grid, header) for grid, header in found if len(header.places) == most]
    if len(best) > 1:
        raise FileRefused(
            "sheets_several", title=_both(kind), sheets=tuple(grid.name for grid, _ in best)
        )
    return best[0]


def _both(kind: SheetKind) -> dict[str, str]:
    return {"zh": kind.zh, "en": kind.en}


class _Body:
    """The rows under the header while they are parsed."""

    def __init__(self, kind: SheetKind, grid: Grid, header: Header) -> None:
        self.kind = kind
        self.grid = grid
        self.header = header
        self.errors: list[RowError] = []
        self.skipped: list[RowError] = []
        self.broken: set[Key] = set()
        self._columns = [
            (column, header.places[column.key], grid.name, header.names[header.places[column.key]])
            for column in kind.columns
            if column.key in header.places
        ]
        self._absent = {c.key: c.default for c in kind.columns if c.key not in header.places}

    def parse(self) -> list[NumberedRow]:
        """Return the rows without a fault of their own."""
        rows = []
        for number, cells in enumerate(self.grid.cells[self.header.row :], self.header.row + 1):
            first = next((text for cell in cells if (text := raw_text(cell))), None)
            if first is None:
                continue
            if reason := self._reason_to_skip(first, cells):
                self.skipped.append(RowError(self.grid.name, number, "", first, reason))
            elif (row := self._row(number, cells)) is not None:
                rows.append(NumberedRow(number, row))
        return rows

    def _reason_to_skip(self, first: str, cells: Sequence[Any]) -> str | None:
        """Return why a row is no data: its first word is a total or a note, or it is the header."""
        if _TOTAL.fullmatch("".join(first.split())):
            return "row_total"
        if _NOTE.fullmatch(fold(first)) and len(self._columns) > 3:
            return "row_note" if sum(map(bool, map(raw_text, cells))) <= 3 else None
        if first in self.header.names and tuple(map(raw_text, cells)) == self.header.names:
            return "row_header"
        return None

    def _row(self, number: int, cells: Sequence[Any]) -> Row | None:
        row: Row = dict(self._absent)
        before = len(self.errors)
        for column, at, sheet, header in self._columns:
            raw = cells[at] if at < len(cells) else None
            try:
                row[column.key] = _value(column, raw, self.grid.scan, (number, at + 1))
            except BadCell as bad:
                shown = raw_text(raw)
                self.errors.append(
                    RowError(sheet, number, header, shown, bad.code, bad.values, bad.room)
                )
        if len(self.errors) == before:
            return row
        if all(name in row for name in self.kind.key):
            self.broken.add(self.kind.key_of(row))
        return None

    def without_twins(self, rows: list[NumberedRow]) -> list[NumberedRow]:
        """Drop every row whose key another row has too, and say so at each of them."""
        numbers: dict[Key, list[int]] = {}
        for row in rows:
            numbers.setdefault(self.kind.key_of(row.row), []).append(row.number)
        single = []
        for row in rows:
            others = [n for n in numbers[self.kind.key_of(row.row)] if n != row.number]
            if others:
                self.errors.append(self._twin(row, others))
                self.broken.add(self.kind.key_of(row.row))
            else:
                single.append(row)
        return single

    def _twin(self, row: NumberedRow, others: list[int]) -> RowError:
        titles = tuple(self.kind.column(name).zh for name in self.kind.key)
        key = "/".join(self.kind.key_of(row.row))
        values = {"rows": tuple(map(str, others)), "titles": titles}
        return RowError(self.grid.name, row.number, titles[0], key, "row_twice", values)


def _value(column: Column, raw: Any, scan: SheetScan, place: tuple[int, int]) -> Any:
    """Return the value of one cell.

    Raises
    ------
    BadCell
        If it is not what the column needs.
    """
    if scan.formulas and place in scan.formulas:
        raise BadCell("cell_formula_at", cell=cell_name(*place))
    if scan.failures and place in scan.failures:
        raise BadCell("cell_failure", cell=cell_name(*place))
    text = cell_text(raw, column.is_id)
    if text:
        return column.parse(text)
    if not column.required:
        return column.default
    if scan.merged and scan.hidden_by_merge(*place):
        raise BadCell("cell_merged", cell=cell_name(*place))
    raise BadCell("cell_blank")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a file's headers fit a kind: the share it knows, and whether none it needs lacks."""

    share: float
    complete: bool
    kind: SheetKind


def kinds_by_header(book: Book, kinds: Sequence[SheetKind]) -> Iterator[Fit]:
    """Yield how well the headers of a file fit each kind; a sheet that lacks nothing comes first."""
    for kind in kinds:
        headers = [header for grid in book.grids if (header := find_header(grid, kind))]
        complete = [header for header in headers if not header.missing(kind)]
        if headers:
            meant = complete or headers
            share = max(len(h.places) / len([n for n in h.names if n]) for h in meant)
            yield Fit(share, bool(complete), kind)
