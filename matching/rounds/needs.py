"""What teachers are expected to gain from courses, on the scale that points are given by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.county import County, county
from diagnostics.framework import framework
from diagnostics.frameworks.reading import questionnaire
from diagnostics.need import need_matrix, swing
from diagnostics.responses import Rating
from matching.rounds.points import MOST_GAIN
from matching.rounds.settings import Points, RoundSettings
from matching.rounds.store import Stored

SELF_SHARE = 10
"""One level in all self ratings is worth at most a first choice divided by this."""


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """(teacher, offering) -> expected gain, and how unsure it is, in thousandths of `most`.

    Attributes
    ----------
    values, sds
        Teacher x offering: expected gaps and their standard deviations, in thousandths of a level.
    rows, columns
        The places of teachers and offerings.
    most
        The gap that counts as `MOST_GAIN`.
    """

    values: NDArray[np.int64]
    sds: NDArray[np.int64]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    most: int

    def __call__(self, teacher: str, offering: str) -> int:
        """Return what a teacher is expected to gain from a course."""
        return self._scaled(self.values, teacher, offering)

    def sd(self, teacher: str, offering: str) -> int:
        """Return the standard deviation of that gain, rounded down."""
        return self._scaled(self.sds, teacher, offering)

    def _scaled(self, figures: NDArray[np.int64], teacher: str, offering: str) -> int:
        found = int(figures[self.rows[teacher], self.columns[offering]])
        return found * MOST_GAIN // self.most


def gains(stored: Stored, settings: RoundSettings) -> Gains:
    """Return (teacher, offering) -> expected gain; the largest gain of the round is `MOST_GAIN`.

    Where even the largest gain is small it stays below, so that own words count no more for that
    (`least_scale`).

    A teacher of whom nothing was said is judged by the base rates of the framework, like everybody
    before the first answer.
    """
    frame = framework(settings.framework)
    found = diagnosed(stored, settings).profiles
    targets = [frame.targets_for(stored.teachers[profile.teacher]) for profile in found]
    offerings = list(stored.offerings.values())
    values, sds = need_matrix(found, targets, offerings)
    most = max(int(values.max(initial=0)), least_scale(swing(frame.model), settings.points))
    rows = {profile.teacher: row for row, profile in enumerate(found)}
    columns = {offering.id: column for column, offering in enumerate(offerings)}
    return Gains(values, sds, rows, columns, most)


def diagnosed(stored: Stored, settings: RoundSettings) -> County:
    """Return what is believed of the teachers of a round by their answers and ratings."""
    ratings = (
        Rating(row.teacher_id, row.dimension, row.source, row.rater, row.level)
        for row in stored.ratings
    )
    return county(questionnaire(settings.framework), stored.teachers, ratings, stored.responses)


def least_scale(moved: int, points: Points) -> int:
    """Return the smallest need that may stand for `MOST_GAIN`, in thousandths of a level.

    Parameters
    ----------
    moved
        How far one level in all self ratings moves a need at most.
    points
        What a first choice and the largest need are worth.
    """
    allowed = MOST_GAIN * points.rank[0] // (SELF_SHARE * max(points.need, 1))
    return max(1, -(-moved * MOST_GAIN // max(allowed, 1)))
