"""The closed set of forms that every rule and goal compiles to; solvers know nothing else.

Local forms shape the bundle of sections one teacher may hold and what it is worth: L1 a dropped
choice, L2 a group of sections that exclude each other, L3 a row over the bundle, L4 a tie, an
implication or a must, L5 a term of value. Shared forms couple teachers: S1 a row over seats, S2 a
row over heads (a teacher counts once), S3 a switched row `lo y <= sum <= hi y`.
docs/decisions/0002-primitives.md tells how the forms were chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import blake2b

import numpy as np

from matching.aside import put_aside
from matching.columns import COMPACT_FROM, Numbers, kept, smallest
from matching.instance import Instance, Ints, Mask
from matching.schema import UNLIMITED


@dataclass(frozen=True)
class Amount:
    """A number a bundle adds up to: own coefficients plus parts, cut at a cap.

    Parameters
    ----------
    numbers
        What one section adds, all >= 0: a number per choice, or per section if `section` is given.
    cap
        The most that counts.
    section
        The section of every choice, where what is added hangs on it alone.
    """

    numbers: Ints
    cap: int = UNLIMITED
    parts: tuple[Amount, ...] = ()
    section: Numbers | None = None

    @property
    def coefs(self) -> Ints:
        """One whole number per choice; of very many choices they are not kept."""
        if self.section is None:
            return self.numbers
        if len(self.section) >= COMPACT_FROM:
            return self.numbers[self.section]
        return self._coefs

    @cached_property
    def _coefs(self) -> Ints:
        return self.numbers[self.section]


@dataclass(frozen=True, slots=True)
class BundleRow:
    """L3: `lo <= amount <= hi` for every teacher's bundle.

    `lo` and `hi` have one number per teacher (0 and UNLIMITED where there is no limit). A side with
    a goal is priced (`weight` per unit missing or over), a side without one is strict.
    """

    rule: str
    subject: str
    amount: Amount
    lo: Ints | None = None
    hi: Ints | None = None
    lo_goal: str | None = None
    hi_goal: str | None = None
    weight: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Some sections or some teachers, as positions in order; a draft keeps the same ones once."""

    places: Numbers


@dataclass(frozen=True, eq=False)
class Pool:
    """The choices of some sections by some teachers (None: by all)."""

    draft: Draft
    sections: Group
    teachers: Group | None = None

    @cached_property
    def arcs(self) -> Ints:
        """Positions in `choices`, in order."""
        return self.draft.arcs_in_pool(self)


@dataclass(frozen=True, slots=True)
class SharedRow:
    """S1, S2 or S3: `lo <= sum <= hi` over a pool of choices of many teachers.

    `coefs` are what a seat of each section weighs, by section (None: 1 each). With `heads` a teacher
    counts once however many of the choices she holds. With a `switch` both limits are multiplied by
    it. A row with a `goal` may stay below `lo` at `weight` per unit; without one it may not.
    """

    rule: str
    subject: str
    pool: Pool
    lo: int = 0
    hi: int = UNLIMITED
    coefs: Ints | None = None
    heads: bool = False
    switch: str = ""
    goal: str | None = None
    weight: int = 1

    @property
    def id(self) -> str:
        """The name under which the row's price is published."""
        return f"{self.rule}:{self.subject}"

    @property
    def arcs(self) -> Ints:
        """Positions in `choices` of what the row is over, in order."""
        return self.pool.arcs

    @property
    def weights(self) -> Ints:
        """What each of `arcs` weighs."""
        if self.coefs is None:
            return np.ones(len(self.arcs), np.int64)
        return self.coefs[self.pool.draft.arc_section[self.arcs]]


@dataclass(frozen=True, slots=True)
class Switch:
    """A yes-or-no of the round, such as whether a section opens; `yes` may be worth something."""

    name: str
    goal: str = ""
    value: int = 0


AT_ONCE = 1 << 20
"""So many choices are looked at together."""


class Draft:
    """What the rules and goals of an instance have posted so far."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        choices = instance["choices"]
        self.arc_section: Numbers = choices.numbers("section")
        self.dropped: dict[str, Mask] = {}
        self.exclusive_groups: dict[str, list[Ints]] = {}
        self._groups_of: dict[str, list[set[int]]] = {}
        self.bundle_rows: list[BundleRow] = []
        self.ties: list[tuple[str, Ints]] = []
        self.implications: list[tuple[str, int, Ints]] = []
        self.musts: dict[str, Mask] = {}
        self.values: dict[str, Numbers] = {}
        self.shared_rows: list[SharedRow] = []
        self.switches: dict[str, Switch] = {}
        self._kept_groups: dict[bytes, Group] = {}

    @cached_property
    def arc_teacher(self) -> Numbers:
        """Whose each choice is; of very many choices better asked for some by `owner_of`."""
        return self.instance["choices"].numbers("teacher")

    def owner_of(self, arcs: Numbers) -> Ints:
        """Return whose some choices are."""
        return np.searchsorted(self.instance.first_arc, arcs, side="right") - 1

    @property
    def arcs(self) -> int:
        """Number of choices."""
        return len(self.arc_section)

    @property
    def teachers(self) -> int:
        """Number of teachers."""
        return len(self.instance["teachers"])

    @property
    def sections(self) -> int:
        """Number of sections."""
        return len(self.instance["sections"])

    @cached_property
    def wanted(self) -> Mask:
        """Which sections stand among somebody's choices."""
        found = np.zeros(self.sections, bool)
        for begin in range(0, self.arcs, AT_ONCE):
            found[self.arc_section[begin : begin + AT_ONCE]] = True
        return found

    @cached_property
    def arcs_in(self) -> tuple[Ints, ...]:
        """The choices of every section, by section."""
        order = np.argsort(self.arc_section, kind="stable")
        order = kept(order)
        edges = np.cumsum(np.bincount(self.arc_section, minlength=self.sections))
        return tuple(np.split(order, edges[:-1])) if self.sections else ()

    def group(self, which: Mask | Numbers | Group) -> Group:
        """Return some sections or teachers, given as a mask or as positions in order, as a group."""
        if isinstance(which, Group):
            return which
        places = smallest(np.flatnonzero(which) if which.dtype == bool else which)
        content, kind = np.ascontiguousarray(places).data, places.dtype.char.encode()
        key = blake2b(content, digest_size=32, person=kind).digest()
        return self._kept_groups.setdefault(key, Group(places))

    def pool(
        self, sections: Mask | Numbers | Group, teachers: Mask | Numbers | Group | None = None
    ) -> Pool:
        """Return the choices of some sections, by some teachers or by all."""
        whom = None if teachers is None else self.group(teachers)
        return Pool(self, self.group(sections), whom)

    @cached_property
    def pool_where(self) -> Callable[[str, str], Pool]:
        """Return the choices a condition on sections and one on teachers cover; all are remembered."""
        sections = cache(lambda where: self.group(self.instance.sections_where(where)))
        teachers = cache(lambda where: self.group(self.instance.teachers_at(where)))
        return lambda those, whom: self.pool(sections(those), teachers(whom) if whom else None)

    def arcs_in_pool(self, pool: Pool) -> Ints:
        """Return the positions of the choices in a pool, in order."""
        if pool.teachers is None:
            return self._in_sections(pool.sections.places)
        theirs, _ = self.arcs_of_each(pool.teachers.places)
        covered = np.zeros(self.sections, bool)
        covered[pool.sections.places] = True
        return theirs[covered[self.arc_section[theirs]]]

    def _in_sections(self, sections: Numbers) -> Ints:
        if len(sections) == 1:
            return self.arcs_in[int(sections[0])]
        none = np.zeros(0, np.int64)
        return np.sort(np.concatenate([none, *(self.arcs_in[s] for s in sections.tolist())]))

    def arcs_of_each(self, teachers: Numbers) -> tuple[Ints, Ints]:
        """Return the choices of some teachers, one after the other, and each one's place among them."""
        first, teachers = self.instance.first_arc, teachers.astype(np.int64)
        count = first[teachers + 1] - first[teachers]
        place = np.repeat(np.arange(len(teachers)), count)
        start = first[teachers] - (np.cumsum(count) - count)
        return np.arange(len(place)) + start[place], place

    def drop(self, rule: str, arcs: Mask) -> None:
        """L1: nobody may hold these choices."""
        if arcs.any():
            self.dropped[rule] = self.dropped.get(rule, np.zeros(self.arcs, bool)) | arcs

    def exclusive(self, rule: str, groups: Iterable[Iterable[int]]) -> None:
        """L2: nobody may hold two sections of one group (positions in `sections`).

        Every group is kept once, its sections in order, the groups in order; one of fewer than two
        sections says nothing.
        """
        found = {tuple(group.tolist()) for group in self.exclusive_groups.get(rule, ())}
        found.update(tuple(sorted(set(group))) for group in groups)
        kept = [np.array(group, np.int64) for group in sorted(found) if len(group) > 1]
        self.exclusive_groups[rule] = kept
        self._groups_of.pop(rule, None)

    def excludes(self, rule: str, section: int, others: Ints) -> Mask:
        """Return which of some sections may not be held beside a section by a rule."""
        groups_of = self._groups_by_section(rule)
        mine = groups_of[section]
        shared = (bool(mine & groups_of[other]) for other in others.tolist())
        return np.asarray(np.fromiter(shared, bool, len(others)) & (others != section))

    def clash(self, sections: Ints) -> bool:
        """Tell whether some two sections may not be held together by any rule."""
        different = np.unique(sections)
        return any(
            self.excludes(rule, section, different).any()
            for rule in self.exclusive_groups
            for section in different.tolist()
        )

    def _groups_by_section(self, rule: str) -> list[set[int]]:
        if rule not in self._groups_of:
            groups_of: list[set[int]] = [set() for _ in range(self.sections)]
            for number, group in enumerate(self.exclusive_groups[rule]):
                for section in group.tolist():
                    groups_of[section].add(number)
            self._groups_of[rule] = groups_of
        return self._groups_of[rule]

    def bundle_row(self, row: BundleRow) -> None:
        """L3: bound or price an amount of every bundle; limits of very many teachers lie aside."""
        lo, hi = (None if limit is None else put_aside(limit) for limit in (row.lo, row.hi))
        self.bundle_rows.append(replace(row, lo=lo, hi=hi))

    def tie(self, rule: str, arcs: Ints) -> None:
        """L4: one teacher holds all of these choices or none."""
        self.ties.append((rule, arcs))

    def imply(self, rule: str, arc: int, any_of: Ints) -> None:
        """L4: who holds `arc` holds one of `any_of` too (none possible: nobody holds `arc`)."""
        self.implications.append((rule, arc, any_of))

    def must(self, rule: str, arcs: Mask) -> None:
        """L4: these choices are held in every solution."""
        self.musts[rule] = self.musts.get(rule, np.zeros(self.arcs, bool)) | arcs

    def value(self, goal: str, points: Numbers) -> None:
        """L5: add to what each choice is worth for a goal (higher is better).

        The numbers of very many choices are kept in few bytes; products of them need a wider type.
        """
        if goal in self.values:
            points = self.values[goal].astype(np.int64) + points
        self.values[goal] = kept(np.asarray(points))

    def row(self, row: SharedRow) -> None:
        """S1, S2, S3: couple teachers; a switched row declares its switch by name."""
        if row.switch:
            self.switches.setdefault(row.switch, Switch(row.switch))
        self.shared_rows.append(row)

    def switch(self, switch: Switch) -> None:
        """Declare a switch that is worth something itself."""
        self.switches[switch.name] = switch
