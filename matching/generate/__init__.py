"""Rounds drawn from a seed, in the documented format: for measuring, for tests, for trying out.

The same kind, number of teachers and seed give the same round on any machine with the same numpy.

county
    300 sections for 5,000 teachers; 10 to 15 ranked of up to 40 that are possible, bundles of up to
    5, hours due in three categories (30, 42 and 18 less what is done), personal limits of hours,
    offerings of 1 to 4 sections, 30 half-days of which 18 in term, when a school lets 15 % of its
    people go, quotas with a least or a most number per programme, zone and subject, seats 1.2 times
    scarcer than wishes, points by rank, need, rural school, shortage subject and years of waiting.
county-minima
    The same, and no section opens with fewer than 10 people.
province
    Counties of 5,000 with 35 sections of their own, and sections of the province for all: 10,000
    sections for 1,000,000 teachers. Quotas per county instead of per zone.
huge, tiny
    Few sections with hundreds of seats; a section of 3 to 9 seats for every three teachers.
ties
    Everybody of one stage and subject wants the same and is worth the same.
thin
    Five wishes for every seat, and nothing is assigned: many receive nothing.
long
    Up to 80 possible sections, bundles of up to 8.
every-rule
    A county in which every rule of `matching/rules` has lines, and most of them bind.

The figures of *county* and *province* are those of the prototypes behind matching.md, written anew:
its random numbers are others, and seats follow a greedy count of wishes instead of the exact one.
Scarcity, quotas and minima of the other kinds are our own choice.
"""

from __future__ import annotations

import numpy as np

from matching.errors import UnsupportedInstance
from matching.generate.every_rule import add_every_rule
from matching.generate.market import market
from matching.generate.shape import KINDS, TIERS
from matching.generate.supply import supply
from matching.generate.tables import names, tables
from matching.instance import Instance

__all__ = ["KINDS", "TIERS", "generate"]


def generate(kind: str, teachers: int, seed: int, tiers: str = "merged") -> Instance:
    """Return a round of one of the shipped kinds.

    Parameters
    ----------
    tiers
        `merged`: welfare, hours and quotas in one weighted sum; `hours-first`: one after the other;
        `default`: the seven of a round that names none.

    Raises
    ------
    UnsupportedInstance
        If the kind or the tiers are unknown, or there are no teachers.
    """
    if kind not in KINDS or tiers not in TIERS:
        known = f"kinds are {', '.join(KINDS)}; tiers are {', '.join(TIERS)}"
        raise UnsupportedInstance(f"cannot generate {kind!r} with tiers {tiers!r}; {known}")
    if teachers < 1:
        raise UnsupportedInstance(f"a round needs teachers, not {teachers}")
    draw = np.random.Generator(np.random.PCG64(seed))
    drawn = market(KINDS[kind], teachers, province=kind == "province", draw=draw)
    columns = tables(KINDS[kind], drawn, supply(KINDS[kind], drawn, draw))
    if kind == "every-rule":
        add_every_rule(columns, drawn, draw)
    meta = {
        "format": 1,
        "round": f"{kind}-{teachers}-{seed}",
        "seed": str(seed),
        "tiers": [{"goals": goals} for goals in TIERS[tiers]],
        "allow_assigned": KINDS[kind].allow_assigned,
    }
    del drawn
    names.cache_clear()
    return Instance.from_columns(meta, columns)
