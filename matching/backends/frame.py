"""How large a round is before anything is laid out: options, and how many of them a bundle can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from matching.aside import put_aside
from matching.backends.lists import Places
from matching.columns import Numbers
from matching.instance import Ints
from matching.primitives import Amount, BundleRow, Draft
from matching.schema import UNLIMITED


class Frame(NamedTuple):
    """How large a round is: its options, and how many of them a bundle can hold.

    Parameters
    ----------
    arcs
        As `arc` of `Local`.
    start, size
        As in `Local`.
    rows
        The bundle rows worth a column.
    """

    arcs: Places
    start: Ints
    rows: tuple[BundleRow, ...]
    size: Places

    @property
    def teachers(self) -> int:
        """Number of teachers."""
        return len(self.size)


def frame_of(draft: Draft) -> Frame:
    """Return how large a compiled instance is."""
    dropped = np.zeros(draft.arcs, bool)
    for each in draft.dropped.values():
        dropped |= each
    if dropped.any():
        arcs = np.flatnonzero(~dropped).astype(np.int32)
        start = np.searchsorted(arcs, draft.instance.first_arc)
    else:
        arcs = np.zeros(0, np.int32)
        start = draft.instance.first_arc
    start = start.astype(np.int64, copy=False)
    rows, size = _bundle_rows(draft, arcs, start)
    for held in draft.musts.values():
        size[draft.owner_of(np.flatnonzero(held & dropped))] = -1
    return Frame(arcs, start, rows, size.astype(np.int32))


def _bundle_rows(draft: Draft, arcs: Places, start: Ints) -> tuple[tuple[BundleRow, ...], Ints]:
    """Return the bundle rows worth a column, and the most options any bundle of a teacher holds."""
    sizes = np.diff(start)
    kept: list[BundleRow] = []
    caps: dict[bytes, int] = {}
    for row in draft.bundle_rows:
        amount, hi = row.amount, row.hi
        is_cap = row.lo is None and hi is not None and row.hi_goal is None and not amount.parts
        if not is_cap or hi is None:
            kept.append(row)
            continue
        least, most = _ends(amount, draft.arc_section, arcs, start)
        counts = (least > 0) & (amount.cap > hi)
        sizes = np.where(counts, np.minimum(sizes, hi // np.maximum(least, 1)), sizes)
        if (least[sizes > 0] == 1).all() and most == 1 and amount.cap == UNLIMITED:
            continue
        key = _name_of(amount) if amount.cap == UNLIMITED else b""
        if key and key in caps:
            other = kept[caps[key]]
            lower = np.minimum(hi, hi if other.hi is None else other.hi)
            kept[caps[key]] = replace(other, hi=put_aside(lower))
        else:
            caps[key] = len(kept)
            kept.append(row)
    return tuple(kept), sizes


def _ends(amount: Amount, section: Numbers, arcs: Places, start: Ints) -> tuple[Ints, int]:
    """Return the least that any option of each teacher adds to an amount, and the most of all."""
    least, most = np.full(len(start) - 1, UNLIMITED, np.int64), 0
    filled = np.flatnonzero(np.diff(start))
    for part in np.array_split(filled, max(1, start[-1] // AT_ONCE)) if len(filled) else ():
        options = slice(start[part[0]], start[part[-1] + 1])
        these = arcs[options] if len(arcs) else options
        coefs = amount.numbers[these if amount.section is None else section[these]]
        least[part] = np.minimum.reduceat(coefs, start[part] - start[part[0]])
        most = max(most, int(coefs.max()))
    return least, most


AT_ONCE = 1 << 20
"""About so many options are looked at together."""


def _name_of(amount: Amount) -> bytes:
    return bytes([amount.section is None]) + amount.numbers.tobytes()
