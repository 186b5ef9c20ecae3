"""How a large round is filled and improved: block by block, everybody outside the block held fixed.

A block with the seats that the others leave is a small round of its own. The first sweep gives
every block its part of what all share and dives into the openings; later sweeps try openings the
other way round, one at a time. With the openings decided the linear program over the whole round
is nearly whole-numbered, so it settles who sits where.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.backends.blocks import Blocks
from matching.backends.choosing import program_over
from matching.backends.linear import solve_mip
from matching.backends.master import Master
from matching.backends.objective import (
    FORBIDDING,
    FREE,
    NO,
    PRICE_SCALE,
    YES,
    Floor,
    Objective,
    Prices,
)
from matching.backends.openings import doubtful, settled
from matching.backends.prices import Priced, ascend, losses, nearest, price
from matching.backends.schedule import Schedule
from matching.instance import Ints, Mask
from matching.schema import UNLIMITED

ROUNDS = 12
"""How often the program of a block may gain bundles after one opening is decided."""


@dataclass(frozen=True)
class Part:
    """One block as a small round.

    Parameters
    ----------
    master
        Its teachers and the rows they could use, with what the others leave of them.
    objective
        What it maximises.
    places
        Where each of its bundles stands in the whole round.
    teachers, rows, switches
        Its teachers, rows and switches in the whole round.
    """

    master: Master
    objective: Objective
    places: Ints
    teachers: Ints
    rows: Ints
    switches: Ints


class Sweep:
    """A whole round with its blocks and an objective, on the way to a better choice of bundles."""

    def __init__(
        self, master: Master, objective: Objective, blocks: Blocks, schedule: Schedule, pick: Ints
    ) -> None:
        self.master = master
        self.objective = objective
        self.blocks = blocks
        self.schedule = schedule
        self.pick = pick.copy()

    def fill(self, block: int, done: Mask) -> None:
        """Choose for a block that may take its part of what no block calls its own.

        Sections at home in a block that is still to come stay closed to this one.
        """
        reserved = self._reserved(block, done)
        part = self._part(block, reserved)
        waiting = np.isin(self.blocks.home, np.flatnonzero(~done)) & (self.blocks.home != block)
        shut = np.isin(part.switches, self.master.switches_of(np.flatnonzero(waiting)))
        decided = np.where(shut & (part.objective.decided == FREE), NO, part.objective.decided)
        objective = replace(part.objective, decided=decided)
        start = ascend(part.master, objective, self.schedule.steps // 2)
        priced = self._priced(part, objective, start, self.schedule.rounds)
        self._choose(part, *_dive(part.master, objective, priced, self.schedule))

    def reopened(self, block: int, prices: Prices) -> Ints:
        """Return what should open (NO or YES for every switch) if a block had its way.

        Everything that the block shares with others is bought at its price, so that it may ask for
        more of it than there is: the linear program over all blocks then says whether it is worth
        it. The openings at home in the block are tried the other way round, one at a time.
        """
        decided = np.where(self.on, YES, NO)
        part = self._buying(block, prices)
        objective = replace(part.objective, decided=decided[part.switches])
        rows = cleared(prices).rows[part.rows] * PRICE_SCALE
        best = self._priced(part, objective, Prices(rows, np.zeros(0, np.int64)), ROUNDS)
        for switch in range(len(part.switches)):
            other = objective.decide(switch, NO if objective.decided[switch] == YES else YES)
            start, near = cleared(best.prices), self.schedule.near
            priced = price(part.master, other, start, best.columns, near, ROUNDS, best.bound)
            if priced.bound > best.bound:
                objective, best = other, priced
        decided[part.switches] = objective.decided
        return decided

    def _buying(self, block: int, prices: Prices) -> Part:
        """Return a block that pays for what is at home elsewhere, in 1/PRICE_SCALE points."""
        master, whole = self.master, self.objective
        teachers = np.flatnonzero(self.blocks.of == block)
        rows = np.flatnonzero((self.blocks.home == block) & (self.blocks.reach[:, block] > 0))
        left = np.maximum(master.hi - self._others(teachers), 0)
        hi = np.where(master.hi < UNLIMITED, left, master.hi)
        lo = np.maximum(master.lo - self._others(teachers), 0)
        part, places = master.part(teachers, rows, lo[rows], hi[rows])
        dearest = 2 * PRICE_SCALE * int(np.abs(whole.values).max(initial=1))
        paid = np.clip(prices.rows, -dearest, dearest)
        paid[rows] = 0
        weights, yes = whole.weights * PRICE_SCALE, whole.switch_values * PRICE_SCALE
        for floor, multiplier in zip(whole.floors, prices.floors.tolist(), strict=True):
            weights = weights + floor.weights * multiplier
            yes = yes + floor.switch_values * multiplier
        switches = master.switches_of(rows)
        objective = Objective(
            master.reduced(whole, Prices(paid, prices.floors))[places],
            weights[rows],
            whole.strict[rows],
            yes[switches],
            whole.decided[switches],
        )
        return Part(part, objective, places, teachers, rows, switches)

    def _priced(self, part: Part, objective: Objective, start: Prices, rounds: int) -> Priced:
        master = part.master
        loss = losses(master, master.reduced(objective, master.legal(objective, start)))
        present = np.searchsorted(part.places, self.pick[part.teachers])
        columns = np.union1d(nearest(master, loss, self.schedule.near), present)
        return price(master, objective, start, columns, self.schedule.near, rounds)

    def _choose(self, part: Part, objective: Objective, priced: Priced) -> None:
        """Let an integer program choose for a block."""
        used = priced.columns[priced.x[: len(priced.columns)] > 1e-9]
        which = np.union1d(nearest(part.master, priced.loss, self.schedule.columns), used)
        program, _ = program_over(part.master, objective, which, integer=True)
        answer = solve_mip(program, self.schedule.mip_nodes, self.schedule.mip_gap)
        if answer is None:
            return
        chosen = which[np.flatnonzero(answer.x[: len(which)] > 0.5)]
        if len(chosen) == len(part.teachers):
            self.pick[part.teachers] = part.places[chosen]

    @property
    def on(self) -> Mask:
        """Which switches are yes now."""
        master = self.master
        return master.switched_on(master.usage(self.pick))[: len(master.switches)]

    def _reserved(self, block: int, done: Mask) -> Ints:
        """Return what the blocks to come may expect of the rows that are at home nowhere."""
        master, blocks = self.master, self.blocks
        most = np.where(master.hi < UNLIMITED, master.hi, master.lo)
        theirs = blocks.share[:, ~done].sum(axis=1) - blocks.share[:, block]
        return np.where(blocks.home < 0, np.rint(most * theirs), 0).astype(np.int64)

    def _part(self, block: int, reserved: Ints) -> Part:
        master, blocks = self.master, self.blocks
        teachers = np.flatnonzero(blocks.of == block)
        rows = np.flatnonzero(blocks.reach[:, block])
        others = self._others(teachers)
        taken = others + reserved
        hi = np.where(master.hi < UNLIMITED, np.maximum(master.hi - taken, 0), master.hi)
        part, places = master.part(teachers, rows, np.maximum(master.lo - taken, 0)[rows], hi[rows])
        switches = master.switches_of(rows)
        busy = np.isin(switches, master.switches_of(np.flatnonzero(others > 0)))
        objective = self._objective(teachers, rows, places, switches, busy)
        return Part(part, objective, places, teachers, rows, switches)

    def _others(self, teachers: Ints) -> Ints:
        """Return what everybody but some teachers uses of each row."""
        master = self.master
        mine = np.asarray(master.columns(self.pick[teachers]).sum(axis=1)).ravel()
        return np.asarray(master.usage(self.pick) - mine)

    def _objective(
        self, teachers: Ints, rows: Ints, places: Ints, switches: Ints, busy: Mask
    ) -> Objective:
        """Return the objective of a block; what others use decides that a section opens."""
        whole = self.objective
        decided = np.where(busy & (whole.decided[switches] == FREE), YES, whole.decided[switches])
        return Objective(
            whole.values[places],
            whole.weights[rows],
            whole.strict[rows],
            whole.switch_values[switches],
            decided,
            tuple(
                Floor(
                    floor.values[places],
                    floor.weights[rows],
                    floor.switch_values[switches],
                    floor.at_least - self._worth_elsewhere(floor, teachers, rows, switches),
                )
                for floor in whole.floors
            ),
        )

    def _worth_elsewhere(self, floor: Floor, teachers: Ints, rows: Ints, switches: Ints) -> int:
        """Return what the others and the rows of others are worth for an earlier tier."""
        master = self.master
        usage = master.usage(self.pick)
        on = master.switched_on(usage)
        lo = np.where(master.switch_of < 0, master.lo, master.lo * on[master.switch_of])
        short = floor.weights * np.maximum(lo - usage, 0)
        elsewhere = np.delete(short, rows).sum()
        open_elsewhere = np.delete(floor.switch_values * on[: len(floor.switch_values)], switches)
        values = floor.values[np.delete(self.pick, teachers)].sum()
        return int(values - elsewhere + open_elsewhere.sum())


def cleared(prices: Prices) -> Prices:
    """Return prices without those that keep a section closed."""
    return Prices(np.where(np.abs(prices.rows) >= FORBIDDING, 0, prices.rows), prices.floors)


def _dive(
    master: Master, objective: Objective, priced: Priced, schedule: Schedule
) -> tuple[Objective, Priced]:
    """Decide one doubtful switch after the other, each in the way that costs the bound less."""
    while (switch := doubtful(master, objective, priced)) is not None:
        ways = []
        for answer in (YES, NO):
            child = objective.decide(switch, answer)
            start, columns = priced.prices, priced.columns
            ways.append((child, price(master, child, start, columns, schedule.near, ROUNDS)))
        objective, priced = max(ways, key=lambda way: way[1].bound)
    return settled(master, objective, priced), priced
