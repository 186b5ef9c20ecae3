"""The same round gives the same digest on any machine, in any order, at any time."""

import ast
import os
import subprocess
import sys

import pytest

from matching.solve import solve
from tests.matching.sixty import QUICK, shuffled
from tests.matching.worlds import answers, county

WORLDS = {
    "as it stands": (0, 1, {"PYTHONHASHSEED": "0"}),
    "rows in another order": (1, 1, {"PYTHONHASHSEED": "1"}),
    "a plain locale": (2, 1, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0"}),
    "another locale and zone": (
        0,
        1,
        {"PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"},
    ),
    "two threads": (
        3,
        2,
        {
            "PYTHONHASHSEED": "random",
            "TZ": "UTC",
            **{f"{name}_NUM_THREADS": "2" for name in ("OMP", "OPENBLAS", "MKL")},
        },
    ),
    "a plain processor": (
        0,
        1,
        {
            "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX2 FMA3",
            "OPENBLAS_CORETYPE": "Prescott",
            "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX512F,-FMA,-FMA4,-AVX",
        },
    ),
}
"""Order of the rows, threads, and what the process is told."""


@pytest.fixture(scope="module")
def told():
    """Solve both rounds in as many worlds, each in a process of its own."""
    here = answers(0)  # compiles for all of them
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    started = {
        name: subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.matching.worlds", str(order), str(count)],
            env={**os.environ, **threads, **world},
            stdout=subprocess.PIPE,
        )
        for name, (order, count, world) in WORLDS.items()
    }
    found = {
        name: ast.literal_eval(each.communicate()[0].decode()) for name, each in started.items()
    }
    return found | {"here": here}


@pytest.mark.parametrize("world", [*[*WORLDS][1:], "here"])
@pytest.mark.parametrize("path", [0, 1], ids=["listed", "unlisted"])
def test_another_world_gives_the_same_answer(told, world, path):
    """Digest, goals with their bounds, every reason in both languages, and seats in one order."""
    assert told[world][path] == told["as it stands"][path]


def test_both_rounds_are_worth_asking(told):
    """Negative control: people compete, sections close, reasons are many and of many kinds."""
    for _, goals, reasons, _ in told["as it stands"]:
        assert len(reasons) > 100
        assert dict((code, value) for code, value, _ in goals)["hours_short"] > 0
    result = solve(shuffled(0), QUICK)
    assert result.closed
    assert len({reason.code for reason in result.reasons}) >= 5


def test_another_lottery_or_another_point_is_another_answer():
    """Negative control: the digest is of this round, not of its size."""
    one, two = county(0), county(0)
    two.meta["seed"] = "another"
    assert solve(one, QUICK).digest != solve(two, QUICK).digest
