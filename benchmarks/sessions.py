"""Whole diagnoses of made-up teachers whose traits are known, and how many of them saw each item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.pool import Pool
from diagnostics.adaptive.session import Session, Stop
from diagnostics.irt.models import Floats, probabilities


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
