"""Branch and bound over who holds which seat, where prices alone prove a little more than is reached.

The linear program over all bundles is often half a step above the best answer: three people and three
seats in a ring can hold halves. Each case decides one more seat (`pins`) and has prices of its own;
all cases share their bundles. Few are needed where little is missing.
Source: Barnhart et al. 1998, "Branch-and-Price".
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import islice

import numpy as np

from matching.backends.cases import Case
from matching.backends.courses import GENERATED
from matching.backends.generation import Generated, regenerated
from matching.backends.pins import NO_PINS, Pins
from matching.backends.recover import Seating
from matching.backends.rounding import rounded
from matching.backends.tolls import Posted

PART = 1e-6
"""A seat is held in part if it is further than this from being held or not."""


def branched(seating: Seating, root: Generated, step: int, nodes: int) -> tuple[Case, ...]:
    """Return cases that together prove an answer best; none if so many nodes do not.

    Parameters
    ----------
    root
        The prices and bundles of the linear program in which no seat is decided.
    step
        What every value is a multiple of, in 1/PRICE_SCALE points.
    """
    purpose, worth = seating.purpose, seating.worth
    waiting: list[tuple[int, int, Generated, Pins]] = [(-root.bound, 0, root, NO_PINS)]
    leaves: list[Case] = []
    columns, used = root.columns, 1
    while waiting:
        *_, node, pins = heapq.heappop(waiting)
        if rounded(node.bound, step) <= worth:
            posted = Posted(node.prices, pins=pins)
            leaves.append(Case(purpose.decided, posted, node.bound, np.zeros(0)))
            continue
        option = _parted(seating, node)
        if option is None or used + 2 > nodes:
            return ()
        for held in (True, False):
            child = pins.and_pin(option, held=held)
            first = replace(node, columns=columns, is_lowest=False)
            found = _priced(seating, first, step, child)
            columns, used = found.columns, used + 1
            heapq.heappush(waiting, (-found.bound, used, found, child))
    return tuple(leaves)


def _priced(seating: Seating, first: Generated, step: int, pins: Pins) -> Generated:
    """Return the prices of a case, or the first that prove it to be no better than the answer."""
    market, purpose, worth = seating.market, seating.purpose, seating.worth
    found = replace(first, bound=Posted(first.prices, pins=pins).bound(market, purpose))
    programs = islice(regenerated(market, purpose, found, step, pins), GENERATED)
    while rounded(found.bound, step) > worth and (more := next(programs, None)) is not None:
        found = more
    return found


def _parted(seating: Seating, node: Generated) -> int | None:
    """Return the option that comes nearest to being held by half in the program of a case."""
    part = np.flatnonzero(node.shares > PART)
    held, width = node.columns.held[part], node.columns.held.shape[1]
    shares = np.repeat(node.shares[part], width)[held.ravel() >= 0]
    amounts = np.bincount(held[held >= 0], shares, minlength=seating.market.local.options)
    depth = np.minimum(amounts, 1 - amounts)
    option = int(np.argmax(depth)) if len(depth) else -1
    return option if option >= 0 and depth[option] > PART else None
