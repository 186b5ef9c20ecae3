"""Writing sheets to xlsx so that the same round gives the same bytes.

Every text is written as text: a school called `=1+1` stays a name and is never calculated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from matching.rounds.exports.sheet import Cell, Sheet

CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - a fixed stamp in the file, not a moment
A4 = 9
ROW = 18
ROLL_ROW = 26
TITLE_ROW = 30
FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "align": "center"},
    "line": {"text_wrap": True, "align": "left"},
    "head": {"bold": True, "border": 1, "bg_color": "#E8EEF5", "text_wrap": True},
    "text": {"border": 1, "text_wrap": True, "num_format": "@"},
    "mark": {"border": 1, "align": "center", "num_format": "@"},
    "figure": {"border": 1, "align": "center", "num_format": "#,##0.##;-#,##0.##;0"},
    "whole": {"border": 1, "align": "center", "num_format": "#,##0"},
    "foot": {"font_size": 9, "font_color": "#444444", "text_wrap": True, "align": "left"},
}

MARKS = ("<5", "*")
"""What stands for a withheld figure, and stands where a figure would."""


class Book:
    """An open workbook with the formats of the house."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {"strings_to_formulas": False, "strings_to_numbers": False}
        self.file = xlsxwriter.Workbook(str(path), {**plain, "strings_to_urls": False})
        self.file.set_properties({"created": CREATED, "author": "xuanke"})
        self.formats = {name: self.file.add_format(FONT | f) for name, f in FORMATS.items()}
        self._names: set[str] = set()

    def page(self, name: str, widths: tuple[int, ...], landscape: bool = False) -> Any:
        """Add a worksheet set up for A4 paper, one page wide."""
        sheet = self.file.add_worksheet(self.tab(name))
        sheet.set_paper(A4)
        sheet.set_default_row(ROW)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        if landscape:
            sheet.set_landscape()
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def tab(self, name: str) -> str:
        """Return a tab name spreadsheets accept, unique in this book."""
        base = tab = re.sub(r"[\[\]:*?/\\']", "_", name)[:31] or "_"
        count = 1
        while tab.lower() in self._names:
            count += 1
            tab = f"{base[:27]}~{count}"
        self._names.add(tab.lower())
        return tab

    def cell(self, sheet: Any, row: int, column: int, value: Cell, style: str = "") -> None:
        """Write one value; a text always as text."""
        if isinstance(value, str):
            kind = "mark" if value in MARKS else "text"
            sheet.write_string(row, column, value, self.formats[style or kind])
        else:
            kind = "whole" if value == int(value) else "figure"
            sheet.write_number(row, column, value, self.formats[style or kind])

    def merged(self, sheet: Any, row: int, columns: int, text: str, style: str) -> None:
        """Write a sentence across the width of the table, as text."""
        if columns > 1:
            sheet.merge_range(row, 0, row, columns - 1, "", self.formats[style])
        sheet.write_string(row, 0, text, self.formats[style])

    def table(
        self, sheet: Any, row: int, content: tuple[tuple[Cell, ...], ...], widths: tuple[int, ...]
    ) -> int:
        """Write rows from `row` on, the first as the head; return the next free row.

        A row whose texts do not fit on one line is made higher.
        """
        for offset, values in enumerate(content):
            for column, value in enumerate(values):
                self.cell(sheet, row + offset, column, value, "" if offset else "head")
            lines = max(lines_needed(str(v), w) for v, w in zip(values, widths, strict=False))
            if lines > 1:
                sheet.set_row(row + offset, ROW * lines)
        return row + len(content)

    def add(self, content: Sheet) -> None:
        """Write one sheet; its header repeats on every printed page and stays in view."""
        sheet = self.page(content.name, content.widths, content.landscape)
        self.merged(sheet, 0, len(content.widths), content.title, "title")
        sheet.set_row(0, TITLE_ROW)
        for offset, line in enumerate(content.lines, 1):
            self.sentence(sheet, offset, content.widths, line, "line")
        top = len(content.lines) + 1
        bottom = top
        if content.header:
            bottom = self.table(sheet, top, (content.header, *content.rows), content.widths)
            sheet.repeat_rows(top)
            sheet.freeze_panes(top + 1, 0)
        if content.tall:
            for row in range(top + 1, bottom):
                sheet.set_row(row, ROLL_ROW)
        for offset, line in enumerate(content.foot):
            self.sentence(sheet, bottom + offset, content.widths, line, "foot")

    def sentence(
        self, sheet: Any, row: int, widths: tuple[int, ...], text: str, style: str
    ) -> None:
        """Write a sentence across the table with a row high enough to show all of it."""
        self.merged(sheet, row, len(widths), text, style)
        sheet.set_row(row, ROW * lines_needed(text, sum(widths)))


def lines_needed(text: str, width: int) -> int:
    """Return how many lines a text takes in a width given in Latin characters."""
    taken = [sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) for line in text.split("\n")]
    return sum(max(1, -(-places // max(1, width - 2))) for places in taken)


@contextmanager
def book(path: Path) -> Iterator[Book]:
    """Open a workbook for writing; it is complete when the block ends."""
    opened = Book(path)
    yield opened
    opened.file.close()


def safe_name(text: str) -> str:
    """Return a text as part of a file name: no separators, no control signs, no leading dot."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", text).strip(" .") or "_"
