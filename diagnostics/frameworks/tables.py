"""The tables of a framework as an office edits them, and reading them with every fault told.

A table is a CSV file (UTF-8 with or without its mark, or GB18030) whose headers may be Chinese,
English or the keys below; where it does not say what it must, the fault names file, row, column,
value and what would be right. A column 备注 is free for notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from catalog.errors import FileRefused
from catalog.importing.parse import BadCell, code, fold, many, shown, text, whole, yes_no
from catalog.importing.rows import read_sheet
from catalog.importing.spec import Column, Key, NumberedRow, RowError, SheetKind
from catalog.terms import STAGES

ROOM = "diagnostics"
STATUSES: Mapping[str, str] = {"sourced": "有出处", "assumption": "假定", "unverified": "待核实"}
"""What a part rests on: a text that was read, our own wording or choice, or memory alone."""

KINDS: Mapping[str, str] = {
    "self": "自评", "vignette": "情境", "observer": "观察", "evidence": "证据", "test": "测验",
}  # fmt: skip
"""The five kinds of item (see `diagnostics.instrument.Kind`)."""


def one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    """Make a parser of a code that may also be given by its Chinese word."""
    known = {word: key for key, zh in words.items() for word in (key, zh)}

    def parse(cell: str) -> str:
        found = known.get(fold(cell).lower())
        if found is None:
            raise BadCell("cell_one_of", room=ROOM, words=tuple(words.values()))
        return found

    return parse


def level_or_between(cell: str) -> str:
    """Return a place on the scale of levels, such as 2 or 2.5."""
    try:
        place = Fraction(fold(cell))
    except (ValueError, ZeroDivisionError):
        raise BadCell("cell_place", room=ROOM) from None
    return str(place)


def _shown_word(words: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: words.get(str(value), shown(value))


def _nothing(*_: Any) -> Any:
    """Stand in for what only sheets of the database have: checks, stored rows, saving."""
    return ()


def _sheet(slug: str, zh: str, columns: tuple[Column, ...], key: Key) -> SheetKind:
    notes = Column("note", "备注", "note", required=False)
    every = (*columns, notes)
    return SheetKind(slug, slug, zh, slug, every, key, _nothing, _nothing, _nothing, _nothing)


_ZH, _EN = Column("zh", "中文", "text in Chinese"), Column("en", "英文", "text in English")
_STAGES = Column(
    "stages", "学段", "stages", many(STAGES.parse), required=False, example="幼儿园",
    help_zh="不填表示各学段。", help_en="Blank: all stages.",
    show=STAGES.words,
)  # fmt: skip
_STATUS = Column(
    "status", "状态", "status", one_of(STATUSES), required=False, default="assumption",
    choices=STATUSES, show=_shown_word(STATUSES),
)  # fmt: skip
_SOURCE = Column("source", "出处", "source", required=False, default="")
_DIMENSION = Column("dimension", "维度", "dimension", code, is_id=True)
_LEVEL = Column("level", "等级", "level", whole(1, 20))
_SCALE = Column("scale", "量表", "scale", code, is_id=True)

TREE = _sheet(
    "tree",
    "维度表",
    (
        Column("code", "代码", "code", code, is_id=True),
        Column("parent", "上级代码", "parent", code, required=False, default="", is_id=True),
        _ZH, _EN, _STATUS, _SOURCE,
    ),
    ("code",),
)  # fmt: skip
DESCRIPTORS = _sheet(
    "descriptors",
    "等级描述表",
    (_DIMENSION, _LEVEL, _STAGES, _ZH, _EN),
    ("dimension", "level", "stages"),
)
SCALES = _sheet(
    "scales",
    "量表",
    (_SCALE, Column("category", "选项序号", "category", whole(0, 20)), _ZH, _EN),
    ("scale", "category"),
)
ITEMS = _sheet(
    "items",
    "题目表",
    (
        Column("code", "题号", "code", code, is_id=True),
        _DIMENSION,
        Column("kind", "题型", "kind", one_of(KINDS), choices=KINDS, show=_shown_word(KINDS)),
        _SCALE, _ZH, _EN, _STAGES,
        Column("reversed", "反向", "reversed", yes_no, required=False, default=False),
        Column("expected", "预期等级", "expected level", level_or_between, required=False),
        Column("answer", "答案", "answer", whole(1, 20), required=False),
        _STATUS, _SOURCE,
    ),
    ("code",),
)  # fmt: skip
WORDINGS = _sheet(
    "wordings",
    "分学段措辞表",
    (Column("item", "题号", "item", code, is_id=True), replace(_STAGES, required=True), _ZH, _EN),
    ("item", "stages"),
)
WORDS = _sheet(
    "words",
    "用词表",
    (Column("word", "用词", "word", text), _STAGES, _ZH, _EN),
    ("word", "stages"),
)
ABILITIES = _sheet(
    "abilities",
    "微能力表",
    (
        Column("code", "代码", "code", code, is_id=True),
        Column("field", "维度", "field"),
        Column("environment", "环境", "environment", code, is_id=True),
        _ZH, _EN, _STATUS, _SOURCE,
    ),
    ("code",),
)  # fmt: skip
ALL = (TREE, DESCRIPTORS, SCALES, ITEMS, WORDINGS, WORDS)


@dataclass(frozen=True, slots=True)
class Table:
    """The good rows of one file, and where its faults are collected."""

    kind: SheetKind
    file: str
    rows: tuple[NumberedRow, ...]
    faults: list[RowError]

    def __iter__(self) -> Iterator[tuple[NumberedRow, dict[str, Any]]]:
        return ((row, row.row) for row in self.rows)

    def wrong(self, row: NumberedRow, key: str, fault: str, /, **values: object) -> None:
        """Note what is wrong with one cell of a row."""
        error = row.wrong(self.kind.column(key), fault, room=ROOM, **values)
        self.faults.append(replace(error, sheet=self.file))

    def wrong_as_a_whole(self, fault: str, /, **values: object) -> None:
        """Note what is wrong with the file, where no single row is to blame."""
        self.faults.append(RowError(self.file, 0, "", "", fault, values, ROOM))

    def check_source(self, row: NumberedRow) -> None:
        """Note where something is called sourced and no source is named."""
        if row.row["status"] == "sourced" and not row.row["source"]:
            self.wrong(row, "source", "source_missing")


def read(folder: Path, kind: SheetKind, faults: list[RowError]) -> Table:
    """Return a table of a framework's folder, empty where there is no such file."""
    path = folder / f"{kind.slug}.csv"
    file = f"{folder.name}/{path.name}"
    if not path.is_file():
        return Table(kind, file, (), faults)
    try:
        parsed = read_sheet(path, kind)
    except FileRefused as refused:
        faults.append(RowError(file, 0, "", "", refused.code, refused.values))
        return Table(kind, file, (), faults)
    told = (*parsed.errors, *parsed.warnings)
    faults.extend(replace(fault, sheet=file) for fault in told)
    return Table(kind, file, parsed.rows, faults)
