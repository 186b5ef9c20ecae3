"""The same round gives the same digest on any machine, in any order, at any time."""

import ast
import os
import subprocess
import sys

import pytest

from matching.solve import solve
from tests.matching.sixty import QUICK, shuffled

WORLDS = {
    "as it stands": (0, {"PYTHONHASHSEED": "0"}),
    "rows in another order": (1, {"PYTHONHASHSEED": "1"}),
    "a plain locale": (2, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    "another locale and zone": (
        0,
        {"PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"},
    ),
    "two threads": (
        3,
        {
            "PYTHONHASHSEED": "random",
            "TZ": "UTC",
            **{f"{name}_NUM_THREADS": "2" for name in ("OMP", "OPENBLAS", "MKL")},
        },
    ),
}


@pytest.fixture(scope="module")
def answers():
    """Solve the round of sixty in as many worlds, each in a process of its own."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    started = {
        name: subprocess.Popen(
            [sys.executable, "-m", "tests.matching.sixty", str(order)],
            env={**os.environ, **threads, **world},
            stdout=subprocess.PIPE,
        )
        for name, (order, world) in WORLDS.items()
    }
    return {
        name: ast.literal_eval(each.communicate()[0].decode()) for name, each in started.items()
    }


@pytest.mark.parametrize("world", list(WORLDS)[1:])
def test_another_world_gives_the_same_answer(answers, world):
    """Digest, goals with their bounds, every reason in both languages, and seats in one order."""
    assert answers[world] == answers["as it stands"]


def test_the_round_of_sixty_is_worth_asking(answers):
    """Negative control: people compete, sections close, reasons are many and of many kinds."""
    _, goals, reasons, _ = answers["as it stands"]
    assert len(reasons) > 100
    result = solve(shuffled(0), QUICK)
    assert result.closed
    assert len({reason.code for reason in result.reasons}) >= 5
    assert dict((code, value) for code, value, _ in goals)["hours_short"] > 0
