"""A round solved on either path and judged three times: by referee, by measure, by verify."""

from __future__ import annotations

from pathlib import Path

from matching import files, verify
from matching.backends import priced
from matching.check import check, measure, tier_value
from matching.instance import Instance
from matching.result import Result
from matching.settings import Settings
from matching.solve import solve

PATHS = ("listed", "unlisted")


def take(path: str, monkeypatch) -> None:
    """Let every solve take one of the two paths, whatever the size of the round."""
    if path == "unlisted":
        monkeypatch.setattr(priced, "is_listable", lambda frame: False)


def judged(instance: Instance, folder: Path, effort: str = "quick") -> Result:
    """Solve a round and return the result that all three judges accept."""
    result = solve(instance, Settings(effort=effort))
    if result.status != "infeasible":
        assert check(instance, result.seats) == ()
        measured = measure(instance, result.seats)
        told = [tier_value(goals, measured) for goals in instance.tiers]
        assert [goal.value for goal in result.goals] == told
    files.write_instance(instance, folder)
    files.write_result(result, folder)
    assert files.read_result(folder) == result
    assert [check for check in verify.verify(folder) if check.problems] == []
    return result
