"""Draw numbers that nobody can influence and anybody can recompute.

The number of a teacher is the place of HMAC-SHA256(seed, round, teacher id) among all teachers of
the round. The seed is published after the lists are closed and was committed to before, so the
numbers depend on nothing anybody does: not on her list, its length, or the order of rows.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def ticket(seed: str, round_id: str, teacher_id: str) -> bytes:
    """Return the ticket of one teacher: HMAC-SHA256 with key `seed` over round, newline, id."""
    return hmac.new(seed.encode(), f"{round_id}\n{teacher_id}".encode(), hashlib.sha256).digest()


def lottery_numbers(teacher_ids: Iterable[str], seed: str, round_id: str) -> dict[str, int]:
    """Return the number of every teacher: 1 is drawn first."""
    drawn = sorted(set(teacher_ids), key=lambda name: (ticket(seed, round_id, name), name))
    return {name: number for number, name in enumerate(drawn, start=1)}
