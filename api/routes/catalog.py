"""`/catalog`: courses and their sections."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import StringConstraints

from api.reads import catalog as reads
from api.routes.door import ALL, AnyId, Part, Visiting, page_of, picked, plain_id
from api.schemas import Outward, Page, Word

router = APIRouter(prefix="/catalog", tags=["catalog"])

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/+\-]*$", max_length=64)]


class OfferingOut(Outward):
    """A course; `minutes` are account minutes, 1/60 学时."""

    id: str
    title: str
    institution_id: str
    programme_id: str
    level: str
    category: str
    stages: list[str]
    subjects: list[str]
    roles: list[str]
    half_days: int
    minutes: int
    practice_minutes: int
    mode: str
    method: str
    topics: list[str]
    dimensions: list[str]
    prerequisites: list[str]


class SectionOut(Outward):
    """One run of a course; `meetings` are half-days such as `2026-08-03 AM`."""

    id: str
    offering_id: str
    title: str
    institution_id: str
    minutes: int
    mode: str
    minimum: int
    capacity: int
    meetings: list[str]
    site: str
    fee_fen: int


async def looked_for(
    text: Annotated[Word, Query(description="In the title. 标题包含")] = "",
    institution_id: Annotated[Code, Query()] = "",
    programme_id: Annotated[Code, Query()] = "",
    category: Annotated[Code, Query()] = "",
) -> dict[str, str]:
    """Return what is looked for in courses and their sections alike."""
    return {
        "text": text,
        "institution_id": institution_id,
        "programme_id": programme_id,
        "category": category,
    }


LookedFor = Annotated[dict[str, str], Depends(looked_for)]


@router.get("/offerings", response_model=Page[OfferingOut])
def list_offerings(
    visit: Visiting,
    part: Part,
    looked: LookedFor,
    level: Annotated[Code, Query()] = "",
    mode: Annotated[Code, Query()] = "",
) -> Response:
    """List courses, filtered as asked · 列出课程."""
    wanted = looked | {"level": level, "mode": mode}
    (after,) = part.after() or ("",)
    with visit.reading(*ALL) as (session, scope):
        found = reads.offerings(session, scope, wanted, after, part.limit)
    return visit.answer(page_of(found, lambda row: picked(row, OfferingOut)))


@router.get("/offerings/{offering_id}", response_model=OfferingOut)
def get_offering(visit: Visiting, offering_id: AnyId) -> Response:
    """Show one course · 查看一门课程."""
    with visit.reading(*ALL) as (session, scope):
        row = reads.offering(session, scope, plain_id(offering_id))
    return visit.answer(picked(row, OfferingOut))


@router.get("/sections", response_model=Page[SectionOut])
def list_sections(visit: Visiting, part: Part, wanted: LookedFor) -> Response:
    """List sections, filtered as asked · 列出班次."""
    (after,) = part.after() or ("",)
    with visit.reading(*ALL) as (session, scope):
        found = reads.sections(session, scope, wanted, after, part.limit)
    return visit.answer(page_of(found, lambda row: picked(row, SectionOut)))


@router.get("/sections/{section_id}", response_model=SectionOut)
def get_section(visit: Visiting, section_id: AnyId) -> Response:
    """Show one section · 查看一个班次."""
    with visit.reading(*ALL) as (session, scope):
        return visit.answer(picked(reads.section(session, scope, plain_id(section_id)), SectionOut))
