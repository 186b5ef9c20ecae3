"""What a sheet looks like: its columns, its key, its checks and where its rows are kept.

A room that owns an entity describes its sheet here once; templates, import, comparison with what is
stored, undo and the sheet that comes back with errors all follow from the description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.importing.parse import CellParser, shown, text
from catalog.messages import Language, Messages, worded

if TYPE_CHECKING:
    from sqlmodel import Session

Row = dict[str, Any]
"""One row of a sheet after parsing: column key -> JSON-able value (str, int, bool, list or None)."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    `parse` turns the cell's cleaned text into a JSON-able value and raises
    `catalog.importing.parse.BadCell` with the message code of what would be right; `show` is its
    inverse, used when stored rows are compared, written to sheets or told about.

    Parameters
    ----------
    key
        Name of the value in a `Row`; also understood as a header.
    zh, en
        The header in both languages; `aliases` are further headers that mean this column.
    required
        Whether a blank cell is an error; otherwise it becomes `default`.
    choices
        Stored code -> word; templates offer the words in a list, or only explain them where a
        cell may hold `several`.
    is_id
        Whether the cell is a number-like name (证件号, codes): a number of more than 15 digits or
        in scientific notation has lost digits and is refused.
    stored
        Whether the value is kept; a column that only checks (姓名 beside 教师编号) is not.
    """

    key: str
    zh: str
    en: str
    parse: CellParser = text
    required: bool = True
    default: Any = None
    example: str = ""
    help_zh: str = ""
    help_en: str = ""
    choices: Mapping[str, str] | None = None
    aliases: tuple[str, ...] = ()
    is_id: bool = False
    show: Callable[[Any], str] = shown
    stored: bool = True
    several: bool = False

    def title(self, lang: Language = "zh") -> str:
        """Return the header in a language."""
        return self.zh if lang == "zh" else self.en

    def help(self, lang: Language = "zh") -> str:
        """Return the explanation in a language."""
        return self.help_zh if lang == "zh" else self.help_en


@cache
def _messages(room: str) -> Messages:
    """Return the sentences of a room; rooms are neighbouring folders."""
    return Messages(Path(__file__).parents[2].joinpath(*room.split("."), "messages.toml"))


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing that is wrong with one cell or row; `say` makes the sentence.

    `row` is the row number as the spreadsheet program shows it (1-based), 0 when the whole sheet is
    meant; `column` is the header of the sheet, empty when the whole row is meant. In `values` a tuple
    is a list of words and a mapping with `zh` and `en` is a word in both languages.
    """

    sheet: str
    row: int
    column: str
    value: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    room: str = "catalog"

    def say(self, lang: Language = "zh") -> str:
        """Return the whole sentence: sheet, row, column, value and what would be right."""
        place = "row_error_sheet" if not self.row else "row_error_row"
        if self.row and self.column:
            place = "row_error_cell"
        say = _messages("catalog").say
        cell = {"sheet": self.sheet, "row": self.row, "column": self.column}
        return say(place, lang, **cell, value=_shortened(self.value), what=self.advice(lang))

    def advice(self, lang: Language = "zh") -> str:
        """Return only what is wrong and what would be right, without the place."""
        return _messages(self.room).say(self.code, lang, **worded(self.values, lang))


def _shortened(value: str, most: int = 60) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A parsed row with the row number it had in the file."""

    number: int
    row: Row

    def wrong(
        self, column: Column | None, code: str, /, *, room: str = "catalog", **values: object
    ) -> RowError:
        """Return what is wrong with this row, or with its cell in `column`; the importer adds the sheet."""
        if column is None:
            return RowError("", self.number, "", "", code, values, room)
        value = column.show(self.row.get(column.key))
        return RowError("", self.number, column.zh, value, code, values, room)


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A kind of sheet that offices exchange, such as T5 课程申报表.

    `check(rows, session)` yields what is wrong across rows and against the database; `load(session)`
    returns every stored row in the sheet's own shape by key; `save(session, rows)` inserts or updates;
    `remove(session, keys)` deletes. None of them commits. Rows that repeat a key are told by the
    importer; `check` sees each key once. `headers` are columns that must stand on the sheet although
    their cells may be blank.
    """

    code: str
    slug: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: Key
    check: Callable[[Sequence[NumberedRow], Session], Iterator[RowError]]
    load: Callable[[Session], dict[Key, Row]]
    save: Callable[[Session, Iterable[Row]], None]
    remove: Callable[[Session, Iterable[Key]], None]
    headers: tuple[str, ...] = ()

    def key_of(self, row: Row) -> Key:
        """Return the key of a row as strings; an open value is the empty string."""
        return tuple("" if row[name] is None else str(row[name]) for name in self.key)

    def column(self, key: str) -> Column:
        """Return the column with a key.

        Raises
        ------
        KeyError
            If the sheet has no such column.
        """
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"sheet {self.slug} has no column {key}")

    def kept(self, row: Row) -> Row:
        """Return the part of a row that is stored."""
        return {column.key: row[column.key] for column in self.columns if column.stored}

    def title(self, lang: Language = "zh") -> str:
        """Return the name of the sheet in a language."""
        return self.zh if lang == "zh" else self.en
