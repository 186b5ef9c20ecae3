"""`/units` and `/schools`: the tree of those who hold quotas, and the schools in it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.reads import catalog as reads
from api.routes.door import ALL, AnyId, Part, Visiting, page_of, picked, plain_id
from api.schemas import Outward, Page

router = APIRouter(tags=["units"])


class UnitOut(Outward):
    """A unit; its place in the tree is `parent_id`, never its code."""

    id: str
    name: str
    parent_id: str | None
    kind: str


class SchoolOut(Outward):
    """A school."""

    id: str
    name: str
    unit_id: str
    stages: list[str]
    residence: str
    staff: int
    flags: list[str]


@router.get("/units", response_model=Page[UnitOut])
def list_units(visit: Visiting, part: Part) -> Response:
    """List the units within reach · 列出所辖单位."""
    (after,) = part.after() or ("",)
    with visit.reading(*ALL) as (session, scope):
        found = reads.units(session, scope, after, part.limit)
    return visit.answer(page_of(found, lambda row: picked(row, UnitOut)))


@router.get("/units/{unit_id}", response_model=UnitOut)
def get_unit(visit: Visiting, unit_id: AnyId) -> Response:
    """Show one unit · 查看一个单位."""
    with visit.reading(*ALL) as (session, scope):
        return visit.answer(picked(reads.unit(session, scope, plain_id(unit_id)), UnitOut))


@router.get("/schools", response_model=Page[SchoolOut])
def list_schools(visit: Visiting, part: Part) -> Response:
    """List the schools within reach · 列出所辖学校."""
    (after,) = part.after() or ("",)
    with visit.reading(*ALL) as (session, scope):
        found = reads.schools(session, scope, after, part.limit)
    return visit.answer(page_of(found, lambda row: picked(row, SchoolOut)))


@router.get("/schools/{school_id}", response_model=SchoolOut)
def get_school(visit: Visiting, school_id: AnyId) -> Response:
    """Show one school · 查看一所学校."""
    with visit.reading(*ALL) as (session, scope):
        return visit.answer(picked(reads.school(session, scope, plain_id(school_id)), SchoolOut))
