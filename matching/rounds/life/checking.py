"""What may stand on a ballot that is handed in: the checks of sheet T2, and those a round adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from catalog.importing.parse import BadCell
from catalog.messages import Language
from catalog.tables import InstitutionRow
from diagnostics import store as diagnosed
from diagnostics.credit.integrity import Ban
from matching.predicates import parse
from matching.rounds import store as rounds_store
from matching.rounds.attributes import halves, section_attributes, teacher_attributes
from matching.rounds.ballots import Book, Fault, choice, sections_of
from matching.rounds.errors import BadRound
from matching.rounds.life import entries, store
from matching.rounds.life.entries import Person
from matching.rounds.life.shared import once
from matching.rounds.messages import say
from matching.rounds.store import Course
from matching.rounds.tables import RoundRow

MOST_LINES = 50
LONGEST_LINE = 200
MOST_SECTIONS = 99


class BadBallot(BadRound):
    """A ballot that cannot be handed in; `faults` is everything wrong with it, by rank."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = {lang: sentence(self.faults[0], lang) for lang in ("zh", "en")}
        super().__init__("life_bad_ballot", count=len(self.faults), first=first)


@dataclass(frozen=True, slots=True)
class Checked:
    """A ballot that may be handed in: its lines in their stored form, and what they name."""

    lines: list[str]
    most_sections: int | None
    book: Book


def sentence(fault: Fault, lang: Language) -> str:
    """Return a fault in words, with the rank it stands at."""
    what = say(fault.code, lang, **fault.values)
    return say("life_fault_at", lang, rank=fault.rank, what=what) if fault.rank else what


def checked(
    session: Session,
    row: RoundRow,
    person: Person,
    lines: Sequence[str],
    most_sections: int | None,
) -> Checked:
    """Return a ballot in its stored form.

    Raises
    ------
    BadBallot
        With everything that is wrong.
    """
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise BadRound("life_ballot_too_big", lines=MOST_LINES, signs=LONGEST_LINE)
    wrong = list(_most_wrong(most_sections))
    ranked: list[tuple[int, str]] = []
    for rank, cell in enumerate((cell for cell in lines if cell.strip()), start=1):
        try:
            ranked.append((rank, choice(cell.strip())))
        except BadCell as bad:
            wrong.append(_unreadable(rank, bad))
    entries.courses(session, (section for _, line in ranked for section in sections_of(line)))
    book = _book(session, row)
    wrong += _wrong_lines(session, row, person, book, ranked)
    if wrong:
        raise BadBallot(sorted(wrong, key=lambda fault: fault.rank))
    return Checked([line for _, line in ranked], most_sections, book)


def _book(session: Session, row: RoundRow) -> Book:
    """Return the book of all sections that ballots of this transaction have named."""
    what = ("book", row.id, str(row.version))
    return once(session, what, lambda: Book(entries.courses(session, ()), row))


def _most_wrong(most_sections: int | None) -> Iterator[Fault]:
    fits = most_sections is None or (
        type(most_sections) is int and 1 <= most_sections <= MOST_SECTIONS
    )
    if not fits:
        yield Fault(0, "life_most_wrong", {"most": MOST_SECTIONS})


def _unreadable(rank: int, bad: BadCell) -> Fault:
    ours = bad.room == "matching.rounds"
    return Fault(rank, bad.code if ours else "life_line_unreadable", bad.values if ours else {})


def _wrong_lines(
    session: Session,
    row: RoundRow,
    person: Person,
    book: Book,
    ranked: Sequence[tuple[int, str]],
) -> Iterator[Fault]:
    parents = entries.parents(session)
    teacher = diagnosed.teacher_of(person.teacher, person.school.unit_id, parents)
    yield from book.faults(ranked, teacher_attributes(teacher, person.school))
    barred = _barred(session, teacher.id, book) if person.banned else {}
    for rank, line in ranked:
        for section in sections_of(line):
            if section in book.courses and not _in_round(book, section, row):
                yield Fault(rank, "round_no_section", {"section": section})
            elif section in barred:
                until = barred[section].until_day
                yield Fault(rank, "life_banned", {"section": section, "until": until})


def _in_round(book: Book, section: str, row: RoundRow) -> bool:
    programme = book.courses[section].programme
    return rounds_store.is_open(programme, row.settings["programmes"], row.year)


def _barred(session: Session, teacher_id: str, book: Book) -> dict[str, Ban]:
    """Return the sections of a ballot that a ban keeps its teacher from, with the ban."""
    bans = [ban for ban in store.bans_of(session, teacher_id) if ban.holds]
    ids = {course.offering.institution_id for course in book.courses.values()}
    institutions = rounds_store.find(session, InstitutionRow, ids)
    return {
        section: ban
        for ban in bans
        for section, course in book.courses.items()
        if _covers(ban, course, institutions[course.offering.institution_id])
    }


def _covers(ban: Ban, course: Course, home: InstitutionRow) -> bool:
    """Tell whether a section falls under a ban, by the rule `matching.rules.banned`."""
    section = course.section
    attributes = section_attributes(section, course.offering, home, course.programme)
    days = [day for day, _ in halves(section)]
    meets = not days or any(ban.covers(day) for day in days)
    return meets and parse(ban.where).holds(attributes)
