"""What every sheet is written from: the round, its figures and the language."""

from __future__ import annotations

from dataclasses import dataclass

from catalog import terms
from matching.rounds.exports.messages import SENTENCES
from matching.rounds.exports.sheet import Cell
from matching.rounds.messages import say as say_word
from matching.rounds.reader import Reader
from matching.rounds.view import SeatView, SectionView
from matching.rounds.words import days_text, hours


@dataclass(frozen=True)
class Paper(Reader):
    """A round seen by somebody who writes it down in one language."""

    sentences = SENTENCES

    @property
    def colon(self) -> str:
        """The sign between a name and what is said of it."""
        return "：" if self.lang == "zh" else ": "

    def subject(self, code: str) -> str:
        """Return the word for a subject."""
        return terms.SUBJECTS.word(code, self.lang)

    def masked(self, teacher_id: str) -> str:
        """Return the id number with all but its last four signs hidden."""
        return f"****{self.view.teacher[teacher_id].id_last4[-4:]}"

    def school_name(self, teacher_id: str) -> str:
        """Return the name of the school a teacher works at."""
        return self.view.school[self.view.teacher[teacher_id].school_id].name

    def when(self, section: SectionView) -> str:
        """Return the days of a section."""
        return days_text(section.meetings, self.lang)

    def source(self, seat: SeatView) -> str:
        """Return whether a seat was chosen, assigned or placed by hand."""
        return say_word(f"word_{seat.kind}", self.lang)

    def seat_cells(self, seat: SeatView) -> tuple[Cell, ...]:
        """Return section, title, place, days, hours and source of a seat."""
        section = self.view.section[seat.section_id]
        return (
            section.id,
            section.title,
            self.when(section),
            section.site,
            hours(section.minutes),
            self.source(seat),
        )

    def digest_foot(self) -> tuple[str, ...]:
        """Return the lines that tie a sheet to the result."""
        foot = (self.say("foot_digest", digest=self.view.digest),)
        return (*foot, self.say("foot_synthetic")) if self.view.synthetic else foot
