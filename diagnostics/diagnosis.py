"""From answers to profiles: what was answered to items becomes what is believed of levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnostics.framework import Framework
from diagnostics.instrument import KINDS, Instrument
from diagnostics.irt.models import MISSING
from diagnostics.leniency import learn
from diagnostics.population import Case
from diagnostics.profile import Estimate, Profile
from diagnostics.quality import in_order
from diagnostics.raters import Scores, score
from diagnostics.responses import Answers

THIN = 600
"""Thousandths of an SD of ability: a wider spread than this is thin evidence."""


def diagnose(framework: Framework, case: Case) -> tuple[Profile, ...]:
    """Return the profile of every teacher of a case, by number.

    Vignettes in the wrong order are left out, spreads of leniency and severity are learnt where
    there is evidence to learn them from, and dimensions lend each other strength.
    """
    heard = replace(case, answers=in_order(case.instrument, case.answers))
    scores = score(replace(heard, population=learn(heard)))
    return profiles_of(framework, case.instrument, case.answers, scores)


def profiles_of(
    framework: Framework, instrument: Instrument, answers: Answers, scores: Scores
) -> tuple[Profile, ...]:
    """Return scores as profiles, with the evidence that they rest on."""
    counts = _counts(instrument, answers)
    outside = [place for place, kind in enumerate(KINDS) if kind not in ("self", "vignette")]
    raters = _raters(instrument, answers)
    width = (scores.high - scores.low) / 4
    found = []
    for i, teacher in enumerate(answers.teachers):
        estimates = tuple(
            Estimate(
                dimension,
                tuple(scores.levels[i, d].tolist()),
                int(counts[i, d, 0]),
                int(raters[i, d]),
                bool(width[i, d] > THIN or not counts[i, d, outside].any()),
                tuple(zip(KINDS, counts[i, d].tolist(), strict=True)),
                tuple(scores.without_self[i, d].tolist()),
            )
            for d, dimension in enumerate(instrument.dimensions)
        )
        together = int(scores.together[i])
        found.append(Profile(teacher, framework.code, framework.version, estimates, together))
    return tuple(found)


def _counts(
    instrument: Instrument, answers: Answers
) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Return how many answers of each kind there are, (N, D, kinds); those of others are seen."""
    found = np.zeros((len(answers.teachers), len(instrument.dimensions), len(KINDS)), np.intp)
    given = (answers.own != MISSING).any(axis=0) | (answers.seen != MISSING).any(axis=0)
    for j in np.flatnonzero(given).tolist():
        kind, d = instrument.kinds[j], instrument.dimension_of[j]
        found[:, d, KINDS.index(kind)] += answers.own[:, j] != MISSING
        seen = answers.seen[:, j] != MISSING
        np.add.at(found[:, d, KINDS.index("observer")], answers.teacher_of[seen], 1)
    return found


def _raters(
    instrument: Instrument, answers: Answers
) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """Return how many others saw each teacher in each dimension, (N, D)."""
    about = np.eye(len(instrument.dimensions), dtype=np.intp)[instrument.dimension_of]
    seen = ((answers.seen != MISSING) @ about > 0).astype(np.intp)
    found = np.zeros((len(answers.teachers), len(instrument.dimensions)), np.intp)
    np.add.at(found, answers.teacher_of, seen)
    return found
