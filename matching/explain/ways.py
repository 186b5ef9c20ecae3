"""What the reasons of a result are read from: how each teacher stands, all others held fixed.

Where all bundles of a person can be listed, the answers are read off the list (`Listed`);
otherwise they are searched for (`Searched`). Both answer the same questions alike.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from matching.alone import Bench, Options
from matching.backends.asking import BEST, UNDER, UNWANTED, WANTED, Asking, held_of
from matching.backends.beside import (
    BARRED,
    BLOCKED,
    KEEP_ALL,
    NO_MUSTS,
    NO_NEEDS,
    POSSIBLE,
    STRICT_HOURS,
    Question,
)
from matching.backends.bundles import enumerate_bundles
from matching.backends.local import local_of
from matching.backends.passes import usage_of
from matching.instance import Ints
from matching.primitives import Draft

Worth = list[int]
"""What the assignment would be worth, tier by tier, but for what no bundle of a teacher changes."""

REMEMBERED = 100
"""Teachers whose options are kept: reasons come teacher by teacher, and a county's fill gigabytes."""


class Stand(NamedTuple):
    """How a choice stands that its teacher does not hold.

    Parameters
    ----------
    stands
        BARRED: no bundle of hers has it. STRICT_HOURS: none that keeps her strict minima does.
        BLOCKED: each of those breaks a shared row. POSSIBLE: she could hold it.
    row, is_under
        The row that blocks it, and whether her best bundle with it would break the row from below.
    worth
        Of her best possible bundle with it; where its own seats are full, of the best that breaks
        nothing else (None if there is none).
    """

    stands: int
    row: int = -1
    is_under: bool = False
    worth: Worth | None = None


class Ways(Protocol):
    """What the reasons of one result ask; choices are told by their position in `choices`."""

    usage: Ints
    """What all seats use of every shared row."""

    def now(self, teacher: int) -> Worth:
        """Return what the bundle she holds is worth."""

    def stand(self, arc: int) -> Stand:
        """Return how a choice stands that she misses."""

    def without(self, arc: int) -> Worth | None:
        """Return what her best possible bundle without a choice is worth."""

    def could_come(self, arc: int) -> bool:
        """Tell whether she could hold a choice if its closed section needed nobody else."""

    def can_hold(self, arc: int, free: int) -> bool:
        """Tell whether some bundle of hers has a choice, with some local rules set aside."""


class Listed:
    """The answers, read off the list of all bundles."""

    def __init__(self, draft: Draft, arcs: Ints, own: Ints) -> None:
        self.draft = draft
        self.own = own
        self.bench = Bench(draft, enumerate_bundles(draft), draft.instance.tiers)
        self.pick = self.bench.pick_of(arcs)
        self.usage = self.bench.master.usage(self.pick)
        self._options = lru_cache(REMEMBERED)(self._options_of)

    def _options_of(self, teacher: int) -> Options:
        return self.bench.options(teacher, self.pick, self.usage)

    def _of(self, arc: int) -> Options:
        return self._options(int(self.draft.arc_teacher[arc]))

    def now(self, teacher: int) -> Worth:
        """Return what the bundle she holds is worth."""
        options = self._options(teacher)
        return _column(options, int(self.pick[teacher] - options.bundles[0]))

    def stand(self, arc: int) -> Stand:
        """Return how a choice stands that she misses."""
        options = self._of(arc)
        with_it = self.bench.holds(options, arc)
        if not with_it.any():
            return Stand(BARRED)
        if not (with_it & options.lawful).any():
            return Stand(STRICT_HOURS)
        possible = options.best(with_it & options.possible)
        if possible is not None:
            return Stand(POSSIBLE, worth=_worth(options, possible))
        row, is_under = self._blocked_by(arc, options)
        if row != self.own[arc] or is_under:
            return Stand(BLOCKED, row, is_under)
        free = options.best(with_it & options.possible_but_for(row))
        return Stand(BLOCKED, row, is_under, _worth(options, free))

    def _blocked_by(self, arc: int, options: Options) -> tuple[int, bool]:
        """Return which row keeps a choice out, and whether the best bundle breaks it from below.

        It is the row of its own seats if that is among the broken ones; else the first that all
        bundles with it break; else the first that the best of them breaks.
        """
        candidates = options.lawful & self.bench.holds(options, arc)
        best = options.best(candidates)
        always = np.asarray(options.broken[:, candidates].all(axis=1))
        broken = always if always.any() else options.broken[:, best]
        own = int(self.own[arc])
        row = own if own >= 0 and broken[own] else int(np.argmax(broken))
        return row, bool(options.under[row, best])

    def without(self, arc: int) -> Worth | None:
        """Return what her best possible bundle without a choice is worth."""
        options = self._of(arc)
        return _worth(options, options.best(options.possible & ~self.bench.holds(options, arc)))

    def could_come(self, arc: int) -> bool:
        """Tell whether she could hold a choice if its closed section needed nobody else."""
        options = self._of(arc)
        under = options.under.copy()
        under[self.own[arc]] = False
        fine = options.lawful & ~(options.over | under).any(axis=0)
        return bool((fine & self.bench.holds(options, arc)).any())

    def can_hold(self, arc: int, free: int) -> bool:
        """Tell whether some bundle of hers has a choice, with some local rules set aside."""
        own = _hers(self.draft, int(self.draft.arc_teacher[arc]))
        if free == NO_MUSTS:
            own.musts = {}
        if free == NO_NEEDS:
            own.implications = []
        return bool((enumerate_bundles(own).arcs == arc).any())


def _worth(options: Options, place: int | None) -> Worth | None:
    return None if place is None else _column(options, place)


def _column(options: Options, place: int) -> Worth:
    worth: Worth = options.worth[:, place].tolist()
    return worth


def _hers(draft: Draft, teacher: int) -> Draft:
    """Return the draft with the choices of one teacher only."""
    own = copy.copy(draft)
    hers = draft.arc_teacher == teacher
    own.dropped = {**draft.dropped, "others": ~hers}
    own.musts = {rule: fixed & hers for rule, fixed in draft.musts.items()}
    own.ties = [(rule, arcs) for rule, arcs in draft.ties if hers[arcs[0]]]
    own.implications = [line for line in draft.implications if hers[line[1]]]
    return own


class Searched:
    """The answers, searched for: all that the reasons of some misses will ask, in a few passes."""

    def __init__(self, draft: Draft, arcs: Ints, own: Ints, missed: Ints) -> None:
        local, rows = local_of(draft)
        self.draft, self.own, self.local = draft, own, local
        self.asking = Asking(draft, draft.instance.tiers, held_of(local, arcs), (local, rows))
        self.usage = usage_of(local, self.asking.held)
        self._option: Ints = np.full(draft.arcs, -1, np.int64)
        options = np.arange(local.options)
        self._option[local.choices(options)] = options
        known = missed[self._option[missed] >= 0]
        self._place = dict(zip(known.tolist(), range(len(known)), strict=True))
        now, self._answers = self.asking.judge(self._option[known], own[known])
        self._now: list[Worth] = now.tolist()
        self._stands = self._told()
        self._without = self._leaving(known, arcs)
        self._could = self._coming(known)

    def now(self, teacher: int) -> Worth:
        """Return what the bundle she holds is worth."""
        return self._now[teacher]

    def stand(self, arc: int) -> Stand:
        """Return how a choice stands that she misses."""
        return self._stands[self._place[arc]]

    def _told(self) -> list[Stand]:
        found = self._answers
        rows = zip(found.row.tolist(), found.has_worth.tolist(), found.worth.tolist(), strict=True)
        return [
            Stand(stands, max(row, -1 - row), row < 0, worth if has_worth else None)
            for stands, (row, has_worth, worth) in zip(found.stands.tolist(), rows, strict=True)
        ]

    def without(self, arc: int) -> Worth | None:
        """Return what her best possible bundle without a choice is worth."""
        return self._without[arc]

    def could_come(self, arc: int) -> bool:
        """Tell whether she could hold a choice if its closed section needed nobody else."""
        return self._could.get(arc, False)

    def can_hold(self, arc: int, free: int) -> bool:
        """Tell whether some bundle of hers has a choice, with some local rules set aside."""
        asked = Question(0, -1, -1, -1, -1, False, False, True, False, free, False)
        return self._ask(np.array([arc]), asked)[arc] is not None

    def _stopped_by_own(self, known: Ints, is_under: bool) -> Ints:
        """Return the misses that the seats of their own section keep out."""
        found, own = self._answers, self.own[known]
        by_own = found.row == (-1 - own if is_under else own)
        return np.asarray(known[by_own & (found.stands == BLOCKED)])

    def _leaving(self, known: Ints, arcs: Ints) -> Mapping[int, Worth | None]:
        """Ask what those lose who would leave a full section though somebody has a stronger claim."""
        points, section = self.draft.instance["choices"].integers("points"), self.draft.arc_section
        full = self._stopped_by_own(known, is_under=False)
        strongest = np.full(self.draft.sections, np.iinfo(np.int64).min)
        np.maximum.at(strongest, section[full], points[full])
        weaker = arcs[points[arcs] < strongest[section[arcs]]]
        return self._ask(weaker, BEST._replace(unwanted=0))

    def _coming(self, known: Ints) -> Mapping[int, bool]:
        """Ask who could come to the sections that stay closed."""
        section = self.draft.arc_section
        is_closed = np.zeros(self.draft.sections, bool)
        is_closed[section[self._stopped_by_own(known, is_under=True)]] = True
        possible = self.local.choices(np.arange(self.local.options))
        arcs = possible[is_closed[section[possible]]].astype(np.int64)
        asked = Question(0, -1, -1, -1, 0, True, True, True, False, KEEP_ALL, False)
        return {arc: worth is not None for arc, worth in self._ask(arcs, asked).items()}

    def _ask(self, arcs: Ints, question: Question) -> dict[int, Worth | None]:
        """Put one question about each of some choices: 0 stands for the choice, or for its own row."""
        option = self._option[arcs]
        teacher = self.draft.arc_teacher[arcs].astype(np.int64)
        asked = np.repeat(np.array(question, np.int64)[None, :], len(arcs), axis=0)
        place = option - self.local.start[teacher]
        own = self.own[arcs]
        for column, value in ((WANTED, place), (UNWANTED, place), (UNDER, own)):
            asked[:, column] = np.where(asked[:, column] == 0, value, -1)
        found, worth = self.asking.ask(teacher, asked)
        told = zip(arcs.tolist(), found.tolist(), worth.tolist(), strict=True)
        return {arc: each if is_found else None for arc, is_found, each in told}
