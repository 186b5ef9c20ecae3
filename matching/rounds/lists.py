"""What counts of a ballot once a round runs: ranked lines of known sections, cut to length."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.odds import Lists
from matching.rounds.ballots import sections_of
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import BallotRow


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ballot as it counts: its rank and sections, several of them in a bundle."""

    rank: int
    sections: tuple[str, ...]


def ballot_lines(stored: Stored, settings: RoundSettings, teacher: str) -> list[Line]:
    """Return what counts of a teacher's ballot: agreed by her school, cut to the list's length.

    A section that is not in this round is left out; the ranks of the others stay as written.
    """
    ballot = stored.ballots.get(teacher)
    return [] if ballot is None or ballot.returned else _lines(ballot, stored, settings)


def returned_lines(stored: Stored, settings: RoundSettings, teacher: str) -> list[Line]:
    """Return what a teacher wrote on a ballot that her school sent back; it does not count."""
    ballot = stored.ballots.get(teacher)
    return _lines(ballot, stored, settings) if ballot is not None and ballot.returned else []


def _lines(ballot: BallotRow, stored: Stored, settings: RoundSettings) -> list[Line]:
    found = []
    for rank, line in enumerate(ballot.choices[: settings.list_length], start=1):
        sections = tuple(sections_of(line))
        if all(section in stored.sections for section in sections):
            found.append(Line(rank, sections))
    return found


def lists_of(stored: Stored, settings: RoundSettings, held: set[tuple[str, str]]) -> Lists:
    """Return what counted of everybody's ballot, with her seats."""
    lines = {teacher: ballot_lines(stored, settings, teacher) for teacher in sorted(stored.ballots)}
    wanted = {
        teacher: min(settings.most_sections, ballot.most_sections or settings.most_sections)
        for teacher, ballot in stored.ballots.items()
    }
    ranked = {teacher: [line.sections for line in hers] for teacher, hers in lines.items()}
    return Lists.of(ranked, held, wanted, sorted(stored.sections))
