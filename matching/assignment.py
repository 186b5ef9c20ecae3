"""Who sits where, by ids: what the referee reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from matching.result import Seat


@dataclass(frozen=True)
class Assignment:
    """A set of seats with look-ups both ways."""

    seats: tuple[Seat, ...]

    @classmethod
    def of(cls, seats: Iterable[Seat]) -> Assignment:
        """Return the assignment of some seats in canonical order."""
        return cls(tuple(sorted(seats)))

    @cached_property
    def held_by(self) -> dict[str, tuple[str, ...]]:
        """Teacher id -> ids of her sections."""
        found: dict[str, tuple[str, ...]] = {}
        for seat in self.seats:
            found[seat.teacher] = (*found.get(seat.teacher, ()), seat.section)
        return found

    @cached_property
    def seated_in(self) -> dict[str, tuple[str, ...]]:
        """Section id -> ids of her teachers."""
        found: dict[str, tuple[str, ...]] = {}
        for seat in self.seats:
            found[seat.section] = (*found.get(seat.section, ()), seat.teacher)
        return found


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule: which rule, whose, how much was found and how much is allowed."""

    rule: str
    subject: str
    found: int
    allowed: int
