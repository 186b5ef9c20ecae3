"""Give memory that was freed back to the system.

The C library keeps what a process frees for later. Between the passes of a large round that is a
quarter of all its memory, in holes that no later array fits into; the longer arrays of such a round
therefore get pages of their own, which go back as soon as they are freed.
"""

from __future__ import annotations

import ctypes
from functools import cache

from matching.aside import rest

MANY = 1 << 20
"""From so many choices on it pays to give back what was freed."""

_M_MMAP_THRESHOLD, PAGES = -3, 1 << 20
"""What glibc calls the size, in bytes, from which on arrays get pages of their own."""


def give_back(choices: int) -> None:
    """Give freed memory back, if a round has many choices and the C library can (glibc)."""
    if choices < MANY:
        return
    rest()
    if (trim := _trim()) is not None:
        _keep_apart()
        trim(0)


@cache
def _keep_apart() -> None:
    ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, PAGES)


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
