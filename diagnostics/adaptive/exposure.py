"""What showing each item must cost so that none is seen by too many: prices found by simulation.

The prices are the multipliers of "shown to at most this share of teachers", found by projected
subgradient steps over made-up teachers and fixed before the first real one. So what one teacher
sees depends on nobody else and can be replayed; and an item is kept for those who need it most,
where rates of eligibility (Sympson & Hetter, 1985) close it to teachers at random.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.pool import Pool
from diagnostics.adaptive.session import Session, Stop
from diagnostics.irt.models import Floats, probabilities

FIRST_STEP = 1.5
"""Precision by which a price moves when an item is shown to everybody and should be to nobody."""
SLOWER = 8
"""Rounds after which steps are half as long."""


def exposure(sessions: list[Session], items: int) -> Floats:
    """Return the share of sessions in which each item was asked, (J,)."""
    counts = np.zeros(items)
    for session in sessions:
        counts[[each.item for each in session.answers]] += 1
    return np.asarray(counts / max(len(sessions), 1))


def simulate(
    pool: Pool, mean: Floats, covariance: Floats, stop: Stop, truth: Floats, *, seed: int
) -> list[Session]:
    """Return finished sessions of made-up teachers whose traits are known.

    Parameters
    ----------
    truth
        Traits of N teachers, (N, L).
    seed
        From it follow the answers, and with them everything.
    """
    rng = np.random.default_rng(seed)
    sessions = []
    for number, traits in enumerate(truth):
        session = Session(pool, mean, covariance, stop, seed=str(seed), teacher=str(number))
        answers = _answers(pool, traits, rng)
        while (item := session.next_item) is not None:
            session.answer(item, int(answers[item]))
        sessions.append(session)
    return sessions


def _answers(pool: Pool, traits: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return what a teacher would answer to each item, (J,)."""
    at = pool.lines @ traits
    chances = np.empty((len(pool.bank), pool.bank.width))
    for line, value in enumerate(at):
        mine = pool.line_of == line
        if mine.any():
            chances[mine] = probabilities(pool.bank, value)[mine, :, 0]
    drawn = rng.random((len(pool.bank), 1))
    return np.asarray((drawn > chances.cumsum(1)[:, :-1]).sum(1))


def prices(
    pool: Pool,
    mean: Floats,
    covariance: Floats,
    stop: Stop,
    limits: Floats,
    *,
    seed: int,
    teachers: int = 800,
    rounds: int = 90,
    watch: Callable[[Floats], None] = lambda shown: None,
) -> Floats:
    """Return what showing each item costs, (J,), so that few enough see it.

    Parameters
    ----------
    limits
        Largest share of teachers who may see each item, (J,); 1 for items that need no protection.
    teachers, rounds
        Teachers made up in a round, and rounds; the prices are the mean of the later half.
    watch
        Is told after each round what share of teachers saw each item.
    """
    now = np.zeros(len(pool.bank))
    later = []
    for turn in range(rounds):
        rng = np.random.default_rng((seed, turn))
        truth = rng.multivariate_normal(mean, covariance, teachers, method="cholesky")
        sessions = simulate(pool.priced(now), mean, covariance, stop, truth, seed=seed + turn)
        shown = exposure(sessions, len(pool.bank))
        watch(shown)
        now = np.maximum(0.0, now + FIRST_STEP / (1 + turn / SLOWER) * (shown - limits))
        if 2 * turn >= rounds:
            later.append(now)
    return np.asarray(np.mean(later, axis=0))
