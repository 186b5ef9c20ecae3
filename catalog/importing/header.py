"""Finding the row of headers under merged titles, and what each column of a file means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.importing.cells import clean, raw_text
from catalog.importing.parse import fold
from catalog.importing.reader import Grid
from catalog.importing.scan import column_letters
from catalog.importing.spec import Column, RowError, SheetKind

HEADER_WITHIN = 10
"""The header is sought in this many first rows; titles may stand above it."""

ERROR_HEADERS = ("导入错误", "Import errors")
"""The column that an annotated sheet gets; ignored when the sheet comes again."""

_DECORATION = re.compile(r"[\s*★]|\((必填|选填|required|optional)\)")


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a header without blanks, stars, marks of duty and differences of width or case."""
    return _DECORATION.sub("", fold(clean(name)).lower())


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header of a sheet is and which file column holds which sheet column.

    `row` counts from 1, `places` gives positions from 0 by column key.
    """

    row: int
    names: tuple[str, ...]
    places: dict[str, int]

    def missing(self, kind: SheetKind) -> list[Column]:
        """Return the columns that the file must have and lacks."""
        wanted = [c for c in kind.columns if c.required or c.key in kind.headers]
        return [column for column in wanted if column.key not in self.places]


def find_header(grid: Grid, kind: SheetKind) -> Header | None:
    """Return the row that names most columns of the kind, the first of equals; None without any."""
    known = _known(kind)
    best: Header | None = None
    for number, cells in enumerate(grid.cells[:HEADER_WITHIN], start=1):
        names = tuple(raw_text(cell) for cell in cells)
        places: dict[str, int] = {}
        for at, name in enumerate(names):
            if (key := known.get(plain(name))) is not None:
                places.setdefault(key, at)
        if len(places) > (len(best.places) if best else 0):
            best = Header(number, names, places)
    if best is None or len(best.places) < min(2, len(kind.columns)):
        return None
    return best


def _known(kind: SheetKind) -> dict[str, str]:
    known: dict[str, str] = {}
    for spoken in ("zh", "en", "key"):
        for column in kind.columns:
            known.setdefault(plain(getattr(column, spoken)), column.key)
    for column in kind.columns:
        for alias in column.aliases:
            known.setdefault(plain(alias), column.key)
    return known


def header_errors(grid: Grid, kind: SheetKind, header: Header) -> Iterator[RowError]:
    """Yield missing required columns with the nearest header seen, and columns given twice."""
    known = _known(kind)
    strangers = [name for name in header.names if name and plain(name) not in known]
    for column in header.missing(kind):
        nearest = difflib.get_close_matches(column.zh, strangers, n=1, cutoff=0.3)
        seen = nearest[0] if nearest else "—"
        values = {"title": {"zh": column.zh, "en": f"{column.en} ({column.zh})"}, "nearest": seen}
        yield RowError(grid.name, header.row, "", "", "header_lacks", values)
    for at, name in enumerate(header.names):
        key = known.get(plain(name))
        if key is not None and header.places[key] != at:
            yield RowError(grid.name, header.row, name, name, "header_twice", {"title": name})


def header_warnings(grid: Grid, kind: SheetKind, header: Header) -> Iterator[RowError]:
    """Yield columns of the file that mean nothing here, and then those that one of them may mean."""
    known = _known(kind)
    strangers = 0
    for at, name in enumerate(header.names):
        if name and plain(name) not in known and name not in ERROR_HEADERS:
            yield RowError(grid.name, header.row, name, name, "header_unknown", {"title": name})
            strangers += 1
        if not name and _filled(grid.cells[header.row :], at):
            values = {"title": column_letters(at + 1)}
            yield RowError(grid.name, header.row, "", "", "header_nameless", values)
    told = header.missing(kind)
    absent = [c for c in kind.columns if c.key not in header.places and c not in told]
    if strangers and absent:
        titles = {
            "zh": "、".join(column.zh for column in absent),
            "en": ", ".join(f"{column.en} ({column.zh})" for column in absent),
        }
        yield RowError(grid.name, header.row, "", "", "header_absent", {"titles": titles})


def _filled(rows: Sequence[Sequence[Any]], at: int) -> bool:
    return any(len(cells) > at and raw_text(cells[at]) for cells in rows)
