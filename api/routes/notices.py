"""Objections during the 公示 and their answers, and what people were told."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Response
from pydantic import Field
from sqlalchemy import RowMapping
from sqlmodel import Session

from api.messages import Language
from api.outbox import box
from api.reads import rounds
from api.reads import seats as reads
from api.routes.door import (
    AnyId,
    NeedsKey,
    Part,
    RoundId,
    Visiting,
    page_of,
    picked,
    plain_id,
)
from api.routes.examples import ANSWER, APPEAL, NOTICE, answered
from api.schemas import Inward, Outward, Page, Text
from matching.rounds.life import appeals
from matching.rounds.life.events import Happened
from matching.rounds.life.notices import Wording

router = APIRouter(tags=["notices"])

Said = Annotated[Text, Field(min_length=1)]


class AppealIn(Inward):
    """What somebody objects to, or what is answered to it."""

    text: Said


class AppealOut(Outward):
    """An objection and its answer."""

    id: str
    round_id: str
    teacher_id: str
    text: str
    raised_at: str
    answer: str
    answered_by: str


class AppealsOut(Outward):
    """The objections to a result, oldest first."""

    items: list[AppealOut]


class NoticeOut(Outward):
    """A message to a teacher as she reads it."""

    id: str
    kind: str
    title: str
    body: str
    written_at: str
    state: str


class MessageOut(Outward):
    """A message on its way: to whom, of what, and whether it arrived."""

    id: str
    person: str
    kind: str
    reference: str
    state: str
    channel: str
    attempts: int
    written_at: str
    told_at: str
    trouble: str


class TallyLineOut(Outward):
    """How many messages of a kind are in a state."""

    kind: str
    state: str
    count: int


class TallyOut(Outward):
    """How far everybody has been told."""

    items: list[TallyLineOut]


@router.get("/rounds/{round_id}/appeals", response_model=AppealsOut, tags=["appeals"])
def list_appeals(visit: Visiting, round_id: RoundId) -> Response:
    """List the objections of people within reach · 列出异议."""
    with visit.reading("teacher", "school", "county", "auditor") as (session, scope):
        found = reads.appeals(session, scope, plain_id(round_id))
    visit.show((row.teacher_id for row in found), plain_id(round_id))
    return visit.answer(AppealsOut(items=[picked(row.model_dump(), AppealOut) for row in found]))


@router.post(
    "/rounds/{round_id}/appeals", response_model=AppealOut, status_code=201, tags=["appeals"]
)
def raise_appeal(
    visit: Visiting,
    round_id: RoundId,
    sent: Annotated[AppealIn, Body(openapi_examples=APPEAL)],
    key: NeedsKey = None,
) -> Response:
    """Object to the published result · 提出异议."""
    who = visit.person("teacher")
    call = visit.call(who)

    def command(session: Session) -> Happened:
        return appeals.raise_(session, call, plain_id(round_id), who.scope.id, sent.text)

    done = visit.act(call, command, sent, status=201)
    return visit.done(done, AppealOut, done.body)


@router.post("/appeals/{appeal_id}/answer", response_model=AppealOut, tags=["appeals"])
def answer_appeal(
    visit: Visiting,
    appeal_id: AnyId,
    sent: Annotated[AppealIn, Body(openapi_examples=ANSWER)],
    key: NeedsKey = None,
) -> Response:
    """Answer an objection, once · 答复异议."""
    call = visit.call(visit.person("county"))
    with visit.reading("county") as (session, scope):
        found = reads.appeal(session, scope, plain_id(appeal_id))

    def command(session: Session) -> Happened:
        return appeals.answer_(session, call, found.round_id, found.id, sent.text)

    done = visit.act(call, command, sent)
    return visit.done(done, AppealOut, done.body)


@router.get("/rounds/{round_id}/notices", response_model=Page[NoticeOut])
def list_notices(visit: Visiting, round_id: RoundId, part: Part) -> Response:
    """List what a teacher was told, in her language · 本人查看通知."""
    (after,) = part.after() or ("",)
    with visit.reading("teacher") as (session, scope):
        mine = plain_id(round_id)
        found = reads.messages(session, scope, mine, "", after, part.limit)
        wording = Wording(session, mine) if found.rows else None
    return visit.answer(page_of(found, lambda row: _notice(row, wording, visit.lang)))


@router.get(
    "/rounds/{round_id}/notices/{notice_id}", response_model=NoticeOut, responses=answered(NOTICE)
)
def get_notice(visit: Visiting, round_id: RoundId, notice_id: AnyId) -> Response:
    """Show what a teacher was told once; the code on her slip leads here · 本人查看一条通知."""
    with visit.reading("teacher") as (session, scope):
        row = reads.notice(session, scope, plain_id(round_id), plain_id(notice_id))
        wording = Wording(session, plain_id(round_id))
    return visit.answer(_notice(row, wording, visit.lang))


@router.get("/rounds/{round_id}/messages", response_model=Page[MessageOut])
def list_messages(
    visit: Visiting,
    round_id: RoundId,
    part: Part,
    state: Annotated[
        Literal["", "waiting", "sending", "sent", "on_paper", "failed"],
        Query(description="Delivery. 送达状态"),
    ] = "",
) -> Response:
    """List the messages to people within reach and whether they arrived · 列出通知及送达状态."""
    (after,) = part.after() or ("",)
    with visit.reading("county", "auditor") as (session, scope):
        found = reads.messages(session, scope, plain_id(round_id), state, after, part.limit)
    visit.show((row["person"] for row in found.rows), plain_id(round_id))
    return visit.answer(page_of(found, lambda row: picked(row, MessageOut)))


@router.get("/rounds/{round_id}/messages/tally", response_model=TallyOut)
def get_tally(visit: Visiting, round_id: RoundId) -> Response:
    """Count the messages of a round by kind and delivery · 通知送达统计."""
    with visit.reading("county", "auditor") as (session, scope):
        found = box.tally(session, rounds.led(session, scope, plain_id(round_id)).id)
    lines = [
        TallyLineOut(kind=kind, state=state, count=count)
        for kind, states in found.items()
        for state, count in states.items()
    ]
    return visit.answer(TallyOut(items=lines))


def _notice(row: RowMapping, wording: Wording | None, lang: Language) -> NoticeOut:
    assert wording is not None
    message = wording.message(row["kind"], row["person"], row["values"], lang)
    return NoticeOut(
        id=row["id"],
        kind=row["kind"],
        title=message.title,
        body=message.body,
        written_at=row["written_at"],
        state=row["state"],
    )
