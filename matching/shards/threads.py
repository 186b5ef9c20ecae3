"""How many threads a pass may use in this process."""

from __future__ import annotations

import os

_most: list[int] = []


def threads() -> int:
    """Return how many threads a pass may use: one for each core, if nothing else was said."""
    return _most[-1] if _most else os.cpu_count() or 1


def use_threads(most: int) -> None:
    """Use so many threads from now on; a worker beside others has only its share of the cores."""
    _most[:] = [max(1, most)]
