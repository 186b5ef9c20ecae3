"""Attendance: who came on which half-days, and the hours that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from diagnostics import store as diagnosed
from diagnostics.credit import ledger
from diagnostics.credit.ledger import LedgerLine, Posting
from diagnostics.credit.rules import rule_set
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored

State = Literal["came", "no_show"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened to one seat; `attended` lists the half-days signed for."""

    teacher: str
    section: str
    state: State
    planned: tuple[str, ...]
    attended: tuple[str, ...]


def evidence(round_id: str, section: str) -> str:
    """Return what proves hours earned in a section of a round: its sign-in book."""
    return f"{round_id}/{section}"


def postings(stored: Stored, settings: RoundSettings, marks: Iterable[Mark]) -> Iterator[Posting]:
    """Yield the hours of everybody who came: half-days signed for times what a half-day counts.

    A section without meetings is an online one: its hours are posted whole or not at all.
    """
    clock = rule_set(settings.rule_set).clock
    for mark in marks:
        section = stored.sections[mark.section]
        offering = stored.offerings[section.offering_id]
        minutes = clock.of_half_days(len(mark.attended)) if mark.planned else offering.minutes
        if mark.state == "came" and minutes:
            yield Posting(
                teacher_id=mark.teacher,
                year=settings.year,
                category=offering.category,
                minutes=minutes,
                source="section",
                evidence=evidence(settings.id, mark.section),
                origin="section",
                offering_id=offering.id,
                level=offering.level,
                mode=offering.mode,
                topics=tuple(offering.topics),
                posted_on=max(mark.planned, default=f"{settings.year}-12-31")[:10],
            )


def post(session: Session, wanted: Iterable[Posting], *approvers: str) -> tuple[LedgerLine, ...]:
    """Write what is not in the ledger yet, with both approvals; the same work is posted once."""
    given = tuple(wanted)
    people = {posting.teacher_id for posting in given}
    known = {line.key for line in diagnosed.ledger_lines(session, people)}
    return ledger.post(session, [each for each in given if each.key not in known], approvers)
