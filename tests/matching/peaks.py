"""What a solve is foreseen to need and what it took: `python -m tests.matching.peaks KIND TEACHERS TIERS EFFORT`."""

from __future__ import annotations

import sys

from matching.bench import _forget_peak, _peak_mb
from matching.compile import compile_instance
from matching.foreseen import MB, for_search, needed
from matching.generate import generate
from matching.settings import Settings
from matching.solve import MOST_TOLD, REFEREED, solve


def peaks(kind: str, teachers: int, tiers: str, effort) -> tuple[float, float]:
    """Return what is foreseen and the most memory of this process, in MB."""
    instance = generate(kind, teachers, 1, tiers)
    _forget_peak()
    solve(instance, Settings(effort=effort))
    took = _peak_mb()
    need = needed(instance, refereed=REFEREED, told=MOST_TOLD)
    return (need + for_search(compile_instance(instance), 0)) / MB, took


if __name__ == "__main__":
    kind, teachers, tiers, effort = sys.argv[1:]
    sys.stdout.write("{:.0f} {:.0f}\n".format(*peaks(kind, int(teachers), tiers, effort)))
