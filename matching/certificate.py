"""What proves a bound: a tree of openings whose leaves carry whole-number prices.

A leaf is one case of what opens. Its prices of shared rows and its multipliers of earlier tiers
bound what any answer of that case can be worth, by weak duality in whole numbers; the leaves of a
tier cover every case, so the highest of their bounds holds for the tier. `docs/the-proof.md`
explains it with an example, and `verify.py` recomputes it from the files alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Leaf:
    """One case of what opens, and the numbers that bound it.

    Parameters
    ----------
    decided
        (switch or seat, yes or no), sorted by name: what this case decides; a seat is a JSON list of
        teacher and section. The leaves of a tier form a binary tree, so that together they cover
        every combination.
    prices
        (row, price in 1/PRICE_SCALE points), in the order of the rows, without zeros and without
        rows that a "no" closes: those seats do not exist in this case.
    floors
        One multiplier >= 0 for each earlier tier, in 1/PRICE_SCALE points of this tier per point of
        that one. Where an earlier tier reached everybody's own best, its multiplier is so large
        that no bundle below the best can pay.
    bound
        What no answer of this case can exceed, in points, higher is better.
    tolls
        (row, teacher, section, amount > 0 in 1/PRICE_SCALE points): what she pays beside the prices
        for a seat there. The row is over everybody and has a switch, which receives what all tolls of
        the row come to if it is yes: who sits in a section needs it open.
    """

    decided: tuple[tuple[str, bool], ...]
    prices: tuple[tuple[str, int], ...]
    floors: tuple[int, ...]
    bound: int
    tolls: tuple[tuple[str, str, str, int], ...] = ()


Certificate = tuple[tuple[Leaf, ...], ...]
"""The leaves of every tier in turn; none for a tier whose bound has no proof."""


def plain(certificate: Certificate) -> list[list[dict[str, Any]]]:
    """Return a certificate as plain data, such as JSON keeps."""
    return [[asdict(leaf) for leaf in leaves] for leaves in certificate]


def from_plain(tiers: Iterable[Iterable[Mapping[str, Any]]]) -> Certificate:
    """Return the certificate that plain data tells."""
    return tuple(tuple(_leaf(leaf) for leaf in leaves) for leaves in tiers)


def _leaf(told: Mapping[str, Any]) -> Leaf:
    tolls = told.get("tolls", ())
    return Leaf(
        tuple((name, bool(yes)) for name, yes in told["decided"]),
        tuple((row, int(price)) for row, price in told["prices"]),
        tuple(told["floors"]),
        told["bound"],
        tuple((row, teacher, section, int(each)) for row, teacher, section, each in tolls),
    )
