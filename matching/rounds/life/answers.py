"""Solving a sealed round: a question that is asked once, and an answer that is kept for ever.

A worker needs three calls: `question` reads everything from the snapshot, `answer` solves without
touching the database, `keep_answer` stores what was found, if the job is still this worker's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from matching import certificate
from matching.result import Reason
from matching.rounds import service
from matching.rounds.by_hand import ByHand
from matching.rounds.errors import BadRound
from matching.rounds.life import results, store
from matching.rounds.life.calls import Call, Scope
from matching.rounds.life.clock import stamp
from matching.rounds.life.events import Happened
from matching.rounds.life.hold import held
from matching.rounds.life.moves import Told, move
from matching.rounds.life.tables import AnswerRow, JobRow
from matching.rounds.reasons import RoundReason
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import RoundRow, SeatRow
from matching.watch import Watch

EFFORTS = ("quick", "standard", "long")


@dataclass(frozen=True)
class Question:
    """All that a solve reads; the same question has the same answer on every machine.

    Attributes
    ----------
    settings
        With the final seed, and the effort asked for.
    published, told
        What round 1 has given out and told, where this is round 2.
    """

    job_id: str
    round_id: str
    number: int
    stored: Stored
    settings: RoundSettings
    by_hand: ByHand
    published: tuple[SeatRow, ...] = ()
    told: Mapping[tuple[str, str], Reason | RoundReason] = field(default_factory=dict)


def ask(
    session: Session,
    call: Call,
    round_id: str,
    effort: str | None = None,
    *,
    expected_version: int | None = None,
) -> Happened:
    """Ask for a solve of the sealed round; a question already answered needs no second solve.

    Raises
    ------
    BadRound
        If the round is not ready to be solved, or the effort is none.
    """
    if effort is not None and effort not in EFFORTS:
        raise BadRound("life_no_effort", effort=effort, efforts=EFFORTS)

    def step(row: RoundRow) -> Told:
        job = _job(session, call, row, effort or "")
        store.keep(session, job)
        return Told({"job": job.id, "configuration": job.configuration}, {"job": told(job)})

    happened = move(session, call, round_id, "solve", step, expected_version=expected_version)
    job = results.job(session, round_id, happened.body["job"], to_move=True)
    known = results.answered(session, round_id, job.snapshot_digest, job.configuration)
    if known is None:
        return happened
    job.state, job.answer_id = "done", known.id
    engine = replace(call, scope=Scope("engine", "engine"))
    moved = move(session, engine, round_id, "answer", lambda _: Told({}, {"job": told(job)}))
    body = {**happened.body, "to": moved.body["to"], "answer": known.id}
    return replace(happened, body=body, answer=moved.answer)


def told(job: JobRow) -> dict[str, Any]:
    """Return what everybody who watches a solve may know of it."""
    hidden = {"asked_by", "attempt"}
    return {name: value for name, value in job.model_dump().items() if name not in hidden}


def _job(session: Session, call: Call, row: RoundRow, effort: str) -> JobRow:
    sealed = store.snapshot(session, row.id)
    if sealed is None:
        raise BadRound("life_not_sealed", id=row.id)
    return JobRow(
        id=f"{row.id}.{len(results.jobs(session, row.id)) + 1:04d}",
        round_id=row.id,
        number=row.number,
        snapshot_digest=sealed.digest,
        configuration=configuration(session, row, effort),
        effort=effort,
        asked_by=call.actor,
        asked_at=stamp(call.now),
    )


def configuration(session: Session, row: RoundRow, effort: str) -> str:
    """Return the digest of everything beside the snapshot that decides what a solve answers."""
    before = results.published_first(session, row) if row.number > service.FIRST else None
    by_hand = results.by_hand(session, row.id)
    parts = {
        "number": row.number,
        "before": before.digest if before else "",
        "locked": [[each.teacher, each.section] for each in by_hand.locked],
        "forbidden": [[each.teacher, each.section] for each in by_hand.forbidden],
        "effort": effort or str(row.settings["effort"]),
        "version": code_version(),
    }
    return _digest(parts)


def code_version() -> str:
    """Return what a result names as the code it comes from."""
    from importlib.metadata import version

    return f"xuanke {version('xuanke')}; ortools {version('ortools')}"


def question(session: Session, round_id: str, job_id: str) -> Question:
    """Return all that the solve of a job reads.

    Raises
    ------
    BadRound
        If the round has no such job.
    """
    job = results.job(session, round_id, job_id)
    row = store.round_to_read(session, round_id)
    stored, settings = results.sealed(session, row)
    asked = Question(
        job_id=job.id,
        round_id=round_id,
        number=job.number,
        stored=stored,
        settings=replace(settings, effort=job.effort or settings.effort),
        by_hand=results.by_hand(session, round_id),
    )
    if job.number == service.FIRST:
        return asked
    return replace(
        asked,
        published=service.first_seats(session, round_id),
        told=service.first_told(session, round_id),
    )


def answer(question: Question, watch: Watch | None = None) -> service.Answer:
    """Solve a question; nothing but the question decides the answer."""
    sealed = (question.stored, question.settings)
    if question.number == service.FIRST:
        return service.first_round(*sealed, by_hand=question.by_hand, watch=watch)
    return service.last_round(
        *sealed,
        question.published,
        told=question.told,
        by_hand=question.by_hand,
        watch=watch,
    )


def keep_answer(
    session: Session,
    call: Call,
    round_id: str,
    job_id: str,
    attempt: int,
    answer: service.Answer,
) -> Happened:
    """Store what a worker has found, as a new version beside all earlier ones.

    Raises
    ------
    BadRound
        If the job has been given to another worker since (`life_stale_worker`): its answer is the
        one that counts, and would be the same.
    """
    if answer.is_infeasible:
        return give_up(session, call, round_id, job_id, attempt, witness=answer.witness)
    job = _still_mine(session, call, round_id, job_id, attempt)

    def step(row: RoundRow) -> Told:
        kept = _kept(session, job, answer)
        job.state, job.answer_id, job.gap = "done", kept.id, answer.result.gap
        said = {"job": job.id, "answer": kept.id, "digest": kept.digest, "status": kept.status}
        return Told(said, said)

    return move(session, call, round_id, "answer", step)


def _kept(session: Session, job: JobRow, answer: service.Answer) -> AnswerRow:
    """Store an answer, or find it: a solve that was stopped answers another question."""
    stopped_at = str(answer.result.settings.get("stopped_at", ""))
    asked = job.configuration
    if stopped_at:
        asked = _digest({"configuration": asked, "stopped_at": stopped_at})
    known = results.answered(session, job.round_id, job.snapshot_digest, asked)
    if known is not None:
        return known
    version = 1 + len(results.answers(session, job.round_id, job.number))
    row = AnswerRow(
        id=f"{job.round_id}/{job.number}/{version}",
        round_id=job.round_id,
        number=job.number,
        version=version,
        snapshot_digest=job.snapshot_digest,
        configuration=asked,
        digest=answer.result.digest,
        status=answer.result.status,
        gap=answer.result.gap,
        job_id=job.id,
        body=body_of(answer),
    )
    store.keep(session, row)
    return row


def body_of(answer: service.Answer) -> dict[str, Any]:
    """Return an answer as plain data: rows to be published, and what its digest is made of."""
    result = answer.result
    conflicts = [asdict(each) | {"detail": dict(each.detail)} for each in answer.conflicts]
    solved = {
        "seats": [asdict(seat) for seat in result.seats],
        "prices": [[price.row, price.price] for price in result.prices],
        "certificate": certificate.plain(result.certificate),
    }
    return {
        "result": service.result_row(answer).model_dump() | solved,
        "seats": [row.model_dump() for row in answer.seats if row.number == answer.number],
        "reasons": [row.model_dump() for row in service.reason_rows(answer)],
        "conflicts": conflicts,
    }


def give_up(
    session: Session,
    call: Call,
    round_id: str,
    job_id: str,
    attempt: int,
    *,
    witness: Iterable[Reason] = (),
    trouble: str = "",
) -> Happened:
    """End a solve without an answer: the settings clash (the witness says which), or it failed.

    Raises
    ------
    BadRound
        If the job has been given to another worker since.
    """
    job = _still_mine(session, call, round_id, job_id, attempt)
    clash = [asdict(each) | {"detail": dict(each.detail)} for each in witness]

    def step(row: RoundRow) -> Told:
        job.witness, job.trouble = clash, trouble
        job.state = "infeasible" if clash else "failed"
        said = {"job": job.id, "witness": clash, "trouble": trouble}
        return Told(said, said)

    return move(session, call, round_id, "fail", step)


def _still_mine(session: Session, call: Call, round_id: str, job_id: str, attempt: int) -> JobRow:
    if held(session, call, round_id).state != "solving":
        raise BadRound("life_stale_worker", job=job_id, attempt=attempt)
    return results.live(session, round_id, job_id, attempt)


def _digest(parts: Mapping[str, Any]) -> str:
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
