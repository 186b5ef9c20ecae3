"""Measure one generated round: what was reached, what is proved, seconds by phase, memory.

Nothing is decided by a clock; seconds are told only. What must be compiled once per machine is done
on a small round first and told apart, as `cold_start`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from matching import files
from matching.generate import generate
from matching.instance import Instance
from matching.result import GoalValue, Result
from matching.settings import Settings
from matching.solve import solve
from matching.watch import Progress, Watch

SHARED_TABLES = (
    "sections", "quotas", "shares", "reserves", "releases", "funds", "hosts", "teams",
)  # fmt: skip
"""Tables whose lines couple teachers."""

TOLD_AT_MOST = 4_000
"""Characters of a refusal."""

SMALL, STEPS = 100, 10
"""Teachers of the rounds on which everything is compiled, and steps of those that are not finished."""

LARGE = 1 << 15
"""A weight that 16 bits do not hold."""


def bench(
    kind: str, teachers: int, seed: int, settings: Settings, tiers: str = "merged", *, recheck: bool
) -> dict[str, Any]:
    """Return what one generated round comes to.

    `value` and `bound` are those of the tier with welfare, over what an empty answer is worth;
    `gap` is (bound - value) / bound. `verified` is what `matching/verify.py` says of the files (None
    without `recheck`), and `peak_mb` the most memory from the finished instance to the result, not
    counting the recheck.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "cold_start"):
        _compile(kind, teachers)
    cold_start = seconds.pop("cold_start")
    with _timed(seconds, "generate"):
        instance = generate(kind, teachers, seed, tiers)
    _forget_peak()
    with _timed(seconds, "digest"):
        instance_digest = instance.digest
    cpu = time.process_time()
    result = solve(instance, settings)
    seconds |= {phase: round(spent, 3) for phase, spent in result.phases.items()}
    cpu = time.process_time() - cpu
    found = {
        "kind": kind,
        "seed": seed,
        "tiers": tiers,
        "teachers": teachers,
        "sections": len(instance["sections"]),
        "arcs": len(instance["choices"]),
        "rows": sum(len(instance[table]) for table in SHARED_TABLES),
        "seats": len(result.seats),
        **_reached(instance, result),
        "seconds": seconds,
        "cpu_seconds": round(cpu, 3),
        "cold_start": cold_start,
        "peak_mb": round(_peak_mb(), 1),
        "instance_digest": instance_digest,
        "digest": result.digest,
        "engine": dict(result.engine),
        "effort": settings.effort,
        "status": result.status,
    }
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in ("instance", "result")]
        if recheck:
            with _timed(seconds, "write"):
                files.write_instance(instance, folders[0])
                files.write_result(result, folders[1])
        del instance, result
        return found | {"verified": _verified(folders, seconds) if recheck else None}


class _FewSteps(Watch):
    """Somebody who is content with what is found in a few steps."""

    def __init__(self) -> None:
        self.left = STEPS

    def tell(self, progress: Progress) -> None:
        """Count a step."""
        self.left -= 1

    def stopped(self) -> bool:
        """Tell whether that is enough."""
        return self.left <= 0


def warm(kind: str, *, reasons: bool = False) -> None:
    """Compile what rounds of a kind need, for each width of the numbers they hold; it stays on disk."""
    quick = Settings(effort="quick", reasons=reasons)
    solve(generate("county", SMALL, 0), quick)
    for each in (generate(kind, SMALL, 0), _wide(generate(kind, SMALL, 0))):
        solve(each, quick, watch=_FewSteps())


def _compile(kind: str, teachers: int) -> None:
    """Compile before anything is measured.

    For a crowd that is done in a process of its own: libraries that only small rounds use would
    count as memory of the large one.
    """
    if teachers < CROWD:
        warm(kind)
        return
    round_ = ["bench", kind, "--teachers", str(SMALL), "--effort", "quick", "--no-verify"]
    subprocess.run(
        [sys.executable, "-m", "matching", *round_], check=True, stdout=subprocess.DEVNULL
    )


def _wide(instance: Instance) -> Instance:
    """Return a round whose values, like those of the lottery of a large one, need 32 bits."""
    goals = {"welfare": 1, "lottery": LARGE}
    return Instance({**instance.meta, "tiers": [{"goals": goals}]}, instance.tables)


CROWD = 200_000
"""From so many teachers on no linear program is solved."""


def _reached(instance: Instance, result: Result) -> dict[str, Any]:
    """Return value, bound and gap of the tier with welfare, and the other tiers as they are."""
    found: dict[str, Any] = {"value": None, "bound": None, "gap": None, "goals": []}
    for goal, goals in zip(result.goals, instance.tiers, strict=False):
        if "welfare" in goals:
            found |= _above_nothing(instance, goals, goal)
        found["goals"].append({"code": goal.code, "value": goal.value, "bound": goal.bound})
    return found


def _above_nothing(
    instance: Instance, goals: Mapping[str, int], goal: GoalValue
) -> dict[str, float | None]:
    nothing = of_nothing(instance, goals)
    value = goal.value - nothing
    if goal.bound is None:
        return {"value": value, "bound": None, "gap": None}
    bound = goal.bound - nothing
    return {"value": value, "bound": bound, "gap": (bound - value) / max(abs(bound), 1)}


def of_nothing(instance: Instance, goals: Mapping[str, int]) -> int:
    """Return what an empty answer is worth (higher is better): all hours and minima are short."""
    short = {
        "hours_short": _hours(instance),
        "quota_short": _seats(instance),
        "unserved": _choosers(instance),
    }
    return -sum(weight * short.get(code, 0) for code, weight in goals.items())


def _hours(instance: Instance) -> int:
    requirements, due, topics = (instance[name] for name in ("requirements", "due", "topics"))
    weight = requirements.integers("weight") * (requirements.integers("strict") == 0)
    hours = int((weight[due.integers("requirement")] * due.integers("minutes")).sum())
    missed = (
        row["weight"] * int(instance.teachers_where(row["teachers_where"]).sum())
        for row in topics.rows()
        if not row["strict"]
    )
    return int(hours + sum(missed))


def _seats(instance: Instance) -> int:
    tables = [instance["quotas"], instance["shares"]]
    minima = sum(
        int((t.integers("weight") * t.integers("minimum") * (t.integers("strict") == 0)).sum())
        for t in tables
    )
    soft = (row for row in instance["reserves"].rows() if row["kind"] == "soft")
    return int(minima + sum(row["weight"] * row["seats"] for row in soft))


def _choosers(instance: Instance) -> int:
    choices = instance["choices"]
    chosen = choices.words("kind").where(lambda kind: kind == "chosen")
    first = np.unique(instance.first_arc[:-1][np.diff(instance.first_arc) > 0])
    return int(np.logical_or.reduceat(chosen, first).sum()) if len(first) else 0


def _verified(folders: list[Path], seconds: dict[str, float]) -> bool:
    """Let the stdlib-only program recheck the files; what it refuses is told on standard error."""
    with _timed(seconds, "verify"):
        command = [
            sys.executable,
            str(Path(__file__).with_name("verify.py")),
            *map(str, folders),
            "--lang",
            "en",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-TOLD_AT_MOST:] + done.stderr)
    return done.returncode == 0


@contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[phase] = round(time.perf_counter() - started, 3)


_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _forget_peak() -> None:
    """Count the most memory from here on, where the system can."""
    if _FORGET.exists():
        _FORGET.write_text("5")


def _peak_mb() -> float:
    """Return the most memory used, in MB of 10^6 bytes."""
    if _STATUS.exists():
        line = next(each for each in _STATUS.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
