"""A sealed round pushed about by anybody at any moment: answers, publication, seats, hours.

The second half of `machine.py`. A run begins at a stage that was prepared once and ends in a rollback.
Solves are real; the same question is solved once per process. Every command is written into the log as
the office does. What may be accepted is said in the rules here, in other words than the services'; what
must be true afterwards in `invariants_after.py` and, for the seats, in `invariants.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from api import fold, log
from matching.rounds.errors import BadRound
from matching.rounds.life import (
    answers,
    appeals,
    marking,
    moves,
    overrides,
    places,
    posting,
    publishing,
    store,
)
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import moment, stamp
from matching.rounds.life.deadlines import CLOCK_GRACE
from matching.rounds.life.events import REBUILT, Happened
from matching.rounds.life.tables import AnswerRow, JobRow
from matching.rounds.service import Answer
from matching.rounds.tables import SeatRow
from matching.watch import Watch
from tests.matching.rounds.factories import COUNTY
from tests.matching.rounds.life import invariants_after as after_all
from tests.matching.rounds.life.factories import DAY, HOUR, MINUTE, ROUND, SECRET, call
from tests.matching.rounds.life.invariants import broken
from tests.matching.rounds.life.invariants_after import Pair, Seen
from tests.matching.rounds.life.machine import EDGES
from tests.matching.rounds.life.stages import CAPACITY, HALF_OF, SCHOOL_OF, Stage, do

TEACHERS = st.sampled_from(sorted(SCHOOL_OF))
SECTIONS = st.sampled_from(sorted(CAPACITY))
COUNTY_ITSELF = ("county", COUNTY)
PEOPLE = st.sampled_from(
    (
        *(("teacher", id) for id in SCHOOL_OF),
        *(("school", "P1"), ("school", "P2"), COUNTY_ITSELF, ("county", "441284")),
        *(("institution", "I1"), ("auditor", COUNTY), ("clock", "clock")),
    )
)
OFFICERS = st.sampled_from(("乙", "乙", "丙", "甲"))
STEPS = st.sampled_from((MINUTE, HOUR, DAY, 3 * DAY))
DECISIONS = st.sampled_from((("T1", "A"), ("T2", "A"), ("T4", "C")))
PICK = st.integers(0, 5)
PLAIN_MOVES = {
    "accept": publishing.accept,
    "finalise": publishing.finalise,
    "second_round": publishing.second_round,
    "start": marking.start,
    "evaluate": marking.evaluate,
}
BY_CLOCK = ("start", "settle")

STARTS = (
    *("seeded", "candidate", "notice", "final"),
    *("confirming", "confirming", "confirming", "confirming", "running", "running"),
)

ACTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "wait": {"step": STEPS},
    "wait_until": {
        "edge": st.sampled_from(("notice", "window", "offer", "offer_swept", "taught")),
        "off": st.sampled_from((-1, 0, 1)),
    },
    "plainly": {"person": PEOPLE, "verb": st.sampled_from(sorted(PLAIN_MOVES))},
    "second_round": {},
    "forward": {},
    "ask": {"person": PEOPLE},
    "begin_work": {},
    "work": {"behind": st.sampled_from((0, 0, 0, 1)), "stopped": st.booleans()},
    "work_plainly": {},
    "give_up": {"behind": st.integers(0, 1)},
    "publish": {"days": st.integers(0, 9), "second": OFFICERS},
    "override": {
        "pair": DECISIONS,
        "kind": st.sampled_from(overrides.KINDS),
        "second": OFFICERS,
    },
    "rerun": {"second": OFFICERS},
    "void": {"sure": st.sampled_from((False,) * 9 + (True,))},
    "object": {"person": PEOPLE, "teacher": TEACHERS},
    "object_herself": {"teacher": TEACHERS},
    "reply": {"person": PEOPLE, "pick": PICK},
    "reply_plainly": {"pick": PICK},
    "open_confirming": {"person": PEOPLE, "days": st.sampled_from((5, 5, 2, 0)), "more": PICK},
    "confirm": {"person": PEOPLE, "teacher": TEACHERS, "section": SECTIONS},
    "confirm_hers": {"pick": PICK},
    "decline": {"person": PEOPLE, "teacher": TEACHERS, "section": SECTIONS},
    "decline_hers": {"pick": PICK},
    "stop": {"person": PEOPLE, "teacher": TEACHERS, "section": SECTIONS},
    "stop_hers": {"pick": PICK},
    "expire": {"person": PEOPLE},
    "expire_plainly": {},
    "cancel": {"person": PEOPLE, "section": SECTIONS, "reason": st.sampled_from(("", "r", "r"))},
    "cancel_plainly": {"section": SECTIONS, "sure": st.sampled_from((False, False, True))},
    "transfer": {"person": PEOPLE, "teacher": TEACHERS, "school": st.sampled_from(("P1", "P2"))},
    "transfer_plainly": {"teacher": TEACHERS, "school": st.sampled_from(("P1", "P2"))},
    "settle": {"person": PEOPLE},
    "settle_at_last": {},
    "mark": {
        "person": PEOPLE,
        "teacher": TEACHERS,
        "section": SECTIONS,
        "said": st.sampled_from((*marking.MARKS, "late")),
    },
    "mark_section": {"pick": PICK, "said": st.sampled_from(marking.MARKS)},
    "finish": {"pick": PICK},
    "submit": {"person": PEOPLE, "section": SECTIONS, "actor": OFFICERS},
    "submit_plainly": {"pick": PICK},
    "approve": {"person": PEOPLE, "section": SECTIONS, "actor": OFFICERS, "nth": st.booleans()},
    "approve_plainly": {"pick": PICK, "actor": OFFICERS},
    "post": {"person": PEOPLE, "second": OFFICERS},
}
"""What somebody may try, and how it is drawn."""

ANYTIME = (
    *("forward", "wait", "wait_until", "plainly", "ask", "work", "void", "object", "confirm"),
    *("decline", "stop", "expire", "cancel", "transfer", "settle", "mark", "submit", "approve"),
)
AT = {
    "seeded": ("override", "forward", "forward", "forward"),
    "solving": ("begin_work", "work", "give_up", "work_plainly", "work_plainly"),
    "candidate": ("override", "override", "rerun", "forward", "forward"),
    "verified": ("override", "rerun", "publish", "forward", "forward"),
    "notice": (
        *("object_herself", "reply", "reply_plainly", "rerun"),
        *("forward", "forward", "forward"),
    ),
    "final": ("second_round", "open_confirming", "forward", "forward", "forward"),
    "confirming": (
        *("confirm_hers", "decline_hers", "confirm_hers", "expire_plainly", "wait_until") * 3,
        *("stop_hers", "transfer_plainly", "cancel_plainly", "settle_at_last", "wait"),
    ),
    "settled": ("decline_hers", "transfer_plainly", "cancel_plainly", "forward", "forward"),
    "running": (
        *("finish", "approve_plainly", "approve_plainly", "mark_section", "submit_plainly"),
        *("finish", "wait_until"),
        *("transfer_plainly", "cancel_plainly", "forward"),
    ),
    "evaluated": ("submit_plainly", "approve_plainly", "approve_plainly", "post", "forward"),
}
"""What is tried in any state, and what is tried besides in some."""

FORWARD = {
    "seeded": lambda life: life.ask(COUNTY_ITSELF),
    "solving": lambda life: life.work_plainly(),
    "candidate": lambda life: life.plainly(COUNTY_ITSELF, "accept"),
    "verified": lambda life: life.publish(7, "乙"),
    "notice": lambda life: life.finalise_at_last(),
    "final": lambda life: life.open_confirming(COUNTY_ITSELF, 5, 5),
    "confirming": lambda life: life.settle_at_last(),
    "settled": lambda life: life.plainly(COUNTY_ITSELF, "start"),
    "running": lambda life: life.plainly(COUNTY_ITSELF, "evaluate"),
    "evaluated": lambda life: life.post(COUNTY_ITSELF, "乙"),
}

SOLVED: dict[tuple[str, bool], Answer] = {}
"""What was answered before, by configuration, for the same question has the same answer."""

SOUND: set[object] = set()
"""Seats that were looked at before and found to be as they should be."""


class StopAtOnce(Watch):
    """Somebody who is content with the first answer there is."""

    def stopped(self) -> bool:
        return True


@dataclass
class Model:
    """What must be true, whatever anybody has tried."""

    logged: fold.Rows
    overrides: dict[Pair, str] = field(default_factory=dict)
    answers: dict[str, AnswerRow] = field(default_factory=dict)
    gone: set[Pair] = field(default_factory=set)
    earned: dict[Pair, int] = field(default_factory=dict)
    """What was posted to the ledger so far."""


class Seats(RuleBasedStateMachine):
    """One sealed round; every run is undone at its end."""

    engine: ClassVar[Engine]
    stages: ClassVar[dict[str, Stage]]
    start: ClassVar[str]
    done: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()
    ended: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.engine)

    @initialize()
    def begin(self) -> None:
        stage = self.stages[self.start]
        stage.put(self.session)
        self.now = stage.now
        self.seen = Seen.at(self.session)
        rows = self.seen.tables
        self.model = Model({name: dict(rows[name]) for name in REBUILT if name in rows})
        self.snapshot = store.snapshot(self.session, ROUND).digest
        self.check()

    def teardown(self) -> None:
        """I9: the log alone gives the tables, and nobody has touched its lines."""
        try:
            if hasattr(self, "seen"):
                assert fold.differences(self.session) == ()
                assert log.check(self.session).ok
                self.ended[self.state] += 1
        finally:
            self.session.rollback()
            self.session.close()

    @property
    def state(self) -> str:
        return self.seen.round["state"]

    def attempt(self, call: Call, command, *said, **more) -> list[Happened] | None:
        """Do something as the office would: wholly, or not at all; None if it was refused."""
        before = self.seen
        try:
            with self.session.begin_nested():
                happened = do(self.session, call, command, *said, **more)
        except BadRound as refused:
            self.refused[refused.code] += 1
            self.session.expire_all()
            return None
        self.done[command.__name__] += 1
        self.seen = Seen.at(self.session)
        states = before.round["state"], self.state
        assert states[0] == states[1] or states in EDGES or command is answers.ask
        self.replay(happened)
        self.step(before, command)
        self.check()
        return happened

    def replay(self, happened: list[Happened]) -> None:
        """Change the tables of the model as the event says."""
        for change in (change for one in happened for change in one.body.get("rows", ())):
            table, after = self.model.logged[change["table"]], change["after"]
            if "deleted" in after:
                table.pop(tuple(after["deleted"]), None)
            else:
                table[fold._key(change["table"], after)] = after

    # what must hold after every step

    def step(self, before: Seen, command) -> None:
        """I7: who was given a seat, and who gave one up for good."""
        after = self.seen
        self.model.gone |= before.seats.keys() - after.seats.keys()
        assert not self.model.gone & after.seats.keys()
        assert not self.model.gone & after.waiting
        if command is places.open_confirming:
            self.begins(after)
        elif command is not places.cancel_section:
            wrong = list(after_all.wrong_step(self.session, before, after, self.now))
            assert wrong == []

    def begins(self, after: Seen) -> None:
        """I11: the seats on offer are those that were published, and what was free besides."""
        last = after_all.dump(self.session, "seat")["seat"].values()
        published = {(row["teacher_id"], row["section_id"]) for row in last}
        refilled = {pair for pair, wait in after.waits.items() if wait["state"] == "offered"}
        assert after.seats.keys() == published | refilled
        assert not published & refilled
        numbers = Counter(row["section_id"] for row in after["place"])
        assert numbers == {id: CAPACITY[id] for id in numbers}

    def check(self) -> None:
        """Every invariant that is about the tables as they are."""
        seen, model = self.seen, self.model
        assert model.logged == {name: seen.tables[name] for name in model.logged}  # I9
        assert seen.overrides == model.overrides  # I11
        wrong = [*after_all.unlawful(seen), *after_all.at_odds(seen), *after_all.unfenced(seen)]
        wrong += after_all.unearned(seen, model.earned)
        key = seen.key(self.now)
        if seen["place"] and key not in SOUND:
            wrong += broken(self.session, ROUND, self.now)
        self.kept()
        wrong += after_all.half_published(self.session, seen, model.answers)
        if self.state in ("candidate", "verified"):
            last = max(seen["job"], key=lambda job: job["id"])
            wrong += after_all.disobeyed(model.answers[last["answer_id"]], model.overrides)
        assert wrong == []
        SOUND.add(key)

    def kept(self) -> None:
        """I4: an answer says where it comes from, and stays for good."""
        told = select(AnswerRow.id, AnswerRow.digest).where(col(AnswerRow.round_id) == ROUND)
        stored = dict(self.session.exec(told).all())
        for id, digest in stored.items():
            if id not in self.model.answers:
                self.session.expire_all()
                row = self.session.get_one(AnswerRow, id)
                plain = AnswerRow(**row.model_dump())
                self.model.answers[id] = plain
                assert not list(after_all.unfounded(plain, self.snapshot, SECRET))
            assert self.model.answers[id].digest == digest
        assert stored.keys() == self.model.answers.keys()

    # who and when

    def who(self, person: tuple[str, str], **more: str) -> Call:
        return call(*person, at=self.now, **more)

    def two(self, second: str = "乙") -> Call:
        return self.who(COUNTY_ITSELF, reason="r", actor="甲", second=second)

    def may_enter(self, person: tuple[str, str], teacher: str) -> bool:
        own = {"teacher": teacher, "school": SCHOOL_OF[teacher], "county": COUNTY}
        return own.get(person[0]) == person[1]

    @rule(data=st.data())
    def anything(self, data) -> None:
        """Do one thing that somebody might try now."""
        likely = AT.get(self.state, ANYTIME)
        if data.draw(st.integers(0, 3), label="stray") == 0:
            likely = ANYTIME
        action = data.draw(st.sampled_from(likely), label="action")
        drawn = {name: data.draw(of, label=name) for name, of in ACTIONS[action].items()}
        getattr(self, action)(**drawn)

    def wait(self, step: timedelta) -> None:
        self.now += step

    def wait_until(self, edge: str, off: int) -> None:
        """Stand right before, at or after a moment at which something ends."""
        row = self.seen.round
        offers = [seat["expires_at"] for seat in self.seen.seats.values() if seat["expires_at"]]
        ends = {"notice": row["notice_until"], "window": row["confirm_until"]}
        end = ends.get(edge, min(offers, default=""))
        if edge == "taught" and self.state == "running":
            self.now = max(self.now, datetime(2026, 9, 10, tzinfo=self.now.tzinfo))
        elif end:
            grace = CLOCK_GRACE if edge == "offer_swept" else timedelta(0)
            self.now = max(self.now, moment(end) + grace + off * (MINUTE / 60_000_000))

    def forward(self) -> None:
        """The county does what comes next."""
        if self.state in FORWARD:
            FORWARD[self.state](self)

    def plainly(self, person: tuple[str, str], verb: str) -> None:
        """Anybody says a verb; only the county (and the clock) is heard."""
        happened = self.attempt(self.who(person), PLAIN_MOVES[verb])
        if happened is None:
            return
        assert person == COUNTY_ITSELF or (person[0] == "clock" and verb in BY_CLOCK)
        if verb == "finalise":
            assert stamp(self.now) >= self.seen.round["notice_until"]
        if verb in ("accept", "finalise", "second_round"):
            assert happened[0].answer["answer"]["overrides"] == len(self.model.overrides)  # I11

    def second_round(self) -> None:
        self.plainly(COUNTY_ITSELF, "second_round")

    def void(self, sure: bool) -> None:
        assert self.attempt(self.two("甲"), moves.void, "") is None
        if sure:
            self.attempt(self.two(), moves.void, "")

    # solving

    def ask(self, person: tuple[str, str]) -> None:
        right = person == COUNTY_ITSELF and self.state == "seeded"
        assert (self.attempt(self.who(person), answers.ask) is not None) is right

    def job(self) -> JobRow | None:
        last = select(JobRow).order_by(col(JobRow.id).desc()).limit(1)
        return self.session.exec(last).first()

    def begin_work(self) -> None:
        """A worker takes the job, perhaps from one that has died."""
        job = self.job()
        if job is not None and job.state in answers.LIVE:
            job.state, job.attempt = "running", job.attempt + 1
            self.session.flush()
            self.seen = Seen.at(self.session)

    def work(self, behind: int, stopped: bool) -> None:
        """I12: a worker keeps what it has found, if the job is still its own."""
        job = self.job()
        if job is None:
            return
        right = self.state == "solving" and job.state in answers.LIVE and not behind
        found = self.found(job, stopped)
        known = self.model.answers.keys()
        worker = self.who(("engine", "engine"))
        happened = self.attempt(worker, answers.keep_answer, job.id, job.attempt - behind, found)
        assert (happened is not None) is right
        assert right or self.model.answers.keys() == known

    def work_plainly(self) -> None:
        self.begin_work()
        self.work(0, False)

    def found(self, job: JobRow, stopped: bool) -> Answer:
        key = job.configuration, stopped
        if key not in SOLVED:
            question = answers.question(self.session, ROUND, job.id)
            seats = tuple(SeatRow(**row.model_dump()) for row in question.published)
            question = replace(question, published=seats)  # outlives the session
            SOLVED[key] = answers.answer(question, StopAtOnce() if stopped else None)
        return SOLVED[key]

    def give_up(self, behind: int) -> None:
        job = self.job()
        if job is None:
            return
        right = self.state == "solving" and job.state in answers.LIVE and not behind
        said = (job.id, job.attempt - behind)
        happened = self.attempt(self.who(("engine", "engine")), answers.give_up, *said)
        assert (happened is not None) is right

    # from the answer to the seats

    def publish(self, days: int, second: str) -> None:
        happened = self.attempt(self.two(second), publishing.publish, days)
        right = self.state == "notice" and days >= 1 and second != "甲"
        assert happened is None or right
        if happened is not None:
            assert happened[0].answer["answer"]["overrides"] == len(self.model.overrides)  # I11

    def override(self, pair: Pair, kind: str, second: str) -> None:
        known = dict(self.model.overrides)
        right = self.state in ("seeded", "candidate", "verified") and second != "甲"
        right = right and (kind != "lift" or pair in known) and pair not in self.kept_by_round_2()
        self.model.overrides.pop(pair, None)
        if kind != "lift":
            self.model.overrides[pair] = kind
        if not right:
            self.model.overrides = known
        happened = self.attempt(self.two(second), overrides.override, *pair, kind)
        assert (happened is not None) is right

    def kept_by_round_2(self) -> set[Pair]:
        rows = after_all.dump(self.session, "seat")["seat"].values()
        first = {(row["teacher_id"], row["section_id"]) for row in rows if row["number"] == 1}
        return first if self.seen.round["number"] == 2 else set()

    def rerun(self, second: str) -> None:
        right = self.state in ("candidate", "verified", "notice") and second != "甲"
        published = self.seen.round["published"]
        assert (self.attempt(self.two(second), publishing.rerun) is not None) is right
        assert self.seen.round["published"] == published

    def object(self, person: tuple[str, str], teacher: str) -> None:
        in_time = self.state == "notice" and stamp(self.now) < self.seen.round["notice_until"]
        happened = self.attempt(self.who(person), appeals.raise_, teacher, "不服")
        assert (happened is not None) is (self.may_enter(person, teacher) and in_time)

    def reply(self, person: tuple[str, str], pick: int) -> None:
        waiting = appeals.unanswered(self.session, ROUND)
        if waiting:
            id = waiting[pick % len(waiting)].id
            happened = self.attempt(self.who(person), appeals.answer_, id, "已核")
            right = person == COUNTY_ITSELF and self.state == "notice"
            assert (happened is not None) is right

    def object_herself(self, teacher: str) -> None:
        self.object(("teacher", teacher), teacher)

    def reply_plainly(self, pick: int) -> None:
        self.reply(COUNTY_ITSELF, pick)

    def finalise_at_last(self) -> None:
        """Answer what was objected to, wait, and make the result final."""
        for _ in appeals.unanswered(self.session, ROUND):
            self.reply(COUNTY_ITSELF, 0)
        self.wait_until("notice", 0)
        self.plainly(COUNTY_ITSELF, "finalise")
        assert self.state == "final"

    def open_confirming(self, person: tuple[str, str], days: int, more: int) -> None:
        right = person == COUNTY_ITSELF and self.state == "final" and days > 0
        happened = self.attempt(self.who(person), places.open_confirming, days, days + more)
        assert (happened is not None) is right

    # seats

    def confirm(self, person: tuple[str, str], teacher: str, section: str) -> None:
        """Accepted if and only if it is offered to her, in time, and by who may."""
        seat = self.seen.seats.get((teacher, section), {"state": ""})
        right = self.state == "confirming" and self.may_enter(person, teacher)
        right = right and seat["state"] == "offered" and stamp(self.now) < seat["expires_at"]
        happened = self.attempt(self.who(person), places.confirm_seat, teacher, section)
        assert (happened is not None) is right
        assert not right or self.seen.seats[teacher, section]["state"] == "confirmed"

    def decline(self, person: tuple[str, str], teacher: str, section: str) -> None:
        right = self.state in ("confirming", "settled") and self.may_enter(person, teacher)
        right = right and (teacher, section) in self.seen.seats
        happened = self.attempt(self.who(person), places.decline, teacher, section)
        assert (happened is not None) is right
        assert not right or (teacher, section) not in self.seen.seats

    def stop(self, person: tuple[str, str], teacher: str, section: str) -> None:
        right = self.state == "confirming" and self.may_enter(person, teacher)
        right = right and (teacher, section) in self.seen.waiting
        happened = self.attempt(self.who(person), places.stop_waiting, teacher, section)
        assert (happened is not None) is right
        assert not right or (teacher, section) not in self.seen.waiting

    def one_of(self, pairs, pick: int) -> Pair | None:
        found = sorted(pairs)
        return found[pick % len(found)] if found else None

    def confirm_hers(self, pick: int) -> None:
        offered = [pair for pair, seat in self.seen.seats.items() if seat["state"] == "offered"]
        if pair := self.one_of(offered, pick):
            self.confirm(("teacher", pair[0]), *pair)

    def decline_hers(self, pick: int) -> None:
        if pair := self.one_of(self.seen.seats, pick):
            self.decline(("teacher", pair[0]), *pair)

    def stop_hers(self, pick: int) -> None:
        if pair := self.one_of(self.seen.waiting, pick):
            self.stop(("teacher", pair[0]), *pair)

    def expire(self, person: tuple[str, str]) -> None:
        """Only what was due goes, and who said nothing is asked no more."""
        until, before = stamp(self.now - CLOCK_GRACE), self.seen
        happened = self.attempt(self.who(person), places.expire)
        right = person in (COUNTY_ITSELF, ("clock", "clock")) and self.state == "confirming"
        assert (happened is not None) is right
        if right:
            self.silent(before, until)

    def silent(self, before: Seen, until: str) -> None:
        due = {
            pair
            for pair, seat in before.seats.items()
            if seat["state"] == "offered" and seat["expires_at"] <= until
        }
        assert not due & self.seen.seats.keys()
        people = {teacher for teacher, _ in due}
        assert not people & {teacher for teacher, _ in self.seen.waiting}
        fallen = before.seats.keys() - self.seen.seats.keys()
        assert {teacher for teacher, _ in fallen} == people

    def expire_plainly(self) -> None:
        self.expire(("clock", "clock"))

    def cancel(self, person: tuple[str, str], section: str, reason: str) -> None:
        """Everybody else keeps what she has."""
        before = self.seen
        there = {row["section_id"] for row in before["place"]}
        right = self.state in ("confirming", "settled", "running") and person == COUNTY_ITSELF
        who = self.who(person, reason=reason)
        happened = self.attempt(who, places.cancel_section, section)
        over = {row["section_id"] for row in before["posting"]}
        right = right and section in there and section not in over and reason != ""
        assert (happened is not None) is right
        if happened is None:
            return
        assert section not in {row["section_id"] for row in self.seen["place"]}
        hit = {teacher for teacher, held in before.seats if held == section}
        for pair, seat in before.seats.items():
            late = seat["state"] == "offered" and seat["expires_at"] <= stamp(self.now)
            assert pair in self.seen.seats or pair[0] in hit or late

    def transfer(self, person: tuple[str, str], teacher: str, school: str) -> None:
        """Nobody but she may lose a seat by it."""
        before = self.seen
        right = self.state in ("confirming", "settled", "running") and person == COUNTY_ITSELF
        who = self.who(person, reason="r")
        happened = self.attempt(who, places.transfer, teacher, school)
        assert (happened is not None) is right
        lost = before.seats.keys() - self.seen.seats.keys()
        assert {other for other, _ in lost} <= {teacher}

    def cancel_plainly(self, section: str, sure: bool) -> None:
        self.cancel(COUNTY_ITSELF, section, "r" if sure else "")

    def transfer_plainly(self, teacher: str, school: str) -> None:
        self.transfer(COUNTY_ITSELF, teacher, school)

    def settle(self, person: tuple[str, str]) -> None:
        until, before = self.seen.round["confirm_until"], self.state
        if self.attempt(self.who(person), places.settle) is None:
            return
        assert person in (COUNTY_ITSELF, ("clock", "clock"))
        assert before == "confirming"
        assert stamp(self.now) >= until
        assert {seat["state"] for seat in self.seen.seats.values()} <= {"confirmed"}
        people = Counter(section for _, section in self.seen.seats)
        assert people["D"] != 1

    def settle_at_last(self) -> None:
        """Wait for the end of the window, cancel what has too few people, and settle."""
        self.wait_until("window", 0)
        self.settle(COUNTY_ITSELF)
        if self.state == "confirming":
            self.cancel(COUNTY_ITSELF, "D", "r")
            self.settle(COUNTY_ITSELF)
        assert self.state != "confirming"

    # hours

    def mark(self, person: tuple[str, str], teacher: str, section: str, said: str) -> None:
        day, _, half = HALF_OF.get(section, "").partition(" ")
        happened = self.attempt(self.who(person), marking.mark, section, teacher, day, half, said)
        seat = self.seen.seats.get((teacher, section), {"state": ""})
        right = person in (COUNTY_ITSELF, ("institution", "I1")) and self.state == "running"
        right = right and seat["state"] == "confirmed" and said in marking.MARKS
        right = right and section not in {row["section_id"] for row in self.seen["posting"]}
        right = right and stamp(self.now + 8 * HOUR)[:10] >= day
        assert (happened is not None) is right

    def held(self) -> list[str]:
        return sorted({section for _, section in self.seen.seats})

    def mark_section(self, pick: int, said: str) -> None:
        sections = self.held()
        for teacher, section in sorted(self.seen.seats):
            if section == sections[pick % len(sections)]:
                self.mark(("institution", "I1"), teacher, section, said)

    def submit(self, person: tuple[str, str], section: str, actor: str) -> None:
        happened = self.attempt(self.who(person, actor=actor), posting.submit, section)
        if happened is not None:
            assert person in (COUNTY_ITSELF, ("institution", "I1"))
            assert self.state in ("running", "evaluated")

    def finish(self, pick: int) -> None:
        """Everybody of a section was there, and its hours are submitted."""
        self.mark_section(pick, "present")
        self.submit_plainly(pick)

    def submit_plainly(self, pick: int) -> None:
        if sections := self.held():
            self.submit(("institution", "I1"), sections[pick % len(sections)], "丙")

    def approve(self, person: tuple[str, str], section: str, actor: str, nth: bool) -> None:
        """Accepted by the county, one after the other, from people who had no part in it."""
        before = self.seen.tables["posting"].get((ROUND, section))
        command = posting.approve_second if nth else posting.approve_first
        right = person == COUNTY_ITSELF and self.state in ("running", "evaluated")
        right = right and before is not None
        right = right and before["state"] == ("first_approved" if nth else "submitted")
        right = right and actor not in (before["submitted_by"], before["first_by"])
        if right and nth:
            self.model.earned |= after_all.minutes_of(self.seen, section)
        happened = self.attempt(self.who(person, actor=actor), command, section)
        assert (happened is not None) is right

    def approve_plainly(self, pick: int, actor: str) -> None:
        waiting = [row for row in self.seen["posting"] if row["state"] != "posted"]
        if waiting:
            row = waiting[pick % len(waiting)]
            nth = row["state"] == "first_approved"
            self.approve(COUNTY_ITSELF, row["section_id"], actor, nth)

    def post(self, person: tuple[str, str], second: str) -> None:
        posted = {r["section_id"] for r in self.seen["posting"] if r["state"] == "posted"}
        before, sections = self.state, set(self.held())
        who = self.who(person, reason="r", actor="甲", second=second)
        happened = self.attempt(who, posting.post)
        right = person == COUNTY_ITSELF and before == "evaluated" and second != "甲"
        assert (happened is not None) is (right and sections <= posted)
