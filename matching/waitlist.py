"""Who may take a free seat: every rule of the round once more, for one teacher and one section.

A seat that becomes free after the solve goes to the next who waits for it and may take it beside all
that she and others hold. `Standing` answers that from the same rows the solver read, without solving
anything: held sections and the use of shared limits are told, whoever asks keeps them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import NamedTuple, TypeVar

import numpy as np

from matching.assignment import Breach
from matching.compile import compile_instance
from matching.instance import Instance
from matching.lottery import lottery_numbers
from matching.primitives import Amount, Draft, SharedRow
from matching.result import Seat
from matching.rules import RULES
from matching.rules.reserve import chairs
from matching.schema import UNLIMITED

__all__ = ["Standing", "order"]

SEATS = ("seat_capacity", "minimum_to_open")
"""Rules whose upper side is the number of seats, which whoever asks counts as free seats."""

NO_CHOICE = "no_choice"

T = TypeVar("T")

_PLACE = {code: place for place, code in enumerate((NO_CHOICE, *(rule.code for rule in RULES)))}


class _Row(NamedTuple):
    """One shared limit, with the weight of each of its choices."""

    id: str
    rule: str
    subject: str
    lo: int
    hi: int
    heads: bool
    switch: str


class Standing:
    """The rules of an instance, asked one teacher at a time.

    Attributes
    ----------
    chairs
        Section -> its seats.
    minima
        Section -> the people it needs to run.
    limits
        Shared limit -> the most that may be used of it; only those that can ever bind.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._draft = compile_instance(instance)
        self.chairs: Mapping[str, int] = chairs(instance)
        minima = instance["sections"].integers("minimum").tolist()
        self.minima = dict(zip(instance.section_ids, minima, strict=True))
        self._numbers = lottery_numbers(instance.teacher_ids, instance.seed, instance.round_id)
        self._dropped = _first_drop(self._draft)
        self._ties = _by_arc((tie.tolist(), tuple(tie.tolist())) for _, tie in self._draft.ties)
        self._needs = _by_arc(
            ([arc], frozenset(any_of.tolist())) for _, arc, any_of in self._draft.implications
        )
        self._set_rows()

    def _set_rows(self) -> None:
        kept = [row for row in self._draft.shared_rows if _can_bind(row, self._draft)]
        self._rows = [
            _Row(row.id, row.rule, row.subject, row.lo, row.hi, row.heads, row.switch)
            for row in kept
        ]
        sizes = [len(row.arcs) for row in kept]
        arcs = np.concatenate([np.zeros(0, np.int64), *(row.arcs for row in kept)])
        order_ = np.argsort(arcs, kind="stable")
        self._row_of = np.repeat(np.arange(len(kept)), sizes)[order_]
        self._weight = np.concatenate([np.zeros(0, np.int64), *(row.weights for row in kept)])[
            order_
        ]
        self._starts = np.searchsorted(arcs[order_], np.arange(self._draft.arcs + 1))
        self._switched: dict[str, list[int]] = {}
        for place, row in enumerate(self._rows):
            if row.switch:
                self._switched.setdefault(row.switch, []).append(place)
        self.limits = {row.id: row.hi for row in self._rows}

    def number(self, teacher: str) -> int:
        """Return a teacher's lottery number."""
        return self._numbers[teacher]

    def knows(self, teacher: str) -> bool:
        """Tell whether a teacher takes part in the round."""
        return teacher in self.instance.teacher_index

    def rank(self, teacher: str, section: str) -> int:
        """Return the rank a teacher has given a section, 0 if she did not list it."""
        arc = self._arc(teacher, section)
        return 0 if arc is None else int(self.instance["choices"].integers("rank")[arc])

    def group(self, teacher: str, section: str) -> tuple[str, ...]:
        """Return a section with all that the teacher has tied to it: she takes all or none."""
        arc = self._arc(teacher, section)
        if arc is None:
            return (section,)
        found, todo = {arc}, [arc]
        while todo:
            for tie in self._ties.get(todo.pop(), ()):
                todo += [each for each in tie if each not in found]
                found.update(tie)
        return self._names(found)

    def falls(self, teacher: str, section: str, held: Collection[str]) -> tuple[str, ...]:
        """Return what a teacher gives up with a section: it, what is tied to it or builds on it."""
        left = {arc for name in held if (arc := self._arc(teacher, name)) is not None}
        all_ = set(left)
        if (arc := self._arc(teacher, section)) is not None:
            left.discard(arc)
        while gone := {arc for arc in left if not self._stands(arc, left)}:
            left -= gone
        return self._names(all_ - left)

    def _stands(self, arc: int, left: set[int]) -> bool:
        whole = all(left.issuperset(tie) for tie in self._ties.get(arc, ()))
        return whole and not any(left.isdisjoint(need) for need in self._needs.get(arc, ()))

    def touched(self, teacher: str, sections: Collection[str]) -> set[str]:
        """Return the shared limits that decide about seats in some sections."""
        rows = {self._rows[row] for row in self._uses(teacher, sections)}
        switches = {row.switch for row in rows if row.switch}
        together = {self._rows[place].id for name in switches for place in self._switched[name]}
        return {row.id for row in rows} | together

    def change(
        self, teacher: str, before: Collection[str], after: Collection[str]
    ) -> dict[str, int]:
        """Return how the use of shared limits changes when a teacher's sections change."""
        old, new = self._uses(teacher, before), self._uses(teacher, after)
        return {
            self._rows[row].id: delta
            for row in sorted(old.keys() | new.keys())
            if (delta := new.get(row, 0) - old.get(row, 0))
        }

    def usage(self, held: Mapping[str, Collection[str]]) -> dict[str, int]:
        """Return the use of every shared limit when teachers hold these sections."""
        total = dict.fromkeys(self.limits, 0)
        for teacher, sections in held.items():
            for row, amount in self._uses(teacher, sections).items():
                total[self._rows[row].id] += amount
        return total

    def _uses(self, teacher: str, sections: Collection[str]) -> dict[int, int]:
        found: dict[int, int] = {}
        for section in sections:
            arc = self._arc(teacher, section)
            if arc is None:
                continue
            span = slice(self._starts[arc], self._starts[arc + 1])
            pairs = zip(self._row_of[span].tolist(), self._weight[span].tolist(), strict=True)
            for row, weight in pairs:
                found[row] = 1 if self._rows[row].heads else found.get(row, 0) + weight
        return found

    def may(
        self,
        teacher: str,
        sections: Collection[str],
        held: Collection[str],
        used: Mapping[str, int],
        free: Mapping[str, int],
    ) -> Breach | None:
        """Return the first rule that stops a teacher from taking sections too, None if none does.

        Lower limits are no reason against one more seat.

        Parameters
        ----------
        sections
            What she would take, all at once: see `group`.
        held
            What she has.
        used
            The use of the shared limits (`limits`); one that is not named is not used.
        free
            Section -> its free seats.
        """
        found = chain(
            self._local(teacher, sections, held),
            self._full(sections, free),
            self._shared(teacher, sections, held, used),
        )
        return min(found, key=lambda breach: _PLACE[breach.rule], default=None)

    def _local(
        self, teacher: str, sections: Collection[str], held: Collection[str]
    ) -> Iterator[Breach]:
        arcs = {name: self._arc(teacher, name) for name in (*held, *sections)}
        new = [arc for name in sections if (arc := arcs[name]) is not None]
        for name in sections:
            if arcs[name] is None or name in held:
                yield Breach(NO_CHOICE, f"{teacher}/{name}", 1, 0)
            elif (rule := self._dropped.get(arcs[name] or 0)) is not None:
                yield Breach(rule, f"{teacher}/{name}", 1, 0)
        bundle = {arc for arc in arcs.values() if arc is not None}
        yield from self._clashing(teacher, new, bundle)
        for arc in new:
            subject = f"{teacher}/{self._name(arc)}"
            if any(bundle.isdisjoint(need) for need in self._needs.get(arc, ())):
                yield Breach("prerequisite", subject, 1, 0)
            for tie in self._ties.get(arc, ()):
                if not bundle.issuperset(tie):
                    yield Breach("bundle", subject, len(bundle.intersection(tie)), len(tie))
        yield from self._over(teacher, new, bundle)

    def _clashing(self, teacher: str, new: Sequence[int], bundle: set[int]) -> Iterator[Breach]:
        sections, held = self._draft.arc_section, np.fromiter(bundle, np.int64, len(bundle))
        for rule in self._draft.exclusive_groups:
            for one in new:
                barred = self._draft.excludes(rule, int(sections[one]), sections[held])
                for other in held[barred].tolist():
                    pair = f"{self._name(one)}+{self._name(other)}"
                    yield Breach(rule, f"{teacher}/{pair}", 2, 1)

    def _over(self, teacher: str, new: Sequence[int], bundle: set[int]) -> Iterator[Breach]:
        place = self.instance.teacher_index.get(teacher)
        for row in self._draft.bundle_rows if place is not None else ():
            if row.hi is not None and row.hi_goal is None:
                most, after = int(row.hi[place]), _amount(row.amount, bundle)
                if after > most and after > _amount(row.amount, bundle.difference(new)):
                    yield Breach(row.rule, f"{teacher}/{row.subject}", after, most)

    def _full(self, sections: Collection[str], free: Mapping[str, int]) -> Iterator[Breach]:
        for section in sections:
            if free.get(section, 0) < 1:
                seats = self.chairs.get(section, 0)
                yield Breach("seat_capacity", section, seats + 1, seats)

    def _shared(
        self,
        teacher: str,
        sections: Collection[str],
        held: Collection[str],
        used: Mapping[str, int],
    ) -> Iterator[Breach]:
        old, new = self._uses(teacher, held), self._uses(teacher, (*held, *sections))
        switches = set()
        for place, amount in new.items():
            row, delta = self._rows[place], amount - old.get(place, 0)
            if not delta:
                continue
            after = used.get(row.id, 0) + delta
            if after > row.hi:
                yield Breach(row.rule, row.subject, after, row.hi)
            if row.switch:
                switches.add(row.switch)
        for switch in sorted(switches):
            yield from self._torn(switch, old, new, used)

    def _torn(
        self, switch: str, old: Mapping[int, int], new: Mapping[int, int], used: Mapping[str, int]
    ) -> Iterator[Breach]:
        """Yield the rows of a switch that one more seat would leave in part (teams)."""
        rows = self._switched[switch]
        was_on = any(used.get(self._rows[place].id, 0) > 0 for place in rows)
        for place in rows:
            row = self._rows[place]
            before = used.get(row.id, 0)
            after = before + new.get(place, 0) - old.get(place, 0)
            if after < row.lo and not (was_on and before < row.lo):
                yield Breach(row.rule, row.subject, after, row.lo)

    def best(
        self,
        teacher: str,
        wishes: Iterable[Collection[str]],
        held: Collection[str],
        used: Mapping[str, int],
        free: Mapping[str, int],
    ) -> tuple[str, ...]:
        """Return the best that a teacher may take of some wishes, each taken whole; () for nothing.

        Best is what leaves the fewest hours short, then what has the most points, then the ranks.
        """
        able = [
            tuple(wish) for wish in wishes if not set(wish) & set(held) and self._near(wish, free)
        ]
        sets = chain.from_iterable(combinations(able, size) for size in range(len(able) + 1))
        found: list[tuple[str, ...]] = [()]
        for some in sets:
            sections = tuple(sorted({name for wish in some for name in wish}))
            if sections and self.may(teacher, sections, held, used, free) is None:
                found.append(sections)
        return min(found, key=lambda sections: self._worth(teacher, held, sections))

    def _near(self, wish: Collection[str], free: Mapping[str, int]) -> bool:
        return all(free.get(name, 0) > 0 for name in wish)

    def _worth(
        self, teacher: str, held: Collection[str], sections: Sequence[str]
    ) -> tuple[int, int, list[int], Sequence[str]]:
        place = self.instance.teacher_index[teacher]
        arcs = [arc for n in (*held, *sections) if (arc := self._arc(teacher, n)) is not None]
        short = sum(
            row.weight * max(0, int(row.lo[place]) - _amount(row.amount, arcs))
            for row in self._draft.bundle_rows
            if row.lo is not None
        )
        points = int(self.instance["choices"].integers("points")[arcs].sum())
        return short, -points, sorted(self.rank(teacher, name) for name in sections), sections

    def order(self, seats: Iterable[Seat]) -> dict[str, list[tuple[str, int]]]:
        """Return who waits for each open section: (teacher, rank), by rank, then lottery number.

        That is whoever ranked it, could sit in it at all, and did not get it.
        """
        given = {(seat.teacher, seat.section) for seat in seats}
        found: dict[str, list[tuple[str, int]]] = {section: [] for _, section in sorted(given)}
        for row, choice in enumerate(self.instance["choices"].rows()):
            teacher = self.instance.teacher_ids[choice["teacher"]]
            section = self.instance.section_ids[choice["section"]]
            waits = choice["rank"] > 0 and (teacher, section) not in given
            if waits and section in found and row not in self._dropped:
                found[section].append((teacher, choice["rank"]))
        for waiting in found.values():
            waiting.sort(key=lambda each: (each[1], self._numbers[each[0]]))
        return found

    def _arc(self, teacher: str, section: str) -> int | None:
        instance = self.instance
        place = (
            instance.teacher_index.get(teacher, -1),
            instance.section_index.get(section, -1),
        )
        return instance.arc_index.get(place)

    def _name(self, arc: int) -> str:
        return str(self.instance.section_ids[self._draft.arc_section[arc]])

    def _names(self, arcs: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted(self._name(arc) for arc in arcs))


def order(instance: Instance, seats: Iterable[Seat]) -> dict[str, list[tuple[str, int]]]:
    """Return the published order of those who wait: see `Standing.order`."""
    return Standing(instance).order(seats)


def _first_drop(draft: Draft) -> dict[int, str]:
    """Return dropped choice -> the first rule, in the published order, that drops it."""
    found: dict[int, str] = {}
    for rule in sorted(draft.dropped, key=lambda code: _PLACE[code]):
        for arc in np.flatnonzero(draft.dropped[rule]).tolist():
            found.setdefault(arc, rule)
    return found


def _by_arc(pairs: Iterable[tuple[Iterable[int], T]]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for arcs, value in pairs:
        for arc in arcs:
            found.setdefault(arc, []).append(value)
    return found


def _can_bind(row: SharedRow, draft: Draft) -> bool:
    """Tell whether a row can ever stop anybody from taking a seat."""
    if row.rule in SEATS or row.hi == UNLIMITED:
        return False
    if row.switch:
        return True
    most = len(np.unique(draft.arc_teacher[row.arcs])) if row.heads else int(row.weights.sum())
    return most > row.hi


def _amount(amount: Amount, arcs: Iterable[int]) -> int:
    places = list(arcs)
    own = int(amount.coefs[places].sum()) if places else 0
    return min(amount.cap, own + sum(_amount(part, places) for part in amount.parts))
