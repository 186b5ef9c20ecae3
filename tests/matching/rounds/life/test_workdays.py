"""Working days, counted by hand on the calendar of October 2026."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from matching.rounds.life.workdays import end_of_working_day

GOLDEN_WEEK = [("2026-10-01", "2026-10-08")]


@pytest.mark.parametrize(
    ("now", "days", "closed", "end"),
    [
        ("2026-09-07T01:00", 1, [], "2026-09-08T16:00"),  # Monday: Tuesday, to midnight in Beijing
        ("2026-09-07T01:00", 5, [], "2026-09-14T16:00"),  # over a weekend
        ("2026-09-11T01:00", 1, [], "2026-09-14T16:00"),  # Friday: Monday
        ("2026-09-12T01:00", 1, [], "2026-09-14T16:00"),  # Saturday: Monday
        ("2026-09-30T01:00", 1, GOLDEN_WEEK, "2026-10-09T16:00"),
        ("2026-09-07T17:00", 1, [], "2026-09-09T16:00"),  # Tuesday already in Beijing
    ],
)
def test_working_days(now, days, closed, end):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = end_of_working_day(moment, days, closed)
    assert found.astimezone(UTC).isoformat()[:16] == end
