"""Comparing names of people and units as offices type them, without merging two of one name."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.importing.parse import fold
from catalog.importing.spec import Column, NumberedRow, RowError

_DOTS = str.maketrans(dict.fromkeys("·•・‧．。.∙⋅", "·"))
"""Dots between the parts of a name, which NFKC leaves different."""


def name_key(name: str) -> str:
    """Return a name for comparison: one width, one kind of dot, no blanks; never for keeping."""
    return "".join(fold(name).translate(_DOTS).split())


def name_errors(row: NumberedRow, column: Column, stored: str | None) -> Iterator[RowError]:
    """Yield an error if the name beside an id differs from the stored name, naming both.

    The id decides who is meant: two people of one name in a school stay two people.

    Parameters
    ----------
    row
        The row; a blank name says nothing.
    column
        The column that holds the name.
    stored
        The stored name of the id in the row, None if the id is unknown.
    """
    stated = row.row[column.key]
    if stated and stored is not None and name_key(stated) != name_key(stored):
        yield row.wrong(column, "name_differs", stated=stated, stored=stored)
