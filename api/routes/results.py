"""Solves and results: how a solve goes, what was published, and for each teacher the reasons."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.jobs import solving
from api.messages import Language
from api.reads import answers as reads
from api.reads import rounds
from api.routes.door import (
    ALL,
    CONFLICTS,
    AnyId,
    NeedsKey,
    Part,
    RoundId,
    TeacherId,
    Visiting,
    herself,
    picked,
    plain_id,
)
from api.schemas import Outward, Page, Plain, cursor_of
from matching.rounds.life import publishing
from matching.rounds.life.calls import Role
from matching.rounds.life.tables import AnswerRow, JobRow
from matching.rounds.reasons import reason_of
from matching.rounds.tables import SeatRow

router = APIRouter(tags=["results"])

READING: tuple[Role, ...] = ("teacher", "school", "county", "auditor")


class JobOut(Outward):
    """A solve on its way: seats filled, best bound, gap and seconds so far."""

    id: str
    round_id: str
    number: int
    state: str
    stop_wanted: bool
    stage: str
    tier: int
    tiers: int
    seats_filled: int
    value: int | None
    bound: int | None
    gap: float | None
    seconds: float
    answer_id: str
    trouble: str
    asked_at: str


class JobsOut(Outward):
    """The solves of a round, in the order they were asked for."""

    items: list[JobOut]


class StoppedOut(Outward):
    """A solve that was asked to end with the best it has."""

    job: str
    state: str


class AnswerOut(Outward):
    """One answer: from which snapshot, by what, how good, and how much by hand."""

    id: str
    number: int
    status: str
    gap: float | None
    digest: str
    snapshot_digest: str
    configuration: str


class AnswersOut(Outward):
    """The answers of a round; nothing is overwritten, a re-run is a new version."""

    items: list[AnswerOut]


class ResultOut(Outward):
    """The published answer, with the seed, the version and the goals it reached."""

    answer: AnswerOut
    round_id: str
    number: int
    seed: str
    version: str
    overrides: int
    goals: list[Plain]
    closed: list[str]
    notice_until: str


class SeatOut(Outward):
    """A seat that was given."""

    teacher_id: str
    section_id: str
    title: str
    rank: int
    kind: str
    round: int


class ReasonOut(Outward):
    """Why a choice was missed or a seat assigned: data first, the sentence in her language."""

    section_id: str
    title: str
    code: str
    have: int
    need: int
    sentence: str


class OwnResultOut(Outward):
    """What one teacher received and why not more; 1 is drawn first in the lottery."""

    teacher_id: str
    lottery_number: int | None
    seats: list[SeatOut]
    reasons: list[ReasonOut]


@router.get("/rounds/{round_id}/jobs", response_model=JobsOut, tags=["jobs"])
def list_jobs(visit: Visiting, round_id: RoundId) -> Response:
    """List the solves of a round · 列出求解任务."""
    with visit.reading("county", "auditor") as (session, scope):
        found = rounds.jobs(session, scope, plain_id(round_id))
    return visit.answer(JobsOut(items=[_job(row, visit.lang) for row in found]))


@router.get("/jobs/{job_id}", response_model=JobOut, tags=["jobs"])
def get_job(visit: Visiting, job_id: AnyId) -> Response:
    """Show how a solve goes · 查看求解进度."""
    with visit.reading("county", "auditor") as (session, scope):
        return visit.answer(_job(rounds.job(session, scope, plain_id(job_id)), visit.lang))


@router.post("/jobs/{job_id}/stop", response_model=StoppedOut, tags=["jobs"])
def stop_job(
    visit: Visiting,
    job_id: AnyId,
    key: NeedsKey = None,
) -> Response:
    """Ask a solve to end with the best it has · 停止求解并保留当前最好结果."""
    call = visit.call(visit.person("county"))
    with visit.reading("county") as (session, scope):
        row = rounds.job(session, scope, plain_id(job_id))
    done = visit.act(call, solving.stopping(call, row.id))
    return visit.done(done, StoppedOut, done.body)


@router.get("/rounds/{round_id}/answers", response_model=AnswersOut)
def list_answers(visit: Visiting, round_id: RoundId) -> Response:
    """List every answer of a round, published or not · 列出各次求解结果."""
    with visit.reading("county", "auditor") as (session, scope):
        found = reads.answers(session, scope, plain_id(round_id))
    return visit.answer(AnswersOut(items=[_answer(row) for row in found]))


@router.get("/rounds/{round_id}/result", response_model=ResultOut, openapi_extra=CONFLICTS)
def get_result(visit: Visiting, round_id: RoundId) -> Response:
    """Show the published answer of a round · 查看已公布的结果."""
    with visit.reading(*ALL) as (session, scope):
        row, answer = reads.published(session, scope, plain_id(round_id))
        told = publishing.told(session, row, answer)
    shown = ResultOut(
        answer=_answer(answer),
        round_id=row.id,
        number=answer.number,
        seed=told["seed"],
        version=told["version"],
        overrides=told["overrides"],
        goals=told["goals"],
        closed=told["closed"],
        notice_until=row.notice_until,
    )
    return visit.answer(shown)


@router.get("/rounds/{round_id}/results", response_model=Page[SeatOut], openapi_extra=CONFLICTS)
def list_results(visit: Visiting, round_id: RoundId, part: Part) -> Response:
    """List the seats of the teachers within reach · 列出录取名单."""
    after = part.after(2)
    with visit.reading("school", "county", "auditor") as (session, scope):
        rows, more = reads.seated(session, scope, plain_id(round_id), after, part.limit)
        titles = reads.titles(session, {row.section_id for row in rows})
    visit.show((row.teacher_id for row in rows), plain_id(round_id))
    cursor = cursor_of(rows[-1].teacher_id, rows[-1].section_id) if more else None
    return visit.answer(Page[SeatOut](items=[_seat(row, titles) for row in rows], next=cursor))


@router.get(
    "/rounds/{round_id}/results/{teacher_id}", response_model=OwnResultOut, openapi_extra=CONFLICTS
)
def get_own_result(visit: Visiting, round_id: RoundId, teacher_id: TeacherId) -> Response:
    """Show what a teacher received, and why not more · 查看本人结果及理由."""
    with visit.reading(*READING) as (session, scope):
        her = herself(teacher_id, scope)
        found = reads.hers(session, scope, plain_id(round_id), her)
    visit.show([her], plain_id(round_id))
    reasons = [
        ReasonOut(
            section_id=row.subject,
            title=found.titles.get(row.subject, ""),
            code=row.code,
            have=row.have,
            need=row.need,
            sentence=reason_of(row).say(visit.lang),
        )
        for row in found.reasons
    ]
    seats = [_seat(row, found.titles) for row in found.seats]
    told = OwnResultOut(teacher_id=her, lottery_number=found.lottery, seats=seats, reasons=reasons)
    return visit.answer(told)


def _job(row: JobRow, lang: Language) -> JobOut:
    told = row.model_dump() | {"trouble": solving.trouble_of(row, lang)}
    return picked(told, JobOut)


def _answer(row: AnswerRow) -> AnswerOut:
    return picked(row.model_dump(), AnswerOut)


def _seat(row: SeatRow, titles: dict[str, str]) -> SeatOut:
    return SeatOut(
        teacher_id=row.teacher_id,
        section_id=row.section_id,
        title=titles.get(row.section_id, ""),
        rank=row.rank,
        kind=row.kind,
        round=row.number,
    )
