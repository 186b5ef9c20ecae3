"""How a solve is watched and stopped: the engine tells each counted step and asks whether to go on.

Steps are counted, never timed, so a solve that is stopped at a step gives the same answer every
time; `StopAt` repeats one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve stands after a step.

    Attributes
    ----------
    stage
        What was done: `root` (a tier's bound by prices), `guide` (the prices that steer its
        search), `node` (one of the search over openings), `improvement` (a look for a better
        answer) or `opening` (what a closed section would cost).
    tier, tiers
        Which of how many tiers; tier 0 comes before all and meets the strict minima.
    seats_filled
        Seats of the answer so far.
    value, bound, gap
        What the tier reached, in the unit of its goal, how far it could get at most, and the
        relative distance; None while nothing is known.
    number
        Which step of its stage in this tier, from 1.
    attempt
        Which attempt at the round: a second one lists the bundles that a first left unproved.
    is_waiting
        Whether a stop was asked for and no answer keeps all strict rules yet: the solve goes on
        until one does.
    """

    stage: str
    tier: int
    tiers: int
    seats_filled: int
    value: int | None
    bound: int | None
    gap: float | None
    number: int = 1
    is_waiting: bool = False
    attempt: int = 1

    @property
    def step(self) -> str:
        """The name of the step, as a stopped result tells it."""
        again = "again " * (self.attempt - 1)
        return f"{again}tier {self.tier} {self.stage} {self.number}"


class Watch:
    """Sees every step and never stops: the base of other watches."""

    def tell(self, progress: Progress) -> None:
        """Hear of one step."""

    def stopped(self) -> bool:
        """Tell whether the solve shall end here; asked once after every step."""
        return False


class StopAt(Watch):
    """Stops at a named step: repeats a solve that was stopped there."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._here = False

    def tell(self, progress: Progress) -> None:
        """Compare the step with the named one."""
        self._here = progress.step == self._step

    def stopped(self) -> bool:
        """Tell whether the named step has just been done."""
        return self._here
