"""Telling which kind of sheet a file is, from its headers and its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog.errors import FileRefused
from catalog.importing.reader import Book, read_book
from catalog.importing.rows import kinds_by_header
from catalog.importing.spec import SheetKind


def recognise(source: Path | Book, kinds: Sequence[SheetKind]) -> SheetKind:
    """Return the kind of sheet a file is.

    A kind fits when all its required columns are there; of several the one whose columns make up
    most of the file's headers is meant. Where no header decides, the file's name does, so that the
    import can then say which columns are missing.

    Raises
    ------
    FileRefused
        If the file is refused, or neither headers nor name tell one kind.
    """
    book = read_book(source) if isinstance(source, Path) else source
    fits = sorted(kinds_by_header(book, kinds), key=lambda fit: -fit[0])
    best = [kind for share, kind in fits if share == fits[0][0]]
    named = [kind for kind in best or kinds if _named(book.file_name, kind)]
    for candidates in (best, named):
        if len(candidates) == 1:
            return candidates[0]
    titles = tuple(f"{kind.zh}({kind.slug})" for kind in best or kinds)
    raise FileRefused("sheet_unknown", name=book.file_name, titles=titles)


def _named(file_name: str, kind: SheetKind) -> bool:
    stem = Path(file_name).stem.lower()
    return stem == kind.slug or kind.slug in stem.split("-") or kind.zh in stem
