"""Institutions that may teach, with their licence, and the programmes that pay for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import store
from catalog.importing import parse
from catalog.importing.spec import Column, NumberedRow, Row, RowError, SheetKind
from catalog.terms import INSTITUTION_TYPES, LEVELS
from catalog.units import period_error

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Licence:
    """What an institution may teach, and when (资质); days are ISO text and both ends count."""

    document: str
    levels: tuple[str, ...]
    valid_from: str
    valid_to: str

    @classmethod
    def of(cls, institution: Row) -> Licence:
        """Return the licence of an institution's row."""
        return cls(
            institution["licence"],
            tuple(institution["levels"]),
            institution["valid_from"],
            institution["valid_to"],
        )

    def holds_on(self, first: str, last: str) -> bool:
        """Return whether the licence is valid on some day of a period."""
        return self.valid_from <= last and first <= self.valid_to


def _check_institutions(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    for row in rows:
        yield from period_error(row, _VALID_FROM, _VALID_TO)


def _no_check(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    return iter(())


_VALID_FROM = Column("valid_from", "有效期自", "valid from", parse.iso_date, example="2024-01-01")
_VALID_TO = Column("valid_to", "有效期至", "valid to", parse.iso_date, example="2028-12-31")

INSTITUTIONS = SheetKind(
    "institutions",
    "institutions",
    "机构表",
    "institutions",
    (
        Column("id", "机构代码", "institution id", parse.code, example="I01", is_id=True),
        Column(
            "name", "机构", "institution name", example="德庆县教师发展中心", aliases=("机构名称",)
        ),
        Column(
            "type",
            "类型",
            "type",
            INSTITUTION_TYPES.parse,
            example="教师发展中心",
            aliases=("机构类型",),
            choices=INSTITUTION_TYPES.choices,
            show=INSTITUTION_TYPES.word,
        ),
        Column(
            "levels",
            "资质层级",
            "licensed levels",
            parse.many(LEVELS.parse),
            example="县级;校级",
            help_zh="可以承担的培训层级，用分号隔开：国家级;省级;市级;县级;校级。",
            help_en="Levels it may teach, joined by semicolons.",
            choices=LEVELS.choices,
            several=True,
            show=LEVELS.words,
        ),
        Column("licence", "资质文号", "licence", example="德教〔2024〕1号"),
        _VALID_FROM,
        _VALID_TO,
    ),
    ("id",),
    _check_institutions,
    store.institutions.load,
    store.institutions.save,
    store.institutions.remove,
)

PROGRAMMES = SheetKind(
    "programmes",
    "programmes",
    "项目表",
    "programmes",
    (
        Column("id", "项目代码", "programme id", parse.code, example="P2026-X", is_id=True),
        Column(
            "name", "项目", "programme name", example="2026年县级专业科目", aliases=("项目名称",)
        ),
        Column("year", "年度", "year", parse.whole(2000, 2100), example="2026"),
        Column(
            "level",
            "层级",
            "level",
            LEVELS.parse,
            example="县级",
            choices=LEVELS.choices,
            show=LEVELS.word,
        ),
        Column(
            "budget_fen",
            "经费元",
            "budget in yuan",
            parse.yuan,
            required=False,
            example="200000",
            help_zh="经费总额（元）；留空表示不限。专款专用。",
            help_en="The whole budget in yuan; blank = no limit. Funds never mix.",
            aliases=("经费(元)", "budget_yuan"),
            show=parse.shown_yuan,
        ),
        Column(
            "eligibility",
            "适用条件",
            "eligibility",
            required=False,
            default="",
            example="stage=2|3;years>=3",
            help_zh="写法：属性=值|值;属性>=数。各条须同时满足；留空表示都可参加。",
            help_en="attribute=value|value;attribute>=number; all must hold; blank = everybody.",
        ),
        Column(
            "practice_percent",
            "实践占比下限",
            "least practice percent",
            parse.percent,
            required=False,
            example="50",
            help_zh="实践学时至少占总学时的百分之几；留空按默认（50）。",
            help_en="Least share of practice hours in percent; blank = the default (50).",
        ),
    ),
    ("id",),
    _no_check,
    store.programmes.load,
    store.programmes.save,
    store.programmes.remove,
)

SHEETS: tuple[SheetKind, ...] = (INSTITUTIONS, PROGRAMMES)
