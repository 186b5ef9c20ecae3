"""The marginal likelihood of answers, its exact gradient, and posteriors of persons.

By Fisher's identity the gradient of the marginal log-likelihood is the expected gradient of the
complete one, so one pass over the persons gives both (Louis, 1982).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.coding import Coding
from diagnostics.irt.derivatives import Curves, bank_of, curves
from diagnostics.irt.models import Bank, Floats, Model, log_probabilities
from diagnostics.irt.quadrature import Grid

Masses = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Persons whose abilities are normal with one mean and standard deviation.

    Parameters
    ----------
    coding
        Their distinct rows of answers, (M, ...).
    counts
        How many persons gave each row, (M,).
    """

    coding: Coding
    counts: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Which parameters are free, and how the free ones make up the full table.

    The full vector holds J rows of slope and intercepts (P each), then a mean and a standard
    deviation per population. `place` names for each entry the free parameter that it is, or -1 for
    one that stays as in `fixed`; a parameter with several places is shared by them.
    """

    items: tuple[str, ...]
    model: Model
    categories: NDArray[np.intp]
    place: NDArray[np.intp]
    fixed: Floats

    @property
    def width(self) -> int:
        """The number of parameters of the longest item, P."""
        return int(self.categories.max())

    @property
    def free(self) -> int:
        """How many parameters are estimated."""
        return int(self.place.max()) + 1

    def spread(self, x: Floats) -> Floats:
        """Return the full vector of free parameters x."""
        return np.where(self.place >= 0, x[np.maximum(self.place, 0)], self.fixed)

    def gather(self, full: Floats) -> Floats:
        """Return the gradient for the free parameters from that for the full vector."""
        used = self.place >= 0
        sums = np.bincount(self.place[used], weights=full[used], minlength=self.free)
        return np.asarray(sums, np.float64)

    def gather_rows(self, full: Masses) -> Floats:
        """Return `gather` of each row of a matrix, (M, full) to (M, free)."""
        used = np.flatnonzero(self.place >= 0)
        if np.array_equal(self.place[used], np.arange(self.free)):
            return np.asarray(full[:, used], np.float64)
        free = np.zeros((len(full), self.free))
        for at in used:
            free[:, self.place[at]] += full[:, at]
        return free

    def parts(self, full: Floats) -> tuple[Floats, Floats]:
        """Return the items' table, (J, P), and the populations' means and SDs, (G, 2)."""
        size = len(self.items) * self.width
        return full[:size].reshape(-1, self.width), full[size:].reshape(-1, 2)

    def bank(self, full: Floats) -> Bank:
        """Return the items of a full vector."""
        return bank_of(self.items, self.model, self.categories, self.parts(full)[0])

    def possible(self, x: Floats) -> bool:
        """Tell whether GRM intercepts fall and standard deviations are positive."""
        table, scales = self.parts(self.spread(x))
        if not np.isfinite(x).all() or (scales[:, 1] <= 0).any():
            return False
        later = np.arange(2, self.width) < self.categories[:, None]
        falls = np.diff(table[:, 1:], axis=1) < -1e-9
        return self.model == "gpcm" or bool((falls | ~later).all())


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """What is thought of free parameters beforehand: independent normal, (free,) each."""

    centre: Floats
    precision: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """The marginal log-likelihood of some populations as a function of the free parameters."""

    shape: Shape
    populations: tuple[Population, ...]
    grid: Grid
    prior: Prior | None = None

    def value(self, x: Floats) -> float:
        """Return the log-likelihood, summed over persons, and that of the prior."""
        return self.rise(x, 0.0)[0]

    def by_row(self, x: Floats) -> Floats:
        """Return the log-likelihood of each distinct row, population after population."""
        found = []
        for population, grid, theta, bank in self._each(x):
            logs = log_probabilities(bank, theta)
            found += [value for _, _, _, value in posteriors(population, logs, grid)]
        return np.concatenate(found)

    def survey(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log-likelihood, mean and SD of each row's posterior, in units of the nodes."""
        found = []
        for population, grid, theta, bank in self._each(x):
            powers = np.stack([grid.nodes, grid.nodes**2], axis=1)
            logs = log_probabilities(bank, theta)
            for _, _, masses, value in posteriors(population, logs, grid):
                found.append(np.column_stack([value, masses @ powers]))
        value, mean, square = np.concatenate(found).T
        return value, mean, np.sqrt(np.maximum(square - mean * mean, 0.0))

    def rise(self, x: Floats, base: Floats | float) -> tuple[float, Floats]:
        """Return by how much the log-likelihood exceeds that of `base` per row, and its gradient.

        Differences per row keep digits that the sum over very many persons would lose.
        """
        total, done = 0.0, 0
        full = np.zeros(len(self.shape.fixed))
        table, scales = self.shape.parts(full)
        for group, (population, grid, theta, bank) in enumerate(self._each(x)):
            found = curves(bank, theta)
            sums: Masses | float = 0.0
            weights: Masses | float = 0.0
            for part, answers, masses, value in posteriors(population, found.logs, grid):
                counts = population.counts[part]
                level = base if isinstance(base, float) else base[done : done + len(value)]
                total += float(counts @ (value - level))
                done += len(value)
                masses *= counts[:, None]
                sums = sums + answers.T @ masses
                weights = weights + masses.sum(0)
            expected = population.coding.untable(np.asarray(sums))
            table += np.einsum("jkq,jkpq->jp", expected, found.by_parameter, optimize=True)
            moved = (expected * found.by_theta).sum((0, 1))
            scales[group] += self.by_scales(moved, np.asarray(weights), grid, theta)
        gradient = self.shape.gather(full)
        if self.prior is not None:
            pull = self.prior.precision * (self.prior.centre - x)
            total += float(pull @ (x - self.prior.centre)) / 2
            gradient += pull
        return total, gradient

    def expected(self, x: Floats) -> tuple[Floats, Curves]:
        """Return expected counts, (J, K, Q), and curves of the first population."""
        population, grid, theta, bank = next(self._each(x))
        found = curves(bank, theta)
        sums: Masses | float = 0.0
        for part, answers, masses, _ in posteriors(population, found.logs, grid):
            sums = sums + answers.T @ (masses * population.counts[part][:, None])
        return population.coding.untable(np.asarray(sums)), found

    def cross_product(self, x: Floats) -> Floats:
        """Return the sum over persons of their gradients' outer products, and the prior's precision."""
        total = np.zeros((self.shape.free, self.shape.free))
        for group, (population, grid, theta, bank) in enumerate(self._each(x)):
            found = curves(bank, theta)
            for part, _, masses, _ in posteriors(population, found.logs, grid):
                rows = population.coding.rows[part]
                scores = self._scores(rows, masses, found, group, grid, theta)
                total += scores.T @ (scores * population.counts[part][:, None])
        if self.prior is not None:
            total[np.diag_indices_from(total)] += self.prior.precision
        return total

    def _scores(
        self,
        answers: NDArray[np.int8],
        masses: Masses,
        found: Curves,
        g: int,
        grid: Grid,
        theta: Floats,
    ) -> Floats:
        """Return each person's gradient for the free parameters, (M, free)."""
        width, items = self.shape.width, answers.shape[1]
        full = np.zeros((len(answers), len(self.shape.fixed)), np.float32)
        masses = masses.astype(np.float32)  # enough for a cross-product, and twice as fast
        by_parameter = found.by_parameter.astype(np.float32)
        moved = np.zeros_like(masses)
        for j in range(items):
            place = slice(j * width, (j + 1) * width)
            for k in range(int(self.shape.categories[j])):
                at = np.flatnonzero(answers[:, j] == k)
                full[at, place] = masses[at] @ by_parameter[j, k].T
                if self._scales_free:
                    moved[at] += found.by_theta[j, k]
        if self._scales_free:
            moved *= masses
            start = items * width + 2 * g
            full[:, start : start + 2] = np.column_stack(self.by_scales(moved, masses, grid, theta))
        return self.shape.gather_rows(full)

    def by_scales(
        self, moved: Masses, masses: Masses, grid: Grid, theta: Floats
    ) -> tuple[Masses, Masses]:
        """Return how the log-likelihood changes with a population's mean and standard deviation.

        Parameters
        ----------
        moved
            Change with each node's ability times its mass, (..., Q).
        masses
            Posterior masses, (..., Q).
        """
        del masses, theta
        return moved.sum(-1), moved @ grid.nodes

    @property
    def _scales_free(self) -> bool:
        return bool((self.shape.place[len(self.shape.items) * self.shape.width :] >= 0).any())

    def nodes(self, mean: float, sd: float) -> tuple[Grid, Floats]:
        """Return a population's nodes in its standard deviations, and the abilities there, (Q,)."""
        return self.grid, mean + sd * self.grid.nodes

    def _each(self, x: Floats) -> Iterator[tuple[Population, Grid, Floats, Bank]]:
        full = self.shape.spread(x)
        bank = self.shape.bank(full)
        for population, (mean, sd) in zip(self.populations, self.shape.parts(full)[1], strict=True):
            yield population, *self.nodes(float(mean), float(sd)), bank


def posteriors(
    population: Population, logs: Floats, grid: Grid
) -> Iterator[tuple[slice, Any, Masses, Floats]]:
    """Yield rows, their 0/1 matrix, their posterior masses, (M, Q), and log-likelihoods, (M,)."""
    table = population.coding.table(logs)
    prior = np.log(np.maximum(grid.weights, 1e-300)).astype(table.dtype)
    for part, answers in population.coding.chunks():
        masses = answers @ table
        masses += prior
        top = masses.max(1, keepdims=True)
        masses -= top
        np.exp(masses, out=masses)
        total = masses @ np.ones(masses.shape[1], masses.dtype)
        masses /= total[:, None]
        yield part, answers, masses, np.log(total) + top[:, 0]
