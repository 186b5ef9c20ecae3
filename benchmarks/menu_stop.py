"""Stop when the menu is settled: when knowing more would hardly put better sections on it.

What further answers could bring at most is the expected regret of today's menu: the value of the
best menu for each state of the traits that is still possible, less that of the menu shown now (the
expected value of perfect information, Raiffa & Schlaifer, 1961).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from diagnostics.adaptive.belief import Belief
from diagnostics.irt.models import Floats

Worth = Callable[[Floats], Floats]
"""From traits (M, L) to what each of S sections is worth to a teacher who has them, (M, S)."""


@dataclass(frozen=True, slots=True)
class MenuSettled:
    """Stop when the menu's expected regret is a small share of what the best menu is worth.

    Parameters
    ----------
    worth
        What sections are worth, given traits.
    length
        Sections on the menu.
    tolerance
        Share of the best menu's worth that may be lost in expectation.
    longest
        Items after which to stop in any case.
    draws
        States of the traits that are looked at; half of them mirror the other half.
    """

    worth: Worth
    length: int = 10
    tolerance: float = 0.1
    longest: int = 40
    draws: int = 64
    _normal: dict[int, Floats] = field(default_factory=dict, repr=False, compare=False)

    def reason(self, belief: Belief, asked: int) -> str | None:
        """Return `stop_menu`, `stop_longest` or None."""
        lost, best = self.regret(belief)
        if lost <= self.tolerance * best:
            return "stop_menu"
        return "stop_longest" if asked >= self.longest else None

    def regret(self, belief: Belief) -> tuple[float, float]:
        """Return what today's menu is expected to lose, and what the best one is worth."""
        root = np.linalg.cholesky(belief.covariance)
        values = self.worth(belief.mean + self._standard(len(belief.mean)) @ root.T)
        length = min(self.length, values.shape[1])
        shown = np.argsort(-values.mean(0), kind="stable")[:length]
        best = float(np.partition(values, -length, axis=1)[:, -length:].sum(1).mean())
        return best - float(values[:, shown].sum(1).mean()), best

    def _standard(self, traits: int) -> Floats:
        """Return the same standard normal draws at every step, so that only answers change it."""
        if traits not in self._normal:
            half = np.random.default_rng(0).standard_normal((self.draws // 2, traits))
            self._normal[traits] = np.concatenate([half, -half])
        return self._normal[traits]
