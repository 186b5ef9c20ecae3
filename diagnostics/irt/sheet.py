"""Read answers from a CSV file: a column an item, a row a person, whole numbers, empty = missing.

Files of spreadsheets and of R and pandas are taken as they come: commas, semicolons or tabs, NA for
missing, a first column without a name that counts the rows, and no ids at all (`i1`, `i2`, ...).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.errors import BadAnswers

_WHOLE = re.compile(r"\+?[0-9]{1,4}(\.0*)?")
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})


def read_answers(path: Path) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Return the ids of the items and the answers, persons x items, -1 for missing.

    Raises
    ------
    BadAnswers
        `csv_encoding`, `csv_empty`, `csv_item_without_id`, `csv_item_twice`, `csv_ragged` or
        `csv_not_whole`; the last two name row, column and value. Rows are counted from 1, as
        spreadsheets show them: row 1 holds the ids.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadAnswers("csv_encoding", file=path.name) from None
    lines = list(csv.reader(text.splitlines(), delimiter=_separator(text)))
    while lines and not lines[-1]:
        lines.pop()
    if lines and not _names(lines):
        lines.insert(0, [f"i{j + 1}" for j in range(len(lines[0]))])
    if len(lines) < 2:
        raise BadAnswers("csv_empty", file=path.name)
    if _counted(lines):
        lines = [cells[1:] for cells in lines]
    items = _items(lines[0])
    table = np.empty((len(lines) - 1, len(items)), np.int16)
    for row, cells in enumerate(lines[1:]):
        if not cells and len(items) == 1:
            cells = [""]
        if len(cells) != len(items):
            raise BadAnswers("csv_ragged", row=row + 2, cells=len(cells), items=len(items))
        try:
            table[row] = [int(cell) if cell else -1 for cell in cells]
            if (table[row] < -1).any() or (table[row] > 9999).any() or "-" in "".join(cells):
                raise ValueError
        except (ValueError, OverflowError):
            table[row] = _careful(cells, items, row + 2)
    return items, table


def _separator(text: str) -> str:
    """Return what stands between cells: the first line tells, a comma if several could."""
    first = text.partition("\n")[0]
    return next((mark for mark in (",", ";", "\t") if mark in first), ",")


def _names(lines: list[list[str]]) -> bool:
    """Tell whether the first line holds ids: words, or numbers that cannot be answers.

    Whole numbers are ids if they count from 0 or 1, or if all differ and one is above all answers.
    """
    first = [cell.strip() for cell in lines[0]]
    if not first or not all(_WHOLE.fullmatch(c) or c.lower() in _MISSING for c in first):
        return True
    if not all(_WHOLE.fullmatch(c) for c in first):
        return not any(_WHOLE.fullmatch(c) for c in first)
    numbers = [int(c.split(".")[0]) for c in first]
    counts = range(numbers[0], numbers[0] + len(numbers))
    if numbers == list(counts) and numbers[0] in (0, 1):
        return True
    below = [int(c) for cells in lines[1:] for c in cells if c.isdecimal()]
    return len(set(numbers)) == len(numbers) and max(numbers) > max(below, default=0)


def _counted(lines: list[list[str]]) -> bool:
    """Tell whether a first column without a name counts the rows from 0 or 1."""
    if lines[0][0].strip() or not all(lines):
        return False
    column = [cells[0].strip() for cells in lines[1:]]
    return any(column == [str(i + start) for i in range(len(column))] for start in (0, 1))


def _items(cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    for column, name in enumerate(names, start=1):
        if not name:
            raise BadAnswers("csv_item_without_id", column=column)
        if name in names[: column - 1]:
            raise BadAnswers("csv_item_twice", column=column, item=name)
    return names


def _careful(cells: Sequence[str], items: tuple[str, ...], row: int) -> list[int]:
    """Return the answers of a row with blanks or decimals of 0, or name the cell that is wrong."""
    found = []
    for item, cell in zip(items, cells, strict=True):
        value = cell.strip()
        missing = value.lower() in _MISSING
        if not missing and not _WHOLE.fullmatch(value):
            raise BadAnswers("csv_not_whole", row=row, item=item, value=cell)
        found.append(-1 if missing else int(value.split(".")[0]))
    return found
