"""Ballots: typed, handed in with a receipt, withdrawn, and reviewed by the school.

A hand-in whose form is in order is answered by `api.lane`; the route here documents it, answers it in
the same words, and says what is wrong with any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Response
from pydantic import Field
from sqlmodel import Session

from api.reads import rounds as reads
from api.routes.door import (
    VERSIONED,
    IfMatch,
    NeedsKey,
    Part,
    RoundId,
    TeacherId,
    Visiting,
    herself,
    page_of,
    picked,
    plain_id,
)
from api.routes.examples import BALLOT, DRAFT, REVIEW
from api.schemas import Count, Inward, Line, Outward, Page, Plain, Reason, Word
from matching.rounds.life import handing, reviewing
from matching.rounds.life.calls import Role
from matching.rounds.life.events import Happened
from matching.rounds.life.receipts import Proof, receipt

router = APIRouter(prefix="/rounds/{round_id}/ballots", tags=["ballots"])

ENTERING: tuple[Role, ...] = ("teacher", "school", "county")
READING: tuple[Role, ...] = ("teacher", "school", "county", "auditor")


class BallotIn(Inward):
    """A ballot: one line per rank, `A+B` a bundle of which all or none is wanted."""

    lines: Annotated[list[Line], Field(max_length=50)]
    most_sections: Count | None = None


class DraftIn(Inward):
    """What is being typed, kept as it is and checked by nobody."""

    lines: Annotated[list[Word], Field(max_length=50)]
    most_sections: Annotated[int, Field(ge=0, le=999)] | None = None


class WarningOut(Outward):
    """Something to know about a ballot that may be handed in all the same."""

    code: str
    due_minutes: int
    reach_minutes: int


class BallotOut(Outward):
    """A ballot as it is now; digest and salt are its receipt."""

    teacher_id: str
    version: int
    handed_in: bool
    lines: list[str]
    most_sections: int | None
    school: str
    school_reason: str
    entered_by: str
    digest: str
    salt: str
    received_at: str
    warnings: list[WarningOut] = Field(default_factory=list)
    draft: Plain | None = None


class ListedOut(Outward):
    """A ballot that was handed in, as school and county see it."""

    teacher_id: str
    version: int
    lines: list[str]
    most_sections: int | None
    school: str
    school_reason: str
    entered_by: str


class ProofOut(Outward):
    """Where a ballot lies under the root that was published at sealing."""

    index: int
    size: int
    path: list[str]
    root: str


class ReceiptOut(Outward):
    """What a teacher holds in her hand; the proof comes with sealing."""

    version: int
    digest: str
    salt: str
    handed_in: bool
    school: str
    proof: ProofOut | None


class ReviewIn(Inward):
    """What the school says; a return needs its reason."""

    decision: Literal["approve", "return"]
    reason: Reason = ""


@router.get("", response_model=Page[ListedOut])
def list_ballots(
    visit: Visiting,
    round_id: RoundId,
    part: Part,
    school: Annotated[
        Literal["", "pending", "approved", "returned"], Query(description="School's word. 学校意见")
    ] = "",
) -> Response:
    """List the ballots handed in by teachers within reach · 列出已提交的志愿."""
    (after,) = part.after() or ("",)
    with visit.reading("school", "county", "auditor") as (session, scope):
        found = reads.ballots(session, scope, plain_id(round_id), school, after, part.limit)
    visit.show((row["teacher_id"] for row in found.rows), plain_id(round_id))
    return visit.answer(page_of(found, lambda row: picked(row, ListedOut), "teacher_id"))


@router.get("/{teacher_id}", response_model=BallotOut, openapi_extra=VERSIONED)
def get_ballot(visit: Visiting, round_id: RoundId, teacher_id: TeacherId) -> Response:
    """Show a ballot; what is being typed is shown to the teacher alone · 查看志愿."""
    with visit.reading(*READING) as (session, scope):
        row = reads.ballot(session, scope, plain_id(round_id), herself(teacher_id, scope))
    visit.show([row.teacher_id], plain_id(round_id))
    hers = scope.role == "teacher"
    hidden = {} if hers else {"salt": ""}
    told = BallotOut(**handing.shown(row) | hidden, draft=row.draft if hers else None)
    return visit.answer(told, row.version)


@router.put("/{teacher_id}", response_model=BallotOut)
def hand_in(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    sent: Annotated[BallotIn, Body(openapi_examples=BALLOT)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Hand a ballot in, and get its receipt · 提交志愿."""
    return _entered(visit, round_id, teacher_id, sent, handing.hand_in)


@router.put("/{teacher_id}/draft", response_model=BallotOut)
def save_draft(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    sent: Annotated[DraftIn, Body(openapi_examples=DRAFT)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Keep what is being typed; it counts for nothing · 暂存志愿."""
    who, version = visit.person("teacher"), visit.version()
    call, her = visit.call(who), herself(teacher_id, who.scope)

    def command(session: Session) -> Happened:
        typed = sent.model_dump()
        return handing.save_draft(session, call, plain_id(round_id), her, typed, version)

    return _told(visit, visit.act(call, command, sent))


@router.post("/{teacher_id}/amend", response_model=BallotOut)
def amend(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    sent: Annotated[BallotIn, Body(openapi_examples=BALLOT)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Hand in anew what the school has returned, until sealing · 退回后修改."""
    return _entered(visit, round_id, teacher_id, sent, handing.amend)


def _entered(
    visit: Visiting, round_id: str, teacher_id: str, sent: BallotIn, enter: Callable[..., Happened]
) -> Response:
    """Enter a ballot as `handing.hand_in` or `handing.amend` does."""
    who, version = visit.person(*ENTERING), visit.version()
    call, her = visit.call(who), herself(teacher_id, who.scope)

    def command(session: Session) -> Happened:
        ballot = (sent.lines, sent.most_sections)
        return enter(session, call, plain_id(round_id), her, *ballot, version)

    return _told(visit, visit.act(call, command, sent))


@router.post("/{teacher_id}/withdraw", response_model=BallotOut)
def withdraw(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Take a ballot back while the round takes ballots · 撤回志愿."""
    who, version = visit.person(*ENTERING), visit.version()
    call, her = visit.call(who), herself(teacher_id, who.scope)

    def command(session: Session) -> Happened:
        return handing.withdraw(session, call, plain_id(round_id), her, version)

    return _told(visit, visit.act(call, command))


@router.get("/{teacher_id}/receipt", response_model=ReceiptOut)
def get_receipt(visit: Visiting, round_id: RoundId, teacher_id: TeacherId) -> Response:
    """Show the receipt of one's own ballot, with its proof after sealing · 查看回执."""
    with visit.reading("teacher") as (session, scope):
        found = receipt(session, scope, plain_id(round_id), herself(teacher_id, scope))
    told = ReceiptOut(
        version=found.version,
        digest=found.digest,
        salt=found.salt,
        handed_in=found.handed_in,
        school=found.school,
        proof=_proof(found.proof) if found.proof else None,
    )
    return visit.answer(told)


@router.post("/{teacher_id}/review", response_model=BallotOut)
def review(
    visit: Visiting,
    round_id: RoundId,
    teacher_id: TeacherId,
    sent: Annotated[ReviewIn, Body(openapi_examples=REVIEW)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Approve or return a ballot of one's school · 学校审核."""
    call = visit.call(visit.person("school"), sent.reason)
    version = visit.version()
    step = reviewing.approve if sent.decision == "approve" else reviewing.return_

    def command(session: Session) -> Happened:
        whose = (plain_id(round_id), plain_id(teacher_id))
        return step(session, call, *whose, sent.reason, expected_version=version)

    return _told(visit, visit.act(call, command, sent), salt="")


def _proof(proof: Proof) -> ProofOut:
    return ProofOut(index=proof.index, size=proof.size, path=list(proof.path), root=proof.root)


def _told(visit: Visiting, done: Any, **hidden: str) -> Response:
    return visit.done(done, BallotOut, done.body | hidden, done.body["version"])
