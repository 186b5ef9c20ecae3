"""Read answers from a CSV file: a column an item, a row a person, whole numbers, empty = missing."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.errors import BadAnswers

_WHOLE = re.compile(r"\+?[0-9]{1,4}(\.0*)?")


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
    lines = list(csv.reader(text.splitlines()))
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 2:
        raise BadAnswers("csv_empty", file=path.name)
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
        if value and not _WHOLE.fullmatch(value):
            raise BadAnswers("csv_not_whole", row=row, item=item, value=cell)
        found.append(int(value.split(".")[0]) if value else -1)
    return found
