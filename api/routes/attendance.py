"""Attendance by half-day, and hours on their way to the ledger: submitted, then approved by two."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlmodel import Session

from api import verbs
from api.reads import seats as reads
from api.routes.door import (
    VERSIONED,
    IfMatch,
    NeedsKey,
    RoundId,
    SectionId,
    Visiting,
    picked,
    plain_id,
)
from api.routes.examples import MARKS
from api.schemas import Id, Inward, Outward
from matching.rounds.life import marking, posting
from matching.rounds.life.calls import Role
from matching.rounds.life.events import Happened
from matching.rounds.life.membership import version_of

router = APIRouter(prefix="/rounds/{round_id}", tags=["attendance"])

READING: tuple[Role, ...] = ("institution", "county", "auditor")
MARKING: tuple[Role, ...] = ("institution", "county")
DayOrNone = Annotated[str, Field(pattern=r"^$|^20[0-9]{2}-[01][0-9]-[0-3][0-9]$", max_length=10)]


class MarkIn(Inward):
    """Whether somebody was there on a half-day; day and half are blank for an online section."""

    teacher_id: Id
    day: DayOrNone = ""
    half: Literal["am", "pm", ""] = ""
    mark: Literal["present", "absent", "excused"]


class MarksIn(Inward):
    """Marks of one section; later ones replace earlier ones."""

    marks: Annotated[list[MarkIn], Field(min_length=1, max_length=2000)]

    def by_teacher(self) -> dict[str, dict[str, str]]:
        """Return teacher -> half-day -> mark."""
        found: dict[str, dict[str, str]] = {}
        for one in self.marks:
            half = f"{one.day} {one.half.upper()}".strip()
            found.setdefault(one.teacher_id, {})[half] = one.mark
        return found


class MarkOut(Outward):
    """One mark, and who made it."""

    teacher_id: str
    day: str
    half: str
    mark: str
    marked_by: str
    marked_at: str


class MarksOut(Outward):
    """The marks of a section."""

    items: list[MarkOut]


class MarkedOut(Outward):
    """How many marks were kept, and the version of all marks of the section now."""

    section: str
    marks: int
    version: int


class PostingOut(Outward):
    """How far the hours of a section are, and who said so."""

    section_id: str
    state: str
    submitted_by: str
    first_by: str
    second_by: str


class PostedOut(Outward):
    """Where the hours of a section are now, and what was written into the ledger."""

    section: str
    state: str
    lines: int
    minutes: int


class PostingsOut(Outward):
    """How far the hours of each section are."""

    items: list[PostingOut]


@router.get("/sections/{section_id}/marks", response_model=MarksOut, openapi_extra=VERSIONED)
def list_marks(visit: Visiting, round_id: RoundId, section_id: SectionId) -> Response:
    """List who was there · 查看考勤."""
    with visit.reading(*READING) as (session, scope):
        found = reads.marks(session, scope, plain_id(round_id), plain_id(section_id))
    visit.show((row.teacher_id for row in found), plain_id(round_id))
    told = MarksOut(items=[picked(row.model_dump(), MarkOut) for row in found])
    return visit.answer(told, version_of(found))


@router.put("/sections/{section_id}/marks", response_model=MarkedOut)
def put_marks(
    visit: Visiting,
    round_id: RoundId,
    section_id: SectionId,
    sent: Annotated[MarksIn, Body(openapi_examples=MARKS)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Say who was there · 登记考勤."""
    call = visit.call(visit.person(*MARKING))
    version = visit.version()

    def command(session: Session) -> Happened:
        whose = (plain_id(round_id), plain_id(section_id))
        return marking.mark_all(session, call, *whose, sent.by_teacher(), expected_version=version)

    done = visit.act(call, command, sent)
    return visit.done(done, MarkedOut, done.body, done.body["version"])


@router.get("/postings", response_model=PostingsOut)
def list_postings(visit: Visiting, round_id: RoundId) -> Response:
    """List how far the hours of each section are · 查看学时入账."""
    with visit.reading(*READING) as (session, scope):
        found = reads.postings(session, scope, plain_id(round_id))
    return visit.answer(PostingsOut(items=[picked(row.model_dump(), PostingOut) for row in found]))


@router.post("/sections/{section_id}/posting/submit", response_model=PostedOut)
def submit_posting(
    visit: Visiting, round_id: RoundId, section_id: SectionId, key: NeedsKey = None
) -> Response:
    """Submit the hours of a section; its marks rest from here on · 提交学时."""
    call = visit.call(visit.person(*MARKING))

    def command(session: Session) -> Happened:
        return posting.submit(session, call, plain_id(round_id), plain_id(section_id))

    done = visit.act(call, command)
    return visit.done(done, PostedOut, done.body)


@router.post("/sections/{section_id}/posting/approve", response_model=PostedOut)
def approve_posting(
    visit: Visiting, round_id: RoundId, section_id: SectionId, key: NeedsKey = None
) -> Response:
    """Approve the hours of a section, first or second of two · 审核学时入账."""
    call = visit.call(visit.person("county"))

    def command(session: Session) -> Happened:
        return verbs.approve_hours(session, call, plain_id(round_id), plain_id(section_id))

    done = visit.act(call, command)
    return visit.done(done, PostedOut, done.body)
