"""Quotas (名额) of units in programmes, their sums down the tree, and reserved seats (预留)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any, TypeVar

from catalog import store
from catalog.importing import parse
from catalog.importing.names import name_errors
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind
from catalog.terms import ROLES, STAGES, SUBJECTS
from catalog.units import UnitTree, load_tree

if TYPE_CHECKING:
    from sqlmodel import Session

Cell = TypeVar("Cell")


class Rounding(StrEnum):
    """How a percentage of several quotas becomes whole seats."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"
    POOLED = "pooled"


@dataclass(frozen=True, slots=True)
class Quota:
    """Places of one unit in one programme; an empty stage, subject or role covers all of them."""

    unit_id: str
    programme_id: str
    stage: str
    subject: str
    role: str
    min_seats: int
    max_seats: int

    @classmethod
    def of(cls, row: Row) -> Quota:
        """Return the quota of a row."""
        return cls(
            row["unit_id"],
            row["programme_id"],
            row["stage"],
            row["subject"],
            row["role"],
            row["min_seats"],
            row["max_seats"],
        )

    @property
    def key(self) -> Key:
        """What the quota is stored under."""
        return (self.unit_id, self.programme_id, self.stage, self.subject, self.role)

    def covers(self, other: Quota) -> bool:
        """Return whether everybody under the other quota is also under this one, units aside."""
        return self.programme_id == other.programme_id and all(
            mine in ("", theirs)
            for mine, theirs in (
                (self.stage, other.stage),
                (self.subject, other.subject),
                (self.role, other.role),
            )
        )


def split(quotas: Iterable[Quota], tree: UnitTree) -> dict[Key, tuple[Quota, ...]]:
    """Return by key the quotas into which units below split each quota: next below, none twice.

    A county's quota counts for the province only if no unit between them splits the province's
    quota too, and 小学语文 does not count beside the same county's 小学, which holds it already.
    """
    listed = sorted(quotas, key=lambda quota: quota.key)
    held: dict[str, list[Quota]] = {}
    for quota in listed:
        held.setdefault(quota.unit_id, []).append(quota)
    found: dict[Key, list[Quota]] = {}
    for quota in listed:
        for above in _split_from(quota, held, tree):
            found.setdefault(above.key, []).append(quota)
    return {key: tuple(parts) for key, parts in found.items()}


def _split_from(
    quota: Quota, held: Mapping[str, Sequence[Quota]], tree: UnitTree
) -> Iterator[Quota]:
    """Yield the quotas above that a quota is a direct part of."""
    between: list[Quota] = []
    for unit_id in tree.line(quota.unit_id) if quota.unit_id in tree.units else ():
        covering = [q for q in held.get(unit_id, ()) if q.key != quota.key and q.covers(quota)]
        if unit_id != quota.unit_id:
            yield from (q for q in covering if not any(q.covers(other) for other in between))
        between += covering


def reserved_seats(
    quotas: Mapping[Cell, int], percent: int | Fraction, rounding: Rounding
) -> dict[Cell, int]:
    """Return the seats that a percentage reserves in each quota (such as 绿色通道 5 %).

    Pooled rounding takes the percentage of the whole pool, rounds it half up once, and gives the
    seats to the largest remainders; equal remainders in the order of the quotas.

    Parameters
    ----------
    quotas
        Seats by cell, for example by city and subject.
    percent
        The share in percent, exact.
    rounding
        The rule; it can double the seats, so it is part of a round's settings.
    """
    exact = {cell: Fraction(percent) * seats / 100 for cell, seats in quotas.items()}
    if rounding is Rounding.FLOOR:
        return {cell: floor(share) for cell, share in exact.items()}
    if rounding is Rounding.CEIL:
        return {cell: ceil(share) for cell, share in exact.items()}
    if rounding is Rounding.HALF_UP:
        return {cell: _half_up(share) for cell, share in exact.items()}
    return _pooled(exact)


def _pooled(exact: Mapping[Cell, Fraction]) -> dict[Cell, int]:
    seats = {cell: floor(share) for cell, share in exact.items()}
    left = _half_up(sum(exact.values(), Fraction(0))) - sum(seats.values())
    by_remainder = sorted(exact, key=lambda cell: seats[cell] - exact[cell])
    for cell in by_remainder[:left]:
        seats[cell] += 1
    return seats


def _half_up(share: Fraction) -> int:
    return floor(share + Fraction(1, 2))


def _check(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    units = store.units.load(session)
    programmes = store.programmes.load(session)
    for row in rows:
        unit = units.get((row.row["unit_id"],))
        if unit is None:
            yield row.wrong(_UNIT, "unit_unknown", unit=row.row["unit_id"])
        yield from name_errors(row, _UNIT_NAME, unit["name"] if unit else None)
        if (row.row["programme_id"],) not in programmes:
            yield row.wrong(_PROGRAMME, "programme_unknown", id=row.row["programme_id"])
        for column in (_MIN, _GREEN):
            if row.row[column.key] > row.row["max_seats"]:
                yield row.wrong(column, "quota_over", highest=row.row["max_seats"])
    yield from _sum_errors(rows, session)


def _sum_errors(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    """Yield rows of the sheet that take part in a sum above the quota it is split from.

    If none of the parts is in the sheet, the quota itself was lowered and is named.
    """
    tree = load_tree(session)
    given = {Quota.of(row.row).key: row for row in rows}
    quotas = {key: Quota.of(row) for key, row in store.quotas.load(session).items()}
    quotas |= {key: Quota.of(row.row) for key, row in given.items()}
    for key, below in split(quotas.values(), tree).items():
        sums = ((_MAX, sum(q.max_seats for q in below)), (_MIN, sum(q.min_seats for q in below)))
        for column, total in sums:
            if total > quotas[key].max_seats:
                words = _sum_words(quotas[key], below, total, tree)
                in_sheet = [given[q.key] for q in below if q.key in given]
                for row in in_sheet or filter(None, [given.get(key)]):
                    yield row.wrong(column, "quota_sum", **words)


def _sum_words(quota: Quota, below: Sequence[Quota], total: int, tree: UnitTree) -> dict[str, Any]:
    return {
        "above": tree.units[quota.unit_id]["name"],
        "have": quota.max_seats,
        "total": total,
        "parts": tuple(f"{tree.units[p.unit_id]['name']} {p.max_seats}" for p in below),
    }


_UNIT = Column("unit_id", "单位代码", "unit id", parse.code, example="441226", is_id=True)
_UNIT_NAME = Column(
    "unit_name",
    "单位",
    "unit name",
    required=False,
    example="德庆县",
    help_zh="只用来核对代码；不一致会报错。",
    help_en="Only checks the id; a difference is an error.",
    aliases=("单位名称",),
    stored=False,
)
_PROGRAMME = Column(
    "programme_id", "项目代码", "programme", parse.code, example="P2026-X", is_id=True
)
_SEATS = parse.whole(0, 10_000_000)
_MAX = Column("max_seats", "名额", "seats", _SEATS, example="30")
_MIN = Column(
    "min_seats",
    "最低名额",
    "least seats",
    _SEATS,
    required=False,
    default=0,
    help_zh="必须派出的最少人数；留空为 0。",
    help_en="Fewest people who must go; blank = 0.",
)
_GREEN = Column(
    "green_seats",
    "其中绿色通道",
    "of which green channel",
    _SEATS,
    required=False,
    default=0,
    help_zh="名额之内留给绿色通道的人数；留空为 0。",
    help_en="Seats within the quota for the green channel; blank = 0.",
)
_OPEN_ZH, _OPEN_EN = "留空或写“共同”表示不限。", "Blank or 共同 = all."


QUOTAS = SheetKind(
    "T1",
    "quotas",
    "T1 名额分配表",
    "T1 quotas",
    (
        _UNIT,
        _UNIT_NAME,
        _PROGRAMME,
        Column(
            "stage",
            "学段",
            "stage",
            parse.or_open(STAGES.parse, str),
            required=False,
            default="",
            example="小学",
            help_zh=_OPEN_ZH,
            help_en=_OPEN_EN,
            choices=STAGES.choices,
            show=STAGES.word,
        ),
        Column(
            "subject",
            "学科",
            "subject",
            parse.or_open(SUBJECTS.parse, str),
            required=False,
            default="",
            example="语文",
            help_zh=_OPEN_ZH,
            help_en=_OPEN_EN,
            choices=SUBJECTS.choices,
            show=SUBJECTS.word,
        ),
        Column(
            "role",
            "角色",
            "role",
            parse.or_open(ROLES.parse, str),
            required=False,
            default="",
            help_zh=_OPEN_ZH,
            help_en=_OPEN_EN,
            choices=ROLES.choices,
            show=ROLES.word,
        ),
        _MAX,
        _MIN,
        _GREEN,
        Column("note", "备注", "note", required=False, default=""),
    ),
    ("unit_id", "programme_id", "stage", "subject", "role"),
    _check,
    store.quotas.load,
    store.quotas.save,
    store.quotas.remove,
)

SHEETS: tuple[SheetKind, ...] = (QUOTAS,)
