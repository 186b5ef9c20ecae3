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


def answers_of(pool: Pool, truth: Floats, *, seed: int) -> NDArray[np.intp]:
    """Return what made-up teachers whose traits are known, (N, L), would answer to items, (N, J)."""
    values = truth @ pool.lines.T
    chances = np.empty((len(truth), len(pool.bank), pool.bank.width))
    for line in range(len(pool.lines)):
        mine = np.flatnonzero(pool.line_of == line)
        chances[:, mine] = probabilities(pool.bank, values[:, line])[mine].transpose(2, 0, 1)
    drawn = np.random.default_rng(seed).random((len(truth), len(pool.bank), 1))
    return np.asarray((drawn > chances.cumsum(2)[..., :-1]).sum(2))


def simulate(
    pool: Pool,
    mean: Floats,
    covariance: Floats,
    stop: Stop,
    answers: NDArray[np.intp],
    *,
    seed: int,
) -> list[Session]:
    """Return finished sessions of made-up teachers.

    Parameters
    ----------
    answers
        What each of N teachers answers to each item, (N, J).
    seed
        From it and the numbers of the teachers follows what is drawn for them.
    """
    sessions = []
    for number, answer in enumerate(answers.tolist()):
        session = Session(pool, mean, covariance, stop, seed=str(seed), teacher=str(number))
        while (item := session.next_item) is not None:
            session.answer(item, answer[item])
        sessions.append(session)
    return sessions
