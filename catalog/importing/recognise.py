"""Telling which kind of sheet a file is, from its headers and its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog.errors import FileRefused
from catalog.importing.reader import Book, read_book
from catalog.importing.rows import Fit, kinds_by_header
from catalog.importing.spec import SheetKind

HALF = 0.5
"""A sheet that lacks columns must know more than this share of the headers to be meant."""


def recognise(source: Path | Book, kinds: Sequence[SheetKind]) -> SheetKind:
    """Return the kind of sheet a file is.

    A kind fits when all its required columns are there; of several the one whose columns make up
    most of the file's headers is meant. A kind that knows most of the headers and more of them than
    any that fits is meant although columns are missing: a roster with one header renamed is no list
    of ballots. Where no header decides, the file's name does. The import then says what is missing.

    Raises
    ------
    FileRefused
        If the file is refused, or neither headers nor name tell one kind.
    """
    book = read_book(source) if isinstance(source, Path) else source
    best = _best(list(kinds_by_header(book, kinds)))
    named = [kind for kind in best or kinds if _named(book.file_name, kind)]
    for candidates in (best, named):
        if len(candidates) == 1:
            return candidates[0]
    titles = tuple(f"{kind.zh}({kind.slug})" for kind in best or kinds)
    raise FileRefused("sheet_unknown", name=book.file_name, titles=titles)


def _best(fits: list[Fit]) -> list[SheetKind]:
    """Return the kinds that the headers speak for most, none where they speak for none."""
    shares = [fit.share for fit in fits if fit.complete]
    lacking = [fit.share for fit in fits if not fit.complete and fit.share > HALF]
    top = max([*shares, *lacking], default=0)
    if top in shares:
        return [fit.kind for fit in fits if fit.complete and fit.share == top]
    return [fit.kind for fit in fits if fit.share == top]


def _named(file_name: str, kind: SheetKind) -> bool:
    stem = Path(file_name).stem.lower()
    return stem == kind.slug or kind.slug in stem.split("-") or kind.zh in stem
