"""How the functions of the searches are compiled to machine code and kept on disk.

numba keeps what it compiled by the file of a function and would not notice that a function which
it calls has changed in another. So what is kept counts only while none of the files with compiled
functions has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])

COMPILED = (
    "counted", "gathering", "implied", "kernel", "laying", "searching", "turns", "woven",
    "asked", "beside", "breaking", "facing", "weighing",
)  # fmt: skip
"""The files with compiled functions, and with the types and constants that these take in."""


def compiled(function: _F) -> _F:
    """Return a function compiled to machine code, or as it is where numba is not installed.

    Compiled functions create no arrays, so that references need not be counted: threads that count
    the same references wait for each other.
    """
    return _kept(function, {})


def woven(function: _F) -> _F:
    """Return a function that is compiled into each place that calls it.

    A call hands over some hundred words: all arrays with their shapes.
    """
    return _kept(function, {"forceinline": True})


def _kept(function: _F, more: dict[str, Any]) -> _F:
    try:
        from numba import njit
    except ImportError:
        return function
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False} | more
    made: Any = njit(**options)(function)
    if made is function:  # NUMBA_DISABLE_JIT
        return function
    kept = made._cache._cache_file  # noqa: SLF001 (numba has no public way)
    kept._source_stamp = stamp()  # noqa: SLF001
    return cast(_F, made)


@cache
def stamp() -> str:
    """Return what stands for the present text of all files with compiled functions."""
    hasher = hashlib.blake2b(digest_size=16)
    for name in COMPILED:
        hasher.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return hasher.hexdigest()
