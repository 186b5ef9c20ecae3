"""Rows of benchmarks/RESULTS.md: when, which commit, which machine, what, how much."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")

Tables = Callable[..., Iterable[tuple[str, Mapping[str, float]]]]


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


def main(prog: str, doc: str | None, tables: Tables, **numbers: int | Sequence[int]) -> None:
    """Run a benchmark from the command line: show its rows, and add them to RESULTS.md if asked.

    Parameters
    ----------
    tables
        Yields name and figures of each row; it is given the numbers by their names.
    numbers
        What may be chosen, with its default: one number, or several.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{prog}", description=doc)
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    for name, usual in numbers.items():
        many = None if isinstance(usual, int) else "+"
        parser.add_argument(f"--{name}", type=int, nargs=many, default=usual)
    asked = vars(parser.parse_args())
    tell = add if asked.pop("add") else show
    for name, figures in tables(**asked):
        tell(name, figures)


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
