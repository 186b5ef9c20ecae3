"""First come, first served: today's practice, as the baseline every result is compared with.

Teachers arrive one after another. Each walks down her own list and takes what she may still have:
seats free, days free, release, quota and budget not used up, until she holds the number she wants or
her hours are met. Nobody looks ahead, nothing is optimised, and a section's minimum stops nobody.
Seats locked by hand are taken before the desk opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Literal

import numpy as np

from matching.instance import Mask
from matching.primitives import Amount, Draft
from matching.result import Seat


def first_come(draft: Draft, order: str) -> tuple[Seat, ...]:
    """Return the seats that first come gives out.

    Parameters
    ----------
    draft
        The rules of the instance, compiled.
    order
        Seed of the arrival order; the same seed always gives the same order.
    """
    return _served(_Desk(draft, _lists(draft)), draft, order)


def by_lot(draft: Draft, order: str) -> tuple[Seat, ...]:
    """Return the seats if nobody chose: first come, with lists of all one may have, drawn by lot.

    The same rules hold and the same hours are due; what teachers want counts nothing. It is what
    any way of assigning has to beat.
    """
    return _served(_Desk(draft, _drawn(draft, order)), draft, order)


def _served(desk: _Desk, draft: Draft, order: str) -> tuple[Seat, ...]:
    desk.seat_locked()
    for teacher in arrivals(draft.instance.teacher_ids, order):
        desk.serve(teacher)
    return tuple(sorted(desk.seats()))


def arrivals(teachers: Sequence[str], order: str) -> list[int]:
    """Return positions of the teachers in their order of arrival."""

    def ticket(position: int) -> bytes:
        return sha256(f"{order}\t{teachers[position]}".encode()).digest()

    return sorted(range(len(teachers)), key=ticket)


def amount_of(amount: Amount, arcs: Sequence[int]) -> int:
    """Return what a bundle adds up to."""
    total = int(amount.coefs[list(arcs)].sum()) if arcs else 0
    return min(amount.cap, total + sum(amount_of(part, arcs) for part in amount.parts))


class _Desk:
    """The registration desk: what is still free, and who holds what so far."""

    def __init__(self, draft: Draft, lists: dict[int, list[list[int]]]) -> None:
        self._draft = draft
        self._held: dict[int, list[int]] = {}
        self._used = [0] * len(draft.shared_rows)
        self._lines = lists
        self._dropped = _any(draft.dropped.values(), draft.arcs)
        self._locked = _any(draft.musts.values(), draft.arcs)
        self._rows_of = _rows_by_arc(draft)

    def seat_locked(self) -> None:
        for arc in np.flatnonzero(self._locked).tolist():
            self._take(self._held.setdefault(int(self._draft.arc_teacher[arc]), []), [arc])

    def serve(self, teacher: int) -> None:
        held = self._held.setdefault(teacher, [])
        for line in self._lines.get(teacher, ()):
            if held and self._met(teacher, held):
                return
            if held and set(line) & set(held):
                continue
            if self._may(teacher, held, line):
                self._take(held, line)

    def seats(self) -> Iterator[Seat]:
        instance = self._draft.instance
        ranks = instance["choices"].integers("rank")
        for teacher, arcs in self._held.items():
            for arc in arcs:
                section = int(self._draft.arc_section[arc])
                names = instance.teacher_ids[teacher], instance.section_ids[section]
                kind: Literal["chosen", "locked"] = "locked" if self._locked[arc] else "chosen"
                yield Seat(*names, int(ranks[arc]), kind)

    def _met(self, teacher: int, held: list[int]) -> bool:
        """Tell whether no hours are due any more (one without any due goes by her list)."""
        lows = [
            (row, int(row.lo[teacher]))
            for row in self._draft.bundle_rows
            if row.lo is not None and row.lo_goal in (None, "hours_short")
        ]
        due = [(row, low) for row, low in lows if low > 0]
        return bool(due) and all(amount_of(row.amount, held) >= low for row, low in due)

    def _may(self, teacher: int, held: list[int], line: list[int]) -> bool:
        if any(self._dropped[arc] for arc in line):
            return False
        bundle = held + line
        return (
            not self._clashes(bundle)
            and self._within(teacher, bundle)
            and self._implied(bundle)
            and self._free(held, line)
        )

    def _clashes(self, bundle: list[int]) -> bool:
        return self._draft.clash(self._draft.arc_section[bundle])

    def _within(self, teacher: int, bundle: list[int]) -> bool:
        strict = [row for row in self._draft.bundle_rows if row.hi is not None and not row.hi_goal]
        return all(
            amount_of(row.amount, bundle) <= int(row.hi[teacher])
            for row in strict
            if row.hi is not None
        )

    def _implied(self, bundle: list[int]) -> bool:
        return all(
            bool(set(bundle) & set(any_of.tolist()))
            for _, arc, any_of in self._draft.implications
            if arc in bundle
        )

    def _free(self, held: list[int], line: list[int]) -> bool:
        return all(
            self._used[row] + more <= self._draft.shared_rows[row].hi
            for row, more in self._use(held, line).items()
        )

    def _use(self, held: list[int], line: list[int]) -> dict[int, int]:
        """Return what a line of the list adds to every shared row."""
        use: dict[int, int] = {}
        for arc in line:
            for row, weight in self._rows_of[arc]:
                if not self._draft.shared_rows[row].heads:
                    use[row] = use.get(row, 0) + weight
                elif not any(row == other for had in held for other, _ in self._rows_of[had]):
                    use[row] = 1
        return use

    def _take(self, held: list[int], line: list[int]) -> None:
        for row, more in self._use(held, line).items():
            self._used[row] += more
        held.extend(line)


def _lists(draft: Draft) -> dict[int, list[list[int]]]:
    """Return every teacher's list from the top; a tie is one line of it."""
    choices = draft.instance["choices"]
    ranks = choices.integers("rank").tolist()
    kinds = choices.text("kind")
    tied = {int(arc): sorted(arcs.tolist()) for _, arcs in draft.ties for arc in arcs}
    found: dict[int, list[list[int]]] = {}
    for arc in sorted(range(draft.arcs), key=lambda arc: (ranks[arc], arc)):
        line = tied.get(arc, [arc])
        if kinds[arc] == "chosen" and ranks[arc] > 0 and line[0] == arc:
            found.setdefault(int(draft.arc_teacher[arc]), []).append(line)
    return found


def _drawn(draft: Draft, order: str) -> dict[int, list[list[int]]]:
    """Return every section that a teacher may have, in an order drawn by lot."""
    instance = draft.instance
    found: dict[int, list[list[int]]] = {}

    def ticket(arc: int) -> bytes:
        teacher = instance.teacher_ids[int(draft.arc_teacher[arc])]
        section = instance.section_ids[int(draft.arc_section[arc])]
        return sha256(f"{order}\t{teacher}\t{section}".encode()).digest()

    for arc in sorted(range(draft.arcs), key=ticket):
        found.setdefault(int(draft.arc_teacher[arc]), []).append([arc])
    return found


def _any(masks: Iterable[Mask], length: int) -> Mask:
    total = np.zeros(length, bool)
    for mask in masks:
        total |= mask
    return total


def _rows_by_arc(draft: Draft) -> list[list[tuple[int, int]]]:
    found: list[list[tuple[int, int]]] = [[] for _ in range(draft.arcs)]
    for position, row in enumerate(draft.shared_rows):
        for arc, weight in zip(row.arcs.tolist(), row.weights.tolist(), strict=True):
            found[arc].append((position, weight))
    return found
