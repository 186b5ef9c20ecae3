"""A round pushed about by anybody at any moment, beside a small model of what must come of it.

The model is written a second time and in other words than the services: it knows who has handed in
what, in which version, and when the round takes ballots. Every step is tried on both; what the
services accept or refuse, and every row they leave, must be what the model says. Names I1, I2 ... are
those of the invariants in the design.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine
from sqlmodel import Session

from matching.lottery import lottery_numbers
from matching.rounds.errors import BadRound
from matching.rounds.life import drafting, handing, moves, reviewing, sealing, store
from matching.rounds.life.calls import Call
from matching.rounds.life.clock import moment
from matching.rounds.life.deadlines import CLOCK_GRACE, RESUME_NOTICE
from matching.rounds.life.events import Happened
from matching.rounds.life.phases import BEFORE_SEAL, TABLE
from matching.rounds.settings import LONGEST_PUBLIC, commitment
from matching.rounds.tables import RoundRow
from tests.matching.rounds.life.factories import (
    CLOSES,
    DAY,
    DRAFTED,
    HOUR,
    MINUTE,
    OPENS,
    ROUND,
    SECRET,
    call,
    settings,
)
from tests.matching.rounds.life.machine_draws import ACTIONS, ANYTIME, AT, SCHOOL_OF
from tests.matching.rounds.life.machine_model import (
    Ballot,
    Model,
    is_good,
    may_enter,
    mixed,
)

NEXT = {
    "draft": "announce",
    "announced": "open_",
    "open": "close",
    "school_review": "seal",
    "sealed": "reveal",
}
STARTS = ("draft", "announced", *("open",) * 4, "school_review", "sealed")
EDGES = {(before, line.after) for line in TABLE for before in line.before}


class Life(RuleBasedStateMachine):
    """One round from its draft on; every run is undone at its end."""

    engine: ClassVar[Engine]
    done: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.engine)
        self.model = Model()
        self.now = DRAFTED
        self.checked = ""

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    @initialize(
        start=st.sampled_from(STARTS),
        source=st.sampled_from(("", "双色球第 67 期")),
    )
    def begin(self, start: str, source: str) -> None:
        """Most runs begin when there is something to do; half of them await a public value."""
        said = settings(public_source=source)
        drafting.draft(self.session, call(at=self.now), said, SECRET)
        self.row = self.session.get_one(RoundRow, ROUND)
        self.model.awaits_draw = source != ""
        if start != "draft":
            self.forward()
        if start in ("open", "school_review", "sealed"):
            self.now = OPENS
            self.tick()
        if start in ("school_review", "sealed"):
            for id in ("T1", "T3"):
                self.hand_in_plainly(id, "A")
            self.now = CLOSES + HOUR
            self.tick() if start == "school_review" else self.forward()
        if start == "sealed":
            self.review_plainly("T3", "return_")
            self.forward()

    def attempt(self, command, *arguments, **more) -> Happened | tuple[Happened, ...] | None:
        """Do something as the office would: wholly, or not at all; None if it was refused."""
        before = self.row.state
        try:
            with self.session.begin_nested():
                happened = command(self.session, *arguments, **more)
        except BadRound as refused:
            self.refused.add(refused.code)
            self.session.expire_all()
            return None
        self.done[command.__name__] += 1
        after = self.row.state
        assert before == after or (before, after) in EDGES or command is moves.tick
        if not (self.model.revealed or command is sealing.reveal):
            assert SECRET not in str(happened)  # I3
        return happened

    def who(self, person: tuple[str, str], **more: str) -> Call:
        return call(*person, at=self.now, **more)

    def two(self) -> Call:
        return call(at=self.now, reason="r", actor="一", second="二")

    @rule(data=st.data())
    def anything(self, data) -> None:
        """Do one thing that somebody might try now."""
        state = self.row.state
        likely = [*ANYTIME, *AT.get(state, ())]
        action = data.draw(st.sampled_from(likely), label="action")
        drawn = {name: data.draw(of, label=name) for name, of in ACTIONS[action].items()}
        getattr(self, action)(**drawn)

    # time

    def wait(self, step) -> None:
        self.now += step

    def wait_until(self, edge: str, off: int) -> None:
        """Stand right before, at or after an edge of the window, or of the clock closing it."""
        column, grace = ("closes_at", CLOCK_GRACE) if edge == "closing" else (edge, 0 * MINUTE)
        if stored := getattr(self.row, column):
            self.now = max(self.now, moment(stored) + grace + off * (MINUTE / 60_000_000))

    def tick(self) -> None:
        happened = self.attempt(moves.tick, call("clock", at=self.now), ROUND)
        assert happened is not None
        kinds = [each.kind for each in happened]
        if "round.closed" in kinds:
            assert self.now >= moment(self.row.closes_at) + CLOCK_GRACE
        assert moves.tick(self.session, call("clock", at=self.now), ROUND) == ()

    # moves

    def stray(self, person, verb: str) -> None:
        """Anybody says a verb; only the county (and the clock) is heard."""
        room = sealing if verb in ("seal", "reveal") else moves
        if self.attempt(getattr(room, verb), self.who(person, reason="r"), ROUND) is None:
            return
        by_clock = person[0] == "clock" and verb in ("open_", "close")
        assert by_clock or person == ("county", "441226")
        self.moved(verb)

    def forward(self) -> None:
        """The county does what comes next."""
        verb = NEXT.get(self.row.state)
        if verb is None:
            return
        room = sealing if verb in ("seal", "reveal") else moves
        dates = (OPENS, CLOSES) if verb == "announce" else ()
        happened = self.attempt(getattr(room, verb), self.who(("county", "441226")), ROUND, *dates)
        if verb == "close":
            assert (happened is not None) is (self.now >= moment(self.row.closes_at) + CLOCK_GRACE)
        if verb == "reveal":
            assert (happened is not None) is (bool(self.model.drawn) is self.model.awaits_draw)
        if happened is not None:
            self.moved(verb)

    def extend(self, step, early: bool) -> None:
        if not self.row.closes_at:
            return
        to = moment(self.row.closes_at) + (-step if early else step)
        happened = self.attempt(moves.extend, self.who(("county", "441226"), reason="r"), ROUND, to)
        assert happened is None or not early

    def pause(self, long, notice) -> None:
        """Pause, and mostly resume after a while."""
        self.attempt(moves.pause, self.who(("county", "441226"), reason="r"), ROUND)
        if long is not None and self.row.state == "paused":
            self.now += long
            self.resume(notice, None)

    def resume(self, notice, back) -> None:
        """I13: a pause is given back, and nobody is surprised by its end."""
        paused, closes = self.row.paused_at, self.row.closes_at
        if not closes:
            return
        again = self.now + notice
        end = None if back is None else moment(closes) + back
        who = self.who(("county", "441226"), reason="r")
        if self.attempt(moves.resume, who, ROUND, again, end) is None:
            return
        assert notice >= RESUME_NOTICE
        assert moment(self.row.closes_at) - moment(closes) >= again - moment(paused)
        assert moment(self.row.opens_at) >= again

    def close_early(self) -> None:
        alone = self.who(("county", "441226"), reason="r")
        assert self.attempt(moves.close_early, alone, ROUND) is None
        if self.now >= CLOSES - DAY:
            self.attempt(moves.close_early, self.two(), ROUND)

    def void(self) -> None:
        self.attempt(moves.void, self.two(), ROUND, "")

    def draw(self, person, value: str, alone: bool) -> None:
        """Enter a public value: heard once a source was announced, and from two of the county."""
        more = {} if alone else {"actor": "一", "second": "二"}
        was = self.row.state
        happened = self.attempt(sealing.draw, self.who(person, reason="r", **more), ROUND, value)
        right = self.model.awaits_draw and was == "sealed" and not alone
        good = 0 < len(value.strip()) <= LONGEST_PUBLIC and person == ("county", "441226")
        assert (happened is not None) is (right and good)
        if happened is not None:
            self.model.drawn = value.strip()

    def moved(self, verb: str) -> None:
        if verb == "seal":
            mine = self.model.ballots.items()
            self.model.sealed = {id: ballot.lines for id, ballot in mine if ballot.counts}
        self.model.revealed |= verb == "reveal"

    # ballots

    def takes_ballots(self, now: datetime) -> bool:
        row = self.row
        return row.state == "open" and moment(row.opens_at) <= now < moment(row.closes_at)

    def hand_in(self, person, teacher: str, lines: list[str], off: int) -> None:
        """I1 and I8: accepted if and only if in the window, in turn, good, and by who may."""
        who, mine = self.who(person), self.model.ballots[teacher]
        version = mine.version + off
        happened = self.attempt(handing.hand_in, who, ROUND, teacher, lines, None, version)
        right = may_enter(who, teacher) and off == 0 and is_good(lines)
        assert (happened is not None) is (right and self.takes_ballots(self.now))
        if happened is not None:
            self.model.ballots[teacher] = Ballot(mine.version + 1, tuple(lines), True)
            assert bool(happened.notices) is (person[0] != "teacher")

    def hand_in_plainly(self, teacher: str, line: str) -> None:
        self.hand_in(("teacher", teacher), teacher, [line], 0)

    def hand_in_at_the_edge(self, teacher: str, off: int) -> None:
        """Hand in right before, at or after the deadline, with the round still open."""
        self.wait_until("closes_at", off)
        self.hand_in_plainly(teacher, "A")

    def review_plainly(self, teacher: str, verb: str) -> None:
        self.review(("school", SCHOOL_OF[teacher]), teacher, verb)

    def return_and_amend(self, teacher: str, line: str) -> None:
        """The school returns a ballot, and she hands it in anew."""
        self.review(("school", SCHOOL_OF[teacher]), teacher, "return_")
        self.amend(teacher, [line])

    def amend(self, teacher: str, lines: list[str]) -> None:
        """What was returned may be handed in anew until the seal, and nothing else."""
        mine = self.model.ballots[teacher]
        who = self.who(("teacher", teacher))
        happened = self.attempt(handing.amend, who, ROUND, teacher, lines, None, mine.version)
        right = mine.handed_in and mine.school == "returned" and is_good(lines)
        assert (happened is not None) is (right and self.row.state in ("open", "school_review"))
        if happened is not None:
            self.model.ballots[teacher] = Ballot(mine.version + 1, tuple(lines), True)

    def withdraw(self, person, teacher: str) -> None:
        who, mine = self.who(person), self.model.ballots[teacher]
        happened = self.attempt(handing.withdraw, who, ROUND, teacher, mine.version)
        right = may_enter(who, teacher) and mine.handed_in
        assert (happened is not None) is (right and self.takes_ballots(self.now))
        if happened is not None:
            self.model.ballots[teacher] = Ballot(mine.version + 1)

    def withdraw_plainly(self, teacher: str) -> None:
        self.withdraw(("teacher", teacher), teacher)

    def save_draft(self, teacher: str) -> None:
        who, mine = self.who(("teacher", teacher)), self.model.ballots[teacher]
        typed = {"lines": ["anything"]}
        if self.attempt(handing.save_draft, who, ROUND, teacher, typed, mine.version):
            assert self.model.sealed is None
            mine.version += 1

    def review(self, person, teacher: str, verb: str) -> None:
        who, mine = self.who(person), self.model.ballots[teacher]
        happened = self.attempt(getattr(reviewing, verb), who, ROUND, teacher, "r")
        right = may_enter(who, teacher) and person[0] != "teacher" and mine.handed_in
        assert (happened is not None) is (right and self.row.state in ("open", "school_review"))
        if happened is not None:
            mine.version += 1
            mine.school = {"approve": "approved", "return_": "returned"}[verb]

    # what must hold after every step

    @invariant()
    def ballots_are_those_of_the_model(self) -> None:
        """I8, and I2 once sealed: nothing changes a ballot but what was accepted, one by one."""
        rows = {row.teacher_id: row for row in store.hand_ins(self.session, ROUND)}
        for id, mine in self.model.ballots.items():
            if id not in rows:
                assert mine == Ballot()
                continue
            row = rows[id]
            found = Ballot(row.version, tuple(row.lines), row.handed_in, row.school)
            assert found == mine
            assert (row.digest != "") is row.handed_in

    @invariant()
    def the_seal_holds(self) -> None:
        """I2: what was sealed is what counted then, for good."""
        frozen = store.snapshot(self.session, ROUND) if self.row.state not in BEFORE_SEAL else None
        assert (frozen is None) is (self.model.sealed is None)
        if frozen is not None and frozen.digest != self.checked:
            self.checked = frozen.digest
            stored, _ = sealing.restore(frozen.body)
            sealed = {id: tuple(b.choices) for id, b in stored.ballots.items() if not b.returned}
            assert sealed == self.model.sealed
            assert frozen.ballots == len(sealed)
            assert sealing.digest(frozen.body) == frozen.digest

    @invariant()
    def chance_belongs_to_nobody(self) -> None:
        """I3: committed to before opening, shown after the seal, one number for good."""
        row = self.row
        assert row.seed_commitment == commitment(SECRET)
        if self.model.revealed and row.state != "voided":
            shown = sealing.lottery(self.session, call(at=self.now).scope, ROUND)
            assert shown == lottery_numbers(SCHOOL_OF, mixed(self.model.drawn), ROUND)
        if self.model.revealed:
            assert self.model.sealed is not None
            assert bool(self.model.drawn) is self.model.awaits_draw

    @invariant()
    def the_value_is_the_one_that_was_drawn(self) -> None:
        """I3: entered by two, between the seal and the showing, if a source was announced."""
        assert store.secret(self.session, ROUND).public_value == self.model.drawn

    @invariant()
    def a_deadline_only_moves_later(self) -> None:
        """I13."""
        closes = self.row.closes_at
        assert closes >= self.model.deadline
        self.model.deadline = closes
