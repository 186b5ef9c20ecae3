"""`python -m matching`: solve, check and explain a round on plain files, with no database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from matching import files
from matching.check import check, measure
from matching.errors import MatchingError
from matching.instance import Instance
from matching.messages import Language, say
from matching.result import GoalValue, Result
from matching.settings import Settings
from matching.solve import solve

EXIT_FINE, EXIT_NO, EXIT_INPUT = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 (broken rule, infeasible) or 2 (the input is wrong)."""
    arguments = _parser().parse_args(argv)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "solve": _solve,
        "check": _check,
        "explain": _explain,
    }
    try:
        return commands[arguments.command](arguments)
    except (MatchingError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    commands = parser.add_subparsers(dest="command", required=True)
    solving = commands.add_parser("solve", help="seat everybody and write the result")
    solving.add_argument("instance", type=Path, help="a folder, a .zip or a .json (docs/format.md)")
    solving.add_argument("--out", type=Path, help="folder or .zip for the result")
    solving.add_argument("--effort", choices=("quick", "standard", "long"), default="standard")
    for name, help_text in (
        ("check", "recompute every rule, every goal and the digest of a result"),
        ("explain", "say why choices were not received"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("instance", type=Path)
        command.add_argument("result", type=Path)
    commands.choices["explain"].add_argument("teacher", nargs="?", help="only this teacher's")
    return parser


def _solve(arguments: argparse.Namespace) -> int:
    instance = files.read_instance(arguments.instance)
    result = solve(instance, Settings(effort=arguments.effort))
    _tell(result, arguments.lang)
    if arguments.out is not None:
        files.write_result(result, arguments.out)
        _line(say("told_written", arguments.lang, path=arguments.out))
    return EXIT_NO if result.status == "infeasible" else EXIT_FINE


def _check(arguments: argparse.Namespace) -> int:
    instance, result = _read(arguments)
    lang: Language = arguments.lang
    if result.instance_digest != instance.digest:
        _line(say("told_other_instance", lang))
        return EXIT_NO
    breaches = check(instance, result.seats)
    for breach in breaches:
        _line(
            say(
                "told_breach",
                lang,
                rule=breach.rule,
                subject=breach.subject,
                found=breach.found,
                allowed=breach.allowed,
            )
        )
    wrong = _misstated(result, measure(instance, result.seats))
    for code, told, found in wrong:
        _line(say("told_misstated", lang, goal=code, told=told, found=found))
    if breaches or wrong:
        return EXIT_NO
    _line(say("told_fine", lang, seats=len(result.seats), digest=result.digest))
    return EXIT_FINE


def _misstated(result: Result, measured: dict[str, int]) -> list[tuple[str, int, int]]:
    """Return the goals whose stated value is not what the seats come to."""
    return [
        (goal.code, goal.value, measured[goal.code])
        for goal in result.goals
        if goal.code in measured and goal.value != measured[goal.code]
    ]


def _read(arguments: argparse.Namespace) -> tuple[Instance, Result]:
    return files.read_instance(arguments.instance), files.read_result(arguments.result)


def _explain(arguments: argparse.Namespace) -> int:
    instance, result = _read(arguments)
    if result.instance_digest != instance.digest:
        _line(say("told_other_instance", arguments.lang))
        return EXIT_NO
    if arguments.teacher not in (None, *instance.teacher_ids):
        _line(say("told_nobody", arguments.lang, teacher=arguments.teacher))
        return EXIT_NO
    for reason in (*result.witness, *result.reasons):
        if arguments.teacher in (None, reason.teacher):
            _line(f"{reason.teacher} {reason.say(arguments.lang)}".strip())
    return EXIT_FINE


def _tell(result: Result, lang: Language) -> None:
    _line(say("told_status", lang, status=result.status, seats=len(result.seats)))
    for goal in result.goals:
        _line(say("told_goal", lang, **_goal(goal)))
    for reason in result.witness:
        _line(reason.say(lang))
    _line(say("told_digest", lang, digest=result.digest, version=result.version))


def _goal(goal: GoalValue) -> dict[str, object]:
    gap = "-" if goal.gap is None else f"{goal.gap:.3%}"
    bound = "-" if goal.bound is None else goal.bound
    return {
        "tier": goal.tier,
        "code": goal.code,
        "value": goal.value,
        "bound": bound,
        "unit": goal.unit,
        "gap": gap,
    }


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
