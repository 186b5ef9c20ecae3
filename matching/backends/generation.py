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
from matching.backends.linear import solve_lp
from matching.backends.lists import Places
from matching.backends.market import Market, Purpose
from matching.backends.objective import YES
from matching.backends.passes import near_of
from matching.backends.rounding import rounded
from matching.instance import Ints


@dataclass(frozen=True)
class Generated:
    """The prices of the lowest bound met, and the bundles of the last program.

    `bound` is in 1/PRICE_SCALE points. `is_lowest` tells that no prices prove a lower one.
    """

    prices: Ints
    bound: int
    columns: Columns
    is_lowest: bool


FIRST, GAINED = (8, 50), (4, 500)
"""How many bundles everybody has at first and gains in each round, none further below her best than
this part of what an option is worth."""


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
    room = market.room(purpose, np.zeros(market.local.rows, np.int64))
    last = Generated(prices, market.ask(purpose, prices).bound, columns, False)
    yield last
    while not last.is_lowest and (found := _solved(market, purpose, columns, room)):
        trial, value = found
        bound = market.ask(purpose, trial).bound
        if bound < last.bound:
            last = replace(last, prices=trial, bound=bound)
        is_lowest = rounded(last.bound, step) <= rounded(value + 1, step)
        owner, held = _near(market, purpose, trial, GAINED)
        owner = np.concatenate([columns.owner, owner])
        held = np.concatenate([columns.held, held])
        if not is_lowest:
            columns = columns_of(market, purpose, everybody, owner, held)
        last = replace(last, columns=columns, is_lowest=is_lowest)
        yield last


def _near(
    market: Market, purpose: Purpose, prices: Ints, many: tuple[int, int]
) -> tuple[Ints, Places]:
    """Return everybody's best bundles at prices: whose each is, and its options."""
    most, part = many
    terms, within = purpose.terms(prices), purpose.unit // part
    near = near_of(market.local, terms, market.everybody, most, within)
    return listed(near, max(1, int(market.local.size.max(initial=0))))


def _solved(
    market: Market, purpose: Purpose, columns: Columns, room: Room
) -> tuple[Ints, int] | None:
    """Return the prices of the linear program over some columns, and its value."""
    every = np.arange(len(columns.owner))
    usage = usage_matrix(market.local, columns.held)
    program, rows = program_of(columns, every, usage, room, whole=False)
    answer = solve_lp(program)
    if answer is None:
        return None
    duals = np.zeros(market.local.rows)
    np.add.at(duals, rows[rows >= 0], answer.duals[rows >= 0])
    constant = purpose.empty + int(purpose.switch_value[purpose.decided == YES].sum())
    prices = market.legal(purpose, np.rint(duals).astype(np.int64))
    return prices, constant + int(np.floor(answer.value))
