"""The part of `machine_seats.py` that is about attendance and hours on their way to the ledger."""

from __future__ import annotations

from matching.rounds.life import marking, posting
from matching.rounds.life.clock import stamp
from tests.matching.rounds.life import invariants_after as after_all
from tests.matching.rounds.life.factories import HOUR, ROUND
from tests.matching.rounds.life.invariants_after import Pair
from tests.matching.rounds.life.machine_sealed import Sealed
from tests.matching.rounds.life.machine_seats_draws import COUNTY_ITSELF
from tests.matching.rounds.life.stages import HALF_OF


class Hours(Sealed):
    """Who was there, submitted and approved, tried by anybody."""

    def mark(self, person: tuple[str, str], teacher: str, section: str, said: str) -> None:
        day, _, half = HALF_OF.get(section, "").partition(" ")
        happened = self.attempt(self.who(person), marking.mark, section, teacher, day, half, said)
        right = person in (COUNTY_ITSELF, ("institution", "I1")) and self.state == "running"
        right = right and (teacher, section) in self.on_roll() and said in marking.MARKS
        right = right and section not in {row["section_id"] for row in self.seen["posting"]}
        right = right and stamp(self.now + 8 * HOUR)[:10] >= day
        assert (happened is not None) is right

    def on_roll(self) -> set[Pair]:
        """Return who sits in a section, or was there when it met and has left it since."""
        seats = self.seen.seats.items()
        return self.model.stayed | {p for p, seat in seats if seat["state"] == "confirmed"}

    def held(self) -> list[str]:
        return sorted({section for _, section in self.on_roll()})

    def mark_section(self, pick: int, said: str) -> None:
        sections = self.held()
        for teacher, section in sorted(self.on_roll()):
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
