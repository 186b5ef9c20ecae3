"""The life of the tiny county's round, every step through the office, so that the log tells it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, select

from api.unit_of_work import Done, Office
from matching.rounds.life import (
    answers,
    drafting,
    handing,
    moves,
    overrides,
    places,
    publishing,
    reviewing,
    sealing,
)
from matching.rounds.life.calls import Call
from matching.rounds.life.events import Happened, rows
from matching.rounds.life.tables import (
    JobRow,
    MarkRow,
    PlaceRow,
    PostingRow,
)
from tests.matching.rounds.factories import add
from tests.matching.rounds.life.answered import answered
from tests.matching.rounds.life.factories import (
    AFTER,
    CLOSES,
    DAY,
    DRAFTED,
    DURING,
    OPENS,
    ROUND,
    SECRET,
    call,
    county,
    settings,
    two,
)

PUBLISHED = AFTER + DAY
FINAL = PUBLISHED + 8 * DAY
CHANGED = DURING + DAY
OFFERED = FINAL + 9 * DAY
SETTLED = OFFERED + 30 * DAY
TAUGHT = SETTLED + 60 * DAY
SOURCE = "福彩双色球第 2026067 期开奖号码"
BALLOTS = {
    "T1": ["A", "C"],
    "T2": ["A", "D"],
    "T3": ["A", "B", "D"],
    "T4": ["B", "C"],
    "T5": ["C+D"],
    "T6": ["A", "C"],
}


class Life:
    """One round, led step by step."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def do(self, call: Call, verb: Callable[..., Any], *rest: Any, **more: Any) -> Done:
        """Say a verb of the round."""
        return self.office.do(call, lambda session: verb(session, call, ROUND, *rest, **more))

    def begin(self, session: Session, *more: SQLModel, **changes: Any) -> None:
        """Found the county, announce the round and open it."""
        add(session, *county(*more))
        session.commit()
        draft = call(at=DRAFTED)
        changed = settings(**{"hours_strict": False, "public_source": SOURCE, **changes})
        self.office.do(draft, lambda opened: drafting.draft(opened, draft, changed, SECRET))
        self.do(draft, moves.announce, OPENS, CLOSES)
        self.do(call(at=OPENS), moves.open_)

    def ballots(self) -> None:
        """Let everybody hand in; T1 changes hers, T4's is returned and amended, T6 goes back once."""
        for teacher, lines in BALLOTS.items():
            self.hand_in(teacher, lines, 0)
        self.hand_in("T1", ["C", "A"], 1, CHANGED)
        mine = call("teacher", "T6", CHANGED)
        self.do(mine, handing.withdraw, "T6", 1)
        self.hand_in("T6", ["A", "C"], 2, CHANGED)
        school = call("school", "P1", CHANGED)
        self.do(school, reviewing.approve, "T2")
        self.do(school, reviewing.return_, "T4", "请补填")
        self.close()
        late = call("teacher", "T4", AFTER)
        self.do(late, handing.amend, "T4", ["B", "D"], None, 2)

    def hand_in(self, teacher: str, lines: list[str], version: int, at: datetime = DURING) -> None:
        mine = call("teacher", teacher, at)
        self.do(mine, handing.hand_in, teacher, lines, None, version)

    def close(self) -> None:
        self.do(call(at=AFTER), moves.close)

    def seal(self, public_value: str = "07 13 22 31") -> None:
        self.do(call(at=AFTER), sealing.seal)
        if public_value:
            self.do(two(AFTER, "开奖公告"), sealing.draw, public_value)
        self.do(call(at=AFTER), sealing.reveal)

    def solve(self, at: datetime = AFTER) -> None:
        """Ask for a solve and answer it, as a worker would."""
        asked = self.do(call(at=at), answers.ask)
        job_id = asked.body["job"]["id"]
        with self.office.read() as session:
            job = session.get_one(JobRow, job_id)
            found = answered(session, job)
        engine = call("engine", at=at)
        self.do(engine, answers.keep_answer, job_id, job.attempt, found)

    def lock(self, teacher: str, section: str) -> None:
        self.do(two(AFTER, "担任该班助教"), overrides.override, teacher, section, "lock")

    def publish(self, at: datetime = PUBLISHED) -> None:
        self.do(call(at=at), publishing.accept)
        self.do(two(at), publishing.publish)

    def finalise(self, at: datetime = FINAL) -> None:
        self.do(call(at=at), publishing.finalise)

    def second_round(self) -> None:
        """Go on to round 2 with one seat forbidden by hand, and publish it."""
        self.do(call(at=FINAL), publishing.second_round)
        self.solve(FINAL)
        self.publish(FINAL)
        self.finalise(FINAL + 8 * DAY)

    def offer(self) -> None:
        """Offer every seat; T2 gives hers in A up, and whoever waits for it is asked."""
        self.do(call(at=OFFERED), places.open_confirming)
        self.do(call("teacher", "T2", OFFERED), places.decline, "T2", "A", "family")

    def confirm(self) -> None:
        """Let everybody confirm, and close the list of names."""
        with self.office.read() as session:
            offers = [(p.teacher_id, p.section_id) for p in session.exec(select(PlaceRow))]
        for teacher, section in sorted((t, s) for t, s in offers if t):
            with self.office.read() as session:
                mine = select(PlaceRow.state).where(
                    PlaceRow.teacher_id == teacher, PlaceRow.section_id == section
                )
                waits = session.exec(mine).one() == "offered"
            if waits:  # a bundle is confirmed as a whole
                self.do(call("teacher", teacher, OFFERED), places.confirm_seat, teacher, section)
        self.do(call(at=SETTLED), places.settle)

    def post(self) -> None:
        """Mark everybody present and post the hours, two people agreeing."""
        self.move("start")
        self.office.do(call(at=TAUGHT), _marked)
        self.move("evaluate")
        self.office.do(call(at=TAUGHT), _posted)
        agreed = two(TAUGHT, "学时已核")
        self.do(agreed, moves.move, "post")

    def move(self, verb: str) -> None:
        self.do(call(at=SETTLED), moves.move, verb)


def _marked(session: Session) -> Happened:
    found = [row for row in session.exec(select(PlaceRow)) if row.section_id == "B"]
    marks = [
        MarkRow(
            round_id=ROUND,
            section_id="B",
            teacher_id=str(place.teacher_id),
            day="2026-08-03",
            half=half,
            mark="present",
            marked_by="班主任",
            marked_at="2026-08-03T09:00:00.000000Z",
        )
        for place in found
        if place.teacher_id
        for half in ("am", "pm")
    ]
    session.add_all(marks)
    session.flush()
    return Happened("attendance.marked", ROUND, {"rows": rows(*marks)})


def _posted(session: Session) -> Happened:
    posting = PostingRow(
        round_id=ROUND,
        section_id="B",
        state="posted",
        submitted_by="班主任",
        first_by="甲",
        second_by="乙",
    )
    session.add(posting)
    session.flush()
    return Happened("hours.posted", ROUND, {"rows": rows(posting)})


def published(office: Office, session: Session, **changes: Any) -> Life:
    """Lead a round until its first result is public, one seat of it locked by hand."""
    life = Life(office)
    life.begin(session, **changes)
    life.ballots()
    life.seal()
    life.solve()
    life.lock("T5", "B")
    life.solve()
    life.publish()
    return life


def posted(office: Office, session: Session, **changes: Any) -> Life:
    """Lead a round through both solves until its hours are posted."""
    life = published(office, session, **{"assigned_cap": 1, **changes})
    life.finalise()
    life.second_round()
    life.offer()
    life.confirm()
    life.post()
    return life


__all__ = ["ROUND", "Life", "posted", "published"]
