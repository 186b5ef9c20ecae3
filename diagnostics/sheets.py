"""The sheets this room owns: teacher roster, ratings, and hours earned elsewhere (T7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from catalog.importing.parse import BadCell, code, fold, iso_date, many, text, whole
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind
from catalog.terms import ROLES, STAGES, SUBJECTS, TIERS, TITLE_RANKS
from diagnostics import store
from diagnostics.credit.sheet import HOURS
from diagnostics.framework import framework, frameworks
from diagnostics.identity import is_identity_number, is_phone, masked_phone, sealed

if TYPE_CHECKING:
    from sqlmodel import Session

ROOM = "diagnostics"


def identity_number(cell: str) -> str:
    """Return the sealed form of an identity number; the number itself goes no further."""
    number = fold(cell).replace(" ", "").lstrip("'")
    if not is_identity_number(number):
        raise BadCell("cell_identity_number", room=ROOM)
    return sealed(number)


def show_last4(value: Any) -> str:
    """Return what a person may see of a sealed identity number."""
    return f"**************{str(value).rpartition(':')[2]}" if value else ""


def phone(cell: str) -> str:
    """Return a mobile number with its middle hidden; hyphens and blanks are dropped."""
    digits = fold(cell).replace(" ", "").replace("-", "").removeprefix("+86")
    if not is_phone(digits):
        raise BadCell("cell_phone", room=ROOM)
    return masked_phone(digits)


def title_rank(cell: str) -> int:
    """Return the rank 1 to 5 of a title given by number or name."""
    return int(TITLE_RANKS.parse(cell))


def _words(choices: Any) -> Callable[[Any], str]:
    def show(value: Any) -> str:
        values = value if isinstance(value, list) else [value]
        return ";".join(choices.word(str(item)) for item in values if item is not None)

    return show


_ID = Column("id", "教师编号", "teacher number", code, example="T0001", is_id=True)
_NUMBER = Column(
    "id_number",
    "证件号",
    "identity number",
    identity_number,
    required=False,
    default="",
    help_zh="只作导入核对，系统仅保存加密摘要和后四位。请将单元格设为文本格式。",
    help_en="Used for matching rows only; a keyed hash and the last four characters are kept.",
    aliases=("身份证号", "身份证件号"),
    is_id=True,
    show=show_last4,
)
_SCHOOL = Column("school_id", "学校代码", "school code", code, example="PV1", is_id=True)

TEACHER_COLUMNS = (
    _ID,
    Column("name", "姓名", "name", text, example="李娜"),
    _NUMBER,
    _SCHOOL,
    Column(
        "stage", "学段", "stage", STAGES.parse,
        example="小学", choices=STAGES.choices, show=_words(STAGES),
    ),
    Column(
        "subject", "主教学科", "main subject", SUBJECTS.parse,
        example="语文", choices=SUBJECTS.choices, show=_words(SUBJECTS),
    ),
    Column(
        "other_subjects", "兼教学科", "other subjects", many(SUBJECTS.parse),
        required=False, default=[], example="道德与法治;书法", show=_words(SUBJECTS),
    ),
    Column(
        "roles", "岗位", "roles", many(ROLES.parse),
        required=False, default=[], example="教师;班主任", show=_words(ROLES),
    ),
    Column(
        "title_rank", "职称等级", "title rank", title_rank, required=False,
        example="2", choices=TITLE_RANKS.choices, aliases=("职称",), show=_words(TITLE_RANKS),
    ),
    Column("years", "教龄", "years of service", whole(0, 60), example="4"),
    Column("office_years", "任现职年限", "years in office", whole(0, 60), required=False),
    Column(
        "tier", "骨干层级", "backbone tier", TIERS.parse, required=False, default="0",
        example="无", choices=TIERS.choices, show=_words(TIERS),
    ),
    Column("phone", "手机", "mobile", phone, required=False, default="", is_id=True),
    Column("flags", "标记", "flags", many(code), required=False, default=[]),
)  # fmt: skip
_BY_KEY = {column.key: column for column in TEACHER_COLUMNS}


def check_teachers(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    """Yield unknown schools, a main subject told twice, and one identity number for two people."""
    schools = store.school_ids(session)
    arriving = {numbered.row["id"] for numbered in rows}
    holders = {
        row.id_hash: row.id
        for row in store.teacher_rows(session)
        if row.id_hash and row.id not in arriving
    }
    for numbered in rows:
        row = numbered.row
        if row["school_id"] not in schools:
            yield numbered.wrong(_BY_KEY["school_id"], "no_such_school", room=ROOM)
        if row["subject"] in row["other_subjects"]:
            yield numbered.wrong(_BY_KEY["other_subjects"], "main_subject_again", room=ROOM)
        sealed_hash = row["id_number"].partition(":")[0]
        holder = holders.setdefault(sealed_hash, row["id"]) if sealed_hash else row["id"]
        if holder != row["id"]:
            yield numbered.wrong(_NUMBER, "identity_number_of", room=ROOM, other=holder)


def load_teachers(session: Session) -> dict[Key, Row]:
    """Return the stored roster in the shape of the sheet."""
    return {
        (row.id,): {
            "id": row.id,
            "name": row.name,
            "id_number": f"{row.id_hash}:{row.id_last4}" if row.id_hash else "",
            "school_id": row.school_id,
            "stage": row.stage,
            "subject": row.subject,
            "other_subjects": list(row.other_subjects),
            "roles": list(row.roles),
            "title_rank": row.title_rank,
            "years": row.years,
            "office_years": row.office_years,
            "tier": row.tier,
            "phone": row.phone_masked,
            "flags": list(row.flags),
        }
        for row in store.teacher_rows(session)
    }


def save_teachers(session: Session, rows: Iterable[Row]) -> None:
    """Insert or update teachers."""
    store.save_teachers(session, [_columns(row) for row in rows])


def _columns(row: Row) -> Row:
    facts = {key: value for key, value in row.items() if key not in ("id_number", "phone")}
    id_hash, _, last4 = row["id_number"].partition(":")
    return facts | {"id_hash": id_hash, "id_last4": last4, "phone_masked": row["phone"]}


TEACHERS = SheetKind(
    "roster",
    "teachers",
    "教师名册",
    "teachers",
    TEACHER_COLUMNS,
    ("id",),
    check_teachers,
    load_teachers,
    save_teachers,
    store.remove_teachers,
)


def dimension(cell: str) -> str:
    """Return the code of a dimension of the common framework given by code or name."""
    found = framework().find(fold(cell))
    if found is None:
        codes = tuple(dimension.code for dimension in framework().dimensions)
        raise BadCell("cell_dimension", room=ROOM, codes=codes)
    return found.code


def any_dimension(cell: str) -> str:
    """Return the code of a dimension of any framework: a course may work on what any round asks."""
    frames = [framework(name) for name in frameworks()]
    for frame in frames:
        if (found := frame.find(fold(cell))) is not None:
            return found.code
    codes = tuple(dimension.code for frame in frames for dimension in frame.dimensions)
    raise BadCell("cell_dimension", room=ROOM, codes=codes)


def source(cell: str) -> str:
    """Return self or observer."""
    known = {"self": "self", "自评": "self", "observer": "observer", "他评": "observer"}
    word = fold(cell).lower()
    if word not in known:
        raise BadCell("cell_rating_source", room=ROOM)
    return known[word]


def level(cell: str) -> int:
    """Return a level of the framework's scale."""
    return whole(1, framework().top)(cell)


_TEACHER = Column("teacher_id", "教师编号", "teacher number", code, example="T0001", is_id=True)
_SOURCE = Column(
    "source", "评价方式", "kind of rating", source,
    example="自评", choices={"self": "自评", "observer": "他评"},
    show=lambda value: {"self": "自评", "observer": "他评"}.get(str(value), ""),
)  # fmt: skip
_RATER = Column(
    "rater", "评价人", "rater", text, example="T0001", is_id=True,
    help_zh="自评时填教师本人编号。", help_en="For a self rating, the teacher's own number.",
)  # fmt: skip
RATING_COLUMNS = (
    _TEACHER,
    Column("dimension", "维度", "dimension", dimension, example="XK2"),
    _SOURCE,
    _RATER,
    Column("level", "等级", "level", level, example="2"),
    Column("day", "日期", "date", iso_date, required=False, aliases=("date",)),
)


def check_ratings(rows: Sequence[NumberedRow], session: Session) -> Iterator[RowError]:
    """Yield unknown teachers, self ratings by somebody else and observers who rate themselves."""
    teachers = store.teacher_ids(session)
    for numbered in rows:
        row = numbered.row
        if row["teacher_id"] not in teachers:
            yield numbered.wrong(_TEACHER, "no_such_teacher", room=ROOM)
        own = row["teacher_id"] == row["rater"]
        if own != (row["source"] == "self"):
            yield numbered.wrong(
                _RATER, "rater_of_self" if not own else "rater_not_self", room=ROOM
            )


def load_ratings(session: Session) -> dict[Key, Row]:
    """Return the stored ratings in the shape of the sheet."""
    names = tuple(column.key for column in RATING_COLUMNS)
    rows = ({name: getattr(row, name) for name in names} for row in store.rating_rows(session))
    return {RATINGS.key_of(row): row for row in rows}


RATINGS = SheetKind(
    "diagnosis",
    "ratings",
    "能力评价表",
    "ratings",
    RATING_COLUMNS,
    ("teacher_id", "dimension", "source", "rater"),
    check_ratings,
    load_ratings,
    store.save_ratings,
    store.remove_ratings,
)

SHEETS: tuple[SheetKind, ...] = (TEACHERS, RATINGS, HOURS)
