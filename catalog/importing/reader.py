"""Reading a file of an office, .xlsx, .xls or .csv, into grids of cells."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import FileRefused
from catalog.importing import plain_text
from catalog.importing.apart import ReadingFailed, read_apart, visible_sheets
from catalog.importing.archive import scan_workbook
from catalog.importing.old_xls import scan_old_workbook
from catalog.importing.scan import SheetScan

MAX_FILE = 10 * 1024 * 1024
_Sheets = list[tuple[str, list[list[Any]]]]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<html", b"<table", b"<!doctype", b"<?xml", b"<meta", b"<head", b"<style")


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet; `cells[0][0]` is A1, blanks are empty strings or None."""

    name: str
    cells: Sequence[Sequence[Any]]
    scan: SheetScan


@dataclass(frozen=True, slots=True)
class Book:
    """A file as read: its name, the digest of its bytes and its visible sheets."""

    file_name: str
    digest: str
    grids: tuple[Grid, ...]


def read_book(path: Path) -> Book:
    """Return the sheets of a file; what it is, its bytes say, not its name.

    Raises
    ------
    FileRefused
        With what is wrong and what can be done; nothing was read then.
    """
    if not path.is_file():
        raise FileRefused("file_missing", name=path.name)
    if (size := path.stat().st_size) > MAX_FILE:
        raise FileRefused("file_large", have=size >> 20, most=MAX_FILE >> 20)
    if path.suffix.lower() in {".xlsm", ".xltm", ".xlam"}:
        raise FileRefused("file_macro")
    data = path.read_bytes()
    if not data.strip():
        raise FileRefused("file_empty")
    return Book(path.name, hashlib.sha256(data).hexdigest(), _grids(path, data))


def _grids(path: Path, data: bytes) -> tuple[Grid, ...]:
    if data.startswith(_ZIP):
        scans = scan_workbook(path)
        return _with_scans(_modern_sheets(path), scans)
    if data.startswith(_OLE):
        scans = scan_old_workbook(path)
        return _with_scans(_old_sheets(path), scans)
    if data.lstrip()[:200].lower().startswith(_MARKUP):
        raise FileRefused("file_markup")
    if path.suffix.lower() not in {".csv", ".txt", ".tsv"}:
        raise FileRefused("file_kind")
    cells = plain_text.grid(plain_text.decode(data), path.name)
    return (Grid(path.name, cells, SheetScan(path.name)),)


def _modern_sheets(path: Path) -> _Sheets:
    from python_calamine import CalamineError

    try:
        return visible_sheets(path)
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefused("file_damaged", detail=str(error)) from error


def _old_sheets(path: Path) -> _Sheets:
    try:
        return list(read_apart(path).items())
    except ReadingFailed as error:
        raise FileRefused("file_damaged", detail=str(error)) from error


def _with_scans(sheets: _Sheets, scans: dict[str, SheetScan]) -> tuple[Grid, ...]:
    """Join what was read with what was scanned; a sheet that was not scanned is never used."""
    for name, _ in sheets:
        if name not in scans:
            raise FileRefused("file_damaged", detail=name)
    return tuple(Grid(name, rows, scans[name]) for name, rows in sheets)
