"""A quick pass over an old .xls file: its size, its formulas, its password, before it is read."""

from __future__ import annotations

import struct
from pathlib import Path

from catalog.errors import FileRefused
from catalog.importing.scan import SheetScan

_END = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
_CELLS = {0x0006, 0x0203, 0x00FD, 0x0204, 0x027E, 0x0205, 0x0201, 0x00D6}
_FORMULA, _TRUTH_OR_ERROR, _MANY_NUMBERS, _MANY_BLANKS = 0x0006, 0x0205, 0x00BD, 0x00BE
_BOUND_SHEET, _BEGIN, _DIMENSIONS, _PASSWORD, _MERGED = 0x0085, 0x0809, 0x0200, 0x002F, 0x00E5


def scan_old_workbook(path: Path) -> dict[str, SheetScan]:
    """Return a scan of every sheet of an .xls file by sheet name.

    Raises
    ------
    FileRefused
        If the file is damaged, locked by a password, no workbook at all, or claims too much.
    """
    try:
        streams = _streams(path.read_bytes())
        if "EncryptedPackage" in streams:
            raise FileRefused("file_password")
        book = streams.get("Workbook") or streams.get("Book")
        if book is None:
            raise FileRefused("file_kind")
        return _scan_book(book)
    except (struct.error, IndexError, ValueError) as error:
        raise FileRefused("file_damaged", detail=str(error)) from error


class _Container:
    """The little file system inside an OLE2 file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, mini_shift = struct.unpack_from("<2H", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("sector size")
        self.size = 1 << shift
        self.cutoff, first_mini = struct.unpack_from("<2I", data, 56)
        self.fat = self._table(self._fat_sectors())
        self.mini_fat = self._table(self._chain(first_mini, self.fat))

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def _table(self, sectors: list[int]) -> list[int]:
        joined = b"".join(self._sector(number) for number in sectors)
        return list(struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4]))

    def _fat_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from("<109I", self.data, 76))
        following, count = struct.unpack_from("<2I", self.data, 68)
        for _ in range(min(count, len(self.data) // self.size)):
            *more, following = self._table([following])
            sectors += more
        return [number for number in sectors if number < _END]

    def _chain(self, number: int, table: list[int]) -> list[int]:
        chain: list[int] = []
        while number < _END:
            if len(chain) > len(table):
                raise ValueError("a chain of sectors runs in a circle")
            chain.append(number)
            number = table[number]
        return chain

    def stream(self, first: int, size: int, root: bytes) -> bytes:
        """Return the bytes of a stream; small ones live in the root's mini sectors."""
        if size < self.cutoff and root:
            chain = self._chain(first, self.mini_fat)
            return b"".join(root[number * 64 : number * 64 + 64] for number in chain)[:size]
        return self.long_stream(first)[:size]

    def long_stream(self, first: int) -> bytes:
        """Return the bytes of a chain of whole sectors."""
        return b"".join(self._sector(number) for number in self._chain(first, self.fat))


def _streams(data: bytes) -> dict[str, bytes]:
    """Return the top streams we care for by name."""
    box = _Container(data)
    directory = box.long_stream(struct.unpack_from("<I", data, 48)[0])
    entries = {}
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        first, size = struct.unpack_from("<2I", directory, at + 116)
        entries[name] = (kind, first, size)
    roots = [(first, size) for kind, first, size in entries.values() if kind == 5]
    root = box.long_stream(roots[0][0])[: roots[0][1]] if roots else b""
    wanted = {"Workbook", "Book", "EncryptedPackage"} & entries.keys()
    return {name: box.stream(entries[name][1], entries[name][2], root) for name in sorted(wanted)}


def _scan_book(book: bytes) -> dict[str, SheetScan]:
    """Walk the records of a workbook stream; each sheet begins where the list of sheets says."""
    names: dict[int, str] = {}
    scans: dict[str, SheetScan] = {}
    scan: SheetScan | None = None
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<2H", book, at)
        body = book[at + 4 : at + 4 + length]
        if kind == _PASSWORD:
            raise FileRefused("file_password")
        if kind == _BOUND_SHEET:
            names[struct.unpack_from("<I", body)[0]] = _short_text(body[6:])
        elif kind == _BEGIN and at in names:
            scan = scans[names[at]] = SheetScan(names[at])
        elif scan is not None:
            _take(scan, kind, body)
        at += 4 + length
    return scans


def _take(scan: SheetScan, kind: int, body: bytes) -> None:
    if kind in _CELLS:
        row, column = struct.unpack_from("<2H", body)
        scan.see(row + 1, column + 1)
        if kind == _FORMULA:
            scan.formulas.add((row + 1, column + 1))
        elif kind == _TRUTH_OR_ERROR and body[7]:
            scan.failures.add((row + 1, column + 1))
    elif kind in (_MANY_NUMBERS, _MANY_BLANKS):
        row, last = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, len(body) - 2)
        scan.see(row + 1, last[0] + 1)
    elif kind == _DIMENSIONS and len(body) >= 12:
        rows, columns = struct.unpack_from("<4xI2xH", body)
        scan.see(rows, columns)
    elif kind == _MERGED:
        count = struct.unpack_from("<H", body)[0]
        for top, bottom, left, right in struct.iter_unpack("<4H", body[2 : 2 + 8 * count]):
            scan.merged.append(((top + 1, left + 1), (bottom + 1, right + 1)))


def _short_text(body: bytes) -> str:
    """Return a text with one byte of length and one that says whether it is UTF-16."""
    length, wide = body[0], body[1] & 1
    if wide:
        return body[2 : 2 + 2 * length].decode("utf-16-le", "replace")
    return body[2 : 2 + length].decode("latin-1")
