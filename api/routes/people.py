"""`/me`, `/teachers`, hours and ledger, and diagnosis, which a teacher alone may read of herself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints

from api.http_errors import Refused
from api.messages import Language
from api.reads import people as reads
from api.routes.catalog import Code
from api.routes.door import ALL, Part, TeacherId, Visiting, herself, page_of, picked
from api.schemas import Bilingual, Outward, Page, cursor_of
from diagnostics.credit.ledger import LedgerLine
from diagnostics.credit.statements import Statement
from diagnostics.errors import BadData
from diagnostics.framework import Framework
from diagnostics.need import gaps
from diagnostics.profile import Estimate, GroupFigure, Profile
from diagnostics.teachers import Teacher
from matching.rounds.life.calls import Role

router = APIRouter(tags=["teachers"])

PEOPLE: tuple[Role, ...] = ("teacher", "school", "county", "auditor")
RuleName = Annotated[str, StringConstraints(pattern="^[a-z0-9_]+$", max_length=40)]
Year = Annotated[int, Query(ge=2000, le=2100, description="Year the hours count for. 年度")]


class MeOut(Outward):
    """Who the token says is asking."""

    holder: str
    role: str
    scope_id: str


class TeacherOut(Outward):
    """A teacher as her school and unit know her; no identity number, no telephone."""

    id: str
    name: str
    school_id: str
    stage: str
    subject: str
    roles: list[str]
    title_rank: int | None
    years: int


class HoursLineOut(Outward):
    """One requirement in account minutes: asked for, counted, done, still due."""

    requirement: str
    title: Bilingual
    target: int | None
    counted: int
    raw: int
    due: int


class HoursOut(Outward):
    """A teacher's hours of one year."""

    teacher_id: str
    year: int
    rule_set: str
    lines: list[HoursLineOut]
    pending: int
    late: int
    complete: bool
    certificate: str
    warnings: list[str]


class LedgerLineOut(Outward):
    """One line of the append-only ledger; it counts once two people have approved it."""

    id: str
    year: int
    category: str
    minutes: int
    source: str
    evidence: str
    origin: str
    posted_on: str
    corrects: str | None
    reason: str
    approvals: int
    counts: bool


class EstimateOut(Outward):
    """What is believed of one dimension: a distribution over levels, never a bare level."""

    dimension: str
    title: Bilingual
    percent: list[float]
    self_ratings: int
    observers: int
    insufficient: bool
    sentence: str


class GapOut(Outward):
    """How far she is expected to be below her target, in thousandths of a level."""

    dimension: str
    target: int
    expected: int
    sentence: str


class DiagnosisOut(Outward):
    """A teacher's profile, for her eyes alone."""

    teacher_id: str
    framework: str
    diagnosed: bool
    estimates: list[EstimateOut]
    gaps: list[GapOut]


class GroupFigureOut(Outward):
    """The mean distribution of a group in one dimension."""

    dimension: str
    title: Bilingual
    n: int
    percent: list[float]


class GroupOut(Outward):
    """What is believed of a group; nothing where it is too small for nobody to be known by it."""

    too_small: bool
    minimum: int
    figures: list[GroupFigureOut]


@router.get("/me", response_model=MeOut)
def get_me(visit: Visiting) -> Response:
    """Show whose token this is · 查看当前身份."""
    who = visit.person(*ALL)
    return visit.answer(MeOut(holder=who.holder, role=who.scope.role, scope_id=who.scope.id))


@router.get("/teachers", response_model=Page[TeacherOut])
def list_teachers(
    visit: Visiting, part: Part, school_id: Annotated[Code, Query()] = ""
) -> Response:
    """List the teachers within reach · 列出所辖教师."""
    (after,) = part.after() or ("",)
    with visit.reading(*PEOPLE) as (session, scope):
        found = reads.teachers(session, scope, school_id, after, part.limit)
    visit.show(row["id"] for row in found.rows)
    return visit.answer(page_of(found, lambda row: picked(row, TeacherOut)))


@router.get("/teachers/{teacher_id}", response_model=TeacherOut)
def get_teacher(visit: Visiting, teacher_id: TeacherId) -> Response:
    """Show one teacher · 查看一位教师."""
    with visit.reading(*PEOPLE) as (session, scope):
        row = reads.teacher(session, scope, herself(teacher_id, scope))
    visit.show([row["id"]])
    return visit.answer(picked(row, TeacherOut))


@router.get("/teachers/{teacher_id}/hours", response_model=HoursOut)
def get_hours(
    visit: Visiting,
    teacher_id: TeacherId,
    year: Year,
    rules: Annotated[RuleName, Query(description="Rule set of hours. 学时规则")] = "zhaoqing",
) -> Response:
    """Show a teacher's hours of a year and what is due · 查看学时."""
    with visit.reading(*PEOPLE) as (session, scope):
        her = herself(teacher_id, scope)
        try:
            found = reads.hours(session, scope, her, year, rules, visit.lang)
        except BadData as unknown:
            raise Refused(422, "field_value", field="query.rules") from unknown
    visit.show([her])
    return visit.answer(_hours(found, visit.lang))


@router.get("/teachers/{teacher_id}/ledger", response_model=Page[LedgerLineOut])
def list_ledger(visit: Visiting, teacher_id: TeacherId, part: Part) -> Response:
    """List the lines of a teacher's ledger · 列出学分台账."""
    (after,) = part.after() or ("",)
    with visit.reading(*PEOPLE) as (session, scope):
        her = herself(teacher_id, scope)
        lines, more = reads.ledger(session, scope, her, after, part.limit)
    visit.show([her])
    cursor = cursor_of(lines[-1].id) if more else None
    return visit.answer(Page[LedgerLineOut](items=[_line(line) for line in lines], next=cursor))


@router.get("/teachers/me/diagnosis", response_model=DiagnosisOut, tags=["diagnosis"])
def get_diagnosis(visit: Visiting) -> Response:
    """Show a teacher her own profile; nobody else may ask · 本人查看能力诊断."""
    with visit.reading("teacher") as (session, scope):
        frame, profile, teacher = reads.own_profile(session, scope)
    return visit.answer(diagnosis_out(frame, profile, teacher, visit.lang))


@router.get("/diagnosis/groups", response_model=GroupOut, tags=["diagnosis"])
def get_group(visit: Visiting, school_id: Annotated[Code, Query()] = "") -> Response:
    """Show the mean profile of a group that is large enough · 查看群体诊断."""
    with visit.reading("school", "county", "auditor") as (session, scope):
        frame, figures = reads.group(session, scope, school_id)
    told = GroupOut(
        too_small=figures is None,
        minimum=frame.model.minimum_group,
        figures=[_figure(one, frame) for one in figures or ()],
    )
    return visit.answer(told)


def diagnosis_out(
    frame: Framework, profile: Profile, teacher: Teacher, lang: Language
) -> DiagnosisOut:
    """Return a profile as its teacher reads it, with her gaps."""
    found = gaps(profile, frame.targets_for(teacher))
    return DiagnosisOut(
        teacher_id=profile.teacher,
        framework=profile.framework,
        diagnosed=profile.diagnosed,
        estimates=[_estimate(one, frame, lang) for one in profile.estimates],
        gaps=[
            GapOut(
                dimension=gap.dimension,
                target=gap.target,
                expected=gap.expected,
                sentence=gap.say(frame, lang),
            )
            for gap in found
        ],
    )


def _hours(found: Statement, lang: Language) -> HoursOut:
    lines = [
        HoursLineOut(
            requirement=line.requirement,
            title=Bilingual(zh=line.zh, en=line.en),
            target=line.target,
            counted=line.counted,
            raw=line.raw,
            due=line.due,
        )
        for line in found.lines
    ]
    return HoursOut(
        teacher_id=found.teacher,
        year=found.year,
        rule_set=found.rule_set,
        lines=lines,
        pending=found.pending,
        late=found.late,
        complete=found.complete,
        certificate=found.certificate(lang)[1],
        warnings=list(found.warnings),
    )


def _line(line: LedgerLine) -> LedgerLineOut:
    return LedgerLineOut(
        id=line.id,
        year=line.year,
        category=line.category,
        minutes=line.minutes,
        source=line.source,
        evidence=line.evidence,
        origin=line.origin,
        posted_on=line.posted_on,
        corrects=line.corrects,
        reason=line.reason,
        approvals=len(set(line.approvers)),
        counts=line.counts,
    )


def _estimate(one: Estimate, frame: Framework, lang: Language) -> EstimateOut:
    return EstimateOut(
        dimension=one.dimension,
        title=_title(frame, one.dimension),
        percent=[round(float(share) * 100, 1) for share in one.probabilities],
        self_ratings=one.self_ratings,
        observers=one.observers,
        insufficient=one.insufficient,
        sentence=one.say(frame, lang),
    )


def _figure(one: GroupFigure, frame: Framework) -> GroupFigureOut:
    percent = [round(float(share) * 100, 1) for share in one.shares]
    return GroupFigureOut(
        dimension=one.dimension, title=_title(frame, one.dimension), n=one.n, percent=percent
    )


def _title(frame: Framework, dimension: str) -> Bilingual:
    found = frame.dimension(dimension)
    return Bilingual(zh=found.zh, en=found.en)
