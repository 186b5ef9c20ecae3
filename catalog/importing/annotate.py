"""The sheet comes back: the office's own rows with what is wrong written beside each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from catalog.importing.cells import raw_text
from catalog.importing.header import ERROR_HEADERS, find_header
from catalog.importing.reader import Book, Grid, read_book
from catalog.importing.spec import RowError, SheetKind
from catalog.importing.workbook import new_workbook
from catalog.messages import Language


def annotate(
    source: Path | Book,
    kind: SheetKind,
    errors: Iterable[RowError],
    path: Path,
    lang: Language = "zh",
) -> None:
    """Write the sheet again with a last column that tells the errors of each row.

    Every cell is written as text, so nothing in it can run as a formula; the column is ignored when
    the mended sheet is imported.

    Parameters
    ----------
    source
        The file the errors are about.
    kind
        The kind of sheet it was read as.
    errors
        What was wrong, of all rows.
    path
        Where to write the .xlsx.
    """
    book = read_book(source) if isinstance(source, Path) else source
    told: dict[tuple[str, int], list[RowError]] = {}
    for error in errors:
        told.setdefault((error.sheet, error.row), []).append(error)
    with new_workbook(path) as out:
        wrong = out.add_format({"bg_color": "#F8DDDA", "text_wrap": True, "num_format": "@"})
        text = out.add_format({"num_format": "@"})
        for grid in book.grids:
            sheet = out.add_worksheet(grid.name[:31])
            last = max(map(len, grid.cells), default=0)
            header = find_header(grid, kind)
            if header is not None:
                last = _place(grid, header.row, last)
                sheet.write_string(header.row - 1, last, ERROR_HEADERS[lang != "zh"], wrong)
                sheet.set_column(last, last, 70)
            for number, cells in enumerate(grid.cells, start=1):
                for at, cell in enumerate(cells[:last] if header else cells):
                    sheet.write_string(number - 1, at, raw_text(cell), text)
                if header and (found := told.get((grid.name, number))):
                    sheet.write_string(number - 1, last, _sentence(found, lang), wrong)


def _place(grid: Grid, row: int, width: int) -> int:
    """Return the position of the error column: a former one is used again."""
    for at, name in enumerate(grid.cells[row - 1]):
        if raw_text(name) in ERROR_HEADERS:
            return at
    return width


def _sentence(errors: Iterable[RowError], lang: Language) -> str:
    return "\n".join(
        f"{error.column}: {error.advice(lang)}" if error.column else error.advice(lang)
        for error in errors
    )
