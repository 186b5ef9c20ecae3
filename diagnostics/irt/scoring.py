"""Abilities of persons from their answers: EAP, posterior SD and probabilities of levels.

Persons who answered nothing have the prior and are flagged: a prior is never shown as an ability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.coding import Coding
from diagnostics.irt.likelihood import Population, posteriors
from diagnostics.irt.models import MISSING, Bank, Floats, information, log_probabilities
from diagnostics.irt.quadrature import Grid, even, even_for
from diagnostics.irt.threads import one_thread

BATCH = 65_536
"""Persons that `score_many` codes at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Abilities:
    """Expected abilities (EAP) and posterior standard deviations, and of whom nothing is known.

    Parameters
    ----------
    eap, sd
        Of each person, (N,); the prior's where `silent`.
    silent
        Whether a person answered nothing, (N,).
    levels
        Probabilities of the levels between cuts, (N, cuts + 1), if cuts were given.
    """

    eap: Floats
    sd: Floats
    silent: NDArray[np.bool_]
    levels: Floats | None = None

    def of(self, places: NDArray[np.intp]) -> Abilities:
        """Return the abilities at some places."""
        levels = None if self.levels is None else self.levels[places]
        return Abilities(self.eap[places], self.sd[places], self.silent[places], levels)


def nodes_for(*banks: Bank, sd: float = 1.0) -> Grid:
    """Return nodes as fine as the narrowest posterior that all items of a bank can lead to."""
    theta = even().nodes * sd
    most = max(float(information(bank, theta).sum(0).max()) for bank in banks)
    return even_for(1 / math.sqrt(1 + sd * sd * most))


def abilities(
    bank: Bank,
    answers: NDArray[np.int8],
    grid: Grid | None = None,
    mean: float = 0.0,
    sd: float = 1.0,
    *,
    cuts: ArrayLike | None = None,
    single: bool = False,
) -> Abilities:
    """Return EAP and posterior SD of every row of answers.

    Parameters
    ----------
    answers
        Categories from 0, (N, J), -1 for missing.
    grid
        Nodes in standard deviations of the population; by `nodes_for` without.
    mean, sd
        Of the population.
    cuts
        Abilities at which a new level begins, rising.
    single
        Work in single precision: for very many persons, exact to about 1e-5.
    """
    nodes = nodes_for(bank, sd=sd) if grid is None else grid
    theta = mean + sd * nodes.nodes
    dtype = np.float32 if single else np.float64
    coding = Coding(answers, bank.categories, dtype)
    population = Population(coding, np.ones(len(answers)))
    wanted = np.stack([nodes.nodes, nodes.nodes**2], axis=1)
    if cuts is not None:
        shares = level_shares(nodes, (np.asarray(cuts, np.float64) - mean) / sd)
        wanted = np.concatenate([wanted, shares], axis=1)
    wanted = wanted.astype(dtype)
    found = np.empty((len(answers), wanted.shape[1]))
    for part, _, masses, _ in posteriors(population, log_probabilities(bank, theta), nodes):
        found[part] = masses @ wanted
    spread = np.sqrt(np.maximum(found[:, 1] - found[:, 0] ** 2, 0.0))
    levels = None if cuts is None else np.clip(found[:, 2:], 0.0, 1.0)
    silent = (answers == MISSING).all(1)
    return Abilities(mean + sd * found[:, 0], sd * spread, silent, levels)


def score_many(
    bank: Bank, answers: NDArray[np.int8], mean: float = 0.0, sd: float = 1.0
) -> Abilities:
    """Return EAP and posterior SD of very many persons, in single precision, batch after batch."""
    eap, spread = np.empty(len(answers), np.float32), np.empty(len(answers), np.float32)
    silent = np.empty(len(answers), bool)
    grid = nodes_for(bank, sd=sd)
    with one_thread():
        for start in range(0, len(answers), BATCH):
            part = slice(start, start + BATCH)
            found = abilities(bank, answers[part], grid, mean, sd, single=True)
            eap[part], spread[part], silent[part] = found.eap, found.sd, found.silent
    return Abilities(eap.astype(np.float64), spread.astype(np.float64), silent)


def level_shares(grid: Grid, cuts: Floats) -> Floats:
    """Return what each node's mass adds to the probability of each level, (Q, cuts + 1).

    The posterior is smooth on the scale of the gaps, so it is the band-limited function through
    its nodes (Shannon); its integral up to a cut is a sum of sine integrals.
    """
    from scipy.special import sici

    away = np.pi * (cuts - grid.nodes[:, None]) / grid.gap
    below = 0.5 + sici(away)[0] / np.pi
    ends = np.zeros((len(grid), 1))
    return np.asarray(np.diff(np.concatenate([ends, below, ends + 1], axis=1), axis=1))


class Scorer:
    """Scores one person at a time: the curves are tabulated once.

    Parameters
    ----------
    bank
        The items.
    grid
        Nodes; by `nodes_for` without.
    """

    def __init__(self, bank: Bank, grid: Grid | None = None) -> None:
        self._grid = nodes_for(bank) if grid is None else grid
        logs = log_probabilities(bank, self._grid.nodes)
        self._rows = np.where(np.isfinite(logs), logs, 0.0).reshape(-1, len(self._grid))
        self._offsets = np.arange(len(bank)) * bank.width
        self._prior = np.log(self._grid.weights)
        self._powers = np.stack([self._grid.nodes, self._grid.nodes**2], axis=1)

    def posterior(self, answers: NDArray[np.int8]) -> Floats:
        """Return the masses of the nodes for one person's answers, (J,), -1 for missing."""
        given = answers >= 0
        masses = self._rows[self._offsets[given] + answers[given]].sum(0)
        masses += self._prior
        np.exp(masses - masses.max(), out=masses)
        masses /= masses.sum()
        return np.asarray(masses)

    def score(self, answers: NDArray[np.int8]) -> tuple[float, float]:
        """Return EAP and posterior SD of one person's answers, (J,), -1 for missing."""
        first, second = (self.posterior(answers) @ self._powers).tolist()
        return first, max(0.0, second - first * first) ** 0.5
