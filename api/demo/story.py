"""The whole life of a round as the demo plays it: every date, every verb, every person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.console import Desk
from api.demo.calendar import Calendar
from api.demo.people import Ballot, Crowd, ballots

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from api.archive import Bundle
    from api.unit_of_work import Done, Office
    from matching.rounds.life.events import Happened
    from matching.rounds.life.tables import JobRow
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
    """Figures of a life that the account tells."""

    handed_in: int
    changed: int
    returned: int
    late: str


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
        return self.office.do(call, lambda s: verb(s, call, self.settings.id, *arguments))

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
        self.office.do(call, lambda s: drafting.draft(s, call, settings, settings.seed))

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
            self.office.do(call, late)
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

    def confirm(self) -> None:
        """Offer every seat, let people answer, refill what comes free, and close the list."""
        from matching.rounds.life import places

        self.calendar.turn(OFFERED)
        self.say(places.open_confirming)
        for evening in ANSWERED:
            self.calendar.turn(evening)
            self.say(places.expire)
            self.crowd.answer(self._offers())
        self.calendar.turn(SETTLED)
        self.say(places.expire)
        self.say(places.settle)

    def _offers(self) -> list[tuple[str, str]]:
        """Return (teacher, section) of what waits for an answer."""
        from matching.rounds import store
        from matching.rounds.life.tables import PlaceRow

        with self.office.read() as session:
            rows = store.everything(session, PlaceRow)
        return [(str(row.teacher_id), row.section_id) for row in rows if row.state == "offered"]

    def attend(self) -> int:
        """Hold the sections, mark who came, and post the hours; return the minutes posted."""
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
        return minutes + int(done.body["required_minutes"])

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
