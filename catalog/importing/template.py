"""Empty sheets for offices to fill in, with lists to choose from and every column explained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.importing.scan import column_letters
from catalog.importing.spec import Column, Row, SheetKind
from catalog.importing.workbook import new_workbook
from catalog.messages import Language, say

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS_WITH_LISTS = 5_000
"""Rows under the header that offer lists."""


def write_template(kind: SheetKind, path: Path, lang: Language = "zh") -> None:
    """Write the empty sheet of a kind as .xlsx.

    The first sheet is to be filled in: every cell is text, so that long ids keep their digits. The
    second, 说明, explains every column and shows an example; it is never imported.
    """
    write_rows(kind, (), path, lang)


def write_rows(kind: SheetKind, rows: Sequence[Row], path: Path, lang: Language = "zh") -> None:
    """Write stored rows in the shape of their sheet, so that they can be imported again."""
    with new_workbook(path) as book:
        sheet = book.add_worksheet(kind.title(lang)[:31])
        notes = book.add_worksheet(say("template_notes_sheet", lang))
        lists = book.add_worksheet(say("template_lists_sheet", lang))
        lists.hide()
        _fill(book, sheet, kind, rows, lang)
        _offer_lists(sheet, lists, kind, lang)
        _explain(book, notes, kind, lang)


def _fill(
    book: Workbook, sheet: Worksheet, kind: SheetKind, rows: Sequence[Row], lang: Language
) -> None:
    text = book.add_format({"num_format": "@"})
    must = book.add_format({"num_format": "@", "bold": True, "bg_color": "#DCE9E0", "border": 1})
    may = book.add_format({"num_format": "@", "bg_color": "#F2F2F2", "border": 1})
    for at, column in enumerate(kind.columns):
        sheet.set_column(at, at, _width(column, lang), text)
        sheet.write_string(0, at, column.title(lang), must if column.required else may)
        if comment := _comment(column, lang):
            sheet.write_comment(0, at, comment, {"author": "", "x_scale": 2})
    sheet.freeze_panes(1, 1)
    for number, row in enumerate(rows, start=1):
        for at, column in enumerate(kind.columns):
            sheet.write_string(number, at, column.show(row.get(column.key)), text)


def _offer_lists(sheet: Worksheet, lists: Worksheet, kind: SheetKind, lang: Language) -> None:
    """Offer the legal words of a column; they stand on the hidden sheet, however many they are."""
    for at, column in enumerate(kind.columns):
        if not column.choices or column.several:
            continue
        for number, word in enumerate(column.choices.values()):
            lists.write_string(number, at, word)
        letters = column_letters(at + 1)
        words = f"='{lists.get_name()}'!${letters}$1:${letters}${len(column.choices)}"
        rule = {
            "validate": "list",
            "source": words,
            "error_type": "warning",
            "error_title": column.title(lang)[:32],
            "error_message": say("template_not_listed", lang),
        }
        sheet.data_validation(1, at, ROWS_WITH_LISTS, at, rule)


def _explain(book: Workbook, notes: Worksheet, kind: SheetKind, lang: Language) -> None:
    """Explain every column on the second sheet, one row each, with an example."""
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    notes.write_string(0, 0, say("template_title", lang, title=kind.title(lang)), bold)
    notes.write_string(1, 0, say("template_hint", lang))
    for at, code in enumerate(("column", "must", "example", "help", "words")):
        notes.write_string(3, at, say(f"template_{code}", lang), bold)
    for number, column in enumerate(kind.columns, start=4):
        duty = say("template_yes" if column.required else "template_no", lang)
        words = ("、" if lang == "zh" else ", ").join((column.choices or {}).values())
        cells = (column.title(lang), duty, column.example, column.help(lang), words)
        for at, cell in enumerate(cells):
            notes.write_string(number, at, cell, wrap)
    for at, width in enumerate((18, 10, 28, 50, 60)):
        notes.set_column(at, at, width)


def _comment(column: Column, lang: Language) -> str:
    duty = say("template_comment_must" if column.required else "template_comment_may", lang)
    example = say("template_comment_example", lang, example=column.example)
    return "\n".join(filter(None, (duty, column.help(lang), example if column.example else "")))


def _width(column: Column, lang: Language) -> int:
    """Return a width in which the header and the example can be read."""
    wide = max(len(text.encode("gb18030")) for text in (column.title(lang), column.example))
    return min(max(wide + 3, 10), 40)
