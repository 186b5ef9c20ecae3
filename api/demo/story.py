"""The whole life of a round as the demo plays it: every date, every verb, every person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from api.commands.showing import show
from api.console import Desk
from api.demo.calendar import Calendar
from api.demo.people import Ballot, Crowd, ballots

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from api.archive import Bundle
    from api.unit_of_work import Command, Done, Office
    from matching.rounds.attendance import Mark
    from matching.rounds.life.calls import Call
    from matching.rounds.life.events import Happened
    from matching.rounds.life.tables import JobRow, PlaceRow
    from matching.rounds.service import Answer
    from matching.rounds.settings import RoundSettings

DRAFTED = "2026-05-18T09:00:00+08:00"
OPENS = "2026-06-01T08:00:00+08:00"
CHOSEN = "2026-06-05T20:30:00+08:00"
CLOSES = "2026-06-10T18:00:00+08:00"
CLOSED = "2026-06-10T18:00:10+08:00"
SEALED = "2026-06-12T09:00:00+08:00"
SOLVED = ("2026-06-12T10:00:00+08:00", "2026-06-29T10:00:00+08:00")
PUBLISHED = ("2026-06-19T09:00:00+08:00", "2026-06-30T09:00:00+08:00")
FINAL = ("2026-06-27T09:00:00+08:00", "2026-07-08T09:00:00+08:00")

OFFERED = "2026-07-09T09:00:00+08:00"
ANSWERED = (
    "2026-07-10T20:00:00+08:00",
    "2026-07-13T20:00:00+08:00",
    "2026-07-17T20:00:00+08:00",
    "2026-07-21T20:00:00+08:00",
)
"""Evenings on which people answer; after each, what has expired is offered on."""
SETTLED = "2026-07-24T09:00:00+08:00"
STARTED = "2026-08-03T08:00:00+08:00"
OVER = "2026-12-21T09:00:00+08:00"
POSTED = "2026-12-28T09:00:00+08:00"
ARCHIVED = "2027-01-11T09:00:00+08:00"

ADMIN, SECOND = "陈主任", "林副局长"
"""The two administrators of the made-up county."""


@dataclass(frozen=True, slots=True)
class Lived:
    """Figures of a life that the account tells.

    Attributes
    ----------
    late
        What a teacher was told who came after the deadline.
    declined, silent, refilled
        Seats given up, seats never answered, seats that went to somebody who waited.
    minutes
        Account minutes posted after the life of the round.
    """

    handed_in: int = 0
    changed: int = 0
    returned: int = 0
    late: str = ""
    offered: int = 0
    declined: int = 0
    silent: int = 0
    refilled: int = 0
    confirmed: int = 0
    minutes: int = 0
    events: int = 0
    messages: int = 0


class Story:
    """One round from draft to archive, in one process, with the calendar turned by hand."""

    def __init__(self, desk: Desk, engine: Engine, settings: RoundSettings) -> None:
        from api.unit_of_work import Office

        self.desk = desk
        self.engine = engine
        self.settings = settings
        self.calendar = Calendar(DRAFTED)
        self.office: Office = Office(engine, self.calendar, serving=True)
        self.crowd = Crowd(self.office, settings.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.office.close()

    def say(
        self,
        verb: Callable[..., Happened | tuple[Happened, ...]],
        *arguments: Any,
        why: str = "",
        by: str = ADMIN,
    ) -> Done:
        """Let the county say a verb; with a reason, two people say it."""
        from matching.rounds.life.calls import Call, Scope

        scope = Scope("county", self.settings.unit)
        second = SECOND if why else ""
        call = Call(by, scope, self.calendar(), reason=why, second=second)
        return self._do(call, lambda s: verb(s, call, self.settings.id, *arguments))

    def _do(self, call: Call, command: Command) -> Done:
        """Do a command however long it takes: nobody waits at a browser, and a county is large."""
        return self.office.submit(call, command).result()

    def choose(self, sheet: Path) -> Lived:
        """Draft, announce and open the round, take every ballot, close, review and seal it."""
        from matching.rounds.life import moves, sealing

        self._draft()
        self.say(moves.announce, OPENS, CLOSES)
        self.calendar.turn(OPENS)
        self.say(moves.open_)
        wanted = ballots(sheet, self.settings.list_length)
        self.calendar.turn(CHOSEN)
        changed = self.crowd.hand_in(wanted)
        self.calendar.turn(CLOSED)
        self.say(moves.tick)
        late = self._late(wanted[0])
        returned = self.crowd.review(wanted, reason="与学校教学安排冲突")
        self.calendar.turn(SEALED)
        self.say(sealing.seal)
        self.say(sealing.reveal)
        return Lived(len(wanted), changed, returned, late)

    def _draft(self) -> None:
        from matching.rounds.life import drafting
        from matching.rounds.life.calls import Call, Scope

        settings = self.settings
        call = Call(ADMIN, Scope("county", settings.unit), self.calendar())
        self._do(call, lambda s: drafting.draft(s, call, settings, settings.seed))

    def _late(self, ballot: Ballot) -> str:
        """Try to hand in after the deadline; return what she is told."""
        from matching.rounds.errors import BadRound
        from matching.rounds.life import handing

        call = self.crowd.teacher(ballot.teacher)

        def late(session: Session) -> Happened:
            return handing.hand_in(
                session, call, self.settings.id, ballot.teacher, ballot.lines, ballot.most, 1
            )

        try:
            self._do(call, late)
        except BadRound as refusal:
            return refusal.say(self.desk.lang)
        return ""

    def solve(self, number: int) -> JobRow:
        """Solve round 1 or 2 as a durable job; what it found is a candidate, or a clash."""
        from api.jobs import solve_now
        from matching.rounds.life import answers, publishing

        self.calendar.turn(SOLVED[number - 1])
        if number > 1:
            self.say(publishing.second_round)
        job = self.say(answers.ask).body["job"]
        return solve_now(self.desk.db, self.engine, str(job["id"]))

    def publish(self, number: int) -> None:
        """Accept the candidate, publish it for a week of objections, and make it final."""
        from matching.rounds.life import publishing

        self.say(publishing.accept)
        self.calendar.turn(PUBLISHED[number - 1])
        self.say(publishing.publish, why="按规程公示录取结果")
        self.calendar.turn(FINAL[number - 1])
        self.say(publishing.finalise)

    def confirm(self, lived: Lived) -> Lived:
        """Offer every seat, let people answer, refill what comes free, and close the list."""
        from matching.rounds.life import changes, places

        self.calendar.turn(OFFERED)
        offered = self.say(places.open_confirming).body["offers"]
        silent = 0
        for evening in ANSWERED:
            self.calendar.turn(evening)
            silent += self.say(places.expire).body["expired"]
            self.crowd.answer(self._places("offered"))
        self.calendar.turn(SETTLED)
        silent += self.say(places.expire).body["expired"]
        while short := self._short():
            self.say(changes.cancel_section, short[0], why="确认后人数不足开班下限")
        self.say(places.settle)
        confirmed = self._places("confirmed")
        refilled = sum(place.origin == "waitlist" for place in confirmed)
        return replace(
            lived,
            offered=offered,
            silent=silent,
            declined=self.crowd.declined,
            confirmed=len(confirmed),
            refilled=refilled,
        )

    def _short(self) -> list[str]:
        """Return the sections that are left with fewer people than they need."""
        from matching.rounds.life.calls import Call, Scope
        from matching.rounds.life.hall import Hall
        from matching.rounds.life.places import below_minimum
        from matching.rounds.tables import RoundRow

        call = Call(ADMIN, Scope("county", self.settings.unit), self.calendar())
        with self.office.read() as session:
            row = session.get_one(RoundRow, self.settings.id)
            return [section for section, _, _ in below_minimum(Hall(session, call, row))]

    def _places(self, state: str) -> list[PlaceRow]:
        """Return the numbered seats in a state."""
        from matching.rounds import store
        from matching.rounds.life.tables import PlaceRow

        with self.office.read() as session:
            return [row for row in store.everything(session, PlaceRow) if row.state == state]

    def attend(self, lived: Lived) -> Lived:
        """Hold the sections, mark who came, and post the hours with two approvals."""
        from matching.rounds.life import marking, posting

        self.calendar.turn(STARTED)
        self.say(marking.start)
        self.calendar.turn(OVER)
        sections, meetings = self._sections()
        self.crowd.attend(sections, meetings)
        self.say(marking.evaluate)
        self.calendar.turn(POSTED)
        for section in sorted(sections):
            self.say(posting.approve_first, section)
        minutes = sum(
            int(self.say(posting.approve_second, section, by=SECOND).body["minutes"])
            for section in sorted(sections)
        )
        done = self.say(posting.post, why="学时已由两人逐班审核")
        return replace(lived, minutes=minutes + int(done.body["required_minutes"]))

    def _sections(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """Return the sections that are held with their institutions, and all meetings."""
        from catalog.tables import OfferingRow, SectionRow
        from matching.rounds import store
        from matching.rounds.life import marking

        with self.office.read() as session:
            hosts = {o.id: o.institution_id for o in store.everything(session, OfferingRow)}
            rows = store.everything(session, SectionRow)
            held = set(marking.sections_held(session, self.settings.id))
        sections = {row.id: hosts[row.offering_id] for row in rows if row.id in held}
        return sections, {row.id: row.meetings for row in rows}

    def archive(self, out: Path) -> Bundle:
        """Write the bundle that anybody can recheck."""
        from api.archive import archive
        from matching.rounds.life.calls import Call, Scope

        self.calendar.turn(ARCHIVED)
        call = Call(ADMIN, Scope("county", self.settings.unit), self.calendar())
        return archive(self.office, call, self.settings.id, out)

    def replay(self) -> list[tuple[str, Answer]]:
        """Solve every published question once more; return the digest then, and the answer now."""
        from matching.rounds.life import answers, results

        with self.office.read() as session:
            asked = [
                (kept.digest, answers.question(session, self.settings.id, kept.job_id))
                for kept in results.answers(session, self.settings.id)
            ]
        return [(digest, answers.answer(question)) for digest, question in asked]

    def marks(self) -> tuple[Mark, ...]:
        """Return who came, as the institutions have marked it."""
        from matching.rounds.life import marking, posting

        id_ = self.settings.id
        with self.office.read() as session:
            return tuple(
                mark
                for section in marking.sections_held(session, id_)
                for mark in posting.marks_in(session, id_, section)
            )

    def tell_people(self, folder: Path, lived: Lived) -> Lived:
        """Write every message as a sheet for mass sending; count the lines of the log."""
        from functools import partial

        from api import log
        from api.database import session
        from api.outbox import sending

        told = sending.on_paper(
            partial(session, self.engine),
            self.settings.id,
            folder,
            {},
            self.calendar,
            form="sheet",
            shown=lambda people: show(self.engine, "sheet", people, self.settings.id),
            lang=self.desk.lang,
        )
        with self.office.read() as opened:
            events = log.check(opened).lines
        return replace(lived, messages=told.sent, events=events)
