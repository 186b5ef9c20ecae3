"""`python -m matching`: solve, check, explain and verify rounds on plain files; draw and measure some.

No database is needed. `docs/format.md` tells what the files hold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from matching import files
from matching.check import check, measure, tier_value
from matching.errors import MatchingError
from matching.foreseen import available
from matching.generate import KINDS, TIERS, generate
from matching.instance import Instance
from matching.messages import Language, say
from matching.result import GoalValue, Result
from matching.settings import Settings
from matching.shards.engine import EngineName
from matching.solve import solve
from matching.stopping import INTERRUPTED, AfterSeconds, CtrlC, Several
from matching.watch import StopAt, Watch

EXIT_FINE, EXIT_NO, EXIT_INPUT, EXIT_STOPPED = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0, 1 (broken rule, infeasible), 2 (the input is wrong), 3 (Ctrl-C: the best so far) or 130
    (Ctrl-C: nothing).
    """
    arguments = _parser().parse_args(argv)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "solve": _solve,
        "check": _check,
        "explain": _explain,
        "verify": _verify,
        "generate": _generate,
        "bench": _bench,
    }
    try:
        return commands[arguments.command](arguments)
    except MatchingError as error:
        _aside(error.say(arguments.lang))
        return EXIT_INPUT
    except OSError as error:
        _aside(str(error))
        return EXIT_INPUT
    except KeyboardInterrupt:
        _aside(say("told_interrupted", arguments.lang))
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    commands = parser.add_subparsers(dest="command", required=True)
    solving = commands.add_parser("solve", help="seat everybody and write the result")
    solving.add_argument("instance", type=Path, help="a folder, a .zip or a .json (docs/format.md)")
    solving.add_argument("--out", type=Path, help="folder or .zip for the result")
    _effort(solving)
    _engine(solving)
    ending = solving.add_mutually_exclusive_group()
    ending.add_argument("--limit", type=float, metavar="SECONDS", help="end at the next step then")
    ending.add_argument("--until", metavar="STEP", help="end at a step: repeat a stopped solve")
    solving.add_argument("--any-memory", action="store_true", help="solve whatever memory it needs")
    for name, help_text in (
        ("check", "recompute every rule, every goal and the digest of a result"),
        ("explain", "say why choices were not received"),
        ("verify", "let the stdlib-only program recheck rules, goals and bounds from the files"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("instance", type=Path)
        command.add_argument("result", type=Path)
    commands.choices["explain"].add_argument("teacher", nargs="?", help="only this teacher's")
    commands.choices["verify"].add_argument("--json", action="store_true")
    drawing = commands.add_parser("generate", help="draw a round from a seed")
    _drawn(drawing)
    drawing.add_argument("--out", type=Path, required=True, help="a folder, a .zip or a .json")
    measuring = commands.add_parser("bench", help="draw a round, solve it and tell what it took")
    _drawn(measuring)
    _effort(measuring)
    _engine(measuring)
    measuring.add_argument("--json", action="store_true", help="one JSON object on one line")
    measuring.add_argument("--no-verify", action="store_true", help="do not recheck the files")
    return parser


def _effort(command: argparse.ArgumentParser) -> None:
    command.add_argument("--effort", choices=("quick", "standard", "long"), default="standard")


def _engine(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine",
        choices=get_args(EngineName),
        default="threads",
        help="where shards of a large round are worked on; the answer is the same",
    )
    command.add_argument("--workers", type=int, help="how many; otherwise one for each core")
    command.add_argument(
        "--address",
        default="auto",
        help="of a Ray cluster: HOST:PORT, auto, or local for one that is made for this solve",
    )


def _settings(arguments: argparse.Namespace, *, reasons: bool) -> Settings:
    return Settings(
        effort=arguments.effort,
        reasons=reasons,
        engine=arguments.engine,
        workers=arguments.workers,
        address=arguments.address,
    )


def _drawn(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", choices=tuple(KINDS))
    command.add_argument("--teachers", type=int, default=5_000)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--tiers", choices=tuple(TIERS), default="merged")


def _solve(arguments: argparse.Namespace) -> int:
    lang: Language = arguments.lang
    ending = _ending(arguments)
    instance = files.read_instance(arguments.instance)
    with CtrlC(lambda: _aside(say("told_ctrl_c", lang))) as interrupt:
        counts = {name: len(instance[name]) for name in ("teachers", "choices")}
        _aside(say("told_solving", lang, **counts))
        settings = _settings(arguments, reasons=True)
        most = None if arguments.any_memory else available()
        result = solve(instance, settings, Several(interrupt, ending), most)
    _tell(result, lang)
    if arguments.until and result.settings.get("stopped_at") != arguments.until:
        _line(say("told_no_such_step", lang, step=arguments.until))
    if arguments.out is not None:
        files.write_result(result, arguments.out)
        _line(say("told_written", lang, path=arguments.out))
    if result.status == "infeasible":
        return EXIT_NO
    return EXIT_STOPPED if interrupt.heard and result.status == "stopped" else EXIT_FINE


def _ending(arguments: argparse.Namespace) -> Watch:
    """Return what shall end the solve before its schedule does; time counts from now."""
    if arguments.until:
        return StopAt(arguments.until)
    return Watch() if arguments.limit is None else AfterSeconds(arguments.limit)


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
    wrong = _misstated(instance, result)
    for code, told, found in wrong:
        _line(say("told_misstated", lang, goal=code, told=told, found=found))
    if breaches or wrong:
        return EXIT_NO
    _line(say("told_fine", lang, seats=len(result.seats), digest=result.digest))
    return EXIT_FINE


def _misstated(instance: Instance, result: Result) -> list[tuple[str, int, int]]:
    """Return the tiers whose stated value is not what the seats come to."""
    measured = measure(instance, result.seats)
    found = [
        (goal.code, goal.value, tier_value(instance.tiers[goal.tier - 1], measured))
        for goal in result.goals
        if goal.tier
    ]
    return [each for each in found if each[1] != each[2]]


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


def _verify(arguments: argparse.Namespace) -> int:
    from matching.verify import main as recheck

    asked = [str(arguments.instance), str(arguments.result), "--lang", arguments.lang]
    return recheck([*asked, "--json"] if arguments.json else asked)


def _generate(arguments: argparse.Namespace) -> int:
    asked = arguments.kind, arguments.teachers, arguments.seed, arguments.tiers
    instance = generate(*asked)
    files.write_instance(instance, arguments.out)
    _line(
        say(
            "told_generated",
            arguments.lang,
            path=arguments.out,
            teachers=len(instance["teachers"]),
            sections=len(instance["sections"]),
            choices=len(instance["choices"]),
            digest=instance.digest,
        )
    )
    return EXIT_FINE


def _bench(arguments: argparse.Namespace) -> int:
    from matching.bench import bench

    found = bench(
        arguments.kind,
        arguments.teachers,
        arguments.seed,
        _settings(arguments, reasons=False),
        arguments.tiers,
        recheck=not arguments.no_verify,
    )
    _line(json.dumps(found, ensure_ascii=False, indent=None if arguments.json else 1))
    return EXIT_FINE if found["verified"] in (True, None) else EXIT_NO


def _tell(result: Result, lang: Language) -> None:
    _line(say("told_status", lang, status=result.status, seats=len(result.seats)))
    for goal in result.goals:
        _line(say("told_goal", lang, **_goal(goal)))
    if step := result.settings.get("stopped_at"):
        _line(say("told_stopped", lang, step=step))
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


def _aside(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _kept_apart() -> None:
    """Leave standard output to this program: what a solver's library prints goes to standard error."""
    encoding = sys.stdout.encoding
    sys.stdout.flush()
    sys.stdout = os.fdopen(os.dup(1), "w", encoding=encoding)
    os.dup2(2, 1)


if __name__ == "__main__":
    _kept_apart()
    sys.exit(main())
