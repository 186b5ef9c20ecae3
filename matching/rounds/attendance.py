"""Attendance: who came on which half-days, and the hours that follow from it.

Until rounds have a life of their own, attendance is simulated: 2 % of the seats are declined in time,
4 % stay empty without a word, and of the other half-days 1 % are missed one by one. Each draw hangs on
seed, teacher and section alone, so it is the same in any order and on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from sqlmodel import Session

from diagnostics import store as diagnosed
from diagnostics.credit import ledger
from diagnostics.credit.ledger import Posting
from diagnostics.credit.rules import rule_set
from matching.rounds.hours import required_bookings
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import SeatRow

DECLINED, NO_SHOW, MISSED = 200, 400, 100
"""Chances per 10,000."""

APPROVERS = ("县教育局", "市教育局")
"""The two approvals every posting needs."""

State = Literal["came", "declined", "no_show"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened to one seat; `attended` lists the half-days signed for."""

    teacher: str
    section: str
    state: State
    planned: tuple[str, ...]
    attended: tuple[str, ...]


def simulate(stored: Stored, seats: Iterable[SeatRow], seed: str) -> tuple[Mark, ...]:
    """Return a drawn attendance for every seat, by teacher and section."""
    pairs = sorted((seat.teacher_id, seat.section_id) for seat in seats)
    return tuple(_mark(*pair, tuple(stored.sections[pair[1]].meetings), seed) for pair in pairs)


def _mark(teacher: str, section: str, planned: tuple[str, ...], seed: str) -> Mark:
    fate = _draw(seed, teacher, section)
    if fate < DECLINED:
        return Mark(teacher, section, "declined", planned, ())
    if fate < DECLINED + NO_SHOW:
        return Mark(teacher, section, "no_show", planned, ())
    came = tuple(half for half in planned if _draw(seed, teacher, section, half) >= MISSED)
    return Mark(teacher, section, "came", planned, came)


def _draw(*words: str) -> int:
    """Return a number from 0 to 9,999 that hangs on the words alone."""
    return int.from_bytes(sha256("\t".join(words).encode()).digest()[:8]) % 10_000


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


def post(
    session: Session, stored: Stored, settings: RoundSettings, marks: Iterable[Mark]
) -> dict[str, int]:
    """Post required hours and those of the round with both approvals; return minutes by teacher.

    What is in the ledger already is not posted twice.
    """
    known = {line.key for line in diagnosed.ledger_lines(session, set(stored.teachers))}
    wanted = [
        posting
        for posting in (
            *required_bookings(settings, stored.teachers),
            *postings(stored, settings, marks),
        )
        if posting.key not in known
    ]
    return _sums(ledger.post(session, wanted, APPROVERS))


def _sums(lines: Iterable[Posting]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        found[line.teacher_id] = found.get(line.teacher_id, 0) + line.minutes
    return found
