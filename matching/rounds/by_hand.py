"""Seats that people have decided by hand before a solve: locked ones and forbidden ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from matching.rounds.lists import Line
from matching.rounds.reasons import RoundReason


@dataclass(frozen=True, slots=True, order=True)
class Decided:
    """One decision: a teacher shall, or shall not, sit in a section, and why."""

    teacher: str
    section: str
    reason: str = ""


@dataclass(frozen=True)
class ByHand:
    """What a solve must respect: `locked` seats are taken, `forbidden` ones are no choices at all."""

    locked: tuple[Decided, ...] = ()
    forbidden: tuple[Decided, ...] = ()

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(teacher, section) of the locked seats."""
        return frozenset((each.teacher, each.section) for each in self.locked)

    @cached_property
    def barred(self) -> frozenset[tuple[str, str]]:
        """(teacher, section) of the forbidden seats."""
        return frozenset((each.teacher, each.section) for each in self.forbidden)

    def left(self, teacher: str, lines: Iterable[Line]) -> list[Line]:
        """Return the lines of a ballot that can still be had: a bundle goes as a whole."""
        return [
            line
            for line in lines
            if not any((teacher, section) in self.barred for section in line.sections)
        ]

    def reasons(
        self, teacher: str, lines: Iterable[Line], held: frozenset[str]
    ) -> Iterator[RoundReason]:
        """Yield why the sections of lines that cannot be had were missed."""
        why = {each.section: each.reason for each in self.forbidden if each.teacher == teacher}
        for line in lines:
            barred = [section for section in line.sections if section in why]
            for section in line.sections if barred else ():
                if section in why:
                    detail = {"reason": why[section]}
                    yield RoundReason("round_forbidden", teacher, section, detail=detail)
                elif section not in held:
                    detail = {"partner": barred[0]}
                    yield RoundReason("round_forbidden_partner", teacher, section, detail=detail)


NOTHING = ByHand()
