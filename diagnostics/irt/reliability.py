"""How reliably a questionnaire tells persons apart: before it is asked, and for those who answered.

The marginal reliability averages what the items' information promises over the population (Green et
al., 1984); the empirical one is the share of variance that the persons' own estimates explain. They
agree when everybody answers everything; with many missing answers the empirical one is lower.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diagnostics.irt.calibration import Calibration
from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.models import information


@dataclass(frozen=True, slots=True)
class Reliability:
    """Shares of variance, 0 to 1, and the persons behind the empirical one.

    Parameters
    ----------
    marginal
        Of the whole questionnaire in the population.
    empirical
        Of the abilities of those who answered anything.
    persons
        How many answered anything.
    """

    marginal: float
    empirical: float
    persons: int


def reliability(found: Calibration) -> Reliability:
    """Return the marginal and the empirical reliability of a calibration.

    Raises
    ------
    BadAnswers
        `reliability_nobody` if fewer than two persons answered anything.
    """
    theta = found.mean + found.sd * found.grid.nodes
    signal = found.sd**2 * information(found.bank, theta).sum(0)
    marginal = float(found.grid.weights @ (signal / (1 + signal)))
    people = found.abilities()
    told = ~people.silent
    if told.sum() < 2:
        raise BadAnswers("reliability_nobody")
    between = float(np.var(people.eap[told], ddof=1))
    within = float(np.mean(people.sd[told] ** 2))
    return Reliability(marginal, between / (between + within), int(told.sum()))
