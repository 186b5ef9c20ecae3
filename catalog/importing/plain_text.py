"""CSV and other text tables: from bytes of unknown encoding to a grid of cells."""

from __future__ import annotations

import csv
import io
import re

from catalog.errors import FileRefused
from catalog.importing.scan import SheetScan

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_DOUBTFUL = re.compile("[\u00a0-\u07ff]")
_MAX_FIELD = 32_767
"""Most characters a spreadsheet program keeps in one cell."""


def decode(data: bytes) -> str:
    """Return the text of a file: by its mark, else strict UTF-8, else strict GB18030.

    Two Chinese characters in GB18030 can be valid UTF-8 by accident; a UTF-8 text without any
    Chinese character but with some of U+00A0–U+07FF is therefore tried as GB18030 too.

    Raises
    ------
    FileRefused
        If the bytes are neither.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _strict(data, "gb18030")
    if _DOUBTFUL.search(text) and not _CHINESE.search(text):
        try:
            other = data.decode("gb18030")
        except UnicodeDecodeError:
            return text
        return other if _CHINESE.search(other) else text
    return text


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        raise FileRefused("file_encoding", detail=str(error)[:120]) from error


def grid(text: str, name: str) -> list[list[str]]:
    """Return the cells of a text table; the separator is comma, tab or semicolon.

    Raises
    ------
    FileRefused
        If the text is no table or claims more than this program reads.
    """
    if "\0" in text:
        raise FileRefused("file_encoding", detail="NUL")
    scan = SheetScan(name)
    rows: list[list[str]] = []
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="\n")
    try:
        for row in csv.reader(lines, delimiter=_separator(text), strict=True):
            scan.see(len(rows) + 1, len(row))
            if any(len(cell) > _MAX_FIELD for cell in row):
                raise FileRefused("file_csv", row=len(rows) + 1, detail=f"> {_MAX_FIELD}")
            rows.append(row)
    except csv.Error as error:
        raise FileRefused("file_csv", row=len(rows) + 1, detail=str(error)) from error
    return rows


def _separator(text: str) -> str:
    """Return the separator that the first lines use most."""
    head = text[:4096]
    return max(",\t;", key=head.count)
