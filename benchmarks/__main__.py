"""`make bench`: measure everything and add one row per figure to benchmarks/RESULTS.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from pathlib import Path

from benchmarks import compact, importing, pilot

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run every benchmark and write its rows; rows that got worse stay."""
    rows = [("import 10,000 teachers", importing.run())]
    problem = pilot.instance()
    for effort in ("quick", "standard"):
        rows.append((f"pilot, round 1, {effort}", pilot.run(effort, problem)))
    rows.append(("pilot, round 1, compact model in CP-SAT", compact.run(problem, units=60)))
    with RESULTS.open("a", encoding="utf-8") as file:
        for name, figures in rows:
            line = f"| {_today()} | {_commit()} | {_machine()} | {name} | {_text(figures)} |"
            print(line)
            file.write(line + "\n")


def _text(figures: dict[str, float]) -> str:
    return "; ".join(f"{name} {value:,.6g}" for name, value in figures.items())


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "no git"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


main()
