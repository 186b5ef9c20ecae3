"""Rows of benchmarks/RESULTS.md: when, which commit, which machine, what, how much."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def show(name: str, figures: Mapping[str, float]) -> str:
    """Show one row and return it."""
    line = f"| {_today()} | {_commit()} | {_machine()} | {name} | {_text(figures)} |"
    print(line, flush=True)
    return line


def add(name: str, figures: Mapping[str, float]) -> None:
    """Add one row at the end of the table, and show it."""
    line = show(name, figures)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _text(figures: Mapping[str, float]) -> str:
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
