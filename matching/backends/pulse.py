"""The beat of a solve: counts its steps, tells each to a watch, and keeps where it was stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from matching.goals import unit_and_sense
from matching.watch import Progress, Watch


class Pulse:
    """Counts the steps of one solve; `stopped_at` names the step it was stopped at, empty if none."""

    def __init__(self, watch: Watch | None = None, tiers: int = 0, attempt: int = 1) -> None:
        self.stopped_at = ""
        self._attempt = attempt
        self._watch = watch or Watch()
        self._tiers = tiers
        self._tier = 0
        self._sign = 1
        self._bound: int | None = None
        self._done: Counter[tuple[int, str]] = Counter()
        self._is_waiting = False

    def begin(self, tier: int, goals: Mapping[str, int]) -> None:
        """Begin a tier, or come back to it: its steps are counted on."""
        self._tier = tier
        self._sign = -1 if tier == 0 or unit_and_sense(goals)[1] == "min" else 1
        self._bound = None

    def beat(
        self, stage: str, seats: int, value: int, bound: int | None, is_answer: Callable[[], bool]
    ) -> bool:
        """Tell one step; return whether the solve is stopped, which it then stays.

        Parameters
        ----------
        value, bound
            Of the present tier, higher is better; no bound: the last one told still stands.
        is_answer
            Whether the choice so far may be published; without one a solve goes on.
        """
        if self.stopped_at:
            return True
        self._bound = self._bound if bound is None else bound
        self._done[self._tier, stage] += 1
        progress = self._progress(stage, seats, value)
        self._watch.tell(progress)
        self._is_waiting = self._watch.stopped() or self._is_waiting
        if self._is_waiting and is_answer():
            self.stopped_at = progress.step
        return bool(self.stopped_at)

    def _progress(self, stage: str, seats: int, value: int) -> Progress:
        bound, gap = None, None
        if self._bound is not None:
            bound = self._sign * max(self._bound, value)
            gap = abs(bound - self._sign * value) / max(abs(bound), 1)
        return Progress(
            stage,
            self._tier,
            self._tiers,
            seats,
            self._sign * value,
            bound,
            gap,
            self._done[self._tier, stage],
            self._is_waiting,
            self._attempt,
        )
