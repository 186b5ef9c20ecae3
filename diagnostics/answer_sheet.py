"""The sheet of answers: one row for each who answered, one column for each item of the questionnaire.

That is how survey programs hand answers out. The items are those of the common framework: what a
teacher answers about herself (self, vignette, test), and what others answer who saw her teach
(self items about her, and observer items).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from catalog.importing.parse import BadCell, code, fold, iso_date, text
from catalog.importing.spec import Column, Key, NumberedRow, Row, RowError, SheetKind
from diagnostics import store
from diagnostics.frameworks.items import Item, Questionnaire
from diagnostics.frameworks.reading import questionnaire

if TYPE_CHECKING:
    from sqlmodel import Session

ROOM = "diagnostics"
OWN, SEEN = ("self", "vignette", "test"), ("self", "observer")
"""Kinds of items that a teacher answers herself, and that others answer about her."""

_TEACHER = Column("teacher_id", "教师编号", "teacher number", code, example="T0001", is_id=True)
_RATER = Column(
    "rater", "作答人", "answered by", text, example="T0001", is_id=True,
    help_zh="本人作答时填教师本人编号；听课观察者作答时填观察者编号。",
    help_en="Her own number where she answers herself; else the number of who saw her teach.",
)  # fmt: skip
_DAY = Column("day", "作答日期", "answered on", iso_date, required=False, aliases=("date",))


def answer_sheet() -> SheetKind:
    """Return the sheet with the items of the common framework as it is now."""
    return _sheet(questionnaire())


@cache
def _sheet(questions: Questionnaire) -> SheetKind:
    items = {item.code: item for item in questions.of("self", "vignette", "test", "observer")}
    return SheetKind(
        "answers",
        "answers",
        "作答表",
        "answers",
        (_TEACHER, _RATER, _DAY, *(_column(item) for item in items.values())),
        ("teacher_id", "rater"),
        lambda rows, session: _check(rows, session, items),
        lambda session: _load(session, items),
        lambda session, rows: store.save_responses(session, (_kept(row, items) for row in rows)),
        store.remove_responses,
    )


def _column(item: Item) -> Column:
    options = [option.at("", "zh") for option in item.scale.options]
    english = [option.at("", "en") for option in item.scale.options]
    return Column(
        item.code,
        item.code,
        item.code,
        _option(item),
        required=False,
        example="2",
        help_zh=_explained(item.stem.at("", "zh"), options, "；"),
        help_en=_explained(item.stem.at("", "en"), english, "; "),
    )


def _explained(stem: str, options: Sequence[str], joint: str) -> str:
    numbered = (f"{number} = {option}" for number, option in enumerate(options, start=1))
    return f"{stem}\n{joint.join(numbered)}"


def _option(item: Item) -> Callable[[str], int]:
    """Return how a cell is read: the number of an option from 1, or its words."""
    words: dict[str, int] = {}
    for number, option in enumerate(item.scale.options, start=1):
        words[str(number)] = number
        for told in ((option.zh, option.en), *option.by_stage.values()):
            words |= {fold(word).strip().lower(): number for word in told}

    def parse(cell: str) -> int:
        found = words.get(fold(cell).strip().lower())
        if found is None:
            raise BadCell("cell_option", room=ROOM, most=len(item.scale.options))
        return found

    return parse


def _check(
    rows: Sequence[NumberedRow], session: Session, items: dict[str, Item]
) -> Iterator[RowError]:
    """Yield unknown teachers, rows without an answer, and items that another should answer."""
    teachers = store.teacher_ids(session)
    for numbered in rows:
        row = numbered.row
        given = [item for item in items.values() if row[item.code] is not None]
        if row["teacher_id"] not in teachers:
            yield numbered.wrong(_TEACHER, "no_such_teacher", room=ROOM)
        if not given:
            yield numbered.wrong(None, "no_answer", room=ROOM)
        own = row["teacher_id"] == row["rater"]
        if wrong := [item.code for item in given if item.kind not in (OWN if own else SEEN)]:
            told = "answered_by_others" if own else "answered_by_herself"
            yield numbered.wrong(_RATER, told, room=ROOM, items=tuple(wrong))


def _load(session: Session, items: Iterable[str]) -> dict[Key, Row]:
    """Return the stored answers in the shape of the sheet."""
    return {
        (row.teacher_id, row.rater): {
            "teacher_id": row.teacher_id,
            "rater": row.rater,
            "day": row.day,
            **{item: row.options.get(item) for item in items},
        }
        for row in store.response_rows(session)
    }


def _kept(row: Row, items: Iterable[str]) -> Row:
    options = {item: row[item] for item in items if row[item] is not None}
    return {name: row[name] for name in ("teacher_id", "rater", "day")} | {"options": options}
