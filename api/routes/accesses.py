"""Who was shown whose data: for each teacher of herself, for auditors of their unit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints
from sqlalchemy import RowMapping

from api.messages import say
from api.reads import accesses as reads
from api.reads.catalog import Part as Rows
from api.routes.catalog import Code
from api.routes.door import Part, Visiting
from api.routes.examples import ACCESSES, OWN_ACCESSES, answered
from api.schemas import Bilingual, Outward, Page, Word, cursor_of
from matching.rounds.life.phases import word

router = APIRouter(tags=["accesses"])

Actor = Annotated[Word, StringConstraints(max_length=100)]


class OwnAccessOut(Outward):
    """One answer that showed somebody her data, and how many other teachers' besides."""

    at: str
    actor: str
    role: Bilingual
    scope_id: str
    what: str
    title: Bilingual
    round_id: str
    others: int


class AccessOut(Outward):
    """One answer that showed somebody data of teachers; of them, those within reach."""

    at: str
    actor: str
    role: Bilingual
    scope_id: str
    what: str
    title: Bilingual
    round_id: str
    count: int
    teacher_ids: list[str]


@router.get("/me/accesses", response_model=Page[OwnAccessOut], responses=answered(OWN_ACCESSES))
def list_own_accesses(visit: Visiting, part: Part) -> Response:
    """List who was shown a teacher's data, the latest first · 本人查看个人信息被查阅记录."""
    after = part.after(2)
    with visit.reading("teacher") as (session, scope):
        found = reads.of_herself(session, scope, after, part.limit)
    items = [OwnAccessOut(**_told(row), others=row["count"] - 1) for row in found.rows]
    return visit.answer(Page[OwnAccessOut](items=items, next=_next(found)))


@router.get("/accesses", response_model=Page[AccessOut], responses=answered(ACCESSES))
def list_accesses(
    visit: Visiting,
    part: Part,
    teacher_id: Annotated[Code, Query(description="Whose data. 被查阅人")] = "",
    actor: Annotated[Actor, Query(description="By whom. 查阅人")] = "",
) -> Response:
    """List who was shown whose data within reach, the latest first · 查阅记录."""
    after = part.after(2)
    with visit.reading("auditor") as (session, scope):
        found = reads.within(session, scope, teacher_id, actor, after, part.limit)
        shown = reads.subjects(session, scope, found.rows)
    visit.show({id_ for ids in shown.values() for id_ in ids})
    items = [
        AccessOut(**_told(row), count=row["count"], teacher_ids=shown[row["id"]])
        for row in found.rows
    ]
    return visit.answer(Page[AccessOut](items=items, next=_next(found)))


def _told(row: RowMapping) -> dict[str, Any]:
    names = ("at", "actor", "scope_id", "what", "round_id")
    return {name: row[name] for name in names} | {
        "role": Bilingual(**word("role", row["role"])),
        "title": title_of(row["what"]),
    }


def title_of(what: str) -> Bilingual:
    """Return what somebody did who used an operation."""
    code = f"access_{what}"
    return Bilingual(zh=say(code, "zh"), en=say(code, "en"))


def _next(found: Rows) -> str | None:
    return cursor_of(found.rows[-1]["at"], found.rows[-1]["id"]) if found.more else None
