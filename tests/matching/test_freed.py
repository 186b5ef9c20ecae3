"""Memory that a large round freed goes back to the system."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matching import freed
from matching.foreseen import MB, _own


def test_holes_between_arrays_are_given_back_in_a_large_round_only() -> None:
    """Free every other one of 400 arrays of 100 KB: a small round leaves the holes as they are."""
    if freed._trim() is None:
        pytest.skip(
            "only glibc has malloc_trim; elsewhere nothing is given back and nothing breaks"
        )
    arrays = [np.ones(100_000, np.int8) for _ in range(400)]
    kept = arrays[::2]
    del arrays
    before = _own(Path("/"))["VmRSS"]
    freed.give_back(freed.MANY - 1)
    assert _own(Path("/"))["VmRSS"] > before - 5 * MB
    freed.give_back(freed.MANY)
    assert _own(Path("/"))["VmRSS"] < before - 10 * MB
    assert len(kept) == 200
