"""Greedy menus of many teachers at once: the best, then the best of what is least alike, and so on.

It is maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) in whole points, with the sum of
what a section shares with those before it in place of the largest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEVER = -(2**60)
NOBODY = -1


def greedy(
    scores: Ints, is_open: NDArray[np.bool_], alike: NDArray[np.int32], longest: int
) -> tuple[Ints, Ints]:
    """Return the sections of each menu in order, and what each lost for being alike.

    Parameters
    ----------
    scores
        Shape (teachers, sections): points before variety.
    is_open
        Shape (teachers, sections): what each teacher may take.
    alike
        Shape (sections, sections): points a section loses once another one is shown.

    Returns
    -------
    picks, lost
        Shape (teachers, min(longest, sections)): places of sections, NOBODY where no more are open;
        and points, 0 or less. Of equal scores the first section comes first.
    """
    length = min(longest, scores.shape[1])
    shape = (len(scores), length)
    picks, lost = np.full(shape, NOBODY, np.int64), np.zeros(shape, np.int64)
    left = np.where(is_open, scores, NEVER)
    everybody = np.arange(len(scores))
    for place in range(length):
        best = left.argmax(axis=1)
        reached = left[everybody, best]
        taken = reached > NEVER // 2
        picks[taken, place] = best[taken]
        lost[taken, place] = (reached - scores[everybody, best])[taken]
        left -= alike[best]
        left[everybody, best] = NEVER
    return picks, lost
