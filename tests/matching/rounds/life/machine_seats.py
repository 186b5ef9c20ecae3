"""A sealed round pushed about by anybody at any moment: answers, publication, seats, hours.

The second half of `machine.py`. Solves are real; the same question is solved once per process. What may
be accepted is said in the rules here, in other words than the services'.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlmodel import col, select

from matching.rounds.life import (
    answers,
    appeals,
    marking,
    moves,
    overrides,
    places,
    publishing,
    results,
)
from matching.rounds.life.clock import stamp
from matching.rounds.life.deadlines import CLOCK_GRACE
from matching.rounds.life.tables import JobRow
from matching.rounds.service import Answer
from matching.watch import Watch
from tests.matching.rounds.life import invariants_after as after_all
from tests.matching.rounds.life.answered import answered
from tests.matching.rounds.life.factories import ROUND
from tests.matching.rounds.life.invariants_after import Pair, Seen
from tests.matching.rounds.life.machine_hours import Hours
from tests.matching.rounds.life.machine_seats_draws import ACTIONS, ANYTIME, AT, COUNTY_ITSELF

PLAIN_MOVES = {
    "accept": publishing.accept,
    "finalise": publishing.finalise,
    "second_round": publishing.second_round,
    "start": marking.start,
    "evaluate": marking.evaluate,
}
BY_CLOCK = ("start", "settle")

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


class StopAtOnce(Watch):
    """Somebody who is content with the first answer there is."""

    def stopped(self) -> bool:
        return True


class Seats(Hours):
    """One sealed round, and whatever anybody tries."""

    @rule(data=st.data())
    def anything(self, data) -> None:
        """Do one thing that somebody might try now."""
        likely = AT.get(self.state, ANYTIME)
        if data.draw(st.integers(0, 3), label="stray") == 0:
            likely = ANYTIME
        action = data.draw(st.sampled_from(likely), label="action")
        drawn = {name: data.draw(of, label=name) for name, of in ACTIONS[action].items()}
        getattr(self, action)(**drawn)

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
        if job is not None and job.state in results.LIVE:
            job.state, job.attempt = "running", job.attempt + 1
            self.session.flush()
            self.seen = Seen.at(self.session)

    def work(self, behind: int, stopped: bool) -> None:
        """I12: a worker keeps what it has found, if the job is still its own."""
        job = self.job()
        if job is None:
            return
        right = self.state == "solving" and job.state in results.LIVE and not behind
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
        return answered(self.session, job, StopAtOnce() if stopped else None)

    def give_up(self, behind: int) -> None:
        job = self.job()
        if job is None:
            return
        right = self.state == "solving" and job.state in results.LIVE and not behind
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
