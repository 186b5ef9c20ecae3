"""How few items could do: a lower bound for every way of asking, with exposure limited.

`python -m benchmarks.adaptive_bound [--add]` bounds the items that the bank of
`benchmarks.adaptive` needs to a standard deviation of 0.3 if no item may be shown to more than 30 %.
The bound is a Lagrangian dual: whatever the multipliers of "shown to 30 % at most", "asked once at
most" and "areas even to one item", no way of asking can do with less. For given multipliers the best
way is found by dynamic programming over the precision still lacking, which falls by the information
of the very answer given, so that what the last item brings too much is counted. It is a bound for
those who know each ability beforehand, where posteriors are normal; abilities vary as posterior
means do. Multipliers are found by gradient ascent on a smoothed dual and judged by the true one.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from benchmarks import rows
from benchmarks.adaptive import AREAS, ITEMS, bank
from diagnostics.irt.models import Bank, Floats, log_probabilities

DEVIATION, LIMIT = 0.3, 0.3
ABILITIES = 21
STEP = 0.05
"""Of the precision lacking."""
ASCENTS, RATE = 160, 0.03


@dataclass(frozen=True, eq=False)
class Steps:
    """What answers do, by state R, ability T, item J and category K.

    Parameters
    ----------
    chance
        Of each answer, (T, J, K).
    low, share
        The state that an answer leads to lies between `low` and the next one, `share` of the way;
        state 0 is the end, (R, T, J, K).
    """

    weight: Floats
    chance: Floats
    low: np.ndarray
    high: np.ndarray
    share: Floats


def steps(items: Bank) -> Steps:
    """Return what each answer does in each state."""
    at = np.linspace(-2.6, 2.6, ABILITIES)
    weight = np.exp(-(at**2) / 2) / np.exp(-(at**2) / 2).sum()
    at *= np.sqrt(1 - DEVIATION**2)
    near = [log_probabilities(items, at + shift) for shift in (-1e-3, 0.0, 1e-3)]
    brings = np.maximum(-(near[0] - 2 * near[1] + near[2]) / 1e-6, STEP).transpose(2, 0, 1)
    most = DEVIATION**-2 - 1
    lacking = np.arange(most, 1e-9, -STEP)[::-1]
    place = (lacking[:, None, None, None] - brings - lacking[0]) / STEP
    ended = lacking[:, None, None, None] <= brings
    before = np.arange(len(lacking))[:, None, None, None]
    floor = np.floor(place).astype(np.intp)
    low = np.where(ended, 0, np.minimum(np.maximum(floor, 0) + 1, before))
    high = np.where(ended, 0, np.minimum(np.maximum(floor + 1, 0) + 1, before))
    return Steps(weight, np.exp(near[1]).transpose(2, 0, 1), low, high, place - floor)


def costs(known: Steps, cost: Floats, smooth: float) -> tuple[Floats, list[Floats]]:
    """Return the least cost from each state on, (R + 1, T), and how often each item is chosen.

    With `smooth` at 0 the best item is taken; else items share by the exponential of what they cost
    less, and the value is the soft minimum, which is below the true one.
    """
    across = np.arange(ABILITIES)[:, None, None]
    value, chosen = np.zeros((len(known.low) + 1, ABILITIES)), []
    for state, (low, high, share) in enumerate(
        zip(known.low, known.high, known.share, strict=True)
    ):
        after = (1 - share) * value[low, across] + share * value[high, across]
        total = (known.chance * after).sum(2) + cost
        least = total.min(1, keepdims=True)
        value[state + 1] = least[:, 0]
        if smooth:
            parts = np.exp((least - total) / smooth)
            value[state + 1] -= smooth * np.log(parts.sum(1))
            chosen.append(parts / parts.sum(1, keepdims=True))
    return value, chosen


def uses(known: Steps, chosen: list[Floats]) -> Floats:
    """Return how often each item is used at each ability, (T, J), from the first state on."""
    across = np.arange(ABILITIES)[:, None, None]
    there = np.zeros((len(chosen) + 1) * ABILITIES)
    there[-ABILITIES:] = 1.0
    used = np.zeros(known.chance.shape[:2])
    for state in range(len(chosen), 0, -1):
        now = chosen[state - 1] * there[state * ABILITIES : (state + 1) * ABILITIES, None]
        used += now
        flow, share = known.chance * now[:, :, None], known.share[state - 1]
        for to, part in ((known.low, 1 - share), (known.high, share)):
            place = (to[state - 1] * ABILITIES + across).ravel()
            there += np.bincount(place, (part * flow).ravel(), minlength=len(there))
    return used


def bound(items: Bank, limit: float = LIMIT) -> float:
    """Return the largest lower bound that was found."""
    known, area = steps(items), np.arange(len(items)) % AREAS
    member = np.eye(AREAS)[area]
    now = [np.zeros(len(items)), np.zeros((ABILITIES, len(items))), np.zeros((ABILITIES, AREAS))]
    pace = [(0 * each, 0 * each) for each in now]
    best = 0.0
    for turn in range(ASCENTS):
        shown, once, even = now
        cost = 1 + shown + once + even[:, area]
        given = limit * shown.sum() + known.weight @ (once.sum(1) + np.maximum(even, 0).sum(1))
        if turn % 10 == 9:
            best = max(best, float(known.weight @ costs(known, cost, 0.0)[0][-1] - given))
        used = uses(known, costs(known, cost, max(0.004, 0.03 * 0.98**turn))[1])
        uneven = used @ member - (even > 0)
        slopes = [
            known.weight @ used - limit,
            used - 1,
            uneven - uneven.mean(1, keepdims=True),
        ]
        for k, slope in enumerate(slopes):
            first, second = pace[k]
            pace[k] = first, second = 0.8 * first + 0.2 * slope, 0.98 * second + 0.02 * slope**2
            fair = first / (1 - 0.8 ** (turn + 1))
            size = np.sqrt(second / (1 - 0.98 ** (turn + 1)) + 1e-4)
            now[k] = now[k] + RATE * 0.985**turn * fair / size
        now = [np.maximum(now[0], 0), np.maximum(now[1], 0), now[2] - now[2].mean(1, keepdims=True)]
    return best


def main() -> None:
    """Show the row, and add it to RESULTS.md if asked."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.adaptive_bound", description=__doc__
    )
    parser.add_argument("--add", action="store_true", help="add the row to RESULTS.md")
    asked = parser.parse_args()
    name = f"adaptive, {ITEMS} items to {DEVIATION}, shown to {LIMIT:.0%} at most: lower bound"
    (rows.add if asked.add else rows.show)(name, {"mean_items": bound(bank())})


if __name__ == "__main__":
    main()
