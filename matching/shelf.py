"""Named text files in a folder or a .zip, read and written in the same way."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from matching.errors import BadInstance

MOST_BYTES = 4 << 30
"""A .zip that would unpack to more is refused before it is read."""

AT_ONCE = 1 << 16
"""Rows of a part."""

_STABLE = (1980, 1, 1, 0, 0, 0)


class PlacedRow(dict[str, Any]):
    """A row that knows where it stands: `sections.csv line 3`."""

    place: str


class Shelf(ABC):
    """Where the files of an instance or a result lie; `written` digests what was written."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of the files, sorted."""

    @abstractmethod
    def text(self, name: str) -> TextIO:
        """Open a file for reading."""

    @abstractmethod
    def _put(self, name: str, lines: Iterable[str]) -> None:
        """Store lines under a name."""

    def write(self, name: str, lines: Iterable[str]) -> None:
        """Write a file and note its SHA-256."""
        hasher = hashlib.sha256()

        def noted() -> Iterator[str]:
            for line in lines:
                hasher.update(line.encode())
                yield line

        self._put(name, noted())
        self.written[name] = hasher.hexdigest()

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file's text."""
        hasher = hashlib.sha256()
        with self.text(name) as file:
            for line in _utf8_lines(name, file):
                hasher.update(line.encode())
        return hasher.hexdigest()

    def write_json(self, name: str, content: Any) -> None:
        """Write a value as JSON in canonical form."""
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        self.write(name, [text, "\n"])

    def write_csv(self, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a table."""
        self.write(name, _csv_lines(chain([header], rows)))

    def read_json(self, name: str) -> Any:
        """Read a JSON file.

        Raises
        ------
        BadInstance
            If it is missing or no JSON; the message names file, line and column.
        """
        if name not in self.names():
            raise BadInstance(f"{name} is missing; found {', '.join(self.names()) or 'nothing'}")
        with self.text(name) as file:
            return parse_json(_decoded(name, file), name)

    def read_csv(
        self, name: str, columns: Sequence[str], key: Sequence[str]
    ) -> Iterator[PlacedRow]:
        """Yield the rows of a table as they stand, each with its place.

        Raises
        ------
        BadInstance
            If a column is unknown, doubled or (a key) missing, a line has too few or too many
            cells, a key stands twice or the text is not UTF-8; the message names file and line.
        """
        with self.text(name) as file:
            reader = csv.reader(_utf8_lines(name, file), strict=True)
            header = _header(name, reader, columns, key)
            seen: dict[tuple[str, ...], int] = {}
            for cells in _records(name, reader):
                place = f"{name} line {reader.line_num}"
                if len(cells) != len(header):
                    raise BadInstance(f"{place}: {len(cells)} cells, but {len(header)} columns")
                row = PlacedRow(zip(header, cells, strict=True))
                row.place = place
                mark = tuple(row[column] for column in key)
                if mark in seen:
                    raise BadInstance(
                        f"{place}: {', '.join(key)} {', '.join(mark)} stands in line "
                        f"{seen[mark]} already"
                    )
                seen[mark] = reader.line_num
                yield row

    def read_parts(self, name: str, columns: Sequence[str], key: Sequence[str]) -> Iterator[Part]:
        """Yield a table in parts of many rows, column by column; no part outlives the next one.

        Raises
        ------
        BadInstance
            As `read_csv`, but a key may stand twice: whoever joins the parts sees that.
        """
        with self.text(name) as file:
            lines = _utf8_lines(name, file)
            reader = csv.reader(lines, strict=True)
            header = _header(name, reader, columns, key)
            before = reader.line_num
            while block := list(islice(lines, AT_ONCE)):
                if not _is_plain(block, len(header)):
                    yield from _quoted(name, header, chain(block, lines), before)
                    return
                cells = "".join(block).rstrip("\n").replace("\n", ",").split(",")
                places = range(before + 1, before + 1 + len(block))
                yield Part(name, _columns(header, cells), places)
                before += len(block)


@dataclass(frozen=True)
class Part:
    """Some rows of a table as they stand, by column, and the lines in which they stand."""

    name: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]

    def row(self, place: int) -> PlacedRow:
        """Return one row with its place in the file."""
        row = PlacedRow((column, cells[place]) for column, cells in self.columns.items())
        row.place = f"{self.name} line {self.lines[place]}"
        return row


def _columns(header: Sequence[str], cells: list[str]) -> dict[str, list[str]]:
    return {name: cells[i :: len(header)] for i, name in enumerate(header)}


def _is_plain(block: list[str], width: int) -> bool:
    """Tell whether every line is one row of as many cells as there are columns, nothing quoted."""
    text = "".join(block)
    return (
        '"' not in text
        and "\r" not in text
        and "\n" not in block
        and all(line.count(",") == width - 1 for line in block)
    )


def _quoted(name: str, header: list[str], lines: Iterable[str], before: int) -> Iterator[Part]:
    """Yield the rest of a table, read with everything that CSV allows."""
    reader = csv.reader(lines, strict=True)
    records = ((cells, before + reader.line_num) for cells in _records(name, reader, before))
    while rows := list(islice(records, AT_ONCE)):
        for cells, line in rows:
            if len(cells) != len(header):
                raise BadInstance(
                    f"{name} line {line}: {len(cells)} cells, but {len(header)} columns"
                )
        flat = list(chain.from_iterable(cells for cells, _ in rows))
        yield Part(name, _columns(header, flat), [line for _, line in rows])


class Folder(Shelf):
    """Files in a folder."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def names(self) -> list[str]:
        """Return the names of the files, sorted."""
        return sorted(each.name for each in self._path.iterdir() if each.is_file())

    def text(self, name: str) -> TextIO:
        """Open a file for reading."""
        return (self._path / name).open(encoding="utf-8-sig", newline="")

    def _put(self, name: str, lines: Iterable[str]) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        with (self._path / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files of an earlier writing."""
        for name in names:
            (self._path / name).unlink(missing_ok=True)


class Coming(Folder):
    """A folder on its way: its files come to their place together, when all are written."""

    def __init__(self, path: Path, place: Path) -> None:
        super().__init__(path)
        self._place = place
        self._removed: list[str] = []

    def remove(self, names: Iterable[str]) -> None:
        """Remove files of an earlier writing, once the new ones are there."""
        self._removed += names

    def arrive(self) -> None:
        """Put everything in its place, in the order of writing."""
        for name in self.written:
            os.replace(self._path / name, self._place / name)
        Folder(self._place).remove(self._removed)


class Zip(Shelf):
    """Files at the top of a .zip; the same content gives the same bytes."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        super().__init__()
        self._file = file

    def names(self) -> list[str]:
        """Return the names of the files, sorted."""
        return sorted(self._file.namelist())

    def text(self, name: str) -> TextIO:
        """Open a file for reading."""
        return io.TextIOWrapper(self._file.open(name), encoding="utf-8-sig", newline="")

    def _put(self, name: str, lines: Iterable[str]) -> None:
        entry = zipfile.ZipInfo(name, _STABLE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._file.open(entry, "w", force_zip64=True) as raw:
            for line in lines:
                raw.write(line.encode())


@contextmanager
def reading(path: Path) -> Iterator[Shelf]:
    """Open a folder or .zip for reading.

    Raises
    ------
    BadInstance
        If there is neither, or the .zip is broken or unpacks to more than MOST_BYTES.
    """
    if path.is_dir():
        yield Folder(path)
        return
    if not path.is_file():
        raise BadInstance(f"{path} does not exist; give a folder, a .zip or a .json")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BadInstance(f"{path.name} is neither a folder nor a .zip nor a .json") from None
    with archive:
        size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise BadInstance(f"{path.name} would unpack to {size:,} bytes; at most {MOST_BYTES:,}")
        yield Zip(archive)


@contextmanager
def writing(path: Path) -> Iterator[Shelf]:
    """Open a folder or, for a name that ends in .zip, a new archive for writing.

    Whoever is interrupted leaves what was there before, never half of the new files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with replacing(path) as part, zipfile.ZipFile(part, "w") as archive:
            yield Zip(archive)
        return
    is_new = not path.exists()
    path.mkdir(exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=path))
    try:
        shelf = Coming(part, path)
        yield shelf
        shelf.arrive()
    finally:
        shutil.rmtree(part)
        if is_new and not any(path.iterdir()):
            path.rmdir()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name beside a file to write to; what was written takes its place at the end."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def parse_json(text: str, name: str) -> Any:
    """Read JSON text; an error names file, line and column."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInstance(
            f"{name} line {error.lineno}, column {error.colno}: no JSON ({error.msg})"
        ) from None


def _csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    rows = iter(rows)
    while part := list(islice(rows, AT_ONCE)):
        writer.writerows(part)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _decoded(name: str, file: TextIO) -> str:
    return "".join(_utf8_lines(name, file))


def _utf8_lines(name: str, file: TextIO) -> Iterator[str]:
    try:
        yield from file
    except UnicodeDecodeError:
        raise BadInstance(f"{name} is not UTF-8 text; save it as CSV UTF-8") from None


def _records(name: str, reader: Any, before: int = 0) -> Iterator[list[str]]:
    try:
        for cells in reader:
            if cells:
                yield cells
    except csv.Error as error:
        raise BadInstance(f"{name} line {before + reader.line_num}: {error}") from None


def _header(name: str, reader: Any, columns: Sequence[str], key: Sequence[str]) -> list[str]:
    header = next(_records(name, reader), [])
    for column in header:
        if column not in columns:
            raise BadInstance(
                f"{name} line 1: unknown column {column!r}; columns are {', '.join(columns)}"
            )
        if header.count(column) > 1:
            raise BadInstance(f"{name} line 1: column {column!r} stands twice")
    if missing := [column for column in key if column not in header]:
        raise BadInstance(f"{name} line 1: column {missing[0]!r} is missing")
    return header
