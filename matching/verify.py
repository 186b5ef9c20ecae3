"""Recheck a round from its files alone: an independent second text of the rules.

This file needs Python 3.11 and nothing else; it shares no line with the program that made the
files, so that a mistake there is not repeated here. `docs/format.md` explains what it reads.

    python verify.py BUNDLE [RESULT] [--json] [--lang zh|en] [--jobs N]

BUNDLE is the folder or .zip of a round: an archive, or an instance with its result beside it (or
given as RESULT). Exit code 0: everything holds; 1: something does not, and is named; 2: unreadable;
130: stopped by Ctrl-C.

A round may have a million teachers. Large tables stay on disk, in the order of teachers; SPAN
teachers at a time are read, checked, added up and forgotten, in as many processes as --jobs says.
What is said about a round is the same, however it was cut.

In this order, each under a line of its own (search for `# ---`):

    files                       folders and .zip files, canonical JSON
    the tables                  columns and rows; large tables, cut by teacher
    the instance                what can be asked of the tables, of all teachers or of some
    seats to be judged          who holds what, and what of it adds up over teachers
    the rules                   one function a rule: whose breach, what was found, what is allowed
    the goals                   one function a goal: what the seats come to
    limits over many people     the rows that couple teachers, and which of them a seat uses
    what one teacher may hold   every teacher's own menu
    the best bundle             a search for the best that one teacher may hold at given prices
    the certificate             why prices prove a bound, and the sum of it
    part by part                the sweep over all teachers, in one process or several
    checks of one result        digests, seats, rules, goals, bounds, and what the gap is made of
    the log                     the office's log from its first line to its head
    an archived round           everything an archive says, held against the log and the results
    the account                 titles and sentences in Chinese and English, and the program itself
"""

from __future__ import annotations

import argparse
import csv
import gc
import hashlib
import hmac
import io
import json
import os
import re
import signal
import sys
import zipfile
import zlib
from array import array
from bisect import bisect_left, insort
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from heapq import merge
from itertools import accumulate, chain, count, groupby, islice, pairwise, takewhile
from math import gcd, lcm
from multiprocessing import active_children, get_context
from operator import add, itemgetter, le, lt, mul, sub
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import mkdtemp
from typing import Any, BinaryIO, Generic, NamedTuple, NoReturn, TypeVar
from weakref import finalize

Row = dict[str, Any]
Half = tuple[str, str]
Seats = list[tuple[str, str, int, str]]
"""(teacher, section, rank, kind)."""

UNLIMITED = 1 << 60
MOST_BYTES = 4 << 30
KEPT_BYTES = 8 << 20
"""A larger table about teachers stays on disk and is read piece by piece."""
AT_ONCE = 1 << 20
"""Bytes of a piece."""
RUN = 500_000
"""Rows that are sorted at once, where a large table is not in canonical order."""
SPAN = 2_000
"""Teachers of a part: what is read, checked and forgotten together."""

# A column is `*key`, `needed`, `text=default`, `whole#` (needed), `whole#default` or `whole#-` (no
# limit). The columns teacher, section and requirement refer to the table of that name.
SCHEMA = {
    "teachers": "*id school= most_sections#99 assigned_cap#0",
    "attributes": "*teacher *attribute *value",
    "sections": "*id offering title= capacity# minimum#0 minutes#0 fee_fen#0 fund= site=",
    "section_attributes": "*section *attribute *value",
    "meetings": "*section *day *half",
    "eligibility": "*section *attribute *test *values",
    "choices": "*teacher *section rank#0 kind=chosen points#0",
    "ties": "*teacher *tie *section",
    "bans": "*teacher *from_day *until_day *where=",
    "completed": "*teacher *offering",
    "prerequisites": "*offering *requires",
    "excluded": "*offering_a *offering_b",
    "busy": "*teacher *day *half",
    "travel": "*site_a *site_b",
    "requirements": "*id parent= title= where= weight#1 strict#0 cap#-",
    "due": "*teacher *requirement minutes#",
    "caps": "*id title= where= teachers_where= limit# unit=minutes",
    "topics": "*topic teachers_where= weight#1 strict#0",
    "quotas": "*id title= sections_where= teachers_where= minimum#0 maximum#- counts=seats "
    "strict#0 weight#1",
    "shares": "*id title= sections_where= teachers_where= minimum#0 maximum#- strict#0 weight#1",
    "reserves": "*id title= sections_where= group_where= seats# kind=soft place=inside weight#1",
    "releases": "*id school day half most_away# subject_where=",
    "funds": "*id budget_fen#",
    "hosts": "*id sections_where= day capacity#",
    "teams": "*id rule sections_where= teachers_where= group_attribute= weight#1",
    "locks": "*teacher *section reason=",
}
OF_TEACHERS = (
    *("teachers", "attributes", "choices", "ties", "bans", "completed", "busy", "due", "locks"),
)
"""The tables whose first column is a teacher; with `seats` they can be cut by teacher."""
CUT = (*OF_TEACHERS, "seats")
REFERENCES = {"teacher": "teachers", "section": "sections", "requirement": "requirements"}
DEFAULT_TIERS = (
    *("hours_short", "quota_short", "assigned_seats", "unserved"),
    *("welfare", "overshoot", "lottery"),
)
SEAT_COLUMNS = ("teacher", "section", "rank", "kind")


class Unreadable(Exception):
    """A file that cannot be read as docs/format.md describes it."""


UNREADABLE = (
    *(Unreadable, OSError, LookupError, TypeError, ValueError, AttributeError, zlib.error),
    *(zipfile.BadZipFile, NotImplementedError, RecursionError),
)
"""What files that are not what they should be can lead to."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not hold: whose, what was found and what should have been."""

    subject: str
    found: Any
    expected: Any


@dataclass(slots=True)
class Check:
    """One line of the account: what was looked at, how often, and what is wrong."""

    group: str
    code: str
    where: str = ""
    looked: int = 0
    problems: list[Problem] = field(default_factory=list)
    note: str = ""
    """A figure or digest to be told."""
    left_out: str = ""
    """The code of a sentence that tells what was not checked."""
    told: list[tuple[str, Row]] = field(default_factory=list)
    """Further sentences, by code, with their figures."""

    def same(self, subject: str, found: Any, expected: Any) -> None:
        """Count one comparison, and note it if the two differ."""
        self.looked += 1
        if found != expected:
            self.problems.append(Problem(subject, found, expected))

    def within(self, breaches: Iterable[tuple[str, int, int]]) -> Check:
        """Note what a rule complains about."""
        self.problems.extend(Problem(*each) for each in breaches)
        return self


# --- files ----------------------------------------------------------------------------------------


class Shelf:
    """The files of a folder or a .zip, seen from one folder inside it."""

    def __init__(self, source: Path | zipfile.ZipFile, prefix: str = "") -> None:
        self._source = source
        self._prefix = prefix

    @classmethod
    def at(cls, path: Path) -> Shelf:
        """Open a folder or a .zip; one that would unpack to too much is refused."""
        if path.is_dir():
            return cls(path)
        try:
            archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Unreadable(f"{path}: {error}") from None
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise Unreadable(f"{path}: would unpack to more than {MOST_BYTES:,} bytes")
        if len(set(archive.namelist())) < len(archive.namelist()):
            raise Unreadable(f"{path}: a name stands twice in the archive")
        return cls(archive)

    def under(self, folder: str) -> Shelf:
        """Return the shelf of a folder inside this one."""
        return Shelf(self._source, f"{self._prefix}{folder}/")

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Name -> bytes of every file, sorted."""
        if isinstance(self._source, Path):
            files = sorted(each for each in self._source.rglob("*") if each.is_file())
            names = {
                each.relative_to(self._source).as_posix(): each.stat().st_size for each in files
            }
        else:
            entries = [each for each in self._source.infolist() if not each.is_dir()]
            names = {each.filename: each.file_size for each in entries}
        cut = len(self._prefix)
        return {name[cut:]: names[name] for name in sorted(names) if name.startswith(self._prefix)}

    def __contains__(self, name: str) -> bool:
        return name in self.sizes

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading."""
        if name not in self.sizes:
            raise Unreadable(f"{self._prefix}{name} is missing")
        if isinstance(self._source, Path):
            return (self._source / (self._prefix + name)).open("rb")
        return self._source.open(self._prefix + name)  # type: ignore[return-value]

    def path(self, name: str) -> Path | None:
        """Return where a file lies by itself; None inside a .zip."""
        is_folder = isinstance(self._source, Path)
        return Path(self._source) / (self._prefix + name) if is_folder else None  # type: ignore[arg-type]

    def digest(self, name: str, *, text: bool = False) -> str:
        """Return the SHA-256 of a file; as text, a byte order mark at its beginning is left out."""
        hasher = hashlib.sha256()
        with self.open(name) as file:
            while block := file.read(1 << 20):
                hasher.update(block.removeprefix(b"\xef\xbb\xbf") if text else block)
                text = False
        return hasher.hexdigest()

    def json(self, name: str) -> Any:
        """Read a JSON file."""
        with self.open(name) as file:
            try:
                return json.loads(file.read().decode("utf-8-sig"))
            except ValueError as error:
                raise Unreadable(f"{self._prefix}{name}: {error}") from None

    def lines(self, name: str) -> Iterator[Any]:
        """Yield the JSON values of a file that holds one per line."""
        with self.open(name) as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise Unreadable(f"{self._prefix}{name} line {number}: {error}") from None

    def table(self, name: str) -> Iterator[dict[str, str]]:
        """Yield the rows of a CSV file as text."""
        with self.open(name) as file:
            reader = csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline=""), strict=True)
            try:
                header = next(reader, [])
                for cells in reader:
                    if cells:
                        yield dict(zip(header, cells, strict=True))
            except ValueError as error:
                raise Unreadable(f"{self._prefix}{name} line {reader.line_num}: {error}") from None
            except csv.Error as error:
                raise Unreadable(f"{self._prefix}{name} line {reader.line_num}: {error}") from None


def canonical(value: Any) -> bytes:
    """Return JSON without spaces, keys in order: what digests of plain data are taken of."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


# --- the tables -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One column of SCHEMA; `default` is None where a cell is needed."""

    name: str
    key: bool
    whole: bool
    default: str | int | None

    @classmethod
    def of(cls, text: str) -> Column:
        """Read one word of SCHEMA."""
        match = re.fullmatch(r"(\*?)(\w+)(?:([=#])(.*))?", text)
        assert match is not None, text
        star, name, sign, rest = match.groups()
        if sign == "#":
            default = UNLIMITED if rest == "-" else int(rest) if rest else None
            return cls(name, bool(star), True, default)
        return cls(name, bool(star), False, rest if sign else None)

    def read(self, cell: Any, table: str) -> str | int:
        """Return the value of a cell."""
        if cell is None or cell == "":
            if self.default is None:
                raise Unreadable(f"{table}: {self.name} is missing")
            return self.default
        try:
            return int(str(cell)) if self.whole else sys.intern(str(cell))
        except ValueError:
            raise Unreadable(f"{table}: {self.name} {cell!r} is not a whole number") from None

    def written(self, value: Any) -> str:
        """Return the cell of a value as digests know it."""
        return "" if self.default == UNLIMITED == value else str(value)

    @property
    def canonical(self) -> str:
        """The pattern of cells that stand in a file just as digests know them."""
        if self.whole:
            return "(?:0|-?[1-9][0-9]*+)"
        return r'[^,"\r\n]*+' if self.default == "" else r'[^,"\r\n]++'


COLUMNS = {name: [Column.of(word) for word in text.split()] for name, text in SCHEMA.items()}
SEAT = [Column.of(word) for word in ("*teacher=", "*section=", "rank#", "kind=")]
ALL_COLUMNS = {**COLUMNS, "seats": SEAT}
POINTS_TO = {
    table: [(c.name, REFERENCES[c.name]) for c in columns if c.name in REFERENCES]
    for table, columns in COLUMNS.items()
} | {"seats": []}
"""Table -> its columns that hold ids of a small table, and which one."""


def key_of(table: str) -> Callable[[Row], tuple[Any, ...]]:
    """Return what rows of a table are ordered by; seats may stand twice, which is told elsewhere."""
    columns = ALL_COLUMNS[table]
    names = [column.name for column in columns if column.key or table == "seats"]
    return lambda row: tuple(row[name] for name in names)


class Span(NamedTuple):
    """Teachers one after the other: from `low` on, and before `high` (blank: to the last one)."""

    number: int
    first: int
    """How many teachers come before."""
    low: str
    high: str


class Odd(Exception):
    """A large table cannot be read in pieces as it lies; the argument names it."""


class Filed:
    """A large table about teachers, left on disk: plain lines in canonical order, cut in spans."""

    def __init__(self, path: Path, table: str, *, is_ours: bool = False) -> None:
        self.path, self.table, self.is_ours = path, table, is_ours
        self._columns = ALL_COLUMNS[table]
        self._keys = sum(column.key for column in self._columns)
        with path.open("rb") as file:
            header = file.readline()
        self.is_plain = header == (",".join(each.name for each in self._columns) + "\n").encode()
        self._offsets = [len(header), path.stat().st_size]

    def cut(self, spans: list[Span]) -> None:
        """Find where the lines of every span begin, as they do if the table is in order."""
        first, last = self._offsets[0], self._offsets[-1]
        found = [first]
        with self.path.open("rb") as file:
            for span in spans[1:]:
                found.append(_first_from(file, span.low.encode(), first, found[-1], last))
        self._offsets = [*found, last]

    def blocks(self, number: int | None = None) -> Iterator[bytes]:
        """Yield the lines of one span, or all, in large pieces."""
        ends = slice(number, number + 2) if number is not None else slice(None, None)
        at, end = self._offsets[ends][0], self._offsets[ends][-1]
        with self.path.open("rb") as file:
            file.seek(at)
            while at < end:
                block = file.read(min(AT_ONCE, end - at))
                block += file.readline() if at + len(block) < end else b""
                at += len(block)
                yield block

    def pieces(self, span: Span | None) -> Iterator[list[list[str]]]:
        """Yield the cells of the lines of one span, or of all; whatever is unusual raises Odd."""
        low, high = (span.low, span.high) if span else ("", "")
        before: list[str] = []
        for block in self.blocks(span.number if span else None):
            rows = self.split(block)
            marks = [before, *(cells[: self._keys] for cells in rows)]
            if not all(map(lt, marks, marks[1:])):
                self._refuse(marks)
            if rows[0][0] < low or (high and rows[-1][0] >= high):
                raise Odd(self.table)
            before = marks[-1]
            yield rows

    def split(self, block: bytes) -> list[list[str]]:
        """Return the cells of some lines."""
        try:
            lines = block.decode().removesuffix("\n").split("\n")
            if b'"' in block or b"\r" in block:
                rows = list(csv.reader([f"{line}\n" for line in lines], strict=True))
            else:
                rows = [line.split(",") for line in lines]
        except (ValueError, csv.Error):
            raise Odd(self.table) from None
        if set(map(len, rows)) != {len(self._columns)}:
            raise Odd(self.table)
        return rows

    def _refuse(self, marks: list[list[str]]) -> NoReturn:
        if not self.is_ours:
            raise Odd(self.table)
        wrong = next(b for a, b in pairwise(marks) if not a < b)
        raise Unreadable(f"{self.table}: {', '.join(wrong)} stands twice or is out of order")


def _first_from(file: BinaryIO, low: bytes, first: int, start: int, end: int) -> int:
    """Return where the first line begins whose first cell is not below `low`."""
    while start < end:
        middle = (start + end) // 2
        line = _line_from(file, middle, first)
        if line and line.partition(b",")[0] < low:
            start = middle + 1
        else:
            end = middle
    return _next_line(file, start) if start > first else first


def _line_from(file: BinaryIO, place: int, first: int) -> bytes:
    """Return the first line that begins at a place or behind it."""
    file.seek(_next_line(file, place) if place > first else first)
    return file.readline()


def _next_line(file: BinaryIO, place: int) -> int:
    file.seek(place - 1)
    file.readline()
    return file.tell()


Source = Shelf | Mapping[str, Iterable[Mapping[str, Any]]]


class Tables:
    """The tables of a round by name: small ones are kept, large ones about teachers stay on disk.

    A large table may lie anyhow. If it turns out that it cannot be cut in spans (another order of
    rows or columns, say), it is sorted once into a file of ours.
    """

    def __init__(self, source: Source) -> None:
        self._source: Source | None = source
        self._kept: dict[str, tuple[Row, ...]] = {}
        self._filed: dict[str, Filed | None] = {}
        self._spans: list[Span] = []
        self._scratch: Path | None = None
        self._ids: dict[str, dict[str, str]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what another process cannot have."""
        return vars(self) | {"_source": None}

    def load(self, tables: Iterable[str]) -> None:
        """Read every small table now."""
        for table in tables:
            if self.filed(table) is None:
                self.kept(table)

    def kept(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table in canonical order."""
        if table not in self._kept:
            rows = sorted(self._read(table), key=key_of(table))
            self._kept[table] = tuple(rows if table == "seats" else _in_order(table, rows))
        return self._kept[table]

    def within(self, table: str, span: Span | None) -> Iterator[Row]:
        """Yield the rows about the teachers of a span, or all."""
        if self.filed(table):
            pieces = self.pieces(table, span)
            return (self.row(table, cells) for cells in chain.from_iterable(pieces))
        rows, low, high = self.kept(table), 0, None
        if span:
            first = itemgetter(ALL_COLUMNS[table][0].name)
            low = bisect_left(rows, span.low, key=first)
            high = bisect_left(rows, span.high, key=first) if span.high else None
        return iter(rows[low:high])

    def pieces(self, table: str, span: Span | None) -> Iterator[list[list[str]]]:
        """Yield the cells of a table that is left on disk, many lines at once."""
        filed = self.filed(table)
        while span is None and filed and not filed.is_ours:
            try:
                deque(filed.pieces(None), maxlen=0)
                break
            except Odd:
                self.settle(table)
                filed = self.filed(table)
        if filed:
            return filed.pieces(span)
        columns = ALL_COLUMNS[table]
        return iter([[[c.written(row[c.name]) for c in columns] for row in self.kept(table)]])

    def filed(self, table: str) -> Filed | None:
        """Return a table that is left on disk, None if it is kept."""
        if table not in self._filed:
            self._file(table, self._on_disk(table))
            if (filed := self._filed[table]) and not filed.is_plain:
                self.settle(table)
        return self._filed[table]

    def _file(self, table: str, filed: Filed | None) -> None:
        if filed and self._spans:
            filed.cut(self._spans)
        self._filed[table] = filed

    def _on_disk(self, table: str) -> Filed | None:
        name, shelf = f"{table}.csv", self._source
        if (
            not isinstance(shelf, Shelf)
            or table not in CUT
            or shelf.sizes.get(name, 0) <= KEPT_BYTES
        ):
            return None
        path = shelf.path(name)
        if path is None:
            path = self._scratch_file(name)
            with shelf.open(name) as file, path.open("wb") as copy:
                copyfileobj(file, copy)
        return Filed(path, table)

    def settle(self, table: str) -> None:
        """Sort a large table that cannot be cut as it lies; if that does not help, keep it."""
        filed = self._filed[table]
        is_done = filed is None or filed.is_ours or table == "seats"
        self._file(table, None if is_done else self._sorted(table))

    def _sorted(self, table: str) -> Filed | None:
        """Write a large table in canonical order, run by run; None if cells hold ends of lines."""
        columns = ALL_COLUMNS[table]
        keys = sum(column.key for column in columns)
        rows = ([c.written(row[c.name]) for c in columns] for row in self._read(table))
        runs: list[Path] = []
        while run := sorted(islice(rows, RUN), key=lambda cells: cells[:keys]):
            if any("\n" in cell or "\r" in cell for cells in run for cell in cells):
                return None
            runs.append(self._scratch_file(f"{table}-{len(runs)}.csv"))
            _write_rows(runs[-1], run)
        path = self._scratch_file(f"{table}.sorted.csv")
        with ExitStack() as stack:
            files = [stack.enter_context(each.open(encoding="utf-8", newline="")) for each in runs]
            merged = merge(*map(csv.reader, files), key=lambda cells: cells[:keys])
            _write_rows(path, chain([[column.name for column in columns]], merged))
        for each in runs:
            each.unlink()
        return Filed(path, table, is_ours=True)

    def _scratch_file(self, name: str) -> Path:
        if self._scratch is None:
            self._scratch = Path(mkdtemp(prefix="verify-"))
            finalize(self, rmtree, self._scratch)
        return self._scratch / name

    def _read(self, table: str) -> Iterator[Row]:
        if not isinstance(self._source, Shelf):
            raw: Iterable[Mapping[str, Any]] = (self._source or {}).get(table, ())
        else:
            name = f"{table}.csv"
            has_it = name in self._source or table == "seats"
            raw = self._source.table(name) if has_it else ()
        columns = ALL_COLUMNS[table]
        for cells in raw:
            if unknown := set(cells).difference(column.name for column in columns):
                raise Unreadable(f"{table}: unknown column {min(unknown)}")
            yield self.row(table, [cells.get(column.name) for column in columns])

    def row(self, table: str, cells: Sequence[Any]) -> Row:
        """Return one row; whether its teacher exists is seen by whoever has the teachers."""
        pairs = zip(ALL_COLUMNS[table], cells, strict=True)
        row = {column.name: column.read(cell, table) for column, cell in pairs}
        for name, other in POINTS_TO[table]:
            if row[name] not in self.ids(other):
                raise Unreadable(f"{table}: {name} {row[name]} does not exist")
        return row

    def ids(self, table: str) -> dict[str, str]:
        """Return the ids of a small table, each by itself."""
        if table not in self._ids:
            self._ids[table] = {row["id"]: row["id"] for row in self.kept(table)}
        return self._ids[table]

    def teacher_ids(self) -> Iterator[str]:
        """Yield every teacher's id, in order."""
        if self.filed("teachers"):
            return (cells[0] for piece in self.pieces("teachers", None) for cells in piece)
        return (row["id"] for row in self.kept("teachers"))

    def spans(self, most: int) -> list[Span]:
        """Cut the teachers, and all large tables at the same places, in spans of so many."""
        lows = list(islice(self.teacher_ids(), None, None, most))
        highs = [*lows, ""][1:]
        ends = enumerate(zip(lows, highs, strict=True))
        spans = [Span(number, number * most, *each) for number, each in ends]
        if spans:
            spans[0] = spans[0]._replace(low="")
        return spans

    def cut(self, spans: list[Span]) -> None:
        """Cut every large table in spans."""
        self._spans = spans
        for filed in filter(None, self._filed.values()):
            filed.cut(spans)

    def feed(self, table: str, update: Callable[[bytes], None]) -> None:
        """Give a table to a digest, line by line as docs/format.md has it."""
        columns, head = COLUMNS[table], f"\n{table}\t".encode()
        filed = self.filed(table)
        is_plain = re.compile(
            f"(?:{','.join(c.canonical for c in columns)}\n)*+".encode()
        ).fullmatch
        for block in filed.blocks() if filed else ():
            if is_plain(block):
                lines = block[:-1].replace(b",", b"\t").split(b"\n")
            else:
                rows = (self.row(table, cells) for cells in filed.split(block)) if filed else ()
                lines = [_digested(columns, row) for row in rows]
            update(head + head.join(lines))
        for row in () if filed else self.kept(table):
            update(head + _digested(columns, row))


def _digested(columns: list[Column], row: Row) -> bytes:
    return "\t".join(column.written(row[column.name]) for column in columns).encode()


def _in_order(table: str, rows: Iterable[Row]) -> Iterator[Row]:
    key, before = key_of(table), None
    for row in rows:
        mark = key(row)
        if before is not None and mark <= before:
            raise Unreadable(f"{table}: {', '.join(mark)} stands twice or is out of order")
        before = mark
        yield row


def _write_rows(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


# --- the instance ---------------------------------------------------------------------------------

Attributes = Mapping[str, Collection[str]]
Clause = tuple[str, str, str]
"""(attribute, sign, the rest)."""


@cache
def clauses(condition: str) -> tuple[Clause, ...]:
    """Return the clauses of a condition."""
    found = []
    for clause in filter(str.strip, condition.split(";")):
        match = re.match(r"\s*([a-z_][a-z0-9_]*)\s*(!=|>=|<=|=)(.*)$", clause, re.S)
        if match is None:
            raise Unreadable(f"condition {condition!r}: {clause!r}")
        attribute, sign, rest = match.groups()
        found.append((attribute, sign, rest.strip()))
    return tuple(found)


class Crowd:
    """Teachers or sections by attribute and value, so that conditions are quickly answered."""

    def __init__(self, traits: Mapping[str, Attributes]) -> None:
        self.everybody = frozenset(traits)
        self._traits = traits
        self._having: dict[str, dict[str, set[str]]] = {}
        self._answers: dict[str, frozenset[str]] = {}

    def having(self, attribute: str) -> Mapping[str, set[str]]:
        """Return who has each value of an attribute."""
        if attribute not in self._having:
            found: dict[str, set[str]] = {}
            for name, have in self._traits.items():
                for value in have.get(attribute, ()):
                    found.setdefault(value, set()).add(name)
            self._having[attribute] = found
        return self._having[attribute]

    def meeting(self, condition: str) -> frozenset[str]:
        """Return whom a condition covers."""
        if condition not in self._answers:
            found = self.everybody
            for attribute, sign, rest in clauses(condition):
                found = self._clause(found, self.having(attribute), sign, rest)
            self._answers[condition] = found
        return self._answers[condition]

    def _clause(
        self, found: frozenset[str], having: Mapping[str, set[str]], sign: str, rest: str
    ) -> frozenset[str]:
        if sign in ("=", "!="):
            named = set[str]().union(*(having.get(each.strip(), ()) for each in rest.split("|")))
            return found & named if sign == "=" else found - named
        good = set[str]()
        for value, names in having.items():
            if not found.isdisjoint(names) and _reaches(value, sign, rest):
                good |= names
        return found & good


def _reaches(value: str, sign: str, limit: str) -> bool:
    try:
        return int(value) >= int(limit) if sign == ">=" else int(value) <= int(limit)
    except ValueError:
        raise Unreadable(f"{value} {sign} {limit}: no whole numbers") from None


def _meets(have: Collection[str], test: str, values: str) -> bool:
    if test in ("in", "not_in"):
        return (not set(values.split("|")).isdisjoint(have)) == (test == "in")
    numbers, limit = [int(value) for value in have], int(values)
    return any(number >= limit if test == "ge" else number <= limit for number in numbers)


class Misses(dict[str, int]):
    """Section -> how many lines of its eligibility somebody with these values does not meet."""

    def __init__(self, have: Attributes, eligibility: Mapping[str, list[Row]]) -> None:
        super().__init__()
        self._have, self._eligibility = have, eligibility

    def __missing__(self, section: str) -> int:
        self[section] = sum(
            not _meets(self._have.get(row["attribute"], ()), row["test"], row["values"])
            for row in self._eligibility.get(section, ())
        )
        return self[section]


class Whom(NamedTuple):
    """Some teachers: of those a condition covers, the ones with a value of an attribute, if any."""

    where: str = ""
    attribute: str = ""
    value: str = ""
    others: bool = False
    """Whether everybody else is meant."""


class Wish(NamedTuple):
    """A line of `choices` without its teacher."""

    section: str
    rank: int
    kind: str
    points: int


def _wishes(
    cells: list[list[str]], sections: Mapping[str, str]
) -> Iterable[tuple[str, Wish]] | None:
    """Return some lines of `choices` column by column; None if any of them is not plain."""
    teachers, names, ranks, kinds, points = zip(*cells, strict=True)
    if "" in kinds:
        return None
    try:
        columns = map(sections.__getitem__, names), map(int, ranks), map(sys.intern, kinds)
        return zip(teachers, list(map(Wish, *columns, map(int, points))), strict=True)
    except (KeyError, ValueError):
        return None


Value = TypeVar("Value")


class common(Generic[Value]):
    """A property that is found once, for an instance and all its parts together."""

    def __init__(self, find: Callable[[Any], Value]) -> None:
        self._find, self.__doc__ = find, find.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Value:
        if self._name not in instance.shared:
            instance.shared[self._name] = self._find(instance)
        found: Value = instance.shared[self._name]
        instance.__dict__[self._name] = found
        return found


class Instance:
    """The tables of a round, read as docs/format.md says: of all its teachers, or of a span."""

    def __init__(self, meta: Row, source: Source | Tables, span: Span | None = None) -> None:
        self.meta = meta
        self.lots_are_hidden = False
        if "tiers" not in meta:
            meta["tiers"] = [{"goals": {code: 1}} for code in DEFAULT_TIERS]
        self.tables = source if isinstance(source, Tables) else Tables(source)
        self.span = span
        self.shared: dict[str, Any] = {}
        self._rows: dict[str, tuple[Row, ...]] = {}

    @classmethod
    def at(cls, place: Path | Shelf) -> Instance:
        """Return the instance of a folder, a .zip, or of one .json that holds everything."""
        if isinstance(place, Shelf):
            return cls(place.json("instance.json"), place)
        if place.suffix == ".json":
            content = json.loads(place.read_text(encoding="utf-8-sig"))
            return cls(content["meta"], content["tables"])
        return cls.at(Shelf.at(place))

    def part(self, span: Span | None) -> Instance:
        """Return the same round with the teachers of a span alone."""
        if span is None:
            return self
        part = Instance(self.meta, self.tables, span)
        part.shared = self.shared
        return part

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table in canonical order."""
        if table not in OF_TEACHERS:
            return self.tables.kept(table)
        if table not in self._rows:
            self._rows[table] = tuple(self.stream(table))
        return self._rows[table]

    def stream(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table in canonical order, a large one line by line."""
        if table not in OF_TEACHERS:
            yield from self.tables.kept(table)
            return
        if table in self._rows:
            yield from self._rows[table]
            return
        for row in self.tables.within(table, self.span):
            if table != "teachers" and row["teacher"] not in self.teachers:
                raise self._unknown(table, row["teacher"])
            yield row

    def _unknown(self, table: str, teacher: str) -> Unreadable:
        return Unreadable(f"{table}: teacher {teacher} does not exist")

    # teachers

    @cached_property
    def teachers(self) -> dict[str, Row]:
        """Id -> row of every teacher."""
        return {row["id"]: row for row in self.stream("teachers")}

    @cached_property
    def wishes(self) -> dict[str, list[Wish]]:
        """Teacher -> her lines of `choices`."""
        found: dict[str, list[Wish]] = {name: [] for name in self.teachers}
        if not self.tables.filed("choices"):
            for row in self.stream("choices"):
                found[row["teacher"]].append(
                    Wish(row["section"], row["rank"], row["kind"], row["points"])
                )
            return found
        sections = self.tables.ids("sections")
        for cells in self.tables.pieces("choices", self.span):
            for teacher, wish in _wishes(cells, sections) or self._wishes_one_by_one(cells):
                if teacher not in found:
                    raise self._unknown("choices", teacher)
                found[teacher].append(wish)
        return found

    def _wishes_one_by_one(self, cells: list[list[str]]) -> Iterator[tuple[str, Wish]]:
        for row in (self.tables.row("choices", each) for each in cells):
            yield row["teacher"], Wish(row["section"], row["rank"], row["kind"], row["points"])

    @cached_property
    def traits(self) -> dict[str, dict[str, set[str]]]:
        """Teacher -> attribute -> values; `id` and `school` are among them."""
        found = {
            name: {"id": {name}, "school": {row["school"]}} for name, row in self.teachers.items()
        }
        for row in self.stream("attributes"):
            found[row["teacher"]].setdefault(row["attribute"], set()).add(row["value"])
        return found

    @cached_property
    def locked(self) -> set[tuple[str, str]]:
        """Every seat that is fixed."""
        return {(row["teacher"], row["section"]) for row in self.rows("locks")}

    @cached_property
    def done(self) -> set[tuple[str, str]]:
        """Every (teacher, offering) completed before."""
        return {(row["teacher"], row["offering"]) for row in self.rows("completed")}

    @cached_property
    def away(self) -> dict[str, set[Half]]:
        """Teacher -> the half-days on which she cannot come."""
        found: dict[str, set[Half]] = defaultdict(set)
        for row in self.rows("busy"):
            found[row["teacher"]].add((row["day"], row["half"]))
        return found

    @cached_property
    def due(self) -> dict[str, list[Row]]:
        """Teacher -> what is due of her."""
        return self._lines("due", "teacher")

    @cached_property
    def _bans(self) -> dict[str, list[Row]]:
        return self._lines("bans", "teacher")

    def _lines(self, table: str, key: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(table):
            found[row[key]].append(row)
        return found

    @cached_property
    def ties(self) -> dict[str, dict[str, list[str]]]:
        """Teacher -> tie -> its sections."""
        found: dict[str, dict[str, list[str]]] = {}
        for row in self.rows("ties"):
            of_her = found.setdefault(row["teacher"], {})
            of_her.setdefault(row["tie"], []).append(row["section"])
        return found

    @cached_property
    def crowd(self) -> Crowd:
        """The teachers by attribute."""
        return Crowd(self.traits)

    def people(self, condition: str) -> frozenset[str]:
        """Return the teachers whom a condition covers."""
        return self.crowd.meeting(condition)

    def members(self, whom: Whom) -> frozenset[str]:
        """Return the teachers who are meant."""
        found = self.people(whom.where)
        if whom.attribute:
            found = found.intersection(self.crowd.having(whom.attribute).get(whom.value, ()))
        return self.crowd.everybody - found if whom.others else found

    @common
    def drawn(self) -> array[int]:
        """Draw the lottery number of every teacher, in the order of their ids: 1 comes first."""
        seed, round_id = str(self.meta.get("seed", "0")), str(self.meta.get("round", ""))
        tickets = [ticket(seed, round_id, name) for name in self.tables.teacher_ids()]
        turns = array("q", bytes(8 * len(tickets)))
        for turn, place in enumerate(sorted(range(len(tickets)), key=tickets.__getitem__), start=1):
            turns[place] = turn
        return turns

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The lottery number of every teacher."""
        first = self.span.first if self.span else 0
        numbers = self.drawn[first : first + len(self.teachers)]
        return dict(zip(self.teachers, numbers, strict=True))

    # sections

    @common
    def sections(self) -> dict[str, Row]:
        """Id -> row of every section."""
        return {row["id"]: row for row in self.rows("sections")}

    @common
    def features(self) -> dict[str, dict[str, set[str]]]:
        """Section -> attribute -> values; `section`, `offering` and `fund` are among them."""
        found = {
            name: {"section": {name}, "offering": {row["offering"]}, "fund": {row["fund"]}}
            for name, row in self.sections.items()
        }
        for row in self.rows("section_attributes"):
            found[row["section"]].setdefault(row["attribute"], set()).add(row["value"])
        return found

    @common
    def halves(self) -> dict[str, list[Half]]:
        """Section -> the half-days on which it meets, in order."""
        found: dict[str, list[Half]] = {name: [] for name in self.sections}
        for row in self.rows("meetings"):
            found[row["section"]].append((row["day"], row["half"]))
        return found

    @common
    def required(self) -> dict[str, set[tuple[str, ...]]]:
        """Offering -> what must have come before, in tuples of one."""
        found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for row in self.rows("prerequisites"):
            found[row["offering"]].add((row["requires"],))
        return found

    @common
    def eligibility(self) -> dict[str, list[Row]]:
        """Section -> the lines on whom it is for."""
        return self._lines("eligibility", "section")

    @common
    def chairs(self) -> dict[str, int]:
        """Section -> how many people may sit there: its capacity and seats reserved on top."""
        found = {name: row["capacity"] for name, row in self.sections.items()}
        for row in self.rows("reserves"):
            if row["place"] == "on_top":
                for name in self.courses(row["sections_where"]):
                    found[name] += row["seats"]
        return found

    @common
    def marks(self) -> dict[str, tuple[set[int], set[int]]]:
        """Section -> its marks, and the marks it excludes: half-days, offerings, sites too far."""
        pairs = [(row["offering_a"], row["offering_b"]) for row in self.rows("excluded")]
        sites = [(row["site_a"], row["site_b"]) for row in self.rows("travel")]
        number: dict[Any, int] = defaultdict(count().__next__)
        found = {}
        for name, row in self.sections.items():
            both: set[Any] = {*self.halves[name], row["offering"]}
            both |= {pair for pair in pairs if row["offering"] in pair and pair[0] != pair[1]}
            here: set[Any] = set()
            there: set[Any] = set()
            for site, other in [*sites, *((other, site) for site, other in sites)]:
                if site == row["site"]:
                    days = {day for day, _ in self.halves[name]}
                    here |= {(site, other, day) for day in days}
                    there |= {(other, site, day) for day in days}
            own, excluded = ({number[mark] for mark in both | more} for more in (here, there))
            found[name] = own, excluded
        return found

    def courses(self, condition: str) -> frozenset[str]:
        """Return the sections that a condition covers."""
        return self._courses.meeting(condition)

    @common
    def _courses(self) -> Crowd:
        return Crowd(self.features)

    def minutes(self, sections: Iterable[str]) -> int:
        """Return the account minutes of sections."""
        return sum(self.sections[name]["minutes"] for name in sections)

    # what a teacher may not choose

    @common
    def _asked(self) -> tuple[str, ...]:
        return tuple(sorted({row["attribute"] for row in self.rows("eligibility")}))

    @common
    def _missed(self) -> dict[tuple[frozenset[str], ...], Misses]:
        return {}

    @cached_property
    def _missed_by(self) -> dict[str, Misses]:
        return {}

    def misses(self, teacher: str) -> Misses:
        """Return how many lines of each section's eligibility a teacher does not meet."""
        if teacher not in self._missed_by:
            have = self.traits[teacher]
            kind = tuple(frozenset(have.get(name, ())) for name in self._asked)
            if kind not in self._missed:
                values = dict(zip(self._asked, kind, strict=True))
                self._missed[kind] = Misses(values, self.eligibility)
            self._missed_by[teacher] = self._missed[kind]
        return self._missed_by[teacher]

    def lines_missed(self, teacher: str, section: str) -> int:
        """Count the lines of a section's eligibility that a teacher does not meet."""
        return self.misses(teacher)[section]

    def is_banned(self, teacher: str, section: str) -> bool:
        """Tell whether a ban of the teacher covers a section and one of its days."""
        if teacher not in self._bans:
            return False
        days = [day for day, _ in self.halves[section]]
        return any(
            section in self.courses(row["where"])
            and (not days or any(row["from_day"] <= day <= row["until_day"] for day in days))
            for row in self._bans[teacher]
        )

    def is_repeated(self, teacher: str, section: str) -> bool:
        """Tell whether a teacher has completed the offering of a section."""
        return (teacher, self.sections[section]["offering"]) in self.done

    def is_assigned(self, teacher: str, wish: Wish) -> bool:
        """Tell whether a seat from this line of `choices` was neither chosen nor locked."""
        return wish.kind == "assignable" and (teacher, wish.section) not in self.locked

    def ends_before(self, first: str, then: str) -> bool:
        """Tell whether a section is over when another begins."""
        ends, begins = self.halves[first], self.halves[then]
        return not ends or not begins or ends[-1] < begins[0]

    def open_to(self, teacher: str) -> list[Wish]:
        """Return the lines of `choices` that are not closed to their teacher by themselves."""
        missed, found = self.misses(teacher), self.wishes[teacher]
        found = [wish for wish in found if not missed[wish.section]]
        if teacher in self._bans:
            found = [wish for wish in found if not self.is_banned(teacher, wish.section)]
        if self.done:
            found = [wish for wish in found if not self.is_repeated(teacher, wish.section)]
        if not self.meta.get("allow_assigned", False):
            found = [wish for wish in found if not self.is_assigned(teacher, wish)]
        if teacher in self.away:
            away = self.away[teacher]
            found = [wish for wish in found if away.isdisjoint(self.halves[wish.section])]
        return found

    def clashes_inside(self, option: Collection[str]) -> bool:
        """Tell whether two sections of an option exclude each other."""
        return any(
            one != other and not self.marks[one][0].isdisjoint(self.marks[other][1])
            for one in option
            for other in option
        )

    # hours

    @common
    def tree(self) -> dict[str, tuple[Row, list[str]]]:
        """Return, for every requirement, its row and the requirements below it."""
        rows = self.rows("requirements")
        return {
            row["id"]: (row, [child["id"] for child in rows if child["parent"] == row["id"]])
            for row in rows
        }

    def requirement(self, name: str) -> Row:
        """Return the row of a requirement."""
        return self.tree[name][0]

    def named(self, requirement: str) -> frozenset[str]:
        """Return the sections that a requirement names itself."""
        row, children = self.tree[requirement]
        if children and not row["where"]:
            return frozenset()
        return self.courses(row["where"])

    def below(self, requirement: str) -> frozenset[str]:
        """Return the sections that the children of a requirement reach."""
        parts = (self.reach(child) for child in self.tree[requirement][1])
        return frozenset[str]().union(*parts)

    def reach(self, requirement: str) -> frozenset[str]:
        """Return the sections that count for a requirement in any way."""
        if requirement not in self._reached:
            self._reached[requirement] = self.named(requirement) | self.below(requirement)
        return self._reached[requirement]

    @common
    def _reached(self) -> dict[str, frozenset[str]]:
        return {}

    def own(self, requirement: str) -> frozenset[str]:
        """Return the sections that a requirement names and none of its children reaches."""
        if requirement not in self._own:
            self._own[requirement] = self.named(requirement) - self.below(requirement)
        return self._own[requirement]

    @common
    def _own(self) -> dict[str, frozenset[str]]:
        return {}

    # limits over many people

    @common
    def releases(self) -> dict[tuple[str, str, str], list[Row]]:
        """School and half-day -> the lines on how many may be away."""
        found: dict[tuple[str, str, str], list[Row]] = {}
        for row in self.rows("releases"):
            found.setdefault((row["school"], row["day"], row["half"]), []).append(row)
        return found

    @common
    def limits(self) -> Limits:
        """Every limit that couples teachers."""
        return Limits(self)

    @common
    def census(self) -> Census:
        """Return what the rows of teams have to know of all teachers."""
        found = Census(Counter(), set(), Counter())
        spans = self.tables.spans(SPAN) if self.rows("teams") else []
        self.tables.cut(spans)
        for span in spans:
            found.add(self.part(span))
        return found

    @common
    def locked_sections(self) -> set[str]:
        """Return the sections in which a seat is fixed."""
        return {row["section"] for row in self.tables.within("locks", None)}

    # the whole

    @property
    def digest(self) -> str:
        """SHA-256 of the content; whether large tables are in order, their parts will see."""
        text = json.dumps(self.meta, ensure_ascii=False, sort_keys=True)
        hasher = hashlib.sha256(text.encode())
        for table in COLUMNS:
            self.tables.feed(table, hasher.update)
        return hasher.hexdigest()


def ticket(seed: str, round_id: str, teacher: str) -> bytes:
    """Return the ticket of one teacher in the lottery."""
    return hmac.digest(seed.encode(), f"{round_id}\n{teacher}".encode(), "sha256")


# --- seats to be judged ---------------------------------------------------------------------------

Tally = Counter[tuple[str, ...]]
"""What adds up over teachers, by what it is and whose: ("seats", section), ("use", row) ..."""


@dataclass
class Total:
    """A round with what the seats of all its teachers come to."""

    instance: Instance
    tally: Tally

    def goal(self, code: str) -> int:
        """Return what a goal comes to."""
        together = TOGETHER.get(code)
        return self.tally["goal", code] + (together(self) if together else 0)


class Case(Total):
    """An instance with seats to be judged: who holds what, and what the choices said of it."""

    def __init__(self, instance: Instance, seats: Seats) -> None:
        self.instance = instance
        self.seats = sorted(seats)
        pairs = {(teacher, section) for teacher, section, _, _ in seats}
        known = instance.teachers.keys(), instance.sections.keys()
        self.pairs = {(t, s): None for t, s in sorted(pairs) if t in known[0] and s in known[1]}
        self.held: dict[str, list[str]] = defaultdict(list)
        self.seated: dict[str, set[str]] = defaultdict(set)
        for teacher, section in self.pairs:
            self.held[teacher].append(section)
            self.seated[section].add(teacher)

    @cached_property
    def tally(self) -> Tally:  # type: ignore[override]
        """What adds up over teachers."""
        return tally_of(self)

    def goal(self, code: str) -> int:
        """Return what a goal comes to."""
        return GOALS[code](self)

    @cached_property
    def chosen(self) -> dict[tuple[str, str], Wish]:
        """The line of `choices` behind every seat."""
        return {
            (teacher, wish.section): wish
            for teacher, held in self.held.items()
            for wish in self.instance.wishes[teacher]
            if wish.section in held
        }

    @cached_property
    def assigned(self) -> list[tuple[str, str]]:
        """The seats that were neither chosen nor locked."""
        return [p for p, wish in self.chosen.items() if self.instance.is_assigned(p[0], wish)]

    def counted(self, requirement: str, held: Collection[str]) -> int:
        """Return the minutes of held sections that count for a requirement."""
        instance = self.instance
        row, children = instance.tree[requirement]
        own = instance.minutes(instance.own(requirement).intersection(held))
        cap: int = row["cap"]
        return min(cap, own + sum(self.counted(child, held) for child in children))


def tally_of(case: Case) -> Tally:
    """Count everything about seats that limits over many people speak of."""
    found: Tally = Counter()
    instance, limits = case.instance, case.instance.limits
    for section, seated in case.seated.items():
        found["seats", section] += len(seated)
    groups = limits.groups_of(instance)
    for teacher, held in case.held.items():
        for place, units in limits.use(groups.get(teacher, ()), held).items():
            found["use", limits.rows[place].id] += units
    for row, people in _gone(case):
        found["away", row["id"]] += len(people)
    for row in instance.rows("teams"):
        pool = instance.courses(row["sections_where"])
        seated = {name for section in pool for name in case.seated.get(section, ())}
        found["anybody", row["id"]] += len(seated & instance.people(row["teachers_where"]))
        for value, members in _groups(instance, row).items():
            found["team", row["id"], value] += len(members & seated)
            for section in pool if row["rule"] == "keep_together" else ():
                there = len(members.intersection(case.seated.get(section, ())))
                found["together", row["id"], value, section] += there
    return found


def _gone(case: Case) -> Iterator[tuple[Row, Collection[str]]]:
    """Yield, for every line of `releases` about the teachers of a case, who of them is away."""
    away: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for teacher, section in case.pairs:
        for day, half in case.instance.halves[section]:
            away[case.instance.teachers[teacher]["school"], day, half].add(teacher)
    for place, gone in away.items():
        for row in case.instance.releases.get(place, ()):
            covered = row["subject_where"]
            yield row, gone & case.instance.people(covered) if covered else gone


def _groups(instance: Instance, row: Row) -> dict[str, set[str]]:
    """Return the people of a team row by the values of its attribute."""
    found: dict[str, set[str]] = defaultdict(set)
    for teacher in instance.people(row["teachers_where"]):
        attribute = row["group_attribute"]
        values = instance.traits[teacher].get(attribute, ()) if attribute else [""]
        for value in values:
            if value or not attribute:
                found[value].add(teacher)
    return dict(sorted(found.items()))


class Census(NamedTuple):
    """What has to be known of all teachers before the rows of teams can be told."""

    sizes: Counter[tuple[str, str]]
    """(team row, value) -> how many people."""
    held: set[tuple[str, str]]
    """Those of whom somebody has a locked seat in the sections of the row."""
    wanted: Counter[tuple[str, str]]
    """(row of one_of_each, value) -> how many lines of `choices`; the value of all together is *."""

    def add(self, part: Instance) -> None:
        """Count some teachers."""
        for row in part.rows("teams"):
            name, pool = row["id"], part.courses(row["sections_where"])
            locked = {teacher for teacher, section in part.locked if section in pool}
            everybody = part.people(row["teachers_where"])
            for value, members in {ALL: everybody, **_groups(part, row)}.items():
                self.sizes[name, value] += len(members)
                if not locked.isdisjoint(members):
                    self.held.add((name, value))
                for teacher in members if row["rule"] == "one_of_each" else ():
                    lines = part.wishes[teacher]
                    self.wanted[name, value] += sum(wish.section in pool for wish in lines)

    def values(self, row: str) -> list[str]:
        """Return the values that the groups of a row have."""
        return sorted(value for name, value in self.sizes if name == row and value != ALL)


ALL = "*"


# --- the rules ------------------------------------------------------------------------------------

Breaches = Iterator[tuple[str, int, int]]


def locked_seat(case: Case) -> Breaches:
    """Nobody loses a seat fixed by hand, or by an earlier round."""
    for teacher, section in sorted(case.instance.locked - case.pairs.keys()):
        yield f"{teacher}/{section}", 0, 1


def eligible(case: Case) -> Breaches:
    """Only teachers whom the section is meant for sit in it."""
    for teacher, section in case.pairs:
        if missed := case.instance.lines_missed(teacher, section):
            yield f"{teacher}/{section}", missed, 0


def banned(case: Case) -> Breaches:
    """While a ban lasts, its teacher sits in none of the sections it covers."""
    for teacher, section in case.pairs:
        if case.instance.is_banned(teacher, section):
            yield f"{teacher}/{section}", 1, 0


def repeated(case: Case) -> Breaches:
    """Nobody sits again in an offering she has completed."""
    for teacher, section in case.pairs:
        if case.instance.is_repeated(teacher, section):
            yield f"{teacher}/{section}", 1, 0


def prerequisite(case: Case) -> Breaches:
    """Who sits in an offering has completed what it requires, or sits in it earlier."""
    instance = case.instance
    offering = {name: row["offering"] for name, row in instance.sections.items()}
    for teacher, section in case.pairs if instance.required else ():
        before = {n for n in case.held[teacher] if instance.ends_before(n, section)}
        ready = {offering[name] for name in before}
        lacking = sum(
            need not in ready and (teacher, need) not in instance.done
            for (need,) in instance.required.get(offering[section], ())
        )
        if lacking:
            yield f"{teacher}/{section}", lacking, 0


def time_conflict(case: Case) -> Breaches:
    """Nobody is in two places in one half-day, nor out while busy, nor at sites too far apart."""
    apart = {frozenset((row["site_a"], row["site_b"])) for row in case.instance.rows("travel")}
    for teacher, held in case.held.items():
        times = Counter(half for section in held for half in case.instance.halves[section])
        away = case.instance.away.get(teacher, ())
        for half in sorted(times):
            found = times[half] + (half in away)
            if found > 1:
                yield f"{teacher}/{' '.join(half)}", found, 1
        for place, one in enumerate(held) if apart else ():
            for other in held[place + 1 :]:
                sites = {case.instance.sections[name]["site"] for name in (one, other)}
                days = [{day for day, _ in case.instance.halves[name]} for name in (one, other)]
                if frozenset(sites) in apart and days[0] & days[1]:
                    yield f"{teacher}/{one}+{other}", 2, 1


def one_section(case: Case) -> Breaches:
    """Nobody sits in two sections of one offering, nor in two that exclude each other."""
    excluded = [(row["offering_a"], row["offering_b"]) for row in case.instance.rows("excluded")]
    for teacher, held in case.held.items():
        taken = Counter(case.instance.sections[section]["offering"] for section in held)
        yield from ((f"{teacher}/{name}", n, 1) for name, n in sorted(taken.items()) if n > 1)
        for one, other in excluded:
            if one != other and one in taken and other in taken:
                yield f"{teacher}/{one}+{other}", 2, 1


def most_sections(case: Case) -> Breaches:
    """Nobody sits in more sections than she asked for."""
    for teacher, held in case.held.items():
        if len(held) > case.instance.teachers[teacher]["most_sections"]:
            yield teacher, len(held), case.instance.teachers[teacher]["most_sections"]


def assigned_cap(case: Case) -> Breaches:
    """Nobody is assigned more sections she did not choose than the round allows."""
    for teacher, seats in Counter(teacher for teacher, _ in case.assigned).items():
        if seats > case.instance.teachers[teacher]["assigned_cap"]:
            yield teacher, seats, case.instance.teachers[teacher]["assigned_cap"]


def chosen_only(case: Case) -> Breaches:
    """Unless the round allows assigning, everybody sits only in sections she chose."""
    if not case.instance.meta.get("allow_assigned", False):
        yield from ((f"{teacher}/{section}", 1, 0) for teacher, section in case.assigned)


def bundle(case: Case) -> Breaches:
    """Sections a teacher has tied together she receives all, or none of them."""
    for teacher, ties in case.instance.ties.items():
        for tie, sections in ties.items():
            found = len(set(sections).intersection(case.held.get(teacher, ())))
            if found not in (0, len(sections)):
                yield f"{teacher}/{tie}", found, len(sections)


def hour_cap(case: Case) -> Breaches:
    """Nobody sits in more hours (or sections) of a kind than a cap allows."""
    for row in case.instance.rows("caps"):
        people = case.instance.people(row["teachers_where"])
        courses = case.instance.courses(row["where"])
        for teacher in sorted(people.intersection(case.held)):
            kind = courses.intersection(case.held[teacher])
            found = len(kind) if row["unit"] == "sections" else case.instance.minutes(kind)
            if found > row["limit"]:
                yield f"{teacher}/{row['id']}", found, row["limit"]


def minimum_to_open(total: Total) -> Breaches:
    """No section runs with fewer people than its minimum."""
    for name, row in total.instance.sections.items():
        if 0 < total.tally["seats", name] < row["minimum"]:
            yield name, total.tally["seats", name], row["minimum"]


def seat_capacity(total: Total) -> Breaches:
    """No section seats more people than it has seats, and seats reserved on top."""
    for name, chairs in total.instance.chairs.items():
        if total.tally["seats", name] > chairs:
            yield name, total.tally["seats", name], chairs


def reserve(total: Total) -> Breaches:
    """Seats kept for a group are left to it, and a pool holds no more people than its chairs."""
    return _outside(total, _reserve_rows(total.instance))


def quota(total: Total) -> Breaches:
    """No group receives more than its maximum of seats, or less than a strict minimum."""
    return _outside(total, _quota_rows(total.instance, "quota", "quotas"))


def level_share(total: Total) -> Breaches:
    """So many different people of a group, and no more, sit in training of a level."""
    return _outside(total, _quota_rows(total.instance, "level_share", "shares"))


def _outside(total: Total, rows: Iterable[SharedRow]) -> Breaches:
    """Yield the rows that are used too much, or too little where that is not a goal's business."""
    for row in rows:
        used = total.tally["use", row.id]
        if used > row.high:
            yield row.subject, used, row.high
        if used < row.low and not row.goal:
            yield row.subject, used, row.low


def host_capacity(total: Total) -> Breaches:
    """On no day does a host seat more people than it has places for."""
    return _outside(total, _host_rows(total.instance))


def school_release(total: Total) -> Breaches:
    """No school lets more of its people go in one half-day than it can replace."""
    for row in total.instance.rows("releases"):
        gone = total.tally["away", row["id"]]
        if gone > row["most_away"]:
            yield row["id"], gone, row["most_away"]


def budget(total: Total) -> Breaches:
    """No fund pays more fees than its budget."""
    spent: Counter[str] = Counter()
    for name, row in total.instance.sections.items():
        for fund in total.instance.features[name]["fund"]:
            spent[fund] += row["fee_fen"] * total.tally["seats", name]
    for row in total.instance.rows("funds"):
        if spent[row["id"]] > row["budget_fen"]:
            yield row["id"], spent[row["id"]], row["budget_fen"]


def team(total: Total) -> Breaches:
    """Colleagues go all or none, or one of each kind, where the round asks for it."""
    census = total.instance.census
    for row in total.instance.rows("teams"):
        for value in census.values(row["id"]):
            subject = f"{row['id']}/{value}" if value else row["id"]
            there, size = total.tally["team", row["id"], value], census.sizes[row["id"], value]
            if row["rule"] == "all_or_none" and there not in (0, size):
                yield subject, there, size
            if row["rule"] == "one_of_each" and total.tally["anybody", row["id"]] and not there:
                yield subject, 0, 1


def compulsory_topic(case: Case) -> Breaches:
    """Everybody it concerns sits in a section on each compulsory topic that is strict."""
    yield from ((f"{t}/{row['topic']}", 0, 1) for t, row in _off_topic(case) if row["strict"])


def _off_topic(case: Case) -> Iterator[tuple[str, Row]]:
    for row in case.instance.rows("topics"):
        on_topic = case.instance.courses(f"topic={row['topic']}")
        for teacher in sorted(case.instance.people(row["teachers_where"])):
            if not on_topic.intersection(case.held.get(teacher, ())):
                yield teacher, row


def hours_due(case: Case) -> Breaches:
    """Everybody reaches the hours still due in each category that is strict."""
    for row in case.instance.rows("due"):
        if case.instance.requirement(row["requirement"])["strict"]:
            reached = case.counted(row["requirement"], case.held.get(row["teacher"], ()))
            if reached < row["minutes"]:
                yield f"{row['teacher']}/{row['requirement']}", reached, row["minutes"]


RULES: dict[str, Callable[[Case], Breaches]] = {
    each.__name__: each
    for each in (
        *(locked_seat, eligible, banned, repeated, prerequisite, time_conflict, one_section),
        *(most_sections, assigned_cap, chosen_only, bundle, hour_cap, minimum_to_open),
        *(seat_capacity, reserve, quota, level_share, host_capacity, school_release, budget),
        *(team, compulsory_topic, hours_due),
    )
}
OVER_MANY: dict[str, Callable[[Total], Breaches]] = {
    each.__name__: each
    for each in (
        *(minimum_to_open, seat_capacity, reserve, quota, level_share, host_capacity),
        *(school_release, budget, team),
    )
}
"""The rules that couple teachers: they are asked about all seats together."""


# --- the goals ------------------------------------------------------------------------------------

LONGEST_LIST = 20


def hours_short(case: Case) -> int:
    """Count what people fall short of hours due and topics, by weight; what is strict cannot."""
    short: int = sum(row["weight"] for _, row in _off_topic(case) if not row["strict"])
    for row in case.instance.rows("due"):
        name = row["requirement"]
        if not case.instance.requirement(name)["strict"]:
            missing = row["minutes"] - case.counted(name, case.held.get(row["teacher"], ()))
            weight: int = case.instance.requirement(name)["weight"]
            short += weight * max(0, missing)
    return short


def quota_short(total: Total) -> int:
    """Count seats missing to minima that are not strict and to soft reserves, by weight."""
    rows = (*_group_rows(total.instance), *_reserve_rows(total.instance))
    return sum(
        row.weight * max(0, row.low - total.tally["use", row.id]) for row in rows if row.goal
    )


def assigned_seats(case: Case) -> int:
    """Count seats in sections people did not choose."""
    return len(case.assigned)


def unserved(case: Case) -> int:
    """Count people who chose something and receive nothing of it."""
    wanted = {
        teacher
        for teacher, wishes in case.instance.wishes.items()
        if any(wish.kind == "chosen" for wish in wishes)
    }
    served = {teacher for (teacher, _), wish in case.chosen.items() if wish.kind == "chosen"}
    return len(wanted - served)


def welfare(case: Case) -> int:
    """Count the points of all seats, and of groups together where the round asks for it."""
    return points(case) + kept_together(case)


def points(case: Case) -> int:
    """Count the points of all seats."""
    return sum(wish.points for wish in case.chosen.values())


def kept_together(total: Total) -> int:
    """Count the points of groups that sit together."""
    census, found = total.instance.census, 0
    for row in total.instance.rows("teams"):
        for value in census.values(row["id"]) if row["rule"] == "keep_together" else ():
            size = census.sizes[row["id"], value]
            for section in total.instance.courses(row["sections_where"]) if size > 1 else ():
                is_whole = total.tally["together", row["id"], value, section] == size
                found += row["weight"] * is_whole
    return found


def overshoot(case: Case) -> int:
    """Count minutes beyond what was due, once per requirement without parent."""
    over = 0
    for row in case.instance.rows("due"):
        if not case.instance.requirement(row["requirement"])["parent"]:
            held = case.instance.reach(row["requirement"]).intersection(
                case.held.get(row["teacher"], ())
            )
            over += max(0, case.instance.minutes(held) - row["minutes"])
    return over


def travel(case: Case) -> int:
    """Count seats at a site that is none of the teacher's own."""
    return sum(_is_far(case.instance, teacher, section) for teacher, section in case.pairs)


def _is_far(instance: Instance, teacher: str, section: str) -> bool:
    near = instance.traits[teacher].get("site", ())
    site = instance.sections[section]["site"]
    return bool(near and site and site not in near)


def cost(case: Case) -> int:
    """Count the fees of all seats, in fen."""
    return sum(case.instance.sections[section]["fee_fen"] for _, section in case.pairs)


def lottery(case: Case) -> int:
    """Count what every seat is worth by the drawn numbers."""
    return sum(_turns(case.instance, teacher, wish) for (teacher, _), wish in case.chosen.items())


def _turns(instance: Instance, teacher: str, wish: Wish) -> int:
    if not 1 <= wish.rank <= LONGEST_LIST:
        return 0
    return (len(instance.drawn) + 1 - instance.numbers[teacher]) * (LONGEST_LIST + 1 - wish.rank)


GAINS = ("welfare", "lottery")
GOALS: dict[str, Callable[[Case], int]] = {
    **{"hours_short": hours_short, "quota_short": quota_short, "assigned_seats": assigned_seats},
    **{"unserved": unserved, "welfare": welfare, "overshoot": overshoot, "travel": travel},
    **{"cost": cost, "lottery": lottery},
}
TOGETHER: dict[str, Callable[[Total], int]] = {"quota_short": quota_short, "welfare": kept_together}
"""What goals count of all seats together; ALONE: what they count of each teacher's."""
ALONE = {code: goal for code, goal in GOALS.items() if code not in TOGETHER} | {"welfare": points}
# --- limits over many people ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A limit over many people's seats: `low <= use <= high`, both only if its switch is yes.

    `goal` may fall short of `low` at `weight` for each unit; without a goal nobody may.
    """

    id: str
    sections: Mapping[str, int]
    """Section -> what one seat uses."""
    people: Whom | None = None
    """Whose seats count; None: everybody's."""
    low: int = 0
    high: int = UNLIMITED
    heads: bool = False
    """Whether a teacher counts once, however many of the sections she holds."""
    switch: str = ""
    points: int = 0
    """What "yes" is worth for welfare."""
    goal: str = ""
    weight: int = 1

    @property
    def subject(self) -> str:
        """The id without its rule."""
        return self.id.partition(":")[2]


def _once(sections: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(sections, 1)


def _section_rows(instance: Instance) -> Iterator[SharedRow]:
    """Yield the seats of every section; one with a minimum is a switch unless a seat is locked."""
    locked = instance.locked_sections
    for name, row in instance.sections.items():
        chairs = instance.chairs[name]
        if row["minimum"] <= 1:
            yield SharedRow(f"seat_capacity:{name}", {name: 1}, high=chairs)
        else:
            switch = "" if name in locked else f"open:{name}"
            low = row["minimum"]
            yield SharedRow(
                f"minimum_to_open:{name}", {name: 1}, low=low, high=chairs, switch=switch
            )


def _reserve_rows(instance: Instance) -> Iterator[SharedRow]:
    for row in instance.rows("reserves"):
        pool, name = instance.courses(row["sections_where"]), f"reserve:{row['id']}"
        group, seats = Whom(row["group_where"]), row["seats"]
        others = group._replace(others=True)
        room = {section: instance.sections[section]["capacity"] for section in pool}
        total = sum(room.values())
        if row["place"] == "on_top":
            yield SharedRow(name, _once(pool), high=total + seats)
        if row["kind"] == "soft":
            short = {"goal": "quota_short", "weight": row["weight"]}
            yield SharedRow(f"{name}/group", _once(pool), group, low=seats, **short)
        elif row["place"] == "inside":
            yield SharedRow(name, _once(pool), others, high=max(0, total - seats))
        else:
            for section in pool:
                yield SharedRow(f"{name}/{section}", {section: 1}, others, high=room[section])


def _quota_rows(instance: Instance, rule: str, table: str) -> Iterator[SharedRow]:
    pools: dict[str, dict[str, int]] = {}
    for row in instance.rows(table):
        where = row["sections_where"]
        if where not in pools:
            pools[where] = _once(instance.courses(where))
        yield SharedRow(
            f"{rule}:{row['id']}",
            pools[where],
            Whom(row["teachers_where"]),
            row["minimum"],
            row["maximum"],
            row.get("counts", "heads") == "heads",
            goal="" if row["strict"] else "quota_short",
            weight=row["weight"],
        )


def _group_rows(instance: Instance) -> Iterator[SharedRow]:
    yield from _quota_rows(instance, "quota", "quotas")
    yield from _quota_rows(instance, "level_share", "shares")


def _sections_at(instance: Instance) -> dict[Half, dict[str, int]]:
    """Return the sections that meet in each half-day."""
    at: dict[Half, dict[str, int]] = defaultdict(dict)
    for section, halves in instance.halves.items():
        for half in halves:
            at[half][section] = 1
    return at


def _host_rows(instance: Instance) -> Iterator[SharedRow]:
    at = _sections_at(instance)
    for row in instance.rows("hosts"):
        there = {name for (day, _), names in at.items() if day == row["day"] for name in names}
        there &= instance.courses(row["sections_where"])
        yield SharedRow(f"host_capacity:{row['id']}", _once(there), high=row["capacity"])


def _release_rows(instance: Instance) -> Iterator[SharedRow]:
    at = _sections_at(instance)
    for row in instance.rows("releases"):
        staff = Whom(row["subject_where"], "school", row["school"])
        away = at[row["day"], row["half"]]
        yield SharedRow(f"school_release:{row['id']}", away, staff, high=row["most_away"])


def _fund_rows(instance: Instance) -> Iterator[SharedRow]:
    """Yield budgets, in units of the greatest common divisor of their fees."""
    for row in instance.rows("funds"):
        fees = {
            name: section["fee_fen"]
            for name, section in instance.sections.items()
            if section["fund"] == row["id"] and section["fee_fen"] > 0
        }
        step = gcd(*fees.values()) or 1
        fees = {name: fee // step for name, fee in fees.items()}
        yield SharedRow(f"budget:{row['id']}", fees, high=row["budget_fen"] // step)


def _team_rows(instance: Instance) -> Iterator[SharedRow]:
    """Yield the rows of teams; one with a locked seat goes in any case and needs no switch."""
    census = instance.census
    for row in instance.rows("teams"):
        name, where, rule = row["id"], row["teachers_where"], row["rule"]
        pool = _once(instance.courses(row["sections_where"]))
        groups = {
            value: (
                f"team:{name}/{value}" if value else f"team:{name}",
                Whom(where, row["group_attribute"], value),
            )
            for value in census.values(name)
        }
        if rule == "one_of_each":
            switch = "" if (name, ALL) in census.held else f"team:{name}"
            members = {ALL: (f"team:{name}", Whom(where))}
            members |= groups if row["group_attribute"] else {}
            for value, (team_row, whom) in members.items():
                high = max(1, census.wanted[name, value])
                yield SharedRow(team_row, pool, whom, 1, high, switch=switch)
        for value, (team_row, whom) in groups.items():
            size = census.sizes[name, value]
            if rule == "all_or_none":
                switch = "" if (name, value) in census.held else team_row
                yield SharedRow(team_row, pool, whom, size, size, True, switch)
            for section in pool if rule == "keep_together" and size > 1 else ():
                both = f"{team_row}/{section}"
                gain = row["weight"]
                yield SharedRow(both, {section: 1}, whom, size, switch=both, points=gain)


SHARED_ROWS: tuple[Callable[[Instance], Iterator[SharedRow]], ...] = (
    *(_section_rows, _reserve_rows, _group_rows, _host_rows, _release_rows, _fund_rows),
    _team_rows,
)


def shared_rows(instance: Instance) -> Iterator[SharedRow]:
    """Yield every limit that couples teachers."""
    for rows in SHARED_ROWS:
        yield from rows(instance)


Groups = tuple[int, ...]
"""The numbers of the groups of people that a teacher belongs to."""
EVERYBODY = 0
"""The number of the group that everybody belongs to."""


class Limits:
    """All shared rows, found quickly by who sits where.

    Rows about the same people form a group, rows about the same sections a pool: a seat uses the
    rows of its pools in the groups of its teacher.
    """

    def __init__(self, instance: Instance) -> None:
        self.rows = list(shared_rows(instance))
        self.places = {row.id: place for place, row in enumerate(self.rows)}
        self.heads = {place for place, row in enumerate(self.rows) if row.heads}
        self._pools: dict[str, list[tuple[int, int]]] = defaultdict(list)
        """Section -> (pool, what a seat uses)."""
        self._groups: dict[Whom | None, dict[int, list[int]]] = {None: {}}
        """Group -> pool -> its rows."""
        pools: dict[int, int] = {}
        for place, row in enumerate(self.rows):
            if id(row.sections) not in pools:
                pools[id(row.sections)] = pool = len(pools)
                for section, units in row.sections.items():
                    self._pools[section].append((pool, units))
            of_group = self._groups.setdefault(row.people, {})
            of_group.setdefault(pools[id(row.sections)], []).append(place)
        self._list = list(self._groups.values())
        self._named: dict[str, dict[str, list[tuple[int, Whom]]]] = defaultdict(dict)
        self._general: list[tuple[int, Whom]] = []
        for number, whom in enumerate(self._groups):
            if whom and whom.attribute and not whom.others:
                of_value = self._named[whom.attribute].setdefault(whom.value, [])
                of_value.append((number, whom))
            elif whom:
                self._general.append((number, whom))

    def groups_of(self, instance: Instance) -> dict[str, Groups]:
        """Return the groups of every teacher that is in any."""
        found: dict[str, list[int]] = defaultdict(list)
        asked = list(self._general)
        for attribute, values in self._named.items():
            for value in sorted(instance.crowd.having(attribute)):
                asked += values.get(value, ())
        for number, whom in asked:
            for teacher in instance.members(whom):
                found[teacher].append(number)
        return {teacher: tuple(numbers) for teacher, numbers in found.items()}

    def of_seat(self, groups: Groups, section: str) -> dict[int, int]:
        """Return the rows of some groups that a seat uses, and how much of them."""
        found: dict[int, int] = {}
        for group in groups:
            rows = self._list[group]
            for pool, units in self._pools.get(section, ()):
                for place in rows.get(pool, ()):
                    found[place] = units
        return found

    def use(self, groups: Groups, held: Iterable[str]) -> Counter[int]:
        """Return what somebody who holds some sections uses of every row."""
        found: Counter[int] = Counter()
        for section in held:
            for place, units in self.of_seat((EVERYBODY, *groups), section).items():
                found[place] += units
        for place in self.heads.intersection(found):
            found[place] = 1
        return found


# --- what one teacher may hold --------------------------------------------------------------------

Tree = tuple[int, int, tuple[Any, ...]]
"""(cap, place among the sums, trees below): it comes to `min(cap, sum + what the trees come to)`."""
Term = tuple[str, int, int, bool, Tree]
"""(goal, weight, limit, whether beyond the limit costs, else below it; the amount)."""
STRICT = "strict"
"""The goal of what is missing to strict minima: unless it can be 0, there is no answer."""
LINEAR: dict[str, Callable[[Instance, str, Wish], int]] = {
    "welfare": lambda _, __, wish: wish.points,
    "lottery": _turns,
    "assigned_seats": lambda instance, teacher, wish: -instance.is_assigned(teacher, wish),
    "travel": lambda instance, teacher, wish: -_is_far(instance, teacher, wish.section),
    "cost": lambda instance, _, wish: -int(instance.sections[wish.section]["fee_fen"]),
}
"""The goals that are a sum over seats, and what a seat adds."""


class Menu(NamedTuple):
    """What one teacher may hold. Tied sections are one option; sets of options are bits of a number."""

    options: list[tuple[str, ...]]
    gains: list[Amounts]
    """For each option its points by goal, in the order of `Menus.linear`."""
    marks: Marks
    limits: list[int]
    """The most of something she may hold: sections, assigned sections, what caps speak of."""
    uses: list[Amounts]
    """For each option what it takes of every limit."""
    sums: list[Amounts]
    """For each option what it adds to every amount that terms speak of."""
    nothing: list[int]
    """The same of no option."""
    terms: list[Term]
    needs: list[tuple[int, int]]
    """(an option, the options of which it needs one)."""
    must: int
    pays: list[Tariff]
    """For each option what its seats cost in every leaf."""
    heads: list[tuple[int, int]]
    """(place of a shared row, the options of which the first uses one head)."""
    is_refused: Callable[[int], bool] | None
    """What rules say that only know whole bundles."""
    seated: Mapping[int, int]
    """The place of a leaf -> the options that she holds in its case, whatever they cost."""


class Tariff(NamedTuple):
    """What a seat costs: in every leaf its prices together, None where the seat does not exist."""

    prices: list[int | None]
    heads: tuple[int, ...]
    """The rows of which it uses a head, priced apart."""


FREE = Tariff([], ())


class GroupTariffs(dict[str, Tariff]):
    """Section -> what a seat costs the members of a group; FREE where it costs nothing."""

    def __init__(self, limits: Limits, group: int, leaves: Sequence[Leaf]) -> None:
        super().__init__()
        self._limits, self._group, self._leaves = limits, group, leaves

    def __missing__(self, section: str) -> Tariff:
        used = self._limits.of_seat((self._group,), section)
        heads = tuple(place for place in used if place in self._limits.heads)
        prices: list[int | None] = []
        for leaf in self._leaves:
            each = sum(leaf.prices[p] * units for p, units in used.items() if p not in heads)
            prices.append(each if leaf.shut.isdisjoint(used) else None)
        self[section] = Tariff(prices, heads) if heads or any(p != 0 for p in prices) else FREE
        return self[section]


class Tariffs(dict[str, Tariff]):
    """Section -> what a seat costs the members of some groups together."""

    def __init__(self, groups: list[GroupTariffs], leaves: int) -> None:
        super().__init__()
        self._groups, self._nothing = groups, Tariff([0] * leaves, ())

    def __missing__(self, section: str) -> Tariff:
        found = [each for group in self._groups if (each := group[section]) is not FREE]
        self[section] = found[0] if len(found) == 1 else joined(found) if found else self._nothing
        return self[section]


def joined(tariffs: Sequence[Tariff]) -> Tariff:
    """Return what several tariffs come to."""
    prices = [
        None if None in each else sum(filter(None, each))
        for each in zip(*(tariff.prices for tariff in tariffs), strict=True)
    ]
    return Tariff(prices, tuple({row for tariff in tariffs for row in tariff.heads}))


Template = tuple[str, int, int, bool, Tree]
"""A term whose limit is told by place: the minutes due there, or 1 where it is -1."""


Amounts = tuple[int, ...]


class Kind(dict[str, tuple[Amounts, Amounts, Amounts]]):
    """Teachers with the same caps, requirements and topics.

    As a mapping: section -> what a seat takes of their limits if it is chosen and if it is assigned
    (see `Menu.limits`), and what it adds to their amounts.
    """

    def __init__(
        self,
        instance: Instance,
        caps: Sequence[Row],
        requirements: Sequence[str],
        topics: Sequence[Row],
        goals: Collection[str],
    ) -> None:
        super().__init__()
        self._instance, self._caps = instance, caps
        self._amounts: list[tuple[frozenset[str], bool]] = []
        """(the sections that count, whether their minutes do)."""
        self.limits = [row["limit"] for row in caps]
        found: list[Template] = []
        for place, name in enumerate(requirements):
            row = instance.requirement(name)
            found.append((*_short(row), place, False, self._tree(name)))
            if not row["parent"]:
                reached = self._amount(instance.reach(name))
                found.append(("overshoot", 1, place, True, reached))
        for row in topics:
            on_topic = instance.courses(f"topic={row['topic']}")
            found.append((*_short(row), -1, False, self._amount(on_topic, in_minutes=False)))
        self.templates = [each for each in found if each[0] in goals]

    def _tree(self, requirement: str) -> Tree:
        """Return what counts for a requirement, its children with it."""
        row, children = self._instance.tree[requirement]
        below = tuple(self._tree(child) for child in children)
        return self._amount(self._instance.own(requirement), row["cap"], below)

    def _amount(
        self,
        sections: frozenset[str],
        cap: int = UNLIMITED,
        below: tuple[Tree, ...] = (),
        *,
        in_minutes: bool = True,
    ) -> Tree:
        self._amounts.append((sections, in_minutes))
        return cap, len(self._amounts) - 1, below

    @property
    def width(self) -> int:
        """The number of amounts."""
        return len(self._amounts)

    def __missing__(self, section: str) -> tuple[Amounts, Amounts, Amounts]:
        courses = self._instance.courses
        minutes = self._instance.sections[section]["minutes"]
        caps = [
            (1 if row["unit"] == "sections" else minutes) * (section in courses(row["where"]))
            for row in self._caps
        ]
        sums = tuple(
            (minutes if in_minutes else 1) * (section in sections)
            for sections, in_minutes in self._amounts
        )
        self[section] = (1, 0, *caps), (1, 1, *caps), sums
        return self[section]


def _short(row: Row) -> tuple[str, int]:
    """Return the goal and weight of what is missing to a requirement or topic."""
    return (STRICT, 1) if row["strict"] else ("hours_short", row["weight"])


ASKED: tuple[Callable[[Case], Breaches], ...] = ()
"""Rules about one teacher that menus do not know: they are asked about every bundle."""


class Menus:
    """The menus of the teachers of an instance."""

    def __init__(self, instance: Instance, leaves: Sequence[Leaf]) -> None:
        self.instance, self._leaves = instance, leaves
        weighed = {goal for leaf in leaves for goal, weight in leaf.weights.items() if weight}
        self._goals = weighed | {STRICT}
        self.linear = [goal for goal in LINEAR if goal in weighed]
        self._groups = instance.limits.groups_of(instance)
        self._caps, self._topics = self._whose("caps"), self._whose("topics")
        self._kinds: dict[tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...]], Kind] = {}
        self._tariffs: dict[Groups, Tariffs] = {}
        self._by_group: dict[int, GroupTariffs] = {}
        self._marks = Marks(instance)
        self._tolled = {teacher for leaf in leaves for teacher, _ in (*leaf.owed, *leaf.seats)}

    def _whose(self, table: str) -> dict[str, tuple[int, ...]]:
        """Return the places of the rows of a table that concern each teacher."""
        found: dict[str, tuple[int, ...]] = {}
        for place, row in enumerate(self.instance.rows(table)):
            for teacher in self.instance.people(row["teachers_where"]):
                found[teacher] = (*found.get(teacher, ()), place)
        return found

    def _kind(self, teacher: str) -> Kind:
        instance = self.instance
        requirements = tuple(row["requirement"] for row in instance.due.get(teacher, ()))
        key = self._caps.get(teacher, ()), requirements, self._topics.get(teacher, ())
        if key not in self._kinds:
            caps = [instance.rows("caps")[place] for place in key[0]]
            topics = [instance.rows("topics")[place] for place in key[2]]
            self._kinds[key] = Kind(instance, caps, requirements, topics, self._goals)
        return self._kinds[key]

    def menu(self, teacher: str) -> Menu | None:
        """Return what a teacher may hold; None if not even her locked seats."""
        instance, kind = self.instance, self._kind(teacher)
        wishes = instance.open_to(teacher)
        tariffs = self._tariffs_of(self._groups.get(teacher, ()))
        is_assigned = [w.kind == "assignable" and instance.is_assigned(teacher, w) for w in wishes]
        options: list[tuple[str, ...]] = [(wish.section,) for wish in wishes]
        found = [kind[wish.section] for wish in wishes]
        pays = [tariffs[wish.section] for wish in wishes]
        if teacher in self._tolled:
            pays = [
                self._with_tolls(teacher, wish, pay) for wish, pay in zip(wishes, pays, strict=True)
            ]
        uses = [each[flag] for each, flag in zip(found, is_assigned, strict=True)]
        sums = [each[2] for each in found]
        if "unserved" in self._goals:
            pairs = zip(sums, wishes, strict=True)
            sums = [(*each, int(wish.kind == "chosen")) for each, wish in pairs]
        gains = self._gains(teacher, wishes)
        if teacher in instance.ties:
            options, parts = self._tied(teacher, wishes)
            pays = [joined([pays[i] for i in part]) for part in parts]
            gains, uses, sums = (_added(column, parts) for column in (gains, uses, sums))
        place = {section: i for i, option in enumerate(options) for section in option}
        locked = self._locked(teacher)
        if not locked <= place.keys():
            return None
        return Menu(
            options,
            gains,
            self._marks,
            self._limits(teacher, kind, any(is_assigned)),
            uses,
            sums,
            [0] * (kind.width + ("unserved" in self._goals)),
            self._terms(teacher, kind),
            self._needs(teacher, place) if instance.required else [],
            sum({1 << place[name] for name in locked}),
            pays,
            _heads(pays),
            (lambda held: self._is_refused(teacher, options, held)) if ASKED else None,
            self._seated(teacher, place, len(options)) if teacher in self._tolled else {},
        )

    def _with_tolls(self, teacher: str, wish: Wish, pay: Tariff) -> Tariff:
        """Return what a seat costs a teacher together with her own tolls for it.

        It does not exist where the case says that she does not hold it.
        """
        seat = teacher, wish.section
        tolls = [
            leaf.owed.get(seat, 0) if leaf.seats.get(seat, True) else None for leaf in self._leaves
        ]
        pairs = zip(pay.prices, tolls, strict=True)
        prices = [None if price is None or toll is None else price + toll for price, toll in pairs]
        return Tariff(prices, pay.heads)

    def _seated(self, teacher: str, place: Mapping[str, int], many: int) -> dict[int, int]:
        """Return for the leaves whose case says what a teacher holds the options that these are.

        What she cannot hold is an option that she does not have: there is no such answer.
        """
        return {
            number: sum({1 << place.get(section, many) for section in sections})
            for number, leaf in enumerate(self._leaves)
            if (
                sections := [
                    name for (who, name), yes in leaf.seats.items() if yes and who == teacher
                ]
            )
        }

    def _tariffs_of(self, groups: Groups) -> Tariffs:
        if groups not in self._tariffs:
            parts = [self._of_group(group) for group in (EVERYBODY, *groups)]
            self._tariffs[groups] = Tariffs(parts, len(self._leaves))
        return self._tariffs[groups]

    def _of_group(self, group: int) -> GroupTariffs:
        if group not in self._by_group:
            self._by_group[group] = GroupTariffs(self.instance.limits, group, self._leaves)
        return self._by_group[group]

    def _gains(self, teacher: str, wishes: list[Wish]) -> list[Amounts]:
        if self.linear == ["welfare"]:
            return [(wish.points,) for wish in wishes]
        gains = [LINEAR[goal] for goal in self.linear]
        return [tuple(gain(self.instance, teacher, wish) for gain in gains) for wish in wishes]

    def _locked(self, teacher: str) -> set[str]:
        instance = self.instance
        lines = instance.wishes[teacher] if instance.locked else ()
        return {wish.section for wish in lines if (teacher, wish.section) in instance.locked}

    def _tied(
        self, teacher: str, wishes: list[Wish]
    ) -> tuple[list[tuple[str, ...]], list[list[int]]]:
        """Return a teacher's open sections as options, what she has tied together as one.

        With every option the places of its sections among the open ones.
        """
        option = {wish.section: {wish.section} for wish in self.instance.wishes[teacher]}
        for tie in self.instance.ties[teacher].values():
            whole = set[str]().union(*(option[name] for name in tie))
            option |= dict.fromkeys(whole, whole)
        at = {wish.section: place for place, wish in enumerate(wishes)}
        found = [
            each
            for each in sorted({tuple(sorted(each)) for each in option.values()})
            if at.keys() >= set(each) and not self.instance.clashes_inside(each)
        ]
        return found, [[at[section] for section in each] for each in found]

    def _limits(self, teacher: str, kind: Kind, any_assigned: bool) -> list[int]:
        row = self.instance.teachers[teacher]
        return [row["most_sections"], row["assigned_cap"] if any_assigned else 0, *kind.limits]

    def _terms(self, teacher: str, kind: Kind) -> list[Term]:
        """Return what a bundle may cost for goals that are no sum over seats."""
        due = self.instance.due.get(teacher, ())
        found: list[Term] = [
            (goal, weight, due[place]["minutes"] if place >= 0 else 1, beyond, tree)
            for goal, weight, place, beyond, tree in kind.templates
        ]
        if "unserved" in self._goals:
            wishes = self.instance.wishes[teacher]
            if any(wish.kind == "chosen" for wish in wishes):
                found.append(("unserved", 1, 1, False, (UNLIMITED, kind.width, ())))
        return found

    def _needs(self, teacher: str, place: Mapping[str, int]) -> list[tuple[int, int]]:
        instance, found = self.instance, []
        for name in place:
            for (need,) in instance.required.get(instance.sections[name]["offering"], ()):
                if (teacher, need) not in instance.done:
                    earlier = {
                        1 << place[other]
                        for other in place
                        if instance.sections[other]["offering"] == need
                        and instance.ends_before(other, name)
                    }
                    found.append((1 << place[name], sum(earlier)))
        return found

    def _is_refused(self, teacher: str, options: list[tuple[str, ...]], held: int) -> bool:
        """Tell whether a rule complains about a bundle that its teacher holds alone."""
        sections = (name for i, option in enumerate(options) if held >> i & 1 for name in option)
        case = Case(self.instance, [(teacher, name, 0, "") for name in sections])
        return any(True for rule in ASKED for _ in rule(case))


class Marks(dict[tuple[str, ...], tuple[set[int], set[int]]]):
    """Option -> the marks of its sections, and the marks that they exclude."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._of = instance.marks

    def __missing__(self, option: tuple[str, ...]) -> tuple[set[int], set[int]]:
        own, excluded = zip(*(self._of[name] for name in option), strict=True)
        self[option] = set[int]().union(*own), set[int]().union(*excluded)
        return self[option]


def _added(column: Sequence[Amounts], parts: list[list[int]]) -> list[Amounts]:
    """Return what tied seats come to."""
    return [tuple(map(sum, zip(*(column[i] for i in part), strict=True))) for part in parts]


def _heads(pays: list[Tariff]) -> list[tuple[int, int]]:
    found: dict[int, int] = defaultdict(int)
    for i, each in enumerate(pays):
        for row in each.heads:
            found[row] |= 1 << i
    return list(found.items())


def come_to(tree: Tree, sums: Sequence[int]) -> int:
    """Return what an amount comes to."""
    cap, place, below = tree
    total = sums[place]
    for each in below:
        total += come_to(each, sums)
    return min(cap, total)


# --- the best bundle ------------------------------------------------------------------------------

LONG = 40
"""The bundles after which a search is long."""
Cost = tuple[int, int, bool, Tree]
"""(points for each unit, limit, whether beyond it costs, amount)."""


class Offer(NamedTuple):
    """A menu at the prices of one leaf: the options worth looking at, most promising first."""

    must: int
    """The options that have to be held, as bits."""
    musts: list[int]
    order: list[int]
    worth: list[int]
    """For each option its points less what it pays."""
    clash: dict[int, int]
    """For each option worth looking at those that it excludes, or that exclude it."""
    fares: list[tuple[int, int]]
    """(options, price): paid once by whoever holds one of them."""
    costs: list[Cost]
    demands: list[tuple[int, Tree]]
    """(least, amount): strict minima."""
    gain: list[int]
    """The most an option can add by itself, in the order of `order`."""
    plain: list[int]
    """The most it can add but for what it mends of shortages."""
    once: list[Cost]
    """Those of `costs` of which whatever mends anything mends all."""
    apart: list[int]
    """The most an option can add but for what it mends of these."""


def offer(menu: Menu, leaf: Leaf, place: int, linear: Sequence[str]) -> Offer:
    """Return a menu at the prices of a leaf, which stands at a place among all.

    An option that can add nothing by itself adds nothing to any bundle: shortages that others mend
    are mended less by it. It is left out, unless something may be held for the sake of it.
    """
    weights = leaf.weights
    factors = [weights[goal] for goal in linear]
    prices = [pays.prices[place] for pays in menu.pays]
    if len(factors) == 1:
        factor = factors[0]
        points = [factor * gains[0] for gains in menu.gains]
    else:
        points = [sum(map(mul, gains, factors)) for gains in menu.gains]
    worth = [each - (price or 0) for each, price in zip(points, prices, strict=True)]
    fares = [(options, leaf.prices[row]) for row, options in menu.heads if leaf.prices[row]]
    costs = [
        (weights[goal] * weight, limit, beyond, tree)
        for goal, weight, limit, beyond, tree in menu.terms
        if weights[goal]
    ]
    asked = () if weights[STRICT] else menu.terms
    demands = [(limit, tree) for goal, _, limit, _, tree in asked if goal == STRICT]
    plain = {
        i: worth[i] - (_bonus(i, fares) if fares else 0)
        for i, price in enumerate(prices)
        if price is not None
    }
    kinds = set(menu.sums)
    mends = {sums: _mended(sums, costs) for sums in kinds}
    gain = {i: each + mends[menu.sums[i]] for i, each in plain.items()}
    once = [cost for cost in costs if _is_mended_at_once(cost, kinds)]
    alike = {sums: _mended(sums, once) for sums in kinds}
    must = menu.must | menu.seated.get(place, 0)
    free = [i for i in gain if not must >> i & 1]
    if any(cost[0] < 0 for cost in costs):
        order = sorted(free, key=lambda i: (-gain[i], i))
        gain = plain = dict.fromkeys(gain, UNLIMITED)
    else:
        if not (demands or menu.needs or menu.is_refused):
            free = [i for i in free if gain[i] > 0]
        order = sorted(free, key=lambda i: (-gain[i], i))
    musts = [i for i in gain if must >> i & 1]
    return Offer(
        must,
        musts,
        order,
        worth,
        _clash(menu, [*musts, *order]),
        fares,
        costs,
        demands,
        [max(gain[i], 0) for i in order],
        [max(plain[i], 0) for i in order],
        once,
        [max(gain[i] - alike[menu.sums[i]], 0) for i in order] if once else [],
    )


def _is_mended_at_once(cost: Cost, kinds: Iterable[Sequence[int]]) -> bool:
    """Tell whether whatever mends anything of a shortage mends all of it."""
    each, limit, beyond, tree = cost
    amounts = (come_to(tree, sums) for sums in kinds)
    return each > 0 and not beyond and all(have == 0 or have >= limit for have in amounts)


def _bonus(option: int, fares: list[tuple[int, int]]) -> int:
    """Return what an option is paid at most, as a negative number."""
    return sum(min(fare, 0) for options, fare in fares if options >> option & 1)


def _mended(sums: Sequence[int], costs: list[Cost]) -> int:
    """Return what an option mends of shortages if nothing else does."""
    return sum(
        each * min(limit, come_to(tree, sums)) for each, limit, beyond, tree in costs if not beyond
    )


def _clash(menu: Menu, options: list[int]) -> dict[int, int]:
    at: dict[int, int] = {}
    for i in options:
        for mark in menu.marks[menu.options[i]][0]:
            at[mark] = at.get(mark, 0) | 1 << i
    found = {}
    for i in options:
        against = 0
        for mark in menu.marks[menu.options[i]][1]:
            against |= at.get(mark, 0)
        found[i] = against & ~(1 << i)
    return found


def best_bundle(menu: Menu, at: Offer) -> int | None:
    """Return what the best lawful bundle is worth at its prices; None if there is none.

    Depth first, most promising options first. A branch ends where even the best options left, each
    counted as if it stood alone, could not lift it above the best bundle found: an option mends
    most of a shortage when nothing else mends it. A search that becomes long leaves out options
    in whose stead another one, tried before, could have been held.
    """
    order, worth, clash, costs, demands, fares = (
        *(at.order, at.worth, at.clash, at.costs, at.demands, at.fares),
    )
    uses, sums = menu.uses, menu.sums
    ahead, many = list(accumulate(at.gain, initial=0)), len(order)
    rest_of = _highest_sums(at.plain) if costs else []
    rest_apart = _highest_sums(at.apart) if at.once else []
    is_free = not (demands or menu.needs or menu.is_refused)
    best: int | None = None
    looked, better, paced = 0, dict.fromkeys(order, 0), Pace([], [])

    def grow(
        start: int, held: int, shut: int, left: list[int], total: list[int], base: int
    ) -> None:
        nonlocal best, looked, better, paced
        looked += 1
        if looked == LONG:
            better, paced = _better(menu, at), _paced(menu, at)
        value, short = base, 0
        for each, limit, beyond, tree in costs:
            have = come_to(tree, total)
            if beyond and have > limit:
                value -= each * (have - limit)
            elif not beyond and have < limit:
                short += each * (limit - have)
        value -= short
        if (best is None or value > best) and (is_free or _is_whole(held, total, demands, menu)):
            best = value
        room, lone = left[0], 0
        for each, limit, _, tree in at.once:
            lone += each * max(0, limit - come_to(tree, total))
        for limit in paced.limits:
            short = min(short, _mended_within(left[limit], total, costs, paced.lumps))
        for place in range(start, many if room > 0 else start):
            if best is not None:
                most = ahead[min(place + room, many)] - ahead[place]
                if costs:
                    most = min(most, short + rest_of[place][min(room, many - place)])
                if at.once:
                    most = min(most, lone + rest_apart[place][min(room, many - place)])
                if value + most <= best:
                    return
            i = order[place]
            if shut >> i & 1 or better[i] & ~held:
                continue
            fewer = list(map(sub, left, uses[i]))
            if min(fewer) < 0:
                continue
            added = base + worth[i]
            for options, fare in fares:
                if options >> i & 1 and not options & held:
                    added -= fare
            grow(
                place + 1,
                held | 1 << i,
                shut | clash[i],
                fewer,
                list(map(add, total, sums[i])),
                added,
            )

    start = _with_musts(menu, at)
    if start is not None:
        grow(0, *start)
    return best


def _better(menu: Menu, at: Offer) -> dict[int, int]:
    """Return, for every option, those before it that may be held in its stead without loss.

    They take no more, add the same, are worth as much, and exclude nothing else. So some best bundle
    holds none of the options without all of these: put the first that is lacking in its place.
    """
    found = dict.fromkeys(at.order, 0)
    if at.fares or menu.needs or menu.is_refused:
        return found
    for place, i in enumerate(at.order):
        for j in at.order[:place]:
            if (
                menu.sums[i] == menu.sums[j]
                and at.worth[j] >= at.worth[i]
                and all(map(le, menu.uses[j], menu.uses[i]))
                and not at.clash[j] & ~(at.clash[i] | 1 << i)
            ):
                found[i] |= 1 << j
    return found


class Pace(NamedTuple):
    """What long searches know of shortages: mending takes as much of some limits as it mends."""

    limits: list[int]
    lumps: list[int]
    """For every cost what all options mend multiples of; 0 where they mend nothing."""


def _paced(menu: Menu, at: Offer) -> Pace:
    """Return the limits of which every option takes as much as it mends of all shortages."""
    lumps, mended = [], dict.fromkeys(at.order, 0)
    for _, _, beyond, tree in at.costs:
        mends = {i: 0 if beyond else come_to(tree, menu.sums[i]) for i in at.order}
        lumps.append(gcd(*mends.values()))
        mended = {i: mended[i] + units for i, units in mends.items()}
    is_fine = any(lumps) and all(each > 0 for each, *_ in at.costs)
    limits = range(len(menu.limits)) if is_fine else ()
    takes = [k for k in limits if all(menu.uses[i][k] >= most for i, most in mended.items())]
    return Pace(takes, lumps)


def _mended_within(left: int, total: list[int], costs: list[Cost], lumps: list[int]) -> int:
    """Return what shortages can be mended at most with so many units of a limit.

    Lumps that mend all they are go first, then those of which a part is too much; the last lump is
    cut as if that were possible.
    """
    pieces, scale = [], lcm(*filter(None, lumps))
    for (each, limit, _, tree), lump in zip(costs, lumps, strict=True):
        short = limit - come_to(tree, total) if lump else 0
        if short >= lump > 0:
            pieces.append((each * scale, short // lump * lump))
        if short > 0 and short % lump:
            pieces.append((each * (short % lump) * (scale // lump), lump))
    found = 0
    for worth, units in sorted(pieces, reverse=True):
        found += worth * min(units, left)
        left -= min(units, left)
    return -(-found // scale)


def _with_musts(menu: Menu, at: Offer) -> tuple[int, int, list[int], list[int], int] | None:
    """Return where a search begins: with the locked seats. None if they cannot be held together."""
    held, shut, left, total = 0, 0, list(menu.limits), list(menu.nothing)
    for i in at.musts:
        held, shut = held | 1 << i, shut | at.clash[i]
        left, total = list(map(sub, left, menu.uses[i])), list(map(add, total, menu.sums[i]))
    if held != at.must or held & shut or min(left) < 0:
        return None
    paid = sum(fare for options, fare in at.fares if options & held)
    return held, shut, left, total, sum(at.worth[i] for i in at.musts) - paid


def _is_whole(held: int, total: list[int], demands: list[tuple[int, Tree]], menu: Menu) -> bool:
    """Tell whether a bundle keeps strict minima, and holds what its sections require before them."""
    return (
        all(come_to(tree, total) >= least for least, tree in demands)
        and all(held & any_of for one, any_of in menu.needs if held & one)
        and not (menu.is_refused and menu.is_refused(held))
    )


def _highest_sums(gains: list[int]) -> list[list[int]]:
    """Return, from each place on, the most that 0, 1, 2 ... of the gains add up to."""
    found: list[list[int]] = [[0]]
    highest: list[int] = []
    for gain in reversed(gains):
        insort(highest, -gain)
        found.append(list(accumulate(highest, sub, initial=0)))
    return found[::-1]


# --- the certificate ------------------------------------------------------------------------------

PRICE_SCALE = 1000
"""Prices and multipliers are whole thousandths of a point."""


class Leaf(NamedTuple):
    """One case of what opens, with everything its bound is made of."""

    subject: str
    decided: dict[str, bool]
    told: dict[str, int]
    """Row -> its price."""
    floors: list[int]
    bound: int
    """What the file says."""
    weights: Counter[str]
    """Goal -> what one unit counts: this tier's weights and the multipliers of earlier tiers."""
    prices: list[int]
    """The price of every row, by place."""
    shut: frozenset[int]
    """The rows whose seats a "no" closes."""
    tolls: dict[Toll, int]
    """(row, teacher, section) -> what she pays for this seat beside the prices."""
    owed: Counter[tuple[str, str]]
    """(teacher, section) -> what her tolls for this seat come to."""
    earned: Counter[str]
    """Switch -> what its tolls come to."""
    seats: Mapping[tuple[str, str], bool]
    """(teacher, section) -> whether she holds this seat in this case, where it is decided."""


Toll = tuple[str, str, str]


def read_leaves(shelf: Shelf) -> dict[int, list[Leaf]]:
    """Return the leaves of every tier as the file has them."""
    found: dict[int, list[Leaf]] = defaultdict(list)
    for (tier, number), lines in groupby(
        shelf.table("certificate.csv"), lambda row: (int(row["tier"]), row["leaf"])
    ):
        told: dict[str, dict[str, int]] = defaultdict(dict)
        for row in lines:
            if row["name"] in told[row["what"]]:
                raise Unreadable(f"certificate {tier}/{number}: {row['name']} stands twice")
            told[row["what"]][row["name"]] = int(row["value"])
        floors = [told["floor"][str(place + 1)] for place in range(len(told["floor"]))]
        decided = {switch: bool(value) for switch, value in told["decided"].items()}
        subject = f"{tier}/{number}"
        bound = told["bound"][""]
        found[tier].append(
            Leaf(
                *(subject, decided, told["price"], floors, bound, Counter(), [], frozenset()),
                {_toll(name): amount for name, amount in told["toll"].items()},
                *(Counter(), Counter()),
                {seat: yes for name, yes in decided.items() if (seat := _seat(name))},
            )
        )
    return found


def _seat(name: str) -> tuple[str, str] | None:
    """Return the teacher and section of a decided seat; None if a switch is decided."""
    if not name.startswith("["):
        return None
    try:
        teacher, section = json.loads(name)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"certificate: {name}") from error
    return str(teacher), str(section)


def _toll(name: str) -> Toll:
    try:
        row, teacher, section = json.loads(name)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"certificate: {name}") from error
    return str(row), str(teacher), str(section)


def uncovered(cases: list[dict[str, bool]], decided: dict[str, bool]) -> dict[str, bool] | None:
    """Return a case that no leaf covers; None if they cover all, as the leaves of a tree do."""
    live = [
        each for each in cases if all(decided.get(name, yes) == yes for name, yes in each.items())
    ]
    if any(each.keys() <= decided.keys() for each in live):
        return None
    common = set[str]().union(*live[:1]).intersection(*live) - decided.keys()
    if not common:
        return decided
    switch = min(common)
    missing = (uncovered(live, decided | {switch: yes}) for yes in (True, False))
    return next((each for each in missing if each is not None), None)


class Claim(NamedTuple):
    """A leaf, its tier, and what the tiers before it reached."""

    leaf: Leaf
    number: int
    tier: Row
    earlier: tuple[tuple[Row, int], ...]


class Sums(NamedTuple):
    """What the best bundles of some teachers, and those they hold, add up to in every leaf."""

    best: list[int]
    held: list[int]
    tolls: list[int]
    """What they pay beside the prices for what they hold."""
    problems: list[Problem]
    steps: list[int]
    """What every value of each leaf's tier is a multiple of (0: it is always 0)."""
    against: list[int]
    """How many seats the answer has otherwise than the case of each leaf says."""

    def add(self, other: Sums) -> None:
        """Add those of other teachers."""
        self.best[:] = map(add, self.best, other.best)
        self.held[:] = map(add, self.held, other.held)
        self.tolls[:] = map(add, self.tolls, other.tolls)
        self.problems.extend(other.problems)
        self.steps[:] = map(gcd, self.steps, other.steps)
        self.against[:] = map(add, self.against, other.against)


class Pricing:
    """The leaves with their goals and prices, and what in them is unlawful."""

    def __init__(self, instance: Instance, claims: list[Claim]) -> None:
        self.limits = instance.limits
        self.problems: list[Problem] = []
        self.switches: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.limits.rows):
            if row.switch:
                self.switches[row.switch].append(place)
        self.leaves = [self._priced(claim) for claim in claims]
        self.tiers = [claim.tier for claim in claims]

    def _priced(self, claim: Claim) -> Leaf:
        """Return a leaf with its goals, prices by place and closed rows; note what is unlawful."""
        leaf, rows = claim.leaf, self.limits.rows
        if (count := len(leaf.floors)) != len(claim.earlier):
            self.problems.append(Problem(f"{leaf.subject} floors", count, len(claim.earlier)))
            leaf = leaf._replace(floors=[0] * len(claim.earlier))
        weights = Counter({goal: PRICE_SCALE * weight for goal, weight in claim.tier.items()})
        for multiplier, (goals, _) in zip(leaf.floors, claim.earlier, strict=True):
            for goal, weight in goals.items():
                weights[goal] += multiplier * weight
        prices = [leaf.told.get(row.id, 0) for row in rows]
        shut = frozenset(
            place
            for switch, yes in leaf.decided.items()
            for place in self.switches.get(switch, ())
            if not yes and rows[place].high < UNLIMITED
        )
        unlawful = {f"floor {place}" for place, each in enumerate(leaf.floors, 1) if each < 0}
        unlawful |= leaf.told.keys() - self.limits.places.keys()
        unlawful |= {name for name in leaf.decided.keys() - self.switches.keys() if not _seat(name)}
        pairs = zip(rows, prices, strict=True)
        unlawful |= {row.id for row, price in pairs if not _is_lawful(row, price, weights)}
        unlawful |= {" ".join(toll) for toll in leaf.tolls if not self._is_owed(toll, leaf)}
        for name in sorted(unlawful):
            problem = Problem(f"{leaf.subject} {name}", leaf.told.get(name), "lawful")
            self.problems.append(problem)
        leaf = leaf._replace(weights=weights, prices=prices, shut=shut)
        for (row, *seat), amount in leaf.tolls.items():
            if row in self.limits.places:
                leaf.owed[seat[0], seat[1]] += amount
                leaf.earned[rows[self.limits.places[row]].switch] += amount
        return leaf

    def _is_owed(self, toll: Toll, leaf: Leaf) -> bool:
        """Tell whether a seat cannot be held unless the switch that receives its toll is yes."""
        name, _, section = toll
        row = self.limits.rows[self.limits.places[name]] if name in self.limits.places else None
        return (
            row is not None
            and bool(row.switch)
            and row.high < UNLIMITED
            and row.people is None
            and row.sections.get(section, 0) > 0
            and leaf.tolls[toll] >= 0
        )

    def sums(self, case: Case) -> Sums:
        """Return what the bundles of the teachers of a case add up to."""
        nothing = [0] * len(self.leaves)
        steps = tier_steps(case.instance, self.tiers)
        against = [
            sum(
                yes != (section in case.held.get(teacher, ()))
                for (teacher, section), yes in leaf.seats.items()
                if teacher in case.instance.teachers
            )
            for leaf in self.leaves
        ]
        found = Sums(nothing.copy(), nothing.copy(), nothing, [], steps, against)
        menus = Menus(case.instance, self.leaves)
        for teacher in case.instance.teachers if self.leaves else ():
            menu, held = menus.menu(teacher), set(case.held.get(teacher, ()))
            for place, leaf in enumerate(self.leaves):
                at = menu and offer(menu, leaf, place, menus.linear)
                best = menu and at and best_bundle(menu, at)
                if menu is None or at is None or best is None:
                    found.problems.append(Problem(f"{leaf.subject} {teacher}", None, "bundle"))
                else:
                    found.best[place] += best
                    found.held[place] += bundle_value(menu, at, held)
                    found.tolls[place] += sum(leaf.owed.get((teacher, each), 0) for each in held)
        return found


class Certificate:
    """The leaves of a result against the tables it is about.

    Let x be any answer of a leaf's case in which every earlier tier j reaches v_j or more. Count
    its points for this tier and m_j >= 0 times what each earlier tier exceeds v_j: that only adds.
    Charge every seat the prices of its rows, and give each row's price times its limit back: that
    only adds too, for a priced limit is kept (a shortage costs at least as much). Now teachers
    share nothing any more: nobody can add more than her best bundle at these prices. So the sum of
    best bundles, prices times limits, and switches, less m_j v_j, is a bound for x. The leaves of
    a tier cover every case, so the highest of their bounds holds for all.
    """

    def __init__(
        self,
        total: Total,
        claims: list[Claim],
        pricing: Pricing | None = None,
        sums: Sums | None = None,
    ) -> None:
        self.case, self.claims = total, claims
        pricing = pricing or Pricing(total.instance, claims)
        if sums is None:
            assert isinstance(total, Case), "what all bundles add up to has to be told"
            sums = pricing.sums(total)
        self.rows, self.leaves, self.switches = (
            pricing.limits.rows,
            pricing.leaves,
            pricing.switches,
        )
        self.problems = pricing.problems + sums.problems
        self.best, self.held, self.tolls = sums.best, sums.held, sums.tolls
        self.steps, self.against = sums.steps, sums.against

    def exact(self, place: int) -> int:
        """Return the bound of a leaf in thousandths, before it is rounded down."""
        leaf = self.leaves[place]
        rows = (
            place for place, row in enumerate(self.rows) if leaf.prices[place] and not row.switch
        )
        given = sum(self._back(leaf, row) for row in rows)
        given += sum(self._switch(leaf, name) for name in self.switches)
        earlier = zip(leaf.floors, self.claims[place].earlier, strict=True)
        return self.best[place] + given - sum(m * reached for m, (_, reached) in earlier)

    def bound(self, place: int) -> int:
        """Return what a leaf proves: the highest value not above its sum that an answer can have."""
        step = max(1, self.steps[place])
        return self.exact(place) // (PRICE_SCALE * step) * step

    def told(self, place: int) -> int:
        """Return the bound a leaf states, if it proves it; else what it proves.

        A bound rounded down to whole points only is as true, and early results have such.
        """
        stated, whole = self.claims[place].leaf.bound, self.exact(place) // PRICE_SCALE
        return min(max(stated, self.bound(place)), whole)

    def _back(self, leaf: Leaf, row: int) -> int:
        """Return a row's price times the limit it prices."""
        price = leaf.prices[row]
        return price * (self.rows[row].high if price > 0 else self.rows[row].low)

    def _yes(self, leaf: Leaf, switch: str) -> int:
        """Return what "yes" adds: prices times limits, tolls, and its own points."""
        points = sum(self.rows[row].points for row in self.switches[switch])
        back = sum(self._back(leaf, row) for row in self.switches[switch] if leaf.prices[row])
        return back + leaf.earned[switch] + leaf.weights["welfare"] * points

    def _switch(self, leaf: Leaf, switch: str) -> int:
        """Return what a switch adds to a leaf's bound: the better of both, unless it is decided."""
        yes = self._yes(leaf, switch)
        return leaf.decided[switch] * yes if switch in leaf.decided else max(yes, 0)

    # what the gap is made of

    @cached_property
    def used(self) -> list[int]:
        """What the answer uses of every row."""
        return [self.case.tally["use", row.id] for row in self.rows]

    def is_on(self, switch: str) -> bool:
        """Tell what the answer makes of a switch."""
        return any(
            self.used[row] > 0
            if self.rows[row].high < UNLIMITED
            else self.used[row] >= self.rows[row].low
            for row in self.switches[switch]
        )

    def own(self, places: list[int]) -> int | None:
        """Return the leaf that the answer itself belongs to."""
        for place in places:
            told = self.leaves[place].decided.items()
            opened = all(self.is_on(name) == yes for name, yes in told if name in self.switches)
            if opened and not self.against[place]:
                return place
        return None

    def parts(self, place: int) -> tuple[dict[str, int], list[tuple[str, int, int, int]]]:
        """Return what lies between a leaf's bound and its answer, and (row, price, units, points)."""
        leaf = self.leaves[place]
        slack, short = [], 0
        for at, row in enumerate(self.rows):
            on = self.is_on(row.switch) if row.switch else 1
            price, used = leaf.prices[at], self.used[at]
            missing = max(on * row.low - used, 0) if row.goal else 0
            short += missing * (leaf.weights[row.goal] * row.weight + min(price, 0))
            left = on * row.high - used if price > 0 else used - on * row.low + missing
            if price and left:
                slack.append((row.id, price, left, abs(price) * left))
        names = self.switches
        found = {
            "losses": self.best[place] - self.held[place],
            "slack": sum(points for *_, points in slack),
            "short": short,
            "openings": sum(
                self._switch(leaf, name) - self.is_on(name) * self._yes(leaf, name)
                for name in names
            ),
            "tolls": sum(leaf.earned[name] for name in names if self.is_on(name))
            - self.tolls[place],
        }
        return found, sorted(slack, key=lambda row: (-row[3], row[0]))


def tier_steps(instance: Instance, tiers: list[Row]) -> list[int]:
    """Return what every value of some tiers is a multiple of, as far as some teachers know.

    Points, weights and minutes only ever add up to multiples of their greatest common divisor.
    """
    steps = {goal: goal_step(instance, goal) for goal in set[str]().union(*tiers)}
    return [gcd(*(weight * steps[goal] for goal, weight in tier.items())) for tier in tiers]


def goal_step(instance: Instance, goal: str) -> int:
    """Return what every value of a goal is a multiple of (0: it is always 0)."""
    if goal in STEPS:
        return STEPS[goal](instance)
    if goal not in LINEAR:
        return 1
    wishes = ((teacher, wish) for teacher, each in instance.wishes.items() for wish in each)
    return gcd(*(LINEAR[goal](instance, *each) for each in wishes))


def _step_of_welfare(instance: Instance) -> int:
    step = gcd(*(row.points for row in instance.limits.rows))
    for wishes in instance.wishes.values():
        step = gcd(step, *(wish.points for wish in wishes))
    return step


def _step_of_hours(instance: Instance) -> int:
    topics = (row for row in instance.rows("topics") if not row["strict"])
    weights = (row["weight"] for row in topics if instance.people(row["teachers_where"]))
    due = (
        instance.requirement(name)["weight"] * gcd(minutes, _step_of_count(instance, name))
        for name, minutes in _due(instance).items()
        if not instance.requirement(name)["strict"]
    )
    return gcd(*weights, *due)


def _step_of_overshoot(instance: Instance) -> int:
    return gcd(
        *(
            gcd(minutes, *(instance.minutes([name]) for name in instance.reach(requirement)))
            for requirement, minutes in _due(instance).items()
            if not instance.requirement(requirement)["parent"]
        )
    )


def _due(instance: Instance) -> dict[str, int]:
    """Return of every requirement that somebody is due what all minutes due are a multiple of."""
    found: dict[str, int] = {}
    for row in instance.rows("due"):
        name = row["requirement"]
        found[name] = gcd(found.get(name, 0), row["minutes"])
    return found


def _step_of_count(instance: Instance, requirement: str) -> int:
    """Return what the minutes that count for a requirement are a multiple of."""
    row, children = instance.tree[requirement]
    own = (instance.minutes([name]) for name in instance.own(requirement))
    cap = row["cap"] if row["cap"] < UNLIMITED else 0
    return gcd(cap, *own, *(_step_of_count(instance, child) for child in children))


def _step_of_quotas(instance: Instance) -> int:
    return gcd(*(row.weight for row in instance.limits.rows if row.goal and row.low > 0))


STEPS: dict[str, Callable[[Instance], int]] = {
    "welfare": _step_of_welfare,
    "hours_short": _step_of_hours,
    "overshoot": _step_of_overshoot,
    "quota_short": _step_of_quotas,
}
"""What the values of goals that are no plain sum over seats are multiples of."""


def _is_lawful(row: SharedRow, price: int, weights: Counter[str]) -> bool:
    """Tell whether a limit with this price is kept, or costs at least as much where it is not."""
    if price > 0:
        return row.high < UNLIMITED
    if row.switch or price == 0:
        return True
    short = weights[row.goal] * row.weight if row.goal else weights[STRICT]
    return -price <= short or (not row.goal and not weights[STRICT])


def bundle_value(menu: Menu, at: Offer, held: set[str]) -> int:
    """Return what held sections are worth at the prices of an offer."""
    mine = [
        i for i, option in enumerate(menu.options) if option[0] in held and held.issuperset(option)
    ]
    have = sum(1 << i for i in mine)
    total = [
        sum(column) for column in zip(menu.nothing, *(menu.sums[i] for i in mine), strict=True)
    ]
    value = sum(at.worth[i] for i in mine) - sum(
        fare for options, fare in at.fares if options & have
    )
    for each, limit, beyond, tree in at.costs:
        reached = come_to(tree, total)
        value -= each * max(0, reached - limit if beyond else limit - reached)
    return value


# --- part by part ---------------------------------------------------------------------------------


def seats_within(tables: Tables, span: Span | None) -> Seats:
    """Return the seats of the teachers of a span, or all."""
    return [tuple(row.values()) for row in tables.within("seats", span)]


@dataclass
class Found:
    """What a part of the teachers adds to the account."""

    tally: Tally
    breaches: dict[str, list[tuple[str, int, int]]]
    twice: Check
    labels: Check
    sums: Sums

    def add(self, other: Found) -> None:
        """Add the teachers that come next."""
        self.tally.update(other.tally)
        for code, breaches in other.breaches.items():
            self.breaches[code] += breaches
        for mine, theirs in ((self.twice, other.twice), (self.labels, other.labels)):
            mine.looked += theirs.looked
            mine.problems += theirs.problems
        self.sums.add(other.sums)


class Swept(NamedTuple):
    """What all teachers come to."""

    total: Total
    found: Found
    leaves: dict[int, list[Leaf]]
    pricing: Pricing
    digests: tuple[str, str]
    """Of the instance and of the result, as they are."""


INSTANCE, RESULT = "instance", "result"


class Work:
    """What has to be done, part by part, here or in another process."""

    def __init__(self, answer: Answer, pricing: Pricing) -> None:
        self.instance, self.seats, self.pricing = answer.instance, answer.seats, pricing
        self._rules = [code for code in RULES if code not in OVER_MANY]
        self._goals = {goal for _, tier, _ in answer.rechecked for goal in tier} - {STRICT}
        if answer.head["status"] == "infeasible":
            self._rules = []
        prices = [[row["row"], int(row["price"])] for row in answer.shelf.table("prices.csv")]
        content = {"instance": answer.head["instance_digest"], "prices": prices}
        self._before = canonical(content)[:-1] + b',"seats":['
        self._behind = b"]," + canonical({"settings": answer.head["settings"]})[1:]

    def do(self, task: str | Span | None) -> Found | str:
        """Do one task: a digest, or the teachers of a span, or all of them."""
        if task == INSTANCE:
            return self.instance.digest
        if task == RESULT:
            return self._digest()
        assert not isinstance(task, str)
        with _no_collector():
            return self._part(task)

    def _digest(self) -> str:
        """Return the digest of the result as docs/format.md has it."""
        hasher = hashlib.sha256(self._before)
        between = b""
        for row in self.seats.within("seats", None):
            hasher.update(between + canonical(row))
            between = b","
        hasher.update(self._behind)
        return hasher.hexdigest()

    def _part(self, span: Span | None) -> Found:
        instance = self.instance.part(span)
        case = Case(instance, seats_within(self.seats, span))
        tally = case.tally.copy()
        for table in OF_TEACHERS:
            lines = instance.rows(table) if table != "choices" else ()
            tally["lines", table] = len(lines)
        tally["lines", "seats"], tally["lines", "pairs"] = len(case.seats), len(case.pairs)
        for goal in self._goals:
            if goal not in TOGETHER or goal in ALONE:
                tally["goal", goal] = ALONE[goal](case)
        breaches = {code: list(RULES[code](case)) for code in self._rules}
        return Found(tally, breaches, *_seats_one_by_one(case), self.pricing.sums(case))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Look for no rings of references: much is made here, and forgotten together soon."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _seats_one_by_one(case: Case) -> tuple[Check, Check]:
    """Hold every seat against the choices: one of hers, once, and labelled as what it is."""
    twice, labels = Check("V4", "seats"), Check("V4", "seats")
    for pair, times in Counter((seat[0], seat[1]) for seat in case.seats).items():
        twice.same("/".join(pair), times, 1)
    for teacher, section, rank, kind in case.seats:
        wish = case.chosen.get((teacher, section))
        right = "locked" if (teacher, section) in case.instance.locked else wish and wish.kind
        labels.same(f"{teacher}/{section}", (rank, kind), wish and (wish.rank, right))
    return twice, labels


def sweep(answer: Answer, jobs: int) -> Swept:
    """Go once through all teachers, in so many processes, and add up what they come to."""
    while True:
        try:
            return _swept(answer, jobs)
        except Odd as odd:
            tables = answer.seats if odd.args[0] == "seats" else answer.instance.tables
            tables.settle(odd.args[0])


def _swept(answer: Answer, jobs: int) -> Swept:
    instance = answer.instance
    leaves = read_leaves(answer.shelf) if "certificate.csv" in answer.shelf else {}
    pricing = Pricing(instance, claims(answer.rechecked, leaves, None))
    spans = instance.tables.spans(SPAN)
    tasks: list[str | Span | None] = [INSTANCE, RESULT]
    if len(spans) > 1:
        tasks += spans
        instance.tables.load(COLUMNS)
        for tables in (instance.tables, answer.seats):
            tables.cut(spans)
    else:
        tasks.append(None)
        jobs = 1
    results = done(Work(answer, pricing), tasks, jobs)
    digests = str(next(results)), str(next(results))
    found = next(results)
    assert isinstance(found, Found)
    for more in results:
        assert isinstance(more, Found)
        found.add(more)
    return Swept(Total(instance, found.tally), found, leaves, pricing, digests)


_work: Work | None = None
"""What a process of ours was started for."""


def _begin(work: Work) -> None:
    """Prepare a process: it ends at Ctrl-C without a word, and leaves what it was given alone."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.freeze()


def _do(task: str | Span | None) -> Found | str:
    assert _work is not None
    return _work.do(task)


def done(work: Work, tasks: list[str | Span | None], jobs: int) -> Iterator[Found | str]:
    """Yield what comes of tasks, in their order; with one job everything is done right here."""
    if jobs == 1:
        yield from map(work.do, tasks)
        return
    others = set(active_children())
    context = get_context("fork" if sys.platform == "linux" else None)
    pool = ProcessPoolExecutor(jobs, context, _begin, (work,))
    try:
        yield from pool.map(_do, tasks)
    except BrokenProcessPool:
        raise Unreadable("a process ended early; with --jobs 1 less memory is needed") from None
    except BaseException:
        for child in set(active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


# --- checks of one result -------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """One solve: an instance with the seats it was answered by."""

    number: str
    instance: Instance
    head: Row
    shelf: Shelf

    @classmethod
    def at(cls, number: str, instance: Instance, shelf: Shelf) -> Answer:
        """Read a result that lies on a shelf."""
        answer = cls(number, instance, shelf.json("result.json"), shelf)
        answer.seats.load(["seats"])
        return answer

    @cached_property
    def seats(self) -> Tables:
        """The seats, by teacher."""
        return Tables(self.shelf)

    @cached_property
    def case(self) -> Case:
        """All seats at once, for rounds that are not too large."""
        return Case(self.instance, seats_within(self.seats, None))

    @cached_property
    def goals(self) -> list[Row]:
        """The tiers as the result tells them."""
        told: list[Row] = self.shelf.json("goals.json")
        return told

    @property
    def tiers(self) -> list[Row]:
        """The goals of every tier and their weights; of an infeasible round the strict minima."""
        if self.head["status"] == "infeasible":
            return [{STRICT: 1}][: len(self.goals)]
        return [tier["goals"] for tier in self.instance.meta["tiers"]]

    @property
    def numbers(self) -> list[int]:
        """The number of every tier."""
        first = 0 if self.head["status"] == "infeasible" else 1
        return list(range(first, first + len(self.tiers)))

    @property
    def rechecked(self) -> list[tuple[int, Row, Row]]:
        """Number, goals and what is told of every tier; hidden lots end the list."""
        tiers = list(zip(self.numbers, self.tiers, self.goals, strict=False))
        if self.instance.lots_are_hidden:
            return list(takewhile(lambda each: "lottery" not in each[1], tiers))
        return tiers

    @property
    def gap(self) -> float | None:
        """The gap of welfare, None without a bound."""
        goals = (goal for goal in self.goals if goal["code"] == "welfare")
        return next((gap_of(goal) for goal in goals if goal["bound"] is not None), None)

    @property
    def published(self) -> dict[tuple[str, str], str]:
        """The seats that everybody was told: round 1 keeps its assigned ones to itself."""
        return {
            (teacher, section): kind
            for teacher, section, _, kind in self.case.seats
            if self.number != "1" or kind != "assignable"
        }


def result_checks(answer: Answer, jobs: int = 1) -> Iterator[Check]:
    """Yield what can be said of one instance with its result."""
    where, head = answer.number, answer.head
    swept = sweep(answer, jobs)
    total, found = swept.total, swept.found
    yield _result_digests(answer, swept)
    seed = Check("V3", "seed_used", where)
    seed.same("seed", head["seed"], str(answer.instance.meta.get("seed", "0")))
    yield seed
    yield _seats(where, total, head, found)
    for code in RULES if head["status"] != "infeasible" else ():
        table = TABLE_OF.get(code, "pairs")
        is_counted = table in OF_TEACHERS or table == "pairs"
        lines = found.tally["lines", table] if is_counted else len(answer.instance.rows(table))
        breaches = OVER_MANY[code](total) if code in OVER_MANY else sorted(found.breaches[code])
        yield Check("V4", code, where, lines).within(breaches)
    yield from _goal_checks(answer, swept)


def _result_digests(answer: Answer, swept: Swept) -> Check:
    head, shelf = answer.head, answer.shelf
    check = Check("V1", "result_digests", answer.number, note=head["digest"])
    for name, told in sorted(head["files"].items()):
        check.same(name, shelf.digest(name, text=True) if name in shelf else "", told)
    check.same("instance", swept.digests[0], head["instance_digest"])
    check.same("digest", swept.digests[1], head["digest"])
    return check


def _seats(where: str, total: Total, head: Row, found: Found) -> Check:
    """Add what concerns all seats to what was found of each."""
    check = Check("V4", "seats", where)
    for part in (found.twice, found.labels):
        check.looked += part.looked
        check.problems += part.problems
    empty = [name for name in total.instance.sections if not total.tally["seats", name]]
    is_infeasible = head["status"] == "infeasible"
    check.same("closed", head["closed"], [] if is_infeasible else empty)
    check.same("infeasible", is_infeasible and found.tally["lines", "seats"] > 0, False)
    return check


def _goal_checks(answer: Answer, swept: Swept) -> Iterator[Check]:
    where, told, total = answer.number, answer.goals, swept.total
    values, bounds = Check("V5", "goals", where), Check("V5", "bounds", where)
    tiers = answer.tiers
    values.same("tiers", [goal["code"] for goal in told], ["+".join(sorted(t)) for t in tiers])
    values.same("order", [goal["tier"] for goal in told], answer.numbers)
    for goal, tier in zip(told, tiers, strict=False):
        if "lottery" in tier and answer.instance.lots_are_hidden:
            values.left_out = "as_stated"
            continue
        sign = -1 if is_loss(tier) else 1
        if STRICT not in tier:
            values.same(goal["code"], goal["value"], sign * gain_of(total, tier))
        values.same(f"{goal['code']}: sense", goal["sense"], "min" if sign < 0 else "max")
        _bound_check(bounds, goal, sign)
    proved = all(goal["proof"] == "exact" for goal in told)
    if answer.head["status"] in ("optimal", "feasible"):
        bounds.same("status", answer.head["status"], "optimal" if proved else "feasible")
    yield values
    yield bounds
    yield from _certificate_checks(answer, swept)


def is_loss(tier: Row) -> bool:
    """Tell whether a tier is told as a shortage: the fewer the better."""
    return len(tier) == 1 and set(tier) <= GOALS.keys() - set(GAINS)


def gain_of(total: Total, tier: Row) -> int:
    """Return what a tier comes to, higher is better."""
    signed = {code: weight if code in GAINS else -weight for code, weight in tier.items()}
    return sum(weight * total.goal(code) for code, weight in signed.items())


def _bound_check(check: Check, goal: Row, sign: int) -> None:
    """Hold a bound against its value, and what is said to prove it against both."""
    code, value, bound = goal["code"], goal["value"], goal["bound"]
    if bound is None:
        check.same(f"{code}: proof", goal["proof"], "none")
        return
    check.same(f"{code}: bound", max(sign * bound, sign * value), sign * bound)
    check.same(f"{code}: proof", goal["proof"] == "exact", bound == value)
    if goal.get("price_bound") is not None:
        weaker = sign * goal["price_bound"]
        check.same(f"{code}: price bound", max(weaker, sign * bound), weaker)


def gap_of(goal: Row) -> float:
    """Return the relative distance between value and bound."""
    return abs(int(goal["bound"]) - int(goal["value"])) / max(abs(int(goal["bound"])), 1)


def _certificate_checks(answer: Answer, swept: Swept) -> Iterator[Check]:
    """Hold the bound of every tier against its leaves, and say how the gap of welfare splits."""
    check, gap = Check("V5", "certificate", answer.number), Check("V5", "gap", answer.number)
    leaves, tiers = swept.leaves, answer.rechecked
    check.same("format", bool(leaves), answer.head["format"] > 1 and bool(answer.goals))
    check.same("tiers", sorted(leaves.keys() - answer.numbers), [])
    if answer.head["status"] == "infeasible":
        check.left_out = "" if leaves else "clash_stated"
        reached = [goal["bound"] for goal in answer.goals]
        check.same("infeasible: bound", all(bound < 0 for bound in reached), True)
    if answer.instance.lots_are_hidden:
        check.left_out = "as_stated"
    work = claims(tiers, leaves, swept.total)
    certificate = Certificate(swept.total, work, swept.pricing, swept.found.sums)
    check.problems += certificate.problems
    for place, claim in enumerate(work):
        check.same(claim.leaf.subject, claim.leaf.bound, certificate.told(place))
    for number, tier, goal in tiers:
        places = [place for place, claim in enumerate(work) if claim.number == number]
        _tier_check(check, goal, certificate, places, is_early=answer.head["format"] == 1)
        gap.told += _distance(goal, len(places))
        if places and "welfare" in tier and goal["bound"] is not None:
            _split(gap, swept.total, goal, certificate, places)
    yield check
    yield gap


def claims(
    tiers: list[tuple[int, Row, Row]], leaves: dict[int, list[Leaf]], total: Total | None
) -> list[Claim]:
    """Return every leaf with its tier and what the tiers before it reached (0 if not known yet)."""
    found: list[Claim] = []
    earlier: tuple[tuple[Row, int], ...] = ()
    for number, tier, _ in tiers:
        found += [Claim(leaf, number, tier, earlier) for leaf in leaves.get(number, ())]
        if STRICT not in tier:
            earlier = (*earlier, (tier, gain_of(total, tier) if total else 0))
    return found


def _tier_check(
    check: Check, goal: Row, certificate: Certificate, places: list[int], *, is_early: bool
) -> None:
    """Hold the bound of a tier against its leaves; without any it is nobody's proof.

    An early result, of format 1, has none and did not know that this is to be said.
    """
    code = goal["code"]
    if not places:
        check.left_out = "bound_stated"
        if not is_early:
            check.same(f"{code}: proof", goal["proof"] in ("search", "none"), True)
        return
    leaves = [certificate.leaves[place] for place in places]
    tier = certificate.claims[places[0]].tier
    missing = uncovered([leaf.decided for leaf in leaves], {})
    check.same(f"{code}: cases", missing, None)
    proved = max(map(certificate.told, places))
    check.same(f"{code}: bound", goal["bound"], -proved if is_loss(tier) else proved)
    check.same(f"{code}: proof", goal["proof"] in ("prices", "exact"), True)


def _distance(goal: Row, leaves: int) -> list[tuple[str, Row]]:
    """Return the line on how far a tier may be from the best."""
    if goal["bound"] is None:
        return [("gap_open", {"goal": goal["code"], "value": goal["value"]})]
    told = {"goal": goal["code"], "value": goal["value"], "bound": goal["bound"], "cases": leaves}
    share = f"{gap_of(goal):.4%}"
    return [("gap_tier" if leaves else "gap_stated", told | {"gap": share})]


def _split(
    gap: Check, total: Total, goal: Row, certificate: Certificate, places: list[int]
) -> None:
    """Say what the gap of welfare is made of, and hold the parts against the whole."""
    own = certificate.own(places)
    if own is None:
        gap.problems.append(Problem("case", None, "a leaf"))
        return
    parts, slack = certificate.parts(own)
    exact, bound = certificate.exact(own), PRICE_SCALE * certificate.told(own)
    gap.same("parts", sum(parts.values()), exact - PRICE_SCALE * goal["value"])
    parts |= {"rounding": bound - exact, "others": PRICE_SCALE * goal["bound"] - bound}
    whole = goal["bound"] - goal["value"]
    figures = {name: thousandths(value) for name, value in parts.items()}
    gap.told.append(("gap_parts", {"points": whole} | figures))
    kinds: Counter[str] = Counter()
    for row, _, _, points in slack:
        kinds[row.partition(":")[0]] += points
    for kind, points in kinds.most_common():
        gap.told.append(("gap_kind", {"kind": kind, "points": thousandths(points)}))
    for row, price, units, points in slack[:TOP_ROWS]:
        told = {"row": row, "price": thousandths(price), "units": units}
        gap.told.append(("gap_row", told | {"points": thousandths(points)}))
    seats, people = (total.tally["lines", name] for name in ("seats", "teachers"))
    if goal["value"] > 0:
        told = {"seats": -(-whole * seats // goal["value"]), "all": seats}
        gap.told.append(("gap_seats", told | {"each": f"{whole / max(people, 1):.3f}"}))


def thousandths(value: int) -> str:
    """Write thousandths as points."""
    return f"{value / PRICE_SCALE:g}"


# --- the log --------------------------------------------------------------------------------------

HASHED = (
    *("seq", "round_id", "kind", "actor", "role", "scope", "request_id", "at", "reason"),
    *("second", "body_digest", "previous"),
)
KEYS = {
    "hand_in": ("teacher_id",),
    "place": ("section_id", "number"),
    "waiting": ("section_id", "position"),
    "limit_use": ("row",),
    "override": ("teacher_id", "section_id"),
    "transfer": ("teacher_id",),
    "attendance_mark": ("section_id", "teacher_id", "day", "half"),
    "posting": ("section_id",),
}
"""The tables that the log tells whole, and what makes a row of one round unique."""
FILES = {
    "hand_in": "ballots.csv",
    "place": "seats-final.csv",
    "waiting": "waiting.csv",
    "limit_use": "limits.csv",
    "override": "overrides.csv",
    "transfer": "transfers.csv",
    "attendance_mark": "attendance.csv",
    "posting": "postings.csv",
}
GENESIS = "0" * 64
TAKEN = ("ballot.handed_in", "ballot.withdrawn", "ballot.adopted")
BEFORE_SEAL = ("announced", "open", "paused", "school_review")
UNKNOWN = "?"
"""The state of a round after an event whose body is gone."""
Table = dict[tuple[str, ...], dict[str, str]]
Moves = list[tuple[int, Row]]


def cell(value: Any) -> str:
    """Return a value of the database as the CSV files of an archive write it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical(value).decode()


class Log:
    """The lines of events.jsonl, checked one by one, and the rows that they leave behind."""

    def __init__(self, shelf: Shelf, manifest: Row) -> None:
        self.chain, self.bodies = Check("V1", "log_chain"), Check("V1", "log_bodies")
        self.entries = Check("V2", "entries")
        self.tables: dict[str, Table] = {name: {} for name in KEYS}
        self.places: set[tuple[str, str]] = set()
        """Every (teacher, section) that a place was ever held for."""
        self.posted: dict[str, Counter[str]] = {}
        """Section -> account minutes by teacher, of every section whose lines the log tells."""
        self.reached: dict[str, Moves] = defaultdict(list)
        """State -> number and body of every event that led the round there, and who did it."""
        self._state, self._window = "draft", ("", "")
        self._round, self._before, self._last = manifest["round"], GENESIS, 0
        self.forgotten = 0
        kinds: Counter[str] = Counter()
        for line in shelf.lines("events.jsonl"):
            kinds[line["kind"]] += 1
            self._link(line)
            if line.get("round_id") == self._round or "round_id" not in line:
                self._read(line)
        told = manifest["log"]
        self.chain.same("events", sum(kinds.values()), told["events"])
        self.chain.same("kinds", dict(kinds), told["kinds"])
        self.chain.same("head", self._before, told["head"])
        if self.forgotten:
            self.bodies.note, self.bodies.left_out = str(self.forgotten), "no_bodies"

    @property
    def is_whole(self) -> bool:
        """Whether every event of the round still has its body."""
        return not self.forgotten

    def _link(self, line: Row) -> None:
        self.chain.same(
            f"#{line['seq']}", (line["seq"], line["previous"]), (self._last + 1, self._before)
        )
        if "round_id" in line:
            told = canonical({name: line[name] for name in HASHED})
            self.chain.same(f"#{line['seq']}: hash", sha256(told), line["hash"])
        self._last, self._before = line["seq"], line["hash"]

    def _read(self, line: Row) -> None:
        """Follow the round through one event."""
        body = json.loads(line["body"]) if "body" in line else {}
        if line["kind"].startswith("ballot."):
            self._check_entry(line, body)
        if "body" not in line:
            self.forgotten += 1
            if line["kind"].startswith("round."):
                self._state = UNKNOWN
            return
        digest = sha256((line["salt"] + line["body"]).encode())
        self.bodies.same(f"#{line['seq']}", digest, line["body_digest"])
        for change in body.get("rows", ()):
            self._follow(line, change["table"], change["after"])
        if "ledger" in body:
            self._post(body["section"], body["ledger"])
        if "to" in body:
            self.reached[body["to"]].append((line["seq"], body | {"actor": line["actor"]}))
            self._state = body["to"]
        if body.get("closes_at"):
            self._window = body["opens_at"], body["closes_at"]

    def _post(self, section: str, lines: Mapping[str, int]) -> None:
        """Add lines `teacher/year/category/section/round/section#number` to what was posted."""
        posted = self.posted.setdefault(section, Counter())
        for line, minutes in lines.items():
            work = line.rpartition("#")[0].removesuffix(f"/section/{self._round}/{section}")
            posted[work.rsplit("/", 2)[0]] += minutes

    def _check_entry(self, line: Row, body: Row) -> None:
        """Hold an entry against the state and the window it arrived in."""
        subject = f"#{line['seq']} {line['kind']}"
        if self._state == UNKNOWN:
            return
        if line["kind"] in TAKEN:
            self.entries.same(subject, self._state, "open")
            opens, closes = self._window
            self.entries.same(f"{subject} {line['at']}", opens <= line["at"] < closes, True)
        else:
            self.entries.same(subject, self._state in BEFORE_SEAL, True)
        for change in body.get("rows", ()) if line["kind"] == "ballot.amended" else ():
            was = self.tables["hand_in"].get((change["after"]["teacher_id"],), {})
            if self.is_whole:
                self.entries.same(f"{subject}: school", was.get("school"), "returned")

    def _follow(self, line: Row, table: str, after: Row) -> None:
        rows = self.tables[table]
        if "deleted" in after:
            rows.pop(tuple(map(cell, after["deleted"][1:])), None)
            return
        row = {name: cell(value) for name, value in after.items()}
        key = tuple(row[name] for name in KEYS[table])
        if table == "hand_in":
            after_last = 1 + (int(rows[key]["version"]) if key in rows else 0)
            right = after_last if self.is_whole else max(after_last, int(row["version"]))
            self.entries.same(f"#{line['seq']} {key[0]}: version", int(row["version"]), right)
        if table == "place" and row["teacher_id"]:
            self.places.add((row["teacher_id"], row["section_id"]))
        rows[key] = row


# --- an archived round ----------------------------------------------------------------------------

BY_GROUP = ("quota", "level_share", "reserve", "school_release")
"""Rules about groups of teachers, which a change of schools after sealing changes."""
ONLINE = (("", ""),)
"""The half-days of a section without meetings: one mark, for the whole of it."""
LIST_COLUMNS = ["teacher", "section", "round", "kind"]


class Archive:
    """A whole round: its log, its snapshot, its answers and what became of them."""

    def __init__(self, shelf: Shelf, jobs: int = 1) -> None:
        self.shelf, self._jobs = shelf, jobs
        self.manifest: Row = shelf.json("manifest.json")
        self.is_public = bool(self.manifest["public"])

    @cached_property
    def log(self) -> Log:
        """The log, checked line by line."""
        return Log(self.shelf, self.manifest)

    @cached_property
    def files(self) -> dict[str, Table]:
        """The tables that the log tells, as the bundle holds them."""
        return {
            table: {tuple(row[name] for name in KEYS[table]): row for row in self.shelf.table(file)}
            for table, file in FILES.items()
            if file in self.shelf
        }

    @cached_property
    def answers(self) -> list[Answer]:
        """The published solves, the first one first."""
        found = []
        for told in self.manifest["answers"]:
            instance = Instance.at(self.shelf.under(told["instance"]))
            instance.lots_are_hidden = self.is_public
            found.append(Answer.at(str(told["number"]), instance, self.shelf.under(told["result"])))
        return found

    def checks(self) -> Iterator[Check]:
        """Yield every check of the archive."""
        yield self._listed()
        yield self.log.chain
        yield self.log.bodies
        yield self._tables()
        yield self.log.entries
        yield self._sealed()
        yield self._merkle()
        yield self._choices()
        yield self._commitment()
        yield self._lottery()
        for answer in self.answers:
            yield from result_checks(answer, self._jobs)
        yield self._answered()
        yield self._by_hand()
        yield from self._final()
        yield self._hours()
        yield self._public_list()

    def _listed(self) -> Check:
        """Hold every file against the list of the manifest: none changed, missing or added."""
        check = Check("V1", "files", note=self.shelf.digest("manifest.json"))
        told = self.manifest["files"]
        found = set(self.shelf.sizes) - {"manifest.json"}
        for name in sorted(found.symmetric_difference(told)):
            check.same(name, name in found, name in told)
        for name in sorted(found.intersection(told)):
            check.same(name, [self.shelf.digest(name), self.shelf.sizes[name]], told[name])
        return check

    def _tables(self) -> Check:
        """Hold the tables against the rows that the log leaves behind."""
        check = Check("V2", "tables")
        if not self.log.is_whole:
            check.left_out = "no_bodies"
            return check
        for table, left in self.log.tables.items():
            there = self.files.get(table, {})
            for key in sorted(left.keys() | there.keys()):
                check.same(f"{FILES[table]} {'/'.join(key)}", there.get(key), left.get(key))
        return check

    @cached_property
    def _settings(self) -> Row:
        settings: Row = self.shelf.json("snapshot/settings.json")
        return settings

    @cached_property
    def _counting(self) -> dict[str, dict[str, str]]:
        """The ballots that count, in the order of the file."""
        asked = self._settings.get("approval", False)
        return {
            row["teacher_id"]: row
            for row in self.files.get("hand_in", {}).values()
            if row["handed_in"] == "true"
            and (row["school"] == "approved" if asked else row["school"] != "returned")
        }

    def _sealed(self) -> Check:
        """Hold what was sealed against the last version of every ballot that counts."""
        check, told = Check("V2", "sealed"), self.manifest["snapshot"]
        for _, body in self.log.reached["sealed"]:
            found = body.get("digest"), body.get("root")
            check.same("log", found, (told["digest"], told["root"]))
        parts = dict(told["withheld"])
        for name in self.shelf.under("snapshot").sizes:
            parts[name.removesuffix(".json")] = self.shelf.digest(f"snapshot/{name}")
        check.same("snapshot", sha256(canonical(parts)), told["digest"])
        check.note = ", ".join(sorted(told["withheld"]))
        check.left_out = "withheld" if check.note else ""
        if "snapshot/ballots.json" not in self.shelf:
            return check
        sealed = {r["teacher_id"]: r for r in self.shelf.json("snapshot/ballots.json")}
        sealed = {teacher: row for teacher, row in sealed.items() if not row["returned"]}
        for teacher in sorted(sealed.keys() | self._counting.keys()):
            row, last = sealed.get(teacher), self._counting.get(teacher)
            said = last and (json.loads(last["lines"]), last["most_sections"])
            kept = row and (row["choices"], cell(row["most_sections"]))
            check.same(teacher, kept, said)
        return check

    def _merkle(self) -> Check:
        """Recompute every leaf and the root that was published at sealing."""
        check = Check("V2", "merkle")
        rows = self.shelf.table("leaves.csv") if self.is_public else self._counting.values()
        leaves = [row["digest"] for row in rows]
        for teacher, row in self._counting.items():
            most = row["most_sections"]
            ballot = {
                "round": self.manifest["round"],
                "teacher": teacher,
                "lines": json.loads(row["lines"]),
                "most_sections": int(most) if most else None,
            }
            content = b"\x00" + bytes.fromhex(row["salt"]) + canonical(ballot)
            check.same(teacher, row["digest"], sha256(content))
        check.same("ballots", len(leaves), self.manifest["snapshot"]["ballots"])
        check.same("root", merkle_root(leaves), self.manifest["snapshot"]["root"])
        return check

    def _choices(self) -> Check:
        """Hold the choices of every instance against the ballots that count."""
        check = Check("V2", "choices")
        if self.is_public:
            check.left_out = "hidden"
            return check
        barred = {
            key for key, row in self.files.get("override", {}).items() if row["kind"] == "forbid"
        }
        for answer in self.answers:
            instance = answer.instance
            wanted = {pair: rank for pair, rank in self._wanted(instance, barred)}
            for row in instance.stream("choices"):
                pair = row["teacher"], row["section"]
                right = wanted.pop(pair, 0)
                check.same(f"{answer.number}: {'/'.join(pair)}", row["rank"], right)
            for pair, rank in sorted(wanted.items()):
                check.same(f"{answer.number}: {'/'.join(pair)}", None, rank)
        return check

    def _wanted(
        self, instance: Instance, barred: Collection[tuple[str, ...]]
    ) -> Iterator[tuple[tuple[str, str], int]]:
        """Yield the seats that ballots ask for with their rank, as far as they are in the round."""
        for teacher, row in self._counting.items():
            lines = json.loads(row["lines"])[: self._settings["list_length"]]
            for rank, line in enumerate(lines, start=1):
                sections = line.split("+")
                if all(s in instance.sections and (teacher, s) not in barred for s in sections):
                    yield from (((teacher, section), rank) for section in sections)

    def _commitment(self) -> Check:
        """Hold the revealed seed against the commitment, and the order of the three steps."""
        check, seed = Check("V3", "commitment"), self.manifest["seed"]
        check.same("commitment", sha256(seed["secret"].encode()), seed["commitment"])
        final, public = seed["secret"], seed["public_value"]
        if public:
            final = sha256(f"{final}|{public}".encode())
        for answer in self.answers:
            told = answer.instance.meta["seed"]
            check.same(f"{answer.number}: seed", told, final)
        steps = [self.log.reached[state] for state in ("announced", "sealed", "seeded")]
        if all(steps):
            check.same("log", steps[0][0][1].get("commitment"), seed["commitment"])
            order = [found[0][0] for found in steps]
            check.same("order", order, sorted(order))
            self._drawn(check, *steps)
        source = self._settings.get("public_source")
        check.same("manifest: public value", bool(source) <= bool(public), True)
        return check

    def _drawn(self, check: Check, announced: Moves, sealed: Moves, seeded: Moves) -> None:
        """Hold the public value against the source announced, and against what two people entered.

        A round whose announcement says nothing of a source, not even that there is none, is older.
        """
        public, source = self.manifest["seed"]["public_value"], self._settings.get("public_source")
        if self.log.is_whole:
            rules = announced[-1][1].get("settings", {})
            check.same("log: public source", rules.get("public_source"), source)
        if "public_source" in announced[0][1]:
            check.same("log: public value", bool(public), bool(source))
        draws, shown = ([m for m in moves if "public_value" in m[1]] for moves in (sealed, seeded))
        for seq, body in draws:
            two = bool(body.get("second")) and body["second"] != body["actor"]
            check.same(f"#{seq}: public source", body.get("public_source"), source)
            check.same(f"#{seq}: two people", two, True)
        for seq, body in (*draws[-1:], *shown):
            check.same(f"#{seq}: public value", body["public_value"], public)
        if source and self.log.is_whole:
            order = [seq for seq, _ in (sealed[0], *draws, *shown)]
            check.same("log: drawn", bool(draws) and "public_value" not in sealed[0][1], True)
            check.same("log: drawn after sealing", order, sorted(order))

    def _lottery(self) -> Check:
        """Recompute every lottery number; a public archive tells none, they would tell the names."""
        check = Check("V3", "lottery", left_out="as_stated" if self.is_public else "")
        for answer in self.answers:
            numbers = answer.instance.numbers
            rows = () if self.is_public else self.shelf.table("lottery.csv")
            told = {row["teacher"]: int(row["number"]) for row in rows}
            for teacher in sorted(told.keys() | numbers.keys()) if told else ():
                check.same(teacher, told.get(teacher), numbers.get(teacher))
        return check

    def _answered(self) -> Check:
        """Hold what is said to be published against the log and the last result."""
        check, told = Check("V12", "published"), self.manifest["answers"]
        for line, answer in zip(told, self.answers, strict=True):
            found = line["digest"], line["gap"]
            check.same(line["id"], found, (answer.head["digest"], answer.gap))
        last = self.answers[-1]
        check.same("pointer", self.manifest["published"], told[-1]["id"])
        for _, body in self.log.reached["notice"][-1:]:
            found = body.get("answer"), body.get("digest")
            check.same("log", found, (told[-1]["id"], last.head["digest"]))
        for pair in sorted(self.answers[0].published):
            check.same(f"1: {'/'.join(pair)}", pair in last.case.pairs, True)
        return check

    def _by_hand(self) -> Check:
        """Hold every decision by hand against its reason and two people, and every lock against one."""
        check = Check("V12", "overrides")
        decided = self.files.get("override", {})
        for key, row in decided.items():
            subject = "/".join(key)
            two = bool(row["decided_by"] and row["second"] and row["decided_by"] != row["second"])
            check.same(f"{subject}: two people", two, True)
            check.same(f"{subject}: reason", bool(row["reason"].strip()), True)
            held = key in self.answers[-1].case.pairs
            check.same(subject, held, row["kind"] == "lock")
        earlier: set[tuple[str, str]] = set()
        for answer in self.answers:
            for pair in sorted(answer.instance.locked - earlier):
                check.same("/".join(pair), decided.get(pair, {}).get("kind"), "lock")
            earlier |= set(answer.published)
        check.note = str(len(decided))
        return check

    @cached_property
    def _waited(self) -> set[tuple[str, str]]:
        """Everybody on a waiting list, with the section."""
        rows = self.files.get("waiting", {}).values()
        return {(row["teacher_id"], row["section_id"]) for row in rows}

    def _final(self) -> Iterator[Check]:
        """Hold the final seats against what was published, the waiting lists and every limit."""
        check = Check("V12", "final")
        places = {key: row for key, row in self.files.get("place", {}).items() if row["teacher_id"]}
        pairs = Counter((row["teacher_id"], row["section_id"]) for row in places.values())
        last = self.answers[-1]
        waited = self._waited
        for row in places.values():
            pair = row["teacher_id"], row["section_id"]
            check.same("/".join(pair), pairs[pair], 1)
            source = waited if row["origin"] == "waitlist" else last.published
            if not (self.is_public and source is waited):
                check.same(f"{'/'.join(pair)}: {row['origin']}", pair in source, True)
        if self.log.is_whole and places:
            for pair in sorted(last.published):
                check.same(f"{'/'.join(pair)}: place", pair in self.log.places, True)
        lots = {} if self.is_public else last.instance.numbers
        lines: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for (section, position), row in self.files.get("waiting", {}).items():
            turn = int(row["rank"]), lots.get(row["teacher_id"], 0)
            lines[section].append((int(position), *turn))
        for section, line in sorted(lines.items()):
            order = [turn for _, *turn in sorted(line)]
            check.same(f"{section}: order", order, sorted(order))
        yield check
        yield self._within_limits([(t, s, 0, "") for t, s in sorted(pairs)])

    def _within_limits(self, seats: Seats) -> Check:
        """Hold final seats against every upper limit; minima may fall when people fall ill."""
        check = Check("V4", "final_limits")
        skipped: tuple[str, ...] = ()
        if self.files.get("transfer"):
            skipped, check.left_out = BY_GROUP, "transferred"
        case = Case(self.answers[-1].instance, seats)
        for code in [code for code in RULES if code not in skipped]:
            over = [found for found in RULES[code](case) if found[1] > found[2]]
            check.looked += 1
            check.problems += [Problem(f"{code} {s}", have, most) for s, have, most in over]
        return check

    def _hours(self) -> Check:
        """Hold attendance against whoever had a seat, and every posting against two people."""
        check = Check("V12", "hours")
        held = {(r["teacher_id"], r["section_id"]) for r in self.files.get("place", {}).values()}
        held |= self.log.places
        if not self.log.is_whole:
            check.left_out = "no_bodies"
            held |= self.answers[-1].published.keys() | self._waited
        halves = self.answers[-1].instance.halves
        for section, teacher, day, half in self.files.get("attendance_mark", {}):
            subject = f"{teacher}/{section} {day} {half}"
            meets = (day, half) in (halves.get(section) or ONLINE)
            check.same(subject, (teacher, section) in held and meets, True)
        for (section,), row in self.files.get("posting", {}).items():
            two = row["first_by"] and row["second_by"] and row["first_by"] != row["second_by"]
            check.same(section, (row["state"], bool(two)), ("posted", True))
        self._earned(check)
        return check

    def _earned(self, check: Check) -> None:
        """Hold the minutes posted against the half-days marked: a half-day is worth the same everywhere.

        What it is worth is what most people had for it; an online section is posted as a whole.
        """
        marks = self.files.get("attendance_mark", {})
        came = Counter(key[:2] for key, row in marks.items() if row["mark"] == "present")
        instance = self.answers[-1].instance
        told = {(s, t): m for s, posted in self.log.posted.items() for t, m in posted.items()}
        pairs = told.keys() | {(s, t) for s, t in came if s in self.log.posted}
        worth = Counter(
            told.get(pair, 0) // came[pair]
            for pair in sorted(pairs)
            if came[pair] and instance.halves.get(pair[0])
        )
        usual = worth.most_common(1)[0][0] if worth else 0
        for section, teacher in sorted(pairs):
            each = usual if instance.halves.get(section) else instance.sections[section]["minutes"]
            found = told.get((section, teacher), 0)
            check.same(f"{teacher}/{section}: minutes", found, each * came[section, teacher])

    def _public_list(self) -> Check:
        """Hold the public list against the seats: all of them, no others, no further columns."""
        check = Check("V13", "public_list")
        rows = list(self.shelf.table("lists/public.csv"))
        for columns in sorted({tuple(row) for row in rows}):
            check.same("columns", list(columns), LIST_COLUMNS)
        told = Counter((row["teacher"], row["section"], row["round"], row["kind"]) for row in rows)
        right: Counter[tuple[str, str, str, str]] = Counter()
        earlier: set[tuple[str, str]] = set()
        for answer in self.answers:
            fresh = {pair: kind for pair, kind in answer.published.items() if pair not in earlier}
            right.update((*pair, answer.number, kind) for pair, kind in fresh.items())
            earlier |= fresh.keys()
        for seat in sorted(told.keys() | right.keys()):
            check.same("/".join(seat), told[seat], right[seat])
        return check


def merkle_root(leaves: list[str]) -> str:
    """Return the root over leaves: halves of the largest power of two below their number."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    halves = merkle_root(leaves[:cut]), merkle_root(leaves[cut:])
    return sha256(b"\x01" + bytes.fromhex(halves[0]) + bytes.fromhex(halves[1]))


# --- the account ----------------------------------------------------------------------------------

SAID = {
    "V1": ("完整性", "untouched"),
    "V2": ("封存", "sealed"),
    "V3": ("抽签", "lottery"),
    "V4": ("规则", "rules"),
    "V5": ("目标", "goals"),
    "V12": ("人工调整", "by hand"),
    "V13": ("名单", "lists"),
}
TITLES = {
    "files": ("清单所列文件的摘要", "files as listed"),
    "log_chain": ("日志链条", "chain of the log"),
    "log_bodies": ("日志正文的摘要", "bodies of the log"),
    "tables": ("各表与日志一致", "tables are what the log leaves"),
    "entries": ("志愿在期限内提交、版本连续", "ballots in time, versions without gaps"),
    "sealed": ("封存内容与最后一版志愿一致", "sealed is what was handed in last"),
    "merkle": ("志愿回执与默克尔根", "receipts and Merkle root"),
    "choices": ("参与求解的志愿与封存一致", "choices are those of the ballots"),
    "commitment": ("种子与事先公布的承诺一致", "seed as committed to"),
    "lottery": ("抽签号逐一重算", "lottery numbers recomputed"),
    "published": ("公布的结果即本结果", "what is published is this result"),
    "overrides": ("人工调整均有理由、两人决定", "by hand: reason and two people each"),
    "final": ("最终名单与公布、递补一致", "final seats from result and waiting lists"),
    "final_limits": ("最终名单不超任何上限", "final seats within every limit"),
    "hours": ("签到与学时入账（两人审核）", "attendance and hours, two approvals"),
    "public_list": ("公示名单与结果一致", "public list equals the result"),
    "result_digests": ("实例、结果及各文件的摘要", "digests of instance, result and files"),
    "seed_used": ("求解所用种子", "the seed used"),
    "seats": ("席位均为可选班次、无重复、标注属实", "seats are choices, held once, labelled truly"),
    "goals": ("各项目标逐项重算", "goals recomputed term by term"),
    "bounds": ("界与达到值相符", "bounds on the right side of values"),
    "certificate": ("界的凭证逐例重算", "bounds recomputed case by case"),
    "gap": ("与最优的差距", "distance from the best"),
    "locked_seat": ("锁定的席位保留不动", "locked seats are kept"),
    "eligible": ("只录取招收范围内的教师", "only those a section is for"),
    "banned": ("限制期内不参训", "nobody while banned"),
    "repeated": ("不重复修读", "nothing taken again"),
    "prerequisite": ("先修课程", "prerequisites"),
    "time_conflict": ("时间与路程不冲突", "no clash of time or place"),
    "one_section": ("同一或互斥课程只修其一", "one section of an offering"),
    "most_sections": ("本人希望的班次数", "no more sections than wanted"),
    "assigned_cap": ("指派席位上限", "limit of assigned seats"),
    "chosen_only": ("未允许指派时只录志愿内班次", "chosen seats only"),
    "bundle": ("捆绑志愿要么全要要么全不要", "bundles as a whole"),
    "hour_cap": ("学时与班次上限", "caps of hours and sections"),
    "minimum_to_open": ("最低开班人数", "minimum to open"),
    "seat_capacity": ("班次容量", "capacity"),
    "reserve": ("预留席位", "reserved seats"),
    "quota": ("名额的上限与下限", "quotas"),
    "level_share": ("各层级参训人数", "level shares"),
    "host_capacity": ("承办单位接待能力", "places of hosts"),
    "school_release": ("学校放行人数", "release by schools"),
    "budget": ("经费预算", "budgets"),
    "team": ("团队参训", "teams"),
    "compulsory_topic": ("必修主题", "compulsory topics"),
    "hours_due": ("应修学时", "hours due"),
}
TABLE_OF = {
    **{"locked_seat": "locks", "eligible": "eligibility", "banned": "bans", "hour_cap": "caps"},
    **{"prerequisite": "prerequisites", "bundle": "ties", "minimum_to_open": "sections"},
    **{"seat_capacity": "sections", "reserve": "reserves", "quota": "quotas", "team": "teams"},
    **{"level_share": "shares", "host_capacity": "hosts", "school_release": "releases"},
    **{"budget": "funds", "compulsory_topic": "topics", "hours_due": "due"},
}
"""The table whose lines a rule is about; the others are about every seat."""
WORDS = {
    "fine": ("通过", "holds"),
    "wrong": ("不符", "WRONG"),
    "looked": ("核对 {n} 项", "{n} compared"),
    "solve": ("第 {n} 轮", "round {n}"),
    "no_bodies": ("日志正文不在包内，未与之比对", "bodies of the log are not here, not compared"),
    "withheld": (
        "所列部分不在包内，仅以摘要核对",
        "parts that are not here stand by their digests",
    ),
    "hidden": ("公开版不含个人志愿，未比对", "a public archive holds no ballots, not compared"),
    "as_stated": (
        "公开版不列抽签号（由号可推知本人），按所载采信",
        "lots would tell names: as stated",
    ),
    "transferred": (
        "有教师调动，分组限额未核对",
        "teachers changed schools: limits of groups left out",
    ),
    "bound_stated": (
        "无凭证的界仅为所载，未获证明",
        "a bound without certificate is as stated, not proved",
    ),
    "clash_stated": ("无解未附凭证，仅为所载", "that nothing is possible is as stated, not proved"),
    "gap_tier": (
        "{goal}：达到 {value}，已证明的界 {bound}，差距 {gap}（分 {cases} 种情形）",
        "{goal}: reached {value}, proved bound {bound}, gap {gap} (cases: {cases})",
    ),
    "gap_stated": (
        "{goal}：达到 {value}，所载的界 {bound}（未获证明），差距 {gap}",
        "{goal}: reached {value}, stated bound {bound} (not proved), gap {gap}",
    ),
    "gap_open": ("{goal}：达到 {value}，没有界", "{goal}: reached {value}, no bound"),
    "gap_parts": (
        "福利的差距 {points} 分 = 教师让出 {losses} + 名额余量 {slack} + 缺额 {short} + 未启用的班次 "
        "{openings} + 未收的分摊 {tolls} + 取整 {rounding} + 其他情形 {others}",
        "welfare's gap of {points} points = given up by teachers {losses} + unused limits {slack} + "
        "shortages {short} + switches {openings} + tolls not paid {tolls} + rounding {rounding} + other cases {others}",
    ),
    "gap_kind": ("  余量 {kind}：{points} 分", "  unused {kind}: {points} points"),
    "gap_row": (
        "  {row}：价 {price} × 余量 {units} = {points} 分",
        "  {row}: price {price} x {units} unused = {points} points",
    ),
    "gap_seats": (
        "即至多再多 {seats} 个平均席位的分（共 {all} 席），人均 {each} 分",
        "that is at most {seats} average seats' worth (of {all}), {each} points a teacher",
    ),
    "problem": (
        "{subject}：实为 {found}，应为 {expected}",
        "{subject}: {found}, should be {expected}",
    ),
    "more": ("……另有 {n} 处", "... and {n} more"),
    "all_fine": (
        "全部 {n} 项复核通过；其中 {part} 项有部分内容未核对，见各行说明。",
        "All {n} checks hold; in {part} of them something was left out, as their lines say.",
    ),
    "not_fine": ("{n} 项复核不符。", "{n} checks do not hold."),
    "stopped": ("已中断：没有核对完", "interrupted: not everything was checked"),
    "unreadable": ("无法读取：{what}", "cannot be read: {what}"),
    "absent": (
        "无法读取：没有 {what}，请核对路径",
        "cannot be read: there is no {what}; check the path",
    ),
}
MOST_TOLD, TOP_ROWS = 20, 10
STOPPED = 130
"""The exit code after Ctrl-C."""


def say(code: str, lang: str, **values: object) -> str:
    """Return a sentence in `zh` or `en`."""
    return WORDS[code][lang == "en"].format(**values)


def told(checks: list[Check], lang: str) -> Iterator[str]:
    """Yield the account line by line."""
    at = int(lang == "en")
    for check in checks:
        state = say("wrong" if check.problems else "fine", lang)
        left_out = check.left_out and say(check.left_out, lang)
        parts = [TITLES[check.code][at], say("looked", lang, n=check.looked), check.note, left_out]
        where = say("solve", lang, n=check.where) if check.where else ""
        line = " | ".join(filter(None, [state, where, *parts]))
        yield f"{check.group:<4}{SAID[check.group][at]} | {line}"
        for code, figures in check.told:
            yield "      " + say(code, lang, **figures)
        for problem in check.problems[:MOST_TOLD]:
            yield "      " + say("problem", lang, **asdict(problem))
        if len(check.problems) > MOST_TOLD:
            yield "      " + say("more", lang, n=len(check.problems) - MOST_TOLD)


def summary(checks: list[Check], lang: str) -> str:
    """Return the last line: whether everything holds, and how much was not looked at."""
    wrong = sum(bool(check.problems) for check in checks)
    if wrong:
        return say("not_fine", lang, n=wrong)
    return say("all_fine", lang, n=len(checks), part=sum(bool(c.left_out) for c in checks))


def checks_of(path: Path, result: Path | None = None, jobs: int = 1) -> Iterator[Check]:
    """Yield every check of a bundle, or of an instance with its result."""
    if result is None and path.suffix != ".json" and "manifest.json" in Shelf.at(path):
        yield from Archive(Shelf.at(path), jobs).checks()
    else:
        answer = Answer.at("", Instance.at(path), Shelf.at(result or path))
        yield from result_checks(answer, jobs)


def verify(path: Path, result: Path | None = None, jobs: int = 1) -> list[Check]:
    """Return every check of a bundle, or of an instance with its result."""
    return list(checks_of(path, result, jobs))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def main(arguments: list[str] | None = None) -> int:
    """Recheck a bundle and print the account; return 0, 1, 2, or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("result", type=Path, nargs="?")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, help="processes for large rounds"
    )
    asked = parser.parse_args(arguments)
    for path in filter(None, (asked.bundle, asked.result)):
        if not path.exists():
            sys.stderr.write(say("absent", asked.lang, what=path) + "\n")
            return 2
    checks: list[Check] = []
    unreadable = ""
    try:
        for check in checks_of(asked.bundle, asked.result, asked.jobs):
            checks.append(check)
    except KeyboardInterrupt:
        sys.stderr.write(say("stopped", asked.lang) + "\n")
        return STOPPED
    except UNREADABLE as error:
        name = "" if isinstance(error, Unreadable) else f"{type(error).__name__} "
        unreadable = say("unreadable", asked.lang, what=f"{name}{error}")
    if asked.json:
        plain = [asdict(check) for check in checks]
        sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in told(checks, asked.lang)))
    if unreadable:
        sys.stderr.write(unreadable + "\n")
        return 2
    if not asked.json:
        sys.stdout.write(summary(checks, asked.lang) + "\n")
    return int(any(check.problems for check in checks))


if __name__ == "__main__":
    sys.exit(main())
