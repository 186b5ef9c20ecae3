"""Give memory that was freed back to the system.

The C library keeps what a process frees for later. Between the passes of a large round that is a
quarter of all its memory, in holes that no later array fits into.
"""

from __future__ import annotations

import ctypes
from functools import cache

MANY = 1 << 20
"""From so many choices on it pays to give back what was freed."""


def give_back(choices: int) -> None:
    """Give freed memory back, if a round has many choices and the C library can (glibc)."""
    if choices >= MANY and (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
