"""Read groups of persons from a CSV file: a column a variable, a row a person, empty = unknown."""

from __future__ import annotations

import csv
from pathlib import Path

from diagnostics.irt.errors import BadAnswers


def read_groups(path: Path, persons: int) -> dict[str, tuple[str, ...]]:
    """Return per variable the group of each person, in the order of the answers.

    Raises
    ------
    BadAnswers
        `csv_encoding`, `csv_empty`, `csv_item_without_id`, `csv_item_twice`, `csv_ragged`, or
        `groups_rows` if the rows are not as many as the persons.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadAnswers("csv_encoding", file=path.name) from None
    lines = list(csv.reader(text.splitlines()))
    if not lines:
        raise BadAnswers("csv_empty", file=path.name)
    names = [cell.strip() for cell in lines[0]]
    for column, name in enumerate(names, start=1):
        if not name:
            raise BadAnswers("csv_item_without_id", column=column)
        if name in names[: column - 1]:
            raise BadAnswers("csv_item_twice", column=column, item=name)
    rows = [cells or [""] for cells in lines[1:]]
    if len(rows) != persons:
        raise BadAnswers("groups_rows", file=path.name, rows=len(rows), persons=persons)
    for row, cells in enumerate(rows, start=2):
        if len(cells) != len(names):
            raise BadAnswers("csv_ragged", row=row, cells=len(cells), items=len(names))
    return {name: tuple(cells[at].strip() for cells in rows) for at, name in enumerate(names)}
