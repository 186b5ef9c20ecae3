"""What a sheet looks like: its columns, its key, its checks and where its rows are kept.

A room that owns an entity describes its sheet here once; templates, import, comparison with what is
stored, undo and the sheet that comes back with errors all follow from the description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.importing.parse import text

if TYPE_CHECKING:
    from sqlmodel import Session

Row = dict[str, Any]
"""One row of a sheet after parsing: column key -> JSON-able value (str, int, bool, list or None)."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    `parse` turns the cell's cleaned text into a JSON-able value and raises
    `catalog.importing.parse.BadCell` with the message code of what would be right.
    """

    key: str
    zh: str
    en: str
    parse: Callable[[str], Any] = text
    required: bool = True
    default: Any = None
    example: str = ""
    help_zh: str = ""
    help_en: str = ""
    choices: Mapping[str, str] | None = None
    aliases: tuple[str, ...] = ()
    is_id: bool = False


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing that is wrong with one cell or row; `say` makes the sentence.

    `row` is the row number as the spreadsheet program shows it (1-based); `column` is the header
    of the sheet, empty when the whole row is meant.
    """

    sheet: str
    row: int
    column: str
    value: str
    code: str
    values: Mapping[str, object]
    room: str = "catalog"


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A parsed row with the row number it had in the file."""

    number: int
    row: Row


@dataclass(frozen=True, slots=True)
class SheetKind:
    """A kind of sheet that offices exchange, such as T5 课程申报表.

    `check(rows, session)` yields what is wrong across rows and against the database; `load(session)`
    returns every stored row in the sheet's own shape by key; `save(session, rows)` inserts or updates;
    `remove(session, keys)` deletes. None of them commits.
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

    def key_of(self, row: Row) -> Key:
        """Return the key of a row as strings."""
        return tuple(str(row[name]) for name in self.key)
