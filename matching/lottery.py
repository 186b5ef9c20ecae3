"""Draw numbers that nobody can influence and anybody can recompute.

The number of a teacher is the place of HMAC-SHA256(seed, round, teacher id) among all teachers of
the round. The seed is published after the lists are closed and was committed to before, so the
numbers depend on nothing anybody does: not on her list, its length, or the order of rows.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def tickets(teacher_ids: Iterable[str], seed: str, round_id: str) -> Iterator[bytes]:
    """Yield the ticket of each teacher: HMAC-SHA256 with key `seed` over round, newline, id.

    What all tickets begin with is hashed once.
    """
    begun = hmac.new(seed.encode(), f"{round_id}\n".encode(), "sha256")
    for name in teacher_ids:
        mine = begun.copy()
        mine.update(name.encode())
        yield mine.digest()


def lottery_numbers(teacher_ids: Iterable[str], seed: str, round_id: str) -> dict[str, int]:
    """Return the number of every teacher: 1 is drawn first."""
    names = sorted(set(teacher_ids))
    turns = drawn(names, seed, round_id).tolist()
    return {names[i]: number for number, i in enumerate(turns, start=1)}


def drawn(teacher_ids: Sequence[str], seed: str, round_id: str) -> NDArray[np.int64]:
    """Return the positions of different teachers in the order of their numbers, by id among equals."""
    import numpy as np

    found = np.fromiter(tickets(teacher_ids, seed, round_id), "S32")
    if all(one < other for one, other in pairwise(teacher_ids)):
        return np.argsort(found, kind="stable")
    order = np.array(sorted(range(len(found)), key=teacher_ids.__getitem__), np.int64)
    return order[np.argsort(found[order], kind="stable")]
