"""Posteriors by brute force in one dimension, to hold the fast ones against."""

import numpy as np

from diagnostics.irt.models import Bank, log_probabilities

ABILITY, LENIENCY = np.linspace(-4.5, 4.5, 61), np.linspace(-3.5, 3.5, 41)
STEP = ABILITY[1] - ABILITY[0]
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def blurred_logs(bank: Bank, at, noise):
    """log P(answer | z) averaged over normal noise in z, (J, K, points)."""
    chances = sum(
        weight * np.exp(log_probabilities(bank, at + noise * node))
        for node, weight in zip(NODES, WEIGHTS, strict=True)
    )
    return np.log(np.maximum(chances, 1e-300))


def picked(logs, values):
    """The log chance of what each person answered, (n, points)."""
    found = np.zeros((len(values), logs.shape[2]))
    for j, column in enumerate(values.T):
        given = column >= 0
        found[given] += logs[j, column[given]]
    return found


def chances_of_levels(world, sd=None):
    """Exact chances of the levels in a world of one dimension, and mean and SD of ability.

    Vignettes and observations are averaged over their true noise, observers over their severity;
    each observer sees one teacher.
    """
    recipe, instrument = world.recipe, world.instrument
    sd = recipe.leniency_sd if sd is None else sd
    rho = recipe.leniency_correlation
    ability, lean = (grid.ravel() for grid in np.meshgrid(ABILITY, LENIENCY, indexing="ij"))
    rest = (lean - rho * sd * ability) / (sd * np.sqrt(1 - rho**2))
    logs = np.tile(-0.5 * (ability**2 + rest**2), (len(world.own), 1))
    for kind, z, noise in (
        ("self", ability + lean, 0.0),
        ("vignette", lean, recipe.vignette_noise),
        ("test", ability, 0.0),
    ):
        which = np.flatnonzero(instrument.are(kind))
        if len(which):
            bank = instrument.bank.take(which)
            logs += picked(blurred_logs(bank, z, noise), world.own[:, which])
    logs = logs.reshape(len(world.own), len(ABILITY), len(LENIENCY))
    logs += seen(world)[:, :, None]
    weights = np.exp(logs - logs.max(axis=(1, 2), keepdims=True)).sum(axis=2)
    weights /= weights.sum(axis=1, keepdims=True)
    mean = weights @ ABILITY
    spread = np.sqrt(weights @ ABILITY**2 - mean**2)
    edges = np.append(ABILITY - STEP / 2, ABILITY[-1] + STEP / 2)
    below = np.cumsum(np.pad(weights, ((0, 0), (1, 0))), axis=1)
    cuts = [np.interp(instrument.cuts[0], edges, row) for row in below]
    return np.diff(np.pad(cuts, ((0, 0), (1, 1)), constant_values=(0, 1)), axis=1), mean, spread


def seen(world):
    """The log chance of all observations at each ability, severity summed out, (n, points)."""
    found = np.zeros((len(world.own), len(ABILITY)))
    own = np.flatnonzero(world.instrument.are("self"))
    bank, noise = world.instrument.bank.take(own), world.recipe.observer_noise
    parts = [
        picked(blurred_logs(bank, ABILITY + world.recipe.severity_sd * node, noise), part)
        + np.log(weight)
        for node, weight in zip(NODES, WEIGHTS, strict=True)
        for part in [world.seen[:, own]]
    ]
    if len(world.seen):
        np.add.at(found, world.teacher_of, np.logaddexp.reduce(parts))
    return found
