"""What teachers, schools and institutions of the demo do; every draw hangs on ids alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from matching.rounds.life.calls import Call, Scope

if TYPE_CHECKING:
    from sqlmodel import Session

    from api.unit_of_work import Command, Done, Office
    from catalog.importing.spec import Row
    from matching.rounds.life.events import Happened
    from matching.rounds.life.tables import PlaceRow

HESITANT = 1_000
"""Of 10,000 teachers, how many hand in something else first and change it before the deadline."""

SILENT, DECLINED = 100, 200
"""Of 10,000 offers, how many are never answered, and how many are declined."""

NO_SHOW, MISSED = 400, 100
"""Of 10,000 who confirmed, how many never come; of 10,000 other half-days, how many are missed."""


AT_ONCE = 16
"""How many ask at the same time: who stands in line for long is told to come again."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a teacher wants, as her sheet has it."""

    teacher: str
    school: str
    lines: tuple[str, ...]
    most: int | None
    entered_by: str
    agreed: bool


def ballots(sheet: Path, longest: int) -> list[Ballot]:
    """Return the ballots of the sheet T2, cut to the length of list that counts."""
    from catalog.importing.rows import read_sheet
    from matching.rounds.ballots import BALLOTS

    return [_ballot(row.row, longest) for row in read_sheet(sheet, BALLOTS).rows]


def _ballot(row: Row, longest: int) -> Ballot:
    from matching.rounds.ballots import lines_of

    return Ballot(
        row["teacher_id"],
        row["school_id"],
        tuple(lines_of(row))[:longest],
        row["most_sections"],
        row["entered_by"],
        bool(row["school_opinion"]),
    )


class Crowd:
    """Everybody who is not at the county office."""

    def __init__(self, office: Office, round_id: str) -> None:
        self._office = office
        self._round = round_id
        self.declined = 0
        """Seats given up so far."""

    def teacher(self, id_: str) -> Call:
        """Return a request of a teacher."""
        return Call(id_, Scope("teacher", id_), self._office.clock())

    def school(self, id_: str, clerk: str = "", reason: str = "") -> Call:
        """Return a request of a school."""
        return Call(clerk or id_, Scope("school", id_), self._office.clock(), reason=reason)

    def at_once(self, requests: Iterable[tuple[Call, Command]]) -> list[Done]:
        """Let many people ask, some at the same time, and wait for all their answers."""
        todo = iter(requests)
        done: list[Done] = []
        while group := list(islice(todo, AT_ONCE)):
            waiting: list[Future[Done]] = [self._office.submit(*request) for request in group]
            done += [future.result() for future in waiting]
        return done

    def hand_in(self, wanted: Iterable[Ballot]) -> int:
        """Hand in every ballot; return how many changed their mind on the way.

        A teacher hands in for herself, a school for those whose sheet says so.
        """
        people = list(wanted)
        hesitant = [ballot for ballot in people if _draw(ballot.teacher) < HESITANT]
        again = {ballot.teacher for ballot in hesitant}
        self.at_once(self._put(ballot, ballot.lines[::-1], 0) for ballot in hesitant)
        self.at_once(self._put(b, b.lines, 1 if b.teacher in again else 0) for b in people)
        return len(hesitant)

    def _put(self, ballot: Ballot, lines: tuple[str, ...], version: int) -> tuple[Call, Command]:
        from matching.rounds.life import handing

        call = self.teacher(ballot.teacher)
        if ballot.entered_by:
            call = self.school(ballot.school, ballot.entered_by, ballot.entered_by)
        return call, lambda session: handing.hand_in(
            session, call, self._round, ballot.teacher, lines, ballot.most, version
        )

    def review(self, wanted: Iterable[Ballot], reason: str) -> int:
        """Let every school approve its ballots, or return them; return how many it returned."""
        people = list(wanted)
        self.at_once(self._reviewed(ballot, reason) for ballot in people)
        return sum(not ballot.agreed for ballot in people)

    def _reviewed(self, ballot: Ballot, reason: str) -> tuple[Call, Command]:
        from matching.rounds.life import reviewing

        call = self.school(ballot.school)
        if ballot.agreed:
            return call, lambda session: reviewing.approve(
                session, call, self._round, ballot.teacher
            )
        return call, lambda session: reviewing.return_(
            session, call, self._round, ballot.teacher, reason
        )

    def answer(self, offers: Iterable[PlaceRow]) -> None:
        """Let everybody confirm or decline what she was offered; a few say nothing."""
        mine: dict[str, list[str]] = {}
        for place in offers:
            if _draw("answer", str(place.teacher_id), place.section_id) >= SILENT:
                mine.setdefault(str(place.teacher_id), []).append(place.section_id)
        answers = self.at_once(self._answered(*each) for each in sorted(mine.items()))
        self.declined += sum(len(done.body.get("declined", ())) for done in answers)

    def _answered(self, teacher: str, sections: Sequence[str]) -> tuple[Call, Command]:
        call = self.teacher(teacher)

        def command(session: Session) -> tuple[Happened, ...]:
            said: list[Happened] = []
            for section in sections:
                if section in self._offered(session, teacher):
                    said.append(self._say(session, call, teacher, section))
            return tuple(said)

        return call, command

    def _offered(self, session: Session, teacher: str) -> set[str]:
        """Return what still waits for her answer: a bundle is answered as a whole."""
        from sqlmodel import select

        from matching.rounds.life.tables import PlaceRow

        mine = select(PlaceRow.section_id).where(
            PlaceRow.round_id == self._round,
            PlaceRow.teacher_id == teacher,
            PlaceRow.state == "offered",
        )
        return set(session.exec(mine))

    def _say(self, session: Session, call: Call, teacher: str, section: str) -> Happened:
        from matching.rounds.life import places

        if SILENT <= _draw("answer", teacher, section) < SILENT + DECLINED:
            return places.decline(session, call, self._round, teacher, section, "duty")
        return places.confirm_seat(session, call, self._round, teacher, section)

    def attend(self, sections: Mapping[str, str], meetings: Mapping[str, Sequence[str]]) -> int:
        """Let every institution mark its sections and submit them; return how many marks.

        Parameters
        ----------
        sections
            Section -> its institution.
        """
        requests = [self._marked(*each, meetings) for each in sorted(sections.items())]
        return sum(int(done.body["marks"]) for done in self.at_once(requests))

    def _marked(
        self, section: str, institution: str, meetings: Mapping[str, Sequence[str]]
    ) -> tuple[Call, Command]:
        call = Call(institution, Scope("institution", institution), self._office.clock())

        def command(session: Session) -> tuple[Happened, ...]:
            from matching.rounds.life import marking, posting

            people = marking.holders(session, self._round, section)
            marks = {each: _came(each, section, meetings[section]) for each in people}
            return (
                marking.mark_all(session, call, self._round, section, marks),
                posting.submit(session, call, self._round, section),
            )

        return call, command


def _came(teacher: str, section: str, meetings: Sequence[str]) -> dict[str, str]:
    """Draw on which half-days somebody came; a few never come, others miss a half-day."""
    if _draw("attendance", teacher, section) < NO_SHOW:
        return dict.fromkeys(meetings or ("",), "absent")
    return {
        half: "absent" if _draw("attendance", teacher, section, half) < MISSED else "present"
        for half in meetings
    }


def _draw(*words: str) -> int:
    """Return a number from 0 to 9,999 that hangs on the words alone."""
    return int.from_bytes(sha256("\t".join(words).encode()).digest()[:8]) % 10_000
