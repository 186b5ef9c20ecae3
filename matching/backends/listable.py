"""Whether all bundles of a round can be listed, from the numbers of options and the sizes alone."""

from __future__ import annotations

from math import comb

import numpy as np

from matching.backends.frame import Frame
from matching.backends.local import Local

LISTABLE, MOST_LISTABLE, EACH_LISTABLE = 2_000_000, 60_000_000, 20_000
"""Up to so many sets of options the bundles among them are listed: in any round, in a large one, and
for each teacher of a large one."""


def sets_of(local: Local | Frame) -> int:
    """Return how many sets of options there are, from the numbers of options and the sizes alone."""
    widths = np.diff(local.start)
    widest = int(widths.max(initial=0)) + 2
    different, people = np.unique(widest * widths + local.size + 1, return_counts=True)
    found = 0
    for number, count in zip(different.tolist(), people.tolist(), strict=True):
        options, most = number // widest, number % widest - 1
        found += count * sum(comb(options, held) for held in range(min(options, most) + 1))
    return found


def is_listable(local: Local | Frame) -> bool:
    """Tell whether all bundles can be listed."""
    sets = sets_of(local)
    return sets <= max(LISTABLE, min(MOST_LISTABLE, EACH_LISTABLE * local.teachers))
