"""What a backend hands to the front door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.backends.tiers import TierValue
from matching.instance import Ints


@dataclass(frozen=True)
class Solved:
    """The seats and what is proved of them; `arcs` is None when strict minima cannot be met.

    `if_opened` holds for each section that stays closed what welfare could be at most if it had to
    open, all earlier tiers kept (below 0: then they cannot be kept). `stopped_at` names the step at
    which a watch stopped the solve. `is_unlisted` says that there were too many bundles to list:
    reasons are then searched for, and instead of `if_opened` there is `opening_costs`, what welfare
    would lose at least.
    """

    arcs: Ints | None
    tiers: tuple[TierValue, ...] = ()
    prices: tuple[tuple[str, int], ...] = ()
    if_opened: Mapping[str, int] = field(default_factory=dict)
    stopped_at: str = ""
    is_unlisted: bool = False
    opening_costs: Mapping[str, int] = field(default_factory=dict)
