"""The tree of quota holders (单位) and their schools; a unit's place is its parent, never its code.

固始县 carries the code 411525, which looks like a part of 信阳 (4115), but holds its own quota from the
province; a development zone may have no code at all. So nothing here reads anything from a code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from catalog import store
from catalog.importing import parse
from catalog.importing.spec import Column, NumberedRow, RowError, SheetKind
from catalog.terms import RESIDENCES, STAGES, UNIT_KINDS

if TYPE_CHECKING:
    from sqlmodel import Session


class UnitTree:
    """Units by id with their parents; answers who stands above and below whom.

    Parameters
    ----------
    rows
        Unit rows with `id` and `parent_id`.
    """

    def __init__(self, rows: Iterable[Mapping[str, str | None]]) -> None:
        self.units: dict[str, Mapping[str, str | None]] = {str(row["id"]): row for row in rows}

    def parent(self, unit_id: str) -> str | None:
        """Return the unit directly above, or None at the top."""
        return self.units[unit_id]["parent_id"]

    def line(self, unit_id: str) -> tuple[str, ...]:
        """Return the unit itself and all units above it, nearest first; a circle ends the line."""
        line = [unit_id]
        while (above := self.parent(line[-1])) in self.units and above not in line:
            line.append(str(above))
        return tuple(line)

    def in_circle(self, unit_id: str) -> bool:
        """Return whether a unit stands above itself."""
        return self.parent(self.line(unit_id)[-1]) == unit_id

    @cached_property
    def _children(self) -> dict[str | None, tuple[str, ...]]:
        below: dict[str | None, list[str]] = {}
        for unit_id in sorted(self.units):
            below.setdefault(self.parent(unit_id), []).append(unit_id)
        return {above: tuple(units) for above, units in below.items()}

    def children(self, unit_id: str) -> tuple[str, ...]:
        """Return the units directly below, by id."""
        return self._children.get(unit_id, ())

    def below(self, unit_id: str) -> tuple[str, ...]:
        """Return the unit itself and everything below it, by id."""
        return tuple(sorted(unit for unit in self.units if unit_id in self.line(unit)))


def load_tree(session: Session) -> UnitTree:
    """Return the stored tree."""
    return UnitTree(store.units.load(session).values())


def period_error(row: NumberedRow, start: Column, end: Column) -> Iterator[RowError]:
    """Yield an error if a period ends before it begins."""
    first, last = row.row[start.key], row.row[end.key]
    if first and last and first > last:
        yield row.wrong(end, "period_reversed", start=first)


def _check_units(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    stored = store.units.load(session).values()
    tree = UnitTree([*stored, *(row.row for row in rows)])
    for row in rows:
        parent = row.row["parent_id"]
        if parent is not None and parent not in tree.units:
            yield row.wrong(_PARENT, "unit_parent_unknown", parent=parent)
        elif tree.in_circle(row.row["id"]):
            line = tuple(reversed([*tree.line(row.row["id"]), row.row["id"]]))
            yield row.wrong(_PARENT, "unit_circle", line=line)
        yield from period_error(row, _VALID_FROM, _VALID_TO)


def _check_schools(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    units = store.units.load(session)
    for row in rows:
        if (row.row["unit_id"],) not in units:
            yield row.wrong(_UNIT, "unit_unknown", unit=row.row["unit_id"])


def _gb2260(cell: str) -> str:
    """Return a GB/T 2260 code: six digits."""
    code = parse.code(cell)
    if len(code) != 6 or not code.isdigit():
        raise parse.BadCell("cell_gb2260")
    return code


_PARENT = Column(
    "parent_id",
    "上级单位代码",
    "parent unit",
    parse.code,
    required=False,
    example="441200",
    help_zh="下达名额的上级单位；最高一级留空。不按代码前几位推断。",
    help_en="The unit that hands down the quota; blank at the top. Never guessed from the code.",
    is_id=True,
)
_VALID_FROM = Column(
    "valid_from", "生效", "valid from", parse.iso_date, required=False, example="2020-01-01"
)
_VALID_TO = Column("valid_to", "失效", "valid to", parse.iso_date, required=False)
_UNIT = Column(
    "unit_id",
    "单位代码",
    "unit",
    parse.code,
    example="441226",
    help_zh="学校所属单位的代码，须先导入单位表。",
    help_en="The unit the school belongs to; import the units first.",
    is_id=True,
)

UNITS = SheetKind(
    "units",
    "units",
    "单位表",
    "units",
    (
        Column(
            "id",
            "单位代码",
            "unit id",
            parse.code,
            example="441226",
            help_zh="本系统内唯一；开发区、系统等没有国标码的单位自定一个。",
            help_en="Unique here; zones and systems without a national code get one of their own.",
            is_id=True,
        ),
        Column("name", "单位", "unit name", example="德庆县", aliases=("单位名称",)),
        _PARENT,
        Column(
            "kind",
            "类别",
            "kind",
            UNIT_KINDS.parse,
            example="县级单位",
            choices=UNIT_KINDS.choices,
            show=UNIT_KINDS.word,
        ),
        Column(
            "gb2260",
            "国标码",
            "GB/T 2260 code",
            _gb2260,
            required=False,
            example="441226",
            help_zh="有就填六位国标码，没有就留空。",
            help_en="Six digits where there is one, else blank.",
            is_id=True,
        ),
        _VALID_FROM,
        _VALID_TO,
    ),
    ("id",),
    _check_units,
    store.units.load,
    store.units.save,
    store.units.remove,
)

SCHOOLS = SheetKind(
    "schools",
    "schools",
    "学校表",
    "schools",
    (
        Column("id", "学校代码", "school id", parse.code, example="S001", is_id=True),
        Column("name", "学校", "school name", example="德庆县第一小学", aliases=("学校名称",)),
        _UNIT,
        Column(
            "stages",
            "学段",
            "stages",
            parse.many(STAGES.parse),
            example="小学",
            help_zh="几个学段用分号隔开，如 小学;普通初中。",
            help_en="Several stages are joined by semicolons.",
            choices=STAGES.choices,
            several=True,
            show=STAGES.words,
        ),
        Column(
            "residence",
            "城乡",
            "residence",
            RESIDENCES.parse,
            example="村庄",
            choices=RESIDENCES.choices,
            show=RESIDENCES.word,
        ),
        Column("staff", "教职工数", "staff", parse.whole(1, 10_000), example="25"),
        Column(
            "release_percent",
            "外出比例上限",
            "release percent",
            parse.percent,
            required=False,
            example="15",
            help_zh="教学日同时外出培训的教师比例上限（百分数）；留空按本轮规定。",
            help_en="Most teachers away on one teaching day, in percent; blank = as the round says.",
        ),
        Column(
            "release_max",
            "每半天外出上限",
            "most away",
            parse.whole(0, 10_000),
            required=False,
            help_zh="直接写人数；填了就不看比例。",
            help_en="As a number of people; overrides the percentage.",
        ),
        Column(
            "flags",
            "标记",
            "flags",
            parse.many(parse.text),
            required=False,
            default=[],
            example="寄宿制",
            help_zh="如 小规模;寄宿制，用分号隔开。",
            help_en="Words such as 小规模 (small) joined by semicolons.",
        ),
    ),
    ("id",),
    _check_schools,
    store.schools.load,
    store.schools.save,
    store.schools.remove,
)

SHEETS: tuple[SheetKind, ...] = (UNITS, SCHOOLS)
