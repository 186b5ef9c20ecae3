"""The account of a round in plain lines: the difference first, then each solve, promises, files.

Words and figures are those of the report, so that the two can never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from api.messages import Language, say
from matching.rounds.report.desk import Desk as Report
from matching.rounds.report.headline import MEASURES, measure_word
from matching.rounds.report.proof import amount, missing_seats
from matching.rounds.words import number

if TYPE_CHECKING:
    from api.demo.story import Lived
    from matching.rounds.assertions import Check
    from matching.rounds.tallies import Spread
    from matching.rounds.view import SolveView

PARTS = ("archive.zip", "instance", "result", "exports", "report", "notices", "xuanke.db")

Phases = Mapping[str, float]
"""Seconds of one solve by phase: compile, solve, explain."""


def headline(report: Report) -> Iterator[str]:
    """Yield first come beside the engine, on the same ballots."""
    lang, told = report.lang, report.told
    handed = sum(bool(teacher.choices) for teacher in report.view.teachers)
    yield say("demo_head", lang, orders=len(report.view.baseline), ballots=handed)
    rows = [("", say("demo_first_come", lang), say("demo_engine", lang))]
    for name in MEASURES:
        engine = str(getattr(told.final, name))
        rows.append((measure_word(report, name), _spread(told.baseline[name]), engine))
    for name in ("short", "nothing"):
        label = say("demo_after", lang, measure=measure_word(report, name))
        rows.append((label, _spread(told.cancelled[name]), str(getattr(told.final, name))))
    ranks = _profile(told.baseline_ranks), _profile(told.final.ranks)
    rows.append((say("demo_ranks", lang), *ranks))
    yield from _lined_up(rows)


def solves(report: Report, timings: Sequence[Phases]) -> Iterator[str]:
    """Yield what each solve reached and proved, chosen and assigned seats told apart."""
    lang = report.lang
    for solve, phases in zip(report.view.solves, timings, strict=True):
        mine = [seat for seat in report.view.seats if seat.round == solve.round]
        assigned = [seat for seat in mine if seat.kind == "assignable"]
        yield say(
            "demo_round",
            lang,
            round=solve.round,
            status=report.say(f"status_{solve.status}"),
            chosen=len(mine) - len(assigned),
            assigned=len(assigned),
            people=len({seat.teacher_id for seat in assigned}),
            gap=say("demo_gap_none", lang) if solve.gap is None else f"{solve.gap:.3%}",
            worth="–" if (missing := missing_seats(solve)) is None else missing,
            seconds=f"{phases.get('compile', 0) + phases.get('solve', 0):.1f}",
            explaining=f"{phases.get('explain', 0):.1f}",
        )
        yield from (f"  {line}" for line in _goals(report, solve))
    closed = [section.id for section in report.view.sections if not section.open]
    yield say("demo_closed", lang, n=len(closed), sections=", ".join(closed) or "–")


def life(lived: Lived, lang: Language) -> Iterator[str]:
    """Yield what happened around the solves: ballots, seats, hours, messages."""
    figures = asdict(lived) | {"hours": f"{lived.minutes / 60:,.0f}"}
    for line in ("ballots", "late", "seats", "log"):
        yield say(f"demo_life_{line}", lang, **figures)


def promises(checks: Sequence[Check], lang: Language) -> Iterator[str]:
    """Yield one line for each promise, beginning with its number and `ok` or `FAILED`."""
    for check in checks:
        yield check.line(lang)
    failed = [check.code for check in checks if not check.ok]
    if failed:
        yield say("demo_failed", lang, codes=", ".join(failed))
    else:
        yield say("demo_kept", lang, n=len(checks))


def files(folder: Path, lang: Language) -> Iterator[str]:
    """Yield where the files of the demo lie."""
    yield say("demo_files", lang)
    for name in PARTS:
        if (folder / name).exists():
            yield f"  {folder / name}  {say(f'demo_file_{Path(name).stem}', lang)}"


def _goals(report: Report, solve: SolveView) -> Iterator[str]:
    for goal in solve.goals:
        bound = report.say("no_bound") if goal.bound is None else amount(report, goal, goal.bound)
        titles = " + ".join(report.say(f"goal_{code}") for code in goal.code.split("+"))
        value = amount(report, goal, goal.value)
        yield say("demo_goal", report.lang, tier=goal.tier, title=titles, value=value, bound=bound)


def _spread(spread: Spread) -> str:
    return f"{number(spread.median)} ({spread.low}–{spread.high})"


def _profile(ranks: Mapping[int, float]) -> str:
    """Return the seats at rank 1, 2, 3 ... as 222/104/31."""
    return "/".join(number(ranks.get(rank, 0)) for rank in range(1, max(ranks, default=0) + 1))


def _lined_up(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield rows in columns that are as wide as they must be."""
    label, come = (max(_width(row[column]) for row in rows) + 3 for column in (0, 1))
    for row in rows:
        yield "  " + _padded(row[0], label) + _padded(row[1], come) + row[2]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return the places a text takes on the screen, where a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
