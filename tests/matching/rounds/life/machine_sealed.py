"""A sealed round, what is known of it, and what must hold after every command; nobody does anything yet.

A run begins at a stage that was prepared once and ends in a rollback. Every command is written into the
log as the office does. What must be true afterwards stands in `invariants_after.py` and, for the seats,
in `invariants.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from api import fold, log
from matching.rounds.errors import BadRound
from matching.rounds.life import answers, places, store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import moment, stamp
from matching.rounds.life.deadlines import CLOCK_GRACE
from matching.rounds.life.events import REBUILT, Happened
from matching.rounds.life.tables import AnswerRow
from tests.matching.rounds.factories import COUNTY
from tests.matching.rounds.life import invariants_after as after_all
from tests.matching.rounds.life.factories import MINUTE, ROUND, SECRET, call
from tests.matching.rounds.life.invariants import broken
from tests.matching.rounds.life.invariants_after import Pair, Seen
from tests.matching.rounds.life.machine import EDGES
from tests.matching.rounds.life.machine_seats_draws import COUNTY_ITSELF
from tests.matching.rounds.life.stages import CAPACITY, SCHOOL_OF, Stage, do

SOUND: set[object] = set()
"""Seats that were looked at before and found to be as they should be."""


@dataclass
class Model:
    """What must be true, whatever anybody has tried."""

    logged: fold.Rows
    overrides: dict[Pair, str] = field(default_factory=dict)
    answers: dict[str, AnswerRow] = field(default_factory=dict)
    gone: set[Pair] = field(default_factory=set)
    stayed: set[Pair] = field(default_factory=set)
    """Who has left a section after it met, and stays on its roll for that."""
    earned: dict[Pair, int] = field(default_factory=dict)
    """What was posted to the ledger so far."""


class Sealed(RuleBasedStateMachine):
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
        lost = before.seats.keys() - after.seats.keys()
        self.model.gone |= lost
        self.model.stayed |= {pair for pair in lost if self.was_there(before, pair)}
        assert not self.model.gone & after.seats.keys()
        assert not self.model.gone & after.waiting
        if command is places.open_confirming:
            self.begins(after)
        else:
            late = stamp(self.now) >= after.round["confirm_until"]
            alone = command is places.cancel_section or (command is places.transfer and late)
            seen = self.session, before, after, self.now
            assert list(after_all.wrong_step(*seen, alone=alone)) == []

    def was_there(self, before: Seen, pair: Pair) -> bool:
        """Tell whether a seat was confirmed when its section met, or its holder was marked."""
        marked = {(row["teacher_id"], row["section_id"]) for row in before["attendance_mark"]}
        met = after_all.has_met(pair[1], self.now)
        return before.seats[pair]["state"] == "confirmed" and (met or pair in marked)

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
