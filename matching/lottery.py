"""Draw numbers that nobody can influence and anybody can recompute.

The number of a teacher is the place of HMAC-SHA256(seed, round, teacher id) among all teachers of
the round. The seed is published after the lists are closed and was committed to before, so the
numbers depend on nothing anybody does: not on her list, its length, or the order of rows.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def ticket(seed: str, round_id: str, teacher_id: str) -> bytes:
    """Return the ticket of one teacher: HMAC-SHA256 with key `seed` over round, newline, id."""
    return hmac.digest(seed.encode(), f"{round_id}\n{teacher_id}".encode(), "sha256")


def lottery_numbers(teacher_ids: Iterable[str], seed: str, round_id: str) -> dict[str, int]:
    """Return the number of every teacher: 1 is drawn first."""
    names = sorted(set(teacher_ids))
    turns = drawn(names, seed, round_id).tolist()
    return {names[i]: number for number, i in enumerate(turns, start=1)}


def drawn(teacher_ids: Sequence[str], seed: str, round_id: str) -> NDArray[np.int64]:
    """Return the positions of different teachers in the order of their numbers, by id among equals."""
    import numpy as np

    tickets = np.fromiter((ticket(seed, round_id, name) for name in teacher_ids), "S32")
    if all(one < other for one, other in pairwise(teacher_ids)):
        return np.argsort(tickets, kind="stable")
    order = np.array(sorted(range(len(tickets)), key=teacher_ids.__getitem__), np.int64)
    return order[np.argsort(tickets[order], kind="stable")]
