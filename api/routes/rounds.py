"""`/rounds`: rounds, the verbs said to them, and what takes two people."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Response
from pydantic import Field
from sqlmodel import Session

from api import verbs
from api.http_errors import Refused
from api.reads import rounds as reads
from api.routes.door import (
    ALL,
    VERSIONED,
    AnyId,
    IfMatch,
    NeedsKey,
    Part,
    RoundId,
    Visiting,
    picked,
    plain_id,
)
from api.routes.examples import EXTENDING, PROPOSING, SETTINGS
from api.schemas import (
    Bilingual,
    Id,
    Inward,
    Moment,
    Outward,
    Page,
    Plain,
    Reason,
    SettingsText,
    Word,
    cursor_of,
)
from matching.rounds.life import drafting, phases, sealing, store
from matching.rounds.life.calls import Role
from matching.rounds.life.events import Happened
from matching.rounds.life.tables import SnapshotRow
from matching.rounds.tables import RoundRow

router = APIRouter(tags=["rounds"])

VerbName = Literal[
    "announce",
    "change_rules",
    "amend_rules",
    "open",
    "pause",
    "resume",
    "extend",
    "close",
    "close_early",
    "void",
    "seal",
    "draw",
    "reveal",
    "solve",
    "override",
    "rerun",
    "accept",
    "publish",
    "finalise",
    "second_round",
    "confirm",
    "settle",
    "cancel_section",
    "transfer",
    "start",
    "evaluate",
    "post",
]


class Arguments(Inward):
    """What a verb needs to be told; each takes some of these and refuses the others."""

    settings: SettingsText | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    reopens: Moment | None = None
    successor: (
        Annotated[str, Field(pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9_.:/+\-]*$", max_length=64)] | None
    ) = None
    public_value: Word | None = None
    effort: Literal["quick", "standard", "long"] | None = None
    notice_days: Annotated[int, Field(ge=1, le=60)] | None = None
    days: Annotated[int, Field(ge=1, le=60)] | None = None
    window_days: Annotated[int, Field(ge=1, le=120)] | None = None
    teacher_id: Id | None = None
    section_id: Id | None = None
    school_id: Id | None = None
    into: Id | None = None
    kind: Literal["lock", "forbid", "lift"] | None = None

    def given(self) -> dict[str, object]:
        """Return what was given, moments as text."""
        found = self.model_dump(exclude_none=True)
        return {k: v.isoformat() if k in MOMENTS else v for k, v in found.items()}


MOMENTS = ("opens_at", "closes_at", "reopens")


class MoveIn(Inward):
    """A verb said to a round."""

    verb: VerbName
    arguments: Arguments = Arguments()
    reason: Reason = ""


class RoundIn(Inward):
    """A new round: the text of its `round.toml`."""

    settings: SettingsText


class RoundOut(Outward):
    """A round; moments are UTC."""

    id: str
    title: str
    year: int
    unit_id: str
    state: str
    state_name: Bilingual
    version: int
    number: int
    list_length: int
    commitment: str
    settings_digest: str
    opens_at: str
    closes_at: str
    paused_at: str
    notice_until: str
    confirm_until: str
    published: str
    successor: str
    verbs: list[str]
    """What the caller may say now."""
    snapshot: str
    """Digest of what the round was sealed as; empty before."""
    root: str
    ballots: int | None
    public_source: str
    """The public value that is mixed into the seed, in words; empty for none."""
    public_value: str
    """What was drawn, once two people have entered it."""
    seed: str
    """The seed of the lottery, once it is shown."""


class RulesOut(Outward):
    """The settings of a round as announced, with their digest."""

    digest: str
    settings: Plain


class MovedOut(Outward):
    """What came of a verb: the round as it is now, and what the verb has to tell."""

    id: str
    state: str
    version: int
    told: Plain


class ProposalOut(Outward):
    """What one person wants to do that takes two."""

    id: str
    round_id: str
    verb: str
    reason: str
    proposed_by: str
    proposed_at: str
    state: str
    second: str
    arguments: Plain


class ProposalsOut(Outward):
    """What was proposed for a round, oldest first."""

    items: list[ProposalOut]


class AgreedOut(Outward):
    """A proposal that was agreed to, and what came of it."""

    proposal: ProposalOut
    told: Plain


class ProposedOut(Outward):
    """A proposal as it is now."""

    proposal: ProposalOut


@router.get("/rounds", response_model=Page[RoundOut])
def list_rounds(visit: Visiting, part: Part) -> Response:
    """List the rounds within reach · 列出轮次."""
    (after,) = part.after() or ("",)
    with visit.reading(*ALL) as (session, scope):
        rows, more = reads.rounds(session, scope, after, part.limit)
        told = [_round(session, row, scope.role) for row in rows]
    return visit.answer(Page[RoundOut](items=told, next=cursor_of(rows[-1].id) if more else None))


@router.post("/rounds", response_model=MovedOut, status_code=201)
def draft_round(
    visit: Visiting,
    sent: Annotated[RoundIn, Body(openapi_examples=SETTINGS)],
    key: NeedsKey = None,
) -> Response:
    """Make a round from its settings · 新建轮次."""
    call = visit.call(visit.person("county"))
    settings = verbs.settings_from(sent.settings)

    def command(session: Session) -> Happened:
        return drafting.draft(session, call, settings)

    done = visit.act(call, command, sent, status=201)
    return visit.done(done, MovedOut, _moved(done.body), done.body["version"])


@router.get("/rounds/{round_id}", response_model=RoundOut, openapi_extra=VERSIONED)
def get_round(visit: Visiting, round_id: RoundId) -> Response:
    """Show a round and what may be said to it · 查看轮次."""
    with visit.reading(*ALL) as (session, scope):
        row = reads.the_round(session, scope, plain_id(round_id))
        told = _round(session, row, scope.role)
    return visit.answer(told, row.version)


@router.get("/rounds/{round_id}/rules", response_model=RulesOut)
def get_rules(visit: Visiting, round_id: RoundId) -> Response:
    """Show the settings of a round · 查看轮次规则."""
    with visit.reading(*ALL) as (session, scope):
        row = reads.the_round(session, scope, plain_id(round_id))
        told = RulesOut(digest=drafting.settings_digest(row), settings=row.settings)
    return visit.answer(told)


@router.post("/rounds/{round_id}/moves", response_model=MovedOut)
def say_verb(
    visit: Visiting,
    round_id: RoundId,
    sent: Annotated[MoveIn, Body(openapi_examples=EXTENDING)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Say a verb to a round; what takes two people is a proposal · 操作轮次."""
    call = visit.call(visit.person("county"), sent.reason)
    version = visit.version()
    if verbs.is_for_two(sent.verb):
        raise Refused(409, "http_needs_two", "body.verb", verb=verbs.named(sent.verb))

    def command(session: Session) -> Happened | tuple[Happened, ...]:
        given = sent.arguments.given()
        return verbs.say(session, call, plain_id(round_id), sent.verb, given, version)

    done = visit.act(call, command, sent)
    return visit.done(done, MovedOut, _moved(done.body), done.body.get("version"))


@router.get("/rounds/{round_id}/proposals", response_model=ProposalsOut)
def list_proposals(visit: Visiting, round_id: RoundId) -> Response:
    """List what was proposed for a round · 列出提议."""
    with visit.reading("county", "auditor") as (session, scope):
        rows = reads.proposals(session, scope, plain_id(round_id))
    named = {str(row.arguments.get("teacher_id") or "") for row in rows}
    visit.show(named - {""}, plain_id(round_id))
    return visit.answer(
        ProposalsOut(items=[_proposal(verbs.told(row)["proposal"]) for row in rows])
    )


@router.post("/rounds/{round_id}/proposals", response_model=ProposedOut, status_code=201)
def propose(
    visit: Visiting,
    round_id: RoundId,
    sent: Annotated[MoveIn, Body(openapi_examples=PROPOSING)],
    key: NeedsKey = None,
    match: IfMatch = None,
) -> Response:
    """Propose what takes two people · 提出须两人决定的操作."""
    call = visit.call(visit.person("county"), sent.reason)
    version = visit.version()

    def command(session: Session) -> Happened:
        given = sent.arguments.given()
        return verbs.propose(session, call, plain_id(round_id), sent.verb, given, version)

    done = visit.act(call, command, sent, status=201)
    return visit.done(done, ProposedOut, done.body)


@router.post("/proposals/{proposal_id}/agree", response_model=AgreedOut)
def agree(
    visit: Visiting,
    proposal_id: AnyId,
    key: NeedsKey = None,
) -> Response:
    """Agree to a proposal of somebody else, which then is done · 同意提议."""
    who = visit.person("county")
    with visit.reading("county") as (session, scope):
        proposal = reads.proposal(session, scope, plain_id(proposal_id))
    if proposal.proposed_by == who.holder:
        raise Refused(409, "http_proposal_own")
    call = visit.call(who, proposal.reason, second=who.holder, actor=proposal.proposed_by)

    def command(session: Session) -> tuple[Happened, ...]:
        return verbs.agree(session, call, proposal.id)

    done = visit.act(call, command, sender=who.holder)
    told = {k: v for k, v in done.body.items() if k != "proposal"}
    return visit.done(done, AgreedOut, {"proposal": done.body["proposal"], "told": told})


@router.post("/proposals/{proposal_id}/drop", response_model=ProposedOut)
def drop(
    visit: Visiting,
    proposal_id: AnyId,
    key: NeedsKey = None,
) -> Response:
    """Put a proposal away · 撤销提议."""
    call = visit.call(visit.person("county"))
    with visit.reading("county") as (session, scope):
        proposal = reads.proposal(session, scope, plain_id(proposal_id))

    def command(session: Session) -> Happened:
        return verbs.drop(session, call, proposal.id)

    done = visit.act(call, command)
    return visit.done(done, ProposedOut, done.body)


def _moved(body: dict[str, object]) -> dict[str, object]:
    named = ("id", "state", "version")
    told = {name: value for name, value in body.items() if name not in named}
    return {name: body.get(name, "" if name != "version" else 0) for name in named} | {"told": told}


def _proposal(found: dict[str, object]) -> ProposalOut:
    return picked(found, ProposalOut)


def _round(session: Session, row: RoundRow, role: Role) -> RoundOut:
    sealed = store.snapshot(session, row.id)
    return RoundOut(
        **drafting.public(row),
        year=row.year,
        unit_id=row.unit_id,
        state_name=Bilingual(**phases.word("state", row.state)),
        number=row.number,
        list_length=row.list_length,
        paused_at=row.paused_at,
        notice_until=row.notice_until,
        confirm_until=row.confirm_until,
        published=row.published,
        successor=row.successor,
        verbs=[name for name in phases.verbs(row.state) if role in phases.line_of(name).roles],
        snapshot=sealed.digest if sealed else "",
        root=sealed.root if sealed else "",
        ballots=sealed.ballots if sealed else None,
        public_value=_public_value(session, row),
        seed=_seed(session, row, sealed),
    )


def _public_value(session: Session, row: RoundRow) -> str:
    """Return what was drawn; a round that announced no source has no such value."""
    return store.secret(session, row.id).public_value if drafting.public_source(row) else ""


def _seed(session: Session, row: RoundRow, sealed: SnapshotRow | None) -> str:
    """Return the seed of the lottery, if it has been shown."""
    if sealed is None or row.state in sealing.SECRET_STATES:
        return ""
    hidden = store.secret(session, row.id)
    return sealing.final_seed(hidden.secret, hidden.public_value)
