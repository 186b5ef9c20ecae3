"""Seats: offered, confirmed and declined by teachers; who sits where, masked for institutions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Response
from sqlalchemy import RowMapping
from sqlmodel import Session

from api.reads import seats as reads
from api.routes.door import (
    NeedsKey,
    RoundId,
    SectionId,
    TeacherId,
    Visiting,
    herself,
    picked,
    plain_id,
)
from api.routes.examples import DECLINE
from api.schemas import Inward, Outward
from matching.rounds.life import places
from matching.rounds.life.calls import Role
from matching.rounds.life.events import Happened

router = APIRouter(prefix="/rounds/{round_id}", tags=["seats"])

READING: tuple[Role, ...] = ("teacher", "school", "county", "auditor")
ACTING: tuple[Role, ...] = ("teacher", "school", "county")
UNMASKED = ("county",)


class PlaceOut(Outward):
    """A seat that a teacher holds or is offered."""

    section_id: str
    number: int
    state: str
    origin: str
    rank: int
    expires_at: str


class WaitOut(Outward):
    """A section she waits for, with her place in the published order."""

    section_id: str
    position: int
    rank: int
    state: str


class OwnSeatsOut(Outward):
    """What a teacher holds, is offered and waits for."""

    teacher_id: str
    seats: list[PlaceOut]
    waiting: list[WaitOut]


class SittingOut(Outward):
    """One seat of a section; names are masked but for the county."""

    number: int
    state: str
    teacher_id: str | None
    name: str
    school: str


class SectionSeatsOut(Outward):
    """The seats of a section."""

    section_id: str
    seats: list[SittingOut]


class DeclineIn(Inward):
    """Why a seat is given up; a listed reason costs nothing."""

    reason: Literal["illness", "duty", "family", "clash", "moved", "assigned", "other"] = "other"


class ConfirmedOut(Outward):
    """What was confirmed: a bundle as a whole."""

    teacher: str
    confirmed: list[str]


class DeclinedOut(Outward):
    """What was given up, with all that was tied to it."""

    teacher: str
    declined: list[str]
    reason: str


@router.get("/seats/{teacher_id}", response_model=OwnSeatsOut)
def get_own_seats(visit: Visiting, round_id: RoundId, teacher_id: TeacherId) -> Response:
    """Show what a teacher holds, is offered and waits for · 查看席位与候补."""
    with visit.reading(*READING) as (session, scope):
        her = herself(teacher_id, scope)
        held, waits = reads.of_teacher(session, scope, plain_id(round_id), her)
    visit.show([her], plain_id(round_id))
    told = OwnSeatsOut(
        teacher_id=her,
        seats=[picked(row.model_dump(), PlaceOut) for row in held],
        waiting=[picked(row.model_dump(), WaitOut) for row in waits],
    )
    return visit.answer(told)


@router.post("/seats/{teacher_id}/{section_id}/confirm", response_model=ConfirmedOut)
def confirm_seat(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    section_id: SectionId,
    key: NeedsKey = None,
) -> Response:
    """Take an offered seat · 确认席位."""
    who = visit.person(*ACTING)
    call, her = visit.call(who), herself(teacher_id, who.scope)

    def command(session: Session) -> Happened:
        return places.confirm_seat(session, call, plain_id(round_id), her, plain_id(section_id))

    done = visit.act(call, command)
    return visit.done(done, ConfirmedOut, done.body)


@router.post("/seats/{teacher_id}/{section_id}/decline", response_model=DeclinedOut)
def decline_seat(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    section_id: SectionId,
    sent: Annotated[DeclineIn, Body(openapi_examples=DECLINE)],
    key: NeedsKey = None,
) -> Response:
    """Give a seat up; the next in order is asked · 放弃席位."""
    who = visit.person(*ACTING)
    call, her = visit.call(who), herself(teacher_id, who.scope)

    def command(session: Session) -> Happened:
        seat = (plain_id(round_id), her, plain_id(section_id))
        return places.decline(session, call, *seat, sent.reason)

    done = visit.act(call, command, sent)
    return visit.done(done, DeclinedOut, done.body)


@router.get("/sections/{section_id}/seats", response_model=SectionSeatsOut)
def get_section_seats(visit: Visiting, round_id: RoundId, section_id: SectionId) -> Response:
    """Show who sits in a section · 查看班次名单."""
    with visit.reading("institution", "county", "auditor") as (session, scope):
        _, rows = reads.of_section(session, scope, plain_id(round_id), plain_id(section_id))
    visit.show((row["teacher_id"] for row in rows if row["teacher_id"]), plain_id(round_id))
    shown = scope.role in UNMASKED
    told = SectionSeatsOut(
        section_id=plain_id(section_id), seats=[_sitting(row, shown) for row in rows]
    )
    return visit.answer(told)


def _sitting(row: RowMapping, shown: bool) -> SittingOut:
    name = row["name"] or ""
    return SittingOut(
        number=row["number"],
        state=row["state"],
        teacher_id=row["teacher_id"],
        name=name if shown else masked(name),
        school=row["school"] or "",
    )


def masked(name: str) -> str:
    """Return a name of which the middle cannot be read: 张*华, 李*."""
    if len(name) < 2:
        return name
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")
