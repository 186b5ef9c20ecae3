"""What teachers are expected to gain from courses, on the scale that points are given by."""

from __future__ import annotations

from diagnostics.framework import framework
from diagnostics.need import need_matrix
from diagnostics.profile import profiles
from diagnostics.responses import Rating
from matching.rounds.assemble import Gain
from matching.rounds.points import MOST_GAIN
from matching.rounds.store import Stored


def gains(stored: Stored, framework_name: str) -> Gain:
    """Return (teacher, offering) -> expected gain; the largest gain of the round is `MOST_GAIN`.

    A teacher without ratings is judged by the base rates of the framework, like everybody before the
    first rating.
    """
    frame = framework(framework_name)
    ratings = (
        Rating(row.teacher_id, row.dimension, row.source, row.rater, row.level)
        for row in stored.ratings
    )
    found = profiles(frame, stored.teachers, ratings)
    targets = [frame.targets_for(stored.teachers[profile.teacher]) for profile in found]
    offerings = list(stored.offerings.values())
    values, _ = need_matrix(found, targets, offerings)
    most = int(values.max(initial=0)) or 1
    row_of = {profile.teacher: row for row, profile in enumerate(found)}
    column_of = {offering.id: column for column, offering in enumerate(offerings)}

    def gain(teacher: str, offering: str) -> int:
        return int(values[row_of[teacher], column_of[offering]]) * MOST_GAIN // most

    return gain
