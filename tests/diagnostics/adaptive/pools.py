"""A small made-up bank, and pools of it."""

import numpy as np

from diagnostics.adaptive.pool import Pool, a_trait_each, one_trait
from diagnostics.irt.models import Bank


def bank(items: int = 30, seed: int = 0) -> Bank:
    """Return graded items of four categories, like those of a self-diagnosis."""
    rng = np.random.default_rng(seed)
    slopes = rng.lognormal(0.3, 0.3, items)
    centres = rng.normal(0, 0.7, (items, 1))
    steps = np.sort(centres + np.array([-1.2, 0, 1.2]) + rng.normal(0, 0.15, (items, 3)), axis=1)
    names = tuple(f"Q{number}" for number in range(items))
    return Bank(names, "grm", slopes, -slopes[:, None] * steps, np.full(items, 4))


def pool(items: int = 30, areas: int = 3) -> Pool:
    """Return a pool of one trait through several areas."""
    return one_trait(bank(items), np.arange(items) % areas)


def pool_of_traits(items: int = 30, traits: int = 3) -> Pool:
    """Return a pool in which each area is a trait of its own."""
    return a_trait_each(bank(items), np.arange(items) % traits)


def correlated(traits: int = 3, rho: float = 0.7) -> np.ndarray:
    """Return a covariance with variances of 1."""
    return np.full((traits, traits), rho) + (1 - rho) * np.eye(traits)
