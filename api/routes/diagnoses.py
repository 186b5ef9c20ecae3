"""Diagnosis, item by item: begun, asked, answered, and the profile that comes of it, for herself."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlmodel import Session

from api import diagnosing
from api.http_errors import Refused
from api.routes.door import VERSIONED, AnyId, IfMatch, NeedsKey, Visiting, plain_id
from api.routes.examples import BEGINNING, ITEM_ANSWER
from api.routes.people import DiagnosisOut, diagnosis_out
from api.schemas import Count, Id, Inward, Outward
from diagnostics.errors import BadData
from diagnostics.framework import framework
from matching.rounds.life.events import Happened

router = APIRouter(prefix="/diagnoses", tags=["diagnosis"])


class BeginningIn(Inward):
    """Which framework she is to be diagnosed by."""

    framework: Annotated[
        str, Field(pattern="^[a-z0-9_]+$", max_length=40, description="Its code. 框架代码")
    ] = "common"


class ItemAnswerIn(Inward):
    """One answer: the item that was asked, and the option chosen, from 1."""

    item: Id
    option: Count
    milliseconds: (
        Annotated[int, Field(ge=0, le=86_400_000, description="How long it took. 用时（毫秒）")]
        | None
    ) = None


class QuestionOut(Outward):
    """The question to answer now."""

    item: str
    kind: str
    dimension: str
    prompt: str
    stem: str
    options: list[str]


class StandingOut(Outward):
    """How far a diagnosis is; `version` counts its answers, `most` is how many there can be."""

    id: str
    framework: str
    version: int
    most: int
    ended: str
    why: str
    question: QuestionOut | None


class ResultOut(Outward):
    """The profile after the answers so far, and what to be careful about."""

    caution: str
    signs: list[str]
    profile: DiagnosisOut


@router.post("", response_model=StandingOut)
def begin(
    visit: Visiting,
    sent: Annotated[BeginningIn, Body(openapi_examples=BEGINNING)],
    key: NeedsKey = None,
) -> Response:
    """Begin a diagnosis, or go on with the one that is open · 开始能力诊断."""
    call = visit.call(visit.person("teacher"))
    id, seed = f"D{secrets.token_hex(8)}", secrets.token_hex(8)
    try:
        framework(sent.framework)
    except BadData as unknown:
        raise Refused(422, "field_value", field="body.framework") from unknown

    def command(session: Session) -> Happened:
        return diagnosing.begin(session, call, sent.framework, id, seed, visit.lang)

    done = visit.act(call, command, sent)
    return visit.done(done, StandingOut, done.body, done.body["version"])


@router.get("/{diagnosis_id}", response_model=StandingOut, openapi_extra=VERSIONED)
def get_standing(visit: Visiting, diagnosis_id: AnyId) -> Response:
    """Show the question to answer now · 查看当前题目."""
    with visit.reading("teacher") as (session, scope):
        told = diagnosing.look(session, scope, plain_id(diagnosis_id), visit.lang)
    return visit.answer(StandingOut.model_validate(told), told["version"])


@router.post("/{diagnosis_id}/answers", response_model=StandingOut)
def answer(
    visit: Visiting,
    diagnosis_id: AnyId,
    sent: Annotated[ItemAnswerIn, Body(openapi_examples=ITEM_ANSWER)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Answer the question that is asked now, and get the next one · 作答并取下一题."""
    call, version = visit.call(visit.person("teacher")), visit.version()

    def command(session: Session) -> Happened:
        seconds = None if sent.milliseconds is None else sent.milliseconds / 1000
        given = (sent.item, sent.option, seconds)
        id = plain_id(diagnosis_id)
        return diagnosing.answer(session, call, id, *given, version, visit.lang)

    done = visit.act(call, command, sent)
    return visit.done(done, StandingOut, done.body, done.body["version"])


@router.get("/{diagnosis_id}/profile", response_model=ResultOut)
def get_profile(visit: Visiting, diagnosis_id: AnyId) -> Response:
    """Show a teacher what her answers say so far; nobody else may ask · 本人查看诊断结果."""
    with visit.reading("teacher") as (session, scope):
        found = diagnosing.read(session, scope, plain_id(diagnosis_id), visit.lang)
    profile, teacher, caution, signs = found
    told = diagnosis_out(framework(profile.framework), profile, teacher, visit.lang)
    return visit.answer(ResultOut(caution=caution, signs=signs, profile=told))
