"""Column generation: the prices of the linear program over all bundles, though none is listed.

A linear program over some bundles gives prices of the shared rows. At these everybody's best bundles
are searched for and join the program, until nobody has one that would improve it. Then its prices
prove the lowest bound that prices can prove.
Source: Dantzig and Wolfe 1960; Barnhart et al. 1998, "Branch-and-Price".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from matching.backends.columns import Columns, columns_of, listed, program_of, usage_matrix
from matching.backends.kernel import Room
from matching.backends.linear import Floats, solve_lp
from matching.backends.lists import Places
from matching.backends.market import Market, Purpose
from matching.backends.objective import YES
from matching.backends.passes import near_of
from matching.backends.pins import NO_PINS, Pins
from matching.backends.rounding import rounded
from matching.instance import Ints


@dataclass(frozen=True)
class Generated:
    """The prices of the lowest bound met, and the bundles of the last program.

    `bound` is in 1/PRICE_SCALE points. `is_lowest` tells that no prices prove a lower one. `shares`
    are what the last program gives of its bundles, none before the first.
    """

    prices: Ints
    bound: int
    columns: Columns
    is_lowest: bool
    shares: Floats


FIRST, GAINED = (8, 50), (4, 500)
"""How many bundles everybody has at first and gains in each round, none further below her best than
this part of what an option is worth."""


FORCED = 4
"""So many times the most that a bundle can be worth a program gains by what pins want held."""


def generate(market: Market, purpose: Purpose, prices: Ints, rounds: int, step: int) -> Generated:
    """Return the prices of the linear program over all bundles, all openings being decided.

    Parameters
    ----------
    prices
        Where to begin.
    rounds
        How many linear programs are solved at most.
    step
        What every value is a multiple of, in 1/PRICE_SCALE points: who rounds to the same is done.
    """
    *_, last = islice(generated(market, purpose, prices, step), rounds + 1)
    return last


def generated(market: Market, purpose: Purpose, prices: Ints, step: int) -> Iterator[Generated]:
    """Yield what there is at first and after each linear program, until there is nothing to gain."""
    everybody = market.everybody
    columns = columns_of(market, purpose, everybody, *_near(market, purpose, prices, FIRST))
    bound = market.ask(purpose, prices).bound
    first = Generated(prices, bound, columns, False, np.zeros(0))
    yield first
    yield from regenerated(market, purpose, first, step, NO_PINS)


def regenerated(
    market: Market, purpose: Purpose, first: Generated, step: int, pins: Pins
) -> Iterator[Generated]:
    """Yield what there is after each linear program, some seats being decided.

    It ends when nobody has a bundle left that would better the program; prices in whole numbers may
    then still prove a little more than its value. Bundles that do not keep the pins stay among the
    columns and out of the programs.
    """
    columns, last = first.columns, first
    room = market.room(purpose, np.zeros(market.local.rows, np.int64))
    while found := _solved(market, purpose, columns, room, pins):
        trial, value, shares = found
        near = pins.near(market, purpose, trial)
        bound = market.ask(purpose, trial).bound - near.lost
        if bound < last.bound:
            last = replace(last, prices=trial, bound=bound)
        is_lowest = rounded(last.bound, step) <= rounded(value + 1, step)
        owner, held = _near(market, purpose, trial, GAINED)
        owner = np.concatenate([columns.owner, owner, near.owner])
        held = np.concatenate([columns.held, held, near.held])
        wider = columns
        if not is_lowest:
            wider = columns_of(market, purpose, market.everybody, owner, held)
        last = replace(last, columns=wider, is_lowest=is_lowest, shares=shares)
        yield last
        if len(wider.owner) == len(columns.owner):
            return
        columns = wider


def _near(
    market: Market, purpose: Purpose, prices: Ints, many: tuple[int, int]
) -> tuple[Ints, Places]:
    """Return everybody's best bundles at prices: whose each is, and its options."""
    most, part = many
    terms, within = purpose.terms(prices), purpose.unit // part
    near = near_of(market.local, terms, market.everybody, most, within)
    return listed(near, max(1, int(market.local.size.max(initial=0))))


def _solved(
    market: Market, purpose: Purpose, columns: Columns, room: Room, pins: Pins
) -> tuple[Ints, int, Floats] | None:
    """Return the prices of the linear program over some columns, its value, and their shares."""
    which = np.flatnonzero(pins.keep(market.local, columns.owner, columns.held))
    usage = usage_matrix(market.local, columns.held[which])
    program, rows = program_of(columns, which, usage, room, whole=False)
    seated = pins.seated(market.local, columns.owner[which])
    forced = FORCED * purpose.largest * columns.held.shape[1]
    program.objective[: len(which)] += forced * seated
    answer = solve_lp(program)
    if answer is None:
        return None
    duals = np.zeros(market.local.rows)
    np.add.at(duals, rows[rows >= 0], answer.duals[rows >= 0])
    constant = purpose.empty - forced * len(np.unique(columns.owner[which][seated]))
    constant += int(purpose.switch_value[purpose.decided == YES].sum())
    prices = market.legal(purpose, np.rint(duals).astype(np.int64))
    shares = np.zeros(len(columns.owner))
    shares[which] = answer.x[: len(which)]
    return prices, constant + int(np.floor(answer.value)), shares
