"""Shared rows and what they cost: the side of a round that all teachers see.

A *purpose* is what is maximised: one tier, or several as one weighted sum. For any whole-number
prices of the legal signs, everybody's best bundle plus price times limit is a bound that no answer
exceeds (weak duality); anybody can recompute it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from math import gcd
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from matching.backends.frame import AT_ONCE, Frame
from matching.backends.kernel import ENDLESS, NOTHING, Room, Terms
from matching.backends.lists import Places
from matching.backends.local import Local, local_of
from matching.backends.objective import FORBIDDING, FREE, NO, YES
from matching.backends.passes import Near, usage_of, worths_of
from matching.backends.slices import Slices
from matching.columns import Numbers
from matching.exactness import EXACT, refuse_beyond
from matching.freed import give_back
from matching.instance import Ints, Mask
from matching.primitives import Draft
from matching.schema import UNLIMITED
from matching.shards.engine import Engine, Here

NO_LOTS = np.zeros(0, np.int64)

ONE_IN = 8
"""So few teachers are asked where it is enough to know about what everybody wants."""

KINDS: tuple[type[np.signedinteger[Any]], ...] = (np.int16, np.int32, np.int64)
"""Types that values are kept in."""

FORBID = 16
"""How many of the dearest options a unit below a strict minimum outweighs, or below that of a section
which is to open: to bring one person more, several others may have to move."""


@dataclass(frozen=True)
class Purpose:
    """What is maximised, in 1/PRICE_SCALE points.

    Parameters
    ----------
    value
        Shape (options,): what each option is worth, in parts of `scale`.
    lo_weight, hi_weight
        Shape (bundle rows,): price of a unit a bundle is short or over.
    row_weight
        Shape (rows,): price of a unit a shared row is short; what is strict is dearer than all.
    switch_value
        Shape (switches,): what a switch set to yes is worth.
    decided
        Shape (switches,): FREE, NO or YES for each switch.
    empty
        What the empty assignment is worth: minus all that everybody's bundle is short of.
    largest
        The most that one option is worth, shortages it mends included.
    unit
        The most that one option is worth by itself; `largest` where options are worth nothing.
    lot, lean
        Shape (teachers,): lottery numbers, by which everybody likes each option by less than `lean`
        more, so that people who want the same at the same prices want it a little differently. No
        value or bound counts it.
    scale
        What a unit of `value` is worth.
    """

    value: Numbers
    lo_weight: Ints
    hi_weight: Ints
    row_weight: Ints
    switch_value: Ints
    decided: Ints
    empty: int
    largest: int
    unit: int
    lot: Ints = field(default_factory=lambda: NO_LOTS)
    lean: int = 0
    scale: int = 1

    @property
    def forbidding(self) -> int:
        """What a unit short of a strict minimum costs while an answer is looked for."""
        return FORBID * self.largest

    def terms(self, prices: Ints) -> Terms:
        """Return what a search at some prices adds up."""
        weights = self.lo_weight, self.hi_weight
        return Terms(self.value, *weights, prices, self.lot, self.lean, self.scale)

    def fine(self) -> Purpose:
        """Return the same with an own copy of the values, to the last unit."""
        value = self.value.astype(np.int64) * self.scale
        return replace(self, value=value, scale=1)

    def decide(self, switches: Ints, answer: int) -> Purpose:
        """Return the purpose with some more switches decided."""
        decided = self.decided.copy()
        decided[switches] = answer
        return replace(self, decided=decided)


class Asked(NamedTuple):
    """What everybody asks for at some prices, and the bound that follows, in 1/PRICE_SCALE points.

    Where a search was cut short nothing follows: the bound is above all others.
    """

    bound: int
    usage: Ints


CUT_SHORT = -NOTHING // 2
"""What everybody asks for is worth more than this only where a search was cut short."""


class Market:
    """The shared rows of a compiled instance, with everybody's options."""

    def __init__(
        self, draft: Draft, engine: Engine | None = None, frame: Frame | None = None
    ) -> None:
        self.draft = draft
        self._kept: tuple[tuple[tuple[str, int], ...], Numbers, int] | None = None
        self.answered: tuple[Terms, Mask, int, Ints] | None = None
        give_back(draft.arcs)
        self.local, self.bundle_rows = local_of(draft, frame)
        rows = draft.shared_rows
        self.lo = np.array([row.lo for row in rows], np.int64)
        self.hi = np.array([row.hi for row in rows], np.int64)
        self.strict = np.array([not row.switch and row.lo > 0 and row.goal is None for row in rows])
        self.strict = self.strict.astype(bool)
        self.switches = tuple(sorted(draft.switches))
        place = {name: i for i, name in enumerate(self.switches)}
        self.switch_of = np.array([place.get(row.switch, -1) for row in rows], np.int64)
        self.everybody = np.arange(self.local.teachers)
        none = np.zeros(len(self.local.strict_lo), bool)
        self.soft = self.local._replace(strict_lo=none)
        self.slices = Slices(self.local, engine or Here())
        self.dearest = self._dearest_prices()
        give_back(draft.arcs)

    def purpose(self, goals: Mapping[str, int]) -> Purpose:
        """Return a weighted sum of goals, in 1/PRICE_SCALE points, as something to maximise."""
        local, draft = self.local, self.draft
        value, scale = self._value(tuple(sorted(goals.items())))
        weights = [row.weight * goals.get(row.lo_goal or "", 0) for row in self.bundle_rows]
        over = [row.weight * goals.get(row.hi_goal or "", 0) for row in self.bundle_rows]
        short = [row.weight * goals.get(row.goal or "", 0) for row in draft.shared_rows]
        refuse_beyond(goals, max(map(abs, (*weights, *over, *short)), default=0), EXACT)
        lo_weight = np.array(weights, np.int64)
        row_weight = np.array(short, np.int64)
        switches = (draft.switches[name] for name in self.switches)
        switch_value = np.array(
            [each.value * goals.get(each.goal, 0) for each in switches], np.int64
        )
        unit = scale * max(int(value.max(initial=0)), -int(value.min(initial=0)))
        largest = max(1, unit, int(row_weight.max(initial=0)), self._dearest_option(lo_weight))
        row_weight = np.where(self.strict, FORBID * largest, row_weight)
        empty = sum(each * int(lo) for each, lo in zip(weights, local.lo.sum(axis=0), strict=True))
        missing = sum(map(mul, row_weight.tolist(), self.lo.tolist()))
        in_all = largest * int(np.maximum(local.size, 0).sum()) + empty + missing
        refuse_beyond(goals, largest * int(local.size.max(initial=0)), FORBIDDING // 2)
        refuse_beyond(goals, in_all, EXACT)
        return Purpose(
            value,
            lo_weight,
            np.array(over, np.int64),
            row_weight,
            switch_value,
            np.full(len(self.switches), FREE, np.int64),
            -empty,
            largest,
            unit or largest,
            scale=scale,
        )

    def _value(self, goals: tuple[tuple[str, int], ...]) -> tuple[Numbers, int]:
        """Return what every option is worth, and in parts of what; the last answer is kept."""
        if self._kept is None or self._kept[0] != goals:
            self._kept = (goals, *self._added(goals))
        return self._kept[1:]

    def _added(self, goals: tuple[tuple[str, int], ...]) -> tuple[Numbers, int]:
        """Return the values in 16 or 32 bits where they fit, the draft's own where they can be."""
        values = [(self.draft.values[goal], w) for goal, w in goals if goal in self.draft.values]
        most = sum(max(int(v.max(initial=0)), -int(v.min(initial=0))) * abs(w) for v, w in values)
        refuse_beyond(dict(goals), most, EXACT)
        scale = max(1, gcd(*(weight for _, weight in values)))
        kind = next(kind for kind in KINDS if most // scale <= np.iinfo(kind).max)
        if len(values) == 1 and values[0][1] == scale and not len(self.local.arc):
            return values[0][0].astype(kind, copy=False), scale
        found: Numbers = np.zeros(self.local.options, kind)
        for begin in range(0, len(found), AT_ONCE):
            part = slice(begin, min(begin + AT_ONCE, len(found)))
            arcs = self.local.arc[part] if len(self.local.arc) else part
            for points, weight in values:
                found[part] += weight // scale * points[arcs].astype(np.int64)
        return found, scale

    def _dearest_option(self, lo_weight: Ints) -> int:
        local = self.local
        weights = lo_weight[local.owner[local.node]] if len(local.node) else np.zeros(0, np.int64)
        return int((weights * local.amount).max(initial=0))

    def _dearest_prices(self) -> Ints:
        """Return the highest price of each row at which all that is ever paid adds up exactly."""
        local = self.local
        options = local.takers()
        parts = ((local.row_edges, local.row, local.coefs), (local.head_edges, local.head, None))
        most, each = np.ones(local.rows), np.ones(local.rows)
        step = AT_ONCE // 8
        for begin in range(0, len(options), step):
            held = options[begin : begin + step]
            for edges, rows, coefs in parts:
                own = edges[begin : begin + len(held) + 1]
                place = slice(own[0], own[-1])
                uses = np.repeat(held, np.diff(own)) * (1 if coefs is None else coefs[place])
                most += np.bincount(rows[place], uses, local.rows)
                np.maximum.at(each, rows[place], 1 if coefs is None else coefs[place])
        most = np.maximum(most, np.where(self.hi < UNLIMITED, self.hi, self.lo))
        highest = EXACT / (most / each).sum(initial=1) / each
        return np.asarray(np.maximum(highest, 1).astype(np.int64))

    def legal(self, purpose: Purpose, prices: Ints) -> Ints:
        """Return the nearest prices whose signs make weak duality hold, and whose sums are exact."""
        dearest = self.dearest
        lowest = np.where(self.strict | (self.switch_of >= 0), -dearest, -purpose.row_weight)
        lowest = np.where(self.lo > 0, np.maximum(lowest, -dearest), 0)
        highest = np.where(self.hi < UNLIMITED, dearest, 0)
        legal = np.clip(prices, lowest, highest)
        legal[self.closed(purpose)] = FORBIDDING
        return np.asarray(legal)

    def closed(self, purpose: Purpose) -> Mask:
        """Return which rows a switch decided to be no closes."""
        decided = np.append(purpose.decided, FREE)
        return np.asarray((decided[self.switch_of] == NO) & (self.hi < UNLIMITED))

    def paid(self, purpose: Purpose, prices: Ints) -> int:
        """Return price times limit over all rows, switches at their better answer."""
        yes = self.yes(purpose, prices)
        best = np.where(purpose.decided == FREE, np.maximum(yes, 0), yes * purpose.decided)
        return int(self._back(purpose, prices)[self.switch_of < 0].sum()) + int(best.sum())

    def yes(self, purpose: Purpose, prices: Ints) -> Ints:
        """Return what each switch adds if it is yes: price times limit of its rows, and its value."""
        on_switch = self.switch_of >= 0
        yes = purpose.switch_value.copy()
        np.add.at(yes, self.switch_of[on_switch], self._back(purpose, prices)[on_switch])
        return yes

    def _back(self, purpose: Purpose, prices: Ints) -> Ints:
        limit = np.where(prices > 0, self.hi, self.lo)
        counts = (prices != 0) & ~self.closed(purpose)
        return np.asarray(np.where(counts, prices * np.where(counts, limit, 0), 0))

    def ask(self, purpose: Purpose, prices: Ints, tries: int = ENDLESS) -> Asked:
        """Return what everybody asks for at legal prices, and the bound; the last answer is kept.

        Searches of more than so many tries are cut short.
        """
        question = purpose.terms(prices), self.local.strict_lo
        if self.answered is None or not _is_same(self.answered[:2], question):
            terms, strict_lo = question
            worth, usage = self.slices.asked(terms._replace(tries=tries), strict_lo)
            self.answered = (*question, worth, usage) if worth < CUT_SHORT else None
        else:
            *_, worth, usage = self.answered
        return Asked(purpose.empty + worth + self.paid(purpose, prices), usage)

    def guess(self, purpose: Purpose, prices: Ints) -> Ints:
        """Return about what everybody asks for, from what one teacher in ONE_IN does."""
        _, usage = self.slices.asked(purpose.terms(prices), self.local.strict_lo, ONE_IN)
        return ONE_IN * usage

    def part(self, local: Local, lo: Ints, hi: Ints) -> Market:
        """Return the market of a part of the people in what the others leave."""
        part = copy(self)
        part.local, part.soft = local, local._replace(strict_lo=self.soft.strict_lo)
        part.everybody = np.arange(local.teachers)
        part.slices = self.slices.again(local)
        part.lo, part.hi, part.answered = lo, hi, None
        return part

    def near(self, purpose: Purpose, prices: Ints, most: int = 1, within: int = 0) -> Near:
        """Return up to `most` bundles of everybody, none more than `within` below her best."""
        return self.slices.near(purpose.terms(prices), self.local.strict_lo, most, within)

    def room(self, purpose: Purpose, usage: Ints) -> Room:
        """Return what is left, every switch taken as decided (free: open, no minimum)."""
        answer = np.append(purpose.decided, YES)[self.switch_of]
        lo = np.where(answer == YES, self.lo, 0)
        hi = np.where(self.closed(purpose), 0, self.hi)
        forced = (self.switch_of >= 0) & (answer == YES) & (self.lo > 0)
        weight = np.where(forced, purpose.forbidding, purpose.row_weight)
        return Room(usage, lo, hi, weight, True)

    def worth(self, purpose: Purpose, held: Places) -> int:
        """Return what an assignment is worth, in 1/PRICE_SCALE points; what is strict counts not."""
        terms = purpose.terms(np.zeros(self.local.rows, np.int64))
        worth = worths_of(self.soft, terms, self.everybody, held)
        own = int(worth[worth > NOTHING].sum())
        return purpose.empty + own + self.shared_worth(purpose, usage_of(self.local, held))

    def shared_worth(self, purpose: Purpose, usage: Ints) -> int:
        """Return what shared rows and switches are worth: minus what is short, plus what is on."""
        free = (self.switch_of < 0) & ~self.strict
        short = np.where(free, np.maximum(self.lo - usage, 0), 0)
        on = int((purpose.switch_value * self.opened(usage)).sum())
        return on - int((purpose.row_weight * short).sum())

    def opened(self, usage: Ints) -> Mask:
        """Return which switches are yes: every one whose rows are used and all reach their lo."""
        on = np.zeros(len(self.switches) + 1, bool)
        switched = self.switch_of >= 0
        on[self.switch_of[switched & (usage > 0)]] = True
        on[self.switch_of[switched & (usage < self.lo) & (self.hi == UNLIMITED)]] = False
        return on[:-1]

    def failing(self, usage: Ints) -> Ints:
        """Return the switches whose rows are used, but one of them below its minimum."""
        on = np.append(self.opened(usage), False)
        short = (self.switch_of >= 0) & (usage < self.lo) & on[self.switch_of]
        return np.unique(self.switch_of[short])

    def is_whole(self, purpose: Purpose, held: Places) -> bool:
        """Tell whether an assignment keeps every shared row and every strict minimum."""
        terms = purpose.terms(np.zeros(self.local.rows, np.int64))
        lawful = self._is_lawful(terms, held)
        return lawful and self.keeps_rows(purpose, usage_of(self.local, held))

    def keeps_rows(self, purpose: Purpose, usage: Ints) -> bool:
        """Tell whether no shared row is overdrawn, and every strict minimum is met."""
        answer = np.append(purpose.decided, FREE)[self.switch_of]
        over = (usage > np.where(answer == NO, 0, self.hi)) & (self.hi < UNLIMITED)
        return bool(
            not over.any()
            and not (self.strict & (usage < self.lo)).any()
            and not len(self.failing(usage))
        )

    def _is_lawful(self, terms: Terms, held: Places) -> bool:
        return bool((worths_of(self.local, terms, self.everybody, held) > NOTHING).all())


def _is_same(one: tuple[Terms, Mask], other: tuple[Terms, Mask]) -> bool:
    """Tell whether two questions are the same; values that are other arrays count as others."""
    (terms, strict_lo), (others, other_lo) = one, other
    pairs = [(strict_lo, other_lo), *zip(terms[1:], others[1:], strict=True)]
    same = all(a is b or np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs)
    return terms.value is others.value and same
