"""What a message says: from the kind of a notice and the rows it points at to words in zh or en."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from catalog.messages import Language
from catalog.tables import OfferingRow, SchoolRow, SectionRow
from diagnostics.tables import TeacherRow
from matching.rounds import store
from matching.rounds.errors import BadRound
from matching.rounds.life.clock import beijing
from matching.rounds.messages import say
from matching.rounds.tables import RoundRow

KINDS = (
    "opening",
    "closing_soon",
    "result",
    "offer",
    "refill",
    "cancellation",
    "transfer",
    "ballot_changed",
)

PAPER = "T2"
"""The reason that stands for a ballot on paper: the code of its sheet."""

LISTS = ("stay", "lost", "given")
"""Values that are lists of sections."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a person reads it."""

    person: str
    name: str
    title: str
    body: str


class Wording:
    """Words messages of one round; people and sections are read once, for all of them."""

    def __init__(self, session: Session, round_id: str, link: str = "") -> None:
        row = store.round_row(session, round_id)
        if row is None:
            raise BadRound("life_no_round", id=round_id)
        self._round: RoundRow = row
        self._link = link
        self._teachers = {t.id: t for t in store.everything(session, TeacherRow)}
        self._sections = {s.id: s for s in store.everything(session, SectionRow)}
        self._offerings = {o.id: o for o in store.everything(session, OfferingRow)}
        self._schools = {s.id: s.name for s in store.everything(session, SchoolRow)}

    def school_of(self, person: str) -> str:
        """Return the school a person belongs to, empty for one no longer known."""
        teacher = self._teachers.get(person)
        return teacher.school_id if teacher else ""

    def called(self, school: str) -> str:
        """Return the name of a school with its code; a word that is none stays as it is."""
        return f"{self._schools[school]}（{school}）" if school in self._schools else school

    def message(
        self, kind: str, person: str, values: Mapping[str, Any], lang: Language = "zh"
    ) -> Message:
        """Return the words of one message.

        Parameters
        ----------
        values
            Plain data; `section` (an id), `stay`, `lost` and `given` (lists of them) and `until` (a
            stored moment) are said in words.
        """
        teacher = self._teachers.get(person)
        name, reason = teacher.name if teacher else person, str(values.get("reason", ""))
        said = {
            "name": name,
            "round": self._round.title,
            "opens": beijing(self._round.opens_at, lang),
            "closes": beijing(self._round.closes_at, lang),
            "section": self._section(str(values.get("section", ""))),
            "until": beijing(str(values.get("until", "")), lang),
            "reason": say("note_paper", lang) if reason == PAPER else reason or "–",
            "by": self.called(str(values.get("by", ""))) or "–",
            **{name: self._listed(values.get(name, ()), lang) for name in LISTS},
        }
        body = say(f"note_{kind}", lang, **said)
        if self._link:
            body += say("note_link", lang, link=self._link)
        return Message(person, name, say(f"note_{kind}_title", lang, **said), body)

    def _listed(self, ids: Iterable[str], lang: Language) -> str:
        return ("、" if lang == "zh" else ", ").join(map(self._section, ids)) or "–"

    def _section(self, section_id: str) -> str:
        section = self._sections.get(section_id)
        if section is None:
            return section_id or "–"
        return f"{section_id} {self._offerings[section.offering_id].title}"
