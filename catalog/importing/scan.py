"""What a sheet claims to hold, known before any library reads it.

Libraries allocate a full grid from the farthest cell, so a file of one kilobyte with a cell in
XFD1048576 would eat all memory. The scans of `sheet_xml` and `old_xls` fill a `SheetScan`, which
refuses at the first claim beyond the limits and remembers formulas and merged cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.errors import FileRefused

MAX_ROWS = 100_000
MAX_COLUMNS = 256
MAX_CELLS = 3_000_000

Place = tuple[int, int]
"""Row and column of a cell, both from 1."""


@dataclass(slots=True)
class SheetScan:
    """Formulas, failures (#N/A), merged areas and size of one sheet, as its own bytes state them."""

    name: str
    rows: int = 0
    columns: int = 0
    formulas: set[Place] = field(default_factory=set)
    failures: set[Place] = field(default_factory=set)
    merged: list[tuple[Place, Place]] = field(default_factory=list)

    def see(self, row: int, column: int) -> None:
        """Take note of a cell or a claimed corner.

        Raises
        ------
        FileRefused
            If the sheet reaches beyond what this program reads.
        """
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)
        if (
            self.rows > MAX_ROWS
            or self.columns > MAX_COLUMNS
            or self.rows * self.columns > MAX_CELLS
        ):
            raise FileRefused(
                "file_claims",
                sheet=self.name,
                rows=self.rows,
                columns=self.columns,
                max_rows=MAX_ROWS,
                max_columns=MAX_COLUMNS,
                max_cells=MAX_CELLS,
            )

    def hidden_by_merge(self, row: int, column: int) -> bool:
        """Return whether a cell is blank only because it is merged into another."""
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for (top, left), (bottom, right) in self.merged
        )


def column_letters(column: int) -> str:
    """Return the letters a spreadsheet program shows for a column number from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell, such as D7."""
    return f"{column_letters(column)}{row}"
