"""A dry run of a round: asked for by its office, made by the worker, and gone by until there is a result.

Needs are read inside the worker; what is kept and told are prices and odds of sections. It is a job like
a solve (number 0), so its progress is seen and it can be stopped the same way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from sqlmodel import Session

from api.choosing.tables import DryRunRow
from api.menus import chooser
from api.reads.boards import lay
from api.reads.chances import LastTime
from catalog.board import Board
from catalog.entries import Needs
from diagnostics.credit.integrity import Ban
from diagnostics.framework import framework
from diagnostics.need import need_matrix
from matching.rounds import store as stored_rounds
from matching.rounds.dry_run import Expected, Foretold, foretold, wanted
from matching.rounds.errors import BadRound
from matching.rounds.facts import Facts
from matching.rounds.life import answers, results, store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import stamp
from matching.rounds.life.drafting import settings_of
from matching.rounds.life.events import Happened
from matching.rounds.life.hold import held, require_role
from matching.rounds.life.tables import JobRow
from matching.rounds.needs import diagnosed
from matching.rounds.references import require_known
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.watch import Watch

NUMBER = 0
"""The number of a job that is a dry run; solves are 1 and 2."""

BEFORE = ("draft", "announced", "open", "paused")
"""States in which ballots are still to come."""


def ask(session: Session, call: Call, round_id: str) -> Happened:
    """Ask for a dry run; it takes the place of an earlier one when it is made.

    Raises
    ------
    BadRound
        If the round is another's, is past its ballots, or has a job under way.
    """
    require_role(call, "county")
    row = held(session, call, round_id, *BEFORE)
    jobs = results.jobs(session, row.id)
    if any(job.state in results.LIVE for job in jobs):
        raise BadRound("dry_run_waits", id=row.id)
    job = JobRow(
        id=f"{row.id}.{len(jobs) + 1:04d}",
        round_id=row.id,
        number=NUMBER,
        snapshot_digest="",
        configuration="",
        asked_by=call.actor,
        asked_at=stamp(call.now),
    )
    store.keep(session, job)
    return Happened("dry_run.asked", row.id, {"job": job.id}, {"job": answers.told(job)})


def drop(session: Session, call: Call, round_id: str) -> Happened:
    """Let menus go by the last result again, or by none.

    Raises
    ------
    BadRound
        If the round is another's or has no dry run.
    """
    require_role(call, "county")
    row = held(session, call, round_id)
    made = session.get(DryRunRow, row.id)
    if made is None:
        raise BadRound("dry_run_none", id=row.id)
    session.delete(made)
    said = {"job": made.job_id, "digest": made.digest}
    return Happened("dry_run.dropped", row.id, said, said)


@dataclass(frozen=True, eq=False)
class Question:
    """All that a dry run reads."""

    stored: Stored
    settings: RoundSettings
    board: Board


class DryRun:
    """What makes dry runs for the worker; see `api.jobs.solving.Solver`."""

    def question(self, session: Session, round_id: str, job_id: str) -> Question:
        """Read the round, its people and what menus count, without any ballot."""
        settings = settings_of(store.round_to_read(session, round_id))
        stored = stored_rounds.load(session, settings)
        require_known(stored, settings)
        return Question(stored, settings, lay(session, settings, LastTime()).board)

    def answer(self, question: Question, watch: Watch | None = None) -> tuple[int, Foretold]:
        """Return how many teachers there are, and what is foretold of every section."""
        stored, settings = question.stored, question.settings
        found = foretold(stored, settings, expected(question), watch)
        return len(stored.teachers), found

    def keep_answer(
        self,
        session: Session,
        call: Call,
        round_id: str,
        job_id: str,
        attempt: int,
        answer: tuple[int, Foretold],
    ) -> Happened:
        """Keep prices and odds in the place of earlier ones, and end the job."""
        teachers, found = answer
        row = held(session, call, round_id, *BEFORE)
        job = results.live(session, row.id, job_id, attempt)
        sections = _lines(found)
        digest = sha256(json.dumps(sections).encode()).hexdigest()
        made = DryRunRow(
            round_id=row.id,
            job_id=job.id,
            at=stamp(call.now),
            asked_by=job.asked_by,
            teachers=teachers,
            sections=sections,
            digest=digest,
        )
        session.merge(made)
        job.state = "done"
        said = {"job": job.id, "digest": digest, "teachers": teachers, "sections": len(sections)}
        return Happened("dry_run.made", row.id, said, said)

    def give_up(
        self,
        session: Session,
        call: Call,
        round_id: str,
        job_id: str,
        attempt: int,
        *,
        trouble: str = "",
    ) -> Happened:
        """End the job; an earlier dry run stays."""
        job = results.live(session, round_id, job_id, attempt)
        job.state, job.trouble = "failed", trouble
        said = {"job": job.id, "trouble": trouble}
        return Happened("dry_run.failed", round_id, said, said)


def expected(question: Question) -> Expected:
    """Return what menus count for everybody before prices, and how many sections each will want."""
    stored, settings, board = question.stored, question.settings, question.board
    facts, frame = Facts(stored, settings), framework(settings.framework)
    profiles = diagnosed(stored, settings).profiles
    people = [stored.teachers[profile.teacher] for profile in profiles]
    targets = [frame.targets_for(teacher) for teacher in people]
    values, _ = need_matrix(profiles, targets, board.items)
    bans = _by_teacher(stored.bans)
    sections = tuple(item.section for item in board.items)
    points = np.zeros(values.shape, np.int64)
    is_open = np.zeros(values.shape, np.bool_)
    for row, teacher in enumerate(people):
        mine = (stored.ledger[teacher.id], bans.get(teacher.id, ()), facts.courses)
        her = chooser(teacher.id, facts.people[teacher.id], *mine)
        needs = Needs(dict(zip(sections, values[row].tolist(), strict=True)), {}, {})
        points[row] = board.parts(her, needs).sum(axis=0)
        is_open[row] = board.open_to(her)
    many = wanted(facts)
    names = tuple(teacher.id for teacher in people)
    wants = np.array([many[name] for name in names], np.int64)
    return Expected(names, sections, points, is_open, wants)


def _by_teacher(bans: tuple[Ban, ...]) -> Mapping[str, list[Ban]]:
    found: dict[str, list[Ban]] = {}
    for ban in bans:
        found.setdefault(ban.teacher, []).append(ban)
    return found


def _lines(found: Foretold) -> list[list[Any]]:
    return [
        [id_, found.prices.get(id_, 0), odds.asked, odds.seated, odds.better, odds.per_mille]
        for id_, odds in sorted(found.odds.items())
    ]
